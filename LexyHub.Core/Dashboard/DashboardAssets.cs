using System.Security.Cryptography;
using System.Text;

namespace LexyHub.Core.Dashboard;

/// <summary>The page's files, from this assembly. They are the same for every installation and hold no data.</summary>
internal sealed class DashboardAssets
{
    private const string Prefix = "LexyHub.Core.Dashboard/";
    private const string VersionMark = "{version}";

    private readonly Dictionary<string, Asset> files = new(StringComparer.Ordinal);

    public DashboardAssets()
    {
        var assembly = typeof(DashboardAssets).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            files.Add(resource[Prefix.Length..], Asset.Of(resource, bytes));
        }

        Version = HashOf(Encoding.UTF8.GetBytes(string.Concat(files.Select(file => file.Key + file.Value.ETag))));
        Page = Remove("index.html", text => text.Replace(VersionMark, Version, StringComparison.Ordinal));
        OpenApi = Remove("openapi.json", text => text);
    }

    /// <summary>Changes with any file: a part of their addresses, so that they may be cached for ever.</summary>
    public string Version { get; }

    /// <summary>The page itself, which names the files by <see cref="Version"/>.</summary>
    public Asset Page { get; }

    /// <summary>The description of the API.</summary>
    public Asset OpenApi { get; }

    /// <summary>What the page asks for beside itself, by name.</summary>
    public IReadOnlyDictionary<string, Asset> Files => files;

    private static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];

    private Asset Remove(string name, Func<string, string> change)
    {
        files.Remove(name, out var file);
        return Asset.Of(name, Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(file!.Content.Span))));
    }

    /// <param name="ContentType">By the ending of its name.</param>
    /// <param name="ETag">Weak: a compressed answer is the same file.</param>
    internal sealed record Asset(ReadOnlyMemory<byte> Content, string ContentType, string ETag)
    {
        public static Asset Of(string name, byte[] content) => new(content, TypeOf(name), $"W/\"{HashOf(content)}\"");

        private static string TypeOf(string name) => Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".json" => "application/json; charset=utf-8",
            ".svg" => "image/svg+xml; charset=utf-8",
            var other => throw new InvalidOperationException($"The page has a file of an unknown kind: '{other}'."),
        };
    }
}
