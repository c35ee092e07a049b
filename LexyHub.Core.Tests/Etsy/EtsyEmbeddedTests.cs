using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Etsy;

/// <summary>On the embedded PostgreSQL, whose one session all connections share: several shops at once must not wait for each other for ever.</summary>
[Collection(VectorPostgresCollection.Name)]
public sealed class EtsyEmbeddedTests(VectorPostgres postgres)
{
    [Fact]
    public async Task RunAsync_SeveralShopsAtOnce_ComeToTheirEnd()
    {
        await using var host = await EtsyHost.CreateAsync(await postgres.CreateDatabaseAsync());
        for (var shop = 1; shop <= 4; shop++)
        {
            await host.ConnectAsync(shop, listings: 150, minutes: 1);
        }

        var answer = await host.RunAsync();

        Assert.Equal(("succeeded", 600L), (answer.Status, EtsySyncJobTests.Count(answer, "upserted")));
        Assert.Equal(4, host.Etsy.TokenCalls.Count());
    }
}
