using System.Globalization;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Imports;

/// <summary>Reads the value of a reading.</summary>
internal static class SignalValue
{
    /// <summary>A number with a point or a comma; <c>&lt;1</c>, Google's "less than 1", is half of it; a per cent sign is left out.</summary>
    /// <returns>Null where it is no finite number.</returns>
    public static double? Parse(string text)
    {
        var isBelow = text.StartsWith('<');
        var number = (isBelow ? text[1..] : text).TrimEnd('%').Trim();
        if (!number.Contains('.', StringComparison.Ordinal))
        {
            number = IsGrouped(number) ? number.Replace(",", "", StringComparison.Ordinal) : number.Replace(',', '.');
        }

        return double.TryParse(number, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value)
            ? isBelow ? value / 2 : value
            : null;
    }

    /// <returns>Why the value does not fit the scale; null where it does.</returns>
    /// <param name="scale">Null: undeclared, to be inferred; then no value is below 0.</param>
    public static string? Problem(double value, SignalScale? scale) => (scale, value) switch
    {
        (SignalScale.Percent, < -100) => "is below -100 per cent",
        (not SignalScale.Percent, < 0) => "is below 0, which only the scale percent has",
        (SignalScale.Unit, > 1) => "is above 1, the largest of the scale unit",
        (SignalScale.Index, > 100) => "is above 100, the largest of the scale index",
        _ => null,
    };

    // 1,234 and 1,234,567; but 0,5 and 12,25 have a decimal comma.
    private static bool IsGrouped(string number)
    {
        var parts = number.Split(',');
        return parts.Length > 1 && parts[0].TrimStart('-').Length is >= 1 and <= 3 && parts[0] != "0"
            && parts.Skip(1).All(part => part.Length == 3);
    }
}
