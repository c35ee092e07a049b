using LexyHub.Core.Embeddings;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Tests.Embeddings;

/// <summary>The whole provider half as a host registers it, pointed at a loopback server.</summary>
internal sealed class EmbeddingClient : IDisposable
{
    /// <summary>Shorter than the real ones, so that a test of 2,048 stays small.</summary>
    public const int Dimensions = 8;

    private readonly ServiceProvider _services;

    private EmbeddingClient(ServiceProvider services) => _services = services;

    public IEmbeddingService Service => _services.GetRequiredService<IEmbeddingServiceFactory>().Resolve();

    public RequestPace Pace => ((EmbeddingService)Service).Pace;

    /// <summary>Set before the service is used first.</summary>
    public Azure.Core.TokenCredential Identity
    {
        set => ((EmbeddingServiceFactory)_services.GetRequiredService<IEmbeddingServiceFactory>()).Identity = () => value;
    }

    public static EmbeddingClient For(EmbeddingServer server, TimeProvider? time = null, params (string Key, string Value)[] settings)
    {
        var values = new Dictionary<string, string?>
        {
            ["Embeddings:Dimensions"] = $"{Dimensions}",
            ["Http:BaseDelay"] = "00:00:00.010",
            ["Http:MaxBackoff"] = "00:00:00.020",
        };
        if (server.Wire == Wire.OpenAI)
        {
            values["OPENAI_API_KEY"] = EmbeddingServer.Key;
            values["OPENAI_BASE_URL"] = server.Address.ToString();
        }
        else
        {
            values["AZURE_OPENAI_API_KEY"] = EmbeddingServer.Key;
            values["AZURE_OPENAI_ENDPOINT"] = server.Address.ToString();
            values["Providers:AzureEmbeddingDeployment"] = EmbeddingServer.Deployment;
        }

        foreach (var (key, value) in settings)
            values[key] = value;

        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(values).Build())
            .AddLogging();
        if (time is not null)
            services.AddSingleton(time);
        return new EmbeddingClient(services.AddEmbeddingProviders().BuildServiceProvider());
    }

    public async Task<Outcome> EmbedAsync(IEnumerable<string> texts, CancellationToken budget = default)
    {
        var results = new List<EmbeddingBatchResult>();
        Exception? error = null;
        try
        {
            await foreach (var result in Service.EmbedAsync(Inputs(texts), budget))
                results.Add(result with { Embedded = [.. result.Embedded.Select(text => text with { Vector = text.Vector.ToArray() })] });
        }
        catch (Exception e)
        {
            error = e;
        }

        return new Outcome(
            [.. results.SelectMany(result => result.Embedded)],
            [.. results.SelectMany(result => result.Rejected)],
            [.. results.SelectMany(result => result.Failed)],
            results.Sum(result => result.Requests),
            results.Sum(result => result.Tokens),
            error);
    }

    public void Dispose() => _services.Dispose();

    /// <summary>Keys are k0, k1, …</summary>
    public static async IAsyncEnumerable<EmbeddingInput> Inputs(IEnumerable<string> texts)
    {
        var number = 0;
        foreach (var text in texts)
        {
            yield return new EmbeddingInput($"k{number++}", text);
            if (number % 1_000 == 0)
                await Task.Yield();
        }
    }

    /// <param name="Error">What ended the enumeration.</param>
    internal sealed record Outcome(
        IReadOnlyList<EmbeddedText> Embedded, IReadOnlyList<RejectedText> Rejected, IReadOnlyList<FailedBatch> Failed,
        int Requests, long Tokens, Exception? Error)
    {
        public Outcome WithoutError()
        {
            Assert.Null(Error);
            return this;
        }
    }
}
