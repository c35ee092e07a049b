using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace LexyHub.Core.Jobs;

/// <summary>Checks bearer tokens against <c>LEXYHUB_SERVICE_TOKEN</c>: several separated by commas, so that one can be
/// rotated while the other still holds. None configured means that every call is refused.</summary>
public sealed class ServiceTokens(IConfiguration configuration)
{
    /// <summary>Setting that holds the tokens.</summary>
    public const string SettingName = "LEXYHUB_SERVICE_TOKEN";

    private const string Scheme = "Bearer ";

    /// <param name="authorization">The Authorization header; null where there is none.</param>
    /// <returns>True where it bears one of the configured tokens. Takes the same time whether or not it does.</returns>
    public bool Accepts(string? authorization)
    {
        var presented = authorization is not null && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? authorization[Scheme.Length..].Trim()
            : "";

        // Hashes are of one length, so that neither a token's length nor its first wrong character shows in the time.
        Span<byte> presentedHash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(presented), presentedHash);
        Span<byte> configuredHash = stackalloc byte[SHA256.HashSizeInBytes];
        var accepted = false;
        var tokens = (configuration[SettingName] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var token in tokens)
        {
            SHA256.HashData(Encoding.UTF8.GetBytes(token), configuredHash);
            accepted |= CryptographicOperations.FixedTimeEquals(presentedHash, configuredHash);
        }

        return accepted && presented.Length > 0;
    }
}
