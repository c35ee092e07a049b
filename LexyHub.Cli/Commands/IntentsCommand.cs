using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LexyHub.Cli.Hosting;
using LexyHub.Core.Data;
using LexyHub.Core.Imports;
using LexyHub.Core.Intents;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub intents</c>: what intent-classify has found, and the calibration of its model.</summary>
internal static class IntentsCommand
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Command Create(CliEnvironment environment, GlobalOptions globals)
    {
        var command = new CliCommand(
            "intents", "Shows how many keywords and listings have which purchase intent.", "lexyhub intents", "lexyhub intents --json")
        {
            Calibrate(environment, globals),
        };
        command.Handle(environment, globals, async (context, _, cancellationToken) =>
        {
            await using var session = await DatabaseSession.OpenAsync(context, cancellationToken);
            await using var services = CliServices.Build(context, session);
            await services.MigrateAsync(context, cancellationToken);
            var counts = await IntentCount.ReadAllAsync(services.GetRequiredService<LexyHubDatabase>().DataSource, cancellationToken);
            if (context.IsJson)
            {
                context.Console.Json(JsonSerializer.Serialize(new { intents = counts }, JobJson.Options));
            }
            else
            {
                Show(context, counts);
            }

            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>A table by kind, intent and stage.</summary>
    internal static void Show(CliContext context, IReadOnlyList<IntentCount> counts)
    {
        if (counts.Count == 0)
        {
            context.Console.Line($"Nothing is classified. `lexyhub run {JobCatalog.IntentClassify}` does it.");
            return;
        }

        var table = new Table { Border = TableBorder.Simple, Title = new TableTitle("Purchase intents") };
        foreach (var column in (string[])["Kind", "Intent", "Stage", "Items", "Confidence", "By"])
        {
            table.AddColumn(new TableColumn(column) { NoWrap = true });
        }

        foreach (var count in counts)
        {
            table.AddRow(
                new Text(count.Kind), new Text(count.Intent), new Text(count.PurchaseStage), new Text(count.Items.ToString(CultureInfo.InvariantCulture)),
                new Text(count.Confidence.ToString("0.00", CultureInfo.InvariantCulture)), new Text(count.Model));
        }

        context.Console.Out.Write(table);
    }

    /// <summary>A table of keywords with their facets, and by whom they were classified.</summary>
    internal static void ShowExamples(CliContext context, IReadOnlyList<IntentExample> examples)
    {
        var models = string.Join(", ", examples.Select(example => example.Model).Distinct().Order(StringComparer.Ordinal));
        var table = new Table { Border = TableBorder.Simple, Title = new TableTitle($"What shoppers mean, by {Markup.Escape(models)}") };
        foreach (var column in (string[])["Keyword", "Intent", "Facets", "Confidence"])
        {
            table.AddColumn(new TableColumn(column) { NoWrap = column is "Intent" or "Confidence" });
        }

        foreach (var example in examples)
        {
            table.AddRow(
                new Text(example.Term), new Text(example.Intent), new Text(FacetsOf(example)),
                new Text(example.Confidence.ToString("0.00", CultureInfo.InvariantCulture)));
        }

        context.Console.Out.Write(table);
    }

    private static string FacetsOf(IntentExample example)
    {
        (string Name, string? Value)[] facets =
        [
            ("occasion", example.Occasion), ("recipient", example.Recipient), ("style", example.Style), ("material", example.Material),
        ];
        return string.Join(", ", facets.Where(facet => facet.Value is not null).Select(facet => $"{facet.Name} {facet.Value}").Concat(example.Gift == true ? ["gift"] : []));
    }

    private static CliCommand Calibrate(CliEnvironment environment, GlobalOptions globals)
    {
        var file = new Argument<FileInfo>("labelled.csv") { Description = $"UTF-8, with the columns text and intent; {IntentCalibration.FewestPhrases} phrases at least. docs/intents.md says how to label." };
        file.AcceptExistingOnly();
        var command = new CliCommand(
            "calibrate",
            "Fits the confidence of the configured model, with the present prompt, to labelled phrases. The phrases are sent to the model, which costs tokens.",
            "lexyhub intents calibrate labelled.csv")
        {
            file,
        };
        command.Handle(environment, globals, async (context, result, cancellationToken) =>
        {
            var phrases = Read(result.GetValue(file)!);
            await using var session = await DatabaseSession.OpenAsync(context, cancellationToken);
            await using var services = CliServices.Build(context, session);
            await services.MigrateAsync(context, cancellationToken);
            Show(context, await services.GetRequiredService<IntentCalibration>().RunAsync(phrases, cancellationToken));
            return ExitCode.Done;
        });
        return command;
    }

    private static IReadOnlyList<LabelledPhrase> Read(FileInfo file)
    {
        try
        {
            using var reader = new StreamReader(file.FullName, StrictUtf8, detectEncodingFromByteOrderMarks: true);
            return LabelledPhrase.Read(reader);
        }
        catch (InvalidDataException e)
        {
            throw new ImportException($"{file.Name}: {e.Message}");
        }
        catch (DecoderFallbackException)
        {
            throw new ImportException($"{file.Name} is not UTF-8. Save it as UTF-8 and try again.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportException($"The file {file.Name} cannot be opened: {e.Message}");
        }
    }

    private static void Show(CliContext context, CalibrationReport report)
    {
        var (before, after) = (report.Before, report.After);
        if (context.IsJson)
        {
            context.Console.Json(JsonSerializer.Serialize(
                new
                {
                    report.Model,
                    report.PromptVersion,
                    method = report.Map.Method.ToString().ToLowerInvariant(),
                    report.Map.Phrases,
                    report.Unanswered,
                    before.Accuracy,
                    before.MacroF1,
                    calibrationErrorBefore = before.CalibrationError,
                    calibrationErrorAfter = after.CalibrationError,
                },
                JobJson.Options));
            return;
        }

        context.Console.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Model}, prompt {report.PromptVersion}: accuracy {before.Accuracy:0.000}, macro-F1 {before.MacroF1:0.000} on {report.Map.Phrases} phrases; {report.Unanswered} unanswered."));
        context.Console.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"Calibration error {before.CalibrationError:0.000} by its own numbers, {after.CalibrationError:0.000} by the map ({report.Map.Method.ToString().ToLowerInvariant()}; each half by a map of the other)."));
        context.Console.Line($"From now on {JobCatalog.IntentClassify} stores probabilities. What is stored already keeps its numbers until it is classified anew.");
    }
}
