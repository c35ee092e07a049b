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
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private const string ReadSql = """
        select ciphertext from lexyhub_jobs.refresh_tokens where source = @source and configured = @configured
        """;

    private const string SaveSql = """
        insert into lexyhub_jobs.refresh_tokens (source, configured, ciphertext) values (@source, @configured, @ciphertext)
        on conflict (source, configured) do update set ciphertext = excluded.ciphertext, updated_at = clock_timestamp()
        """;

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
        return await command.ExecuteScalarAsync(cancellationToken) is byte[] ciphertext ? Decrypt(ciphertext, Derive(configured, source, "key")) : null;
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
                new NpgsqlParameter<byte[]>("ciphertext", Encrypt(replacement, Derive(configured, source, "key"))),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static byte[] Derive(string configured, string source, string purpose)
        => HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(configured), 32, info: Encoding.UTF8.GetBytes($"lexyhub {source} {purpose}"));

    // Nonce, tag, ciphertext.
    private static byte[] Encrypt(string token, byte[] key)
    {
        var plain = Encoding.UTF8.GetBytes(token);
        var sealedToken = new byte[NonceSize + TagSize + plain.Length];
        RandomNumberGenerator.Fill(sealedToken.AsSpan(0, NonceSize));
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(sealedToken.AsSpan(0, NonceSize), plain, sealedToken.AsSpan(NonceSize + TagSize), sealedToken.AsSpan(NonceSize, TagSize));
        return sealedToken;
    }

    /// <returns>Null where the row was tampered with: then the configured token is tried.</returns>
    private static string? Decrypt(byte[] sealedToken, byte[] key)
    {
        if (sealedToken.Length < NonceSize + TagSize)
        {
            return null;
        }

        var plain = new byte[sealedToken.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        try
        {
            aes.Decrypt(sealedToken.AsSpan(0, NonceSize), sealedToken.AsSpan(NonceSize + TagSize), sealedToken.AsSpan(NonceSize, TagSize), plain);
            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
