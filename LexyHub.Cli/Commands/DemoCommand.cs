using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LexyHub.Cli.Hosting;
using LexyHub.Cli.Output;
using LexyHub.Core.Clusters;
using LexyHub.Core.Data;
using LexyHub.Core.Data.Embedded;
using LexyHub.Core.Imports;
using LexyHub.Core.Intents;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub demo</c>: everything once, on made data, in a database that is no operator's.</summary>
internal static class DemoCommand
{
    private const int RowsShown = 10;
    private const int ExamplesOfAnIntent = 3;
    private const int WideColumns = 120;

    public static Command Create(CliEnvironment environment, GlobalOptions globals)
    {
        var command = new CliCommand(
            "demo",
            "Imports made data, runs every job and shows what came out. It works on an embedded database of its own, made anew each time "
            + "in the directory `demo` below --data-dir, and reads no settings: a configured database is never touched, no outside service is "
            + "called. Only with --database it works on that one.",
            "lexyhub demo",
            "lexyhub demo --data-dir ./scratch")
        {
        };
        command.Handle(environment, globals, (context, _, cancellationToken) => RunAsync(
            context with { ReadsSettings = false, DataDirectory = Path.Combine(context.DataDirectory, "demo") }, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, CancellationToken cancellationToken)
    {
        var startedAt = context.Time.GetTimestamp();
        var samples = await SampleFiles.FindAsync(context.Time, cancellationToken);
        await using var session = await OpenAsync(context, cancellationToken);
        await using var services = CliServices.Build(context, session);
        Tell(context, $"Database {session.Description}");
        await services.GetRequiredService<Migrator>().ApplyAsync([], cancellationToken);

        Tell(context, $"Sample data, dates moved by {samples.DayOffset} days so that the newest reading is of {samples.NewestReading:yyyy-MM-dd}");
        await ImportAsync(context, services, samples, cancellationToken);

        var exitCode = await RunCommand.RunJobsAsync(
            context,
            services.GetRequiredService<JobRunner>(),
            [.. JobCatalog.All.Select(job => new RunRequest(job.Name, RunTrigger.Cli))],
            cancellationToken);
        var database = services.GetRequiredService<LexyHubDatabase>();
        var intents = await IntentCount.ReadAllAsync(database.DataSource, cancellationToken);
        var examples = await IntentExample.ReadAsync(database.DataSource, ExamplesOfAnIntent, cancellationToken);
        var clusters = await services.GetRequiredService<ClusterCatalog>().ListAsync(market: null, RowsShown, cancellationToken);
        await ShowAsync(context, new TrendResults(database), intents, examples, clusters, cancellationToken);
        Tell(context, $"Done in {Amounts.Duration(context.Time.GetElapsedTime(startedAt))}.");
        if (session.IsEmbedded)
        {
            var directory = Path.GetRelativePath(context.Environment.CurrentDirectory, context.DataDirectory);
            Tell(context, $"Look around: `lexyhub database --data-dir {directory}` and psql, or `lexyhub serve --data-dir {directory}`.");
        }

        return exitCode;
    }

    // Made anew, so that today's run does not meet the readings of an earlier day, which were moved by another number of days.
    private static async Task<DatabaseSession> OpenAsync(CliContext context, CancellationToken cancellationToken)
    {
        if (context.Database is not null)
        {
            return await DatabaseSession.OpenAsync(context, cancellationToken);
        }

        EmbeddedDatabase.Discard(context.DataDirectory);
        return await DatabaseSession.StartEmbeddedAsync(context, request => request with { MayJoin = false }, cancellationToken);
    }

    private static async Task ImportAsync(CliContext context, ServiceProvider services, SampleFiles samples, CancellationToken cancellationToken)
    {
        await using (var keywords = await samples.OpenAsync("keywords.csv", cancellationToken))
        {
            Tell(context, "  keywords: " + ImportCommand.Summary(
                await services.GetRequiredService<KeywordImporter>().ImportAsync(keywords, new KeywordImportOptions(), null, cancellationToken)));
        }

        await using (var listings = await samples.OpenAsync("listings.csv", cancellationToken))
        {
            Tell(context, "  listings: " + ImportCommand.Summary(
                await services.GetRequiredService<ListingImporter>().ImportAsync(listings, new ListingImportOptions(), null, cancellationToken)));
        }

        await using (var signals = await samples.OpenAsync("signals.csv", cancellationToken))
        {
            Tell(context, "  signals: " + ImportCommand.Summary(
                await services.GetRequiredService<SignalImporter>().ImportAsync(signals, new SignalImportOptions(), null, cancellationToken)));
        }
    }

    private static async Task ShowAsync(
        CliContext context, TrendResults results, IReadOnlyList<IntentCount> intents, IReadOnlyList<IntentExample> examples,
        IReadOnlyList<ClusterSummary> clusters, CancellationToken cancellationToken)
    {
        var rising = await results.ReadMoversAsync(falling: false, RowsShown, cancellationToken);
        var falling = await results.ReadMoversAsync(falling: true, RowsShown / 2, cancellationToken);
        var counts = await results.CountAsync(cancellationToken);
        if (context.IsJson)
        {
            context.Console.Json(new JsonObject
            {
                ["counts"] = counts,
                ["topMovers"] = JsonSerializer.SerializeToNode(rising, JobJson.Options),
                ["falling"] = JsonSerializer.SerializeToNode(falling, JobJson.Options),
                ["intents"] = JsonSerializer.SerializeToNode(intents, JobJson.Options),
                ["intentExamples"] = JsonSerializer.SerializeToNode(examples, JobJson.Options),
                ["clusters"] = JsonSerializer.SerializeToNode(clusters, JobJson.Options),
            }.ToJsonString(JobJson.Options));
            return;
        }

        ShowTable(context, "Top movers", rising);
        ShowTable(context, "Losing ground", falling);
        IntentsCommand.Show(context, intents);
        IntentsCommand.ShowExamples(context, examples);
        ClustersCommand.ShowList(context, clusters);
        context.Console.Line($"{counts["keywordsWithMomentum"]} of {counts["keywords"]} keywords have a momentum, from {counts["trendSeries"]} readings in trend_series; "
            + $"{counts["surges"]} terms surge; {counts["listings"]} listings.");
    }

    private static void ShowTable(CliContext context, string title, IReadOnlyList<Mover> movers)
    {
        // A terminal of 80 columns has no room for all.
        var isWide = context.Console.Out.Profile.Width >= WideColumns;
        var table = new Table { Border = TableBorder.Simple, Title = new TableTitle(title) };
        foreach (var column in (string[])["Term", "Momentum", "Growth 30 d", "Surge", "Scores", .. isWide ? (string[])["Confidence", "Sources"] : []])
        {
            table.AddColumn(new TableColumn(column) { NoWrap = true });
        }

        foreach (var mover in movers)
        {
            Text[] cells =
            [
                new(mover.Term),
                new(mover.Momentum.ToString("0.000", CultureInfo.InvariantCulture)),
                new(mover.ExpectedGrowth30d?.ToString("+0.0%;-0.0%;0.0%", CultureInfo.InvariantCulture) ?? "-"),
                new(mover.Surge ? "surge" : "", new Style(Color.Red)),
                new(Sparkline(mover.Scores)),
            ];
            table.AddRow([.. cells, .. isWide ? (Text[])[new(mover.Confidence.ToString("0.00", CultureInfo.InvariantCulture)), new(mover.Sources)] : []]);
        }

        context.Console.Out.Write(table);
    }

    private static string Sparkline(IReadOnlyList<decimal> scores)
    {
        const string Bars = "▁▂▃▄▅▆▇█";
        return string.Concat(scores.Select(score => Bars[(int)Math.Clamp(score * Bars.Length, 0, Bars.Length - 1)]));
    }

    // With --json standard output holds JSON only.
    private static void Tell(CliContext context, string text)
    {
        if (context.IsJson)
        {
            context.Console.Note(text);
        }
        else
        {
            context.Console.Line(text);
        }
    }
}
