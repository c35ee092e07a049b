namespace LexyHub.Core.Imports;

/// <summary>A column that an import knows, with the names that it goes by, in lower case with single spaces.</summary>
internal sealed record KnownColumn(string Name, params string[] Aliases)
{
    public bool IsCalled(string name) => name == Name || Array.IndexOf(Aliases, name) >= 0;
}

/// <summary>Where the columns of a file are.</summary>
internal sealed class ColumnMap
{
    private readonly Dictionary<string, int> positions = new(StringComparer.Ordinal);

    /// <param name="names">From left to right, as the file or an option gives them. Of two columns with one name the first counts.</param>
    public ColumnMap(IEnumerable<string> names, IReadOnlyList<KnownColumn> known)
    {
        foreach (var (position, name) in names.Select(ToName).Index())
        {
            if (known.FirstOrDefault(column => column.IsCalled(name)) is { } column)
            {
                positions.TryAdd(column.Name, position);
            }
        }
    }

    /// <summary>The column's position, −1 where the file has none.</summary>
    public int this[string name] => positions.GetValueOrDefault(name, -1);

    public bool Has(string name) => positions.ContainsKey(name);

    public int Count => positions.Count;

    /// <summary>Lower case, with <c>_</c> and <c>-</c> as spaces: <c>CURRENCY_CODE</c> is <c>currency code</c>.</summary>
    public static string ToName(string header)
        => Data.TermText.Normalize(header.Replace('_', ' ').Replace('-', ' '));
}
