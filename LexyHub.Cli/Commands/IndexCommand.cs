using System.CommandLine;
using System.Text.Json;
using LexyHub.Cli.Hosting;
using LexyHub.Core.Data;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub index create</c>: the index of nearest neighbours.</summary>
internal static class IndexCommand
{
    public static Command Create(CliEnvironment environment, GlobalOptions globals)
        => new CliCommand("index", "The index of nearest neighbours.", "lexyhub index create") { CreateCreate(environment, globals) };

    private static CliCommand CreateCreate(CliEnvironment environment, GlobalOptions globals)
    {
        var command = new CliCommand(
            "create",
            "Builds an HNSW index over the vectors of each model that has any, where it is missing; needs pgvector 0.7 or later. Writers go on "
            + "meanwhile, except on the embedded database. It may take minutes over many vectors.",
            "lexyhub index create",
            "lexyhub index create --database postgresql://user:password@host:5432/postgres");
        command.Handle(environment, globals, async (context, _, cancellationToken) =>
        {
            await using var session = await DatabaseSession.OpenAsync(context, cancellationToken);
            await using var services = CliServices.Build(context, session);
            await services.MigrateAsync(context, cancellationToken);
            var dataSource = services.GetRequiredService<LexyHubDatabase>().DataSource;
            var built = new List<string>();
            var models = await VectorIndex.ReadModelsAsync(dataSource, cancellationToken);
            foreach (var model in models)
            {
                var isNew = await VectorIndex.CreateAsync(dataSource, model, concurrently: !session.IsEmbedded, cancellationToken);
                if (isNew)
                {
                    built.Add(model);
                }

                if (!context.IsJson)
                {
                    context.Console.Line($"{(isNew ? "built " : "exists")}  {VectorIndex.NameOf(model)}  {model}");
                }
            }

            if (context.IsJson)
            {
                context.Console.Json(JsonSerializer.Serialize(new { models, built }, JobJson.Options));
            }
            else if (models.Count == 0)
            {
                context.Console.Line($"There are no vectors yet. `lexyhub run {JobCatalog.EmbedMissing}` makes them.");
            }

            return ExitCode.Done;
        });
        return command;
    }
}
