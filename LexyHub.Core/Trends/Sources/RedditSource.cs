using System.Net;
using System.Runtime.CompilerServices;
using LexyHub.Core.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Trends.Sources;

/// <summary>
/// Mentions of known keywords in the titles of the configured subreddits, per UTC day up to yesterday
/// (<see cref="RedditMentions.Weight"/>). A title itself is never a term.
/// </summary>
/// <remarks>
/// Days are comparable only where the same subreddits were read in full. So days start where the shallowest subreddit is
/// complete, a subreddit that is too busy to show all of yesterday is left out, as is one that does not exist or is private;
/// and where one fails for another reason nothing is reported, because its absence would look like a fall.
/// </remarks>
public sealed class RedditSource(
    RedditClient client, IOptions<RedditOptions> options, ILogger<RedditSource> logger) : ITrendSource
{
    public const string SourceName = "reddit";

    // Reddit ends a listing after 1,000 posts as if there were no more, and removed ones are missing from them:
    // only one that ends well before is taken to be all there is.
    private const int SurelyAll = 500;

    private const string CredentialsAdvice = "Check Trends:Reddit:ClientId and :ClientSecret.";

    private readonly RedditOptions _options = options.Value;

    public string Name => SourceName;

    public string? NotConfiguredReason
        => !_options.Enabled ? "switched off by Trends:Reddit:Enabled"
            : string.IsNullOrWhiteSpace(_options.ClientId) || string.IsNullOrWhiteSpace(_options.ClientSecret)
                ? "set Trends:Reddit:ClientId and :ClientSecret"
            : _options.Subreddits.Count == 0 ? "set Trends:Reddit:Subreddits"
            : null;

    public async IAsyncEnumerable<SignalBatch> FetchAsync(
        TrendSourceContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = context.Today.AddDays(-1);
        var windowStart = context.Today.AddDays(-_options.WindowDays);
        var read = new List<SubredditPosts>();
        RemoteServiceException? refusal = null;
        foreach (var subreddit in _options.Subreddits.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var (posts, error) = await ReadAsync(subreddit, windowStart, cancellationToken);
            if (error is not null)
            {
                refusal = error;
                Log.SubredditLeftOut(logger, SourceName, subreddit, error.Message);
            }
            else if (posts!.CompleteSince > last)
            {
                Log.SubredditLeftOut(logger, SourceName, subreddit, "it has more posts a day than a listing shows.");
            }
            else
            {
                read.Add(posts);
            }
        }

        if (read.Count == 0)
        {
            throw refusal is not null
                ? TrendSourceErrors.From(refusal, "Check the names in Trends:Reddit:Subreddits, and whether they are public.")
                : new TrendSourceException(
                    "too-busy", "Every subreddit has more posts a day than a listing shows. Choose smaller ones in Trends:Reddit:Subreddits.");
        }

        var known = await context.GetKnownTermsAsync(cancellationToken);
        var first = read.Max(r => r.CompleteSince) ?? windowStart;
        var signals = RedditMentions.ToSignals(
            read.SelectMany(r => r.Posts), new KeywordMatcher(known), first, last, zeros: _options.Listing == RedditListing.New);
        Log.PostsMatched(
            logger, SourceName, read.Sum(r => r.Posts.Count), read.Count, signals.Select(s => s.Term).Distinct().Count());
        if (signals.Count > 0)
            yield return new SignalBatch(signals);
    }

    // 3xx is Reddit's answer for a name that does not exist, 403 for a private one, 404 for a banned one.
    private async Task<(SubredditPosts? Posts, RemoteServiceException? Refusal)> ReadAsync(
        string subreddit, DateOnly windowStart, CancellationToken cancellationToken)
    {
        try
        {
            return (await ReadPagesAsync(subreddit, windowStart, cancellationToken), null);
        }
        catch (RemoteServiceException e)
            when (e.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound or (>= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest))
        {
            return (null, e);
        }
        catch (RemoteServiceException e)
        {
            throw TrendSourceErrors.From(e, CredentialsAdvice);
        }
    }

    private async Task<SubredditPosts> ReadPagesAsync(
        string subreddit, DateOnly windowStart, CancellationToken cancellationToken)
    {
        var posts = new List<RedditPost>();
        var chronological = _options.Listing == RedditListing.New;
        DateOnly? oldest = null;
        var listed = 0;
        string? after = null;
        while (true)
        {
            var page = await client.GetPageAsync(subreddit, after, listed, cancellationToken);
            var children = page.Children ?? [];
            listed += children.Count;
            foreach (var child in children)
            {
                // Announcements that moderators pin are neither new nor about products, and stand outside the order.
                if (child is not { Kind: "t3", Data: { Name: { } name, Title: { } title, CreatedUtc: { } created, Stickied: not true } data }
                    || DayOf(created) is not { } day)
                {
                    continue;
                }

                oldest = oldest is { } d && d < day ? d : day;
                if (day >= windowStart)
                    posts.Add(new RedditPost(name, title, day, data.Score ?? 0));
            }

            var ended = page.After is null || page.After == after || children.Count == 0;
            var pastWindow = chronological && oldest < windowStart;
            if (!ended && !pastWindow && listed < _options.MaxPostsPerSubreddit)
            {
                after = page.After;
                continue;
            }

            if (!chronological)
                return new SubredditPosts(subreddit, posts, null);

            // Where the listing was cut off, the day it was cut in is known in part only.
            var complete = pastWindow || (ended && listed < SurelyAll) || oldest is null;
            return new SubredditPosts(subreddit, posts, complete ? windowStart : oldest!.Value.AddDays(1));
        }
    }

    private static DateOnly? DayOf(double unixSeconds)
        => unixSeconds is > 0 and < 253_402_300_800
            ? DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds((long)unixSeconds).UtcDateTime)
            : null;
}
