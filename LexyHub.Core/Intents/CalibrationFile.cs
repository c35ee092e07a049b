using System.Globalization;
using System.Text;

namespace LexyHub.Core.Intents;

/// <summary>A <see cref="ConfidenceMap"/> as a file: a first line of method and number of phrases, then <c>number,probability</c>.</summary>
internal static class CalibrationFile
{
    /// <returns>Null for an empty file: not calibrated.</returns>
    /// <exception cref="InvalidDataException">A line is not of the format.</exception>
    public static ConfidenceMap? Parse(TextReader reader)
    {
        if (reader.ReadLine() is not { Length: > 0 } head)
            return null;

        var parts = head.Split(',');
        var points = new List<ConfidencePoint>();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            var comma = line.IndexOf(',', StringComparison.Ordinal);
            points.Add(new ConfidencePoint(Number(line[..Math.Max(0, comma)]), Number(line[(comma + 1)..])));
        }

        return parts.Length == 2 && Enum.TryParse<CalibrationMethod>(parts[0], ignoreCase: true, out var method) && points.Count > 0
            ? new ConfidenceMap(method, (int)Number(parts[1]), points)
            : throw new InvalidDataException("The calibration begins with no line of method and phrases, or has no points.");
    }

    public static string Write(ConfidenceMap map)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{map.Method.ToString().ToLowerInvariant()},{map.Phrases}\n");
        foreach (var point in map.Points)
            text.Append(CultureInfo.InvariantCulture, $"{point.Number:0.0000},{point.Probability:0.0000}\n");
        return text.ToString();
    }

    private static double Number(string cell)
        => double.TryParse(cell, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException($"'{cell}' of the calibration is no number.");
}
