using System.Text;
using LexyHub.Core.Imports;

namespace LexyHub.Core.Tests.Imports;

public sealed class ImportFileTests
{
    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    public static TheoryData<string, byte[]> Encodings => new()
    {
        { "utf-8", Encoding.UTF8.GetBytes("café,10 €") },
        { "utf-8", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes("café,10 €")] },
        { "utf-16", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("café,10 €")] },
        { "utf-16BE", [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes("café,10 €")] },
        { "windows-1252", Windows1252.GetBytes("café,10 €") },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task OpenAsync_AnyEncoding_IsFoundOutAndNamed(string name, byte[] bytes)
    {
        await using var file = await OpenAsync(new MemoryStream(bytes));

        var record = file.Read()!;
        Assert.Equal(["café", "10 €"], record.Cells);
        Assert.Equal(name, file.EncodingName);
        Assert.Null(file.Read());
    }

    [Fact]
    public async Task OpenAsync_AccentFarBehind_StillDecides()
    {
        var text = string.Concat(Enumerable.Repeat("plain term\n", 50_000)) + "café\n";
        await using var file = await OpenAsync(new MemoryStream(Encoding.Latin1.GetBytes(text)));

        CsvRecord? last = null;
        while (file.Read() is { } record)
        {
            last = record;
        }

        Assert.Equal(("café", 50_001L), (last!.Cells[0], last.Line));
    }

    [Fact]
    public async Task OpenAsync_StreamThatCannotSeek_IsReadAllTheSame()
    {
        await using var pipe = new ForwardOnlyStream(Encoding.Latin1.GetBytes("café\n"));
        await using var file = await OpenAsync(pipe);

        Assert.Equal("café", file.Read()!.Cells[0]);
    }

    [Fact]
    public async Task OpenAsync_EncodingGiven_IsUsed()
    {
        await using var file = await OpenAsync(new MemoryStream([0xE9]), new KeywordImportOptions { Encoding = "ibm850" });

        Assert.Equal("Ú", file.Read()!.Cells[0]);
    }

    [Fact]
    public async Task OpenAsync_EncodingUnknown_IsRefused()
    {
        var e = await Assert.ThrowsAsync<ImportException>(
            () => OpenAsync(new MemoryStream(), new KeywordImportOptions { Encoding = "klingon" }));

        Assert.Contains("klingon", e.Message, StringComparison.Ordinal);
    }

    private static Task<ImportFile> OpenAsync(Stream stream, ImportOptions? options = null)
        => ImportFile.OpenAsync(stream, options ?? new KeywordImportOptions(), new ImportTally(null), CancellationToken.None);

    private sealed class ForwardOnlyStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override long Length => throw new NotSupportedException();
    }
}
