using System.Text.Json;

namespace LexyHub.Core.Http;

/// <summary>What the body of a refusal says, as far as it can be understood.</summary>
/// <param name="Code">The service's own, for example <c>insufficient_quota</c> or <c>RESOURCE_EXHAUSTED</c>.</param>
/// <param name="Message">For people; as sent, so it may quote a key.</param>
internal sealed record ErrorBody(string? Code, string? Message)
{
    private const int MaxBytes = 64 * 1_024;

    /// <summary>OpenAI's way to say that waiting does not help: money does.</summary>
    public bool IsAccountUsedUp => Code is "insufficient_quota" or "quota_exceeded" or "billing_hard_limit_reached";

    /// <summary>Reads <c>{"error":{code,message,status,type}}</c>, <c>{"error","error_description"}</c> and <c>{"code","message"}</c>.</summary>
    public static async Task<ErrorBody> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (bytes.Length is 0 or > MaxBytes)
                return new ErrorBody(null, null);

            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return new ErrorBody(null, null);

            return root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
                ? new ErrorBody(
                    Text(error, "status") ?? Text(error, "code") ?? Text(error, "type"), Text(error, "message"))
                : new ErrorBody(
                    Text(root, "code") ?? Text(root, "error"), Text(root, "error_description") ?? Text(root, "message"));
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
        {
            return new ErrorBody(null, null);
        }
    }

    private static string? Text(JsonElement element, string name)
        => element.TryGetProperty(name, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String when value.GetString() is { Length: > 0 } text => text,
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            }
            : null;
}
