using System.Globalization;

namespace LexyHub.Core.Intents;

/// <summary>Words in clusters of words that stand in the same company, at three levels: a word that no labelled phrase has is read as its neighbours are.</summary>
internal sealed class WordClusters
{
    private const int Cells = 4;

    // By the hash of the stem, which is at hand: a word that happens to have the hash of another one is read as that one.
    private readonly LexiconRows _rows;
    private readonly WordCluster[] _clusters;

    private WordClusters(List<ulong> words, List<WordCluster> clusters) => (_rows, _clusters) = (new LexiconRows(words), [.. clusters]);

    public static WordClusters None { get; } = new([], []);

    /// <param name="reader">CSV of <c>word,coarse,middle,fine</c>, the words without the s of the plural, the clusters by their number.</param>
    /// <exception cref="InvalidDataException">A line is none of a word and three numbers, or a word has two.</exception>
    public static WordClusters Parse(TextReader reader)
    {
        var (words, clusters) = (new List<ulong>(), new List<WordCluster>());
        Span<Range> cells = stackalloc Range[Cells + 1];
        reader.ReadLine();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            if (line.AsSpan().Split(cells, ',') != Cells || line.AsSpan()[cells[0]] is not { Length: > 0 } word
                || !short.TryParse(line.AsSpan()[cells[1]], CultureInfo.InvariantCulture, out var first)
                || !short.TryParse(line.AsSpan()[cells[2]], CultureInfo.InvariantCulture, out var second)
                || !short.TryParse(line.AsSpan()[cells[3]], CultureInfo.InvariantCulture, out var third))
            {
                throw new InvalidDataException($"A line of the word clusters is no word with three numbers: '{line}'.");
            }

            words.Add(new LexiconStem(word).Hash);
            clusters.Add(new WordCluster(first, second, third));
        }

        return new WordClusters(words, clusters);
    }

    public bool TryFind(LexiconStem stem, out WordCluster cluster)
    {
        var isKnown = _rows.TryFind(stem.Hash, out var row);
        cluster = isKnown ? _clusters[row] : default;
        return isKnown;
    }
}

/// <summary>The clusters of a word, each with its number at its level.</summary>
internal readonly record struct WordCluster(short Coarse, short Middle, short Fine);
