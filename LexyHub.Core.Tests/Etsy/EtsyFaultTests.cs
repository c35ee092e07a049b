using System.Globalization;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Http;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace LexyHub.Core.Tests.Etsy;

[Collection(NativePostgresCollection.Name)]
public sealed class EtsyFaultTests(NativePostgres postgres)
{
    [Theory]
    [InlineData("403", "keystring:shared_secret")]
    [InlineData("404", "Etsy knows no shop 1")]
    [InlineData("400", "Etsy answered 400")]
    [InlineData("500", "The next run goes on from here")]
    [InlineData("503", "The next run goes on from here")]
    [InlineData("truncated", "broke off")]
    [InlineData("malformed", "not the expected JSON")]
    [InlineData("shape", "not the expected JSON")]
    [InlineData("list", "no list of listings")]
    [InlineData("html", "not the expected JSON")]
    [InlineData("silence", "did not answer within 1 s")]
    public async Task RunAsync_OneShopFails_TellsWhyAndTheOtherGoesOn(string fault, string said)
    {
        await using var host = await EtsyHost.CreateAsync(postgres, "", ("Http:MaxAttempts", "2"), ("Http:AttemptTimeout", "00:00:01"));
        await host.ConnectAsync(1, listings: 250);
        await host.ConnectAsync(2, listings: 3);
        host.Etsy.OnPage = async (context, request, _) =>
        {
            if (!request.Target.Contains("/shops/1/", StringComparison.Ordinal) || !request.Target.Contains("offset=99&", StringComparison.Ordinal))
            {
                return false;
            }

            await FailAsync(context, fault);
            return true;
        };

        var answer = await host.RunAsync();

        Assert.Equal(("partial", "failed-items", 1L), (answer.Status, (string?)answer.Body["stopReason"], EtsySyncJobTests.Count(answer, "failed")));
        Assert.Contains(said, answer.Body["errors"]![0]!["error"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(["100 failed", "3 succeeded"], await host.RowsAsync("""
            select (select count(*) from listings l where l.marketplace_account_id = a.id) || ' ' || s.status
            from marketplace_accounts a join provider_sync_states s on s.marketplace_account_id = a.id order by a.external_shop_id
            """));
        Assert.Equal(["active", "active"], await host.RowsAsync("select status from marketplace_accounts"));

        host.Etsy.OnPage = null;
        var next = await host.RunAsync();
        Assert.Equal(("succeeded", 250L), (next.Status, await host.Host.QueryAsync<long>("select count(*) from listings where external_listing_id like '1000%' or external_listing_id like '1001%' or external_listing_id like '1002%'")));
    }

    [Theory]
    [InlineData("500")]
    [InlineData("429")]
    [InlineData("truncated")]
    public async Task RunAsync_FailsOnce_IsRepeated(string fault)
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 150);
        host.Etsy.OnPage = async (context, _, number) =>
        {
            if (number != 1)
            {
                return false;
            }

            await FailAsync(context, fault);
            return true;
        };

        Assert.Equal("succeeded", (await host.RunAsync()).Status);
    }

