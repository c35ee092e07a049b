namespace LexyHub.Core.Jobs;

/// <summary>A part of the HTTP interface. <see cref="JobEndpoint"/> asks each part in turn, so that a feature brings its own.</summary>
public interface IApiRoutes
{
    /// <param name="path">Segments below <c>api/</c>.</param>
    /// <returns>What there is at that path; null where it is none of these routes.</returns>
    ApiRoute? Find(string[] path);
}

/// <summary>What there is at a path, by method; the token is checked before any of it is called.</summary>
public sealed record ApiRoute
{
    /// <summary>Answers GET; null where it is not allowed.</summary>
    public ApiAnswer? Get { get; init; }

    /// <summary>Answers POST; null where it is not allowed.</summary>
    public ApiAnswer? Post { get; init; }

    /// <summary>Answers DELETE; null where it is not allowed.</summary>
    public ApiAnswer? Delete { get; init; }

    /// <summary>Answers every method, for a path at which there is nothing.</summary>
    public ApiAnswer? Any { get; init; }

    /// <summary>Needs no token: nothing of it may tell anything about the installation.</summary>
    public bool IsOpen { get; init; }

    internal IReadOnlyList<string> Methods
        => [.. new[] { (Get, "GET"), (Post, "POST"), (Delete, "DELETE") }.Where(method => method.Item1 is not null).Select(method => method.Item2)];

    internal ApiAnswer? For(string method) => method.ToUpperInvariant() switch
    {
        "GET" => Get,
        "POST" => Post,
        "DELETE" => Delete,
        _ => null,
    } ?? Any;

    /// <param name="error">What there is instead.</param>
    internal static ApiRoute NotFound(string error) => new() { Any = (_, _) => Task.FromResult(ApiResponse.Error(404, error)) };
}

/// <param name="request">What was asked.</param>
/// <param name="stopping">The host's shutdown.</param>
/// <exception cref="JobException">Answered with its status, code and message.</exception>
public delegate Task<ApiResponse> ApiAnswer(ApiRequest request, CancellationToken stopping);
