using LexyHub.Core.Data;
using LexyHub.Core.Http;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Etsy;

/// <summary>Connected Etsy shops into <c>listings</c>, <c>listing_tags</c>, <c>listing_stats</c> and <c>keywords</c>.</summary>
internal sealed class EtsySyncJob(
    LexyHubDatabase database,
    EtsyAccountStore accounts,
    EtsyTokenCipher cipher,
    EtsyClient client,
    JobAutomation automation,
    IOptions<EtsyOptions> options,
    TimeProvider time,
    ILogger<EtsySyncJob> logger) : IJob
{
    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var request = EtsySyncRequest.Parse(context.Parameters);
        if (options.Value.NotConfiguredReason is { } reason)
        {
            return new JobOutcome { Skipped = true, Message = reason };
        }

        var shops = request.Admit(await accounts.ReadAsync(request.Account, cancellationToken));
        if (shops.Count == 0)
        {
            return new JobOutcome { Message = "No active Etsy account is connected.", Counts = EtsySyncReport.Counts([]) };
        }

        var results = shops.Select(shop => new EtsyShopResult(shop)).ToList();
        var progress = new EtsyProgress(results.Count);
        var keywords = await KeywordStore.ProbeAsync(database, cancellationToken);
        RemoteServiceException? limit = null;
        context.BeginStage("reading shops");
        await Parallel.ForEachAsync(
            results,
            new ParallelOptions { MaxDegreeOfParallelism = options.Value.Concurrency, CancellationToken = cancellationToken },
            async (result, token) =>
            {
                // The limit is the key's: what stops one shop stops them all.
                if (limit is null && context.StopRequested is null)
                {
                    limit = await SyncShopAsync(context, request, result, keywords, progress, token) ?? limit;
                    context.Report(progress.ShopEnded(result));
                }
            });
        return EtsySyncReport.Outcome(results, limit, context.StopRequested);
    }

    /// <returns>The limit that ends the run; null where there is none.</returns>
    private async Task<RemoteServiceException?> SyncShopAsync(
        JobContext context, EtsySyncRequest request, EtsyShopResult result, KeywordStore keywords, EtsyProgress progress, CancellationToken cancellationToken)
    {
        var account = result.Account;
        var (state, cursor) = await BeginAsync(context, request, account, cancellationToken);
        result.Mode = cursor.Mode;
        try
        {
            if (!long.TryParse(account.ShopId, System.Globalization.NumberStyles.None, null, out var shop) || shop <= 0)
            {
                throw new EtsyShopException("Its external_shop_id is no id of Etsy's: it must be a whole number above zero. Let the seller connect the shop again.");
            }

            var listings = await ListingStore.ProbeAsync(database, account.Id, EtsyPageWriter.Origin, new ListingColumns(), cancellationToken);
            var tokens = new EtsyTokens(context, new EtsyTokenStore(context.DataSource), cipher, client, options, time, logger);
            var writer = new EtsyPageWriter(context, progress, listings, keywords, result, state.Id, time);
            var sync = new EtsyShopSync(context, client, tokens, writer, result, state, options.Value, logger);
            if (await sync.RunAsync(cursor, cancellationToken) is { } end)
            {
                await FinishAsync(context, result, state, end, cancellationToken);
                return null;
            }

            await EndAsync(context, result, state, RunStatus.Partial, "The run was stopped; the next one goes on from here.", cancellationToken);
        }
        catch (OperationCanceledException) when (context.StopRequested is not null && !cancellationToken.IsCancellationRequested)
        {
            await EndAsync(context, result, state, RunStatus.Partial, "The run was stopped; the next one goes on from here.", cancellationToken);
        }
        catch (RemoteServiceException e) when (e.Code is "rate-limited" or "quota-exhausted")
        {
            await EndAsync(context, result, state, RunStatus.Partial, e.Message, cancellationToken);
            return e;
        }
        catch (RemoteServiceException e)
        {
            var message = EtsySyncReport.Advise(e, account);
            result.Fail(account.Label, message);
            await EndAsync(context, result, state, RunStatus.Failed, message, cancellationToken);
        }
        catch (EtsyShopException e)
        {
            result.Fail(account.Label, e.Message);
            await EndAsync(context, result, state, e.NeedsReconnect ? EtsyAccount.NeedsReconnect : RunStatus.Failed, e.Message, cancellationToken);
        }

        return null;
    }

    private async Task<(EtsySyncState State, EtsyCursor Cursor)> BeginAsync(
        JobContext context, EtsySyncRequest request, EtsyAccount account, CancellationToken cancellationToken)
    {
        await using var transaction = await context.BeginWriteAsync(cancellationToken);
        var state = await EtsySyncStateStore.OpenAsync(transaction.Connection, account.Id, cancellationToken);
        var now = time.GetUtcNow();
        var cursor = request.Resume(state, EtsyStates.Wanted(options.Value), now);
        if (cursor is null)
        {
            cursor = request.Begin(state, options.Value, now);
            await EtsySeenStore.ClearAsync(transaction.Connection, account.Id, cancellationToken);
        }

        await EtsySyncStateStore.SaveCursorAsync(transaction.Connection, state.Id, cursor, cancellationToken);
        await transaction.CommitAsync(context.LastProgress, cancellationToken);
        return (state, cursor);
    }

    private async Task FinishAsync(JobContext context, EtsyShopResult result, EtsySyncState state, EtsyCursor end, CancellationToken cancellationToken)
    {
        var account = result.Account;
        result.Message = end is { Mode: EtsySyncMode.Full, IsProven: false }
            ? "Its listings moved while they were read, or Etsy listed fewer than it counts, so that none was taken to be gone. The next full sync looks again."
            : null;
        await using (var transaction = await context.BeginWriteAsync(cancellationToken))
        {
            if (EtsyShopSync.MayInactivate(end))
            {
                result.Inactivated = await EtsySeenStore.InactivateAsync(transaction.Connection, account.Id, EtsyStates.Wanted(options.Value), cancellationToken);
            }

            await EtsySeenStore.ClearAsync(transaction.Connection, account.Id, cancellationToken);
            await EtsySyncStateStore.FinishAsync(
                transaction.Connection, state.Id, end, result.Errors.Count > 0 ? result.Errors[0].Error : result.Message, NextDue(), cancellationToken);
            await EtsyAccountStore.MarkSyncedAsync(transaction.Connection, account.Id, cancellationToken);
            await transaction.CommitAsync(context.LastProgress, cancellationToken);
        }

        result.Status = result.Errors.Count > 0 ? RunStatus.Partial : RunStatus.Succeeded;
        result.IsUnfinished = false;
        Log.ShopSynced(logger, account.Label, end.Mode.ToString(), result.Read, result.Upserted, result.Inactivated, result.Requests);
        if (result.PricesLeftOut > 0)
        {
            Log.PricesLeftOut(logger, account.Label, result.PricesLeftOut);
        }
    }

    private async Task EndAsync(
        JobContext context, EtsyShopResult result, EtsySyncState state, string status, string message, CancellationToken cancellationToken)
    {
        result.Status = status;
        result.IsUnfinished = status == RunStatus.Partial;
        await using var transaction = await context.BeginWriteAsync(cancellationToken);
        if (status == EtsyAccount.NeedsReconnect)
        {
            await EtsyAccountStore.MarkNeedsReconnectAsync(transaction.Connection, result.Account.Id, message, cancellationToken);
        }

        // LexyHub's dashboards know failed, and nothing of why.
        await EtsySyncStateStore.EndAsync(
            transaction.Connection, state.Id, status == EtsyAccount.NeedsReconnect ? RunStatus.Failed : status, message, NextDue(), cancellationToken);
        await transaction.CommitAsync(context.LastProgress, cancellationToken);
        if (status != RunStatus.Partial)
        {
            Log.ShopFailed(logger, result.Account.Label, message);
        }
    }

    private DateTimeOffset? NextDue()
        => JobCatalog.Find(JobCatalog.EtsySync) is { } job && automation.IsOn(job) ? job.NextDue(time.GetUtcNow()) : null;
}
