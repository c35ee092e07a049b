using LexyHub.Core.Tests.Cli;
using LexyHub.Core.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace LexyHub.Core.Tests.Dashboard;

/// <summary>The page over a database in which no job has ever run, and which lacks pgvector.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class DashboardEmptyTests(NativePostgres postgres)
{
    [Fact]
    public async Task Overview_NothingHasRun_SaysInEachPartWhatIsMissing()
    {
        Directory.CreateDirectory(Browser.Screenshots);
        await using var served = await (await new CliHarness(await postgres.CreateDatabaseAsync()).MigrateAsync()).ServeAsync("--no-timers");
        await using var tab = await Browser.OpenAsync(served.Url);

        await tab.SignInAsync();
        await tab.ShowAllAsync();

        await Expect(tab.Page.Locator(".summary")).ToContainTextAsync("Nothing needs a look.");
        await Expect(tab.Page.Locator(".card").First).ToHaveAttributeAsync("data-state", "idle");
        await Expect(tab.Page.Locator("#trends .empty")).ToContainTextAsync("No term has a trend yet.");
        await Expect(tab.Page.Locator("#intents .empty")).ToContainTextAsync("Nothing is classified yet.");
        await Expect(tab.Page.Locator("#clusters .empty")).ToContainTextAsync("There are no clusters yet.");
        await Expect(tab.Page.Locator("#coverage .empty")).ToContainTextAsync("pgvector");
        await Expect(tab.Page.Locator("#usage .empty")).ToContainTextAsync("No model was called");
        await tab.CheckAccessibilityAsync();
        await tab.ShootAsync("empty");
    }
}
