using LexyHub.Core.Data;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Trends;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Tests.Trends;

[Collection(NativePostgresCollection.Name)]
public sealed class DatabaseRefreshTokenStoreTests(NativePostgres postgres)
{
    [Fact]
    public async Task SaveAsync_Replacement_LastsAndIsReadOnlyWithTheConfiguredToken()
    {
        await using var host = await JobHost.Create(await postgres.CreateDatabaseAsync()).MigrateAsync();
        var store = new DatabaseRefreshTokenStore(host.Services.GetRequiredService<LexyHubDatabase>());

        Assert.Null(await store.ReadAsync("pinterest", "configured-token", CancellationToken.None));
        await store.SaveAsync("pinterest", "configured-token", "first-replacement", CancellationToken.None);
        await store.SaveAsync("pinterest", "configured-token", "second-replacement", CancellationToken.None);

        Assert.Equal("second-replacement", await store.ReadAsync("pinterest", "configured-token", CancellationToken.None));
        Assert.Null(await store.ReadAsync("pinterest", "another-token", CancellationToken.None));
        Assert.Null(await store.ReadAsync("reddit", "configured-token", CancellationToken.None));
        var row = await host.QueryAsync<string>("select string_agg(encode(configured, 'escape') || encode(ciphertext, 'escape'), '') from lexyhub_jobs.refresh_tokens");
        Assert.DoesNotContain("replacement", row, StringComparison.Ordinal);
        Assert.DoesNotContain("configured-token", row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_RowTamperedWith_FallsBackToTheConfiguredToken()
    {
        await using var host = await JobHost.Create(await postgres.CreateDatabaseAsync()).MigrateAsync();
        var store = new DatabaseRefreshTokenStore(host.Services.GetRequiredService<LexyHubDatabase>());
        await store.SaveAsync("pinterest", "configured-token", "replacement", CancellationToken.None);

        await host.ExecuteAsync("update lexyhub_jobs.refresh_tokens set ciphertext = set_byte(ciphertext, 30, get_byte(ciphertext, 30) # 1)");
        Assert.Null(await store.ReadAsync("pinterest", "configured-token", CancellationToken.None));

        await host.ExecuteAsync("update lexyhub_jobs.refresh_tokens set ciphertext = 'short'");
        Assert.Null(await store.ReadAsync("pinterest", "configured-token", CancellationToken.None));
    }
}
