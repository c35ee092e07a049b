namespace LexyHub.Core.Trends.Sources;

/// <summary>A post that counts.</summary>
/// <param name="Score">Up-votes less down-votes, as Reddit shows them; may be negative.</param>
internal sealed record RedditPost(string Name, string Title, DateOnly Day, double Score);

/// <summary>What was read of one subreddit.</summary>
/// <param name="CompleteSince">The first UTC day of which every post was read; null where the posts are a choice.</param>
internal sealed record SubredditPosts(string Subreddit, IReadOnlyList<RedditPost> Posts, DateOnly? CompleteSince);

/// <summary>Posts to signals: who mentions what on which day, and how many cared.</summary>
internal static class RedditMentions
{
    /// <summary>
    /// 1 for the post itself and 1 for each tenfold of its score: 0 gives 1, 9 gives 2, 99 gives 3. Counts alone would miss what
    /// many agree with; scores alone would let one joke outweigh a month.
    /// </summary>
    public static double Weight(double score) => 1 + Math.Log10(1 + Math.Max(0, score));

    /// <param name="first">First day that is reported.</param>
    /// <param name="last">Last day that is reported.</param>
    /// <param name="zeros">
    /// Whether every post of those days was read: a term that is mentioned on one of them then has a reading of 0 on the others.
    /// Terms that are not mentioned at all have no reading.
    /// </param>
    /// <returns>One signal per term and day, in the order of the terms' first mention.</returns>
    public static List<Signal> ToSignals(
        IEnumerable<RedditPost> posts, KeywordMatcher matcher, DateOnly first, DateOnly last, bool zeros)
    {
        var days = last.DayNumber - first.DayNumber + 1;
        if (days <= 0)
            return [];

        var weights = new Dictionary<string, double?[]>(StringComparer.Ordinal);
        foreach (var post in posts.DistinctBy(p => p.Name))
        {
            if (post.Day < first || post.Day > last)
                continue;

            foreach (var term in matcher.Find(post.Title))
            {
                if (!weights.TryGetValue(term, out var perDay))
                    weights[term] = perDay = new double?[days];
                ref var weight = ref perDay[post.Day.DayNumber - first.DayNumber];
                weight = (weight ?? 0) + Weight(post.Score);
            }
        }

        var signals = new List<Signal>();
        foreach (var (term, perDay) in weights)
        {
            for (var i = 0; i < days; i++)
            {
                if ((perDay[i] ?? (zeros ? 0 : null)) is { } value)
                    signals.Add(new Signal(term, RedditSource.SourceName, first.AddDays(i), value, SignalScale.Count));
            }
        }

        return signals;
    }
}
