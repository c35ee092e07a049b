using System.CommandLine;
using System.Text.Json;
using LexyHub.Cli.Hosting;
using LexyHub.Cli.Output;
using LexyHub.Core.Imports;
using LexyHub.Core.Jobs;
using LexyHub.Core.Trends.Sources;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub import</c>: delimited files into the database.</summary>
internal static class ImportCommand
{
    // Of each import, on standard error; the report counts them all.
    private const int ErrorsShown = 20;

    public static Command Create(CliEnvironment environment, GlobalOptions globals) => new CliCommand(
        "import",
        "Imports keywords, listings or signals from a CSV or TSV file. Importing the same file twice changes nothing.",
        "lexyhub import keywords keywords.csv --market us",
        "lexyhub import listings listings.tsv",
        "lexyhub import signals multiTimeline.csv         # as Google Trends exports it")
    {
        Keywords(environment, globals),
        Listings(environment, globals),
        Signals(environment, globals),
    };

    private static CliCommand Keywords(CliEnvironment environment, GlobalOptions globals)
    {
        var file = new FileOptions();
        var market = new Option<string>("--market") { Description = "Of rows that name none.", HelpName = "market", DefaultValueFactory = _ => "us" };
        var source = new Option<string>("--source") { Description = "Of rows that name none.", HelpName = "source", DefaultValueFactory = _ => "import" };
        var command = new CliCommand(
            "keywords",
            "Imports keywords: term[,market,source]. Extra columns are ignored; those that are there stay as they are.",
            "lexyhub import keywords keywords.csv",
            "lexyhub import keywords queries.txt --no-header --market de --source search-console")
        {
            market,
            source,
        };
        file.AddTo(command);
        command.Handle(environment, globals, (context, result, cancellationToken) => RunAsync(context, file.File(result), (services, stream, progress) =>
            services.GetRequiredService<KeywordImporter>().ImportAsync(
                stream,
                file.Apply(new KeywordImportOptions { Market = result.GetRequiredValue(market), Source = result.GetRequiredValue(source) }, result),
                progress,
                cancellationToken), cancellationToken));
        return command;
    }

    private static CliCommand Listings(CliEnvironment environment, GlobalOptions globals)
    {
        var file = new FileOptions();
        var account = new Option<Guid?>("--account") { Description = "Id of the marketplace account that they belong to. Default: one for imports, made on demand.", HelpName = "id" };
        var user = new Option<Guid?>("--user")
        {
            Description = "Id of the user who gets the account for imports, where the database wants one with each account or listing.",
            HelpName = "id",
        };
        account.Validators.Add(result =>
        {
            if (result.GetValue(user) is not null)
            {
                result.AddError("--account and --user exclude each other: an account that exists has its user.");
            }
        });
        var command = new CliCommand(
            "listings",
            "Imports listings: title, description, tags, price, currency, url, id, quantity, status, … A column that is missing changes nothing.",
            "lexyhub import listings listings.csv",
            "lexyhub import listings shop.tsv --account 7b1c2d3e-0000-4000-8000-000000000001")
        {
            account,
            user,
        };
        file.AddTo(command);
        command.Handle(environment, globals, (context, result, cancellationToken) => RunAsync(context, file.File(result), (services, stream, progress) =>
            services.GetRequiredService<ListingImporter>().ImportAsync(
                stream, file.Apply(new ListingImportOptions { AccountId = result.GetValue(account), UserId = result.GetValue(user) }, result), progress, cancellationToken), cancellationToken));
        return command;
    }

