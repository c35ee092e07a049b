using System.Text;

namespace LexyHub.Core.Data;

/// <summary>
/// The one normal form in which terms are matched, hashed and compared: Unicode NFKC, trimmed, inner white space
/// to one space, lower case (invariant). LexyHub's own <c>embeddings.term_hash</c> is built on the same form.
/// </summary>
public static class TermText
{
    /// <returns>The normal form; empty where <paramref name="text"/> is null, empty or white space.</returns>
    public static string Normalize(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return string.Empty;
        }

        if (IsNormal(text))
        {
            return text;
        }

        // Lone surrogates cannot be normalised (and PostgreSQL cannot store them): they become U+FFFD first.
        var compatible = ReplaceLoneSurrogates(text).Normalize(NormalizationForm.FormKC);
        var result = new StringBuilder(compatible.Length);
        var pendingSpace = false;
        foreach (var c in compatible)
        {
            // PostgreSQL stores no NUL in text.
            if (char.IsWhiteSpace(c) || c == '\0')
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

        return result.ToString().ToLowerInvariant();
    }

    // Most terms are plain lower-case ASCII already: no allocation for them.
    private static bool IsNormal(string text)
    {
        var previous = ' ';
        foreach (var c in text)
        {
            if (c is >= 'A' and <= 'Z' or < ' ' or > '~' || (c == ' ' && previous == ' '))
            {
                return false;
            }

            previous = c;
        }

        return previous != ' ';
    }

    private static string ReplaceLoneSurrogates(string text)
    {
        foreach (var c in text)
        {
            if (char.IsSurrogate(c))
            {
                return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            }
        }

        return text;
    }
}
