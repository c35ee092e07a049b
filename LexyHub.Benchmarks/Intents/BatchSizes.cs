using System.Globalization;
using System.Text;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Intents;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Logging.Abstractions;

namespace LexyHub.Benchmarks.Intents;

/// <summary>What a size of requests costs an item, and whether the size changes the labels.</summary>
/// <param name="Items">A request.</param>
/// <param name="Requests">For 1,000 items; with a model as many as were sent, those counted that had to be repeated in parts.</param>
/// <param name="InputTokens">An item; so <paramref name="OutputTokens"/>.</param>
/// <param name="Agreement">Share of the items that got the intent which they got at <see cref="Reference"/>; null where there is no model to ask.</param>
internal sealed record BatchSize(int Items, double Requests, double InputTokens, double OutputTokens, double? Agreement)
{
    /// <summary>The default of <see cref="IntentOptions.BatchSize"/>.</summary>
    public static readonly int Reference = new IntentOptions().BatchSize;

    private static readonly int[] s_sizes = [1, 10, 25, Reference, 100];

    /// <summary>Without a model: the whole of a request as it is sent, and an answer of usual length, counted by a real tokenizer.</summary>
    public static IReadOnlyList<BatchSize> Estimate(IReadOnlyList<LabelledPhrase> phrases) => [.. s_sizes.Select(size =>
    {
        var question = IntentPrompt.Ask([.. phrases.Take(size).Select((phrase, i) => ($"id{i:0000}", DueItem.KeywordKind, phrase.Text))]);
        var meter = new TextMeter(int.MaxValue);
        var input = meter.Measure(question.Instructions).Tokens + meter.Measure(question.Data).Tokens + meter.Measure(question.Schema.GetRawText()).Tokens;
        return new BatchSize(size, Math.Ceiling(1_000d / size), (double)input / size, (double)meter.Measure(AnswerOf(phrases.Take(size))).Tokens / size, null);
    })];

    /// <summary>By the model: every phrase at every size, tokens as billed. The size of reference is asked twice, since a model does not always
    /// agree with itself: what it then says to the same requests is the most that another size can reach.</summary>
    public static async Task<IReadOnlyList<BatchSize>> MeasureAsync(
        IChatService service, IReadOnlyList<LabelledPhrase> phrases, CancellationToken cancellationToken)
    {
        var (reference, _) = await AskAsync(Reference);
        var sizes = new List<BatchSize>();
        foreach (var size in s_sizes)
        {
            var (intents, results) = await AskAsync(size);
            sizes.Add(new BatchSize(
                size,
                1_000d * results.Sum(result => result.Requests) / phrases.Count,
                (double)results.Sum(result => result.InputTokens) / phrases.Count,
                (double)results.Sum(result => result.OutputTokens) / phrases.Count,
                (double)intents.Zip(reference).Count(one => one.First is not null && one.First == one.Second) / phrases.Count));
        }

        return sizes;

        async Task<(PurchaseIntent?[] Intents, IntentBatchResult[] Results)> AskAsync(int size)
        {
            var model = new IntentModelClassifier(service, calibration: null, NullLogger.Instance);
            var batches = phrases.Select(phrase => (DueItem.KeywordKind, phrase.Text)).Chunk(size).ToArray();
            var results = new IntentBatchResult[batches.Length];
            await Parallel.ForEachAsync(
                Enumerable.Range(0, batches.Length),
                new ParallelOptions { MaxDegreeOfParallelism = service.MaxConcurrency, CancellationToken = cancellationToken },
                async (i, stop) =>
                {
                    results[i] = await model.ClassifyAsync(batches[i], _ => true, stop);
                    if (results[i].Ended is { } ended)
                        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(ended);
                });
            return (
                [.. batches.SelectMany((batch, i) => batch.Select((_, place) => results[i].Classified.TryGetValue(place, out var one) ? one.Classification.Intent : (PurchaseIntent?)null))],
                results);
        }
    }

    private static string AnswerOf(IEnumerable<LabelledPhrase> phrases)
    {
        var text = new StringBuilder("{\"items\":[");
        foreach (var (phrase, i) in phrases.Select((phrase, i) => (phrase, i)))
        {
            text.Append(CultureInfo.InvariantCulture, $"{{\"id\":\"id{i:0000}\",\"intent\":\"{phrase.Intent.ToWire()}\",\"secondaryIntent\":null,\"purchaseStage\":\"{phrase.Stage?.ToWire()}\",");
            text.Append("\"persona\":\"shopper looking for a gift\",\"summary\":\"Wants to compare things of this kind before choosing one of them.\",\"confidence\":0.85,");
            text.Append("\"occasion\":null,\"recipient\":null,\"style\":null,\"material\":null,\"gift\":null},");
        }

        return text.Append("]}").ToString();
    }
}
