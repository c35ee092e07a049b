using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Npgsql;

namespace LexyHub.Core.Tests.Data;

/// <summary>Each failure as it really comes from the server or the driver.</summary>
[Collection(RightsClusterCollection.Name)]
public sealed class DatabaseErrorsTests(RightsCluster cluster)
{
    private const string WrongPassword = "Wr0ng;p@ss'w%rd";

    [Fact]
    public async Task OpenAsync_RightPasswordAsUriAndAsKeywords_Opens()
    {
        var database = await cluster.CreateDatabaseAsync();
        var keywords = RightsCluster.As(database, "guarded", RightsCluster.Password);
        var uri = $"postgresql://guarded:{Uri.EscapeDataString(RightsCluster.Password)}@127.0.0.1:{cluster.Cluster.Port}/postgres?sslmode=disable";

        foreach (var connectionString in (string[])[keywords, uri])
        {
            await using var host = new CoreHost(connectionString);
            await using var connection = await host.Database.OpenAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task OpenAsync_WrongPassword_IsALoginRefused()
    {
        var problem = await OpenAsync(RightsCluster.As(cluster.Cluster.ConnectionString, "guarded", WrongPassword));

        AssertIs(problem, "database-login-refused", 502, "password");
        Assert.DoesNotContain(WrongPassword, problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_PasswordMissing_IsALoginRefused() =>
        AssertIs(await OpenAsync(RightsCluster.As(cluster.Cluster.ConnectionString, "guarded")), "database-login-refused", 502, "asks for a password");

    [Fact]
    public async Task OpenAsync_UnknownRole_IsALoginRefused() =>
        AssertIs(await OpenAsync(RightsCluster.As(cluster.Cluster.ConnectionString, "nobody_here")), "database-login-refused", 502, "nobody_here");

    [Fact]
    public async Task OpenAsync_UnknownDatabase_IsMissing()
    {
        var elsewhere = new NpgsqlConnectionStringBuilder(cluster.Cluster.ConnectionString) { Database = "nowhere" }.ConnectionString;

        AssertIs(await OpenAsync(elsewhere), "database-missing", 502, "nowhere");
    }

    [Fact]
    public async Task OpenAsync_ThroughThePoolerToAnUnknownDatabase_IsMissing()
    {
        await using var pooler = await PgBouncerProcess.StartAsync(cluster.Cluster.ConnectionString);
        var elsewhere = new NpgsqlConnectionStringBuilder(pooler.ConnectionString) { Database = "nowhere" }.ConnectionString;

        AssertIs(await OpenAsync(elsewhere), "database-missing", 502, "nowhere");
    }

    [Fact]
    public async Task OpenAsync_NobodyListens_IsUnreachable()
    {
        var problem = await OpenAsync($"Host=127.0.0.1;Port={ChildProcess.FreePort()};Username=u;Password={WrongPassword.Replace(";", "", StringComparison.Ordinal)};Database=db");

        AssertIs(problem, "database-unreachable", 503, "127.0.0.1");
        Assert.Contains("ConnectionRefused", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("p@ss", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_HostUnknown_IsUnreachable() =>
        AssertIs(await OpenAsync("Host=no-such-host.invalid;Username=u;Password=p;Database=db"), "database-unreachable", 503, "no-such-host.invalid");

    [Fact]
    public async Task OpenAsync_NoMoreConnections_SaysSo() =>
        AssertIs(await OpenAsync(RightsCluster.As(cluster.Cluster.ConnectionString, "narrow")), "database-unreachable", 503, "no connection left");

    [Fact]
    public async Task OpenAsync_OwnPoolExhausted_SaysSo()
    {
        await using var host = new CoreHost($"{cluster.Cluster.ConnectionString};Maximum Pool Size=1;Timeout=1");
        await using var held = await host.Database.OpenAsync(CancellationToken.None);

        var problem = await Assert.ThrowsAsync<DatabaseException>(() => host.Database.OpenAsync(CancellationToken.None));

        AssertIs(problem, "database-unreachable", 503, "Database:MaxPoolSize");
    }

    [Fact]
    public async Task RunAsync_SchemaNotMigrated_SaysHowTo()
    {
        await using var host = new CoreHost(await cluster.CreateDatabaseAsync());

        var answer = await host.RunAsync();

        Assert.Equal((500, "schema-not-migrated"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.Contains("lexyhub migrate", (string?)answer.Body["error"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "grant usage, create on schema lexyhub_jobs")]
    [InlineData("grant usage on schema lexyhub_jobs to jobs", "grant select, insert, update, delete on lexyhub_jobs.job_leases")]
    [InlineData(
        "grant usage on schema lexyhub_jobs to jobs; grant all on all tables in schema lexyhub_jobs to jobs",
        "grant select, insert, update, delete on public.job_runs")]
    public async Task RunAsync_RightMissing_NamesTheObjectAndTheGrant(string granted, string advice)
    {
        var database = await cluster.CreateDatabaseAsync();
        await using var owner = new CoreHost(database);
        await owner.MigrateCoreAsync();
        await Sql.ExecuteAsync(database, $"select 1; {granted}");
        await using var host = new CoreHost(RightsCluster.As(database, "jobs"));

        var answer = await host.RunAsync();

        Assert.Equal((500, "database-right-missing"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.Contains(advice, (string?)answer.Body["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_NotConfigured_SaysWhatToSet()
    {
        await using var host = new CoreHost(null);

        var answer = await host.RunAsync();

        Assert.Equal((500, "database-not-configured"), (answer.StatusCode, (string?)answer.Body["code"]));
    }

    [Theory]
    [InlineData("42501", "new row violates row-level security policy for table \"keywords\"", "database-right-missing", "bypassrls")]
    [InlineData("42501", "permission denied to create extension \"vector\"", "database-right-missing", "superuser")]
    [InlineData("42501", "permission denied for function lock_down", "database-right-missing", "grant execute on function lexyhub_jobs.lock_down")]
    [InlineData("42501", "something new", "database-right-missing", "something new")]
    [InlineData("42704", "type \"vector\" does not exist", "vector-extension-missing", "pgvector 0.7")]
    [InlineData("42704", "type \"halfvec\" does not exist", "vector-extension-missing", "pgvector 0.7")]
    [InlineData("XX000", "Tenant or user not found", "database-login-refused", "postgres.<project>")]
    [InlineData("XX000", "MaxClientsInSessionMode: max clients reached", "database-unreachable", "no connection left")]
    [InlineData("08P01", "no such user: u", "database-login-refused", "no such user")]
    [InlineData("08P01", "no more connections allowed (max_client_conn)", "database-unreachable", "no connection left")]
    [InlineData("57P01", "terminating connection due to administrator command", "database-unreachable", "administrator")]
    [InlineData("22012", "division by zero", "database-error", "22012")]
    public void Explain_StateOfTheServer_NamesTheProblem(string state, string text, string code, string part)
    {
        var problem = DatabaseErrors.Explain(new InvalidOperationException("outer", new PostgresException(text, "ERROR", "ERROR", state)));

        Assert.Equal(code, problem?.Code);
        Assert.Contains(part, problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_NoFailureOfTheDatabase_IsNull()
    {
        Assert.Null(DatabaseErrors.Explain(new InvalidOperationException("x", new TimeoutException())));
        Assert.Null(DatabaseErrors.Explain(new JobException("code", 500, "message")));
    }

    private static async Task<DatabaseException> OpenAsync(string connectionString)
    {
        await using var host = new CoreHost(connectionString);
        return await Assert.ThrowsAsync<DatabaseException>(() => host.Database.OpenAsync(CancellationToken.None));
    }

    private static void AssertIs(DatabaseException problem, string code, int status, string part)
    {
        Assert.Equal((code, status), (problem.Code, problem.StatusCode));
        Assert.Contains(part, problem.Message, StringComparison.Ordinal);
    }
}
