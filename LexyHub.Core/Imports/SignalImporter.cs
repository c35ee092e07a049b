using LexyHub.Core.Data;
using LexyHub.Core.Trends;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Imports;

/// <summary>Imports readings into <c>lexyhub_jobs.signals</c>, from where trend-aggregation takes them.</summary>
public sealed class SignalImporter(LexyHubDatabase database, TimeProvider time)
{
    /// <summary>Source of readings that Google Trends exported, where the options name none.</summary>
    public const string GoogleTrendsExport = "google-trends-export";

    /// <summary>Source of other readings for which neither the file nor the options name one.</summary>
    public const string DefaultSource = "import";

    /// <summary>Characters of a source.</summary>
    public const int MaxSourceLength = 100;

    private const int BatchSize = 5_000;
    private const int RowsLookedAt = 9;
    private const int RowsBetweenReports = 20_000;

    /// <param name="input">Read from where it stands; not closed.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <exception cref="ImportException">The columns cannot be told, or an option is no valid one.</exception>
    /// <exception cref="DatabaseException">The database is not usable; batches committed before stay in.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; batches committed before stay in.</exception>
    public async Task<ImportReport> ImportAsync(
        Stream input, SignalImportOptions options, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        var tally = new ImportTally(progress);
        await using var file = await ImportFile.OpenAsync(input, options, tally, cancellationToken);
        var layout = SignalLayout.Read(file, options);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var reader = new SignalReader(file, layout, options, today, tally);
        var store = new SignalImportStore(reader.Scale is null ? SignalOrigin.PushedUndeclared : SignalOrigin.Pushed);
        var writer = new BatchWriter<SignalRow>(database, file, tally, BatchSize, store.UpsertAsync);
        while (file.Read() is { } record)
        {
            cancellationToken.ThrowIfCancellationRequested();
            tally.Read++;
            if (tally.Read % RowsBetweenReports == 0)
            {
                tally.ReportProgress(file);
            }

            foreach (var row in reader.Read(record))
            {
                await writer.AddAsync(row, cancellationToken);
            }
        }

        await writer.FlushAsync(cancellationToken);
        return tally.ToReport(file, reader.Description);
    }

    /// <summary>The first rows, given back to the file.</summary>
    internal static List<CsvRecord> Peek(ImportFile file)
    {
        var first = new List<CsvRecord>();
        while (first.Count < RowsLookedAt && file.Read() is { } record)
        {
            first.Add(record);
        }

        file.Return(first);
        return first;
    }
}
