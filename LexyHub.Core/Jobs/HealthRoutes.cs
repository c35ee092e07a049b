using System.Text.Json.Nodes;

namespace LexyHub.Core.Jobs;

/// <summary><c>health</c>: whether the jobs could run now, with no detail.</summary>
internal sealed class HealthRoutes(DatabaseHealth health) : IApiRoutes
{
    public ApiRoute? Find(string[] path) => path is ["health"] ? new ApiRoute { IsOpen = true, Get = AnswerAsync } : null;

    private async Task<ApiResponse> AnswerAsync(ApiRequest request, CancellationToken cancellationToken)
        => await health.IsHealthyAsync(cancellationToken)
            ? ApiResponse.Json(200, new JsonObject { ["status"] = "ok" })
            : ApiResponse.Json(503, new JsonObject { ["status"] = "unavailable" });
}
