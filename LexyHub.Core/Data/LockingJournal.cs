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

    // PUBLIC holds no right on a new schema; Supabase's default privileges may give some to its browser roles.
    private const string CreateSchemaSql = $"""
        create schema if not exists {Schema};
        revoke all on schema {Schema} from public;
        """;

    private bool locked;

    protected override bool DoesTableExist(Func<IDbCommand> dbCommandFactory)
    {
        if (!locked)
        {
            Execute(dbCommandFactory, LockSql);
            locked = true;
        }

        return base.DoesTableExist(dbCommandFactory);
    }

    public override void EnsureTableExistsAndIsLatestVersion(Func<IDbCommand> dbCommandFactory)
    {
        Execute(dbCommandFactory, CreateSchemaSql);
        base.EnsureTableExistsAndIsLatestVersion(dbCommandFactory);
    }

    private static void Execute(Func<IDbCommand> dbCommandFactory, string sql)
    {
        using var command = dbCommandFactory();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
