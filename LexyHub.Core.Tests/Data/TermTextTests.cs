using CsCheck;
using LexyHub.Core.Data;

namespace LexyHub.Core.Tests.Data;

public sealed class TermTextTests
{
    [Theory]
    [InlineData("  Gold   Hoop\tEarrings ", "gold hoop earrings")]
    [InlineData("ﬁne ＡＢＣ ①", "fine abc 1")]
    [InlineData("STRASSE\u00a0ÉCOLE", "strasse école")]
    [InlineData("plain term", "plain term")]
    [InlineData("a  b", "a b")]
    [InlineData(" ", "")]
    [InlineData(null, "")]
    public void Normalize_AnyText_IsNfkcLowerCaseWithSingleSpaces(string? text, string expected)
        => Assert.Equal(expected, TermText.Normalize(text));

    [Fact]
    public void Normalize_LoneSurrogateAndNul_BecomeWhatPostgresCanStore()
        => Assert.Equal("bad \ufffd surrogate", TermText.Normalize("bad\0\ud800 surrogate"));

    [Fact]
    public void Normalize_ItsOwnResult_StaysAsItIs()
        => Gen.String.Sample(text => Assert.Equal(TermText.Normalize(text), TermText.Normalize(TermText.Normalize(text))));
}
