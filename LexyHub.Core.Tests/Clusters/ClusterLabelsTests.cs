using LexyHub.Core.Clusters;

namespace LexyHub.Core.Tests.Clusters;

public sealed class ClusterLabelsTests
{
    private static readonly IReadOnlyList<LabelMember> Hoops = Members(
        "gold hoop earrings", "small gold hoop earrings", "gold hoop earring", "hoop earrings gold filled", "chunky gold hoop earrings", "silver hoop earrings");

    private static readonly IReadOnlyList<LabelMember> Studs = Members("pearl stud earrings", "stud earrings", "tiny stud earrings for her", "pearl studs");
    private static readonly IReadOnlyList<LabelMember> Scarves = Members("wool scarf", "chunky wool scarf", "wool scarves for men", "knitted wool scarf");

    private readonly HashSet<string> taken = [];

    [Fact]
    public void Choose_MostMembersShareAPhrase_TakesItAsTheySpellIt()
    {
        var labels = new ClusterLabels([Hoops, Studs, Scarves]);

        Assert.Equal("gold hoop earrings", labels.Choose(Hoops, taken).Label);
        Assert.Equal("stud earrings", labels.Choose(Studs, taken).Label);
        Assert.Equal("wool scarf", labels.Choose(Scarves, taken).Label);
    }

    [Fact]
    public void Choose_WordInAnyOrderAndNumber_CountsForTheConfidence()
    {
        var label = new ClusterLabels([Hoops, Studs, Scarves]).Choose(Hoops, taken);

        Assert.Equal(5.0 / 6, label.Confidence, 1);
        Assert.Equal("hoop", label.Words[0]);
        Assert.DoesNotContain("earring", label.Words.Take(2));
    }

    [Fact]
    public void Choose_NameTaken_TakesAnother()
    {
        var labels = new ClusterLabels([Hoops, Hoops, Hoops]);

        var chosen = Enumerable.Range(0, 3).Select(_ => labels.Choose(Hoops, taken).Label).ToList();

        Assert.Equal(3, chosen.Distinct().Count());
    }

    [Fact]
    public void Choose_NothingInCommon_TakesTheMostCentralMember()
    {
        var mixed = Members("opal pendant", "door mat", "bike bell", "tea pot", "wall clock", "dog bowl");

        var label = new ClusterLabels([mixed, Hoops]).Choose(mixed, taken);

        Assert.Equal("opal pendant", label.Label);
        Assert.InRange(label.Confidence, 0, 0.3);
    }

    [Theory]
    [InlineData("gift for her", "gift for him", "gifts for dad")]
    [InlineData("the gift", "a gift", "gift of the")]
    public void Choose_Fillers_StandAtNoEdge(params string[] terms)
    {
        var members = Members(terms);

        Assert.Equal("gift", new ClusterLabels([members, Hoops]).Choose(members, taken).Label);
    }

    [Theory]
    [InlineData("earrings", "earring")]
    [InlineData("scarves", "scarve")]
    [InlineData("candies", "candy")]
    [InlineData("dresses", "dress")]
    [InlineData("boxes", "box")]
    [InlineData("glass", "glass")]
    [InlineData("men's", "men")]
    [InlineData("cactus", "cactus")]
    public void Fold_Plural_IsTheSingular(string word, string folded) => Assert.Equal(folded, LabelWords.Fold(word));

    private static IReadOnlyList<LabelMember> Members(params string[] terms)
        => [.. terms.Select((term, i) => new LabelMember(term, 0.9f - (0.01f * i)))];
}
