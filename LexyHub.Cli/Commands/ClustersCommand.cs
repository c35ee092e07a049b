using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LexyHub.Cli.Hosting;
using LexyHub.Core.Clusters;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub clusters</c>: the clusters of keywords, as a list, one by one, or as a picture.</summary>
internal static class ClustersCommand
{
    private const int DefaultCount = 30;
    private const int MaxCount = 100_000;
    private const int IdCharacters = 8;
    private const int ChangesShown = 10;

    public static Command Create(CliEnvironment environment, GlobalOptions globals)
    {
        var market = Market();
        var count = Count("Clusters to show, the largest first");
        var command = new CliCommand(
            "clusters",
            "Shows the clusters of keywords: label, size, mean momentum (0-1) and cohesion (mean cosine of the members to their centroid).",
            "lexyhub clusters",
            "lexyhub clusters --market us --count 100",
            "lexyhub clusters show 3fa85f64",
            "lexyhub clusters map --out map.svg")
        {
            market,
            count,
            CreateShow(environment, globals),
            CreateMap(environment, globals),
        };
        command.Handle(environment, globals, (context, result, cancellationToken) => UseAsync(context, async catalog =>
        {
            var clusters = await catalog.ListAsync(result.GetValue(market), result.GetValue(count), cancellationToken);
            if (context.IsJson)
            {
                context.Console.Json(JsonSerializer.Serialize(new { clusters }, JobJson.Options));
            }
            else
            {
                ShowList(context, clusters);
            }

            return ExitCode.Done;
        }, cancellationToken));
        return command;
    }

    /// <summary>The table of clusters.</summary>
    internal static void ShowList(CliContext context, IReadOnlyList<ClusterSummary> clusters)
    {
        if (clusters.Count == 0)
        {
            context.Console.Line($"There are no clusters yet. `lexyhub run {JobCatalog.EmbedMissing} {JobCatalog.RebuildClusters}` makes them.");
            return;
        }

        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in (string[])["Cluster", "Label", "Market"])
        {
            table.AddColumn(new TableColumn(column) { NoWrap = true });
        }

        foreach (var column in (string[])["Size", "Momentum", "Cohesion"])
        {
            table.AddColumn(new TableColumn(column) { NoWrap = true }.RightAligned());
        }

        foreach (var cluster in clusters)
        {
            table.AddRow(
                new Text(cluster.Id.ToString()[..IdCharacters]),
                new Text(cluster.Label),
                new Text(cluster.Market ?? "-"),
                new Text(cluster.Size.ToString(CultureInfo.InvariantCulture)),
                new Text(Number(cluster.AverageMomentum)),
                new Text(Number(cluster.Cohesion)));
        }

