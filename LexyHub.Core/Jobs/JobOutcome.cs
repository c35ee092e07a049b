using System.Globalization;
using System.Text.Json.Nodes;

namespace LexyHub.Core.Jobs;

/// <summary>What a run did.</summary>
public sealed record JobOutcome
{
    /// <summary>Items done in this run; the unit is the job's.</summary>
    public long Processed { get; init; }

    /// <summary>Items that failed for good in this run.</summary>
    public long Failed { get; init; }

    /// <summary>Something went right though no item was there to be done: then a failed item does not fail the run.</summary>
    public bool SomethingSucceeded { get; init; }

    /// <summary>Items that could be done now and were not.</summary>
    public long Remaining { get; init; }

    /// <summary>Tokens paid for.</summary>
    public long Tokens { get; init; }

    /// <summary>What the tokens cost by the configured prices: the job's count <c>estimatedCostUsd</c>, 0 where it has none.</summary>
    public decimal EstimatedCostUsd
        => decimal.TryParse(Counts["estimatedCostUsd"]?.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var cost) ? cost : 0;

    /// <summary>Why the run stopped before its end; null where it came to its end.</summary>
    public StopReason? Stopped { get; init; }

    /// <summary>The run chose not to run; <see cref="Message"/> says why.</summary>
    public bool Skipped { get; init; }

    /// <summary>One sentence for people.</summary>
    public string? Message { get; init; }

    /// <summary>What failed; the answer shows the first <see cref="MaxErrors"/>.</summary>
    public IReadOnlyList<ItemError> Errors { get; init; } = [];

    /// <summary>The job's own counts, put into the answer as they are.</summary>
    public JsonObject Counts { get; init; } = [];

    /// <summary>Errors shown in an answer.</summary>
    public const int MaxErrors = 10;

    /// <summary>Partial is not failed, but a run in which every item failed is.</summary>
    public string Status => this switch
    {
        { Skipped: true } => RunStatus.Skipped,
        { Failed: > 0, Processed: 0, SomethingSucceeded: false, Stopped: null } => RunStatus.Failed,
        { Failed: > 0 } or { Stopped: not null } or { Remaining: > 0 } => RunStatus.Partial,
        _ => RunStatus.Succeeded,
    };
}

/// <summary>One item's failure.</summary>
/// <param name="Item">A name that an operator can look up: a term, a listing's id, a source.</param>
/// <param name="Error">What failed and what to do; no secret, no stack trace.</param>
public sealed record ItemError(string Item, string Error);
