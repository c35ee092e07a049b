using LexyHub.Core.Data;
using Npgsql;

namespace LexyHub.Core.Retention;

/// <summary>Vectors of terms that no keyword has. LexyHub's own rows hold the term as it was typed, so it is brought into normal
/// form here before it is looked for. They are gone through by their key, a window at a time.</summary>
internal sealed class UnusedVectorTarget : RetentionTarget
{
    private const int Window = 2_000;

    private const string ReadSql = """
        select term_hash, term, coalesce(created_at < @before, false) from embeddings where term_hash > @after order by term_hash limit @count
        """;

    // While a keyword's term is not known in normal form, or keywords are only compared now and then, nobody can say what is unused.
    private const string DeleteSql = """
        delete from embeddings e using unnest(@hashes, @terms) as c (hash, term)
        where e.term_hash = c.hash
            and not exists (select from lexyhub_jobs.keyword_terms t where t.term = c.term)
            and not exists (select from lexyhub_jobs.keyword_terms where term is null)
            and not exists (select from lexyhub_jobs.job_state where name = 'keyword-triggers')
        """;

    public override string Name => "unused-vectors";

    public override string? Table => "public.embeddings";

    public override TimeSpan Keep(RetentionOptions options) => options.UnusedVectors;

    public override async Task<PrunedBatch> PruneAsync(
        NpgsqlConnection connection, DateTimeOffset before, string? place, CancellationToken cancellationToken)
    {
        var read = 0;
        var hashes = new List<string>();
        var terms = new List<string>();
        await using (var command = new NpgsqlCommand(ReadSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("after", place ?? ""),
                new NpgsqlParameter<DateTime>("before", before.UtcDateTime),
                new NpgsqlParameter<int>("count", Window),
            },
        })
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                read++;
                place = reader.GetString(0);
                if (reader.GetBoolean(2))
                {
                    hashes.Add(place);
                    terms.Add(TermText.Normalize(reader.GetString(1)));
                }
            }
        }

        return new PrunedBatch(
            hashes.Count == 0 ? 0 : await DeleteAsync(connection, hashes, terms, cancellationToken), place, HasMore: read == Window);
    }

    private static async Task<long> DeleteAsync(
        NpgsqlConnection connection, List<string> hashes, List<string> terms, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(DeleteSql, connection)
        {
            Parameters = { new NpgsqlParameter<string[]>("hashes", [.. hashes]), new NpgsqlParameter<string[]>("terms", [.. terms]) },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
