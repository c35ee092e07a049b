using System.Globalization;
using LexyHub.Core.Trends;

namespace LexyHub.Benchmarks.Surge;

/// <summary>One real series: each reading stands for a period and is dated by the period's last day.</summary>
/// <param name="PeriodDays">1, 7, 30 (calendar months) or 365 (lists of costumes).</param>
internal sealed record RealSeries(string Name, int PeriodDays, Reading[] Readings)
{
    public DayRange Period(int index)
    {
        var day = Readings[index].Day;
        return PeriodDays switch
        {
            1 => new(day, day),
            7 => new(day.AddDays(-6), day),
            _ => new(new(day.Year, day.Month, 1), day),
        };
    }

    /// <summary>Everything under <c>LEXYHUB_DATA</c> that is a series in time, by the names of <c>truth.csv</c>.</summary>
    public static IEnumerable<RealSeries> ReadAll(string directory)
    {
        string In(params string[] path) => Path.Combine([directory, .. path]);

        var months = "yyyy-MM";
        foreach (var (head, readings) in Columns(In("googletrends_data", "20160502_YogaByStateMonth.csv"), months, EndOfMonth))
        {
            yield return new("yoga/" + head[(head.IndexOf('[', StringComparison.Ordinal) + 1)..].TrimEnd(']'), 30, readings);
        }

        foreach (var (head, readings) in Columns(In("google_trends_diet_gym_finance_monthly.csv"), months, EndOfMonth))
        {
            yield return new("interest/" + head[..head.IndexOf(':', StringComparison.Ordinal)], 30, readings);
        }

        foreach (var (head, readings) in Columns(In("googletrends_data", "20170711_Ventilateurvsclimatiseur.csv"), months, EndOfMonth))
        {
            yield return new("summer/" + head.ToLowerInvariant(), 30, readings);
        }

        const string days = "yyyy-MM-dd";
        foreach (var (head, readings) in Columns(In("google_trends_pytrends_weekly_2018_2023.csv"), days, day => day.AddDays(6)))
        {
            if (head != "is_partial")
            {
                // The only row that is flagged is the last.
                yield return new("weekly/" + head, 7, readings[..^1]);
            }
        }

        yield return new("retail/us", 30, Columns(In("prophet", "example_retail_sales.csv"), days, EndOfMonth)[0].Readings);
        yield return new("wikipedia/r", 1, PageViews(In("prophet", "example_wp_log_R.csv")));
        yield return new("wikipedia/peyton-manning", 1, PageViews(In("prophet", "example_wp_log_peyton_manning.csv")));

        var published = new DateOnly(2011, 12, 9);
        var sales = Columns(In("online_retail_daily_total.csv"), days, day => day)[0].Readings;
        yield return new("shop/online-retail", 1, [.. sales.Where(reading => reading.Day <= published)]);

        foreach (var costume in Costumes(path => In("googletrends_data", path + "_HalloweenCostumes_Frightgeist.csv")))
        {
            yield return costume;
        }
    }

    private static Reading[] PageViews(string path)
        => [.. Columns(path, "yyyy-MM-dd", day => day)[0].Readings.Select(reading => reading with { Value = Math.Exp(reading.Value) })];

    private static IEnumerable<RealSeries> Costumes(Func<string, string> file)
    {
        (string File, DateOnly Day)[] lists =
        [
            ("20151021", new(2015, 9, 30)), ("20171019", new(2017, 10, 18)), ("20191006", new(2019, 9, 30)),
            ("20201008", new(2020, 9, 30)), ("20221018", new(2022, 9, 30)),
        ];
        var ranks = lists.Select(list => Ranks(file(list.File))).ToArray();

        return ranks.SelectMany(list => list.Keys).Distinct().Order(StringComparer.Ordinal).Select(name => new RealSeries(
            "costume/" + name,
            365,
            [.. lists.Select((list, i) => new Reading(list.Day, 1_000.0 / ranks[i].GetValueOrDefault(name, ranks[i].Count + 1)))]));
    }

    private static Dictionary<string, int> Ranks(string path)
    {
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var row in Rows(path))
        {
            if (row.Length == 2 && row[0].Trim() is { Length: > 0 } name && int.TryParse(row[1], CultureInfo.InvariantCulture, out var rank))
            {
                ranks.TryAdd(string.Join(' ', name.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries)), rank);
            }
        }

        return ranks;
    }

    // A date, then numbers; rows before the header and notes below it have no date and are skipped.
    private static List<(string Head, Reading[] Readings)> Columns(string path, string dateFormat, Func<DateOnly, DateOnly> lastDay)
    {
        string[] head = [];
        var rows = new List<(DateOnly Day, string[] Fields)>();
        foreach (var row in Rows(path))
        {
            if (DateOnly.TryParseExact(row[0], dateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                rows.Add((lastDay(day), row));
            }
            else if (rows.Count == 0 && row.Length > 1 && row.Length >= head.Length && row[1].Length > 0 && !char.IsDigit(row[1][0]))
            {
                head = row;
            }
        }

        rows.Sort((a, b) => a.Day.CompareTo(b.Day));
        return [.. Enumerable.Range(1, head.Length - 1).Select(column => (
            head[column],
            rows.Where(row => double.TryParse(row.Fields[column], CultureInfo.InvariantCulture, out _))
                .Select(row => new Reading(row.Day, double.Parse(row.Fields[column], CultureInfo.InvariantCulture)))
                .ToArray()))];
    }

    private static IEnumerable<string[]> Rows(string path) => CsvText.Rows(File.ReadAllText(path));

    private static DateOnly EndOfMonth(DateOnly day) => new(day.Year, day.Month, DateTime.DaysInMonth(day.Year, day.Month));
}
