using System.Globalization;
using System.Text;
using LexyHub.Core.Imports;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Trends;
using LexyHub.Core.Trends.Sources;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace LexyHub.Core.Tests.Imports;

[Collection(NativePostgresCollection.Name)]
public sealed class SignalImporterTests(NativePostgres postgres)
{
    private const string ReadSql = """
        select term, source, recorded_on, value from lexyhub_jobs.signals order by term collate "C", source, recorded_on
        """;

    private const string ReadScalesSql = "select source, scale, declared from lexyhub_jobs.signal_sources order by source";

    private const string GoogleFile =
        "\ufeffCategory: All categories\r\n\r\nWeek,Gold Hoop: (United States),ring: (United States)\r\n"
        + "2026-10-25,<1,100\r\n2026-11-01,,40\r\n2026-11-08,7,0\r\n2026-11-15,3,2\r\n2026-11-22,1,1\r\n";

    private static CancellationToken Cancellation => CancellationToken.None;

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 24, 0, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task ImportAsync_GoogleTrendsExport_BecomesReadingsAtTheEndOfTheirWeeks()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        var first = await ImportAsync(database, GoogleFile);
        var second = await ImportAsync(database, GoogleFile);

        Assert.Equal(
            [
                "gold hoop|google-trends-export|2026-10-31|0.5",
                "gold hoop|google-trends-export|2026-11-14|7",
                "gold hoop|google-trends-export|2026-11-21|3",
                "ring|google-trends-export|2026-10-31|100",
                "ring|google-trends-export|2026-11-07|40",
                "ring|google-trends-export|2026-11-14|0",
                "ring|google-trends-export|2026-11-21|2",
            ],
            await database.ReadAsync(ReadSql));
        Assert.Equal(["google-trends-export|index|True"], await database.ReadAsync(ReadScalesSql));
        Assert.Equal((5, 7, 0, 0, 0), Counts(first));
        Assert.Equal(2, first.Partial);
        Assert.Equal((5, 0, 0, 7, 0), Counts(second));
        Assert.Equal(["gold hoop|2026-10-31|1", "ring|2026-10-31|1"],
            await database.ReadAsync("select term, since, version from lexyhub_jobs.trend_due order by term"));
    }

    [Fact]
    public async Task ImportAsync_TwoFirstImportsOfOneSourceAtOnce_LeaveTheLargerScale()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        await using var first = await database.Database.OpenAsync(Cancellation);
        await using var transaction = await first.BeginTransactionAsync();
        await SignalStore.UpsertAsync(
            first, [new Signal("gold hoop", "shop", new(2026, 11, 1), 90, SignalScale.Unit)], SignalOrigin.PushedUndeclared, Cancellation);

        var second = ImportAsync(database, "term,source,date,score\nwool scarf,shop,2026-11-01,1\n");
        await UntilOneWaitsAsync(database);
        await transaction.CommitAsync();
        await second;

        Assert.Equal(["shop|index|False"], await database.ReadAsync(ReadScalesSql));
    }

    [Fact]
    public async Task ImportAsync_LocksOutAnotherAndIsChosenToEnd_WritesItsRowsAgain()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        await database.ExecuteAsync($"""
            insert into lexyhub_jobs.trend_due (term) values ('gold hoop'), ('wool scarf');
            alter database {new NpgsqlConnectionStringBuilder(database.Database.DataSource.ConnectionString).Database} set deadlock_timeout = '3s'
            """);
        database.Database.DataSource.Clear();
        await using var other = await database.Database.OpenAsync(Cancellation);
        await using var transaction = await other.BeginTransactionAsync();

        // The import looks for a deadlock after three seconds, in which the other one has come to wait too; that one never looks.
        await using (var hold = new NpgsqlCommand(
            "set local deadlock_timeout = '1min'; update lexyhub_jobs.trend_due set version = 7 where term = 'wool scarf'", other))
        {
            await hold.ExecuteNonQueryAsync();
        }

        var import = ImportAsync(database, "term,source,date,score\ngold hoop,shop,2026-11-01,1\nwool scarf,shop,2026-11-01,1\n");
        await UntilOneWaitsAsync(database);
        await using (var wait = new NpgsqlCommand("update lexyhub_jobs.trend_due set version = 7 where term = 'gold hoop'", other))
        {
            await wait.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();

        Assert.Equal((2, 2, 0, 0, 0), Counts(await import));
        Assert.Equal(["8", "8"], await database.ReadAsync("select version from lexyhub_jobs.trend_due"));
    }

    [Fact]
    public async Task ImportAsync_ValueChanged_IsCountedAsSuch()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        await ImportAsync(database, GoogleFile);

        var report = await ImportAsync(database, GoogleFile.Replace("2026-11-01,,40", "2026-11-01,9,41", StringComparison.Ordinal));

        Assert.Equal((5, 1, 1, 6, 0), Counts(report));
    }

    [Theory]
    [InlineData("Month,diet: (Worldwide)\n2026-09,40\n2026-10,41\n2026-11,12\n", "2026-09-30=40 2026-10-31=41", 1)]
    [InlineData("Mois,diet\n2026-09,40\n2026-10,41\n", "2026-09-30=40 2026-10-31=41", 0)]
    [InlineData("Day,diet: (United States)\n2026-11-22,5\n2026-11-23,6\n2026-11-24,7\n", "2026-11-22=5 2026-11-23=6", 1)]
    [InlineData("date,diet,isPartial\n2026-11-01,5,False\n2026-11-08,6,False\n2026-11-15,7,True\n", "2026-11-07=5 2026-11-14=6", 1)]
    [InlineData("week_start,diet@US-NY,is_partial\n2026-11-01,5,False\n2026-11-08,6,True\n", "2026-11-07=5", 1)]
    [InlineData("Week,diet: (Hungary)\n2026-11-01 - 2026-11-07,5\n2026-11-08 - 2026-11-14,6\n", "2026-11-07=5 2026-11-14=6", 0)]
    [InlineData("Woche;diet: (Schweiz)\n2026-11-01;5\n2026-11-08;6\n", "2026-11-07=5 2026-11-14=6", 0)]
    public async Task ImportAsync_OtherExportsOfGoogleTrends_AreRecognised(string file, string expected, long partial)
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        var report = await ImportAsync(database, file);

        var readings = (await database.ReadAsync(ReadSql)).Select(row => row.Split('|'));
        Assert.Equal(expected, string.Join(' ', readings.Select(r => $"{r[2]}={r[3]}")));
        Assert.Equal(partial, report.Partial);
        Assert.Equal(["google-trends-export|index|True"], await database.ReadAsync(ReadScalesSql));
    }

    [Fact]
    public async Task ImportAsync_OneTermInTwoRegions_HasASeriesEach()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        await ImportAsync(database, "Day,pizza: (New York),pizza: (Illinois)\n2026-11-20,5,7\n");

        Assert.Equal(
            ["pizza|google-trends-export/illinois|2026-11-20|7", "pizza|google-trends-export/new york|2026-11-20|5"],
            await database.ReadAsync(ReadSql));
    }

    [Fact]
    public async Task ImportAsync_DateAndAColumnPerSeries_IsNoGoogleExportAndItsScaleIsInferred()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        var report = await ImportAsync(database, "date,total sales\n2026-11-01,3106.0\n2026-11-02,3254.5\n");

        Assert.Equal(["total sales|import|2026-11-01|3106", "total sales|import|2026-11-02|3254.5"], await database.ReadAsync(ReadSql));
        Assert.Equal(["import|count|False"], await database.ReadAsync(ReadScalesSql));
        Assert.Equal("a column per term (1), by day, source import", report.Layout);
    }

    [Theory]
    [InlineData("term,source,date,score\nGold  Hoop,Shop,2026-11-01,0.5\nring,,11/2/2026,0.25\n")]
    [InlineData("date,keyword,value,source\n2026-11-01T10:00:00Z,Gold Hoop,0.5,shop\n2026-11-02,ring,0.25,\n")]
    [InlineData("Gold Hoop,shop,2026-11-01,0.5\nring,,2026-11-02,0.25\n")]
    [InlineData("term;source;date;score\nGold Hoop;shop;2026-11-01;0,5\nring;;2026-11-02;0,25\n")]
    [InlineData("A title above the table,,,\nterm,source,date,score\nGold Hoop,shop,2026-11-01,0.5\nring,,2026-11-02,0.25\n")]
    public async Task ImportAsync_RowPerReading_IsReadInAnyOfItsForms(string file)
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        var report = await ImportAsync(database, file);

        Assert.Equal(["gold hoop|shop|2026-11-01|0.5", "ring|import|2026-11-02|0.25"], await database.ReadAsync(ReadSql));
        Assert.Equal(["import|unit|False", "shop|unit|False"], await database.ReadAsync(ReadScalesSql));
        Assert.Equal((2, 2, 0, 0, 0), Counts(report));
    }

    [Fact]
    public async Task ImportAsync_OptionsGiven_AreHeeded()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        var options = new SignalImportOptions
        {
            Columns = ["", "score", "date", "term"],
            Source = "Panel",
            Scale = SignalScale.Percent,
            Period = SignalPeriod.Week,
            DayOffset = 7,
        };

        await ImportAsync(database, "x,-12.5%,2026-11-01,ring\n", options);

        Assert.Equal(["ring|panel|2026-11-14|-12.5"], await database.ReadAsync(ReadSql));
        Assert.Equal(["panel|percent|True"], await database.ReadAsync(ReadScalesSql));
    }

    [Fact]
    public async Task ImportAsync_SameReadingTwice_KeepsTheLast()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        var report = await ImportAsync(database, "term,date,score\nring,2026-11-01,1\nRING,2026-11-01,2\n");

        Assert.Equal(["ring|import|2026-11-01|2"], await database.ReadAsync(ReadSql));
        Assert.Equal((2, 1, 0, 1, 0), Counts(report));
    }

    [Fact]
    public async Task ImportAsync_BadRowsAndCells_AreNamedAndTheRestGoesIn()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        var wide = await ImportAsync(database, "Day,a: (US),b: (US)\nsoon,1,2\n2026-11-01,many,2\n2026-11-02,101,3\n2026-11-03,4\n2026-11-04,5,6\n");
        var tall = await ImportAsync(database, "term,date,score\n,2026-11-01,1\nc,,1\nc,2026-11-01,\nc,2026-11-01,-1\nc,2026-11-02,1\nc,2026-11-24,1\n");

        Assert.Equal(
            [(2L, "'soon' is no date"), (3, "'many' is no number"), (4, "101 is above 100, the largest of the scale index"), (5, "the row has 2 cells, fewer than the header")],
            wide.Errors.Select(e => (e.Line, e.Message)));
        Assert.Equal((5, 5, 0, 0, 4), Counts(wide));
        Assert.Equal(
            [(2L, "the term is blank"), (3, "the date is blank"), (4, "the score is blank"), (5, "-1 is below 0, which only the scale percent has")],
            tall.Errors.Select(e => (e.Line, e.Message)));
        Assert.Equal((6, 1, 0, 0, 4), Counts(tall));
        Assert.Equal(1, tall.Partial);
    }

    [Theory]
    [InlineData("Rankings for Halloween Costumes,\nBased on US searches,\nCostume,Rank\nWitch,1\nPirate,2\n")]
    [InlineData("Search interest in dads,,,\ncountry,ISO Code,Date,Indexed\nAruba,AW,06/15/2014,74.62\n")]
    [InlineData("State,Country,Recipe\nAlabama,United States,Coquito\n")]
    public async Task ImportAsync_NoSignals_SaysWhatIsExpected(string file)
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        var e = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(database, file));

        Assert.Contains("term, date and score", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.CountAsync("lexyhub_jobs.signals"));
    }

    [Fact]
    public async Task ImportAsync_MoreThanABatch_GivesTheSameAsTheFileSays()
    {
        const int Terms = 150;
        const int Days = 100;
        await using var database = await ImportDatabase.CreateAsync(postgres);
        var start = new DateOnly(2026, 1, 1);
        var header = "Day," + string.Join(',', Enumerable.Range(0, Terms).Select(t => $"term {t}: (US)"));
        var rows = Enumerable.Range(0, Days).Select(d =>
            string.Join(',', Enumerable.Range(0, Terms).Select(t => ((d + t) % 101).ToString(CultureInfo.InvariantCulture))
                .Prepend(start.AddDays(d).ToString("O", CultureInfo.InvariantCulture))));

        var report = await ImportAsync(database, string.Join('\n', rows.Prepend(header)));

        Assert.Equal((Days, Terms * Days, 0, 0, 0), Counts(report));
        Assert.Equal(
            [$"{Terms * Days}|{Enumerable.Range(0, Days).Sum(d => Enumerable.Range(0, Terms).Sum(t => (d + t) % 101))}"],
            await database.ReadAsync("select count(*), sum(value) from lexyhub_jobs.signals"));
    }

    private static Task<string> UntilOneWaitsAsync(ImportDatabase database) => Eventually.TrueAsync(
        async () => (await database.ReadAsync("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"))[0] == "1",
        "the import waits for the other transaction");

    private static (long Read, long Added, long Changed, long Unchanged, long Skipped) Counts(ImportReport report)
        => (report.Read, report.Added, report.Changed, report.Unchanged, report.Skipped);

    private Task<ImportReport> ImportAsync(ImportDatabase database, string file, SignalImportOptions? options = null)
        => new SignalImporter(database.Database, time).ImportAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(file)), options ?? new SignalImportOptions(), null, Cancellation);
}
