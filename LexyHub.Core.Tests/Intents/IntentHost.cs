using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Tests.Providers;

namespace LexyHub.Core.Tests.Intents;

/// <summary>intent-classify over a database of its own, with a chat server or locally.</summary>
internal static class IntentHost
{
    public const string ShopSql = """
        insert into data_providers (id, display_name, provider_type) values ('etsy', 'Etsy', 'marketplace');
        insert into marketplace_accounts (id, provider_id, external_shop_id) values ('00000000-0000-0000-0000-0000000000aa', 'etsy', '1');
        """;

    public const string DueSql = "select count(*) from lexyhub_jobs.intent_due";

    /// <param name="server">Null: the local provider.</param>
    public static JobHost Over(string connection, ChatServer? server, TimeProvider? time, params (string Key, string Value)[] settings)
    {
        var values = new Dictionary<string, string?>
        {
            ["Http:BaseDelay"] = "00:00:00.010",
            ["Http:MaxBackoff"] = "00:00:00.020",
        };
        foreach (var (key, value) in server?.Settings ?? new Dictionary<string, string?> { ["Providers:Mode"] = "local" })
            values[key] = value;
        foreach (var (key, value) in settings)
            values[key] = value;
        return JobHost.Create(connection, values, time: time);
    }

    public static Task<JobAnswer> ClassifyAsync(this JobHost host, CancellationToken stopping = default)
        => host.RunAsync(new RunRequest(JobCatalog.IntentClassify, RunTrigger.Cli), stopping);

    public static long Count(this JobAnswer answer, string name) => (long)answer.Body[name]!;
}