    [Fact]
    public async Task RunAsync_EtsyAsksToWaitLong_EndsPartialAndTheNextRunGoesOn()
    {
        await using var host = await EtsyHost.CreateAsync(postgres, "", ("Etsy:Concurrency", "1"));
        await host.ConnectAsync(1, listings: 250);
        await host.ConnectAsync(2, listings: 1);
        await host.Host.ExecuteAsync("update marketplace_accounts set last_synced_at = now() where external_shop_id = '2'");
        host.Etsy.OnPage = async (context, _, number) =>
        {
            if (number < 2)
            {
                return false;
            }

            context.Response.Headers["retry-after"] = "3600";
            await context.JsonAsync("""{"error":"Too many requests"}""", 429);
            return true;
        };

        var answer = await host.RunAsync();

        Assert.Equal(("partial", "rate-limit", 2L), (answer.Status, (string?)answer.Body["stopReason"], EtsySyncJobTests.Count(answer, "remaining")));
        Assert.Contains("asks to wait 3600 s", (string?)answer.Body["message"], StringComparison.Ordinal);
        Assert.Equal(["partial", "not-begun"], answer.Body["accounts"]!.AsArray().Select(account => (string?)account!["status"]));
        Assert.Equal("198", System.Text.Json.Nodes.JsonNode.Parse(await Sql.ValueAsync(host.Connection, "select cursor from provider_sync_states"))!["offset"]!.ToString());

        host.Etsy.OnPage = null;
        var pages = host.Etsy.Pages.Count();
        Assert.Equal("succeeded", (await host.RunAsync()).Status);
        Assert.Equal(["251"], await host.RowsAsync("select count(*) from listings"));
        Assert.Contains("offset=198&", host.Etsy.Pages.ElementAt(pages).Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_DayIsNearlyUsedUp_StopsBeforeTheReserve()
    {
        await using var host = await EtsyHost.CreateAsync(postgres, "", ("Etsy:DailyReserve", "20"));
        for (var shop = 1; shop <= 4; shop++)
        {
            await host.ConnectAsync(shop, listings: 1_200);
        }

        host.Etsy.RemainingToday = 50;

        var answer = await host.RunAsync();

        Assert.Equal(("partial", "rate-limit"), (answer.Status, (string?)answer.Body["stopReason"]));
        Assert.Contains("used up but for 20 of 10,000, and Etsy:DailyReserve keeps 20", (string?)answer.Body["message"], StringComparison.Ordinal);
        Assert.Equal(20, host.Etsy.RemainingToday);
    }

    [Fact]
    public async Task RunAsync_LimitPerSecond_IsNeverExceeded()
    {
        await using var host = await EtsyHost.CreateAsync(postgres, "", ("Etsy:Concurrency", "8"));
        for (var shop = 1; shop <= 8; shop++)
        {
            await host.ConnectAsync(shop, listings: 550);
        }

        host.Etsy.LimitPerSecond = 40;

        var answer = await host.RunAsync();

        Assert.Equal("succeeded", answer.Status);
        Assert.InRange(host.Etsy.MostInASecond, 5, 40);
        Assert.DoesNotContain("429", host.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_StoppedByTheHost_EndsPartialAndGoesOn()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 450);
        using var stopping = new CancellationTokenSource();
        host.Etsy.OnAnswered = number =>
        {
            if (number == 1)
            {
                stopping.Cancel();
            }
        };

        var answer = await host.RunAsync(stopping: stopping.Token);
        var next = await host.RunAsync();

        Assert.Equal(("partial", "shutdown"), (answer.Status, (string?)answer.Body["stopReason"]));
        Assert.Equal(("succeeded", 450L), (next.Status, await host.Host.QueryAsync<long>("select count(*) from listings")));
    }

    [Theory]
    [InlineData("mode", "everything", "mode must be incremental or full")]
    [InlineData("account", "7", "account must be the id of a marketplace account")]
    [InlineData("account", "00000000-0000-0000-0000-000000000007", "There is no Etsy account 00000000-0000-0000-0000-000000000007")]
    public async Task RunAsync_BadParameter_Answers400(string name, string value, string said)
    {
        await using var host = await EtsyHost.CreateAsync(postgres);

        var answer = await host.Host.RunAsync(new RunRequest(JobCatalog.EtsySync, RunTrigger.Http) { Parameters = new Dictionary<string, string> { [name] = value } });

        Assert.Equal((400, "parameter-invalid"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.Contains(said, answer.Body["error"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_DisconnectedAccount_IsLeftAloneAndRefusedWhenAskedFor()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        var account = await host.ConnectAsync(1, listings: 1);
        await host.Host.ExecuteAsync("update marketplace_accounts set status = 'disconnected'");

        Assert.Equal("No active Etsy account is connected.", (string?)(await host.RunAsync()).Body["message"]);
        Assert.Equal(400, (await host.RunAsync(account: account)).StatusCode);
        await host.Host.ExecuteAsync("update marketplace_accounts set status = 'needs-reconnect'");
        Assert.Equal("succeeded", (await host.RunAsync(account: account)).Status);
        Assert.Equal(["active"], await host.RowsAsync("select status from marketplace_accounts"));
    }

    [Fact]
    public async Task RunAsync_NoCredentials_IsSkippedAndSaysWhatToSet()
    {
        await using var host = await EtsyHost.CreateAsync(postgres, "", ("Etsy:SharedSecret", " "));
        await host.ConnectAsync(1, listings: 1);

        var answer = await host.RunAsync();

        Assert.Equal((202, "skipped"), (answer.StatusCode, answer.Status));
        Assert.Contains("set Etsy:KeyString and Etsy:SharedSecret", (string?)answer.Body["message"], StringComparison.Ordinal);
        Assert.Empty(host.Etsy.Received);
    }

    private static Task FailAsync(HttpContext context, string fault) => fault switch
    {
        "truncated" => context.TruncatedAsync("""{"count":250,"results":[{"listing_id":1,"ti"""),
        "malformed" => context.JsonAsync("""{"count":250,"results":[{"listing_id":1]}"""),
        "shape" => context.JsonAsync("""{"count":250,"results":{"listing_id":[]}}"""),
        "list" => context.JsonAsync("""{"count":250}"""),
        "html" => context.JsonAsync("<html>Down for maintenance</html>"),
        "silence" => context.NeverAsync(),
        _ => context.JsonAsync("""{"error":"Something went wrong"}""", int.Parse(fault, CultureInfo.InvariantCulture)),
    };
}
