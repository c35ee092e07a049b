using System.Runtime.CompilerServices;
using LexyHub.Core.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Trends.Sources;

/// <summary>
/// Weekly search interest of the keywords that were not read for longest. The values are <see cref="SignalScale.Count"/>:
/// Google scales them the same way in every request, so what several runs bring joins to one series.
/// </summary>
public sealed class GoogleTrendsSource(
    GoogleTrendsClient client, IOptions<GoogleTrendsOptions> options, ILogger<GoogleTrendsSource> logger) : ITrendSource
{
    public const string SourceName = "google-trends";

    // Google's own limit for a term on its site; a longer keyword is nobody's search.
    private const int MaxTermCharacters = 100;

    // The API's data end some two days before today.
    private const int DataDelayDays = 3;

    private readonly GoogleTrendsOptions _options = options.Value;

    public string Name => SourceName;

    public string? NotConfiguredReason
        => !_options.Enabled ? "switched off by Trends:Google:Enabled"
            : HasRefresh || !string.IsNullOrWhiteSpace(_options.AccessToken) ? null
            : "set Trends:Google:ClientId, :ClientSecret and :RefreshToken (or :AccessToken); Google grants access on application";

    private bool HasRefresh => !string.IsNullOrWhiteSpace(_options.RefreshToken)
        && !string.IsNullOrWhiteSpace(_options.ClientId) && !string.IsNullOrWhiteSpace(_options.ClientSecret);

    public async IAsyncEnumerable<SignalBatch> FetchAsync(
        TrendSourceContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var terms = await context.GetLeastRecentlyReadTermsAsync(SourceName, _options.TermsPerRun, cancellationToken);

        // Google's weeks begin on Sunday: whole ones only, so that none is partial.
        var end = context.Today.AddDays(-DataDelayDays);
        end = end.AddDays(-(int)end.DayOfWeek);
        var start = end.AddDays(-7 * _options.LookbackWeeks);

        var refused = 0;
        RemoteServiceException? lastRefusal = null;
        foreach (var group in terms.Chunk(_options.Concurrency))
        {
            var outcomes = await Task.WhenAll(group.Select(term => ReadAsync(term, start, end, cancellationToken)));
            var read = outcomes.Where(o => o.Error is null or { Code: "term-refused" }).ToList();
            if (read.Count > 0)
            {
                yield return new SignalBatch([.. read.SelectMany(o => o.Signals)])
                {
                    TermsRead = [.. read.Select(o => o.Term)],
                };
            }

            if (outcomes.FirstOrDefault(o => o.Error is { Code: not "term-refused" }) is { Error: { } fatal })
                throw TrendSourceErrors.From(fatal, "Check Trends:Google:ClientId, :ClientSecret, :RefreshToken and the project's access.");

            refused += outcomes.Count(o => o.Error is not null);
            lastRefusal = outcomes.LastOrDefault(o => o.Error is not null)?.Error ?? lastRefusal;
        }

        if (refused > 0)
            Log.TermsRefused(logger, SourceName, refused, terms.Count);
        if (refused == terms.Count && lastRefusal is not null)
            throw new TrendSourceException("refused", $"Every term was refused. {lastRefusal.Message}", lastRefusal);
    }

    private async Task<Outcome> ReadAsync(string term, DateOnly start, DateOnly end, CancellationToken cancellationToken)
    {
        if (term.Length > MaxTermCharacters)
            return new Outcome(term, [], null);

        try
        {
            var weeks = await client.GetWeeksAsync(term, start, end, cancellationToken);
            return new Outcome(
                term, [.. weeks.Select(w => new Signal(term, SourceName, w.LastDay, w.Interest, SignalScale.Count))], null);
        }
        catch (RemoteServiceException e)
        {
            // A 400 is about what was sent, and only the term differs between requests.
            return new Outcome(term, [], e.StatusCode == System.Net.HttpStatusCode.BadRequest ? TermRefused(e) : e);
        }
    }

    private static RemoteServiceException TermRefused(RemoteServiceException e)
        => new("term-refused", e.Message, e) { StatusCode = e.StatusCode, ServiceCode = e.ServiceCode };

    private sealed record Outcome(string Term, IReadOnlyList<Signal> Signals, RemoteServiceException? Error);
}
