using System.Net;
using System.Text.Json;
using LexyHub.Core.Http;

namespace LexyHub.Core.Providers;

/// <summary>What OpenAI or Azure OpenAI says when it refuses, in either one's shape.</summary>
/// <param name="Code">For example <c>content_filter</c>, <c>DeploymentNotFound</c> or <c>insufficient_quota</c>; null where it says none.</param>
/// <param name="Param">The parameter that it objects to.</param>
/// <param name="Message">One short line without secrets.</param>
/// <param name="Filtered">Categories of the content filter that struck, such as <c>violence (high)</c>.</param>
public sealed record ProviderRefusal(
    HttpStatusCode Status, string? Code, string? Param, string Message, IReadOnlyList<string> Filtered, TimeSpan? RetryAfter)
{
    /// <summary>Waiting does not help: money does.</summary>
    public bool IsQuotaExhausted => new ErrorBody(Code, Message).IsAccountUsedUp;

    /// <summary>Objects to how we ask, not to what: every other request would meet the same.</summary>
    public bool IsAboutSettings => Param is "model" or "dimensions" or "encoding_format" or "user" or "temperature" or "max_completion_tokens"
        || Param?.StartsWith("response_format", StringComparison.Ordinal) == true
        || Code is "model_not_found" or "unsupported_parameter" or "unsupported_value" or "unknown_parameter" or "unsupported_api_version" or "OperationNotSupported";

    /// <summary>For an operator or a row of the quarantine.</summary>
    public string Describe()
        => $"{(int)Status}{(Code is null || Code == ((int)Status).ToString(System.Globalization.CultureInfo.InvariantCulture) ? "" : $" {Code}")}"
            + (Filtered.Count > 0 ? $" [{string.Join(", ", Filtered)}]" : "")
            + (Message.Length > 0 ? $": {Message}" : "");

    public static ProviderRefusal Read(HttpStatusCode status, ReadOnlyMemory<byte> body, TimeSpan? retryAfter, SecretMask mask)
    {
        var refusal = new ProviderRefusal(status, null, null, "", [], retryAfter);
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return refusal;

            var error = document.RootElement;
            if (error.TryGetProperty("error", out var inner) && inner.ValueKind == JsonValueKind.Object)
                error = inner;
            return refusal with
            {
                Code = Masked(error, "code", mask) ?? Masked(error, "type", mask),
                Param = Masked(error, "param", mask),
                Message = Masked(error, "message", mask) ?? "",
                Filtered = ReadFiltered(error),
            };
        }
        catch (JsonException)
        {
            // A proxy's page. The status has to do.
            return refusal;
        }
    }

    // The specification and the wire do not agree on these names.
    private static IReadOnlyList<string> ReadFiltered(JsonElement error)
    {
        if (!TryObject(error, "innererror", out var inner) && !TryObject(error, "inner_error", out inner))
            return [];

        if (!TryObject(inner, "content_filter_result", out var results) && !TryObject(inner, "content_filter_results", out results))
            return [];

        return
        [
            .. results.EnumerateObject()
                .Where(one => one.Value.ValueKind == JsonValueKind.Object
                    && one.Value.TryGetProperty("filtered", out var filtered) && filtered.ValueKind == JsonValueKind.True)
                .Select(one => one.Value.TryGetProperty("severity", out var severity) && severity.ValueKind == JsonValueKind.String
                    ? $"{one.Name} ({severity.GetString()})"
                    : one.Name),
        ];
    }

    private static bool TryObject(JsonElement parent, string name, out JsonElement value)
        => parent.TryGetProperty(name, out value) && value.ValueKind == JsonValueKind.Object;

    private static string? Masked(JsonElement element, string name, SecretMask mask)
        => element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number
            && value.ToString() is { Length: > 0 } text
            ? mask.Apply(text)
            : null;
}

/// <summary>The provider answered with a refusal, after whatever the handler repeated.</summary>
public sealed class ProviderRefusedException(string service, ProviderRefusal refusal)
    : Exception($"{service} answered {refusal.Describe()}")
{
    public ProviderRefusal Refusal { get; } = refusal;
}
