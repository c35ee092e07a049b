using LexyHub.Core.Clusters.Numerics;
using LexyHub.Core.Embeddings;
using Npgsql;

namespace LexyHub.Core.Clusters;

/// <summary>Whole vectors of given terms.</summary>
internal sealed class TermVectors(NpgsqlDataSource dataSource, EmbeddingScope scope)
{
    private const string ReadSql = """
        select h.place::int, e.vector
        from unnest(@hashes) with ordinality as h (hash, place)
        join lateral (
            select vector_send(e.embedding) as vector from embeddings e where e.term_hash = h.hash and e.model = @model
            offset 0) e on true
        """;

    private readonly byte[] wire = new byte[VectorWire.BytesOf(scope.Dimensions)];

    /// <param name="terms">In normal form.</param>
    /// <param name="vectors">Row after row in the order of the terms.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <returns>Of each term whether it has a fit vector.</returns>
    public async Task<bool[]> ReadAsync(IReadOnlyList<string> terms, float[] vectors, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter<string[]>("hashes", [.. terms.Select(scope.HashOf)]));
        command.Parameters.Add(new NpgsqlParameter<string>("model", scope.Model));
        var found = new bool[terms.Count];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = reader.GetInt32(0) - 1;
            if (reader.GetBytes(1, 0, null, 0, 0) == wire.Length)
            {
                reader.GetBytes(1, 0, wire, 0, wire.Length);
                found[row] = VectorWire.TryRead(wire, vectors.AsSpan(row * scope.Dimensions, scope.Dimensions)) == VectorRejection.None;
            }
        }

        return found;
    }
}
