using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using LexyHub.Core.Data;
using LexyHub.Core.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Trends.Sources;

/// <summary>
/// What trends on Pinterest, known to us or not: the weeks of the past year as <see cref="SignalScale.Index"/> under
/// <c>pinterest</c>. A keyword without weeks gives its growth as <see cref="SignalScale.Percent"/> under <c>pinterest-growth</c>:
/// month over month, else week over week, else year over year, at most 10,000.
/// </summary>
/// <remarks>Each fetch relates a keyword's weeks to its peak of that year, so weeks of different fetches differ in scale.</remarks>
public sealed class PinterestTrendsSource(
    PinterestTrendsClient client, IOptions<PinterestTrendsOptions> options, ILogger<PinterestTrendsSource> logger) : ITrendSource
{
    public const string SourceName = "pinterest";

    /// <summary>The name of growth percentages, which share no scale with the weeks.</summary>
    public const string GrowthSourceName = "pinterest-growth";

    // 10001 says "above 10,000"; how far above is not known.
    private const double MaxGrowth = 10_000;

    private static readonly string[] s_allTrendTypes = ["growing", "monthly", "yearly", "seasonal"];

    private readonly PinterestTrendsOptions _options = options.Value;

    public string Name => SourceName;

    public string? NotConfiguredReason
        => !_options.Enabled ? "switched off by Trends:Pinterest:Enabled"
            : HasRefresh || !string.IsNullOrWhiteSpace(_options.AccessToken) ? null
            : "set Trends:Pinterest:ClientId, :ClientSecret and :RefreshToken (or :AccessToken)";

    private bool HasRefresh => !string.IsNullOrWhiteSpace(_options.RefreshToken)
        && !string.IsNullOrWhiteSpace(_options.ClientId) && !string.IsNullOrWhiteSpace(_options.ClientSecret);

    public async IAsyncEnumerable<SignalBatch> FetchAsync(
        TrendSourceContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] regions = _options.Regions.Count > 0 ? [.. _options.Regions.Distinct()] : ["US"];
        var trendTypes = _options.TrendTypes.Count > 0 ? [.. _options.TrendTypes.Distinct()] : s_allTrendTypes;

        // Trend types overlap, and so do regions.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var growthSeen = new HashSet<string>(StringComparer.Ordinal);
        var answered = 0;
        RemoteServiceException? refusal = null;
        foreach (var region in regions)
        {
            foreach (var trendType in trendTypes)
            {
                var (keywords, error) = await ReadAsync(region, trendType, cancellationToken);
                if (error is not null)
                {
                    Log.TrendsRefused(logger, SourceName, region, trendType, error.Message);
                    refusal = error;
                    continue;
                }

                answered++;
                var signals = new List<Signal>();
                foreach (var keyword in keywords)
                    Add(signals, keyword, context.Today, seen, growthSeen);
                if (signals.Count > 0)
                    yield return new SignalBatch(signals);
            }
        }

        if (answered == 0 && refusal is not null)
            throw ToError(refusal);
    }

    // A 400 or 404 is about this region and trend type; anything else is about the service or our access to it.
    private async Task<(IReadOnlyList<PinterestKeyword> Keywords, RemoteServiceException? Refusal)> ReadAsync(
        string region, string trendType, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.GetTopAsync(region, trendType, cancellationToken), null);
        }
        catch (RemoteServiceException e) when (e.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound)
        {
            return ([], e);
        }
        catch (RemoteServiceException e)
        {
            throw ToError(e);
        }
    }

    private static TrendSourceException ToError(RemoteServiceException error) => TrendSourceErrors.From(
        error, "Check Trends:Pinterest:ClientId, :ClientSecret and :RefreshToken; the scope user_accounts:read is needed.");

    private static void Add(
        List<Signal> signals, PinterestKeyword keyword, DateOnly today, HashSet<string> seen, HashSet<string> growthSeen)
    {
        var term = TermText.Normalize(keyword.Keyword);
        if (term.Length == 0 || seen.Contains(term))
            return;

        var before = signals.Count;
        foreach (var (day, value) in Weeks(keyword, today))
            signals.Add(new Signal(term, SourceName, day, value, SignalScale.Index));

        if (signals.Count > before)
        {
            seen.Add(term);
        }
        else if ((keyword.PctGrowthMom ?? keyword.PctGrowthWow ?? keyword.PctGrowthYoy) is { } growth
            && double.IsFinite(growth) && growthSeen.Add(term))
        {
            signals.Add(new Signal(
                term, GrowthSourceName, today.AddDays(-1), Math.Clamp(growth, -100, MaxGrowth), SignalScale.Percent));
        }
    }

    // A week that ends today or later is not over.
    private static SortedDictionary<DateOnly, double> Weeks(PinterestKeyword keyword, DateOnly today)
    {
        var weeks = new SortedDictionary<DateOnly, double>();
        foreach (var (text, value) in keyword.TimeSeries ?? new Dictionary<string, double?>())
        {
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                && day < today && value is >= 0 and <= 100)
            {
                weeks[day] = value.Value;
            }
        }

        return weeks;
    }
}
