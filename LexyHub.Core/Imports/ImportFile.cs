using CsvHelper;

namespace LexyHub.Core.Imports;

/// <summary>One record of a file: its first line and its cells.</summary>
internal sealed record CsvRecord(long Line, string[] Cells)
{
    /// <summary>The cell without white space around it; empty where the row is too short or the column is missing (−1).</summary>
    public string this[int column] => column >= 0 && column < Cells.Length ? Cells[column].Trim() : "";

    public bool IsBlank => Array.TrueForAll(Cells, string.IsNullOrWhiteSpace);
}

/// <summary>A delimited text file, read as a stream of records.</summary>
internal sealed class ImportFile : IAsyncDisposable
{
    private readonly Stream stream;
    private readonly bool ownsStream;
    private readonly RecordFeed feed;
    private readonly CsvReader reader;
    private readonly Queue<CsvRecord> returned = new();

    private ImportFile(Stream stream, bool ownsStream, System.Text.Encoding encoding, bool trustMark, char? delimiter, ImportTally tally)
    {
        this.stream = stream;
        this.ownsStream = ownsStream;
        EncodingName = encoding.WebName;
        feed = new RecordFeed(
            new StreamReader(stream, encoding, detectEncodingFromByteOrderMarks: trustMark, leaveOpen: true), delimiter, (line, message) =>
            {
                tally.Read++;
                tally.Skip(line, message);
            });
        reader = CsvReader.Create(feed, new CsvReaderOptions { Separator = feed.Delimiter, HasHeader = false }, leaveOpen: false);
    }

    public string EncodingName { get; }

    public char Delimiter => feed.Delimiter;

    public long BytesRead => stream.Position;

    public long BytesTotal => stream.Length;

    /// <param name="input">Read from where it stands. One that cannot seek is copied to a temporary file first, since the
    /// encoding is known only at its end.</param>
    /// <exception cref="ImportException">The encoding asked for is unknown.</exception>
    public static async Task<ImportFile> OpenAsync(
        Stream input, ImportOptions options, ImportTally tally, CancellationToken cancellationToken)
    {
        var asked = options.Encoding is { } name ? ImportEncoding.Parse(name) : null;
        var stream = input.CanSeek ? input : await SpoolAsync(input, cancellationToken);
        try
        {
            var encoding = asked ?? await ImportEncoding.DetectAsync(stream, cancellationToken);
            return new ImportFile(stream, stream != input, encoding, asked is null, options.Delimiter, tally);
        }
        catch when (stream != input)
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The next record that is not blank; null at the end.</summary>
    public CsvRecord? Read()
    {
        if (returned.TryDequeue(out var again))
        {
            return again;
        }

        while (reader.Read())
        {
            var cells = new string[reader.FieldCount];
            for (var i = 0; i < cells.Length; i++)
            {
                cells[i] = reader.GetString(i);
            }

            var record = new CsvRecord(feed.TakeLine(), cells);
            if (!record.IsBlank)
            {
                return record;
            }
        }

        return null;
    }

    /// <summary>Gives records back that were read to find out about the file; they are read again, in this order.</summary>
    public void Return(IEnumerable<CsvRecord> records)
    {
        foreach (var record in records)
        {
            returned.Enqueue(record);
        }
    }

    public async ValueTask DisposeAsync()
    {
        reader.Dispose();
        if (ownsStream)
        {
            await stream.DisposeAsync();
        }
    }

    private static async Task<Stream> SpoolAsync(Stream input, CancellationToken cancellationToken)
    {
        // GetTempFileName makes a file that only its owner can read.
        var file = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16,
            FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        try
        {
            await input.CopyToAsync(file, cancellationToken);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }
}
