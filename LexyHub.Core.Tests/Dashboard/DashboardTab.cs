using Deque.AxeCore.Playwright;
using LexyHub.Core.Tests.Cli;
using Microsoft.Playwright;

namespace LexyHub.Core.Tests.Dashboard;

/// <summary>The page in a tab; on disposal no error may stand in its console.</summary>
internal sealed class DashboardTab : IAsyncDisposable
{
    private readonly Uri server;
    private readonly List<string> errors = [];
    private readonly List<string> expected = [];

    public DashboardTab(IPage page, Uri server)
    {
        Page = page;
        this.server = server;
        page.Console += (_, message) => Note(message.Type is "error" or "warning", message.Text);
        page.PageError += (_, message) => Note(true, message);
        page.Request += (_, request) => Note(!request.Url.StartsWith(server.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal), $"asked another host: {request.Url}");
    }

    public IPage Page { get; }

    /// <summary>Chromium notes every answer of 400 and above as an error; this one is part of the test.</summary>
    public void Expect(string text) => expected.Add(text);

    /// <param name="hash">Of the view, for example <c>#/jobs/embed-missing</c>.</param>
    public async Task SignInAsync(string hash = "")
    {
        await Page.GotoAsync(new Uri(server, $"/api/dashboard{hash}").ToString());
        await Page.GetByLabel("Service token").FillAsync(CliHarness.Token);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Page.Locator("h1#jobs-title, h1#view-title").First.WaitForAsync();
    }

    /// <summary>Scrolls to every part, so that each asks for its data, and waits for all.</summary>
    public async Task ShowAllAsync()
    {
        // The parts come after the jobs, all at once.
        await Page.Locator("#quarantine").WaitForAsync();
        foreach (var part in await Page.Locator(".part[id]").AllAsync())
        {
            await part.ScrollIntoViewIfNeededAsync();
            await Assertions.Expect(part).ToHaveAttributeAsync("aria-busy", "false");
        }

        await Page.EvaluateAsync("scrollTo(0, 0)");
    }

    public async Task ShootAsync(string name, bool fullPage = true)
        => await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Browser.Screenshots, $"{name}.png"), FullPage = fullPage });

    /// <summary>axe-core finds nothing against it.</summary>
    public async Task CheckAccessibilityAsync()
    {
        var result = await Page.RunAxe();
        Assert.NotEmpty(result.Passes);
        Assert.True(
            result.Violations.Length == 0,
            string.Join("\n", result.Violations.Select(rule => $"{rule.Id}: {rule.Help} {string.Join(" | ", rule.Nodes.Select(node => node.Html))}")));
    }

    public async ValueTask DisposeAsync()
    {
        await Page.Context.CloseAsync();
        lock (errors)
        {
            Assert.DoesNotContain(errors, error => !expected.Any(text => error.Contains(text, StringComparison.Ordinal)));
        }
    }

    private void Note(bool isError, string text)
    {
        if (isError)
        {
            lock (errors)
            {
                errors.Add(text);
            }
        }
    }
}
