using System.Net;
using System.Text.RegularExpressions;
using LexyHub.Core.Tests.Workflow;

namespace LexyHub.Core.Tests.Dashboard;

/// <summary>The page's files as the server sends them.</summary>
[Collection(DashboardCollection.Name)]
public sealed partial class DashboardAssetsTests(DashboardSite site)
{
    private const int MostBytes = 150_000;

    [Fact]
    public async Task Page_WithAllItsFiles_IsLightAndAsksNobodyElse()
    {
        var (status, page, response) = await site.Served.SendAsync(HttpMethod.Get, "/api/dashboard", token: null);
        var files = FileName().Matches(page).Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.Equal((200, "text/html", "no-cache"), (status, response.Content.Headers.ContentType!.MediaType, response.Headers.CacheControl!.ToString()));
        Assert.Contains("main.js", files.Select(NameOf));
        Assert.DoesNotContain("{version}", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("""<style|\sstyle=|<script(?![^>]*src=)|\son[a-z]+=|https?://(?!www\.w3\.org)""", page);
        var total = page.Length;
        var known = files.Select(NameOf).ToHashSet();
        var waiting = new Queue<(string File, bool IsFirst)>(files.Select(file => (file, true)));
        while (waiting.TryDequeue(out var next))
        {
            var (file, isFirst) = next;
            var (fileStatus, body, answer) = await SendAsync(file);
            total += body.Length;
            Assert.Equal(200, fileStatus);
            Assert.Equal(file.EndsWith(".css", StringComparison.Ordinal) ? "text/css" : "text/javascript", answer.Content.Headers.ContentType!.MediaType);
            Assert.Contains("immutable", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
            foreach (var imported in ImportedModule().Matches(body).Select(match => match.Groups[1].Value))
            {
                // What the first view needs, the page names itself: else the browser would find it a round trip later.
                Assert.True(!isFirst || known.Contains(imported), $"{file} needs {imported}, which the page does not name.");
                Fetch(file, imported);
            }

            foreach (var later in LaterFile().Matches(body).Select(match => match.Groups[1].Value))
            {
                Fetch(file, later);
            }
        }

        Assert.Equal(Directory.GetFiles(Path.Combine(WorkflowScript.RepositoryRoot(), "LexyHub.Core/Dashboard"), "*.*", SearchOption.AllDirectories)
            .Select(NameOf).Where(name => name.EndsWith(".js", StringComparison.Ordinal) || name.EndsWith(".css", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            known.Order(StringComparer.Ordinal));
        Assert.True(total < MostBytes, $"The page weighs {total} bytes, uncompressed.");

        void Fetch(string from, string name)
        {
            if (known.Add(name))
            {
                waiting.Enqueue(($"{from.Split('/')[0]}/{name}", false));
            }
        }
    }

    [Theory]
    [InlineData("dashboard")]
    [InlineData("dashboard/any-version/main.js")]
    public async Task Files_Always_CarryTheStrictPolicy(string path)
    {
        var (_, _, response) = await site.Served.SendAsync(HttpMethod.Get, $"/api/{path}", token: null);

        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
            response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-cache", response.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task Page_AskedForAgain_Is304AndCompressedWhereWished()
    {
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None, AllowAutoRedirect = false }) { BaseAddress = site.Served.Url };
        using var first = await client.GetAsync("/api/dashboard");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/dashboard") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var compressed = new HttpRequestMessage(HttpMethod.Get, "/api/dashboard") { Headers = { AcceptEncoding = { new("gzip") } } };

        using var unchanged = await client.SendAsync(again);
        using var gzip = await client.SendAsync(compressed);
        using var root = await client.GetAsync("/");
        using var slash = await client.GetAsync("/api/dashboard/");

        Assert.Equal((HttpStatusCode.NotModified, 0), (unchanged.StatusCode, (await unchanged.Content.ReadAsByteArrayAsync()).Length));
        Assert.Equal("gzip", gzip.Content.Headers.ContentEncoding.Single());
        Assert.Equal("Accept-Encoding", gzip.Headers.Vary.Single());
        await using var unpacked = new System.IO.Compression.GZipStream(await gzip.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await reader.ReadToEndAsync());
        Assert.DoesNotContain("unhandled exception", site.Log.Text, StringComparison.Ordinal);
        Assert.Equal("/api/dashboard", root.Headers.Location!.ToString());
        Assert.Equal((HttpStatusCode.PermanentRedirect, "../dashboard"), (slash.StatusCode, slash.Headers.Location!.ToString()));
    }

    [Fact]
    public async Task Files_UnknownName_NeedsTheTokenAsEverythingElse()
        => Assert.Equal(401, (await site.Served.SendAsync(HttpMethod.Get, "/api/dashboard/x/passwords.txt", token: null)).Status);

    private Task<(int Status, string Body, HttpResponseMessage Response)> SendAsync(string file)
        => site.Served.SendAsync(HttpMethod.Get, $"/api/dashboard/{file}", token: null);

    private static string NameOf(string path) => Path.GetFileName(path);

    [GeneratedRegex("""(?:href|src)="dashboard/([^"]+)""")]
    private static partial Regex FileName();

    [GeneratedRegex(@"from '\./([^']+)'")]
    private static partial Regex ImportedModule();

    [GeneratedRegex(@"(?:import\('\./|beside\(')([^']+)'")]
    private static partial Regex LaterFile();
}
