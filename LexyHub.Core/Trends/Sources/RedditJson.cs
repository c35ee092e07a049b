using System.Text.Json.Serialization;

namespace LexyHub.Core.Trends.Sources;

// Only what is used is read, so that what varies (edited is false or a float, upvote_ratio may be missing) cannot hurt.
internal sealed record RedditListingResponse(RedditListingData? Data);

/// <param name="After">Name of the last post where there are more pages.</param>
internal sealed record RedditListingData(string? After, IReadOnlyList<RedditThing?>? Children);

/// <param name="Kind"><c>t3</c> is a post.</param>
internal sealed record RedditThing(string? Kind, RedditPostData? Data);

/// <param name="Name">Unique, for example <c>t3_1sk99af</c>.</param>
/// <param name="CreatedUtc">Unix seconds, as a float. (<c>created</c> was in another time zone for years.)</param>
internal sealed record RedditPostData(string? Name, string? Title, double? Score, double? CreatedUtc, bool? Stickied);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RedditListingResponse))]
internal sealed partial class RedditJson : JsonSerializerContext;
