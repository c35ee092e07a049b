using Microsoft.Extensions.Options;

namespace LexyHub.Core.Embeddings;

/// <summary>Rules across properties.</summary>
internal sealed class EmbeddingOptionsValidator : IValidateOptions<EmbeddingOptions>
{
    /// <summary>Longest vectors of the models that can be cut to fewer dimensions.</summary>
    private static readonly Dictionary<string, int> s_longest = new(StringComparer.Ordinal)
    {
        ["text-embedding-3-large"] = 3_072,
        ["text-embedding-3-small"] = 1_536,
    };

    public ValidateOptionsResult Validate(string? name, EmbeddingOptions options)
        => s_longest.TryGetValue(options.Model, out var longest) && options.Dimensions > longest
            ? ValidateOptionsResult.Fail(
                $"Embeddings:Dimensions is {options.Dimensions}, but Embeddings:Model {options.Model} has {longest} at most.")
            : ValidateOptionsResult.Success;
}
