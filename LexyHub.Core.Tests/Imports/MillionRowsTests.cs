using LexyHub.Core.Imports;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Imports;

/// <summary>A process's memory is measured, so no other test may run meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAloneCollection : ICollectionFixture<NativePostgres>
{
    public const string Name = "measured alone";
}

[Collection(MeasuredAloneCollection.Name)]
public sealed class MillionRowsTests(NativePostgres postgres)
{
    private static CancellationToken Cancellation => CancellationToken.None;

    [Fact]
    public async Task ImportAsync_AMillionRows_HoldsLittleMemory()
    {
        const int Rows = 1_000_000;
        const int Terms = 30_000;
        await using var database = await ImportDatabase.CreateAsync(postgres);
        await using var file = new GeneratedStream(
            Rows, i => $"generated keyword number {i % Terms},us,import,some more text that is ignored\n");
        var memory = new MemoryProbe();
        var progress = new ActionProgress(p =>
        {
            if (p.Read % 200_000 == 0)
            {
                memory.Measure();
            }
        });

        var report = await new KeywordImporter(database.Database).ImportAsync(
            file, new KeywordImportOptions(), progress, Cancellation);

        Assert.Equal((Rows, Terms, Rows - Terms), (report.Read, report.Added, report.Unchanged));
        Assert.Equal(Terms, await database.CountAsync("keywords"));

        // The file has 66 MB.
        Assert.InRange(memory.LargestGrowth, 1, 25L << 20);
    }

    [Fact]
    public async Task Read_AMillionRowsAllDifferent_HoldsTheirHashesAlone()
    {
        const int Rows = 1_000_000;
        await using var stream = new GeneratedStream(Rows, i => $"generated keyword number {i},\"text, quoted\",import\r\n");
        var memory = new MemoryProbe();
        await using var file = await ImportFile.OpenAsync(
            stream, new KeywordImportOptions(), new ImportTally(null), Cancellation);
        var seen = new SeenKeys();
        var last = 0L;
        while (file.Read() is { } record)
        {
            last = record.Line;
            Assert.True(seen.Add(record.Cells[0], record.Cells[2]));
            if (last % 200_000 == 0)
            {
                memory.Measure();
            }
        }

        Assert.Equal(Rows, last);

        // A million hashes take 20 to 40 MB in a set that grows by doubling; the rows as objects would take 300.
        Assert.InRange(memory.LargestGrowth, 1, 60L << 20);
    }
}
