namespace LexyHub.Core.Clusters;

/// <summary>The words of terms, as labels count them.</summary>
internal static class LabelWords
{
    // Words that say nothing, and at the edge of a phrase less: keywords are short, these are the ones that occur in them. Markets and
    // what is left of addresses are among them: "printing uk" is about printing.
    private static readonly HashSet<string> Fillers = Words("""
        a an and as at by for from in into is of off on or over per so than that the this to up with but if about please
        my your our their his her its it i me we you he she they
        am are be been being was were do does did don't doesn't didn't can can't could couldn't will won't would should
        has have had haven't hasn't isn't wasn't not no there here what what's when where which who whose why how any some all much many
        uk us usa gb eu www com co org net
        au avec das de der des die du el et für la le les mit para por pour und y
        """);

    // Words that say something only of another one: a group is not about "best" or "cheap".
    private static readonly HashSet<string> Qualifiers = Words("""
        best better buy buying bulk cheap cheapest cheaper direct discount double easy find free full fun get getting go going good great
        help high hire hiring large last like little local long lot low make making mini minute more most near need new next nice now offer
        old one online order other own pay possible price pro professional quality quick rent review sale second sell selling set
        shop shopping small still store stuff thing today top two type use used using want way whole work different diy idea big tell know
        """);

    // Those whose singular spelling alone does not tell; "glove" and "sleeve" are regular.
    private static readonly Dictionary<string, string> Singulars = new(StringComparer.Ordinal)
    {
        ["halves"] = "half",
        ["knives"] = "knife",
        ["leaves"] = "leaf",
        ["loaves"] = "loaf",
        ["scarves"] = "scarf",
        ["shelves"] = "shelf",
        ["wolves"] = "wolf",
    };

    private static readonly char[] Marks = ['.', ',', '?', '!', ':', ';', '"', '(', ')', '[', ']', '*'];

    /// <returns>Without marks at the words' edges.</returns>
    public static string[] Split(string term)
        => [.. term.Replace('’', '\'').Split(' ').Select(word => word.Trim(Marks)).Where(word => word.Length > 0)];

    /// <returns>Whether it says nothing, wherever it stands.</returns>
    public static bool IsFiller(string word) => word.Length < 2 || Fillers.Contains(word);

    /// <returns>Whether one of the words names something by itself.</returns>
    public static bool NameSomething(IEnumerable<string> words)
        => words.Any(word => !IsFiller(word) && !Qualifiers.Contains(word) && !Qualifiers.Contains(Fold(word)) && word.Any(char.IsLetter));

    /// <returns>Singular and plural as one, by spelling alone.</returns>
    public static string Fold(string word)
    {
        if (word.EndsWith("'s", StringComparison.Ordinal))
        {
            word = word[..^2];
        }

        return word switch
        {
            _ when Singulars.TryGetValue(word, out var singular) => singular,
            { Length: > 4 } when word.EndsWith("ies", StringComparison.Ordinal) => word[..^3] + "y",
            { Length: > 4 } when word.EndsWith("ches", StringComparison.Ordinal) || word.EndsWith("shes", StringComparison.Ordinal)
                || word.EndsWith("sses", StringComparison.Ordinal) || word.EndsWith("xes", StringComparison.Ordinal) => word[..^2],
            { Length: > 3 } when word[^1] == 's' && word[^2] is not ('s' or 'u' or 'i') => word[..^1],
            _ => word,
        };
    }

    private static HashSet<string> Words(string text)
        => new(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);
}
