using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace LexyHub.Core.Embeddings;

/// <summary>The index of nearest neighbours: one HNSW index per model, over half-precision vectors, since pgvector indexes at most
/// 2,000 dimensions of single precision. It is built by hand, never within a migration: that may take minutes.</summary>
public static class VectorIndex
{
    private const int NoTimeout = 0;

    // An interrupted concurrent build leaves an index that is kept up to date and never used.
    private const string StateSql = "select (select indisvalid from pg_index where indexrelid = to_regclass(@name))";

    // Definitions take no parameters: the server quotes the model's name.
    private const string DefinitionSql = """
        select format(
            'create index %s %I on embeddings using hnsw ((embedding::halfvec(3072)) halfvec_cosine_ops) where model = %L',
            case when @concurrently then 'concurrently' end, @name, @model)
        """;

    private const string DropSql = "select format('drop index %I', @name)";

    private const string ModelsSql = "select model from embeddings where model is not null group by model order by count(*) desc, model";

    /// <returns>The models that have vectors, the most used first.</returns>
    public static async Task<IReadOnlyList<string>> ReadModelsAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ModelsSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var models = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            models.Add(reader.GetString(0));
        }

        return models;
    }

    /// <summary>Builds the model's index where it is missing or an interrupted build left it unfit.</summary>
    /// <param name="dataSource">The connection must reach the server itself, or a pooler that lets statements run outside transactions.</param>
    /// <param name="model">As in <c>embeddings.model</c>.</param>
    /// <param name="concurrently">Writers go on meanwhile. Not on the embedded PostgreSQL: all its connections share one session.</param>
    /// <param name="cancellationToken">An interrupted build is made anew by the next call.</param>
    /// <returns>Whether it was built now.</returns>
    public static async Task<bool> CreateAsync(
        NpgsqlDataSource dataSource, string model, bool concurrently, CancellationToken cancellationToken)
    {
        var name = new NpgsqlParameter<string>("name", NameOf(model));
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        switch (await AskAsync(connection, StateSql, cancellationToken, name))
        {
            case true:
                return false;
            case false:
                await ExecuteAsync(connection, (string)(await AskAsync(connection, DropSql, cancellationToken, name.Clone()))!, cancellationToken);
                break;
        }

        var definition = await AskAsync(
            connection,
            DefinitionSql,
            cancellationToken,
            name.Clone(),
            new NpgsqlParameter<string>("model", model),
            new NpgsqlParameter<bool>("concurrently", concurrently));
        await ExecuteAsync(connection, (string)definition!, cancellationToken);
        return true;
    }

    /// <returns>The index's name; it follows from the model's, which may be too long for one.</returns>
    public static string NameOf(string model)
        => "embeddings_hnsw_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(model)).AsSpan(0, 6));

    private static async Task<object?> AskAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = NoTimeout };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
