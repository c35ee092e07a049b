using System.Globalization;

namespace LexyHub.Core.Intents;

/// <summary>The data of one language: cues and facets by phrase. The format is described at the head of <c>en.lexicon</c>.</summary>
internal sealed class LexiconFile
{
    /// <summary>As many cues fit into a mask.</summary>
    private const int MaxCues = 64;

    private const int MaxWords = 4;

    public List<string> Cues { get; } = [];

    public List<(string Facet, string Value)> Facets { get; } = [];

    /// <summary>Cues that say what kind of word a word is. They are weighed where the word is the head, not by themselves.</summary>
    public HashSet<string> Classes { get; } = new(StringComparer.Ordinal);

    /// <summary>Phrase, where it must stand, its cue (or −1) and its facet (or −1).</summary>
    public List<(string Phrase, LexiconAnchor Anchor, int Cue, int Facet)> Phrases { get; } = [];

    /// <summary>Words by what they are in a search; a word's first line counts.</summary>
    public List<(string Word, LexiconKind Kind)> Kinds { get; } = [];

    /// <summary>What the files of a language are called after its code, in the order in which they are read.</summary>
    private static readonly string[] s_names = ["", ".names", ".kinds", ".words"];

    /// <param name="language">ISO 639-1.</param>
    /// <param name="open">Opens a file by its name.</param>
    /// <exception cref="InvalidDataException">Names the line and what is wrong with it.</exception>
    public static LexiconFile Parse(string language, Func<string, TextReader> open)
    {
        TextReader[] readers = [.. s_names.Select(name => open($"{language}{name}.lexicon"))];
        try
        {
            return Parse(readers);
        }
        finally
        {
            foreach (var reader in readers)
                reader.Dispose();
        }
    }

    /// <param name="readers">The files of a language; each begins with no section open.</param>
    /// <exception cref="InvalidDataException">Names the line and what is wrong with it.</exception>
    public static LexiconFile Parse(params ReadOnlySpan<TextReader> readers)
    {
        var file = new LexiconFile();
        foreach (var reader in readers)
            file.Read(reader);
        return file;
    }

    private void Read(TextReader reader)
    {
        var (cue, facet, number) = (-1, -1, 0);
        LexiconKind? kind = null;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
                continue;

            if (line[0] == '[')
            {
                kind = KindOf(line, number);
                (cue, facet) = kind is null ? Open(line, number) : (-1, -1);
                continue;
            }

            if (cue < 0 && kind is null)
                throw Fault(number, "a phrase stands before the first section");

            foreach (var phrase in line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                Add(phrase, cue, facet, kind, number);
        }
    }

    private static LexiconKind? KindOf(string line, int number)
        => line.Trim('[', ']').Split(' ') is ["kind", var name]
            ? Enum.TryParse<LexiconKind>(name, ignoreCase: true, out var kind) ? kind : throw Fault(number, $"'{name}' is no kind of word")
            : null;

    private (int Cue, int Facet) Open(string line, int number)
    {
        var words = line.Trim('[', ']').Split(' ');
        switch (words)
        {
            case ["cue", var name]:
                return (CueOf(name, number), -1);
            case ["class", var name]:
                Classes.Add(name);
                return (CueOf(name, number), -1);
            case ["facet", var facet, .. var value] when value.Length > 0:
                // A facet is a cue too: it is an attribute that narrows a search.
                Facets.Add((facet, string.Join(' ', value)));
                return (CueOf(facet, number), Facets.Count - 1);
            default:
                throw Fault(number, "a section is [cue NAME], [class NAME], [kind NAME] or [facet FACET VALUE]");
        }
    }

    private int CueOf(string name, int number)
    {
        if (Cues.IndexOf(name) is >= 0 and var index)
            return index;

        Cues.Add(name);
        return Cues.Count <= MaxCues ? Cues.Count - 1 : throw Fault(number, $"there are more than {MaxCues} cues");
    }

    private void Add(string phrase, int cue, int facet, LexiconKind? kind, int number)
    {
        var anchor = phrase[0] switch { '^' => LexiconAnchor.Start, '$' => LexiconAnchor.End, _ => LexiconAnchor.None };
        var words = anchor == LexiconAnchor.None ? phrase : phrase[1..];
        if (words.Split(' ').Length > MaxWords || words.Any(char.IsUpper) || words.Length == 0)
            throw Fault(number, $"'{phrase}' is not one to {MaxWords} words in lower case");

        if (kind is null)
            Phrases.Add((words, anchor, cue, facet));
        else if (words.Contains(' ') || anchor != LexiconAnchor.None)
            throw Fault(number, $"'{phrase}' is not one word");
        else
            Kinds.Add((words, kind.Value));
    }

    private static InvalidDataException Fault(int number, string what)
        => new(string.Create(CultureInfo.InvariantCulture, $"Line {number} of the lexicon: {what}."));
}

/// <summary>Where in the text a phrase must stand.</summary>
internal enum LexiconAnchor
{
    None,
    Start,
    End,
}
