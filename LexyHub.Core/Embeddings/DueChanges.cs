using Npgsql;

namespace LexyHub.Core.Embeddings;

/// <summary>Takes what is done out of the work tables.</summary>
internal static class DueChanges
{
    private const string DeleteTermsSql = "delete from lexyhub_jobs.embedding_due_terms where term = any (@terms)";

    // A listing that was changed since it was read stays due.
    private const string DeleteListingsSql = """
        delete from lexyhub_jobs.embedding_due_listings d using unnest(@ids, @versions) as done (id, version)
        where d.listing_id = done.id and d.version = done.version
        """;

    public static void AddDone(NpgsqlBatch batch, EmbeddingWrite write)
    {
        if (write.DoneTerms.Count > 0)
        {
            var delete = new NpgsqlBatchCommand(DeleteTermsSql);
            delete.Parameters.Add(new NpgsqlParameter<List<string>>("terms", write.DoneTerms));
            batch.BatchCommands.Add(delete);
        }

        if (write.DoneListings.Count > 0)
        {
            var delete = new NpgsqlBatchCommand(DeleteListingsSql);
            delete.Parameters.Add(new NpgsqlParameter<Guid[]>("ids", [.. write.DoneListings.Select(listing => listing.Id)]));
            delete.Parameters.Add(new NpgsqlParameter<long[]>("versions", [.. write.DoneListings.Select(listing => listing.Version)]));
            batch.BatchCommands.Add(delete);
        }
    }
}
