using System.Globalization;
using LexyHub.Core.Http;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Etsy;

/// <summary>Reads one shop from where its last run stood to the end, state by state.</summary>
internal sealed class EtsyShopSync(
    JobContext context, EtsyClient client, EtsyTokens tokens, EtsyPageWriter writer, EtsyShopResult result, EtsySyncState state, EtsyOptions options, ILogger logger)
{
    // So often a state is read back over before its rows are taken as they come.
    private const int MaxStepsBack = 20;

    private readonly IReadOnlyList<string> wanted = EtsyStates.Wanted(options);
    private readonly long shop = long.Parse(result.Account.ShopId, CultureInfo.InvariantCulture);
    private string? accessToken;

    private long OverlapSeconds => (long)options.IncrementalOverlap.TotalSeconds;


    /// <param name="cursor">Where to begin.</param>
    /// <returns>Where it stands at the end; null where the run must stop before.</returns>
    public async Task<EtsyCursor?> RunAsync(EtsyCursor cursor, CancellationToken cancellationToken)
    {
        accessToken = await tokens.GetAsync(result.Account, refused: null, cancellationToken);
        if (cursor.IsClosing)
        {
            cursor = cursor with { Offset = 0 };
        }
        else
        {
            if (await ReadStatesAsync(cursor, cancellationToken) is not { } read)
            {
                return null;
            }

            cursor = read;
            if (!MayInactivate(cursor) || !await EtsySeenStore.IsAnyGoneAsync(context.DataSource, result.Account.Id, wanted, cancellationToken))
            {
                return cursor;
            }

            // A listing that changed its state meanwhile may have been met in neither. It was updated, so that it stands first.
            cursor = cursor with { IsClosing = true, State = wanted[0], Offset = 0 };
        }

        return await ReadStatesAsync(cursor, cancellationToken);
    }

    /// <summary>Whether what was not met is gone: all was read, and nothing can have been overlooked.</summary>
    public static bool MayInactivate(EtsyCursor cursor) => cursor is { Mode: EtsySyncMode.Full, IsProven: true, Capped.Count: 0 };

    private async Task<EtsyCursor?> ReadStatesAsync(EtsyCursor cursor, CancellationToken cancellationToken)
    {
        var first = Math.Max(0, wanted.ToList().IndexOf(cursor.State));
        foreach (var name in wanted.Skip(first))
        {
            var begin = name == cursor.State ? cursor : cursor with { State = name, Offset = 0 };
            if (await ReadStateAsync(begin, cancellationToken) is not { } end)
            {
                return null;
            }

            cursor = end;
        }

        return cursor;
    }

    // Each page begins with the last listing of the one before. Where it begins with one that was not met yet, listings before it went
    // away and others moved up over the edge: then it is read again from further up. Listings that were updated meanwhile move to the
    // top; the next incremental sync begins before that.
    private async Task<EtsyCursor?> ReadStateAsync(EtsyCursor cursor, CancellationToken cancellationToken)
    {
        var seen = cursor.Offset > 0
            ? await EtsySeenStore.ReadAsync(context.DataSource, result.Account.Id, cursor.State, cancellationToken)
            : [];
        var stepsBack = 0;
        while (true)
        {
            if (context.StopRequested is not null)
            {
                return null;
            }

            var page = await GetPageAsync(cursor, cancellationToken);
            var rows = page.Results!.OfType<EtsyListing>().Where(row => row.ListingId is > 0).ToList();
            var leavesGap = cursor.Offset > 0 && (rows.Count == 0 || !seen.Contains(rows[0].ListingId!.Value));
            if (leavesGap && stepsBack < MaxStepsBack)
            {
                stepsBack++;
                cursor = cursor with { Offset = Math.Max(0, cursor.Offset - EtsyClient.PageSize + 1) };
                Log.SteppedBack(logger, result.Account.Label, cursor.State, cursor.Offset);
                continue;
            }

            cursor = cursor with { IsSorted = LearnOrder(cursor.IsSorted, rows) };
            var ended = Next(cursor, page, rows, out var next);
            next = next with { IsProven = next.IsProven && !leavesGap };
            var fresh = rows.Select(row => row.ListingId!.Value).Where(id => !seen.Contains(id)).ToHashSet();
            if (ended && !cursor.IsClosing && SinceOf(cursor) is null && page.Count > seen.Count + fresh.Count && next.Capped.Count == cursor.Capped.Count)
            {
                // Etsy counts more than it listed.
                next = next with { IsProven = false };
            }

            await WriteAsync(next, cursor, page, rows, fresh, cancellationToken);
            seen.UnionWith(fresh);
            if (ended)
            {
                return next;
            }

            cursor = next;
        }
    }

    /// <returns>Whether the state is done.</returns>
    private bool Next(EtsyCursor cursor, EtsyListings page, List<EtsyListing> rows, out EtsyCursor next)
    {
        next = cursor;
        var size = page.Results!.Count;
        if (rows.Count == 0 || (size < EtsyClient.PageSize && (page.Count is not { } count || cursor.Offset + size >= count)))
        {
            return true;
        }

        // The order is not exact, but inversions are shorter than the overlap (see LearnOrder): behind a listing that is older by more
        // than that, none is wanted.
        if (IsSorted(cursor) && SinceOf(cursor) is { } since && rows.Exists(row => row.UpdatedAt < since - OverlapSeconds))
        {
            return true;
        }

        next = cursor with { Offset = cursor.Offset + Math.Max(1, size - 1) };
        if (next.Offset <= EtsyClient.MaxOffset)
        {
            return false;
        }

        if (cursor.Offset < EtsyClient.MaxOffset)
        {
            next = next with { Offset = EtsyClient.MaxOffset };
            return false;
        }

        next = cursor with { Capped = [.. cursor.Capped.Append(cursor.State).Distinct()] };
        result.Fail(
            $"{result.Account.Label}, {cursor.State}",
            string.Create(
                CultureInfo.InvariantCulture,
                $"Etsy lists no more than {EtsyClient.MaxOffset + EtsyClient.PageSize:N0}{(page.Count is { } all ? $" of its {all:N0}" : "")} {cursor.State} listings, those updated last; the others were not read, and none was taken to be gone."));
        return true;
    }

    private long? SinceOf(EtsyCursor cursor)
        => (cursor.IsClosing ? cursor.StartedAt - options.IncrementalOverlap : cursor.Since)?.ToUnixTimeSeconds();

    // The contract says that sort_on works with a search only. Whether it does shows in the answers: an inversion within one answer
    // that is longer than the overlap says that it does not.
    private bool? LearnOrder(bool? known, List<EtsyListing> rows)
    {
        var earliest = long.MaxValue - OverlapSeconds;
        foreach (var at in rows.Select(row => row.UpdatedAt).OfType<long>())
        {
            if (at > earliest + OverlapSeconds)
            {
                if (known != false)
                {
                    Log.NotSorted(logger, result.Account.Label);
                }

                return false;
            }

            earliest = Math.Min(earliest, at);
        }

        return known ?? (rows.Count > 1 ? true : null);
    }

    private bool IsSorted(EtsyCursor cursor) => cursor.IsSorted != false && (state.IsSorted || cursor.Mode == EtsySyncMode.Full);

    private async Task<EtsyListings> GetPageAsync(EtsyCursor cursor, CancellationToken cancellationToken)
    {
        EtsyListings page;
        try
        {
            page = await client.GetListingsAsync(shop, cursor.State, cursor.Offset, accessToken!, context.BudgetToken);
        }
        catch (RemoteServiceException e) when (EtsyClient.IsRefusedAccess(e))
        {
            accessToken = await tokens.GetAsync(result.Account, refused: accessToken, cancellationToken);
            try
            {
                page = await client.GetListingsAsync(shop, cursor.State, cursor.Offset, accessToken, context.BudgetToken);
            }
            catch (RemoteServiceException again) when (EtsyClient.IsRefusedAccess(again))
            {
                throw new EtsyShopException($"Etsy refuses its access token, and a renewed one too: {again.Message} Let the seller connect the shop again.", again) { NeedsReconnect = true };
            }
        }

        result.Requests++;
        return page.Results is not null
            ? page
            : throw new RemoteServiceException("bad-response", $"{EtsyClient.Service} answered with something that is no list of listings.");
    }

    private async Task WriteAsync(EtsyCursor next, EtsyCursor cursor, EtsyListings page, List<EtsyListing> rows, HashSet<long> fresh, CancellationToken cancellationToken)
    {
        var nameless = page.Results!.Count(row => row?.ListingId is not > 0);
        if (nameless > 0)
        {
            result.Fail($"{result.Account.Label}, {cursor.State}", $"{nameless} of Etsy's listings came without an id and were left out.");
        }

        // Of two that are alike the later is the newer one: a page is no snapshot.
        var contents = rows.GroupBy(row => row.ListingId!.Value).Select(same => EtsyContent.From(same.Last(), cursor.State, result.Account.Market)).ToList();
        var detail = string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Account.Label}: {cursor.State} {cursor.Offset + rows.Count:N0}{(page.Count is { } count ? $" of {count:N0}" : "")}");
        await writer.WriteAsync(next, cursor.State, contents, fresh, detail, cancellationToken);
    }
}
