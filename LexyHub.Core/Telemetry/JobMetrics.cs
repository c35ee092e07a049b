using System.Diagnostics;
using System.Diagnostics.Metrics;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Telemetry;

/// <summary>The metrics of jobs; docs/telemetry.md describes each.</summary>
public sealed class JobMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "LexyHub.Jobs";

    // From a run that finds nothing to do to the longest that a timer may take, and beyond it by hand.
    private static readonly double[] DurationBounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 200, 300, 540, 1_800, 3_600];

    private readonly Counter<long> runs;
    private readonly Histogram<double> duration;
    private readonly Counter<long> items;
    private readonly Counter<long> tokens;
    private readonly Counter<double> cost;
    private readonly Counter<long> leaseLosses;
    private readonly ObservableGauge<double> sinceSuccess;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly Dictionary<string, JobGauge> gauges = [];

    public JobMetrics(IMeterFactory meters, TimeProvider time)
    {
        this.time = time;
        var meter = meters.Create(MeterName);
        runs = meter.CreateCounter<long>("lexyhub.job.runs", "{run}", "Requests for a run, by how they ended.");
        duration = meter.CreateHistogram(
            "lexyhub.job.duration", "s", "How long runs took.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBounds });
        items = meter.CreateCounter<long>("lexyhub.job.items", "{item}", "Items that runs processed, or that failed in them.");
        tokens = meter.CreateCounter<long>("lexyhub.job.tokens", "{token}", "Tokens of models that runs paid for.");
        cost = meter.CreateCounter<double>("lexyhub.job.cost", "USD", "What those tokens cost, by the configured prices.");
        leaseLosses = meter.CreateCounter<long>("lexyhub.job.lease_losses", "{loss}", "Runs that lost their lease.");
        sinceSuccess = meter.CreateObservableGauge(
            "lexyhub.job.time_since_success", () => Observe(SinceSuccess), "s", "Since the last run that succeeded or was partial ended, anywhere.");
        meter.CreateObservableGauge(
            "lexyhub.job.remaining", () => Observe(gauge => gauge.Remaining), "{item}", "What the last run left that could have been done: the queue's depth.");
        meter.CreateObservableGauge("lexyhub.job.paused", () => Observe(gauge => (int?)(gauge.IsPaused ? 1 : 0)), "1", "1 while a person has paused the job.");
    }

    /// <summary>False where nobody reads the gauges, so that nobody need fill them.</summary>
    internal bool HasObservers => sinceSuccess.Enabled;

    /// <summary>A request that began no run: already running, skipped, refused before there was a lease.</summary>
    internal void NotRun(RunRequest request, JobAnswer answer) => CountRun(request, answer);

    /// <summary>A run that was found dead.</summary>
    internal void Abandoned(string job) => runs.Add(1, new(TelemetryTags.Job, job), new(TelemetryTags.Status, RunStatus.Abandoned));

    internal void Ended(RunRequest request, JobOutcome outcome, JobAnswer answer, TimeSpan elapsed)
    {
        CountRun(request, answer);
        var job = new KeyValuePair<string, object?>(TelemetryTags.Job, request.Job);
        duration.Record(elapsed.TotalSeconds, job, new(TelemetryTags.Status, answer.Status));
        Add(items, outcome.Processed, job, new(TelemetryTags.Outcome, "processed"));
        Add(items, outcome.Failed, job, new(TelemetryTags.Outcome, "failed"));
        Add(tokens, outcome.Tokens, job);
        if (outcome.EstimatedCostUsd > 0)
        {
            cost.Add((double)outcome.EstimatedCostUsd, job);
        }

        if ((string?)answer.Body["code"] == JobAnswer.LeaseLostCode)
        {
            leaseLosses.Add(1, job);
        }
        else if (answer.Status is RunStatus.Succeeded or RunStatus.Partial)
        {
            Show(request.Job, gauge => gauge with { SucceededAt = time.GetTimestamp(), EarlierAge = TimeSpan.Zero, Remaining = outcome.Remaining });
        }
    }

    /// <summary>What the database says of a job, whoever ran it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="sinceSuccess">Null where it never succeeded.</param>
    /// <param name="remaining">Null where no run has said.</param>
    /// <param name="isPaused">A pause is in force.</param>
    internal void Show(string job, TimeSpan? sinceSuccess, long? remaining, bool isPaused)
        => Show(job, _ => new JobGauge(sinceSuccess is null ? null : time.GetTimestamp(), sinceSuccess ?? TimeSpan.Zero, remaining, isPaused));

    private void CountRun(RunRequest request, JobAnswer answer)
    {
        var tags = new TagList
        {
            { TelemetryTags.Job, request.Job },
            { TelemetryTags.Trigger, request.Trigger.ToString().ToLowerInvariant() },
            { TelemetryTags.Status, answer.Status },
        };
        if (answer.Status == RunStatus.Failed)
        {
            tags.Add(TelemetryTags.ErrorType, (string?)answer.Body["code"]);
        }

        runs.Add(1, tags);
    }

    private static void Add(Counter<long> counter, long count, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (count > 0)
        {
            counter.Add(count, tags);
        }
    }

    private void Show(string job, Func<JobGauge, JobGauge> change)
    {
        lock (gate)
        {
            gauges[job] = change(gauges.GetValueOrDefault(job) ?? new JobGauge(null, TimeSpan.Zero, null, false));
        }
    }

    private double? SinceSuccess(JobGauge gauge)
        => gauge.SucceededAt is { } at ? (gauge.EarlierAge + time.GetElapsedTime(at)).TotalSeconds : null;

    private List<Measurement<T>> Observe<T>(Func<JobGauge, T?> read)
        where T : struct
    {
        lock (gate)
        {
            var measurements = new List<Measurement<T>>();
            foreach (var (job, gauge) in gauges)
            {
                if (read(gauge) is { } value)
                {
                    measurements.Add(new Measurement<T>(value, new KeyValuePair<string, object?>(TelemetryTags.Job, job)));
                }
            }

            return measurements;
        }
    }

    // The age at the moment it was learnt, and that moment: it goes on growing where the database is away.
    private sealed record JobGauge(long? SucceededAt, TimeSpan EarlierAge, long? Remaining, bool IsPaused);
}
