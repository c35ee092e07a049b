using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Imports;

/// <summary>How a file is read. What is left null is found out from the file itself.</summary>
public abstract record ImportOptions
{
    /// <summary>Name of the encoding, such as <c>utf-8</c>, <c>latin1</c> or <c>windows-1252</c>. Null: a byte order mark
    /// decides, then UTF-8 where the whole file is valid UTF-8, else Windows-1252, which is Latin-1 with its gaps filled.</summary>
    public string? Encoding { get; init; }

    /// <summary>Null: comma, tab or semicolon, whichever the first rows have in common.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Whether the first row names the columns. Null: it does where it holds a name that the import knows.</summary>
    public bool? HasHeader { get; init; }

    /// <summary>Names of the columns from left to right, for a file without a header or in place of its header;
    /// an empty or unknown name is a column to ignore.</summary>
    public IReadOnlyList<string>? Columns { get; init; }
}

/// <summary>Keywords: <c>term[,market,source]</c>. Without a header only the first column is read, unless
/// <see cref="ImportOptions.Columns"/> says what the others are.</summary>
public sealed record KeywordImportOptions : ImportOptions
{
    /// <summary>Of rows that name none. Stored in lower case.</summary>
    public string Market { get; init; } = "us";

    /// <summary>Of rows that name none. Stored in lower case.</summary>
    public string Source { get; init; } = "import";
}

/// <summary>Listings. The file needs a header, or <see cref="ImportOptions.Columns"/>.</summary>
public sealed record ListingImportOptions : ImportOptions
{
    /// <summary>The marketplace account that the listings belong to. Null: the import account,
    /// <see cref="ListingImporter.ImportAccountId"/>, made on demand.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>The user who gets the import account where it has none: newer deployments want one with each account and listing.</summary>
    public Guid? UserId { get; init; }
}

/// <summary>Signals: a row per reading (<c>term,source,date,score</c>), or a column per term as Google Trends exports it.</summary>
public sealed record SignalImportOptions : ImportOptions
{
    /// <summary>Of rows that name none. Null: <c>google-trends-export</c> for an export of Google Trends, else <c>import</c>.</summary>
    public string? Source { get; init; }

    /// <summary>What the values mean. Null: index for an export of Google Trends, else inferred from the source's largest value.</summary>
    public SignalScale? Scale { get; init; }

    /// <summary>What a date stands for. Null: told by the date column's name, by dates without a day, or, with a column per
    /// term, by the distance of the first dates.</summary>
    public SignalPeriod? Period { get; init; }

    /// <summary>Days added to each date, negative for earlier; keeps a sample current.</summary>
    public int DayOffset { get; init; }
}

/// <summary>What a date in a file of signals stands for. Weeks and months are dated at their start, as Google Trends does.</summary>
public enum SignalPeriod
{
    Day,

    /// <summary>The seven days that begin on the date.</summary>
    Week,

    /// <summary>The calendar month that holds the date.</summary>
    Month,
}
