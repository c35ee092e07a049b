using LexyHub.Core.Intents;

namespace LexyHub.Core.Tests.Intents;

public sealed class IntentAnswerTests
{
    private static readonly string[] s_ids = ["aa", "bb", "cc"];

    [Fact]
    public void Read_MissingDoubledAndUnknownIds_KeepsTheValidAndNamesTheOthersFaults()
    {
        var (valid, faults) = IntentAnswer.Read(
            IntentModel.Answer([Entry("aa"), Entry("bb"), Entry("zz"), Entry("bb"), Entry("bb")]), s_ids);

        Assert.Equal(["aa"], valid.Keys);
        Assert.Equal(["bb", "cc"], faults.Keys.Order());
        Assert.Contains("two entries", faults["bb"], StringComparison.Ordinal);
        Assert.Contains("no entry", faults["cc"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("intent", "\"wholesale\"")]
    [InlineData("intent", "null")]
    [InlineData("intent", "\"Commercial\"")]
    [InlineData("purchaseStage", "\"checkout\"")]
    [InlineData("secondaryIntent", "\"spam\"")]
    [InlineData("confidence", "1.01")]
    [InlineData("confidence", "-0.1")]
    [InlineData("confidence", "\"0.9\"")]
    [InlineData("confidence", "1e999")]
    [InlineData("summary", "\"\"")]
    [InlineData("summary", "null")]
    [InlineData("summary", "\"two\\nlines\"")]
    [InlineData("summary", "\"\\ud800\"")]
    [InlineData("summary", "\"\\u0000\"")]
    public void Read_ValueThatTheTaxonomyDoesNotHave_IsNoEntry(string field, string json)
    {
        var answer = IntentModel.Answer([Entry("aa").With(field, "here")]).Replace("\"here\"", json, StringComparison.Ordinal);

        var (valid, faults) = IntentAnswer.Read(answer, ["aa"]);

        Assert.Empty(valid);
        Assert.Contains(field, faults["aa"], StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TextsThatAreTooLong_AreLeftOutOfTheFacetsAndMakeNoSummary()
    {
        var (valid, _) = IntentAnswer.Read(
            IntentModel.Answer([Entry("aa").With("style", new string('x', 41)).With("occasion", " Christmas ").With("persona", new string('x', 81)), Entry("bb").With("summary", new string('x', 241))]),
            s_ids);

        var entry = Assert.Single(valid).Value;
        Assert.Equal(("christmas", null, null), (entry.Facets.Occasion, entry.Facets.Style, entry.Persona));
    }

    [Theory]
    [InlineData("")]
    [InlineData("I am sorry.")]
    [InlineData("[]")]
    [InlineData("{\"items\":5}")]
    [InlineData("{\"items\":[5,\"aa\",null,[]]}")]
    [InlineData("{\"answer\":{\"items\":[{\"id\":\"aa\"}]}}")]
    public void Read_AnotherShape_FindsNothing(string text)
    {
        var (valid, faults) = IntentAnswer.Read(text, s_ids);

        Assert.Empty(valid);
        Assert.Equal(3, faults.Count);
    }

    [Fact]
    public void Read_CutOffAnswer_KeepsTheCompleteEntries()
    {
        var whole = IntentModel.Answer([Entry("aa"), Entry("bb"), Entry("cc")]);

        var (valid, faults) = IntentAnswer.Read(whole[..^30], s_ids);

        Assert.Equal(["aa", "bb"], valid.Keys.Order());
        Assert.Equal(["cc"], faults.Keys);
    }

    private static System.Text.Json.Nodes.JsonObject Entry(string id) => IntentModel.Entry(new ShownItem(id, "keyword", "ring"));
}