    private static CliCommand Signals(CliEnvironment environment, GlobalOptions globals)
    {
        var file = new FileOptions();
        var source = new Option<string?>("--source") { Description = "Of rows that name none.", HelpName = "source" };
        var scale = new Option<string?>("--scale") { Description = "What the values mean. Default: told by the file, else by the largest value.", HelpName = "scale" };
        scale.AcceptOnlyFromAmong("unit", "index", "count", "percent");
        var period = new Option<string?>("--period") { Description = "What a date stands for. Default: told by the file.", HelpName = "period" };
        period.AcceptOnlyFromAmong("day", "week", "month");
        var shift = new Option<int>("--shift-days") { Description = "Days added to each date, to make an old file current.", HelpName = "days" };
        var command = new CliCommand(
            "signals",
            "Imports trend signals: term,source,date,score, or a column per term as Google Trends exports it.",
            "lexyhub import signals signals.csv --source my-panel --scale count",
            "lexyhub import signals multiTimeline.csv")
        {
            source,
            scale,
            period,
            shift,
        };
        file.AddTo(command);
        command.Handle(environment, globals, (context, result, cancellationToken) => RunAsync(context, file.File(result), (services, stream, progress) =>
            services.GetRequiredService<SignalImporter>().ImportAsync(
                stream,
                file.Apply(
                    new SignalImportOptions
                    {
                        Source = result.GetValue(source),
                        Scale = Named<SignalScale>(result.GetValue(scale)),
                        Period = Named<SignalPeriod>(result.GetValue(period)),
                        DayOffset = result.GetValue(shift),
                    },
                    result),
                progress,
                cancellationToken), cancellationToken));
        return command;
    }

    private static T? Named<T>(string? name)
        where T : struct, Enum
        => name is null ? null : Enum.Parse<T>(name, ignoreCase: true);

    private static async Task<int> RunAsync(
        CliContext context, FileInfo file, Func<IServiceProvider, Stream, IProgress<ImportProgress>, Task<ImportReport>> import, CancellationToken cancellationToken)
    {
        await using var session = await DatabaseSession.OpenAsync(context, cancellationToken);
        await using var services = CliServices.Build(context, session);
        await services.MigrateAsync(context, cancellationToken);
        await using var stream = OpenFile(file);
        var report = await new ProgressView(context.Console, context.Time).TrackAsync(
            file.Name, progress => import(services, stream, new Steps(progress)));
        Show(context, report);

        // A file of which no row could be read is no import.
        return report.Skipped > 0 && report.Added + report.Changed + report.Unchanged + report.Partial == 0 ? ExitCode.Failed : ExitCode.Done;
    }

    private static FileStream OpenFile(FileInfo file)
    {
        try
        {
            return file.OpenRead();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportException($"The file {file.Name} cannot be opened: {e.Message}");
        }
    }

    private static void Show(CliContext context, ImportReport report)
    {
        if (context.IsJson)
        {
            context.Console.Json(JsonSerializer.Serialize(report, JobJson.Options));
            return;
        }

        context.Console.Line(Summary(report));
        foreach (var error in report.Errors.Take(ErrorsShown))
        {
            context.Console.Fail($"line {error.Line}: {error.Message}");
        }

        if (report.Skipped > Math.Min(report.Errors.Count, ErrorsShown))
        {
            context.Console.Note($"… {Amounts.Count(report.Skipped)} skipped in all.");
        }
    }

    /// <summary>What an import did, in a line.</summary>
    public static string Summary(ImportReport report)
    {
        var partial = report.Partial > 0 ? $", {Amounts.Count(report.Partial)} of a period that is not over left out" : "";
        var layout = report.Layout is { } text ? $"; {text}" : "";
        return $"{Amounts.Count(report.Read)} rows: {Amounts.Count(report.Added)} added, {Amounts.Count(report.Changed)} changed, "
            + $"{Amounts.Count(report.Unchanged)} unchanged, {Amounts.Count(report.Skipped)} skipped{partial} ({report.Encoding}{layout}).";
    }

    private sealed class Steps(IProgress<ProgressStep> steps) : IProgress<ImportProgress>
    {
        // Rows still to come, judged by the bytes.
        public void Report(ImportProgress value) => steps.Report(new ProgressStep(
            "",
            value.Read - value.Skipped,
            value.Skipped,
            value.BytesRead > 0 ? (long)(value.Read * (double)Math.Max(0, value.BytesTotal - value.BytesRead) / value.BytesRead) : null));
    }
}
