using Npgsql;
using NpgsqlTypes;
using Pgvector;

namespace LexyHub.Core.Embeddings;

/// <summary>Vectors into <c>embeddings</c>: one binary COPY and one upsert a batch.</summary>
internal static class EmbeddingStore
{
    // The pooler gives each transaction another session: the table lives as long as the transaction.
    private const string StageSql = """
        create temporary table embedding_batch (
            term_hash text, term text, listing_id uuid, text_hash text, tokens int, truncated boolean, embedding vector
        ) on commit drop
        """;

    private const string CopySql = """
        copy embedding_batch (term_hash, term, listing_id, text_hash, tokens, truncated, embedding) from stdin (format binary)
        """;

    // A row of the same hash is LexyHub's fallback noise, or was made meanwhile and is as good.
    private const string UpsertSql = """
        insert into embeddings as e (term_hash, term, embedding, model, created_at)
        select b.term_hash, b.term, b.embedding, @model, now() from embedding_batch b where b.term is not null
        on conflict (term_hash) do update
        set term = excluded.term, embedding = excluded.embedding, model = excluded.model, created_at = excluded.created_at
        where e.model is distinct from excluded.model
        """;

    // A term's local vector goes with the writing of its real one, or of a later version's.
    private const string DeleteLocalSql = """
        delete from embeddings where term = any (@terms) and model like @localModels and model <> @model
        """;

    /// <summary>Brings a batch to the server, within the caller's transaction.</summary>
    public static async Task CopyAsync(NpgsqlConnection connection, EmbeddingWrite write, CancellationToken cancellationToken)
    {
        await using (var stage = new NpgsqlCommand(StageSql, connection))
        {
            await stage.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var writer = await connection.BeginBinaryImportAsync(CopySql, cancellationToken);
        foreach (var (due, answer) in write.Terms)
        {
            await writer.StartRowAsync(cancellationToken);
            await writer.WriteAsync(due.Hash, NpgsqlDbType.Text, cancellationToken);
            await writer.WriteAsync(due.Text, NpgsqlDbType.Text, cancellationToken);
            await writer.WriteNullAsync(cancellationToken);
            await writer.WriteNullAsync(cancellationToken);
            await WriteAnswerAsync(writer, answer, cancellationToken);
        }

        foreach (var (due, answer) in write.Listings)
        {
            await writer.StartRowAsync(cancellationToken);
            await writer.WriteNullAsync(cancellationToken);
            await writer.WriteNullAsync(cancellationToken);
            await writer.WriteAsync(due.Id, NpgsqlDbType.Uuid, cancellationToken);
            await writer.WriteAsync(due.Hash, NpgsqlDbType.Text, cancellationToken);
            await WriteAnswerAsync(writer, answer, cancellationToken);
        }

        await writer.CompleteAsync(cancellationToken);
    }

    /// <summary>The upsert of what <see cref="CopyAsync"/> brought.</summary>
    public static void AddUpsert(NpgsqlBatch batch, EmbeddingWrite write, EmbeddingScope scope)
    {
        if (write.Terms.Count == 0)
        {
            return;
        }

        var upsert = new NpgsqlBatchCommand(UpsertSql);
        upsert.Parameters.Add(new NpgsqlParameter<string>("model", scope.Model));
        batch.BatchCommands.Add(upsert);

        var delete = new NpgsqlBatchCommand(DeleteLocalSql);
        delete.Parameters.Add(new NpgsqlParameter<string[]>("terms", [.. write.Terms.Select(term => term.Due.Text)]));
        delete.Parameters.Add(new NpgsqlParameter<string>("localModels", EmbeddingScope.LocalModels));
        delete.Parameters.Add(new NpgsqlParameter<string>("model", scope.Model));
        batch.BatchCommands.Add(delete);
    }

    private static async Task WriteAnswerAsync(NpgsqlBinaryImporter writer, EmbeddedText answer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(answer.Tokens, NpgsqlDbType.Integer, cancellationToken);
        await writer.WriteAsync(answer.Truncated, NpgsqlDbType.Boolean, cancellationToken);
        await writer.WriteAsync(new Vector(answer.Vector), cancellationToken);
    }
}
