using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Jobs;

/// <summary><c>quarantine</c> and <c>quarantine/retry</c>.</summary>
internal sealed class QuarantineRoutes(Quarantines quarantines, ILogger<QuarantineRoutes> logger) : IApiRoutes
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;
    private const int MaxItems = 1_000;
    private const string Example = """{"job":"embed-missing","items":[{"kind":"keyword","item":"…"}]} or {"job":"embed-missing","all":true}""";

    public ApiRoute? Find(string[] path) => path switch
    {
        ["quarantine"] => new ApiRoute { Get = ListAsync },
        ["quarantine", "retry"] => new ApiRoute { Post = RetryAsync },
        _ => null,
    };

    private async Task<ApiResponse> ListAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var job = request.OneOf("job", [.. quarantines.Jobs]);
        var kind = request.OneOf("kind", [.. Quarantines.Kinds]);
        var state = request.OneOf("state", [.. QuarantineState.All]);
        var limit = request.Integer("limit", DefaultLimit, 1, MaxLimit);
        var cursor = request.Text("after") is { } after
            ? Cursor.Parse(after) ?? throw ApiParameters.Invalid("after must be the 'next' of the page before.")
            : Cursor.First;

        // One more than is shown tells whether there is another page.
        var items = await quarantines.ReadAsync(job, cursor.Job, new QuarantineQuery(kind, state, cursor.Place, limit + 1), cancellationToken);
        var counts = await quarantines.CountAsync(cancellationToken);
        return ApiResponse.Json(200, new JsonObject
        {
            ["totals"] = new JsonArray([.. counts.Select(one => QuarantineJson.Count(one.Job, one.Count))]),
            ["items"] = new JsonArray([.. items.Take(limit).Select(one => QuarantineJson.Item(one.Job, one.Item))]),
            ["next"] = items.Count > limit ? Cursor.At(items[limit - 1].Job, items[limit - 1].Item).ToString() : null,
        });
    }

    private async Task<ApiResponse> RetryAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var asked = await ApiBody.ReadAsync<RetryRequest>(request, Example, cancellationToken);
        if ((Check(asked) ?? CheckItems(asked.Items)) is { } wrong)
        {
            throw ApiParameters.Invalid(wrong);
        }

        var released = await quarantines.Find(asked.Job!)!.RetryAsync(
            new QuarantineSelection(asked.Kind, asked.State, asked.All ? null : asked.Items), cancellationToken);
        Log.Released(logger, released, asked.Job!);
        return ApiResponse.Json(200, new JsonObject { ["job"] = asked.Job, ["released"] = released });
    }

    private static string? CheckItems(IReadOnlyList<QuarantineKey>? items) => items switch
    {
        null => null,
        { Count: > MaxItems } => $"At most {MaxItems} items at once; \"all\":true takes all.",
        _ when items.Any(item => item?.Item is null || !Quarantines.Kinds.Contains(item.Kind))
            => $"Each item needs its kind ({string.Join(" or ", Quarantines.Kinds)}) and item, as they were listed.",
        _ => null,
    };

    private string? Check(RetryRequest asked)
        => asked.Job is null || asked.All == asked.Items is { Count: > 0 } ? $"Name the job, and either its items or all of them: {Example}."
            : quarantines.Find(asked.Job) is null ? $"job must be one of {string.Join(", ", quarantines.Jobs)}."
            : asked.Kind is { } kind && !Quarantines.Kinds.Contains(kind) ? $"kind must be one of {string.Join(", ", Quarantines.Kinds)}."
            : asked.State is { } state && !QuarantineState.All.Contains(state) ? $"state must be one of {string.Join(", ", QuarantineState.All)}."
            : null;

    private sealed record RetryRequest(string? Job, IReadOnlyList<QuarantineKey>? Items, bool All, string? Kind, string? State);

    /// <summary>A place over all quarantines, as a text that a URL can hold.</summary>
    private sealed record Cursor(string? Job, QuarantinePlace? Place)
    {
        public static readonly Cursor First = new(null, null);

        public static Cursor At(string job, QuarantinedItem item) => new(job, new QuarantinePlace(item.LastAt, item.Kind, item.Item));

        public static Cursor? Parse(string text)
        {
            try
            {
                return JsonSerializer.Deserialize<Cursor>(Encoding.UTF8.GetString(Convert.FromHexString(text))) is { Job: not null, Place: { Kind: not null, Item: not null } } cursor
                    ? cursor
                    : null;
            }
            catch (Exception e) when (e is FormatException or JsonException)
            {
                return null;
            }
        }

        public override string ToString() => Convert.ToHexStringLower(JsonSerializer.SerializeToUtf8Bytes(this));
    }
}
