using LexyHub.Core.Clusters.Numerics;
using LexyHub.Core.Jobs;
using Npgsql;

namespace LexyHub.Core.Clusters;

/// <summary>Streams the terms of all keywords with their vectors of one model, in binary, page by page in the order of the terms:
/// no statement grows with the table, and a term that is a keyword of several markets is read once.</summary>
/// <param name="dataSource">Where <c>embeddings</c> is.</param>
/// <param name="model">As in <c>embeddings.model</c>.</param>
/// <param name="reduction">Applied to each vector; what it does not need is not sent where it is a prefix.</param>
internal sealed class VectorReader(NpgsqlDataSource dataSource, string model, DimensionReduction reduction)
{
    // The lateral joins ask keys: another plan would read whole tables for every page. vector_send is the wire format as bytea,
    // which saves a float[] per row.
    private const string SelectSql = """
        with page as materialized (
            select t.term, row_number() over (order by t.term)::int as place
            from (
                select distinct term from lexyhub_jobs.keyword_terms where term <> '' and term > @after order by term limit @count) t
        )
        select p.term, p.place, k.markets, e.vector
        from page p
        left join lateral (
            select array_agg(distinct coalesce(k.market, '')) as markets
            from lexyhub_jobs.keyword_terms t join keywords k on k.id = t.keyword_id
            where t.term = p.term and t.term <> ''
            offset 0) k on true
        left join lateral (
        """;

    private const string WholeSql = SelectSql + """
            select vector_send(e.embedding) as vector
            from embeddings e
            where e.term_hash = encode(sha256(convert_to(@model || '::' || p.term, 'UTF8')), 'hex') and e.model = @model
            offset 0) e on true
        """;

    // pgvector 0.7 or later.
    private const string PrefixSql = SelectSql + """
            select vector_send(subvector(e.embedding, 1, @prefix)) as vector
            from embeddings e
            where e.term_hash = encode(sha256(convert_to(@model || '::' || p.term, 'UTF8')), 'hex') and e.model = @model
            offset 0) e on true
        """;

    private readonly byte[] wire = new byte[VectorWire.BytesOf(reduction.ReadDimensions)];
    private readonly float[] vector = new float[reduction.ReadDimensions];

    /// <param name="after">The last page's <see cref="VectorPage.Last"/>; at first ''.</param>
    /// <param name="count">Terms a page.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<VectorPage> ReadAsync(string after, int count, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(reduction.Name == "prefix" ? PrefixSql : WholeSql);
        command.Parameters.Add(new NpgsqlParameter<string>("after", after));
        command.Parameters.Add(new NpgsqlParameter<int>("count", count));
        command.Parameters.Add(new NpgsqlParameter<string>("model", model));
        if (reduction.Name == "prefix")
        {
            command.Parameters.Add(new NpgsqlParameter<int>("prefix", reduction.ReadDimensions));
        }

        var rows = new List<(string Term, int Place, string[]? Markets, int Row)>(count);
        var vectors = new float[count * reduction.Dimensions];
        var rejected = new List<ItemError>();
        var taken = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var term = reader.GetString(0);
            var rejection = reader.IsDBNull(3) ? VectorRejection.None : Read(reader, vectors.AsSpan(taken * reduction.Dimensions, reduction.Dimensions));
            if (rejection != VectorRejection.None)
            {
                rejected.Add(new ItemError($"keyword {term}", Explain(rejection)));
            }

            var isFit = !reader.IsDBNull(3) && rejection == VectorRejection.None;
            rows.Add((term, reader.GetInt32(1), reader.IsDBNull(2) ? null : reader.GetFieldValue<string[]>(2), isFit ? taken++ : -1));
        }

        return Page(rows, vectors, rejected, count);
    }

    private VectorRejection Read(NpgsqlDataReader reader, Span<float> target)
    {
        var length = reader.GetBytes(3, 0, null, 0, 0);
        if (length != wire.Length)
        {
            return VectorRejection.WrongDimensions;
        }

        reader.GetBytes(3, 0, wire, 0, wire.Length);
        var rejection = VectorWire.TryRead(wire, vector);
        if (rejection != VectorRejection.None)
        {
            return rejection;
        }

        reduction.Apply(vector, target);
        return UnitVector.Scale(target, out _);
    }

    private static VectorPage Page(
        List<(string Term, int Place, string[]? Markets, int Row)> rows, float[] vectors, List<ItemError> rejected, int count)
    {
        rows.Sort((one, other) => one.Place.CompareTo(other.Place));
        var terms = new List<VectorTerm>(rows.Count);
        var missing = 0;
        foreach (var (term, _, markets, row) in rows)
        {
            if (markets is not null && row >= 0)
            {
                Array.Sort(markets, StringComparer.Ordinal);
                terms.Add(new VectorTerm(term, markets, row));
            }
            else if (markets is not null)
            {
                missing++;
            }
        }

        return new VectorPage(terms, vectors, missing - rejected.Count, rejected, rows.Count < count ? null : rows[^1].Term);
    }

    private string Explain(VectorRejection rejection) => rejection switch
    {
        VectorRejection.WrongDimensions => $"Its vector has not the {reduction.ReadDimensions} dimensions of the others. Delete its row of embeddings: embed-missing makes it anew.",
        VectorRejection.Zero => "Its vector has length zero and points nowhere. Delete its row of embeddings: embed-missing makes it anew.",
        _ => "Its vector holds NaN or infinity. Delete its row of embeddings: embed-missing makes it anew.",
    };
}
