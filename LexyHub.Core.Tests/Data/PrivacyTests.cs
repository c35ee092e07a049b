using LexyHub.Core.Tests.Infrastructure;
using Npgsql;

namespace LexyHub.Core.Tests.Data;

/// <summary>What Supabase's browser roles can do to our tables: nothing. Objects come from the catalogue, so that those of
/// later migrations are tried too.</summary>
[Collection(RightsClusterCollection.Name)]
public sealed class PrivacyTests(RightsCluster cluster)
{
    private const string FirstColumn = """
        (select quote_ident(a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum limit 1)
        """;

    // Statements that read or change each table, sequence and function of the schema.
    private const string AttemptsSql = $"""
        select replace(attempt, '#', name) from (
            select c.oid::regclass::text as name, unnest(array[
                'select * from #', 'insert into # default values', 'update # set ' || {FirstColumn} || ' = ' || {FirstColumn},
                'delete from #', 'truncate #', 'lock table # in access exclusive mode', 'drop table #']) as attempt
            from pg_class c where c.relnamespace = '%schema%'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
            union all
            select c.oid::regclass::text, unnest(array['select nextval(''#'')', 'select setval(''#'', 1)', 'select * from #'])
            from pg_class c where c.relnamespace = '%schema%'::regnamespace and c.relkind = 'S'
            union all
            select p.oid::regproc::text, 'select #(' || (select string_agg('null', ', ') from generate_series(1, p.pronargs)) || ')'
            from pg_proc p where p.pronamespace = '%schema%'::regnamespace and p.pronargs > 0
            union all
            select p.oid::regproc::text, 'select #()' from pg_proc p where p.pronamespace = '%schema%'::regnamespace and p.pronargs = 0
        ) as attempts
        """;

    [Theory]
    [InlineData("anon")]
    [InlineData("authenticated")]
    public async Task JobsSchema_BrowserRole_IsRefusedEverything(string role)
    {
        var database = await MigrateAsync();
        var attempts = await Sql.RowsAsync(database, AttemptsSql.Replace("%schema%", "lexyhub_jobs", StringComparison.Ordinal));
        Assert.True(attempts.Count > 50, $"Only {attempts.Count} statements to try.");

        foreach (var attempt in attempts)
            Assert.True(await TryAsync(database, role, attempt) == PostgresErrorCodes.InsufficientPrivilege, attempt);
    }

    [Theory]
    [InlineData("anon")]
    [InlineData("authenticated")]
    [InlineData("public")]
    public async Task JobsSchema_BrowserRole_HoldsNoRightOnAnyObject(string role)
    {
        var database = await MigrateAsync();

        // Even were the schema opened by mistake, each object is closed by itself.
        Assert.Equal([], await Sql.RowsAsync(database, $"""
            select oid::regclass::text from pg_class where relnamespace = 'lexyhub_jobs'::regnamespace and case when relkind in ('r', 'p', 'v', 'm')
                then has_table_privilege('{role}', oid, 'select, insert, update, delete, truncate, references, trigger') end
            union all
            select oid::regclass::text from pg_class where relnamespace = 'lexyhub_jobs'::regnamespace and case when relkind = 'S'
                then has_sequence_privilege('{role}', oid, 'usage, select, update') end
            union all
            select oid::regprocedure::text from pg_proc where pronamespace = 'lexyhub_jobs'::regnamespace
                and has_function_privilege('{role}', oid, 'execute')
            union all
            select nspname from pg_namespace where nspname = 'lexyhub_jobs' and has_schema_privilege('{role}', oid, 'usage, create')
            """));
    }

    [Fact]
    public async Task JobsSchema_AllTables_HaveRowLevelSecurityAndNoPolicy()
    {
        var database = await MigrateAsync();

        Assert.Equal([], await Sql.RowsAsync(
            database, "select relname from pg_class where relnamespace = 'lexyhub_jobs'::regnamespace and relkind in ('r', 'p') and not relrowsecurity"));
        Assert.Equal([], await Sql.RowsAsync(database, "select policyname from pg_policies where schemaname = 'lexyhub_jobs'"));
    }

    [Theory]
    [InlineData("anon")]
    [InlineData("authenticated")]
    public async Task PublicTablesMadeByUs_BrowserRole_SeesNoRowAndWritesNone(string role)
    {
        var database = await MigrateAsync();
        await Sql.ExecuteAsync(database, "insert into keywords (term) values ('gold hoops');" + LexyHubSchemas.Rows);
        var before = await PublicSnapshot.TakeAsync(database);
        var tables = await Sql.RowsAsync(database, "select tablename from pg_tables where schemaname = 'public'");
        Assert.NotEmpty(tables);

        foreach (var table in tables)
        {
            Assert.NotEqual("0", await Sql.ValueAsync(database, $"select count(*) from {table}"));
            var seen = await TryAsync(database, role, $"do $$ begin if exists (select from {table}) then raise exception 'seen'; end if; end $$");
            Assert.True(seen is null or PostgresErrorCodes.InsufficientPrivilege, $"{role} reads {table}: {seen}");
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await TryAsync(database, role, $"insert into {table} default values"));
        }

        foreach (var attempt in await Sql.RowsAsync(database, AttemptsSql.Replace("%schema%", "public", StringComparison.Ordinal)))
            await TryAsync(database, role, attempt);
        Assert.Equal(before.Rows, (await PublicSnapshot.TakeAsync(database)).Rows);
    }

    [Fact]
    public async Task KeywordTriggers_RoleWithoutRightsOnOurSchema_WritesKeywordsAsBefore()
    {
        var database = await MigrateAsync();
        await Sql.ExecuteAsync(database, "grant select, insert, update, delete on keywords to jobs");
        var asRole = RightsCluster.As(database, "jobs");

        await Sql.ExecuteAsync(asRole, "insert into keywords (term) values ('one'), ('two')");
        await Sql.ExecuteAsync(database, "update lexyhub_jobs.keyword_terms set term = 'done'");
        await Sql.ExecuteAsync(asRole, "update keywords set term = 'three' where term = 'two'");
        await Sql.ExecuteAsync(asRole, "delete from keywords where term = 'one'");

        Assert.Equal([""], await Sql.RowsAsync(database, "select term from lexyhub_jobs.keyword_terms"));
    }

    private async Task<string> MigrateAsync()
    {
        var database = await cluster.CreateDatabaseAsync();
        await using var host = new CoreHost(database);
        await host.MigrateCoreAsync();
        return database;
    }

    /// <returns>The SQLSTATE, or null where the statement was let through.</returns>
    private static async Task<string?> TryAsync(string database, string role, string statement)
    {
        try
        {
            await Sql.ExecuteAsync(database, $"set role {role}; {statement}");
            return null;
        }
        catch (PostgresException e)
        {
            return e.SqlState;
        }
    }
}
