using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Playwright;

namespace LexyHub.Core.Tests.Dashboard;

/// <summary>A real Chromium without a window, one for the whole test run; it ends with it.</summary>
internal static class Browser
{
    private static readonly Lazy<Task<IBrowser>> Shared = new(StartAsync);

    /// <summary>Where screenshots go: <c>LEXYHUB_SCREENSHOTS</c>, else beside the tests.</summary>
    public static string Screenshots { get; } =
        Environment.GetEnvironmentVariable("LEXYHUB_SCREENSHOTS") is { Length: > 0 } path ? path : Path.Combine(AppContext.BaseDirectory, "screenshots");

    /// <summary>A tab with cookies and storage of its own.</summary>
    public static async Task<DashboardTab> OpenAsync(Uri server, int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        var browser = await Shared.Value;
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            Locale = "en-GB",
            TimezoneId = "Asia/Tokyo",
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(30_000);
        return new DashboardTab(await context.NewPageAsync(), server);
    }

    private static async Task<IBrowser> StartAsync()
    {
        var executable = await DebianPackage.FindAsync(
            "chromium", "LEXYHUB_TEST_CHROMIUM", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
        var playwright = await Playwright.CreateAsync();
        return await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = executable,

            // Chromium has no sandbox for root, and a container little shared memory.
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        });
    }
}
