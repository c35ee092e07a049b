namespace LexyHub.Core.Clusters;

/// <summary>Words that follow each other in at least one member.</summary>
internal sealed class LabelPhrase(string key, string[] words, string[] folded)
{
    private readonly Dictionary<string, double> spellings = new(StringComparer.Ordinal);

    public string Key { get; } = key;

    public string[] Folded { get; } = folded;

    /// <summary>No filler stands at either end.</summary>
    public bool IsWhole { get; } = !LabelWords.IsFiller(words[0]) && !LabelWords.IsFiller(words[^1]);

    public bool NamesSomething { get; } = LabelWords.NameSomething(words);

    /// <summary>Of the members that hold the words in this order, one after the other.</summary>
    public double Weight { get; private set; }

    /// <summary>As most of them spell it.</summary>
    public string Spelling => spellings.OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).First().Key;

    public void Add(string spelling, double weight)
    {
        spellings[spelling] = spellings.GetValueOrDefault(spelling) + weight;
        Weight += weight;
    }

    public bool Contains(LabelPhrase other) => $" {Key} ".Contains($" {other.Key} ", StringComparison.Ordinal);
}
