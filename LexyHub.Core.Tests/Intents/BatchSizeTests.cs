using LexyHub.Benchmarks.Intents;
using LexyHub.Core.Intents;
using LexyHub.Core.Providers;
using LexyHub.Core.Tests.Embeddings;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Tests.Providers;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Tests.Intents;

/// <summary>The benchmark <c>intent-batches</c> over a service of the real wire format: what it prints where a model is configured.</summary>
public sealed class BatchSizeTests
{
    private static readonly LabelledPhrase[] s_phrases = [.. Enumerable.Range(0, 200).Select(i => new LabelledPhrase($"ring {i}", PurchaseIntent.Commercial, PurchaseStage.Consideration, ""))];

    [Fact]
    public async Task MeasureAsync_ModelThatTheSizeSways_CountsWhatAgreesAndWhatIsBilled()
    {
        // Alone it calls everything transactional; among a hundred, the first ten.
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, request =>
        {
            var items = IntentModel.ItemsOf(request);
            var swayed = items.Count switch { 1 => 1, 100 => 10, _ => 0 };
            return IntentModel.Answer(items.Select((item, i) => i < swayed ? IntentModel.Entry(item).With("intent", "transactional") : IntentModel.Entry(item)));
        });
        await using var host = IntentHost.Over("Host=127.0.0.1;Port=1", server, null);

        var sizes = await BatchSize.MeasureAsync(host.Services.GetRequiredService<IChatServiceFactory>().Resolve()!, s_phrases, CancellationToken.None);

        Assert.Equal([(1, 1_000d, 0d), (10, 100, 1), (25, 40, 1), (40, 25, 1), (100, 10, 0.9)], sizes.Select(size => (size.Items, size.Requests, size.Agreement!.Value)));
        var ofTen = server.Requests.Where(request => IntentModel.ItemsOf(request).Count == 10).ToList();
        Assert.Equal(20, ofTen.Count);
        Assert.Equal(ofTen.Sum(request => request.InputTokens) / 200d, sizes[1].InputTokens);
    }

    [Fact]
    public void Estimate_NoModel_SaysWhatBiggerRequestsSaveAndMeasuresNoAgreement()
    {
        var sizes = BatchSize.Estimate(s_phrases);

        Assert.Equal([1, 10, 25, 40, 100], sizes.Select(size => size.Items));
        Assert.Equal([1_000d, 100, 40, 25, 10], sizes.Select(size => size.Requests));
        Assert.Equal(sizes.OrderByDescending(size => size.InputTokens), sizes);
        Assert.All(sizes, size => Assert.Null(size.Agreement));
    }
}
