namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>
/// A native PostgreSQL without pgvector for tests that make roles, which belong to a whole server. Roles: Supabase's
/// <c>anon</c> and <c>authenticated</c>; <c>jobs</c>, who may log in, owns nothing and is not held by row-level security;
/// <c>guarded</c>, who must give <see cref="Password"/>; <c>narrow</c>, who is allowed no connection.
/// </summary>
public sealed class RightsCluster : IAsyncLifetime
{
    /// <summary>Holds what a connection string and a URI must quote.</summary>
    public const string Password = "S3cret;p@ss'w%rd";

    private const string RolesSql = """
        create role anon nologin;
        create role authenticated nologin;
        create role jobs login bypassrls;
        create role narrow login connection limit 0;
        set password_encryption = 'scram-sha-256';
        create role guarded login password 'S3cret;p@ss''w%rd';
        """;

    // Only this role is asked for a password. The server writes its own file, read first: copy empties it at once.
    private const string AskForPasswordSql = """
        do $do$
        declare
            rules text := 'host all guarded 127.0.0.1/32 scram-sha-256' || E'\n' || pg_read_file(current_setting('hba_file'));
        begin
            execute format(
                'copy (select * from regexp_split_to_table(%L, E''\n'')) to %L', rules, current_setting('hba_file'));
            perform pg_reload_conf();
        end
        $do$
        """;

    private NativeCluster? cluster;

    public NativeCluster Cluster => cluster!;

    /// <returns>A superuser's connection string of a new database with what Supabase grants its browser roles, and more.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var database = await Cluster.CreateDatabaseAsync();
        await Sql.ExecuteAsync(database, """
            grant usage on schema public to anon, authenticated;
            alter default privileges in schema public grant all on tables to anon, authenticated;
            alter default privileges in schema public grant all on sequences to anon, authenticated;
            alter default privileges in schema public grant all on functions to anon, authenticated;
            alter default privileges grant all on schemas to anon, authenticated;
            alter default privileges grant all on tables to anon, authenticated;
            alter default privileges grant all on sequences to anon, authenticated;
            alter default privileges grant all on functions to anon, authenticated;
            """);
        return database;
    }

    /// <returns>The same database as another role; with a password where one is given.</returns>
    public static string As(string connectionString, string role, string? password = null) =>
        new Npgsql.NpgsqlConnectionStringBuilder(connectionString) { Username = role, Password = password }.ConnectionString;

    public async Task InitializeAsync()
    {
        cluster = await NativeCluster.StartAsync();
        await Sql.ExecuteAsync(cluster.ConnectionString, RolesSql);
        await Sql.ExecuteAsync(cluster.ConnectionString, AskForPasswordSql);
    }

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}

/// <summary>The tests of this collection run one after the other on one <see cref="RightsCluster"/>.</summary>
[CollectionDefinition(Name)]
public sealed class RightsClusterCollection : ICollectionFixture<RightsCluster>
{
    public const string Name = "roles and rights";
}
