using System.Diagnostics;
using LexyHub.Core.Jobs;
using LexyHub.Core.Telemetry;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace LexyHub.Core.Tests.Telemetry;

/// <summary>Spans, metrics and scopes of real runs, by in-process exporters.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class JobTelemetryTests(NativePostgres postgres) : IDisposable
{
    private const string Job = JobCatalog.TrendAggregation;

    private readonly List<Activity> spans = [];
    private readonly List<Metric> metrics = [];
    private TracerProvider? tracer;

    public void Dispose() => tracer?.Dispose();

    [Fact]
    public async Task RunAsync_WithinATrace_HasASpanOfTheRunAndOfEachBatchWithItsStatements()
    {
        await using var host = await HostAsync(async (context, token) =>
        {
            for (var i = 1; i <= 2; i++)
            {
                await using var transaction = await context.BeginWriteAsync(token);
                await using (var command = new Npgsql.NpgsqlCommand("select 'of batch'", transaction.Connection))
                {
                    await command.ExecuteNonQueryAsync(token);
                }

                await transaction.CommitAsync(new JobProgress("counting", i, 0, 2 - i), token);
            }

            return new JobOutcome { Processed = 2, Tokens = 7 };
        });
        var caller = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

        var answer = await host.RunAsync(new RunRequest(Job, RunTrigger.Http)
        {
            Trace = new TraceParent($"00-{caller.TraceId}-{caller.SpanId}-01", null),
        });

        var run = Assert.Single(Flushed(), span => span.DisplayName == $"run {Job}" && span.TraceId == caller.TraceId);
        Assert.Equal((caller.SpanId, ActivityKind.Server), (run.ParentSpanId, run.Kind));
        Assert.Equal(
            (answer.RunId.ToString(), "succeeded", 2L, 7L),
            ((string)run.GetTagItem("lexyhub.run.id")!, (string)run.GetTagItem("lexyhub.run.status")!, (long)run.GetTagItem("lexyhub.run.processed")!, (long)run.GetTagItem("lexyhub.run.tokens")!));
        var batches = Flushed().Where(span => span.DisplayName == $"batch {Job}" && span.ParentSpanId == run.SpanId && (string?)span.GetTagItem("lexyhub.run.stage") == "counting").ToList();
        Assert.Equal([1L, 2L], batches.Select(span => (long)span.GetTagItem("lexyhub.run.processed")!).Order());
        var statements = Flushed().Where(span => span.Source.Name == "Npgsql" && span.Tags.Any(tag => tag.Value == "select 'of batch'")).ToList();
        Assert.Equal(batches.Select(span => span.SpanId).OrderBy(id => id.ToString()), statements.Select(span => span.ParentSpanId).OrderBy(id => id.ToString()));
        Assert.Contains(Flushed(), span => span.Source.Name == "Npgsql" && span.ParentSpanId == run.SpanId);
    }

    [Fact]
    public async Task RunAsync_TimerWithoutATrace_BeginsOne()
    {
        await using var host = await HostAsync((_, _) => Task.FromResult(new JobOutcome()));

        var answer = await host.RunAsync(new RunRequest(Job, RunTrigger.Timer) { Trace = new TraceParent("not a trace", null) });

        var run = Assert.Single(Flushed(), span => (string?)span.GetTagItem("lexyhub.run.id") == answer.RunId.ToString());
        Assert.Equal((default, ActivityKind.Consumer), (run.ParentSpanId, run.Kind));
    }

    [Fact]
    public async Task RunAsync_Failed_MarksItsSpanAndCountsByCode()
    {
        await using var host = await HostAsync((_, _) => throw new JobException("provider-unauthorized", 502, "Check the key."));

        var answer = await host.RunAsync();

        var run = Assert.Single(Flushed(), span => (string?)span.GetTagItem("lexyhub.run.id") == answer.RunId.ToString());
        Assert.Equal((ActivityStatusCode.Error, "Check the key."), (run.Status, run.StatusDescription));
        Assert.Equal("provider-unauthorized", run.GetTagItem("error.type"));
        Assert.Equal(1, Sum(host, "lexyhub.job.runs", ("lexyhub.run.status", "failed"), ("error.type", "provider-unauthorized")));
    }

    [Fact]
    public async Task RunAsync_RunsOfEveryKind_AreCounted()
    {
        var outcome = new JobOutcome
        {
            Processed = 5,
            Failed = 2,
            Remaining = 3,
            Tokens = 11,
            Stopped = StopReason.Time,
            Counts = new() { ["estimatedCostUsd"] = 0.25m },
        };
        await using var host = await HostAsync((_, _) => Task.FromResult(outcome));

        await host.RunAsync();
        await host.RunAsync(new RunRequest(Job, RunTrigger.Timer));
        await host.Services.GetRequiredService<JobPauseStore>().PauseAsync(Job, "Anna", "Why not.", null, CancellationToken.None);
        await host.RunAsync();
        await Refresh(host).RefreshAsync(CancellationToken.None);

        Assert.Equal(1, Sum(host, "lexyhub.job.runs", ("lexyhub.run.status", "partial"), ("lexyhub.run.trigger", "timer")));
        Assert.Equal(1, Sum(host, "lexyhub.job.runs", ("lexyhub.run.status", "skipped")));
        Assert.Equal(10, Sum(host, "lexyhub.job.items", ("lexyhub.item.outcome", "processed")));
        Assert.Equal(4, Sum(host, "lexyhub.job.items", ("lexyhub.item.outcome", "failed")));
        Assert.Equal(22, Sum(host, "lexyhub.job.tokens"));
        Assert.Equal(0.5, Sum(host, "lexyhub.job.cost"));
        Assert.Equal(3, Sum(host, "lexyhub.job.remaining"));
        Assert.Equal(1, Sum(host, "lexyhub.job.paused"));
        Assert.InRange(Sum(host, "lexyhub.job.time_since_success"), 0, 600);
        Assert.Contains(Read(host), metric => metric.Name == "lexyhub.job.duration");
    }

    [Fact]
    public async Task RefreshAsync_AnotherProcessRanIt_TellsSinceWhen()
    {
        await using var host = await HostAsync((_, _) => Task.FromResult(new JobOutcome()));
        await host.ExecuteAsync($$"""
            insert into job_runs (job_name, status, started_at, finished_at, metadata) values
                ('{{Job}}', 'partial', now() - interval '3 hours', now() - interval '2 hours', '{"remaining":42}'),
                ('{{Job}}', 'failed', now() - interval '1 hour', now() - interval '1 hour', '{"remaining":1}')
            """);

        await Refresh(host).RefreshAsync(CancellationToken.None);

        Assert.InRange(Sum(host, "lexyhub.job.time_since_success"), 7_200, 7_800);
        Assert.Equal(42, Sum(host, "lexyhub.job.remaining"));
        Assert.Equal(0, Sum(host, "lexyhub.job.paused"));
    }

    [Fact]
    public async Task RunAsync_LeaseLost_IsCounted()
    {
        await using var host = await HostAsync(async (context, token) =>
        {
            await using (var theft = await context.DataSource.OpenConnectionAsync(token))
            {
                await using var command = new Npgsql.NpgsqlCommand("update lexyhub_jobs.job_leases set epoch = epoch + 1", theft);
                await command.ExecuteNonQueryAsync(token);
            }

            await using var transaction = await context.BeginWriteAsync(token);
            return new JobOutcome();
        });

        await host.RunAsync();

        Assert.Equal(1, Sum(host, "lexyhub.job.lease_losses"));
    }

    [Fact]
    public async Task RunAsync_WhateverItLogs_HasJobRunAndEpochInScope()
    {
        var log = new ScopedLog();
        await using var host = await JobHost.Create(
            await postgres.CreateDatabaseAsync(),
            configure: services =>
            {
                services.AddLogging(logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace));
                services.AddKeyedScoped<IJob>(JobCatalog.EmbedMissing, (provider, _) => new LoggingJob(provider.GetRequiredService<ILogger<LoggingJob>>()));
            }).MigrateAsync();

        var answer = await host.RunAsync(new RunRequest(JobCatalog.EmbedMissing, RunTrigger.Cli));

        Assert.Equal($"Job={JobCatalog.EmbedMissing} RunId={answer.RunId} Epoch=1", Assert.Single(log.Lines, line => line.Message == "Said by the job.").Scope);
    }

    private static JobGaugeRefresh Refresh(JobHost host) => ActivatorUtilities.CreateInstance<JobGaugeRefresh>(host.Services);

    private List<Activity> Flushed()
    {
        tracer!.ForceFlush();
        return [.. spans];
    }

    private List<Metric> Read(JobHost host)
    {
        metrics.Clear();
        host.Services.GetRequiredService<MeterProvider>().ForceFlush();
        return metrics;
    }

    private double Sum(JobHost host, string name, params (string Name, string Value)[] tags)
    {
        var sum = 0.0;
        foreach (var point in Read(host).Single(metric => metric.Name == name).GetMetricPoints())
        {
            var found = new Dictionary<string, object?>();
            foreach (var (key, value) in point.Tags)
            {
                found[key] = value;
            }

            if ((string?)found["lexyhub.job.name"] == Job && tags.All(tag => found.GetValueOrDefault(tag.Name) as string == tag.Value))
            {
                sum += Read(name, point);
            }
        }

        return sum;
    }

    private static double Read(string name, in MetricPoint point) => name switch
    {
        "lexyhub.job.cost" => point.GetSumDouble(),
        "lexyhub.job.time_since_success" => point.GetGaugeLastValueDouble(),
        "lexyhub.job.remaining" or "lexyhub.job.paused" => point.GetGaugeLastValueLong(),
        _ => point.GetSumLong(),
    };

    private async Task<JobHost> HostAsync(Func<JobContext, CancellationToken, Task<JobOutcome>> job)
    {
        // Sources belong to the process, so other tests' spans come too; each test knows its own by their ids.
        tracer = Sdk.CreateTracerProviderBuilder().AddSource(JobTracing.SourceName, "Npgsql").AddInMemoryExporter(spans).Build();
        var host = await JobHost.Create(
            await postgres.CreateDatabaseAsync(),
            job: job,
            configure: services => services.AddOpenTelemetry().WithMetrics(meter => meter.AddMeter(JobMetrics.MeterName).AddInMemoryExporter(metrics))).MigrateAsync();
        host.Services.GetRequiredService<MeterProvider>();
        return host;
    }

    private sealed class LoggingJob(ILogger<LoggingJob> logger) : IJob
    {
        private static readonly Action<ILogger, Exception?> Said = LoggerMessage.Define(LogLevel.Debug, default, "Said by the job.");

        public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
        {
            await Task.Run(() => Said(logger, null), cancellationToken);
            return new JobOutcome();
        }
    }
}
