namespace LexyHub.Core.Imports;

/// <summary>What an import did.</summary>
/// <param name="Read">Rows read, without the header and blank lines; bad ones included.</param>
/// <param name="Added">Keywords, listings or readings inserted.</param>
/// <param name="Changed">Of those that were there, the ones whose content changed.</param>
/// <param name="Unchanged">Of those that were there, the others; also what the file gave more than once.</param>
/// <param name="Skipped">Bad rows, and bad cells where a row holds a reading per term. The rest of such a row goes in.</param>
/// <param name="Encoding">In which the file was read, such as <c>utf-8</c>.</param>
/// <param name="Errors">What was skipped and why, in the order of the file: the first <see cref="MaxErrors"/>.</param>
public sealed record ImportReport(
    long Read,
    long Added,
    long Changed,
    long Unchanged,
    long Skipped,
    string Encoding,
    IReadOnlyList<ImportError> Errors)
{
    /// <summary>Errors kept; all are counted in <see cref="Skipped"/>.</summary>
    public const int MaxErrors = 100;

    /// <summary>Readings left out because their period is not over yet.</summary>
    public long Partial { get; init; }

    /// <summary>How the file was understood, for a person, such as <c>a column per term, by week, source google-trends-export</c>.</summary>
    public string? Layout { get; init; }
}

/// <summary>A row, or a cell of it, that was skipped.</summary>
/// <param name="Line">In the file, from 1; of a row over several lines, the first.</param>
/// <param name="Message">Why.</param>
public sealed record ImportError(long Line, string Message);

/// <summary>Where an import is. Counts as in <see cref="ImportReport"/>; what is counted is committed.</summary>
/// <param name="BytesRead">Of the file, read ahead of the counts by up to a batch.</param>
/// <param name="BytesTotal">The file's length.</param>
public readonly record struct ImportProgress(
    long Read, long Added, long Changed, long Unchanged, long Skipped, long BytesRead, long BytesTotal);
