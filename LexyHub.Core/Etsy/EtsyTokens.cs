using LexyHub.Core.Http;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LexyHub.Core.Etsy;

/// <summary>
/// Hands out the access token of an account, renewed where it ends soon. Refresh tokens rotate: whoever trades one holds a claim on
/// the account, and both new tokens are stored before anything is called with them. No transaction is open while Etsy is asked.
/// </summary>
internal sealed class EtsyTokens(
    JobContext context, EtsyTokenStore store, EtsyTokenCipher cipher, EtsyClient client, IOptions<EtsyOptions> options, TimeProvider time, ILogger logger)
{
    private const int StoreAttempts = 5;

    // Of the database's columns.
    private const string AccessColumn = "access_token";
    private const string RefreshColumn = "refresh_token";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <param name="refused">An access token that Etsy refused; null where none was.</param>
    /// <exception cref="EtsyShopException">There is no token and no way to one.</exception>
    /// <exception cref="RemoteServiceException">Etsy failed, or refused our key.</exception>
    public async Task<string> GetAsync(EtsyAccount account, string? refused, CancellationToken cancellationToken)
    {
        while (true)
        {
            var stored = await store.ReadAsync(account.Id, cancellationToken);
            var access = cipher.Read(stored.AccessToken, account.Id, AccessColumn);
            var refresh = cipher.Read(stored.RefreshToken, account.Id, RefreshColumn);
            var mustRenew = access is null || stored.IsEnding || access == refused;
            if (!mustRenew || (refresh is null && access is not null && access != refused && !stored.IsOver))
            {
                return access!;
            }

            if (refresh is null)
            {
                throw new EtsyShopException(
                    (access is null ? "It has no token." : access == refused ? "Etsy refuses its access token and it has no refresh token." : "Its access token has ended and it has no refresh token.")
                    + " Let the seller connect the shop again.")
                {
                    NeedsReconnect = true,
                };
            }

            if (context.StopRequested is not null)
            {
                throw new OperationCanceledException(context.BudgetToken);
            }

            if (await EtsyTokenStore.ClaimAsync(context, account.Id, 2 * options.Value.RefreshTimeout, cancellationToken) is not { } claim)
            {
                // Whoever has it stores its tokens soon, or its claim ends.
                await Task.Delay(Pause, time, context.BudgetToken);
                continue;
            }

            // Between the reading and the claim others may have been stored.
            if ((await store.ReadAsync(account.Id, cancellationToken)) is var now && now.RefreshToken != stored.RefreshToken)
            {
                await store.ReleaseAsync(claim, isAnswered: true, cancellationToken);
                continue;
            }

            if (await RenewAsync(account, claim, stored.RefreshToken!, refresh) is { } renewed)
            {
                return renewed;
            }
        }
    }

    // From here on nothing is cancelled but by time: an answer that is not stored may cost the connection to the shop.
    private async Task<string?> RenewAsync(EtsyAccount account, EtsyTokenClaim claim, string stored, string refresh)
    {
        EtsyTokenPair pair;
        var isClear = claim.IsFirst;
        try
        {
            pair = await TradeAsync(refresh, () => isClear = false);
        }
        catch (RemoteServiceException e) when (EtsyClient.IsRefusedToken(e))
        {
            await store.ReleaseAsync(claim, isAnswered: true, CancellationToken.None);
            var reason = isClear
                ? $"Etsy does not take its refresh token any more (the seller may have revoked the access, or 90 days have passed): {e.Message}"
                : $"A renewal of its tokens was cut off before Etsy's answer was stored, and Etsy does not take the old refresh token again: {e.Message}";
            throw new EtsyShopException($"{reason} Let the seller connect the shop again.", e) { NeedsReconnect = true };
        }
        catch (RemoteServiceException e)
        {
            // A refusal of our key, or of the rate, has traded nothing; of what failed nobody knows.
            await store.ReleaseAsync(claim, isAnswered: isClear && e.StatusCode is { } status && (int)status < 500, CancellationToken.None);
            throw;
        }

        var isStored = await StoreAsync(account, claim, stored, pair);
        Log.TokensRenewed(logger, account.Label, pair.Lifetime.TotalMinutes, isStored);
        return isStored ? pair.AccessToken : null;
    }

    // The endpoint is known to answer 500 now and then (github.com/etsy/open-api/issues/549). Whether it traded the token then, only
    // another try tells: one, and then the next run's.
    private async Task<EtsyTokenPair> TradeAsync(string refresh, Action onUnclear)
    {
        for (var mayRepeat = true; ; mayRepeat = false)
        {
            using var timeout = new CancellationTokenSource(options.Value.RefreshTimeout / (mayRepeat ? 2 : 4), time);
            try
            {
                return await client.RefreshAsync(refresh, timeout.Token);
            }
            catch (Exception e) when (e is OperationCanceledException || e is RemoteServiceException { Code: "server-error" or "timeout" or "unreachable" or "bad-response" })
            {
                onUnclear();
                if (!mayRepeat)
                {
                    throw e as RemoteServiceException ?? new RemoteServiceException("timeout", $"{EtsyClient.Service} did not renew a token within {options.Value.RefreshTimeout.TotalSeconds:0.#} s.", e);
                }

                Log.TokenRenewalRepeated(logger, e is RemoteServiceException remote ? remote.Message : "no answer in time");
                await Task.Delay(Pause, time, CancellationToken.None);
            }
        }
    }

    private async Task<bool> StoreAsync(EtsyAccount account, EtsyTokenClaim claim, string used, EtsyTokenPair pair)
    {
        var access = cipher.Store(pair.AccessToken, account.Id, AccessColumn);
        var refresh = cipher.Store(pair.RefreshToken, account.Id, RefreshColumn);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await store.StoreAsync(claim, used, access, refresh, pair.Lifetime - time.GetElapsedTime(pair.ReceivedAt), CancellationToken.None);
            }
            catch (NpgsqlException e) when (e.IsTransient && attempt < StoreAttempts)
            {
                Log.TokensNotStored(logger, account.Label, attempt);
                await Task.Delay(Pause, time, CancellationToken.None);
            }
        }
    }
}
