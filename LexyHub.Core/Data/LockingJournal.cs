using System.Data;
using DbUp.Engine.Output;
using DbUp.Engine.Transactions;
using DbUp.Postgresql;

namespace LexyHub.Core.Data;

/// <summary>
/// DbUp's journal, which takes the migrations' lock before it is first read. Lock, journal and scripts share one
/// transaction, so that of two processes one migrates and the other finds it done, through a pooler too.
/// </summary>
internal sealed class LockingJournal(Func<IConnectionManager> connectionManager, Func<IUpgradeLog> log)
    : PostgresqlTableJournal(connectionManager, log, Schema, Table)
{
    public const string Schema = "lexyhub_jobs";
    public const string Table = "schema_versions";

    // The key is an arbitrary constant of ours: the ASCII codes of "lexy".
    private const string LockSql = "select pg_advisory_xact_lock(1818589305)";

    // Of two processes the second waits as long as the first's longest script may run.
    private const int LockTimeoutSeconds = 3_600;

    // "create schema if not exists" asks for the right to create one even where it exists. What Supabase's default
    // privileges may give its browser roles is taken away by lock_down() before anybody else sees the schema.
    private const string CreateSchemaSql = $"""
        do $do$
        begin
            if to_regnamespace('{Schema}') is null then
                create schema {Schema};
            end if;
        end
        $do$
        """;

    private bool locked;

    protected override bool DoesTableExist(Func<IDbCommand> dbCommandFactory)
    {
        if (!locked)
        {
            Execute(dbCommandFactory, LockSql, LockTimeoutSeconds);
            locked = true;
        }

        return base.DoesTableExist(dbCommandFactory);
    }

    public override void EnsureTableExistsAndIsLatestVersion(Func<IDbCommand> dbCommandFactory)
    {
        Execute(dbCommandFactory, CreateSchemaSql);
        base.EnsureTableExistsAndIsLatestVersion(dbCommandFactory);
    }

    private static void Execute(Func<IDbCommand> dbCommandFactory, string sql, int? timeoutSeconds = null)
    {
        using var command = dbCommandFactory();
        command.CommandText = sql;
        command.CommandTimeout = timeoutSeconds ?? command.CommandTimeout;
        command.ExecuteNonQuery();
    }
}
