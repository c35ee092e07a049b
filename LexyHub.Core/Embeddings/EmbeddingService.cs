using LexyHub.Core.Providers;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Embeddings;

/// <summary>Embeds with a model behind an <see cref="IEmbeddingGenerator"/>, at the pace that its service bears.</summary>
internal sealed class EmbeddingService(
    string name, IEmbeddingGenerator<string, Embedding<float>> generator, RequestPace pace, EmbeddingOptions options,
    TimeProvider timeProvider, ILogger<EmbeddingService> logger) : IEmbeddingService, IDisposable
{
    /// <summary>Answers of full size that are in memory at once.</summary>
    private const int FullAnswersInMemory = 3;

    private const int VectorsPerPage = 256;

    public string Model => options.Model;

    public int Dimensions => options.Dimensions;

    public bool IsLocal => false;

    public decimal PricePerMillionTokens => (decimal)options.PricePerMillionTokens;

    /// <summary>Where Azure's name of the deployment is set.</summary>
    internal const string DeploymentSetting = "Providers:AzureEmbeddingDeployment";

    /// <summary>As the service is called in errors.</summary>
    internal string Name => name;

    internal IEmbeddingGenerator<string, Embedding<float>> Generator => generator;

    internal ILogger Logger => logger;

    internal RequestPace Pace => pace;

    internal TextMeter Meter { get; } = new(options.MaxTokensPerInput);

    internal int MaxConcurrency => options.MaxConcurrency;

    internal TimeSpan StopGrace => options.StopGrace;

    internal RequestLimits Limits => new(
        options.MaxInputsPerRequest,
        (int)Math.Clamp(pace.TokensPerRequest ?? options.MaxTokensPerRequest, 1, options.MaxTokensPerRequest));

    /// <summary>For one run, so that nothing of it is left after that.</summary>
    internal VectorRoom NewRoom()
    {
        var perPage = Math.Min(VectorsPerPage, options.MaxInputsPerRequest);
        var pages = FullAnswersInMemory * ((options.MaxInputsPerRequest + perPage - 1) / perPage);

        // Small requests must not wait for each other.
        return new VectorRoom(Math.Max(pages, options.MaxConcurrency), perPage, options.Dimensions);
    }

    public (int Tokens, bool Truncated) Measure(string text)
    {
        var measured = Meter.Measure(text);
        return (measured.Tokens, measured.Truncated);
    }

    public async IAsyncEnumerable<EmbeddingBatchResult> EmbedAsync(
        IAsyncEnumerable<EmbeddingInput> inputs, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken budget)
    {
        using var run = new EmbeddingRun(this, budget);
        await foreach (var result in run.ExecuteAsync(inputs, CancellationToken.None))
            yield return result;
    }

    public void Dispose()
    {
        generator.Dispose();
        pace.Dispose();
    }

    internal Task PauseAsync(TimeSpan step, CancellationToken cancellationToken)
        => Task.Delay(step * (0.5 + (Random.Shared.NextDouble() / 2)), timeProvider, cancellationToken);
}
