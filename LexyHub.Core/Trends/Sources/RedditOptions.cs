using System.ComponentModel.DataAnnotations;
using LexyHub.Core.Http;

namespace LexyHub.Core.Trends.Sources;

/// <summary>Section <c>Trends:Reddit</c>: an application of the kind "script" or "web app".</summary>
public sealed class RedditOptions
{
    public const string Section = "Trends:Reddit";

    public bool Enabled { get; set; } = true;

    [ServiceAddress]
    public Uri TokenEndpoint { get; set; } = new("https://www.reddit.com/api/v1/access_token");

    [ServiceAddress]
    public Uri BaseAddress { get; set; } = new("https://oauth.reddit.com/");

    public string? ClientId { get; set; }

    public string? ClientSecret { get; set; }

    /// <summary>Reddit demands one that names the application, and slows down those that do not.</summary>
    [Required, StringLength(200, MinimumLength = 10), RegularExpression("^[ -~]+$")]
    public string UserAgent { get; set; } = "server:lexyhub-background-jobs:1.0 (keyword trend aggregation)";

    /// <summary>Without <c>r/</c>. None means that the source is not configured.</summary>
    [EachMatches("^[A-Za-z0-9_]{2,21}$")]
    public IList<string> Subreddits { get; set; } = [];

    public RedditListing Listing { get; set; } = RedditListing.New;

    /// <summary>Posts older than this many whole UTC days before today are not read.</summary>
    [Range(1, 30)]
    public int WindowDays { get; set; } = 7;

    /// <summary>Reddit shows no more than 1,000 of any listing.</summary>
    [Range(1, 1_000)]
    public int MaxPostsPerSubreddit { get; set; } = 1_000;
}

/// <summary>
/// <see cref="New"/> is complete, so days can be compared; the others are Reddit's own choice of posts.
/// </summary>
public enum RedditListing
{
    New,
    Hot,
    Top,
    Rising,
}
