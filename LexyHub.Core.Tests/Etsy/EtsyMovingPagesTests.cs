using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Etsy;

/// <summary>A shop that changes while it is read.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class EtsyMovingPagesTests(NativePostgres postgres)
{
    [Fact]
    public async Task RunAsync_ListingsGoAwayBetweenPages_MissesNoneOfTheOthers()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 450);
        host.Etsy.OnPage = (_, _, number) =>
        {
            // 150 go from what was read already, so that what follows moves up by more than a page.
            if (number == 2)
            {
                host.Etsy.Shops[1].RemoveRange(10, 150);
            }

            return Task.FromResult(false);
        };

        var answer = await host.RunAsync();

        Assert.Equal(("succeeded", 450L), (answer.Status, EtsySyncJobTests.Count(answer, "processed")));
        host.Etsy.OnPage = null;
        Assert.Equal(150, EtsySyncJobTests.Count(await host.RunAsync("full"), "inactivated"));
        Assert.Equal(host.Etsy.Shops[1].Select(listing => listing.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)), await host.RowsAsync("select external_listing_id from listings where status = 'active' order by external_listing_id"));
        Assert.Equal(["150"], await host.RowsAsync("select count(*) from listings where status = 'inactive'"));
    }

    [Fact]
    public async Task RunAsync_ListingsComeBetweenPages_MissesNoneAndTheNextRunTakesThem()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 350);
        host.Etsy.OnPage = (_, _, number) =>
        {
            if (number == 1)
            {
                host.Etsy.AddShop(2, 130);
                host.Etsy.Shops[1].InsertRange(0, host.Etsy.Shops[2].Select(listing => listing with { Updated = Now() }));
            }

            return Task.FromResult(false);
        };

        await host.RunAsync();
        host.Etsy.OnPage = null;
        await host.RunAsync("incremental");

        Assert.Equal(["480"], await host.RowsAsync("select count(*) from listings where status = 'active'"));
    }

    [Fact]
    public async Task RunAsync_ListingChangesItsStateUnseen_IsNotTakenToBeGone()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 5);
        EtsySyncJobTests.Change(host, 1, 3, listing => listing with { State = "draft" });
        EtsySyncJobTests.Change(host, 1, 4, listing => listing with { State = "draft" });
        await host.RunAsync();
        var pages = host.Etsy.Pages.Count();
        host.Etsy.OnPage = (_, request, number) =>
        {
            // Published after the active ones were read and before the drafts are; another one is deleted.
            if (number == pages + 2)
            {
                EtsySyncJobTests.Change(host, 1, 3, listing => listing with { State = "active", Updated = Now() });
                host.Etsy.Shops[1].RemoveAt(4);
            }

            return Task.FromResult(false);
        };

        var answer = await host.RunAsync("full");

        Assert.Equal(1, EtsySyncJobTests.Count(answer, "inactivated"));
        Assert.Equal(["100001 active", "100002 active", "100003 active", "100004 active", "100005 inactive"], await host.RowsAsync("select external_listing_id || ' ' || status from listings order by 1"));
    }

    [Fact]
    public async Task RunAsync_EtsyListsFewerThanItCounts_TakesNoneToBeGone()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        var account = await host.ConnectAsync(1, listings: 150);
        await host.Host.ExecuteAsync($"insert into listings (marketplace_account_id, external_listing_id, title) values ('{account}', '5', 'gone')");
        host.Etsy.Hidden = 3;

        var answer = await host.RunAsync();

        Assert.Equal(("succeeded", 0L), (answer.Status, EtsySyncJobTests.Count(answer, "inactivated")));
        Assert.Contains("fewer than it counts", (string?)answer.Body["accounts"]![0]!["message"], StringComparison.Ordinal);
        host.Etsy.Hidden = 0;
        Assert.Equal(1, EtsySyncJobTests.Count(await host.RunAsync("full"), "inactivated"));
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
}
