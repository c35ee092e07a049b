using Npgsql;

namespace LexyHub.Core.Tests.Infrastructure;

[Collection(NativePostgresCollection.Name)]
public sealed class NativePostgresTests(NativePostgres postgres)
{
    [Fact]
    public async Task CreateDatabaseAsync_Twice_GivesTwoEmptyDatabases()
    {
        var first = await postgres.CreateDatabaseAsync();
        var second = await postgres.CreateDatabaseAsync();
        await TestDatabase.ExecuteAsync(first, "create table only_here (a int)");

        Assert.Equal(1L, await ScalarAsync(first, "select count(*) from pg_tables where schemaname = 'public'"));
        Assert.Equal(0L, await ScalarAsync(second, "select count(*) from pg_tables where schemaname = 'public'"));
    }

    [Fact]
    public async Task PgBouncer_TransactionMode_SharesOneServerConnection()
    {
        await using var bouncer = await PgBouncerProcess.StartAsync(await postgres.CreateDatabaseAsync(), poolSize: 1);
        await using var one = await OpenAsync(bouncer.ConnectionString);
        await using var two = await OpenAsync(bouncer.ConnectionString);

        Assert.Equal(
            await ScalarAsync(one, "select pg_backend_pid()"), await ScalarAsync(two, "select pg_backend_pid()"));
    }

    [Fact]
    public async Task NativeCluster_StoppedAndStartedAgain_KeepsWhatWasCommitted()
    {
        await using var cluster = await NativeCluster.StartAsync();
        var database = await cluster.CreateDatabaseAsync();
        await TestDatabase.ExecuteAsync(database, "create table t as select 1 as a");

        await cluster.StopAsync();
        await Assert.ThrowsAsync<NpgsqlException>(() => TestDatabase.ExecuteAsync(database, "select 1"));
        await cluster.StartAgainAsync();

        Assert.Equal(1, await ScalarAsync(database, "select a from t"));
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection($"{connectionString};Pooling=false;No Reset On Close=true");
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = await OpenAsync(connectionString);
        return await ScalarAsync(connection, sql);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}

[Collection(VectorPostgresCollection.Name)]
public sealed class VectorPostgresTests(VectorPostgres postgres)
{
    [Fact]
    public async Task CreateDatabaseAsync_AfterUse_IsEmptyAndTakesTheExtension()
    {
        const string use = "create extension vector; create schema s; create table s.t (v vector(3)); create table p (v vector(3))";

        await TestDatabase.ExecuteAsync(await postgres.CreateDatabaseAsync(), use);
        await TestDatabase.ExecuteAsync(await postgres.CreateDatabaseAsync(), use);
    }
}
