using System.Security.Cryptography;
using System.Text;
using LexyHub.Core.Data;
using LexyHub.Core.Trends.Sources;
using Npgsql;

namespace LexyHub.Core.Trends;

/// <summary>Keeps replaced refresh tokens in the database, encrypted (AES-256-GCM) under a key that is derived from the
/// configured token (HKDF-SHA256, RFC 5869): a row is of no use without the configuration, and no further secret is needed.</summary>
public sealed class DatabaseRefreshTokenStore(LexyHubDatabase database) : IRefreshTokenStore
{
    private const string ReadSql = """
        select ciphertext from lexyhub_jobs.refresh_tokens where source = @source and configured = @configured
        """;

    private const string SaveSql = """
        insert into lexyhub_jobs.refresh_tokens (source, configured, ciphertext) values (@source, @configured, @ciphertext)
        on conflict (source, configured) do update set ciphertext = excluded.ciphertext, updated_at = clock_timestamp()
        """;

    /// <returns>Null also where the row was tampered with: then the configured token is tried.</returns>
    public async Task<string?> ReadAsync(string source, string configured, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(ReadSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("source", source),
                new NpgsqlParameter<byte[]>("configured", Derive(configured, source, "id")),
            },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is byte[] ciphertext
            ? SealedText.TryOpen(ciphertext, Derive(configured, source, "key"))
            : null;
    }

    public async Task SaveAsync(string source, string configured, string replacement, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(SaveSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("source", source),
                new NpgsqlParameter<byte[]>("configured", Derive(configured, source, "id")),
                new NpgsqlParameter<byte[]>("ciphertext", SealedText.Seal(replacement, Derive(configured, source, "key"))),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static byte[] Derive(string configured, string source, string purpose)
        => HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(configured), 32, info: Encoding.UTF8.GetBytes($"lexyhub {source} {purpose}"));
}
