using System.Globalization;
using System.Text;

namespace LexyHub.Core.Embeddings;

/// <summary>Goes through everything that is due once: keywords and listings side by side, because a request that is full of short texts
/// has room for long ones. It may be cut into rounds by an allowance of tokens.</summary>
/// <param name="due">At the start; what comes later is gone through too.</param>
internal sealed class DueFeed(DueStore store, EmbeddingScope scope, DueCount due, TimeProvider time, CancellationToken budget)
{
    private const int TermsPerPage = 1_024;
    private const int ListingsPerPage = 256;

    // A token of English is about four bytes, of other scripts two or three; none is less than one.
    private const int FewestBytesPerToken = 2;

    // A longer text is cut.
    private const int MostTokensPerText = 8_191;

    // A part of the hash of each listing's text that was given out: about 40 bytes for each, beside 12 KB for its vector. Terms need none:
    // the database knows which are due.
    private readonly HashSet<UInt128> given = [];
    private List<Twin> heldBack = [];
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
                Twins = from == 0 ? page.Twins : [],
            };
            if (!isWhole)
            {
                yield break;
            }

            page = null;
        }
    }

    /// <returns>Texts of something else that was given out, or was to be, once the feed has ended: it may have its vector by now.</returns>
    public List<Twin> TakeHeldBack()
    {
        var taken = heldBack;
        heldBack = [];
        return taken;
    }

    /// <summary>Gives out what was held back in vain.</summary>
    public void PutBack(IReadOnlyList<Twin> twins)
    {
        pages = PagesOfAsync(twins).GetAsyncEnumerator(budget);
        Ended = false;
    }

    private DuePage HoldBackTwins(DuePage page) => page with { Texts = [.. page.Texts.Where(IsFirst)] };

    // A listing with the text of a due term waits for that, whichever is read first. A term that becomes due meanwhile waits
    // for a listing that was given out.
    private bool IsFirst(DueText text)
    {
        var isFirst = text switch
        {
            DueListing listing => !listing.IsTermDue && given.Add(KeyOf(listing.TextHash)),
            _ => given.Count == 0 || !given.Contains(KeyOf(EmbeddingScope.Hash(text.Text))),
        };
        if (!isFirst)
        {
            heldBack.Add(Twin.Of(text));
        }

        return isFirst;
    }

    private static UInt128 KeyOf(string textHash)
        => UInt128.Parse(textHash.AsSpan(0, 32), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static long MostTokens(DueText text)
        => Math.Min(MostTokensPerText, 1 + (Encoding.UTF8.GetByteCount(text.Text) / FewestBytesPerToken));

    // Each page is read by itself, so that no connection waits while a request is under way.
    private async IAsyncEnumerable<DuePage> PagesAsync()
    {
        if (await store.ReadBlankAsync(budget) is { } blank)
        {
            yield return blank;
        }

        var (lastTerm, lastListing) = ("", Guid.Empty);
        var (termsRead, listingsRead) = (0L, 0L);
        for (var (termsEnded, listingsEnded) = (false, false); !termsEnded || !listingsEnded;)
        {
            // Whichever is further from its end, so that both end together.
            if (listingsEnded || (!termsEnded && (termsRead * due.Listings) <= (listingsRead * due.Terms)))
            {
                var (terms, last) = await store.ReadTermsAsync(lastTerm, TermsPerPage, time.GetUtcNow(), budget);
                termsRead += TermsPerPage;
                termsEnded = last is null;
                lastTerm = last ?? lastTerm;
                yield return HoldBackTwins(terms);
            }
            else
            {
                var (listings, last) = await store.ReadListingsAsync(lastListing, ListingsPerPage, time.GetUtcNow(), budget);
                listingsRead += ListingsPerPage;
                listingsEnded = last is null;
                lastListing = last ?? lastListing;
                yield return HoldBackTwins(listings);
            }
        }
    }

    private async IAsyncEnumerable<DuePage> PagesOfAsync(IReadOnlyList<Twin> twins)
    {
        yield return new DuePage([.. twins.Where(twin => twin.Listing is null).Select(twin => new DueTerm(twin.Term!, scope))], [], [], 0);
        foreach (var listings in twins.Where(twin => twin.Listing is not null).Chunk(ListingsPerPage))
        {
            yield return await store.ReadListingsAsync([.. listings.Select(twin => twin.Listing!.Value.Id)], time.GetUtcNow(), budget);
        }
    }
}
