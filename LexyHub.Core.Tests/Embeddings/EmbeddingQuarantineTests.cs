using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Embeddings;

/// <summary>What the model refused, over the API.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class EmbeddingQuarantineTests(NativePostgres postgres)
{
    private const string Listing = "0192f0c1-0000-7000-8000-000000000001";

    private const string RowsSql = $"""
        insert into data_providers (id, display_name, provider_type) values ('etsy', 'Etsy', 'marketplace');
        insert into marketplace_accounts (id, provider_id, external_shop_id) values ('{Listing}', 'etsy', '1');
        insert into listings (id, marketplace_account_id, external_listing_id, title) values ('{Listing}', '{Listing}', '1', 'A ring');
        insert into lexyhub_jobs.embedding_quarantine (kind, item, model, text_hash, reason, attempts, first_at, last_at, retry_at)
        select 'keyword', 'term ' || i, 'm', 'h', 'content_filter', 5, now(), '2026-01-01'::timestamptz + i * interval '1 minute',
            case when i % 2 = 0 then now() + interval '1 hour' end
        from generate_series(1, 9) i
        union all select 'listing', '{Listing}', 'm', 'h', 'too rude', 1, now(), '2026-01-02', now() + interval '1 hour'
        """;

    [Fact]
    public async Task List_PageByPage_ShowsEachItemOnceNewestFirst()
    {
        await using var host = await HostAsync();
        var seen = new List<string>();
        string? next = null;
        do
        {
            var query = new Dictionary<string, string> { ["limit"] = "4" };
            if (next is not null)
            {
                query["after"] = next;
            }

            var (status, page) = await Api.CallAsync(host, "GET", "quarantine", query: query);
            Assert.Equal(200, status);
            Assert.InRange(page["items"]!.AsArray().Count, 1, 4);
            seen.AddRange(page["items"]!.AsArray().Select(item => (string)item!["label"]!));
            next = (string?)page["next"];
        }
        while (next is not null);

        Assert.Equal(["A ring", .. Enumerable.Range(1, 9).Reverse().Select(i => $"term {i}")], seen);
    }

    [Fact]
    public async Task List_Filtered_ShowsThoseAndAllTotals()
    {
        await using var host = await HostAsync();

        var (_, page) = await Api.CallAsync(host, "GET", "quarantine", query: new() { ["state"] = "given-up", ["kind"] = "keyword", ["job"] = JobCatalog.EmbedMissing });

        Assert.Equal(5, page["items"]!.AsArray().Count);
        Assert.All(page["items"]!.AsArray(), item => Assert.Equal(("given-up", (string?)null), ((string)item!["state"]!, (string?)item["retryAt"])));
        Assert.Equal(
            ["keyword 4 5", "listing 1 0"],
            page["totals"]!.AsArray().Where(total => (string)total!["job"]! == JobCatalog.EmbedMissing).Select(total => $"{total!["kind"]} {total["waiting"]} {total["givenUp"]}"));
    }

    [Theory]
    [InlineData("""{"job":"embed-missing","items":[{"kind":"keyword","item":"term 1"},{"kind":"listing","item":"no such"}]}""", 1)]
    [InlineData("""{"job":"embed-missing","all":true}""", 10)]
    [InlineData("""{"job":"embed-missing","all":true,"state":"given-up"}""", 5)]
    [InlineData("""{"job":"embed-missing","all":true,"kind":"listing"}""", 1)]
    public async Task Retry_Some_MakesThemDueNow(string body, int released)
    {
        await using var host = await HostAsync();

        var (status, answer) = await Api.CallAsync(host, "POST", "quarantine/retry", body);

        Assert.Equal((200, released), (status, (int)answer["released"]!));
        Assert.Equal(released, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.embedding_quarantine where retry_at <= now()"));
    }

    [Theory]
    [InlineData("""{"job":"embed-missing"}""")]
    [InlineData("""{"all":true}""")]
    [InlineData("""{"job":"trend-aggregation","all":true}""")]
    [InlineData("""{"job":"embed-missing","all":true,"items":[{"kind":"keyword","item":"x"}]}""")]
    [InlineData("""{"job":"embed-missing","items":[{"kind":"shop","item":"x"}]}""")]
    [InlineData("""{"job":"embed-missing","items":[null]}""")]
    [InlineData("""{"job":"embed-missing","all":true,"state":"lost"}""")]
    [InlineData("x")]
    public async Task Retry_BadInput_Answers400AndReleasesNothing(string body)
    {
        await using var host = await HostAsync();

        var (status, answer) = await Api.CallAsync(host, "POST", "quarantine/retry", body);

        Assert.Equal(400, status);
        Assert.NotNull(answer["error"]);
        Assert.Equal(0, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.embedding_quarantine where retry_at <= now()"));
    }

    [Theory]
    [InlineData("limit", "0")]
    [InlineData("limit", "201")]
    [InlineData("after", "zz")]
    [InlineData("after", "7b7d")]
    [InlineData("job", "nope")]
    [InlineData("kind", "shop")]
    [InlineData("state", "lost")]
    public async Task List_BadInput_Answers400(string name, string value)
    {
        await using var host = await HostAsync();

        Assert.Equal(400, (await Api.CallAsync(host, "GET", "quarantine", query: new() { [name] = value })).Status);
    }

    private async Task<JobHost> HostAsync()
    {
        var host = await JobHost.Create(
            await postgres.CreateDatabaseAsync(), new Dictionary<string, string?> { [ServiceTokens.SettingName] = "token" }).MigrateAsync();
        await host.ExecuteAsync(RowsSql);
        return host;
    }
}
