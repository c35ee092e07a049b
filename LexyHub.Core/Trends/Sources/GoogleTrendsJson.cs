using System.Text.Json.Serialization;

namespace LexyHub.Core.Trends.Sources;

// The parts of v1alpha that are read or written. Numbers may come as strings: protobuf writes 64-bit integers so.
internal sealed record GoogleTimeSeriesRequest(GoogleTimeSeriesSpec Spec);

internal sealed record GoogleTimeSeriesSpec(
    GoogleExpression Expression, GoogleGeo Geo, GoogleTimeRange TimeRange, string TimeResolution);

internal sealed record GoogleExpression(IReadOnlyList<GoogleTerm> Terms);

internal sealed record GoogleTerm(string Value, string Type);

internal sealed record GoogleGeo(string Type, string Code);

/// <param name="StartTime">UTC, so that it is written with the Z that protobuf's JSON prefers.</param>
internal sealed record GoogleTimeRange(DateTime? StartTime, DateTime? EndTime);

internal sealed record GoogleOperation(string? Name, bool Done, GoogleStatus? Error, GoogleOperationResponse? Response);

/// <param name="Code">Of google.rpc.Code, not of HTTP.</param>
internal sealed record GoogleStatus(int Code, string? Message);

internal sealed record GoogleOperationResponse(GoogleTimeSeries? TimeSeries);

internal sealed record GoogleTimeSeries(IReadOnlyList<GooglePoint?>? Points);

/// <param name="SearchInterest">Scaled the same way in every request; absent where there is no reading, 0 where nobody searched.</param>
internal sealed record GooglePoint(GoogleTimeRange? TimeRange, double? SearchInterest, bool? IsPartial);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(GoogleTimeSeriesRequest))]
[JsonSerializable(typeof(GoogleOperation))]
internal sealed partial class GoogleTrendsJson : JsonSerializerContext;
