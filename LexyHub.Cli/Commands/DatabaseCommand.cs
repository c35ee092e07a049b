using System.CommandLine;
using System.Text.Json;
using LexyHub.Cli.Hosting;
using LexyHub.Core.Jobs;
using Npgsql;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub database</c>: the embedded PostgreSQL alone.</summary>
internal static class DatabaseCommand
{
    // As in local.settings.sample.json.
    private const int DefaultPort = 54329;

    public static Command Create(CliEnvironment environment, GlobalOptions globals)
    {
        var port = new Option<int>("--port") { Description = "On 127.0.0.1; 0 takes any free one.", HelpName = "port", DefaultValueFactory = _ => DefaultPort };
        port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 65535)
            {
                result.AddError("--port must be 0 to 65535.");
            }
        });
        var command = new CliCommand(
            "database",
            "Runs the embedded PostgreSQL in the foreground, migrated, until Ctrl-C: for `func start`, psql and other programs on this machine. "
            + "It asks for no password, and listens on loopback only.",
            "lexyhub database",
            "lexyhub database --port 5433 --data-dir ./scratch",
            $"psql postgresql://postgres@127.0.0.1:{DefaultPort}/postgres")
        {
            port,
        };
        command.Handle(environment, globals, (context, result, cancellationToken) =>
            RunAsync(context with { Database = null, ReadsSettings = false }, result.GetValue(port), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, int port, CancellationToken stopping)
    {
        await using var session = await DatabaseSession.StartEmbeddedAsync(
            context, request => request with { Port = port, Password = "", MayJoin = false }, stopping);
        await using (var services = CliServices.Build(context, session))
        {
            await services.MigrateAsync(context, stopping);
        }

        var connection = new NpgsqlConnectionStringBuilder(session.ConnectionString);
        var npgsql = $"Host={connection.Host};Port={connection.Port};Database={connection.Database};Username={connection.Username};SSL Mode=Disable";
        var uri = $"postgresql://{connection.Username}@{connection.Host}:{connection.Port}/{connection.Database}?sslmode=disable";
        if (context.IsJson)
        {
            context.Console.Json(JsonSerializer.Serialize(new { npgsql, uri, dataDirectory = context.DataDirectory }, JobJson.Options));
        }
        else
        {
            context.Console.Line($"PostgreSQL {connection.Host}:{connection.Port}, data in {context.DataDirectory}. Ctrl-C stops it.");
            context.Console.Line($"  ConnectionStrings__LexyHub={npgsql}");
            context.Console.Line($"  SUPABASE_DB_URL={uri}");
            context.Console.Line($"  psql '{uri}'");
        }

        await stopping.WaitAsync();
        context.Console.Note("Stopped.");
        return ExitCode.Done;
    }
}
