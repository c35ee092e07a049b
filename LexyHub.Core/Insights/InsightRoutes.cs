using LexyHub.Core.Data;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Insights;

/// <summary><c>insights</c>: what the jobs made, counted and summed in the database.</summary>
internal sealed class InsightRoutes(
    TrendInsights trends, IntentInsights intents, ClusterInsights clusters, CoverageInsights coverage, UsageInsights usage, TimeProvider time) : IApiRoutes
{
    /// <summary>Clusters on the map at most; beyond that it shows the largest.</summary>
    private const int MaxOnMap = 20_000;

    private const int MaxDays = 800;

    public ApiRoute? Find(string[] path) => path switch
    {
        ["insights", "trends"] => new ApiRoute { Get = ReadTrendsAsync },
        ["insights", "intents"] => new ApiRoute { Get = ReadIntentsAsync },
        ["insights", "clusters"] => new ApiRoute { Get = ReadClustersAsync },
        ["insights", "clusters", "map"] => new ApiRoute { Get = ReadMapAsync },
        ["insights", "clusters", var id] => new ApiRoute { Get = (_, stopping) => ReadClusterAsync(id, stopping) },
        ["insights", "coverage"] => new ApiRoute { Get = ReadCoverageAsync },
        ["insights", "usage"] => new ApiRoute { Get = ReadUsageAsync },
        _ => null,
    };

    private async Task<ApiResponse> ReadTrendsAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var term = request.Text("term") is { } text ? TermText.Normalize(text) : null;
        var order = request.OneOf("order", "rising", "falling", "surging");
        var question = new TrendQuestion(
            term,
            request.Text("search") is { } search ? TermText.Normalize(search) : null,
            order == "falling",
            order == "surging",
            request.Integer("limit", 20, 1, 200),
            request.Integer("days", 90, 1, MaxDays));
        return ApiResponse.Json(200, InsightJson.Trends(await trends.ReadAsync(question, cancellationToken), allSources: term is not null));
    }

    private async Task<ApiResponse> ReadIntentsAsync(ApiRequest request, CancellationToken cancellationToken)
        => ApiResponse.Json(200, InsightJson.Intents(await intents.ReadAsync(cancellationToken)));

    private async Task<ApiResponse> ReadClustersAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var limit = request.Integer("limit", 50, 1, 200);
        var before = request.Text("before") is { } text
            ? ClusterPlace.Parse(text) ?? throw ApiParameters.Invalid("before must be the 'next' of the page before.")
            : null;
        var question = new ClusterQuestion(null, request.Text("market"), request.Text("search")?.ToLowerInvariant(), before, limit + 1);
        if (!await clusters.AreThereAsync(cancellationToken))
        {
            return ApiResponse.Json(200, InsightJson.Clusters(new ClusterSummary(0, 0, null, []), [], limit));
        }

        return ApiResponse.Json(
            200, InsightJson.Clusters(await clusters.SummariseAsync(cancellationToken), await clusters.ReadAsync(question, cancellationToken), limit));
    }

    private async Task<ApiResponse> ReadMapAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var question = new ClusterQuestion(null, request.Text("market"), null, null, MaxOnMap);
        return ApiResponse.Json(
            200, InsightJson.Map(await clusters.AreThereAsync(cancellationToken) ? await clusters.ReadAsync(question, cancellationToken) : []));
    }

    private async Task<ApiResponse> ReadClusterAsync(string id, CancellationToken cancellationToken)
        => Guid.TryParse(id, out var cluster)
            && await clusters.AreThereAsync(cancellationToken)
            && await clusters.ReadAsync(new ClusterQuestion(cluster, null, null, null, 1), cancellationToken) is [var row]
                ? ApiResponse.Json(200, InsightJson.Cluster(row, await clusters.ReadMembersAsync(cluster, cancellationToken)))
                : ApiResponse.Error(404, "There is no such cluster: a rebuild may have retired it. GET /api/insights/clusters lists them.");

    private async Task<ApiResponse> ReadCoverageAsync(ApiRequest request, CancellationToken cancellationToken)
        => ApiResponse.Json(200, InsightJson.Coverage(await coverage.ReadAsync(cancellationToken)));

    private async Task<ApiResponse> ReadUsageAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var days = request.Integer("days", 30, 1, MaxDays);
        var to = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var from = to.AddDays(1 - days);
        return ApiResponse.Json(200, InsightJson.Usage(await usage.ReadAsync(from, to, cancellationToken), from, to));
    }
}
