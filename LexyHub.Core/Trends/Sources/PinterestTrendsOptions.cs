using System.ComponentModel.DataAnnotations;
using LexyHub.Core.Http;

namespace LexyHub.Core.Trends.Sources;

/// <summary>Section <c>Trends:Pinterest</c>. Tokens need the scope <c>user_accounts:read</c>.</summary>
public sealed class PinterestTrendsOptions
{
    public const string Section = "Trends:Pinterest";

    public bool Enabled { get; set; } = true;

    [ServiceAddress]
    public Uri BaseAddress { get; set; } = new("https://api.pinterest.com/v5/");

    /// <summary>Lives 30 days. Used until it is refused.</summary>
    public string? AccessToken { get; set; }

    /// <summary>Lives 60 days and is replaced with each refresh; see <see cref="IRefreshTokenStore"/>.</summary>
    public string? RefreshToken { get; set; }

    public string? ClientId { get; set; }

    public string? ClientSecret { get; set; }

    /// <summary>
    /// For example <c>US</c> and <c>GB+IE</c>; empty means US. A keyword that trends in several regions keeps the series of the
    /// first one, so their order is their rank.
    /// </summary>
    [EachMatches("^[A-Z]{2}([+][A-Z]{2})*$")]
    public IList<string> Regions { get; set; } = [];

    /// <summary>Of <c>growing</c>, <c>monthly</c>, <c>yearly</c>, <c>seasonal</c>; empty means all.</summary>
    [EachMatches("^(growing|monthly|yearly|seasonal)$")]
    public IList<string> TrendTypes { get; set; } = [];

    /// <summary>For example <c>home_decor</c>; empty means all interests.</summary>
    [EachMatches("^[a-z_]+$")]
    public IList<string> Interests { get; set; } = [];

    /// <summary>Of <c>female</c>, <c>male</c>, <c>unknown</c>; empty means everyone.</summary>
    [EachMatches("^(female|male|unknown)$")]
    public IList<string> Genders { get; set; } = [];

    /// <summary>For example <c>25-34</c>; empty means all.</summary>
    [EachMatches("^[0-9]{2}(-[0-9]{2}|[+])$")]
    public IList<string> Ages { get; set; } = [];

    /// <summary>Keywords per region and trend type.</summary>
    [Range(1, 50)]
    public int Limit { get; set; } = 50;
}
