using System.Reflection;
using DbUp.Engine;
using DbUp.Postgresql;
using DbUp.ScriptProviders;
using Npgsql;

namespace LexyHub.Core.Data;

/// <summary>Applies the migrations: additive, each set in one transaction, one process at a time.</summary>
public sealed class Migrator(LexyHubDatabase database)
{
    // Statements of a migration may take long on a large database; a run of a job never waits for one.
    private const int CommandTimeoutSeconds = 600;

    private static readonly Assembly ScriptAssembly = typeof(Migrator).Assembly;

    /// <summary>Applies what is pending: <see cref="MigrationSet.Core"/> first, then the others asked for.</summary>
    /// <param name="sets">Sets to apply; both where none is named.</param>
    /// <param name="cancellationToken">Heeded between sets: a set is applied whole.</param>
    /// <returns>The scripts applied now; empty where the schema was up to date.</returns>
    /// <exception cref="DatabaseException">The database is unreachable, lacks pgvector, or refuses a right.</exception>
    public async Task<MigrationReport> ApplyAsync(IReadOnlyCollection<MigrationSet> sets, CancellationToken cancellationToken)
    {
        var applied = new List<string>();
        foreach (var set in Order(sets))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await using (await database.OpenAsync(cancellationToken))
            {
                // Opened once before, so that an unreachable database is told apart from a failing script.
            }

            // DbUp has no asynchronous interface.
            var result = await Task.Run(() => Engine(set).PerformUpgrade(), cancellationToken);
            if (!result.Successful)
            {
                throw DatabaseErrors.Explain(result.Error, database.DataSource) ?? result.Error;
            }

            applied.AddRange(result.Scripts.Select(script => script.Name));
        }

        if (applied.Count > 0)
        {
            // The pool's connections learnt the types before the extension was there.
            await using var connection = await database.OpenAsync(cancellationToken);
            await connection.ReloadTypesAsync(cancellationToken);
            database.DataSource.Clear();
        }

        var triggers = Order(sets).Contains(MigrationSet.Core) ? await MakeDeniedTriggersAsync(cancellationToken) : [];
        return new MigrationReport(applied, [])
        {
            TriggersMade = [.. triggers.Where(trigger => trigger.Made).Select(trigger => trigger.Target)],
            TriggersDenied = [.. triggers.Where(trigger => !trigger.Made).Select(trigger => trigger.Target)],
        };
    }

    /// <summary>What is applied and what is pending; changes nothing.</summary>
    /// <exception cref="DatabaseException">The database is unreachable or refuses a right.</exception>
    public async Task<MigrationReport> GetStatusAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        try
        {
            var applied = await ReadJournalAsync(connection, cancellationToken);
            return new MigrationReport(applied, [.. ScriptNames().Except(applied)]);
        }
        catch (NpgsqlException e) when (DatabaseErrors.Explain(e, database.DataSource) is { } explained)
        {
            throw explained;
        }
    }

    private const string JournalExistsSql = $"select to_regclass('{LockingJournal.Schema}.{LockingJournal.Table}') is not null";

    private const string JournalSql = $"select scriptname from {LockingJournal.Schema}.{LockingJournal.Table} order by schemaversionsid";

    private const string MakeDeniedTriggersSql = "select target, made from lexyhub_jobs.make_denied_triggers()";

    // The right may have been granted since the migration asked for it.
    private async Task<List<(string Target, bool Made)>> MakeDeniedTriggersAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(MakeDeniedTriggersSql, connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var triggers = new List<(string, bool)>();
            while (await reader.ReadAsync(cancellationToken))
            {
                triggers.Add((reader.GetString(0), reader.GetBoolean(1)));
            }

            return triggers;
        }
        catch (NpgsqlException e) when (DatabaseErrors.Explain(e, database.DataSource) is { } explained)
        {
            throw explained;
        }
    }

    private static async Task<IReadOnlyList<string>> ReadJournalAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using (var exists = new NpgsqlCommand(JournalExistsSql, connection))
        {
            if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return [];
            }
        }

        await using var command = new NpgsqlCommand(JournalSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var names = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    /// <summary>All scripts in the order in which they are applied, as <c>Core/0001_name.sql</c>.</summary>
    public static IReadOnlyList<string> ScriptNames()
        => [.. Order([]).SelectMany(set => ScriptAssembly.GetManifestResourceNames().Where(name => IsOf(set, name)).Order(StringComparer.Ordinal))];

    private static IEnumerable<MigrationSet> Order(IReadOnlyCollection<MigrationSet> sets)
        => sets.Count == 0 ? Enum.GetValues<MigrationSet>() : sets.Distinct().Order();

    private static bool IsOf(MigrationSet set, string name)
        => name.StartsWith($"{set}/", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal);

    private UpgradeEngine Engine(MigrationSet set)
    {
        // Without a schema's name DbUp leaves the making of the schema to the journal, which does it under the lock.
        var engine = PostgresqlExtensions.PostgresqlDatabase(new PostgresqlConnectionManager(database.DataSource))
            .WithScripts(new EmbeddedScriptProvider(ScriptAssembly, name => IsOf(set, name)))
            .WithVariablesDisabled()
            .WithTransaction()
            .WithExecutionTimeout(TimeSpan.FromSeconds(CommandTimeoutSeconds))
            .LogToNowhere();
        engine.Configure(c => c.Journal = new LockingJournal(() => c.ConnectionManager, () => c.Log));
        return engine.Build();
    }
}
