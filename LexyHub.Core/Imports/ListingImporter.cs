using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LexyHub.Core.Data;

namespace LexyHub.Core.Imports;

internal sealed record ListingRow(long Line, ListingContent Listing) : IImportRow;

/// <summary>Imports listings: inserts new ones, updates those of which the file says something else than the table.
/// What the file has no column for stays as it is; a blank cell clears its column.</summary>
public sealed class ListingImporter(LexyHubDatabase database)
{
    /// <summary>Id of the provider of <see cref="ImportAccountId"/>, and its account's <c>external_shop_id</c>.</summary>
    public const string ImportProviderId = "import";

    /// <summary>The account that takes the listings where none is named. It ends in the ASCII codes of "import".</summary>
    public static readonly Guid ImportAccountId = new("00000000-0000-8000-8000-696d706f7274");

    /// <summary>Characters of a title.</summary>
    public const int MaxTitleLength = 2_000;

    /// <summary>Characters of an id and of a tag.</summary>
    public const int MaxIdLength = 200;

    private const int BatchSize = 1_000;
    private const string TagSeparators = ",;|";

    // Only tags that an import has set go away again: others are somebody else's.
    private static readonly ListingOrigin Origin = new("import", "import", ["import"]);

    private static readonly KnownColumn[] KnownColumns =
    [
        new("title", "name", "listing title"),
        new("description"),
        new("tags", "tag"),
        new("price"),
        new("currency", "currency code"),
        new("url", "link", "listing url"),
        new("id", "listing id", "external id", "external listing id"),
        new("quantity", "stock"),
        new("status", "state"),
        new("published at", "created at", "published", "creation date"),
        new("sku"),
        new("category", "section"),
        new("materials"),
    ];

    // Facts of a listing that LexyHub has no column for are kept in extras.import.
    private static readonly string[] ExtraColumns = ["sku", "category", "materials"];

    /// <param name="input">Read from where it stands; not closed.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <exception cref="ImportException">No column holds titles, or the account does not exist.</exception>
    /// <exception cref="DatabaseException">The database is not usable; batches committed before stay in.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; batches committed before stay in.</exception>
    public async Task<ImportReport> ImportAsync(
        Stream input, ListingImportOptions options, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        var tally = new ImportTally(progress);
        await using var file = await ImportFile.OpenAsync(input, options, tally, cancellationToken);
        var columns = ReadColumns(file, options);
        var account = await ImportAccount.FindAsync(database, options.AccountId, options.UserId, cancellationToken);
        var store = await ListingStore.ProbeAsync(database, account, Origin, Known(columns), cancellationToken);
        var writer = new BatchWriter<ListingRow>(database, file, tally, BatchSize, async (connection, rows, token) =>
        {
            var changes = await store.UpsertAsync(connection, [.. rows.Select(row => row.Listing)], token);
            return new BatchCounts(changes.Added.Count, changes.Changed.Count, rows.Count - changes.Added.Count - changes.Changed.Count);
        });
        var seen = new SeenKeys();
        while (file.Read() is { } record)
        {
            cancellationToken.ThrowIfCancellationRequested();
            tally.Read++;
            var row = ToRow(record, columns, out var problem);
            if (row is not null && !seen.Add(row.Listing.ExternalId))
            {
                // Else the two would take turns at every import.
                problem = "another row before it has the same id, url or title";
            }

            if (problem is not null)
            {
                tally.Skip(record.Line, problem);
            }
            else
            {
                await writer.AddAsync(row!, cancellationToken);
            }
        }

        await writer.FlushAsync(cancellationToken);
        return tally.ToReport(file);
    }

    private static ColumnMap ReadColumns(ImportFile file, ListingImportOptions options)
    {
        var given = options.Columns is { } names ? new ColumnMap(names, KnownColumns) : null;
        if (given is not null && !given.Has("title"))
        {
            throw new ImportException($"None of the columns {string.Join(", ", options.Columns!)} is called title.");
        }

        if (file.Read() is not { } first)
        {
            return given ?? new ColumnMap(["title"], KnownColumns);
        }

        var header = new ColumnMap(first.Cells, KnownColumns);
        if (!(options.HasHeader ?? header.Has("title")))
        {
            file.Return([first]);
        }

        return given ?? (header.Has("title") && options.HasHeader != false
            ? header
            : throw new ImportException($"The first row names no column with titles: it has {string.Join(", ", first.Cells)}. "
                + "A file of listings needs a header with title, or the names of its columns (title,description,tags,price,…)."));
    }

    private static ListingColumns Known(ColumnMap columns) => new()
    {
        Description = columns.Has("description"),
        Url = columns.Has("url"),
        Currency = columns.Has("currency"),
        Price = columns.Has("price"),
        Quantity = columns.Has("quantity"),
        PublishedAt = columns.Has("published at"),
        Tags = columns.Has("tags"),
    };

    private static ListingRow? ToRow(CsvRecord record, ColumnMap columns, out string? problem)
    {
        problem = null;
        var title = StorableText.ToSingleSpaces(record[columns["title"]]);
        var url = StorableText.OrNull(record[columns["url"]]);
        var id = StorableText.OrNull(record[columns["id"]]) ?? Hash(url ?? TermText.Normalize(title));
        var tags = SplitTags(record[columns["tags"]]);
        problem = title.Length == 0 ? "the title is blank"
            : title.Length > MaxTitleLength ? $"the title has {title.Length} characters; {MaxTitleLength} are allowed"
            : id.Length > MaxIdLength ? $"the id has {id.Length} characters; {MaxIdLength} are allowed"
            : tags.Any(tag => tag.Length > MaxIdLength) ? $"a tag is longer than {MaxIdLength} characters"
            : null;
        int? cents = null;
        string? pricedIn = null;
        if (record[columns["price"]] is { Length: > 0 } price)
        {
            if (PriceText.TryParse(price, out var parsed, out pricedIn))
            {
                cents = parsed;
            }
            else
            {
                problem ??= $"the price '{price}' is no amount in whole cents";
            }
        }

        int? quantity = null;
        if (record[columns["quantity"]] is { Length: > 0 } number)
        {
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
            {
                quantity = parsed;
            }
            else
            {
                problem ??= $"the quantity '{number}' is no whole number";
            }
        }

        DateTime? publishedAt = null;
        if (record[columns["published at"]] is { Length: > 0 } date)
        {
            if (DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
            {
                publishedAt = parsed.UtcDateTime;
            }
            else
            {
                problem ??= $"'{date}' is no date";
            }
        }

        return problem is not null
            ? null
            : new ListingRow(record.Line, new ListingContent(
                id,
                title,
                StorableText.OrNull(record[columns["description"]]),
                url,
                StorableText.OrNull(record[columns["currency"]])?.ToUpperInvariant() ?? pricedIn,
                cents,
                quantity,
                StorableText.OrNull(record[columns["status"]])?.ToLowerInvariant(),
                publishedAt,
                Extras(record, columns),
                tags));
    }

    private static List<string> SplitTags(string cell)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return [.. cell.Split(TagSeparators.ToCharArray())
            .Select(StorableText.ToSingleSpaces)
            .Where(tag => TermText.Normalize(tag) is { Length: > 0 } normal && seen.Add(normal))];
    }

    private static string? Extras(CsvRecord record, ColumnMap columns)
    {
        var extras = ExtraColumns
            .Select(name => (name, value: StorableText.OrNull(record[columns[name]])))
            .Where(extra => extra.value is not null)
            .ToDictionary(extra => extra.name, extra => extra.value);
        return extras.Count == 0 ? null : JsonSerializer.Serialize(extras);
    }

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
