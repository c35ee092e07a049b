using System.Text;
using LexyHub.Core.Imports;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Imports;

[Collection(NativePostgresCollection.Name)]
public sealed class KeywordImporterTests(NativePostgres postgres)
{
    private const string ReadSql = """select term, market, source from keywords order by term collate "C", market, source""";

    private static CancellationToken Cancellation => CancellationToken.None;

    /// <summary>LexyHub's own tables, as its deployments have them.</summary>
    public static TheoryData<string> Variants => new() { "", OlderKeywords, NewerKeywords };

    private const string OlderKeywords = """
        create table keywords (
            id uuid primary key default gen_random_uuid(), term text not null, source text not null, market text not null default 'us',
            tier smallint not null default 0, is_seed boolean not null default false, trend_momentum numeric(6,3),
            demand_index numeric(6,3), extras jsonb, created_at timestamptz default now(), updated_at timestamptz default now(),
            unique (term, source, market))
        """;

    private const string NewerKeywords = """
        create table keywords (
            id uuid primary key default gen_random_uuid(), term text not null, term_normalized text not null, source text not null,
            market text not null default 'us', tier text not null default 'free', is_seed boolean not null default false,
            trend_momentum numeric(6,3), demand_index numeric(6,3), extras jsonb not null default '{}',
            created_at timestamptz not null default now(), updated_at timestamptz not null default now(),
            unique (term_normalized, market, source));
        create function normalise_keyword() returns trigger language plpgsql as $body$
        begin
            new.term := btrim(new.term);
            if new.term = '' then raise exception 'keyword term must not be blank' using errcode = '23514'; end if;
            new.term_normalized := lower(new.term);
            new.market := lower(new.market);
            new.source := lower(new.source);
            new.updated_at := now();
            return new;
        end
        $body$;
        create trigger normalise_keyword before insert or update on keywords for each row execute function normalise_keyword();
        """;

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task ImportAsync_EitherVariantOfTheTable_AddsOnceAndThenNothing(string tables)
    {
        await using var database = await ImportDatabase.CreateAsync(postgres, tables);
        const string File = "Term,Market,Source,Volume\r\n  Gold   Hoop ,UK,Manual,7\r\ngold hoop,,,\r\nGOLD HOOP,,,\r\n,,,9\r\n\"ring, silver\",,\r\n";

        var first = await ImportAsync(database, File);
        var second = await ImportAsync(database, File);

        Assert.Equal(["Gold Hoop|uk|manual", "gold hoop|us|import", "ring, silver|us|import"], await database.ReadAsync(ReadSql));
        Assert.Equal((5, 3, 0, 1, 1, "utf-8"), (first.Read, first.Added, first.Changed, first.Unchanged, first.Skipped, first.Encoding));
        Assert.Equal(new ImportError(5, "the term is blank"), Assert.Single(first.Errors));
        Assert.Equal((5, 0, 0, 4, 1), (second.Read, second.Added, second.Changed, second.Unchanged, second.Skipped));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task ImportAsync_TermThereInAnotherSpelling_AddsNothing(string tables)
    {
        await using var database = await ImportDatabase.CreateAsync(postgres, tables);
        await database.ExecuteAsync("""
            insert into keywords (term, source, market) values ('Gold  Hoop', 'import', 'us');
            update lexyhub_jobs.keyword_terms set term = 'gold hoop', source_term = 'Gold  Hoop';
            """);

        var report = await ImportAsync(database, "gold hoop\n");

        Assert.Equal((1, 0, 1), (report.Read, report.Added, report.Unchanged));
    }

    [Fact]
    public async Task ImportAsync_NoHeader_TakesTheFirstColumnAlone()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        byte[] file = [.. Encoding.UTF8.Preamble, .. "yew hedge,1221\r\nfire detection shop,19\r\n"u8];

        var report = await new KeywordImporter(database.Database).ImportAsync(
            new MemoryStream(file), new KeywordImportOptions { Market = "UK" }, null, Cancellation);

        Assert.Equal(["fire detection shop|uk|import", "yew hedge|uk|import"], await database.ReadAsync(ReadSql));
        Assert.Equal((2, 2, 0), (report.Read, report.Added, report.Skipped));
    }

