using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;

namespace LexyHub.Core.Intents;

/// <summary>The weights of a <see cref="LexiconNetwork"/> as they are kept: whole steps of one scale.</summary>
/// <param name="Scale">What a step is worth.</param>
/// <param name="Lines">The network's own, then one a feature, by their names.</param>
internal sealed record LexiconWeights(float Scale, IReadOnlyList<(string Feature, sbyte[] Row)> Lines)
{
    public const string HiddenBias = "hidden-bias";
    public const string OutputBias = "output-bias";

    /// <param name="lines">The largest magnitude of all becomes the last step.</param>
    public static LexiconWeights Of(IReadOnlyList<(string Feature, float[] Row)> lines)
    {
        var scale = lines.Max(line => MathF.Abs(TensorPrimitives.MaxMagnitude<float>(line.Row))) / sbyte.MaxValue;
        return new LexiconWeights(scale, [.. lines.Select(line => (line.Feature, line.Row.Select(weight => (sbyte)MathF.Round(weight / scale)).ToArray()))]);
    }

    /// <param name="reader">A line <c>scale,NUMBER</c>, then lines of <c>feature,weights</c>, the weights signed bytes in Base64, below a header.</param>
    /// <exception cref="InvalidDataException">Names the line that is none of a feature and its weights.</exception>
    public static LexiconWeights Read(TextReader reader)
    {
        var lines = new List<(string, sbyte[])>();
        reader.ReadLine();
        if (reader.ReadLine()?.Split(',') is not ["scale", var number] || !float.TryParse(number, CultureInfo.InvariantCulture, out var scale))
            throw new InvalidDataException("The lexicon's weights do not begin with their scale.");

        Span<byte> bytes = stackalloc byte[LexiconNetwork.Width];
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            var comma = line.IndexOf(',', StringComparison.Ordinal);
            var expected = line.StartsWith(OutputBias, StringComparison.Ordinal) ? IntentTaxonomy.IntentCount : LexiconNetwork.Width;
            if (comma <= 0 || !Convert.TryFromBase64Chars(line.AsSpan(comma + 1), bytes, out var count) || count != expected)
                throw new InvalidDataException($"A line of the lexicon's weights is no feature with {expected} weights: '{line}'.");

            lines.Add((line[..comma], MemoryMarshal.Cast<byte, sbyte>(bytes[..count]).ToArray()));
        }

        return new LexiconWeights(scale, lines);
    }

    /// <returns>The file, as <see cref="Read"/> takes it.</returns>
    public string Write()
    {
        var text = new StringBuilder("feature,weights\n").Append(CultureInfo.InvariantCulture, $"scale,{Scale}\n");
        foreach (var (feature, row) in Lines)
            text.Append(feature).Append(',').Append(Convert.ToBase64String(MemoryMarshal.AsBytes<sbyte>(row))).Append('\n');
        return text.ToString();
    }
}
