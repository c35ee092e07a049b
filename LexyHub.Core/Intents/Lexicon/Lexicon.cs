namespace LexyHub.Core.Intents;

/// <summary>Phrases by their text, and every beginning of one, so that a search word by word knows when to stop.</summary>
internal sealed class Lexicon
{
    private readonly Dictionary<string, LexiconEntry>.AlternateLookup<ReadOnlySpan<char>> _entries;

    public Lexicon(LexiconFile file, WordClusters? clusters = null)
    {
        Clusters = clusters ?? WordClusters.None;
        Cues = file.Cues;
        Facets = file.Facets;
        Classes = MaskOf([.. file.Classes]);
        var entries = new Dictionary<string, LexiconEntry>(StringComparer.Ordinal);
        foreach (var (word, kind) in file.Kinds)
            Entry(entries, word).Kind ??= kind;
        foreach (var (phrase, anchor, cue, facet) in file.Phrases)
        {
            var entry = Entry(entries, phrase);
            entry.Add(anchor, cue, facet);
            for (var space = phrase.LastIndexOf(' '); space > 0; space = phrase.LastIndexOf(' ', space - 1))
                Entry(entries, phrase[..space]).GoesOn = true;
        }

        _entries = entries.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public IReadOnlyList<string> Cues { get; }

    public WordClusters Clusters { get; }

    public IReadOnlyList<(string Facet, string Value)> Facets { get; }

    /// <summary>Bits of the cues that are classes of words: they are not weighed by themselves.</summary>
    public ulong Classes { get; }

    /// <returns>The bit of a cue; 0 where the language has no such cue.</returns>
    public ulong MaskOf(params ReadOnlySpan<string> cues)
    {
        var mask = 0UL;
        foreach (var cue in cues)
        {
            for (var i = 0; i < Cues.Count; i++)
                mask |= Cues[i] == cue ? 1UL << i : 0;
        }

        return mask;
    }

    public LexiconEntry? Find(ReadOnlySpan<char> words) => _entries.TryGetValue(words, out var entry) ? entry : null;

    /// <summary>One word, also without its plural s.</summary>
    public LexiconEntry? FindWord(ReadOnlySpan<char> word)
        => Find(word) ?? (word.Length > 3 && word[^1] == 's' ? Find(word[..^1]) ?? (word[^2] == 'e' ? Find(word[..^2]) : null) : null);

    /// <summary>What the list of kinds says of a word, also without an ending of the plural or the genitive.</summary>
    public LexiconKind? KindOf(ReadOnlySpan<char> word)
    {
        if (Find(word)?.Kind is { } kind)
            return kind;
        if (word.Length <= 3 || word[^1] != 's')
            return null;
        if (word.EndsWith("ies"))
        {
            Span<char> singular = stackalloc char[word.Length - 2];
            word[..^3].CopyTo(singular);
            singular[^1] = 'y';
            if (Find(singular)?.Kind is { } ofSingular)
                return ofSingular;
        }

        return Find(word[..^1])?.Kind ?? (word[^2] is 'e' or '\'' ? Find(word[..^2])?.Kind : null);
    }

    private static LexiconEntry Entry(Dictionary<string, LexiconEntry> entries, string phrase)
        => entries.TryGetValue(phrase, out var entry) ? entry : entries[phrase] = new LexiconEntry();
}

/// <summary>What a phrase says, by where it stands.</summary>
internal sealed class LexiconEntry
{
    private ulong _anywhere;
    private ulong _atStart;
    private ulong _atEnd;

    /// <summary>A longer phrase begins with this one.</summary>
    public bool GoesOn { get; set; }

    public List<int> Facets { get; } = [];

    /// <summary>Of a single word, from the list of kinds.</summary>
    public LexiconKind? Kind { get; set; }

    public void Add(LexiconAnchor anchor, int cue, int facet)
    {
        var mask = 1UL << cue;
        switch (anchor)
        {
            case LexiconAnchor.Start:
                _atStart |= mask;
                break;
            case LexiconAnchor.End:
                _atEnd |= mask;
                break;
            default:
                _anywhere |= mask;
                break;
        }

        if (facet >= 0)
            Facets.Add(facet);
    }

    public ulong CuesAt(bool start, bool end) => _anywhere | (start ? _atStart : 0) | (end ? _atEnd : 0);
}
