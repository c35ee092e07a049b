using System.Text.Json.Nodes;
using LexyHub.Core.Http;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Etsy;

/// <summary>What a run tells of its shops.</summary>
internal static class EtsySyncReport
{
    /// <summary>Shops in an answer; those with trouble come first.</summary>
    public const int MaxShopsShown = 100;

    /// <param name="limit">What ended the run early; null where nothing did.</param>
    /// <param name="stopped">Budget or shutdown; null where there was neither.</param>
    public static JobOutcome Outcome(IReadOnlyList<EtsyShopResult> results, RemoteServiceException? limit, StopReason? stopped)
    {
        var errors = results.SelectMany(result => result.Errors).ToList();
        var unfinished = results.Count(result => result.IsUnfinished);
        return new JobOutcome
        {
            Processed = results.Sum(result => result.Read),
            Failed = errors.Count,
            SomethingSucceeded = results.Any(result => result.Status == RunStatus.Succeeded),
            Remaining = unfinished,
            Stopped = limit is not null ? StopReason.RateLimit : unfinished > 0 ? stopped : null,
            Message = limit?.Message,
            Errors = errors,
            Counts = Counts(results),
        };
    }

    public static JsonObject Counts(IReadOnlyList<EtsyShopResult> results) => new()
    {
        ["upserted"] = results.Sum(result => result.Upserted),
        ["inactivated"] = results.Sum(result => result.Inactivated),
        ["keywordsAdded"] = results.Sum(result => result.KeywordsAdded),
        ["requests"] = results.Sum(result => result.Requests),
        ["accountsTotal"] = results.Count,
        ["accounts"] = new JsonArray([.. results.OrderBy(result => result.Status == RunStatus.Succeeded).Take(MaxShopsShown).Select(result => result.ToJson())]),
    };

    /// <summary>What a failure of Etsy's means for the shop, and what to do.</summary>
    public static string Advise(RemoteServiceException error, EtsyAccount account)
    {
        var advice = error.Code switch
        {
            "forbidden" => "Since February 2026 Etsy wants x-api-key as keystring:shared_secret: check Etsy:KeyString and Etsy:SharedSecret. "
                + "Where other shops work, the seller has not granted the scope listings_r: let them connect the shop again.",
            "not-found" => $"Etsy knows no shop {account.ShopId} (it may have been closed): check external_shop_id of the account.",
            "unauthorized" => "Check Etsy:KeyString and Etsy:SharedSecret.",
            "server-error" or "timeout" or "unreachable" or "bad-response" => "The next run goes on from here.",
            _ => null,
        };
        return advice is null ? error.Message : $"{error.Message} {advice}";
    }
}