    [Fact]
    public async Task ImportAsync_ColumnsGiven_NamesWhatTheFileDoesNot()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        await ImportAsync(database, "de;Ring;x\nfr;Bague;y\n", new KeywordImportOptions { Columns = ["market", "term", ""] });

        Assert.Equal(["Bague|fr|import", "Ring|de|import"], await database.ReadAsync(ReadSql));
    }

    [Fact]
    public async Task ImportAsync_TabsAndAQueryColumn_FindsTheTerms()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        await ImportAsync(database, "query_id\tquery\tquery_class\n0\tsalon chair\tMassage Chairs\n");

        Assert.Equal(["salon chair|us|import"], await database.ReadAsync(ReadSql));
    }

    [Fact]
    public async Task ImportAsync_Latin1_IsNamedAndStoredAsUnicode()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        var report = await new KeywordImporter(database.Database).ImportAsync(
            new MemoryStream(Encoding.Latin1.GetBytes("café crème\n")), new KeywordImportOptions(), null, Cancellation);

        Assert.Equal("windows-1252", report.Encoding);
        Assert.Equal(["café crème|us|import"], await database.ReadAsync(ReadSql));
    }

    [Fact]
    public async Task ImportAsync_BadRows_AreNamedAndTheRestGoesIn()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        var file = $"term,market\nfirst,us,ragged,row\n\"open,us\nsecond\n{new string('x', 201)},us\n\"broken\"x,us\nthird,us";

        var report = await ImportAsync(database, file);

        Assert.Equal(["first|us|import", "second|us|import", "third|us|import"], await database.ReadAsync(ReadSql));
        Assert.Equal((6, 3, 3), (report.Read, report.Added, report.Skipped));
        Assert.Equal([3L, 5, 6], report.Errors.Select(e => e.Line));
    }

    [Fact]
    public async Task ImportAsync_ManyBadRows_CountsAllAndKeepsAHundred()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        var report = await ImportAsync(database, "term,market\n" + string.Concat(Enumerable.Repeat(",us\n", 250)));

        Assert.Equal((250, 250, ImportReport.MaxErrors), (report.Read, report.Skipped, report.Errors.Count));
    }

    [Fact]
    public async Task ImportAsync_RowThatTheDatabaseRefuses_IsNamedAndTheRestGoesIn()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        await database.ExecuteAsync("alter table keywords add check (term not like '%forbidden%')");
        var rows = Enumerable.Range(1, 300).Select(i => i == 123 ? "a forbidden term" : $"term {i}");

        var report = await ImportAsync(database, string.Join('\n', rows));

        Assert.Equal((300, 299, 1), (report.Read, report.Added, report.Skipped));
        var error = Assert.Single(report.Errors);
        Assert.Equal(123, error.Line);
        Assert.Contains("23514", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImportAsync_HeaderWithoutTerms_SaysWhatIsMissing()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        var e = await Assert.ThrowsAsync<ImportException>(
            () => ImportAsync(database, "word,score\na,1\n", new KeywordImportOptions { HasHeader = true }));

        Assert.Contains("word, score", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImportAsync_Cancelled_KeepsTheBatchesCommitted()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        using var cancel = new CancellationTokenSource();
        var progress = new ActionProgress(p =>
        {
            if (p.Added > 0)
            {
                cancel.Cancel();
            }
        });
        var file = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"term {i}\n"));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new KeywordImporter(database.Database).ImportAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(file)), new KeywordImportOptions(), progress, cancel.Token));

        Assert.Equal(5_000, await database.CountAsync("keywords"));
        Assert.Equal((20_000, 15_000), await ImportTwiceAsync(database, file));
    }

    private static async Task<(long Read, long Added)> ImportTwiceAsync(ImportDatabase database, string file)
    {
        var report = await ImportAsync(database, file);
        return (report.Read, report.Added);
    }

    private static Task<ImportReport> ImportAsync(ImportDatabase database, string file, KeywordImportOptions? options = null)
        => new KeywordImporter(database.Database).ImportAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(file)), options ?? new KeywordImportOptions(), null, Cancellation);
}
