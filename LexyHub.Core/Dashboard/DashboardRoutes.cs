using LexyHub.Core.Jobs;

namespace LexyHub.Core.Dashboard;

/// <summary><c>dashboard</c>: the operator's page; <c>openapi.json</c>: what the API is.</summary>
internal sealed class DashboardRoutes(DashboardAssets assets) : IApiRoutes
{
    // Nothing from elsewhere, nothing inline, no frame around it and none inside: what gets into a term or a label cannot run.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

    private const string ForEver = "public, max-age=31536000, immutable";

    public ApiRoute? Find(string[] path) => path switch
    {
        ["dashboard"] => Open((request, _) => request.Path.EndsWith('/') ? LeaveSlash() : Answer(request, assets.Page, "no-cache")),
        ["dashboard", var version, var name] when assets.Files.TryGetValue(name, out var file)
            => Open((request, _) => Answer(request, file, version == assets.Version ? ForEver : "no-cache")),
        ["openapi.json"] => new ApiRoute { Get = (request, _) => Answer(request, assets.OpenApi, "no-cache") },
        _ => null,
    };

    private static ApiRoute Open(ApiAnswer answer) => new() { IsOpen = true, Get = answer };

    // With a slash behind it the page would look for its files in the wrong place.
    private static Task<ApiResponse> LeaveSlash()
        => Task.FromResult(new ApiResponse(308, ReadOnlyMemory<byte>.Empty, [new("Location", "../dashboard")]));

    private static Task<ApiResponse> Answer(ApiRequest request, DashboardAssets.Asset file, string caching)
    {
        List<KeyValuePair<string, string>> headers =
        [
            new("Cache-Control", caching),
            new("ETag", file.ETag),
            new("Content-Security-Policy", Policy),
            new("X-Content-Type-Options", "nosniff"),
            new("Referrer-Policy", "no-referrer"),
        ];
        if (request.IfNoneMatch?.Split(',', StringSplitOptions.TrimEntries).Contains(file.ETag) is true)
        {
            return Task.FromResult(new ApiResponse(304, ReadOnlyMemory<byte>.Empty, headers));
        }

        headers.Add(new("Content-Type", file.ContentType));
        return Task.FromResult(new ApiResponse(200, file.Content, headers));
    }
}
