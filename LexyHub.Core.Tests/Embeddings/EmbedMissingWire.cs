using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Tests.Embeddings;

/// <summary>The whole job over a database and the wire of a loopback server. Vectors are short: it is texts that are counted.</summary>
internal static class EmbedMissingWire
{
    public const int Dimensions = 8;

    /// <summary>The shop that listings are of.</summary>
    public const string Shop = "00000000-0000-0000-0000-0000000000aa";

    /// <summary>Due texts of either kind.</summary>
    public const string DueSql = """
        select (select count(*) from lexyhub_jobs.embedding_due_terms) + (select count(*) from lexyhub_jobs.embedding_due_listings)
        """;

    /// <param name="connection">Of an empty database.</param>
    public static async Task<JobHost> CreateAsync(
        string connection, EmbeddingServer server, Dictionary<string, string?>? settings = null)
    {
        var host = JobHost.Create(
            connection,
            new Dictionary<string, string?>(settings ?? [])
            {
                [server.Wire == Wire.OpenAI ? "OPENAI_API_KEY" : "AZURE_OPENAI_API_KEY"] = EmbeddingServer.Key,
                [server.Wire == Wire.OpenAI ? "OPENAI_BASE_URL" : "AZURE_OPENAI_ENDPOINT"] = server.Address.ToString(),
                ["Providers:AzureEmbeddingDeployment"] = EmbeddingServer.Deployment,
                ["Embeddings:Dimensions"] = $"{Dimensions}",
            });
        await host.Services.GetRequiredService<Migrator>().ApplyAsync([], CancellationToken.None);
        await host.ExecuteAsync($"""
            alter table embeddings alter column embedding type vector({Dimensions});
            alter table lexyhub_jobs.listing_embeddings alter column embedding type vector({Dimensions});
            insert into data_providers (id, display_name, provider_type) values ('etsy', 'Etsy', 'marketplace');
            insert into marketplace_accounts (id, provider_id, external_shop_id) values ('{Shop}', 'etsy', '1');
            """);
        return host;
    }

    public static Task<JobAnswer> EmbedMissingAsync(this JobHost host) => host.RunAsync(new RunRequest(JobCatalog.EmbedMissing, RunTrigger.Cli));
}
