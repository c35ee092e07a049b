using System.Text.Json.Serialization;

namespace LexyHub.Core.Trends.Sources;

// Pinterest v5: no field is required.
internal sealed record PinterestTrendsResponse(IReadOnlyList<PinterestKeyword?>? Trends);

/// <param name="PctGrowthWow">Per cent, week over week; 10001 stands for more than 10,000. So do the other two.</param>
/// <param name="TimeSeries">The last day of each week (ISO 8601) to 0–100, relative to the keyword's own peak of the year.</param>
internal sealed record PinterestKeyword(
    string? Keyword, double? PctGrowthWow, double? PctGrowthMom, double? PctGrowthYoy, IReadOnlyDictionary<string, double?>? TimeSeries);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(PinterestTrendsResponse))]
internal sealed partial class PinterestTrendsJson : JsonSerializerContext;
