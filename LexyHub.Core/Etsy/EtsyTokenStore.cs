using LexyHub.Core.Jobs;
using Npgsql;

namespace LexyHub.Core.Etsy;

/// <summary>The tokens of an account as they are stored.</summary>
/// <param name="IsEnding">The access token ends within <see cref="EtsyTokenStore.Margin"/>, by the database's clock.</param>
/// <param name="IsOver">It has ended.</param>
internal sealed record StoredTokens(string? AccessToken, string? RefreshToken, bool IsEnding, bool IsOver);

/// <summary>The right to renew an account's tokens for a while.</summary>
/// <param name="IsFirst">False where an earlier renewal was never stored.</param>
internal sealed record EtsyTokenClaim(Guid Account, Guid Owner, bool IsFirst);

/// <summary>Tokens, and who may renew them.</summary>
internal sealed class EtsyTokenStore(NpgsqlDataSource dataSource)
{
    /// <summary>An access token is renewed so long before its end.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private const string ReadSql = """
        select access_token, refresh_token,
            coalesce(token_expires_at <= clock_timestamp() + @margin, false), coalesce(token_expires_at <= clock_timestamp(), false)
        from marketplace_accounts where id = @account
        """;

    private const string ClaimSql = """
        insert into lexyhub_jobs.etsy_token_claims as c (account_id, owner, expires_at)
        values (@account, @owner, clock_timestamp() + @lifetime)
        on conflict (account_id) do update set owner = excluded.owner, attempts = c.attempts + 1, expires_at = excluded.expires_at
            where c.expires_at <= clock_timestamp()
        returning attempts
        """;

    // Only over the token that was traded: whoever stored others meanwhile, as LexyHub's application does when a seller connects
    // the shop again, has newer ones.
    private const string StoreSql = """
        with stored as (
            update marketplace_accounts
            set access_token = @access, refresh_token = @refresh, token_expires_at = clock_timestamp() + @lifetime,
                status = case when lower(status) = @needsReconnect then @active else status end
            where id = @account and refresh_token is not distinct from @used
            returning id
        ), released as (
            delete from lexyhub_jobs.etsy_token_claims where account_id = @account and owner = @owner
        )
        select exists (select from stored)
        """;

    private const string ReleaseSql = "delete from lexyhub_jobs.etsy_token_claims where account_id = @account and owner = @owner";

    // The row stays and tells of an answer that nobody knows.
    private const string LapseSql = """
        update lexyhub_jobs.etsy_token_claims set expires_at = '-infinity' where account_id = @account and owner = @owner
        """;

    public async Task<StoredTokens> ReadAsync(Guid account, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter<Guid>("account", account));
        command.Parameters.Add(new NpgsqlParameter<TimeSpan>("margin", Margin));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new StoredTokens(reader.IsDBNull(0) ? null : reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetBoolean(2), reader.GetBoolean(3))
            : throw new EtsyShopException("The account was deleted during the run.");
    }

    /// <returns>Null where somebody else renews them now.</returns>
    /// <exception cref="LeaseLostException">Another run holds the job's lease now: this one may renew nothing more.</exception>
    public static async Task<EtsyTokenClaim?> ClaimAsync(
        JobContext context, Guid account, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var owner = Guid.NewGuid();
        await using var transaction = await context.BeginWriteAsync(cancellationToken);
        await using var command = new NpgsqlCommand(ClaimSql, transaction.Connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid>("account", account),
                new NpgsqlParameter<Guid>("owner", owner),
                new NpgsqlParameter<TimeSpan>("lifetime", lifetime),
            },
        };
        if (await command.ExecuteScalarAsync(cancellationToken) is not int attempts)
        {
            return null;
        }

        await transaction.CommitAsync(context.LastProgress, cancellationToken);
        return new EtsyTokenClaim(account, owner, attempts == 1);
    }

    /// <summary>Stores both tokens and gives the claim back. It asks for no lease: the old tokens are of no use any more, whoever
    /// runs the job now.</summary>
    /// <param name="used">The refresh token that was traded, as it was stored.</param>
    /// <returns>False where other tokens were stored meanwhile: they count.</returns>
    public async Task<bool> StoreAsync(
        EtsyTokenClaim claim, string? used, string accessToken, string refreshToken, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(StoreSql);
        AddClaim(command, claim);
        command.Parameters.Add(new("used", NpgsqlTypes.NpgsqlDbType.Text) { Value = (object?)used ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<string>("access", accessToken));
        command.Parameters.Add(new NpgsqlParameter<string>("refresh", refreshToken));
        command.Parameters.Add(new NpgsqlParameter<TimeSpan>("lifetime", lifetime));
        command.Parameters.Add(new NpgsqlParameter<string>("active", EtsyAccount.Active));
        command.Parameters.Add(new NpgsqlParameter<string>("needsReconnect", EtsyAccount.NeedsReconnect));
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Gives the claim back.</summary>
    /// <param name="isAnswered">Etsy's answer is known; else the next one who claims is told that this one's is not.</param>
    public async Task ReleaseAsync(EtsyTokenClaim claim, bool isAnswered, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(isAnswered ? ReleaseSql : LapseSql);
        AddClaim(command, claim);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void AddClaim(NpgsqlCommand command, EtsyTokenClaim claim)
    {
        command.Parameters.Add(new NpgsqlParameter<Guid>("account", claim.Account));
        command.Parameters.Add(new NpgsqlParameter<Guid>("owner", claim.Owner));
    }
}
