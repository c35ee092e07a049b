using CsCheck;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Tests.Trends.Sources;

public sealed class KeywordMatcherTests
{
    [Theory]
    [InlineData("gold ring", "I made this gold ring for my wife", "gold ring")]
    [InlineData("gold ring", "GOLD\u00a0RING!", "gold ring")]
    [InlineData("gold ring", "a marigold ring", "")]
    [InlineData("ring", "earrings and rings", "")]
    [InlineData("ring", "my first ring.", "ring")]
    [InlineData("gold ring", "gold, ring and chain", "")]
    [InlineData("gold ring", "gold [ring]", "")]
    [InlineData("gold ring", "gold-ring", "gold ring")]
    [InlineData("gold ring", "solid gold #ring 💍", "gold ring")]
    [InlineData("0.5 inch beads", "Where to get 0.5 inch beads?", "0.5 inch beads")]
    [InlineData("mother's day gift", "Mothers Day gift ideas", "mother's day gift")]
    [InlineData("mothers day gift", "A Mother’s Day gift", "mothers day gift")]
    [InlineData("t-shirt", "first t shirt I printed", "t-shirt")]
    [InlineData("café crème", "Cafe\u0301 cre\u0300me mug", "café crème")]
    [InlineData("ｆｕｌｌ width", "full width", "ｆｕｌｌ width")]
    [InlineData("한국 자수", "한국 자수 도안", "한국 자수")]
    public void Find_OneKeyword_MatchesWholeTokensOfTheNormalForm(string keyword, string title, string expected)
        => Assert.Equal(expected, string.Join('|', new KeywordMatcher([keyword]).Find(title)));

    [Theory]
    [InlineData("gold ring", "matching gold rings", "gold ring")]
    [InlineData("gold rings", "one gold ring", "gold rings")]
    [InlineData("glass beads", "glass bead", "glass beads")]
    [InlineData("short", "linen shorts", "")]
    [InlineData("shorts", "short story", "")]
    [InlineData("bus tour", "bu tour", "")]
    [InlineData("dress pattern", "dres pattern", "")]
    public void Find_Plural_IsToleratedInPhrasesOnly(string keyword, string title, string expected)
        => Assert.Equal(expected, string.Join('|', new KeywordMatcher([keyword]).Find(title)));

    [Theory]
    [InlineData("gold ring for her", "gold ring for her")]
    [InlineData("a gold ring for him", "gold ring")]
    [InlineData("ring for her", "ring|her")]
    [InlineData("gold ring box", "gold ring|ring box")]
    [InlineData("gold. ring box", "gold|ring box")]
    [InlineData("ring ring gold ring ring", "ring|gold ring")]
    public void Find_SeveralKeywords_TakesTheLongest(string title, string expected)
    {
        var matcher = new KeywordMatcher(["ring", "gold", "her", "gold ring", "ring box", "gold ring for her"]);

        Assert.Equal(expected, string.Join('|', matcher.Find(title)));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("2026")]
    [InlineData("!!!")]
    [InlineData("💍")]
    [InlineData("")]
    [InlineData("   ")]
    public void Find_KeywordThatSaysNothing_IsNeverFound(string keyword)
        => Assert.Empty(new KeywordMatcher([keyword, "gold ring"]).Find("a 2026 !!! 💍 story"));

    [Fact]
    public void Find_KeywordsWithTheSameTokens_AreFoundTogether()
    {
        var matcher = new KeywordMatcher(["t-shirt", "t shirt", "t shirts", "diy", "diy"]);

        Assert.Equal(["t-shirt", "t shirt", "t shirts", "diy"], matcher.Find("T-shirt, DIY, t-shirt"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("?!")]
    [InlineData("\ud800 lone")]
    public void Find_NothingToFind_IsEmpty(string? title)
        => Assert.Empty(new KeywordMatcher(["gold ring"]).Find(title));

    // Ends in time only because the sentence is read once, whatever it repeats.
    [Fact]
    public void Find_KeywordsThatAreEachOthersBeginnings_TakesTheLongest()
    {
        var keywords = Enumerable.Range(2, 1_000).Select(n => string.Join(' ', Enumerable.Repeat("aa", n))).ToArray();
        var matcher = new KeywordMatcher(keywords);

        Assert.Equal([keywords[^1]], matcher.Find(string.Join(' ', Enumerable.Repeat("aa", 100_000))));
    }

    [Fact]
    public void Find_AnyKeywordsAndTitle_AgreesWithTheDefinition()
    {
        // Few words, so that keywords nest, overlap and repeat.
        var words = Gen.Int[0, 2].Select(i => ((string[])["aa", "bb", "cc"])[i]);
        var phrase = words.Array[1, 4].Select(w => string.Join(' ', w));
        Gen.Select(phrase.Array[0, 12], words.Array[0, 12]).Sample((keywords, title) =>
        {
            var distinct = keywords.Distinct().ToArray();
            var found = new KeywordMatcher(distinct).Find(string.Join(' ', title));
            Assert.Equal(ByDefinition(distinct, title).Order(), found.Order());
        });
    }

    // Every occurrence of every keyword, less those that lie within a longer one.
    private static IEnumerable<string> ByDefinition(string[] keywords, string[] title)
    {
        var occurrences = keywords
            .Select(k => (Keyword: k, Tokens: k.Split(' ')))
            .SelectMany(k => Enumerable.Range(0, title.Length)
                .Where(start => title.Skip(start).Take(k.Tokens.Length).SequenceEqual(k.Tokens))
                .Select(start => (k.Keyword, Start: start, End: start + k.Tokens.Length)))
            .ToList();
        return occurrences
            .Where(o => !occurrences.Any(p => p.Start <= o.Start && p.End >= o.End && p.End - p.Start > o.End - o.Start))
            .Select(o => o.Keyword)
            .Distinct();
    }
}
