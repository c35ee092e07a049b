namespace LexyHub.Core.Jobs;

/// <summary>What one job's model refused, for a person to look at and to release. Each job that has one registers it.</summary>
public interface IQuarantine
{
    /// <summary>The job's name in the <see cref="JobCatalog"/>.</summary>
    string Job { get; }

    /// <returns>How many there are, by kind; kinds without any may be left out.</returns>
    Task<IReadOnlyList<QuarantineCount>> CountAsync(CancellationToken cancellationToken);

    /// <returns>Newest refusal first, then by kind and item; at most <see cref="QuarantineQuery.Limit"/>.</returns>
    Task<IReadOnlyList<QuarantinedItem>> ReadAsync(QuarantineQuery query, CancellationToken cancellationToken);

    /// <summary>Makes items due at the job's next run, the given-up ones too: each gets one more try, and what is refused again
    /// waits, or is given up, as it would have been.</summary>
    /// <returns>Items released.</returns>
    Task<long> RetryAsync(QuarantineSelection selection, CancellationToken cancellationToken);
}

/// <summary>Which items to list.</summary>
/// <param name="Kind"><c>keyword</c> or <c>listing</c>; null for both.</param>
/// <param name="State">One of <see cref="QuarantineState"/>; null for both.</param>
/// <param name="After">The last item of the page before; null for the first page.</param>
/// <param name="Limit">At most so many.</param>
public sealed record QuarantineQuery(string? Kind, string? State, QuarantinePlace? After, int Limit);

/// <summary>A place in the order of a listing.</summary>
/// <param name="LastAt">Of the last refusal.</param>
/// <param name="Kind">Of the item.</param>
/// <param name="Item">The item.</param>
public sealed record QuarantinePlace(DateTimeOffset LastAt, string Kind, string Item);

/// <summary>Which items to release.</summary>
/// <param name="Kind"><c>keyword</c> or <c>listing</c>; null for both.</param>
/// <param name="State">One of <see cref="QuarantineState"/>; null for both.</param>
/// <param name="Items">Only these; null for all.</param>
public sealed record QuarantineSelection(string? Kind, string? State, IReadOnlyList<QuarantineKey>? Items);

/// <summary>Names one item.</summary>
/// <param name="Kind"><c>keyword</c> or <c>listing</c>.</param>
/// <param name="Item">As it was listed.</param>
public sealed record QuarantineKey(string Kind, string Item);

/// <summary>How many items of a kind are in quarantine.</summary>
/// <param name="Kind"><c>keyword</c> or <c>listing</c>.</param>
/// <param name="Waiting">To be tried again by themselves.</param>
/// <param name="GivenUp">Left alone until the text changes or somebody releases them.</param>
public sealed record QuarantineCount(string Kind, long Waiting, long GivenUp);

/// <summary>One item in quarantine.</summary>
/// <param name="Kind"><c>keyword</c> or <c>listing</c>.</param>
/// <param name="Item">Names it to the job: a term in normal form, or an id.</param>
/// <param name="Label">What a person knows it by: the term, or the listing's title; null where it is gone.</param>
/// <param name="Model">Which refused it.</param>
/// <param name="Reason">In the model's own words.</param>
/// <param name="Attempts">Refusals so far.</param>
/// <param name="FirstAt">Of the first refusal, UTC.</param>
/// <param name="LastAt">Of the last refusal, UTC.</param>
/// <param name="RetryAt">When it is tried again by itself, UTC; null where it is given up.</param>
public sealed record QuarantinedItem(
    string Kind,
    string Item,
    string? Label,
    string Model,
    string Reason,
    int Attempts,
    DateTimeOffset FirstAt,
    DateTimeOffset LastAt,
    DateTimeOffset? RetryAt)
{
    /// <summary>One of <see cref="QuarantineState"/>.</summary>
    public string State => RetryAt is null ? QuarantineState.GivenUp : QuarantineState.Waiting;
}

/// <summary>What becomes of an item by itself.</summary>
public static class QuarantineState
{
    /// <summary>It is tried again at its time.</summary>
    public const string Waiting = "waiting";

    /// <summary>It is not tried again.</summary>
    public const string GivenUp = "given-up";

    public static IReadOnlyList<string> All { get; } = [Waiting, GivenUp];
}
