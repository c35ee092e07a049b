using LexyHub.Core.Tests.Http;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Etsy;

/// <summary>Where tokens are kept, and where they must not be.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class EtsyTokensAtRestTests(NativePostgres postgres)
{
    private const string TokensSql = "select access_token || ' ' || refresh_token from marketplace_accounts where external_shop_id = '1'";

    [Fact]
    public async Task RunAsync_EncryptionTurnedOn_PlainIsReadAndTheNextRenewalEncrypts()
    {
        var key = Convert.ToBase64String(new byte[32].Select((_, i) => (byte)i).ToArray());
        var other = Convert.ToBase64String(new byte[32]);
        await using var host = await EtsyHost.CreateAsync(postgres, "", ("Etsy:EncryptTokens", "true"), ("Etsy:TokenKeys", key));
        await host.ConnectAsync(1, listings: 1);

        Assert.Equal("succeeded", (await host.RunAsync()).Status);
        Assert.StartsWith("SECRET-access", await Sql.ValueAsync(host.Connection, TokensSql), StringComparison.Ordinal);
        await EndTokensAsync(host);
        Assert.Equal("succeeded", (await host.RunAsync()).Status);
        Assert.Matches("^lexyhub:v1:[^ ]+ lexyhub:v1:[^ ]+$", await Sql.ValueAsync(host.Connection, TokensSql));
        Assert.DoesNotContain("SECRET", await Sql.ValueAsync(host.Connection, TokensSql), StringComparison.Ordinal);

        await EndTokensAsync(host);
        await using (var rotated = host.Another(("Etsy:TokenKeys", $"{other}, {key}")))
        {
            Assert.Equal("succeeded", (await rotated.RunAsync(EtsyHost.Request())).Status);
        }

        await using (var lost = host.Another(("Etsy:TokenKeys", key)))
        {
            Assert.Contains("no key in Etsy:TokenKeys opens it", (await lost.RunAsync(EtsyHost.Request())).Body["error"]!.ToString(), StringComparison.Ordinal);
        }

        await EndTokensAsync(host);
        await using var plain = host.Another(("Etsy:TokenKeys", other), ("Etsy:EncryptTokens", "false"));
        Assert.Equal("succeeded", (await plain.RunAsync(EtsyHost.Request())).Status);
        Assert.StartsWith("SECRET-access", await Sql.ValueAsync(host.Connection, TokensSql), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_TokensQuotedByEtsy_AppearNowhere()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 1, minutes: 1);
        await host.ConnectAsync(2, listings: 1, minutes: 1);
        host.Etsy.OnPage = async (context, request, _) =>
        {
            await context.JsonAsync($$"""{"error":"bad {{request.Headers["Authorization"]}} {{request.Headers["x-api-key"]}}"}""", 400);
            return true;
        };
        host.Etsy.OnToken = async (context, request) =>
        {
            if (!request.Body.Contains("refresh-2", StringComparison.Ordinal))
            {
                return false;
            }

            await context.JsonAsync($$"""{"error":"invalid_grant","error_description":"revoked {{request.Body}}"}""", 400);
            return true;
        };

        var answer = await host.RunAsync();

        var rows = await host.RowsAsync("""
            select r::text from job_runs r union all select r::text from lexyhub_jobs.run_answers r union all select r::text from provider_sync_states r
            union all select (to_jsonb(a) - '{access_token,refresh_token}'::text[])::text from marketplace_accounts a union all select r::text from lexyhub_jobs.etsy_token_claims r
            """);
        Assert.All([.. rows, answer.Body.ToJsonString(), host.Log.Text], text => Assert.DoesNotContain("SECRET", text, StringComparison.Ordinal));
        Assert.Contains("***", answer.Body.ToJsonString(), StringComparison.Ordinal);
    }

    private static Task EndTokensAsync(EtsyHost host) => host.Host.ExecuteAsync("update marketplace_accounts set token_expires_at = now()");
}
