using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LexyHub.Cli.Hosting;
using LexyHub.Core.Data;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub similar</c>: the keywords nearest to a text.</summary>
internal static class SimilarCommand
{
    public static Command Create(CliEnvironment environment, GlobalOptions globals)
    {
        var term = new Argument<string>("term") { Description = "A keyword, or any other text: then it is embedded once and not stored." };
        term.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string>()))
            {
                result.AddError("<term> must not be blank.");
            }
        });
        var count = new Option<int>("--count") { Description = $"Keywords to show; 1 to {SimilarTerms.MaxCount}.", HelpName = "n", DefaultValueFactory = _ => 10 };
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > SimilarTerms.MaxCount)
            {
                result.AddError($"--count must be 1 to {SimilarTerms.MaxCount}.");
            }
        });
        var exact = new Option<bool>("--exact") { Description = "Compare with every vector in single precision, also where there is an index." };
        var command = new CliCommand(
            "similar",
            "Shows the keywords nearest to a term by cosine similarity (-1 to 1), among the vectors of the configured model.",
            "lexyhub similar \"gold hoop earrings\"",
            "lexyhub similar \"gold hoop earrings\" --count 20 --exact")
        {
            term,
            count,
            exact,
        };
        command.Handle(environment, globals, async (context, result, cancellationToken) =>
        {
            await using var session = await DatabaseSession.OpenAsync(context, cancellationToken);
            await using var services = CliServices.Build(context, session);
            await services.MigrateAsync(context, cancellationToken);
            var service = services.GetRequiredService<IEmbeddingServiceFactory>().Resolve();
            var similar = await SimilarTerms.FindAsync(
                services.GetRequiredService<LexyHubDatabase>().DataSource,
                service,
                result.GetValue(term)!,
                result.GetValue(count),
                result.GetValue(exact),
                cancellationToken);
            if (context.IsJson)
            {
                context.Console.Json(JsonSerializer.Serialize(new { service.Model, similar }, JobJson.Options));
            }
            else
            {
                Show(context, service.Model, similar);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Show(CliContext context, string model, IReadOnlyList<SimilarTerm> similar)
    {
        if (similar.Count == 0)
        {
            context.Console.Line($"No keyword has a vector of {model}. `lexyhub run {JobCatalog.EmbedMissing}` makes them.");
            return;
        }

        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("Keyword");
        table.AddColumn(new TableColumn("Cosine similarity").RightAligned());
        foreach (var (term, cosineSimilarity) in similar)
        {
            table.AddRow(new Text(term), new Text(cosineSimilarity.ToString("0.000", CultureInfo.InvariantCulture)));
        }

        context.Console.Out.Write(table);
    }
}
