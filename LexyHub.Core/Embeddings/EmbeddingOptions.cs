using System.ComponentModel.DataAnnotations;

namespace LexyHub.Core.Embeddings;

/// <summary>Section <c>Embeddings</c>.</summary>
public sealed class EmbeddingOptions
{
    /// <summary>As it is stored. At Azure the deployment may be called otherwise: <c>Providers:AzureEmbeddingDeployment</c>.</summary>
    [Required]
    public string Model { get; set; } = "text-embedding-3-large";

    /// <summary>Must equal the width of <c>embeddings.embedding</c>.</summary>
    [Range(1, 16_000)]
    public int Dimensions { get; set; } = 3072;

    /// <summary>Most requests at once, those included whose answers are not written yet; rate limits decide how many there are.
    /// A process that is killed has paid for at most so many in vain.</summary>
    [Range(1, 256)]
    public int MaxConcurrency { get; set; } = 8;

    /// <summary>The service's limit is 2,048.</summary>
    [Range(1, 2_048)]
    public int MaxInputsPerRequest { get; set; } = 2_048;

    /// <summary>By count and by the service's own estimate, a quarter of the UTF-8 bytes. The service's limit is 300,000.</summary>
    [Range(8_191, 300_000)]
    public int MaxTokensPerRequest { get; set; } = 300_000;

    /// <summary>A longer text is cut. The service's limit is 8,191.</summary>
    [Range(1, 8_191)]
    public int MaxTokensPerInput { get; set; } = 8_191;

    /// <summary>For one try of a request, its whole answer included.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>What requests under way get to end when the run has to stop.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:20")]
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>In US dollars, for the estimated cost of a run.</summary>
    [Range(0, 1_000)]
    public double PricePerMillionTokens { get; set; } = 0.13;

    /// <summary>Tokens per UTC day after which runs end with <c>stopReason</c> <c>cap</c>; null for no cap.</summary>
    [Range(typeof(long), "1", "9223372036854775807")]
    public long? MaxTokensPerDay { get; set; }
}
