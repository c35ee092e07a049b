using System.Text.RegularExpressions;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Cli;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LexyHub.Core.Tests.Dashboard;

/// <summary>The page in a real browser, against a real server over a real database.</summary>
[Collection(DashboardCollection.Name)]
public sealed partial class DashboardPageTests(DashboardSite site)
{
    [Fact]
    public async Task SignIn_WrongThenRightToken_SaysSoThenEnters()
    {
        await using var tab = await OpenAsync();
        tab.Expect("401");
        await tab.Page.GotoAsync(new Uri(site.Served.Url, "/api/dashboard").ToString());
        var field = tab.Page.GetByLabel("Service token");
        await tab.CheckAccessibilityAsync();
        await tab.ShootAsync("sign-in");

        await field.FillAsync("not-the-token");
        await field.PressAsync("Enter");
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("That token was refused");
        await Expect(field).ToBeFocusedAsync();
        await tab.ShootAsync("wrong-token");
        await field.FillAsync(CliHarness.Token);
        await field.PressAsync("Enter");

        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Jobs", Exact = true })).ToBeVisibleAsync();
        Assert.Equal(CliHarness.Token, await tab.Page.EvaluateAsync<string>("sessionStorage['lexyhub.token']"));
        Assert.Equal(0, await tab.Page.EvaluateAsync<int>("localStorage.length + document.cookie.length"));
        Assert.DoesNotContain(CliHarness.Token, tab.Page.Url, StringComparison.Ordinal);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(field).ToBeFocusedAsync();
        Assert.Equal(0, await tab.Page.EvaluateAsync<int>("sessionStorage.length"));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Overview_FilledDatabase_ShowsEveryPart(ColorScheme scheme)
    {
        await using var tab = await OpenAsync(scheme: scheme);
        await tab.SignInAsync();
        await tab.ShowAllAsync();

        await Expect(tab.Page.Locator(".card")).ToHaveCountAsync(JobCatalog.All.Count);
        await Expect(Card(tab, JobCatalog.TrendAggregation).Locator(".strip a")).ToHaveCountAsync(30);
        await Expect(tab.Page.Locator("#trends tbody tr")).ToHaveCountAsync(12);
        await Expect(tab.Page.Locator("#trends .spark").First).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("#trends .surge").First).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("#intents .bars").First).ToContainTextAsync("transactional");
        await Expect(tab.Page.Locator("#clusters .note")).ToContainTextAsync("5,000 clusters");
        await Expect(tab.Page.Locator("#coverage .legend").First).ToContainTextAsync("596");
        await Expect(tab.Page.Locator("#usage canvas")).ToBeVisibleAsync();
        await tab.CheckAccessibilityAsync();
        await tab.ShootAsync($"overview-{scheme.ToString().ToLowerInvariant()}");
    }

    [Fact]
    public async Task Overview_WhileItLoads_AsksForTheJobsFirstAndForCoverageLast()
    {
        await using var tab = await OpenAsync();
        var asked = new List<string>();
        tab.Page.Request += (_, request) => asked.Add(new Uri(request.Url).AbsolutePath);
        await tab.Page.AddInitScriptAsync($"sessionStorage.setItem('lexyhub.token', '{CliHarness.Token}')");
        var jobs = await HoldAsync("**/api/jobs");
        var usage = await HoldAsync("**/api/insights/usage*");
        await tab.Page.GotoAsync(new Uri(site.Served.Url, "/api/dashboard").ToString());

        await Expect(tab.Page.Locator(".card.waiting")).ToHaveCountAsync(JobCatalog.All.Count);
        await TwoFramesAsync();
        Assert.Equal(["/api/jobs"], asked.Where(path => path.Contains("insights", StringComparison.Ordinal) || path.EndsWith("/jobs", StringComparison.Ordinal)));
        jobs.LetGo();
        await Expect(tab.Page.Locator(".card .strip").First).ToBeVisibleAsync();
        await tab.Page.Locator("#usage").ScrollIntoViewIfNeededAsync();
        await usage.Asked;
        await TwoFramesAsync();
        Assert.DoesNotContain("/api/insights/coverage", asked);
        usage.LetGo();

        await Expect(tab.Page.Locator("#coverage .legend").First).ToContainTextAsync("596");

        Task TwoFramesAsync() => tab.Page.EvaluateAsync("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))");

        async Task<HeldRequest> HoldAsync(string url)
        {
            var held = new HeldRequest();
            await tab.Page.RouteAsync(url, held.HandleAsync);
            return held;
        }
    }

    [Fact]
    public async Task Times_AnyZone_AreTheViewersWithUtcOnHover()
    {
        await using var tab = await OpenAsync();
        await tab.SignInAsync($"#/jobs/{JobCatalog.EmbedMissing}");
        var time = tab.Page.Locator("tbody time").First;
        await time.WaitForAsync();

        var instant = DateTimeOffset.Parse((await time.GetAttributeAsync("datetime"))!, null);

        Assert.Equal($"{instant.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC", await time.GetAttributeAsync("title"));
        Assert.Contains($"{instant.ToOffset(TimeSpan.FromHours(9)):HH:mm:ss}", await time.TextContentAsync(), StringComparison.Ordinal);
        await tab.CheckAccessibilityAsync();
        await tab.ShootAsync("history");
    }

    [Fact]
    public async Task RunNow_Job_ShowsItsProgressThenTheAnswerAsItIs()
    {
        await using var tab = await OpenAsync();
        await tab.SignInAsync();
        var card = Card(tab, JobCatalog.TrendAggregation);

        await card.GetByRole(AriaRole.Button, new() { Name = "Run now" }).ClickAsync();
        await Expect(card).ToHaveAttributeAsync("data-state", "running");
        await Expect(card.Locator(".progress")).ToContainTextAsync("aggregating · 120 done · 240 left");
        await tab.ShootAsync("running", fullPage: false);
        site.Go.Release();

        await Expect(card.Locator(".answer-head")).ToContainTextAsync("Answer 200");
        await Expect(card.Locator(".answer pre")).ToContainTextAsync(AnswerOf360());
        await Expect(card).ToHaveAttributeAsync("data-state", "healthy");
        await tab.CheckAccessibilityAsync();
        await tab.ShootAsync("answered", fullPage: false);

        await card.Locator(".strip a").Last.ClickAsync();
        await Expect(tab.Page.Locator(".bars").First).ToContainTextAsync("aggregating");
        await Expect(tab.Page.GetByLabel("Answer")).ToContainTextAsync("\"keywordsUpdated\": 41");
        await Expect(tab.Page.GetByLabel("Metadata")).ToContainTextAsync("\"trigger\": \"http\"");
        await tab.CheckAccessibilityAsync();
        await tab.ShootAsync("run");
    }

    [Fact]
    public async Task RunNow_JobThatFails_SaysWhy()
    {
        await using var tab = await OpenAsync();
        tab.Expect("502");
        await tab.SignInAsync();
        var card = Card(tab, JobCatalog.EmbedMissing);

        await card.GetByRole(AriaRole.Button, new() { Name = "Run now" }).ClickAsync();

        await Expect(card.Locator(".answer-head")).ToContainTextAsync("Answer 502");
        await Expect(card.Locator(".answer pre")).ToContainTextAsync("\"code\": \"provider-unauthorized\"");
        await Expect(card).ToHaveAttributeAsync("data-state", "failing");
        await Expect(card.Locator(".say")).ToContainTextAsync("set OPENAI_API_KEY");
        await Expect(tab.Page.Locator(".summary")).ToContainTextAsync($"{JobCatalog.EmbedMissing} is failing");
        await tab.ShootAsync("failing", fullPage: false);
    }

    [Fact]
    public async Task ClusterMap_HoverAndClick_ShowsLabelAndMembersThenTheCluster()
    {
        await using var tab = await OpenAsync();
        await tab.SignInAsync();
        await tab.ShowAllAsync();
        var map = tab.Page.Locator(".map-frame");
        await map.ScrollIntoViewIfNeededAsync();
        var box = (await map.BoundingBoxAsync())!;
        var first = (await site.GetAsync("insights/clusters?limit=1"))["clusters"]![0]!;
        var at = ((float)(box.X + 28 + ((double)first["x"]! + 1) / 2 * (box.Width - 58)), (float)(box.Y + 28 + (1 - (double)first["y"]!) / 2 * (box.Height - 58)));

        await tab.Page.Mouse.MoveAsync(at.Item1, at.Item2);

        var tip = tab.Page.Locator(".map-tip");
        await Expect(tip).ToContainTextAsync("keywords · momentum");
        await Expect(tip.Locator(".map-members")).Not.ToBeEmptyAsync();
        var label = await tip.Locator("b").TextContentAsync();
        await tab.ShootAsync("cluster-map", fullPage: false);
        await tab.Page.Mouse.ClickAsync(at.Item1, at.Item2);
        await Expect(tab.Page.Locator("#view-title")).ToHaveTextAsync(label!);
        await Expect(tab.Page.Locator("tbody tr").First).ToBeVisibleAsync();
        await tab.CheckAccessibilityAsync();
        await tab.ShootAsync("cluster");

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "← Clusters" }).ClickAsync();
        await tab.Page.GetByLabel("Find a cluster").FillAsync("Wedding scarf");
        await Expect(tab.Page.Locator(".cluster-list li").First).ToContainTextAsync("wedding scarf");
    }

    [Fact]
    public async Task Keyboard_Alone_ReachesAndDoesEverything()
    {
        await using var tab = await OpenAsync();
        tab.Expect("502");
        await tab.Page.GotoAsync(new Uri(site.Served.Url, "/api/dashboard").ToString());
        await Expect(tab.Page.GetByLabel("Service token")).ToBeFocusedAsync();
        await tab.Page.Keyboard.TypeAsync(CliHarness.Token);
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page.Locator(".card .strip").First).ToBeVisibleAsync();

        await TabToAsync(tab, $"Run now: {JobCatalog.EmbedMissing}");
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(Card(tab, JobCatalog.EmbedMissing).Locator(".answer-head")).ToContainTextAsync("Answer 502");
        await TabToAsync(tab, "Surging");
        await tab.Page.Keyboard.PressAsync("Space");
        await Expect(tab.Page.Locator("#trends tbody .surge").First).ToBeVisibleAsync();
        await TabToAsync(tab, "Find a cluster");
        await Expect(tab.Page.Locator(".map-frame")).ToBeVisibleAsync();
        await TabToAsync(tab, "Map of");
        await tab.Page.Keyboard.PressAsync("ArrowRight");
        await tab.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(tab.Page.Locator(".map-tip b")).ToBeVisibleAsync();
        var label = await tab.Page.Locator(".map-tip b").TextContentAsync();
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page.Locator("#view-title")).ToHaveTextAsync(label!);
        await Expect(tab.Page.Locator("#main")).ToBeFocusedAsync();
        await TabToAsync(tab, "← Clusters");
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page.Locator("#clusters")).ToBeFocusedAsync();

        await tab.Page.Locator(".card .strip a[tabindex='0']").First.FocusAsync();
        var newest = await tab.Page.EvaluateAsync<string>("document.activeElement.getAttribute('href')");
        await tab.Page.Keyboard.PressAsync("ArrowLeft");
        var run = await tab.Page.EvaluateAsync<string>("document.activeElement.getAttribute('href')");
        Assert.NotEqual(newest, run);
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page).ToHaveURLAsync(new Regex(Regex.Escape(run)));
        await Expect(tab.Page.GetByLabel("Metadata")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Phone_EveryView_FitsItsWidth()
    {
        await using var tab = await OpenAsync(width: 360, height: 740);
        await tab.SignInAsync();
        await tab.ShowAllAsync();
        await FitsAsync("phone");

        var run = (string)(await site.GetAsync($"jobs/{JobCatalog.EmbedMissing}/runs?limit=1"))["runs"]![0]!["runId"]!;
        var cluster = (string)(await site.GetAsync("insights/clusters?limit=1"))["clusters"]![0]!["id"]!;
        foreach (var hash in new[] { $"#/jobs/{JobCatalog.EmbedMissing}", $"#/runs/{run}", $"#/clusters/{cluster}", "#/terms/gold%20hoop%20apron", "#/api" })
        {
            await tab.Page.EvaluateAsync("hash => { location.hash = hash; }", hash);
            await Expect(tab.Page.Locator("#view-title")).ToBeVisibleAsync();
            await Expect(tab.Page.Locator("main [aria-busy='true'], main .waiting")).ToHaveCountAsync(0);
            await FitsAsync($"phone-{hash.Split('/')[1]}");
        }

        async Task FitsAsync(string name)
        {
            Assert.Equal(360, await tab.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
            await tab.ShootAsync(name);
        }
    }

    [Fact]
    public async Task Part_ServerThatCannotBeReached_SaysSoAndTriesAgain()
    {
        await using var tab = await OpenAsync();
        tab.Expect("ERR_CONNECTION_REFUSED");
        await tab.Page.RouteAsync("**/api/insights/trends*", route => route.AbortAsync("connectionrefused"));
        await tab.SignInAsync();
        var trends = tab.Page.Locator("#trends");

        await Expect(trends.GetByRole(AriaRole.Alert)).ToContainTextAsync("The server cannot be reached");
        await tab.ShootAsync("error", fullPage: false);
        await tab.Page.UnrouteAllAsync();
        await trends.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();

        await Expect(trends.Locator("tbody tr").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Term_WithSeveralSources_IsAChart()
    {
        await using var tab = await OpenAsync();
        await tab.SignInAsync("#/terms/gold%20hoop%20apron");

        await Expect(tab.Page.Locator(".chart canvas")).ToBeVisibleAsync();
        await Expect(tab.Page.Locator(".u-legend")).ToContainTextAsync("pinterest");
        await tab.ShootAsync("term");
    }

    [Fact]
    public async Task Pause_WithAReason_ShowsItUntilResumed()
    {
        await using var tab = await OpenAsync();
        await tab.SignInAsync();
        var card = Card(tab, JobCatalog.RebuildClusters);

        await card.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await tab.Page.Keyboard.TypeAsync("The provider migrates.");
        await card.GetByLabel("Your name").FillAsync("Anna");
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(card).ToHaveAttributeAsync("data-state", "paused");
        await Expect(card.Locator(".say")).ToContainTextAsync("Paused by Anna: The provider migrates.");
        await tab.ShootAsync("paused", fullPage: false);
        await card.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();

        await Expect(card).Not.ToHaveAttributeAsync("data-state", "paused");
    }

    [Fact]
    public async Task Quarantine_Retry_LetsTheNextRunTryTheItemAgain()
    {
        await using var tab = await OpenAsync();
        await tab.SignInAsync("#/at/quarantine");
        var rows = tab.Page.Locator("#quarantine tbody tr");
        await Expect(rows).ToHaveCountAsync(7);
        await Expect(rows.First).ToContainTextAsync("given up");
        await tab.Page.Locator("#quarantine").ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "quarantine.png") });
        try
        {
            await rows.First.GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();

            await Expect(tab.Page.Locator("#quarantine")).ToContainTextAsync("1 released");
            await Expect(rows.First).Not.ToContainTextAsync("given up");
            Assert.Equal("6", await Sql.ValueAsync(site.Database, "select count(*) from lexyhub_jobs.embedding_quarantine where retry_at is null"));
        }
        finally
        {
            await Sql.ExecuteAsync(site.Database, "update lexyhub_jobs.embedding_quarantine set retry_at = null");
        }
    }

    private Task<DashboardTab> OpenAsync(int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light)
        => Browser.OpenAsync(site.Served.Url, width, height, scheme);

    private static ILocator Card(DashboardTab tab, string job) => tab.Page.Locator($".card[aria-labelledby='job-{job}']");

    private static async Task TabToAsync(DashboardTab tab, string name)
    {
        for (var i = 0; i < 150; i++)
        {
            await tab.Page.Keyboard.PressAsync("Tab");
            var focused = await tab.Page.EvaluateAsync<string>("document.activeElement.getAttribute('aria-label') || document.activeElement.textContent");
            if (focused.StartsWith(name, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"The Tab key never comes to '{name}'.");
    }

    /// <summary>A request of the page that goes on once it is let.</summary>
    private sealed class HeldRequest
    {
        private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => asked.Task;

        public void LetGo() => goOn.SetResult();

        public async Task HandleAsync(IRoute route)
        {
            asked.TrySetResult();
            await goOn.Task;
            await route.ContinueAsync();
        }
    }

    [GeneratedRegex("\"status\": \"succeeded\",\\s+\"processed\": 360,")]
    private static partial Regex AnswerOf360();
}
