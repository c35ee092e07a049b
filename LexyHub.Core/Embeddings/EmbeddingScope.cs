using System.Security.Cryptography;
using System.Text;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Embeddings;

/// <summary>The vectors that a run is to complete.</summary>
/// <param name="Model">As it is stored.</param>
/// <param name="Dimensions">Of each vector.</param>
/// <param name="RealModel">While <paramref name="Model"/> is a local one: the configured real one, whose vectors a local one
/// never replaces; else the same as <paramref name="Model"/>.</param>
/// <param name="IsLocal">True for the local stand-in.</param>
internal sealed record EmbeddingScope(string Model, int Dimensions, string RealModel, bool IsLocal)
{
    /// <summary>What every local model's name begins with, whatever its version; a pattern for <c>like</c>.</summary>
    public const string LocalModels = "lexyhub-local-%";

    public static EmbeddingScope Of(IEmbeddingService service, EmbeddingOptions options)
        => new(service.Model, service.Dimensions, service.IsLocal ? options.Model : service.Model, service.IsLocal);

    /// <returns>Lower-case hex SHA-256 of <c>model::term</c>, as LexyHub makes it.</returns>
    /// <param name="term">In normal form.</param>
    public string HashOf(string term) => Hash($"{Model}::{term}");

    /// <returns>Lower-case hex SHA-256 of the text's UTF-8.</returns>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>A text without a vector. Tens of thousands are in memory at once: none holds what it can make.</summary>
internal abstract record DueText(string Key, string Text) : EmbeddingInput(Key, Text)
{
    public abstract string Kind { get; }

    /// <summary>The term, or the listing's id.</summary>
    public abstract string Item { get; }

    /// <summary>As it is stored; for a keyword <see cref="EmbeddingScope.HashOf"/>, made anew each time.</summary>
    public abstract string Hash { get; }

    /// <summary>In errors.</summary>
    public string Name => $"{Kind} {Item}";
}

/// <param name="Text">In normal form.</param>
/// <param name="Scope">Whose vector it lacks.</param>
internal sealed record DueTerm(string Text, EmbeddingScope Scope) : DueText(Text, Text)
{
    public override string Kind => "keyword";

    public override string Item => Text;

    public override string Hash => Scope.HashOf(Text);
}

/// <param name="TextHash">Lower-case hex SHA-256 of the text.</param>
/// <param name="IsTermDue">A due keyword has the same text.</param>
internal sealed record DueListing(Guid Id, long Version, string Text, string TextHash, bool IsTermDue) : DueText(Text, Text)
{
    public override string Kind => "listing";

    public override string Item => Id.ToString();

    public override string Hash => TextHash;
}

/// <summary>A due text that something else has too, a keyword or a listing: it gets a copy of that vector and is not sent. Any number may wait for
/// their copy, so that a long text is not held.</summary>
/// <param name="TextHash">Lower-case hex SHA-256 of the text.</param>
/// <param name="Term">The text, where it is no longer than a term may be.</param>
/// <param name="Listing">Null where it is the term that is due.</param>
internal sealed record Twin(string TextHash, string? Term, (Guid Id, long Version)? Listing)
{
    public static Twin Of(DueText due) => due switch
    {
        DueListing listing => new Twin(listing.TextHash, listing.Text.Length <= KeywordTerms.MaxLength ? listing.Text : null, (listing.Id, listing.Version)),
        _ => new Twin(EmbeddingScope.Hash(due.Text), due.Text, null),
    };
}

/// <summary>How much is due.</summary>
internal readonly record struct DueCount(long Terms, long Listings)
{
    public long All => Terms + Listings;
}

/// <summary>A page of what is due.</summary>
/// <param name="Texts">To be embedded.</param>
/// <param name="SettledTerms">Due no more: they have their vector, wait in quarantine, or lost their last keyword.</param>
/// <param name="SettledListings">Likewise, with the version that was looked at.</param>
/// <param name="Skipped">Keywords and listings without text.</param>
internal sealed record DuePage(
    IReadOnlyList<DueText> Texts, IReadOnlyList<string> SettledTerms, IReadOnlyList<(Guid Id, long Version)> SettledListings, long Skipped)
{
    /// <summary>Texts of which there is a vector already.</summary>
    public IReadOnlyList<Twin> Twins { get; init; } = [];
}

/// <summary>What a run has done so far.</summary>
internal sealed class EmbeddingTally(string model, decimal pricePerMillionTokens)
{
    private readonly List<ItemError> errors = [];

    public string Model => model;

    public long Keywords { get; set; }

    public long Listings { get; set; }

    public long Processed => Keywords + Listings;

    public long Requests { get; set; }

    public long Tokens { get; set; }

    public decimal EstimatedCostUsd => CostOf(Tokens);

    public long Skipped { get; set; }

    public long Truncated { get; set; }

    public long Quarantined { get; set; }

    /// <summary>Texts without an answer, which stay due.</summary>
    public long FailedDue { get; set; }

    public long Failed => Quarantined + FailedDue;

    public long Remaining { get; set; }

    public IReadOnlyList<ItemError> Errors => errors;

    public decimal CostOf(long tokens) => Math.Round(tokens * pricePerMillionTokens / 1_000_000, 6);

    public void AddError(string item, string error)
    {
        if (errors.Count < JobOutcome.MaxErrors)
        {
            errors.Add(new ItemError(item, error));
        }
    }
}
