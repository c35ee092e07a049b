using LexyHub.Core.Jobs;

namespace LexyHub.Core.Etsy;

/// <summary>What a run was asked for.</summary>
/// <param name="Mode">Null: each shop as is due.</param>
/// <param name="Account">Null: all that are active.</param>
internal sealed record EtsySyncRequest(EtsySyncMode? Mode, Guid? Account)
{
    /// <summary>A sync that was begun so long ago is not gone on with: too much has changed since.</summary>
    private static readonly TimeSpan CursorLifetime = TimeSpan.FromDays(2);

    /// <exception cref="JobException">400 <c>parameter-invalid</c>.</exception>
    public static EtsySyncRequest Parse(IReadOnlyDictionary<string, string> parameters)
    {
        EtsySyncMode? mode = parameters.GetValueOrDefault("mode")?.Trim() switch
        {
            null or "" => null,
            "incremental" => EtsySyncMode.Incremental,
            "full" => EtsySyncMode.Full,
            _ => throw ApiParameters.Invalid("mode must be incremental or full; left out, each shop is read as is due."),
        };
        return parameters.GetValueOrDefault("account")?.Trim() switch
        {
            null or "" => new EtsySyncRequest(mode, null),
            var text when Guid.TryParse(text, out var account) => new EtsySyncRequest(mode, account),
            _ => throw ApiParameters.Invalid("account must be the id of a marketplace account, a UUID; `lexyhub etsy accounts` lists them."),
        };
    }

    /// <returns>What of <paramref name="found"/> is to be read.</returns>
    /// <exception cref="JobException">400: the one asked for is not there, or its seller has disconnected it.</exception>
    public IReadOnlyList<EtsyAccount> Admit(IReadOnlyList<EtsyAccount> found)
    {
        if (Account is not { } asked)
        {
            return found;
        }

        return found switch
        {
            [] => throw ApiParameters.Invalid($"There is no Etsy account {asked}; `lexyhub etsy accounts` lists them."),
            [{ Status: EtsyAccount.Active or EtsyAccount.NeedsReconnect }] => found,
            [var other, ..] => throw ApiParameters.Invalid($"The Etsy account {asked} is {other.Status}; only one that is active or needs-reconnect can be synced."),
        };
    }

    /// <returns>Where an unfinished sync goes on; null where there is none, or another one is wanted.</returns>
    public EtsyCursor? Resume(EtsySyncState state, IReadOnlyList<string> wanted, DateTimeOffset now)
        => state.Cursor is { } cursor
            && wanted.Contains(cursor.State)
            && now - cursor.StartedAt < CursorLifetime
            && (Mode != EtsySyncMode.Full || cursor.Mode == EtsySyncMode.Full)
            ? cursor
            : null;

    /// <returns>Where a new sync begins: incremental only where there was a successful one before.</returns>
    public EtsyCursor Begin(EtsySyncState state, EtsyOptions options, DateTimeOffset now)
    {
        var mode = state.LastSuccessAt is null || state.LastFullAt is null ? EtsySyncMode.Full
            : Mode ?? (now - state.LastFullAt >= options.FullSyncInterval ? EtsySyncMode.Full : EtsySyncMode.Incremental);
        var since = mode == EtsySyncMode.Full ? null : state.LastSuccessAt - options.IncrementalOverlap;
        return new EtsyCursor(mode, now, since, EtsyStates.Wanted(options)[0], 0, false, [], true, null);
    }
}
