using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LexyHub.Core.Jobs;

/// <summary>An HTTP response, for whichever host to send.</summary>
/// <param name="StatusCode">HTTP status.</param>
/// <param name="Body">As it is sent.</param>
/// <param name="Headers">All but <c>Content-Length</c>.</param>
public sealed record ApiResponse(int StatusCode, ReadOnlyMemory<byte> Body, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    // Below, one packet holds it either way.
    private const int WorthCompressing = 1_400;

    internal static ApiResponse Json(int statusCode, JsonNode body, params KeyValuePair<string, string>[] headers)
        => new(
            statusCode,
            JsonSerializer.SerializeToUtf8Bytes(body, JobJson.Options),
            [new("Content-Type", "application/json; charset=utf-8"), new("Cache-Control", "no-store"), .. headers]);

    public static ApiResponse Error(int statusCode, string error, params KeyValuePair<string, string>[] headers)
        => Json(statusCode, new JsonObject { ["error"] = error }, headers);

    /// <summary>The same, smaller on the wire; itself where that is not worth it.</summary>
    internal ApiResponse Compressed()
    {
        if (Body.Length < WorthCompressing)
        {
            return this;
        }

        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Body.Span);
        }

        return this with
        {
            Body = buffer.GetBuffer().AsMemory(0, (int)buffer.Length),
            Headers = [.. Headers, new("Content-Encoding", "gzip"), new("Vary", "Accept-Encoding")],
        };
    }
}
