using System.Diagnostics;
using LexyHub.Core.Etsy;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Http;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Etsy;

[Collection(NativePostgresCollection.Name)]
public sealed class EtsyTokenTests(NativePostgres postgres)
{
    private const string TokensSql = "select access_token || ' ' || refresh_token from marketplace_accounts where external_shop_id = '1'";

    [Theory]
    [InlineData(6, 0)]
    [InlineData(4, 1)]
    [InlineData(-60, 1)]
    public async Task RunAsync_TokenEnds_IsRenewedWithinFiveMinutesOfIt(int minutes, int renewals)
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 1, minutes);

        var answer = await host.RunAsync();

        Assert.Equal("succeeded", answer.Status);
        Assert.Equal(renewals, host.Etsy.TokenCalls.Count());
    }

    [Fact]
    public async Task RunAsync_TokenRenewed_BothAreStoredBeforeEtsyIsCalledWithThem()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 1, minutes: 1);
        var before = await Sql.ValueAsync(host.Connection, TokensSql);
        var stored = "";
        var used = "";
        host.Etsy.OnPage = async (_, request, number) =>
        {
            if (number == 0)
            {
                (stored, used) = (await Sql.ValueAsync(host.Connection, TokensSql), request.Headers["Authorization"]);
            }

            return false;
        };

        await host.RunAsync();

        Assert.NotEqual(before.Split(' ')[0], stored.Split(' ')[0]);
        Assert.Equal(host.Etsy.RefreshTokens.Keys.Single(), stored.Split(' ')[1]);
        Assert.Equal($"Bearer {stored.Split(' ')[0]}", used);
        Assert.Equal(["0 60"], await host.RowsAsync("""
            select (select count(*) from lexyhub_jobs.etsy_token_claims) || ' ' || round(extract(epoch from token_expires_at - now()) / 60) from marketplace_accounts
            """));
    }

    [Fact]
    public async Task RunAsync_TokenRevoked_MarksTheAccountAndTheOthersGoOn()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 1, minutes: -1);
        await host.ConnectAsync(2, listings: 3);
        host.Etsy.RefreshTokens.Clear();

        var answer = await host.RunAsync();

        Assert.Equal(("partial", "failed-items", 3L), (answer.Status, (string?)answer.Body["stopReason"], EtsySyncJobTests.Count(answer, "processed")));
        Assert.Equal(["needs-reconnect", "active"], await host.RowsAsync("select status from marketplace_accounts order by external_shop_id"));
        Assert.Contains("refresh_token is revoked", await Sql.ValueAsync(host.Connection, "select metadata ->> 'statusReason' from marketplace_accounts where external_shop_id = '1'"), StringComparison.Ordinal);
        Assert.Equal(["failed", "succeeded"], await host.RowsAsync("select s.status from provider_sync_states s join marketplace_accounts a on a.id = s.marketplace_account_id order by a.external_shop_id"));
        Assert.Equal("needs-reconnect", (string?)answer.Body["accounts"]![0]!["status"]);

        // Connected again, as LexyHub's application does it.
        await host.Host.ExecuteAsync($"update marketplace_accounts set status = 'active', refresh_token = '{host.Etsy.GrantRefresh(1)}' where external_shop_id = '1'");
        Assert.Equal("succeeded", (await host.RunAsync()).Status);
        Assert.Equal(["0"], await host.RowsAsync("select count(*) from marketplace_accounts where metadata ? 'statusReason'"));
    }

    [Fact]
    public async Task RunAsync_AccessTokenRefusedMidRun_IsRenewedOnceAndTheRunGoesOn()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 250);
        host.Etsy.OnAnswered = number =>
        {
            if (number == 1)
            {
                host.Etsy.RevokeAccess();
            }
        };

        var answer = await host.RunAsync();

        Assert.Equal(("succeeded", 250L), (answer.Status, EtsySyncJobTests.Count(answer, "upserted")));
        Assert.Single(host.Etsy.TokenCalls);
    }

    [Fact]
    public async Task RunAsync_EveryAccessTokenRefused_StopsAfterOneRenewal()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 1);
        host.Etsy.OnPage = async (context, _, _) =>
        {
            await context.JsonAsync("""{"error":"invalid_token","error_description":"access token is revoked"}""", 401);
            return true;
        };

        var answer = await host.RunAsync();

        Assert.Equal((502, "all-items-failed"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.Equal((2, 1), (host.Etsy.Pages.Count(), host.Etsy.TokenCalls.Count()));
        Assert.Equal(["needs-reconnect"], await host.RowsAsync("select status from marketplace_accounts"));
    }

    [Fact]
    public async Task RunAsync_NoToken_NeedsReconnect()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, access: null, refresh: null);

        await host.RunAsync();

        Assert.Equal(["It has no token. Let the seller connect the shop again."], await host.RowsAsync("select metadata ->> 'statusReason' from marketplace_accounts"));
    }

    [Theory]
    [InlineData(1, "succeeded", "active")]
    [InlineData(2, "failed", "active")]
    public async Task RunAsync_TokenEndpointAnswers500_TriesOnceMore(int failures, string status, string accountStatus)
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 1, minutes: 1);
        var refresh = await Sql.ValueAsync(host.Connection, "select refresh_token from marketplace_accounts");
        var calls = 0;
        host.Etsy.OnToken = async (context, _) =>
        {
            if (++calls > failures)
            {
                return false;
            }

            host.Etsy.RefreshTokens[refresh] = "1";
            await context.JsonAsync("""{"error":"Server Error"}""", 500);
            return true;
        };

        var answer = await host.RunAsync();

        Assert.Equal((status, 2), (answer.Status, calls));
        Assert.Equal([accountStatus], await host.RowsAsync("select status from marketplace_accounts"));
        Assert.Equal("succeeded", (await host.RunAsync()).Status);
    }

    [Fact]
    public async Task RunAsync_EtsyRefusesOurKeyAtTheTokenEndpoint_BlamesNoAccount()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 1, minutes: 1);
        host.Etsy.OnToken = async (context, _) =>
        {
            await context.JsonAsync("""{"error":"invalid_client","error_description":"client_id is not valid"}""", 401);
            return true;
        };

        var answer = await host.RunAsync();

        Assert.Contains("Check Etsy:KeyString", answer.Body["error"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(["active"], await host.RowsAsync("select status from marketplace_accounts"));
    }

    [Theory]
    [InlineData(false, "needs-reconnect")]
    [InlineData(true, "active")]
    public async Task RunAsync_ProcessKilledBetweenEtsysAnswerAndItsStoring_TriesTheOldTokenOnce(bool takesItAgain, string status)
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 1, minutes: 1);
        var refresh = await Sql.ValueAsync(host.Connection, "select refresh_token from marketplace_accounts");
        Process? process = null;
        var received = new TaskCompletionSource();
        host.Etsy.OnToken = async (_, _) =>
        {
            received.TrySetResult();
            await process!.WaitForExitAsync();
            return true;
        };
        process = EtsyProcess.Start(host);
        await received.Task;
        process.Kill();
        await process.WaitForExitAsync();
        host.Etsy.OnToken = null;
        if (takesItAgain)
        {
            host.Etsy.RefreshTokens[refresh] = "1";
        }

        // The claim of a process that died ends by itself; nobody waits for it in a test.
        await host.Host.ExecuteAsync("update lexyhub_jobs.etsy_token_claims set expires_at = now()");
        var answer = await Eventually.FindAsync(async () => await host.RunAsync() is { Status: not RunStatus.AlreadyRunning } run ? run : null, "the lease lapses");
        process.Dispose();

        Assert.Equal([status], await host.RowsAsync("select status from marketplace_accounts"));
        Assert.Equal(2, host.Etsy.TokenCalls.Count());
        Assert.Equal(takesItAgain, answer.Status == RunStatus.Succeeded);
        if (!takesItAgain)
        {
            Assert.Contains("was cut off before Etsy's answer was stored", answer.Body["error"]!.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(["0"], await host.RowsAsync("select count(*) from lexyhub_jobs.etsy_token_claims"));
    }

    [Fact]
    public async Task RunAsync_AnotherHoldsTheClaim_WaitsForItsTokens()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        var account = await host.ConnectAsync(1, listings: 1, minutes: 1);
        await host.Host.ExecuteAsync($"insert into lexyhub_jobs.etsy_token_claims (account_id, owner, expires_at) values ('{account}', gen_random_uuid(), now() + interval '1 hour')");

        var run = host.RunAsync();
        await Eventually.TrueAsync(() => host.Host.QueryAsync<bool>("select exists (select from provider_sync_states where status = 'running')"), "the run has begun");
        Assert.Empty(host.Etsy.TokenCalls);
        await host.Host.ExecuteAsync($"update marketplace_accounts set access_token = '{host.Etsy.GrantAccess(1)}', token_expires_at = now() + interval '1 hour'");

        Assert.Equal("succeeded", (await run).Status);
        Assert.Empty(host.Etsy.TokenCalls);
    }

    [Fact]
    public async Task ClaimAsync_TwoAtOnce_OneGetsItUntilItLapses()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        var account = await host.ConnectAsync(1, listings: 1);
        EtsyTokenClaim? first = null, second = null, third = null;
        await using var job = JobHost.Create(host.Connection, host.Settings, async (context, token) =>
        {
            first = await EtsyTokenStore.ClaimAsync(context, account, TimeSpan.FromHours(1), token);
            second = await EtsyTokenStore.ClaimAsync(context, account, TimeSpan.FromHours(1), token);
            await host.Host.ExecuteAsync("update lexyhub_jobs.etsy_token_claims set expires_at = now()");
            third = await EtsyTokenStore.ClaimAsync(context, account, TimeSpan.FromHours(1), token);
            return new JobOutcome();
        });

        await job.RunAsync();

        Assert.Equal((true, false), (first!.IsFirst, third!.IsFirst));
        Assert.Null(second);
    }

    [Fact]
    public async Task StoreAsync_OthersStoredMeanwhile_KeepsThem()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        var account = await host.ConnectAsync(1, "access", "reconnected");
        var claim = new EtsyTokenClaim(account, Guid.NewGuid(), true);

        Assert.False(await new EtsyTokenStore(host.Host.DataSource).StoreAsync(claim, "old", "a", "r", TimeSpan.FromHours(1), CancellationToken.None));

        Assert.Equal(["access reconnected"], await host.RowsAsync(TokensSql));
    }
}
