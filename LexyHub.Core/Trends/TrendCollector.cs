using System.Threading.Channels;
using LexyHub.Core.Jobs;
using LexyHub.Core.Trends.Sources;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Trends;

/// <summary>Reads all sources at once and lands what they bring, one batch a transaction. A source that fails leaves the
/// others' work, and its own of before, in place.</summary>
internal sealed class TrendCollector(
    IEnumerable<ITrendSource> sources, SignalSourceStore store, TimeProvider time, ILogger logger)
{
    // Batches wait here while one is being written; a source that is faster waits for the database.
    private const int BatchesInFlight = 8;

    /// <summary>Reads every source to its end, or to the end of the budget.</summary>
    /// <returns>What each source brought, by its name.</returns>
    /// <exception cref="LeaseLostException">Another run holds the lease now.</exception>
    public async Task<IReadOnlyList<SourceReport>> CollectAsync(JobContext context, DateOnly today, CancellationToken cancellationToken)
    {
        var reports = new List<SourceReport>();
        var ready = new List<ITrendSource>();
        foreach (var source in sources.OrderBy(source => source.Name, StringComparer.Ordinal))
        {
            if (source.NotConfiguredReason is { } reason)
            {
                reports.Add(new SourceReport(source.Name) { NotConfigured = reason });
            }
            else
            {
                ready.Add(source);
            }
        }

        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(context.BudgetToken, cancellationToken);
        var channel = Channel.CreateBounded<(SourceReport Report, SignalBatch Batch)>(BatchesInFlight);
        var sourceContext = new RunTrendSourceContext(store) { Today = today };
        var fetches = ready.ConvertAll(source =>
        {
            var report = new SourceReport(source.Name);
            reports.Add(report);
            return FetchAsync(source, report, sourceContext, channel.Writer, abandoned.Token);
        });
        var all = CompleteAsync(fetches, channel.Writer);
        try
        {
            await foreach (var (report, batch) in channel.Reader.ReadAllAsync(cancellationToken))
            {
                report.Signals += await LandAsync(context, report.Name, batch, cancellationToken);
            }
        }
        finally
        {
            await abandoned.CancelAsync();
            await all;
        }

        await NoteReadAsync(context, reports, cancellationToken);
        return reports;
    }

    private async Task FetchAsync(
        ITrendSource source,
        SourceReport report,
        TrendSourceContext sourceContext,
        ChannelWriter<(SourceReport, SignalBatch)> writer,
        CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var batch in source.FetchAsync(sourceContext, cancellationToken).WithCancellation(cancellationToken))
            {
                foreach (var signal in batch.Signals)
                {
                    report.Series.Add(signal.Source);
                }

                await writer.WriteAsync((report, batch), cancellationToken);
            }

            report.Completed = true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            report.Stopped = true;
        }
        catch (TrendSourceException e)
        {
            Log.SourceFailed(logger, e, source.Name, e.Code);
            report.Error = e.Message;
        }
        catch (Exception e) when (Data.DatabaseErrors.Explain(e) is null)
        {
            Log.SourceFailed(logger, e, source.Name, "unexpected");
            report.Error = "It failed in a way that is not known; the log has the whole error.";
        }
    }

    private static async Task CompleteAsync(List<Task> fetches, ChannelWriter<(SourceReport, SignalBatch)> writer)
    {
        try
        {
            await Task.WhenAll(fetches);
            writer.Complete();
        }
        catch (Exception e)
        {
            // Only a failure of the database comes through: the reader of the channel throws it.
            writer.Complete(e);
        }
    }

    private async Task<int> LandAsync(JobContext context, string source, SignalBatch batch, CancellationToken cancellationToken)
    {
        await using var transaction = await context.BeginWriteAsync(cancellationToken);
        var changed = await SignalStore.UpsertAsync(transaction.Connection, batch.Signals, SignalOrigin.Fetched, cancellationToken);
        if (batch.TermsRead.Count > 0)
        {
            await SignalSourceStore.WriteTermsReadAsync(transaction.Connection, source, batch.TermsRead, time.GetUtcNow(), cancellationToken);
        }

        await transaction.CommitAsync(context.LastProgress with { Stage = $"reading {source}" }, cancellationToken);
        return changed;
    }

    private async Task NoteReadAsync(JobContext context, List<SourceReport> reports, CancellationToken cancellationToken)
    {
        var read = reports.Where(report => report.Completed).SelectMany(report => report.Series.Append(report.Name)).Distinct(StringComparer.Ordinal).ToList();
        if (read.Count == 0)
        {
            return;
        }

        await using var transaction = await context.BeginWriteAsync(cancellationToken);
        foreach (var series in read.Order(StringComparer.Ordinal))
        {
            await SignalSourceStore.WriteReadAsync(transaction.Connection, series, time.GetUtcNow(), cancellationToken);
        }

        await transaction.CommitAsync(context.LastProgress, cancellationToken);
    }
}

/// <summary>What one source brought.</summary>
internal sealed class SourceReport(string name)
{
    public string Name { get; } = name;

    /// <summary>Readings that were new or changed.</summary>
    public long Signals { get; set; }

    /// <summary>Names of the series that it fills.</summary>
    public HashSet<string> Series { get; } = new(StringComparer.Ordinal);

    /// <summary>What is missing to run it; null where it is configured.</summary>
    public string? NotConfigured { get; init; }

    public bool Completed { get; set; }

    /// <summary>Cut short by the end of the budget.</summary>
    public bool Stopped { get; set; }

    /// <summary>What failed; null where nothing did.</summary>
    public string? Error { get; set; }
}
