using LexyHub.Core.Data;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Etsy;

/// <summary>Between tokens as they are and as they are stored: plain, or sealed with AES-256-GCM for one column of one account.</summary>
internal sealed class EtsyTokenCipher(IOptions<EtsyOptions> options)
{
    /// <summary>Begins what is sealed.</summary>
    public const string Prefix = "lexyhub:v1:";

    private readonly IReadOnlyList<byte[]> keys = ParseKeys(options.Value.TokenKeys) ?? [];

    /// <returns>The keys; null where one is malformed.</returns>
    public static IReadOnlyList<byte[]>? ParseKeys(string? text)
    {
        var keys = new List<byte[]>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var key = new byte[SealedText.KeySize];
            if (!Convert.TryFromBase64String(part, key, out var length) || length != SealedText.KeySize)
            {
                return null;
            }

            keys.Add(key);
        }

        return keys;
    }

    public static bool IsSealed(string? stored) => stored?.StartsWith(Prefix, StringComparison.Ordinal) == true;

    /// <param name="account">Sealed for it and its column: moved elsewhere, the text does not open.</param>
    public string Store(string token, Guid account, string column)
        => options.Value.EncryptTokens ? Prefix + Convert.ToBase64String(SealedText.Seal(token, keys[0], Bound(account, column))) : token;

    /// <returns>The token; null where there is none.</returns>
    /// <exception cref="EtsyShopException">It is sealed, and no key of the settings opens it.</exception>
    public string? Read(string? stored, Guid account, string column)
    {
        if (!IsSealed(stored))
        {
            return string.IsNullOrWhiteSpace(stored) ? null : stored;
        }

        var sealedText = new byte[stored!.Length];
        if (Convert.TryFromBase64String(stored[Prefix.Length..], sealedText, out var length))
        {
            foreach (var key in keys)
            {
                if (SealedText.TryOpen(sealedText[..length], key, Bound(account, column)) is { } token)
                {
                    return token;
                }
            }
        }

        throw new EtsyShopException(
            $"Its {column} is encrypted and no key in Etsy:TokenKeys opens it. Put the key that it was encrypted with behind the current one, or let the seller connect the shop again.");
    }

    private static string Bound(Guid account, string column) => $"marketplace_accounts/{account}/{column}";
}
