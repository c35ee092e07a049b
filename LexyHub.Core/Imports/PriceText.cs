using System.Globalization;
using System.Text;

namespace LexyHub.Core.Imports;

/// <summary>Reads a price as people write it: <c>12.50</c>, <c>$1,234.50</c>, <c>12,50 €</c>, <c>USD 12</c>.</summary>
internal static class PriceText
{
    /// <param name="cents">Hundredths of the currency's unit, exact; at least 0.</param>
    /// <param name="currency">The ISO 4217 code that the price itself names, by its letters, € or £; null where it names none
    /// ($ is many currencies).</param>
    /// <returns>False for anything that is no amount, or not a whole number of hundredths.</returns>
    public static bool TryParse(string text, out int cents, out string? currency)
    {
        cents = 0;
        currency = null;
        var digits = new StringBuilder(text.Length);
        var letters = new StringBuilder();
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c) || c is '.' or ',' or '-')
            {
                digits.Append(c);
            }
            else if (char.IsAsciiLetter(c))
            {
                letters.Append(char.ToUpperInvariant(c));
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.CurrencySymbol)
            {
                currency = c switch { '€' => "EUR", '£' => "GBP", _ => currency };
            }
            else if (!char.IsWhiteSpace(c) && c != '\'')
            {
                return false;
            }
        }

        // One or two letters belong to a symbol (US$, kr).
        if (letters.Length > 3)
        {
            return false;
        }

        currency = letters.Length == 3 ? letters.ToString() : currency;
        if (!decimal.TryParse(ToInvariant(digits.ToString()), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            || amount > int.MaxValue / 100m
            || decimal.Truncate(amount * 100) != amount * 100)
        {
            return false;
        }

        cents = (int)(amount * 100);
        return true;
    }

    // The last of two kinds of separator is the decimal one; a single comma before exactly three digits separates thousands,
    // a single point never does.
    private static string ToInvariant(string digits)
    {
        var point = digits.LastIndexOf('.');
        var comma = digits.LastIndexOf(',');
        if (comma < 0)
        {
            return digits.IndexOf('.', StringComparison.Ordinal) == point || !Groups(digits, '.') ? digits : digits.Replace(".", "", StringComparison.Ordinal);
        }

        if (point > comma)
        {
            return Groups(digits[..point], ',') ? digits.Replace(",", "", StringComparison.Ordinal) : "";
        }

        if (point >= 0)
        {
            return Groups(digits[..comma], '.') ? digits.Replace(".", "", StringComparison.Ordinal).Replace(',', '.') : "";
        }

        return Groups(digits, ',') ? digits.Replace(",", "", StringComparison.Ordinal) : digits.Replace(',', '.');
    }

    private static bool Groups(string digits, char separator)
    {
        var parts = digits.Split(separator);
        return parts[0].Length is >= 1 and <= 3 && parts.Skip(1).All(part => part.Length == 3);
    }
}
