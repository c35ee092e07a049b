using System.Text.Json.Nodes;

namespace LexyHub.Core.Insights;

/// <summary>What the jobs made, as the API shows it.</summary>
internal static class InsightJson
{
    /// <param name="picture">As read.</param>
    /// <param name="allSources">False: of each term the source with most readings alone, for a sparkline.</param>
    public static JsonObject Trends(TrendPicture picture, bool allSources)
        => new()
        {
            ["moving"] = picture.Moving,
            ["surging"] = picture.Surging,
            ["lastReadingOn"] = Day(picture.LastReadingOn),
            ["computedOn"] = Day(picture.ComputedOn),
            ["terms"] = Array(picture.Terms, term => new JsonObject
            {
                ["term"] = term.Term,
                ["momentum"] = term.Momentum,
                ["expectedGrowth30d"] = term.ExpectedGrowth30d,
                ["confidence"] = term.Confidence,
                ["surge"] = term.Surge,
                ["lastReadingOn"] = Day(term.LastReadingOn),
                ["sources"] = Array(term.Series, series => JsonValue.Create(series.Source)),
                ["series"] = Array(allSources ? term.Series : term.Series.Take(1), series => new JsonObject
                {
                    ["source"] = series.Source,
                    ["days"] = Array(series.Days, day => JsonValue.Create(Day(day))),
                    ["scores"] = Array(series.Scores, score => JsonValue.Create(score)),
                }),
            }),
        };

    public static JsonObject Intents(IntentPicture picture)
    {
        var models = picture.By("model").ToList();
        return new JsonObject
        {
            ["classifiedAt"] = picture.ClassifiedAt,
            ["keywords"] = Kind(picture.Keywords, models.Sum(model => model.Keywords), picture.QuarantinedKeywords),
            ["listings"] = Kind(picture.Listings, models.Sum(model => model.Listings), picture.QuarantinedListings),
            ["intents"] = Array(picture.By("intent"), count => Counted("intent", count)),
            ["purchaseStages"] = Array(picture.By("stage"), count => Counted("purchaseStage", count)),
            ["models"] = Array(models, count => Counted("model", count)),
        };

        static JsonObject Kind(long total, long classified, long quarantined)
            => new() { ["total"] = total, ["classified"] = classified, ["quarantined"] = quarantined };
    }

    public static JsonObject Clusters(ClusterSummary summary, IReadOnlyList<ClusterRow> rows, int limit)
        => new()
        {
            ["total"] = summary.Clusters,
            ["members"] = summary.Members,
            ["updatedAt"] = summary.UpdatedAt,
            ["markets"] = Array(summary.Markets, market => JsonValue.Create(market)),
            ["clusters"] = Array(rows.Take(limit), Cluster),
            ["next"] = rows.Count > limit ? new ClusterPlace(rows[limit - 1].MemberCount, rows[limit - 1].Id).ToString() : null,
        };

    /// <summary>Short, as there may be thousands.</summary>
    public static JsonObject Map(IReadOnlyList<ClusterRow> rows)
        => new()
        {
            ["clusters"] = Array(rows.Where(row => row is { X: not null, Y: not null }), row => new JsonObject
            {
                ["id"] = row.Id,
                ["label"] = row.Label,
                ["memberCount"] = row.MemberCount,
                ["momentum"] = row.Momentum,
                ["x"] = row.X,
                ["y"] = row.Y,
            }),
            ["withoutPlace"] = rows.Count(row => row.X is null || row.Y is null),
        };

    public static JsonObject Cluster(ClusterRow row, IReadOnlyList<ClusterMember> members)
    {
        var json = Cluster(row);
        json["members"] = Array(members, member => new JsonObject
        {
            ["term"] = member.Term,
            ["similarity"] = member.Similarity,
            ["momentum"] = member.Momentum,
            ["surge"] = member.Surge,
        });
        return json;
    }

    public static JsonObject Coverage(CoveragePicture? picture)
        => new()
        {
            ["model"] = picture?.Model,
            ["problem"] = picture is null
                ? "The database lacks the migrations that need pgvector: see `lexyhub migrate --status`."
                : picture.Problem,
            ["keywords"] = Kind(picture?.Keywords ?? new Coverage(0, 0, 0, 0)),
            ["listings"] = Kind(picture?.Listings ?? new Coverage(0, 0, 0, 0)),
        };

    /// <summary>Every day of the span, also those without a call.</summary>
    public static JsonObject Usage(IReadOnlyList<ModelUsage> rows, DateOnly from, DateOnly to)
    {
        var ofDay = rows.ToLookup(row => row.Day);
        return new JsonObject
        {
            ["from"] = Day(from),
            ["to"] = Day(to),
            ["requests"] = rows.Sum(row => row.Requests),
            ["tokens"] = rows.Sum(row => row.Tokens),
            ["estimatedCostUsd"] = rows.Sum(row => row.EstimatedCostUsd),
            ["days"] = Array(Enumerable.Range(0, to.DayNumber - from.DayNumber + 1).Select(from.AddDays), day => new JsonObject
            {
                ["day"] = Day(day),
                ["tokens"] = ofDay[day].Sum(row => row.Tokens),
                ["estimatedCostUsd"] = ofDay[day].Sum(row => row.EstimatedCostUsd),
            }),
            ["models"] = Array(rows.GroupBy(row => (row.Job, row.Model)).OrderByDescending(group => group.Sum(row => row.Tokens)), group => new JsonObject
            {
                ["job"] = group.Key.Job,
                ["model"] = group.Key.Model,
                ["requests"] = group.Sum(row => row.Requests),
                ["tokens"] = group.Sum(row => row.Tokens),
                ["estimatedCostUsd"] = group.Sum(row => row.EstimatedCostUsd),
            }),
        };
    }

    private static JsonObject Cluster(ClusterRow row)
        => new()
        {
            ["id"] = row.Id,
            ["label"] = row.Label,
            ["description"] = row.Description,
            ["market"] = row.Market,
            ["memberCount"] = row.MemberCount,
            ["momentum"] = row.Momentum,
            ["confidence"] = row.Confidence,
            ["cohesion"] = row.Cohesion,
            ["intents"] = row.Intents is null ? null : JsonNode.Parse(row.Intents),
            ["x"] = row.X,
            ["y"] = row.Y,
            ["updatedAt"] = row.UpdatedAt,
        };

    private static JsonObject Counted(string name, IntentCount count)
        => new()
        {
            [name] = count.Value,
            ["keywords"] = count.Keywords,
            ["listings"] = count.Listings,
            ["confidence"] = count.Confidence is { } mean ? Math.Round(mean, 3) : null,
        };

    private static JsonObject Kind(Coverage coverage)
        => new()
        {
            ["total"] = coverage.Total,
            ["have"] = coverage.Have,
            ["missing"] = coverage.Missing,
            ["quarantined"] = coverage.Quarantined,
            ["givenUp"] = coverage.GivenUp,
        };

    private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> toJson) => [.. items.Select(toJson)];

    private static string? Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
