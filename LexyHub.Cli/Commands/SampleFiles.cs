using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using LexyHub.Core.Imports;

namespace LexyHub.Cli.Commands;

/// <summary>The made data of <c>samples/</c>, copied beside the program. Their dates are of the past: all are moved by the same
/// number of days, so that the newest reading is yesterday's.</summary>
internal sealed partial class SampleFiles
{
    private static readonly string Directory = Path.Combine(AppContext.BaseDirectory, "samples");

    private readonly DateOnly newest;

    private SampleFiles(DateOnly newest, int dayOffset)
    {
        this.newest = newest;
        DayOffset = dayOffset;
    }

    /// <summary>Days added to each date.</summary>
    public int DayOffset { get; }

    /// <summary>The newest reading as it is imported.</summary>
    public DateOnly NewestReading => newest.AddDays(DayOffset);

    /// <exception cref="ImportException">The samples are not there.</exception>
    public static async Task<SampleFiles> FindAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var newest = Date().Matches(await ReadAsync("signals.csv", cancellationToken)).Max(match => Parse(match.Value));
        return new SampleFiles(newest, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).DayNumber - 1 - newest.DayNumber);
    }

    /// <summary>The file with its dates moved.</summary>
    public async Task<Stream> OpenAsync(string name, CancellationToken cancellationToken)
    {
        var text = Date().Replace(
            await ReadAsync(name, cancellationToken),
            match => Parse(match.Value).AddDays(DayOffset).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        return new MemoryStream(Encoding.UTF8.GetBytes(text));
    }

    private static async Task<string> ReadAsync(string name, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Directory, name);
        return File.Exists(path)
            ? await File.ReadAllTextAsync(path, cancellationToken)
            : throw new ImportException($"The sample {name} is not at {path}; build or publish LexyHub.Cli again.");
    }

    private static DateOnly Parse(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")]
    private static partial Regex Date();
}
