using System.Security.Cryptography;
using System.Text;

namespace LexyHub.Core.Data;

/// <summary>A text encrypted with AES-256-GCM (NIST SP 800-38D): a random nonce of 12 bytes, the tag of 16, the ciphertext.</summary>
internal static class SealedText
{
    /// <summary>Bytes of a key.</summary>
    public const int KeySize = 32;

    private const int NonceSize = 12;
    private const int TagSize = 16;

    /// <param name="bound">What the text belongs to: elsewhere it does not open.</param>
    public static byte[] Seal(string text, byte[] key, string bound = "")
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var sealedText = new byte[NonceSize + TagSize + plain.Length];
        RandomNumberGenerator.Fill(sealedText.AsSpan(0, NonceSize));
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(
            sealedText.AsSpan(0, NonceSize), plain, sealedText.AsSpan(NonceSize + TagSize), sealedText.AsSpan(NonceSize, TagSize), Encoding.UTF8.GetBytes(bound));
        return sealedText;
    }

    /// <returns>Null where it was sealed with another key or for something else, or was tampered with.</returns>
    public static string? TryOpen(byte[] sealedText, byte[] key, string bound = "")
    {
        if (sealedText.Length < NonceSize + TagSize)
        {
            return null;
        }

        var plain = new byte[sealedText.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        try
        {
            aes.Decrypt(
                sealedText.AsSpan(0, NonceSize), sealedText.AsSpan(NonceSize + TagSize), sealedText.AsSpan(NonceSize, TagSize), plain, Encoding.UTF8.GetBytes(bound));
            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
