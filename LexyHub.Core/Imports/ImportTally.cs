namespace LexyHub.Core.Imports;

/// <summary>Counts of a running import.</summary>
internal sealed class ImportTally(IProgress<ImportProgress>? progress)
{
    private readonly List<ImportError> errors = [];
    private long added;
    private long changed;
    private long unchanged;
    private long skipped;

    public long Read { get; set; }

    public long Partial { get; set; }

    public void Skip(long line, string message)
    {
        skipped++;
        if (errors.Count < ImportReport.MaxErrors)
        {
            errors.Add(new ImportError(line, message));
        }
    }

    public void Repeated() => unchanged++;

    public void Written(BatchCounts counts)
    {
        added += counts.Added;
        changed += counts.Changed;
        unchanged += counts.Unchanged;
    }

    public void ReportProgress(ImportFile file)
        => progress?.Report(new ImportProgress(Read, added, changed, unchanged, skipped, file.BytesRead, file.BytesTotal));

    // A row that the database refused is found after rows that come later in the file.
    public ImportReport ToReport(ImportFile file, string? layout = null)
        => new(Read, added, changed, unchanged, skipped, file.EncodingName, [.. errors.OrderBy(e => e.Line)])
        {
            Partial = Partial,
            Layout = layout,
        };
}

/// <summary>What one committed batch did.</summary>
internal readonly record struct BatchCounts(long Added, long Changed, long Unchanged);
