using Npgsql;
using NpgsqlTypes;
using Pgvector;

namespace LexyHub.Core.Embeddings;

/// <summary>Vectors into <c>embeddings</c>: by binary COPY straight into the table where the term has no row yet, else by one
/// into a table of the batch and one upsert.</summary>
internal static class EmbeddingStore
{
    private const string PresentSql = """
        select term_hash from embeddings where term_hash = any (@hashes)
        """;

    private const string CopyFreshSql = """
        copy embeddings (term_hash, term, embedding, model, created_at) from stdin (format binary)
        """;

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
    /// <param name="now">For <c>created_at</c>.</param>
    /// <returns>Whether terms or listings wait in the batch's table for their upsert.</returns>
    public static async Task<(bool Terms, bool Listings)> CopyAsync(
        NpgsqlConnection connection, EmbeddingWrite write, EmbeddingScope scope, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var staged = await CopyFreshAsync(connection, write.Terms, scope, now, cancellationToken);
        if (staged.Count + write.Listings.Count == 0)
        {
            return (false, false);
        }

        await ExecuteAsync(connection, StageSql, cancellationToken);
        await using var writer = await connection.BeginBinaryImportAsync(CopySql, cancellationToken);
        foreach (var (due, answer) in staged)
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
        return (staged.Count > 0, write.Listings.Count > 0);
    }

    /// <summary>The upsert of the terms that <see cref="CopyAsync"/> has staged.</summary>
    public static void AddUpsert(NpgsqlBatch batch, EmbeddingScope scope)
    {
        var upsert = new NpgsqlBatchCommand(UpsertSql);
        upsert.Parameters.Add(new NpgsqlParameter<string>("model", scope.Model));
        batch.BatchCommands.Add(upsert);
    }

    /// <summary>Takes the local vectors of the written terms away.</summary>
    public static void AddDeleteLocal(NpgsqlBatch batch, EmbeddingWrite write, EmbeddingScope scope)
    {
        if (write.Terms.Count == 0)
        {
            return;
        }

        var delete = new NpgsqlBatchCommand(DeleteLocalSql);
        delete.Parameters.Add(new NpgsqlParameter<string[]>("terms", [.. write.Terms.Select(term => term.Due.Text)]));
        delete.Parameters.Add(new NpgsqlParameter<string>("localModels", EmbeddingScope.LocalModels));
        delete.Parameters.Add(new NpgsqlParameter<string>("model", scope.Model));
        batch.BatchCommands.Add(delete);
    }

    // A vector of 12 KB lies outside its row. By way of a table of the batch it would be written, read and written again, which
    // is half of the time of a batch.
    private static async Task<List<(DueTerm Due, EmbeddedText Answer)>> CopyFreshAsync(
        NpgsqlConnection connection,
        List<(DueTerm Due, EmbeddedText Answer)> terms,
        EmbeddingScope scope,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var present = await ReadPresentAsync(connection, terms, cancellationToken);
        if (present.Count == terms.Count)
        {
            return terms;
        }

        await ExecuteAsync(connection, "savepoint fresh", cancellationToken);
        try
        {
            await using var writer = await connection.BeginBinaryImportAsync(CopyFreshSql, cancellationToken);
            foreach (var (due, answer) in terms)
            {
                if (present.Contains(due.Hash))
                {
                    continue;
                }

                await writer.StartRowAsync(cancellationToken);
                await writer.WriteAsync(due.Hash, NpgsqlDbType.Text, cancellationToken);
                await writer.WriteAsync(due.Text, NpgsqlDbType.Text, cancellationToken);
                await writer.WriteAsync(new Vector(answer.Vector), cancellationToken);
                await writer.WriteAsync(scope.Model, NpgsqlDbType.Text, cancellationToken);
                await writer.WriteAsync(now.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken);
            }

            await writer.CompleteAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.FeatureNotSupported)
        {
            // Somebody else has written such a row meanwhile, or row-level security holds for this role, which COPY cannot obey
            // and an insert can.
            await ExecuteAsync(connection, "rollback to savepoint fresh", cancellationToken);
            return terms;
        }

        return [.. terms.Where(term => present.Contains(term.Due.Hash))];
    }

    private static async Task<HashSet<string>> ReadPresentAsync(
        NpgsqlConnection connection, List<(DueTerm Due, EmbeddedText Answer)> terms, CancellationToken cancellationToken)
    {
        var present = new HashSet<string>(StringComparer.Ordinal);
        if (terms.Count == 0)
        {
            return present;
        }

        await using var command = new NpgsqlCommand(PresentSql, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]>("hashes", [.. terms.Select(term => term.Due.Hash)]));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            present.Add(reader.GetString(0));
        }

        return present;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task WriteAnswerAsync(NpgsqlBinaryImporter writer, EmbeddedText answer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(answer.Tokens, NpgsqlDbType.Integer, cancellationToken);
        await writer.WriteAsync(answer.Truncated, NpgsqlDbType.Boolean, cancellationToken);
        await writer.WriteAsync(new Vector(answer.Vector), cancellationToken);
    }
}
