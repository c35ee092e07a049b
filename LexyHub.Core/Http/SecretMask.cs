using System.Text;

namespace LexyHub.Core.Http;

/// <summary>Makes a text of a service fit for logs and errors: one short line in which no known secret is left.</summary>
public sealed class SecretMask
{
    private const int MaxCharacters = 200;

    // Shorter values are no secrets, and would blank out ordinary words.
    private const int MinSecretCharacters = 4;

    private readonly HashSet<string> _secrets = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public SecretMask(params ReadOnlySpan<string?> secrets)
    {
        foreach (var secret in secrets)
            Add(secret);
    }

    /// <summary>Also hides the value's percent-encoded form.</summary>
    public void Add(string? secret)
    {
        if (secret is null || secret.Length < MinSecretCharacters)
            return;

        lock (_lock)
        {
            _secrets.Add(secret);
            _secrets.Add(Uri.EscapeDataString(secret));
        }
    }

    public string Apply(string text)
    {
        lock (_lock)
        {
            // The longest first: one secret may be part of another.
            foreach (var secret in _secrets.OrderByDescending(s => s.Length))
                text = text.Replace(secret, "***", StringComparison.OrdinalIgnoreCase);
        }

        var line = new StringBuilder(Math.Min(text.Length, MaxCharacters));
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0)
                line.Append(' ');
            foreach (var c in word)
            {
                if (!char.IsControl(c))
                    line.Append(c);
            }

            if (line.Length > MaxCharacters)
                return line.ToString(0, MaxCharacters) + "…";
        }

        return line.ToString();
    }
}
