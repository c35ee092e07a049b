using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using Npgsql;

namespace LexyHub.Core.Etsy;

/// <summary>Writes a page with its place, in one fenced transaction, so that a sync goes on exactly where it was stopped.</summary>
internal sealed class EtsyPageWriter(
    JobContext context, EtsyProgress progress, ListingStore listings, KeywordStore keywords, EtsyShopResult result, Guid syncState, TimeProvider time)
{
    private const int DeadlockAttempts = 3;

    /// <summary>Tags that need no second look in this run.</summary>
    private const int MaxKnownTags = 50_000;

    /// <summary>LexyHub calls what a seller gave <c>seller</c>; tags of other sources, such as suggestions, stay.</summary>
    public static readonly ListingOrigin Origin = new("etsy", "seller", ["seller", EtsyAccount.Provider, ""], IgnoresTagCase: true);

    private readonly HashSet<string> knownTags = new(StringComparer.Ordinal);

    /// <param name="place">Where the sync goes on after the page.</param>
    /// <param name="rows">Of the page; no id twice.</param>
    /// <param name="fresh">Ids that no page before held.</param>
    /// <param name="detail">How far it is, for people.</param>
    public async Task WriteAsync(EtsyCursor place, string state, IReadOnlyList<EtsyContent> rows, IReadOnlySet<long> fresh, string detail, CancellationToken cancellationToken)
    {
        await WritePartAsync(place, state, rows, fresh, detail, cancellationToken);
        result.PricesLeftOut += rows.Count(row => !row.PriceFits && fresh.Contains(row.ListingId));
    }

    // A deployment may refuse rows for reasons of its own (a check, a trigger). Halving finds them, and the rest goes in; the place
    // moves with the last part.
    private async Task WritePartAsync(EtsyCursor? place, string state, IReadOnlyList<EtsyContent> rows, IReadOnlySet<long> fresh, string detail, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await WriteOnceAsync(place, state, rows, fresh, detail, cancellationToken);
                return;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure && attempt < DeadlockAttempts)
            {
                // Another job met the same rows in another order. Whoever was chosen to give way begins anew.
            }
            catch (PostgresException e) when (DatabaseErrors.IsAboutARow(e) && rows.Count > 0)
            {
                if (rows.Count > 1)
                {
                    await WritePartAsync(null, state, [.. rows.Take(rows.Count / 2)], fresh, detail, cancellationToken);
                    await WritePartAsync(place, state, [.. rows.Skip(rows.Count / 2)], fresh, detail, cancellationToken);
                    return;
                }

                result.Fail($"{result.Account.Label}, listing {rows[0].ListingId}", $"The database refused it (SQLSTATE {e.SqlState}): {e.MessageText}");
                await WritePartAsync(place, state, [], fresh, detail, cancellationToken);
                return;
            }
        }
    }

    private async Task WriteOnceAsync(EtsyCursor? place, string state, IReadOnlyList<EtsyContent> rows, IReadOnlySet<long> fresh, string detail, CancellationToken cancellationToken)
    {
        var account = result.Account.Id;
        var newTags = rows.SelectMany(row => row.Keywords).DistinctBy(keyword => keyword.Normal).Where(keyword => !knownTags.Contains(keyword.Normal)).ToList();
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var read = rows.Count(row => fresh.Contains(row.ListingId));
        var (upserted, added) = (0, 0);
        await using var transaction = await context.BeginWriteAsync(cancellationToken);
        if (rows.Count > 0)
        {
            var changes = await listings.UpsertAsync(transaction.Connection, [.. rows.Select(row => row.Listing)], cancellationToken);
            upserted = changes.Added.Count + changes.Changed.Count;
            await EtsyStatStore.UpsertAsync(transaction.Connection, account, today, [.. rows.Select(row => row.Stat).OfType<EtsyStat>()], cancellationToken);
            if (newTags.Count > 0)
            {
                added = await keywords.InsertAsync(transaction.Connection, newTags, cancellationToken);
            }

            await EtsySeenStore.AddAsync(transaction.Connection, account, state, [.. rows.Select(row => row.ListingId)], cancellationToken);
        }

        if (place is not null)
        {
            await EtsySyncStateStore.SaveCursorAsync(transaction.Connection, syncState, place, cancellationToken);
        }

        await transaction.CommitAsync(progress.Next(read, detail), cancellationToken);
        result.Read += read;
        result.Upserted += upserted;
        result.KeywordsAdded += added;
        if (knownTags.Count > MaxKnownTags)
        {
            knownTags.Clear();
        }

        knownTags.UnionWith(newTags.Select(keyword => keyword.Normal));
    }
}
