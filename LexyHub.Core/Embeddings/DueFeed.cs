using System.Text;

namespace LexyHub.Core.Embeddings;

/// <summary>Goes through everything that is due once: keywords, then listings. It may be cut into rounds by an allowance of tokens.</summary>
internal sealed class DueFeed(DueStore store, TimeProvider time, CancellationToken budget)
{
    private const int TermsPerPage = 4_096;
    private const int ListingsPerPage = 256;

    // A token of English is about four bytes, of other scripts two or three; none is less than one.
    private const int FewestBytesPerToken = 2;

    // A longer text is cut.
    private const int MostTokensPerText = 8_191;

    private IAsyncEnumerator<DuePage>? pages;
    private DuePage? page;
    private int next;

    /// <summary>Everything that was due has been gone through.</summary>
    public bool Ended { get; private set; }

    /// <summary>Texts given out in this round.</summary>
    public int Fed { get; private set; }

    /// <summary>Pages of what is due until <paramref name="allowance"/> might be used up.</summary>
    /// <param name="allowance">Tokens; null for no limit.</param>
    public async IAsyncEnumerable<DuePage> ReadAsync(long? allowance)
    {
        Fed = 0;
        pages ??= PagesAsync().GetAsyncEnumerator(budget);
        while (true)
        {
            if (page is null)
            {
                if (!await pages.MoveNextAsync())
                {
                    Ended = true;
                    yield break;
                }

                page = pages.Current;
                next = 0;
            }

            var from = next;
            while (next < page.Texts.Count && (allowance -= MostTokens(page.Texts[next])) is null or >= 0)
            {
                next++;
            }

            Fed += next - from;
            var isWhole = next == page.Texts.Count;
            yield return page with
            {
                Texts = [.. page.Texts.Skip(from).Take(next - from)],
                SettledTerms = from == 0 ? page.SettledTerms : [],
                SettledListings = from == 0 ? page.SettledListings : [],
                Skipped = from == 0 ? page.Skipped : 0,
            };
            if (!isWhole)
            {
                yield break;
            }

            page = null;
        }
    }

    private static long MostTokens(DueText text)
        => Math.Min(MostTokensPerText, 1 + (Encoding.UTF8.GetByteCount(text.Input.Text) / FewestBytesPerToken));

    // Each page is read by itself, so that no connection waits while a request is under way.
    private async IAsyncEnumerable<DuePage> PagesAsync()
    {
        if (await store.ReadBlankAsync(budget) is { } blank)
        {
            yield return blank;
        }

        for (var after = ""; ;)
        {
            var (terms, last) = await store.ReadTermsAsync(after, TermsPerPage, time.GetUtcNow(), budget);
            if (last is null)
            {
                break;
            }

            yield return terms;
            after = last;
        }

        for (var after = Guid.Empty; ;)
        {
            var (listings, last) = await store.ReadListingsAsync(after, ListingsPerPage, time.GetUtcNow(), budget);
            if (last is null)
            {
                break;
            }

            yield return listings;
            after = last.Value;
        }
    }
}
