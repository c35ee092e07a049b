using System.Buffers;
using System.Data;
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

    // pgvector 0.7 or later. Of a vector of another width nothing is sent; where the column has one, none is looked at.
    private const string PrefixSql = SelectSql + """
            select case
                when (select a.atttypmod = @dimensions from pg_attribute a where a.attrelid = 'embeddings'::regclass and a.attname = 'embedding')
                    or vector_dims(e.embedding) = @dimensions
                then vector_send(subvector(e.embedding, 1, @prefix)) else '' end as vector
            from embeddings e
            where e.term_hash = encode(sha256(convert_to(@model || '::' || p.term, 'UTF8')), 'hex') and e.model = @model
            offset 0) e on true
        """;

    // Vectors are decoded in pieces while the next ones arrive.
    private const int PieceRows = 128;
    private const int DecodedAtOnce = 32;

    // Where they arrive faster than they are decoded: the pool keeps the memory of all that there ever were at once.
    private const int PiecesWaiting = 4;

    private readonly int wireBytes = VectorWire.BytesOf(reduction.ReadDimensions);

    /// <param name="after">The last page's <see cref="VectorPage.Last"/>; at first ''.</param>
    /// <param name="count">Terms a page.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <returns>When all rows have come, so that the next page can be asked for while the last of them are decoded.</returns>
    public async Task<ReceivedPage> ReadAsync(string after, int count, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(reduction.Name == "prefix" ? PrefixSql : WholeSql);
        command.Parameters.Add(new NpgsqlParameter<string>("after", after));
        command.Parameters.Add(new NpgsqlParameter<int>("count", count));
        command.Parameters.Add(new NpgsqlParameter<string>("model", model));
        if (reduction.Name == "prefix")
        {
            command.Parameters.Add(new NpgsqlParameter<int>("prefix", reduction.ReadDimensions));
            command.Parameters.Add(new NpgsqlParameter<int>("dimensions", reduction.SourceDimensions));
        }

        var rows = new List<PageRow>(count);
        var vectors = new float[count * reduction.Dimensions];
        var rejections = new VectorRejection[count];
        var decoding = new Queue<Task>();
        var piece = new Piece(0, wireBytes);
        // A row is larger than the driver's buffer: vectors go straight into a piece.
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (term, place) = (reader.GetString(0), reader.GetInt32(1));
            var markets = reader.IsDBNull(2) ? null : reader.GetFieldValue<string[]>(2);
            var hasVector = !await reader.IsDBNullAsync(3, cancellationToken);
            rows.Add(new PageRow(term, place, markets, hasVector));
            await piece.AddAsync(hasVector ? reader : null, cancellationToken);
            if (piece.Count == PieceRows)
            {
                var full = piece;
                decoding.Enqueue(Task.Run(() => Decode(full, vectors, rejections), cancellationToken));
                if (decoding.Count > PiecesWaiting)
                {
                    await decoding.Dequeue();
                }

                piece = new Piece(rows.Count, wireBytes);
            }
        }

        var last = rows.Count < count ? null : rows.MaxBy(row => row.Place).Term;
        decoding.Enqueue(Task.Run(() => Decode(piece, vectors, rejections), cancellationToken));
        return new ReceivedPage(last, FinishAsync());

        async Task<VectorPage> FinishAsync()
        {
            await Task.WhenAll(decoding);
            return Page(rows, vectors, rejections, last);
        }
    }

    private void Decode(Piece piece, float[] vectors, VectorRejection[] rejections)
    {
        var whole = ArrayPool<float>.Shared.Rent(DecodedAtOnce * reduction.ReadDimensions);
        for (var first = 0; first < piece.Count; first += DecodedAtOnce)
        {
            var count = Math.Min(DecodedAtOnce, piece.Count - first);
            var rejected = rejections.AsSpan(piece.First + first, count);
            for (var i = 0; i < count; i++)
            {
                var vector = whole.AsSpan(i * reduction.ReadDimensions, reduction.ReadDimensions);
                if (piece.Wire(first + i) is { } wire)
                {
                    rejected[i] = VectorWire.TryRead(wire.Span, vector);
                }
            }

            var targets = vectors.AsSpan((piece.First + first) * reduction.Dimensions, count * reduction.Dimensions);
            reduction.ApplyAll(whole.AsSpan(0, count * reduction.ReadDimensions), targets);
            for (var i = 0; i < count; i++)
            {
                if (piece.Wire(first + i) is not null && rejected[i] == VectorRejection.None)
                {
                    rejected[i] = UnitVector.Scale(targets.Slice(i * reduction.Dimensions, reduction.Dimensions), out _);
                }
            }
        }

        ArrayPool<float>.Shared.Return(whole);
        piece.Free();
    }

    private VectorPage Page(List<PageRow> rows, float[] vectors, VectorRejection[] rejections, string? last)
    {
        var terms = new List<VectorTerm>(rows.Count);
        var rejected = new List<ItemError>();
        var missing = 0;
        foreach (var i in Enumerable.Range(0, rows.Count).OrderBy(i => rows[i].Place))
        {
            // Without a market the last keyword of the term has gone.
            if (rows[i].Markets is not { } markets)
            {
                continue;
            }

            if (!rows[i].HasVector)
            {
                missing++;
            }
            else if (rejections[i] != VectorRejection.None)
            {
                rejected.Add(new ItemError($"keyword {rows[i].Term}", Explain(rejections[i])));
            }
            else
            {
                Array.Sort(markets, StringComparer.Ordinal);
                terms.Add(new VectorTerm(rows[i].Term, markets, i));
            }
        }

        return new VectorPage(terms, vectors, missing, rejected, last);
    }

    private string Explain(VectorRejection rejection) => rejection switch
    {
        VectorRejection.WrongDimensions => $"Its vector has not the {reduction.SourceDimensions} dimensions of the others. Delete its row of embeddings: embed-missing makes it anew.",
        VectorRejection.Zero => "Its vector has length zero and points nowhere. Delete its row of embeddings: embed-missing makes it anew.",
        _ => "Its vector holds NaN or infinity. Delete its row of embeddings: embed-missing makes it anew.",
    };

    private readonly record struct PageRow(string Term, int Place, string[]? Markets, bool HasVector);

    /// <summary>Rows as they came, not decoded yet.</summary>
    private sealed class Piece(int first, int wireBytes)
    {
        private readonly byte[] bytes = ArrayPool<byte>.Shared.Rent(PieceRows * wireBytes);
        private readonly int[] lengths = new int[PieceRows];

        /// <summary>The page's number of its first row.</summary>
        public int First => first;

        public int Count { get; private set; }

        /// <summary>Its bytes serve another one.</summary>
        public void Free() => ArrayPool<byte>.Shared.Return(bytes);

        /// <param name="reader">At a row with a vector; null for one without.</param>
        /// <param name="cancellationToken">Ends the reading.</param>
        public async Task AddAsync(NpgsqlDataReader? reader, CancellationToken cancellationToken)
        {
            lengths[Count] = -1;
            if (reader is not null)
            {
                await using var wire = await reader.GetStreamAsync(3, cancellationToken);
                lengths[Count] = (int)wire.Length;
                if (lengths[Count] == wireBytes)
                {
                    await wire.ReadExactlyAsync(bytes.AsMemory(Count * wireBytes, wireBytes), cancellationToken);
                }
            }

            Count++;
        }

        /// <returns>Null where there is none; empty where it is of another width.</returns>
        public ReadOnlyMemory<byte>? Wire(int row)
            => lengths[row] < 0 ? null : lengths[row] == wireBytes ? bytes.AsMemory(row * wireBytes, wireBytes) : ReadOnlyMemory<byte>.Empty;
    }
}
