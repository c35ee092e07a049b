namespace LexyHub.Core.Clusters;

/// <summary>The words of terms, as labels count them.</summary>
internal static class LabelWords
{
    // Words that say nothing at the edge of a phrase. Keywords are short: these are the ones that occur in them.
    private static readonly HashSet<string> Fillers = new(StringComparer.Ordinal)
    {
        "a", "an", "and", "as", "at", "by", "for", "from", "in", "is", "my", "of", "on", "or", "that", "the", "to", "uk", "us", "with", "your",
        "au", "avec", "das", "de", "der", "des", "die", "du", "el", "et", "für", "la", "le", "les", "mit", "para", "por", "pour", "und", "y",
    };

    public static string[] Split(string term) => term.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public static bool IsFiller(string word) => Fillers.Contains(word);

    /// <returns>Singular and plural as one, by spelling alone.</returns>
    public static string Fold(string word)
    {
        if (word.EndsWith("'s", StringComparison.Ordinal) || word.EndsWith("’s", StringComparison.Ordinal))
        {
            word = word[..^2];
        }

        return word switch
        {
            { Length: > 4 } when word.EndsWith("ies", StringComparison.Ordinal) => word[..^3] + "y",
            { Length: > 4 } when word.EndsWith("ches", StringComparison.Ordinal) || word.EndsWith("shes", StringComparison.Ordinal)
                || word.EndsWith("sses", StringComparison.Ordinal) || word.EndsWith("xes", StringComparison.Ordinal) => word[..^2],
            { Length: > 3 } when word[^1] == 's' && word[^2] is not ('s' or 'u' or 'i') => word[..^1],
            _ => word,
        };
    }
}
