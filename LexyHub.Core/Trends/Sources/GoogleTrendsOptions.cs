using System.ComponentModel.DataAnnotations;
using LexyHub.Core.Http;

namespace LexyHub.Core.Trends.Sources;

/// <summary>Section <c>Trends:Google</c>. Google grants access to the API by application only.</summary>
public sealed class GoogleTrendsOptions
{
    public const string Section = "Trends:Google";

    public bool Enabled { get; set; } = true;

    [ServiceAddress]
    public Uri BaseAddress { get; set; } = new("https://searchtrends.googleapis.com/");

    [ServiceAddress]
    public Uri TokenEndpoint { get; set; } = new("https://oauth2.googleapis.com/token");

    /// <summary>With the scope <c>https://www.googleapis.com/auth/searchtrends</c>; lives an hour. Used until it is refused.</summary>
    public string? AccessToken { get; set; }

    public string? ClientId { get; set; }

    public string? ClientSecret { get; set; }

    /// <summary>Google's do not rotate.</summary>
    public string? RefreshToken { get; set; }

    /// <summary>Sent as <c>X-Goog-User-Project</c> where the quota is another project's than the client's.</summary>
    public string? QuotaProject { get; set; }

    /// <summary>For example <c>GEO_TYPE_COUNTRY_OR_REGION</c> or <c>GEO_TYPE_ADMINISTRATIVE_AREA1</c>.</summary>
    [Required, RegularExpression("^GEO_TYPE_[A-Z0-9_]+$")]
    public string GeoType { get; set; } = "GEO_TYPE_COUNTRY_OR_REGION";

    [Required, RegularExpression("^[A-Z0-9-]{2,10}$")]
    public string GeoCode { get; set; } = "US";

    /// <summary>Two years and a month by default, for the comparison with the season before. The API keeps 1,800 days.</summary>
    [Range(4, 256)]
    public int LookbackWeeks { get; set; } = 108;

    /// <summary>
    /// One request each. The alpha's quota is reported as 10,000 points a day: 20 terms of 108 weeks four times a day are 8,640.
    /// </summary>
    [Range(1, 5_000)]
    public int TermsPerRun { get; set; } = 20;

    /// <summary>Requests under way at the same time.</summary>
    [Range(1, 16)]
    public int Concurrency { get; set; } = 4;

    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one operation is polled.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "00:30:00")]
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromMinutes(2);
}