        context.Console.Out.Write(table);
    }

    private static CliCommand CreateShow(CliEnvironment environment, GlobalOptions globals)
    {
        var id = new Argument<string>("id") { Description = "A cluster's id, or its beginning." };
        var count = Count("Keywords to show, the most central first");
        var command = new CliCommand("show", "Shows a cluster: its keywords with their cosine to the centroid, and where it came from.", "lexyhub clusters show 3fa85f64") { id, count };
        command.Handle(environment, globals, (context, result, cancellationToken) => UseAsync(context, async catalog =>
        {
            var asked = result.GetValue(id)!.Trim().ToLowerInvariant();
            if (await catalog.FindAsync(asked, cancellationToken) is not [var cluster])
            {
                throw new JobException("cluster-not-found", 500, $"No cluster, or more than one, has an id that begins with '{asked}'. `lexyhub clusters` lists them.");
            }

            var keywords = await catalog.ReadKeywordsAsync(cluster.Id, result.GetValue(count), cancellationToken);
            var changes = await catalog.ReadChangesAsync(cluster.Id, ChangesShown, cancellationToken);
            if (context.IsJson)
            {
                context.Console.Json(JsonSerializer.Serialize(new { cluster, keywords, changes }, JobJson.Options));
            }
            else
            {
                Show(context, cluster, keywords, changes);
            }

            return ExitCode.Done;
        }, cancellationToken));
        return command;
    }

    private static CliCommand CreateMap(CliEnvironment environment, GlobalOptions globals)
    {
        var output = new Option<FileInfo>("--out") { Description = "The SVG file to write.", HelpName = "file", Required = true };
        var market = Market();
        var command = new CliCommand(
            "map", "Draws the clusters in two dimensions: near ones are alike, the area is the size, the colour the momentum.", "lexyhub clusters map --out map.svg")
        {
            output,
            market,
        };
        command.Handle(environment, globals, (context, result, cancellationToken) => UseAsync(context, async catalog =>
        {
            var clusters = await catalog.ListAsync(result.GetValue(market), MaxCount, cancellationToken);
            var file = result.GetValue(output)!;
            var path = Path.GetFullPath(file.ToString(), context.Environment.CurrentDirectory);
            await File.WriteAllTextAsync(path, ClusterMapSvg.Draw(clusters), cancellationToken);
            context.Console.Note($"{path}: {clusters.Count(ClusterMapSvg.HasPlace)} clusters.");
            if (context.IsJson)
            {
                context.Console.Json(JsonSerializer.Serialize(new { file = path, clusters = clusters.Count(ClusterMapSvg.HasPlace) }, JobJson.Options));
            }

            return ExitCode.Done;
        }, cancellationToken));
        return command;
    }

    private static async Task<int> UseAsync(CliContext context, Func<ClusterCatalog, Task<int>> action, CancellationToken cancellationToken)
    {
        await using var session = await DatabaseSession.OpenAsync(context, cancellationToken);
        await using var services = CliServices.Build(context, session);
        await services.MigrateAsync(context, cancellationToken);
        return await action(services.GetRequiredService<ClusterCatalog>());
    }

    private static void Show(
        CliContext context, ClusterSummary cluster, IReadOnlyList<ClusterKeyword> keywords, IReadOnlyList<ClusterChange> changes)
    {
        context.Console.Line($"{cluster.Label}  ({cluster.Id}, market {cluster.Market ?? "not known"})");
        if (cluster.Description is { } description)
        {
            context.Console.Line(description);
        }

        context.Console.Line($"{cluster.Size} members, cohesion {Number(cluster.Cohesion)}, momentum {Number(cluster.AverageMomentum)}, intent {cluster.DominantIntent ?? "-"}");
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("Rank").RightAligned());
        table.AddColumn("Keyword");
        table.AddColumn(new TableColumn("Cosine similarity").RightAligned());
        table.AddColumn(new TableColumn("Momentum").RightAligned());
        foreach (var keyword in keywords)
        {
            table.AddRow(
                new Text(keyword.Rank.ToString(CultureInfo.InvariantCulture)), new Text(keyword.Term), new Text(Number(keyword.Similarity)), new Text(Number(keyword.Momentum)));
        }

        context.Console.Out.Write(table);
        foreach (var change in changes)
        {
            context.Console.Line($"{change.RecordedAt.UtcDateTime:yyyy-MM-dd}  {Tell(change)}");
        }
    }

    private static string Tell(ClusterChange change) => change.Kind switch
    {
        "split" => $"{change.ClusterId} '{change.Label}' was split off {change.OtherId}, with {change.SharedMembers} members",
        "merged" => $"{change.ClusterId} '{change.Label}' went into {change.OtherId}, with {change.SharedMembers} members",
        _ => $"{change.ClusterId} '{change.Label}' was {change.Kind}",
    };

    private static Option<string?> Market() => new("--market") { Description = "Only clusters of this market.", HelpName = "market" };

    private static Option<int> Count(string description)
    {
        var count = new Option<int>("--count") { Description = $"{description}; 1 to {MaxCount}.", HelpName = "n", DefaultValueFactory = _ => DefaultCount };
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MaxCount)
            {
                result.AddError($"--count must be 1 to {MaxCount}.");
            }
        });
        return count;
    }

    private static string Number(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-";
}
