using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using LexyHub.Cli.Hosting;
using LexyHub.Core.Intents;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spectre.Console;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub classify</c>: the purchase intent of any text. It needs no database.</summary>
internal static class ClassifyCommand
{
    public static Command Create(CliEnvironment environment, GlobalOptions globals)
    {
        var texts = new Argument<string[]>("text") { Description = "Keywords, or any other texts.", Arity = ArgumentArity.OneOrMore };
        texts.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
            {
                result.AddError("<text> must not be blank.");
            }
        });
        var lexicon = new Option<bool>("--lexicon") { Description = "By the lexicon, also where a model is configured." };
        var command = new CliCommand(
            "classify",
            "Shows what a shopper means by a text: intent, stage, confidence, facets, and the words that decided it. By the configured model, or "
            + "by the lexicon where there is none.",
            "lexyhub classify \"how to clean a silver ring\" \"personalised wallet for dad\"",
            "lexyhub classify \"gold hoop earrings\" --json")
        {
            texts,
            lexicon,
        };
        command.Handle(environment, globals, async (context, result, cancellationToken) =>
        {
            if (FindMistypedOption(result) is { } option)
            {
                context.Console.Fail($"There is no option '{option}'. To classify it as a text, put -- before the texts.");
                return ExitCode.Usage;
            }

            var classified = await ClassifyAsync(context, result.GetValue(texts)!, result.GetValue(lexicon), cancellationToken);
            if (context.IsJson)
            {
                context.Console.Json(new JsonArray([.. classified.Select(one => one.ToJson())]).ToJsonString(JobJson.Options));
            }
            else
            {
                Show(context, classified);
            }

            return classified.All(one => one.Error is null) ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    // As any text is taken, an option with a slip in it would be taken too, and answered as if it had been understood.
    private static string? FindMistypedOption(ParseResult result)
        => result.Tokens
            .TakeWhile(token => token.Type != TokenType.DoubleDash)
            .FirstOrDefault(token => token.Type == TokenType.Argument && token.Value.StartsWith("--", StringComparison.Ordinal))?.Value;

    private static async Task<IReadOnlyList<ClassifiedText>> ClassifyAsync(
        CliContext context, string[] texts, bool byLexicon, CancellationToken cancellationToken)
    {
        if (byLexicon)
        {
            return [.. texts.Select(TextClassifier.ByLexicon)];
        }

        var configuration = CliConfiguration.Build(context);
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddCommand(context, configuration, context.Verbose ? LogLevel.Information : LogLevel.None)
            .BuildServiceProvider();
        try
        {
            return await services.GetRequiredService<TextClassifier>().ClassifyAsync(
                texts, services.GetRequiredService<IOptions<IntentOptions>>().Value.BatchSize, calibration: null, cancellationToken);
        }
        catch (JobException e) when (e.Code == "provider-not-configured")
        {
            // As the embedded database does: without a provider the lexicon answers, under its own name.
            context.Console.Note($"By the lexicon. {e.Message}");
            return [.. texts.Select(TextClassifier.ByLexicon)];
        }
    }

    private static void Show(CliContext context, IReadOnlyList<ClassifiedText> classified)
    {
        foreach (var (text, classification, cues, error) in classified)
        {
            context.Console.Line(text);
            if (classification is null)
            {
                context.Console.Fail($"  {error}");
                continue;
            }

            var facets = classification.Facets;
            Line("intent", classification.Intent.ToWire() + (classification.SecondaryIntent is { } second ? $", perhaps {second.ToWire()}" : ""));
            Line("stage", classification.Stage.ToWire());
            Line("confidence", classification.Confidence.ToString("0.00", CultureInfo.InvariantCulture) + (classification.Calibrated ? "" : " (the model's own number)"));
            Line("who", classification.Persona);
            Line("what", classification.Summary);
            Line("occasion", facets.Occasion);
            Line("recipient", facets.Recipient);
            Line("style", facets.Style);
            Line("material", facets.Material);
            Line("gift", facets.Gift is { } gift ? (gift ? "yes" : "no") : null);
            Line("by", classification.Model);
            Line("because of", cues.Count > 0 ? string.Join(", ", cues) : "its shape: no cue of the lexicon speaks for it");
        }

        void Line(string name, string? value)
        {
            if (value is not null)
            {
                context.Console.Line($"  {name,-11}{value}");
            }
        }
    }
}
