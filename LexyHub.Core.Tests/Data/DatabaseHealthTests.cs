using System.Net;
using System.Net.Sockets;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace LexyHub.Core.Tests.Data;

[Collection(NativePostgresCollection.Name)]
public sealed class DatabaseHealthTests(NativePostgres postgres)
{
    [Fact]
    public async Task IsHealthyAsync_MigratedOrNot_SaysSo()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var host = new CoreHost(database);

        Assert.False(await host.Health.IsHealthyAsync(CancellationToken.None));
        await host.MigrateCoreAsync();
        Assert.True(await host.Health.IsHealthyAsync(CancellationToken.None));
        await Sql.ExecuteAsync(
            database, "delete from lexyhub_jobs.schema_versions where schemaversionsid = (select max(schemaversionsid) from lexyhub_jobs.schema_versions)");
        Assert.False(await host.Health.IsHealthyAsync(CancellationToken.None));
    }

    [Fact]
    public async Task IsHealthyAsync_NotConfigured_IsFalse()
    {
        await using var host = new CoreHost(null);

        Assert.False(await host.Health.IsHealthyAsync(CancellationToken.None));
    }

    [Fact]
    public async Task IsHealthyAsync_ServerThatFallsSilent_IsFalseAfterItsOwnSecond()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var proxy = SilentProxy.Before(database);
        var time = new FakeTimeProvider();
        await using var host = new CoreHost(proxy.ConnectionString, null, time);
        await host.MigrateCoreAsync();
        Assert.True(await host.Health.IsHealthyAsync(CancellationToken.None));
        proxy.FallSilent();

        var asked = host.Health.IsHealthyAsync(CancellationToken.None);
        await proxy.Swallowed.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(asked.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await asked.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task IsHealthyAsync_ServerThatNeverAnswers_IsFalseAfterItsOwnSecond()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var time = new FakeTimeProvider();
        await using var host = new CoreHost(
            $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Username=u;Database=d;Timeout=0", null, time);

        var asked = host.Health.IsHealthyAsync(CancellationToken.None);
        using var accepted = await silent.AcceptSocketAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(asked.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await asked.WaitAsync(TimeSpan.FromSeconds(60)));
    }
}
