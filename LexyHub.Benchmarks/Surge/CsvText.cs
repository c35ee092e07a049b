using System.Text;

namespace LexyHub.Benchmarks.Surge;

/// <summary>Splits small CSV files (RFC 4180: quotes, doubled quotes, line breaks within quotes).</summary>
internal static class CsvText
{
    public static IEnumerable<string[]> Rows(string text, char delimiter = ',')
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"' when quoted && i + 1 < text.Length && text[i + 1] == '"':
                    field.Append('"');
                    i++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case var separator when separator == delimiter && !quoted:
                    fields.Add(field.ToString());
                    field.Clear();
                    break;
                case '\r' when !quoted:
                    break;
                case '\n' when !quoted:
                    yield return [.. fields, field.ToString()];
                    fields.Clear();
                    field.Clear();
                    break;
                default:
                    field.Append(text[i]);
                    break;
            }
        }

        if (fields.Count > 0 || field.Length > 0)
        {
            yield return [.. fields, field.ToString()];
        }
    }
}
