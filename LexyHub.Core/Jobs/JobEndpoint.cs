using System.Text.Json.Nodes;
using LexyHub.Core.Data;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Jobs;

/// <summary>The HTTP interface, free of any framework: the Functions app and <c>lexyhub serve</c> both send every request
/// below <c>/api</c> here, so that the two answer alike.</summary>
public sealed class JobEndpoint(IEnumerable<IApiRoutes> routes, ServiceTokens tokens, ILogger<JobEndpoint> logger)
{
    private readonly IApiRoutes[] routes = [.. routes];

    /// <param name="request">What was asked.</param>
    /// <param name="stopping">The host's shutdown. A caller that hangs up does not stop a run.</param>
    public async Task<ApiResponse> HandleAsync(ApiRequest request, CancellationToken stopping)
    {
        var response = await AnswerAsync(request, stopping);
        return request.AcceptsGzip ? response.Compressed() : response;
    }

    private async Task<ApiResponse> AnswerAsync(ApiRequest request, CancellationToken stopping)
    {
        try
        {
            return await RouteAsync(request, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return Problem(503, "shutting-down", "The host is shutting down, and nothing was begun. Call again.");
        }
        catch (JobException e)
        {
            return Problem(e.StatusCode, e.Code, e.Message);
        }
        catch (Exception e)
        {
            Log.RequestFailed(logger, e, request.Path);
            return DatabaseErrors.Explain(e) is { } problem
                ? Problem(problem.StatusCode, problem.Code, problem.Message)
                : Problem(500, "internal-error", "The request failed in a way that is not known. The log has the whole error.");
        }
    }

    private Task<ApiResponse> RouteAsync(ApiRequest request, CancellationToken stopping)
    {
        var route = Find(request.Path.Trim('/').Split('/'));

        // Before anything else is told apart: an answer without the token says nothing of what there is.
        if (route is not { IsOpen: true } && !tokens.Accepts(request.Authorization))
        {
            return Task.FromResult(ApiResponse.Error(
                401,
                $"A valid token is needed: send 'Authorization: Bearer <token>' with one of {ServiceTokens.SettingName}.",
                new KeyValuePair<string, string>("WWW-Authenticate", "Bearer")));
        }

        if (route is null)
        {
            return Task.FromResult(ApiResponse.Error(404, "There is nothing here. POST /api/jobs/<name> runs a job; GET /api/jobs lists them."));
        }

        return route.For(request.Method)?.Invoke(request, stopping) ?? Task.FromResult(ApiResponse.Error(
            405,
            $"Use {string.Join(" or ", route.Methods)} here.",
            new KeyValuePair<string, string>("Allow", string.Join(", ", route.Methods))));
    }

    private ApiRoute? Find(string[] path)
    {
        foreach (var part in routes)
        {
            if (part.Find(path) is { } route)
            {
                return route;
            }
        }

        return null;
    }

    private static ApiResponse Problem(int statusCode, string code, string error)
        => ApiResponse.Json(statusCode, new JsonObject { ["error"] = error, ["code"] = code });
}
