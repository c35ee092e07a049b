using CsvHelper;
using LexyHub.Core.Imports;

namespace LexyHub.Core.Tests.Imports;

public sealed class RecordFeedTests
{
    [Theory]
    [InlineData("a,b\nc,d\n", "1:a|b 2:c|d")]
    [InlineData("a,b\r\nc,d", "1:a|b 2:c|d")]
    [InlineData("a,b\rc,d", "1:a|b 2:c|d")]
    [InlineData("a\n\n \nb", "1:a 4:b")]
    [InlineData("\"a,b\",c\n\"d\"\"e\",f", "1:a,b|c 2:d\"e|f")]
    [InlineData("\"two\r\nlines\",b\nc,d", "1:two\nlines|b 3:c|d")]
    [InlineData("5\" pipe,us\nc,\"\"", "1:5\" pipe|us 2:c|")]
    [InlineData("a,b,\n,", "1:a|b| 2:|")]
    [InlineData("", "")]
    public void Read_SoundRecords_PassWithTheirFirstLine(string text, string expected)
    {
        var (records, errors) = ReadAll(text);

        Assert.Equal(expected, string.Join(' ', records));
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("a,b\n\"never closed,c\nd,e\nf,g", "1:a|b 3:d|e 4:f|g", 2)]
    [InlineData("\"never closed,c\n\"d\",e\n", "2:d|e", 1)]
    [InlineData("a,\"b\"x,c\nd,e", "2:d|e", 1)]
    [InlineData("\"open\n5\" pipe,us\n\"two\nlines\",x", "2:5\" pipe|us 3:two\nlines|x", 1)]
    [InlineData("a\n\"", "1:a", 2)]
    public void Read_BrokenQuotes_LosesThatLineAlone(string text, string expected, long badLine)
    {
        var (records, errors) = ReadAll(text);

        Assert.Equal(expected, string.Join(' ', records));
        Assert.Equal(badLine, Assert.Single(errors).Line);
    }

    [Fact]
    public void Read_LineWithoutEnd_IsLeftOutAndNotHeld()
    {
        var (records, errors) = ReadAll("a\n" + new string('x', 3 * RecordFeed.MaxRecordLength) + "\nb\n");

        Assert.Equal("1:a 3:b", string.Join(' ', records));
        Assert.Equal(2, Assert.Single(errors).Line);
    }

    [Fact]
    public void Read_QuoteOpenForTooLong_LosesThatLineAlone()
    {
        var lines = Enumerable.Range(0, 10_000).Select(i => $"term number {i} of a file with long enough lines");
        var (records, errors) = ReadAll("\"open\n" + string.Join('\n', lines));

        Assert.Equal(10_000, records.Count);
        Assert.Equal("10001:term number 9999 of a file with long enough lines", records[^1]);
        Assert.Equal(1, Assert.Single(errors).Line);
    }

    [Theory]
    [InlineData("term,market\na;b,us\n", ',')]
    [InlineData("term;score\nx;0,5\ny;0,7\n", ';')]
    [InlineData("id\tquery, in full\n1\ta, b\n2\tc\n", '\t')]
    [InlineData("title,tags\nRing,a;b;c\nHoop,\"d;e\"\n", ',')]
    [InlineData("just terms\nno delimiter\n", ',')]
    [InlineData("Category: All categories\n\nWeek;a: (US)\n2024-01-01;3\n", ';')]
    [InlineData("", ',')]
    public void Detect_FirstLines_TellTheDelimiter(string sample, char expected)
        => Assert.Equal(expected, DelimiterDetector.Detect(sample));

    private static (List<string> Records, List<(long Line, string Message)> Errors) ReadAll(string text)
    {
        var errors = new List<(long, string)>();
        var feed = new RecordFeed(new StringReader(text), ',', (line, message) => errors.Add((line, message)));
        using var reader = CsvReader.Create(feed, new CsvReaderOptions { Separator = ',', HasHeader = false }, leaveOpen: false);
        var records = new List<string>();
        while (reader.Read())
        {
            var cells = Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetString(i));
            records.Add($"{feed.TakeLine()}:{string.Join('|', cells)}");
        }

        return (records, errors);
    }
}
