using System.Text;

namespace LexyHub.Core.Data;

/// <summary>Makes text from outside fit for PostgreSQL.</summary>
internal static class StorableText
{
    /// <summary>Trimmed, inner white space (no-break and line ends too) to one space; case and accents stay.</summary>
    public static string ToSingleSpaces(string text)
    {
        var result = new StringBuilder(text.Length);
        var pendingSpace = false;
        foreach (var c in Storable(text))
        {
            if (char.IsWhiteSpace(c))
            {
                pendingSpace = result.Length > 0;
                continue;
            }

            if (pendingSpace)
            {
                result.Append(' ');
                pendingSpace = false;
            }

            result.Append(c);
        }

        return result.ToString();
    }

    /// <summary>Without NUL, which text in PostgreSQL cannot hold, and with U+FFFD for lone surrogates.</summary>
    public static string Storable(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff') && !text.Contains('\0', StringComparison.Ordinal))
        {
            return text;
        }

        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', ' ');
    }

    /// <summary>Null for blank.</summary>
    public static string? OrNull(string text) => string.IsNullOrWhiteSpace(text) ? null : Storable(text.Trim());
}
