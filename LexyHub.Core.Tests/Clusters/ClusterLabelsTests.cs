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
    public void Choose_NothingInCommon_NamesTheMostCentralMembers()
    {
        var mixed = Members("opal pendant", "door mat", "bike bell", "tea pot", "wall clock", "dog bowl");

        var label = new ClusterLabels([mixed, Hoops]).Choose(mixed, taken);

        Assert.Equal("opal pendant, door mat, bike bell", label.Label);
        Assert.Equal(0, label.Confidence);
    }

    [Theory]
    [InlineData("gift for her", "gift for him", "gifts for dad")]
    [InlineData("the gift", "a gift", "gift of the")]
    public void Choose_Fillers_StandAtNoEdge(params string[] terms)
    {
        var members = Members(terms);

        Assert.Equal("gift", new ClusterLabels([members, Hoops]).Choose(members, taken).Label);
    }

    // Members are real queries (adthena, wands, banking77), the most central first.
    [Theory]
    [InlineData("car hire", "car hire malaga", "car hire leeds", "holiday car hire", "europe car hire", "van hire uk", "car hire malaga airport")]
    [InlineData("care homes", "care homes liverpool", "cqc care homes", "care homes bradford", "abuse in care homes reports", "home care jobs")]
    [InlineData("coffee table", "living room coffee table sets", "westling coffee table", "block coffee table", "smart coffee table", "coffee bar buffet")]
    [InlineData("printing", "sublimation printing", "candle printing machine", "a0 printing", "printing uk", "plan printing", "3d printing steel")]
    [InlineData("boots", "ronix boots", "nanogen boots", "boots spectacles", "ladies timberland boots", "timberland ladies boots", "isopropyl alcohol boots", "boots boot spray", "boot boots")]
    [InlineData("new york", "bemis new york", "new york 2017", "hotels in new york", "new perfumes", "new build homes")]
    [InlineData("delete my account", "please delete my account.", "can you delete my account please?", "i would like to delete my account please.", "how do i delete my account?")]
    public void Choose_RealQueries_TakesWhatTheyAreAbout(string label, params string[] terms) => Assert.Equal(label, LabelOf(terms));

    [Theory]
    [InlineData("trees, mattresses, cannons for sale", "trees for sale", "mattresses for sale", "cannons for sale", "for sale sign", "bunting for sale")]
    [InlineData("doilies, leica, festool uk", "doilies uk", "uk drones", "leica uk", "festool uk", "epilator uk", "mugs uk")]
    [InlineData("best hover, gilet, brokers", "best hover", "best gilet", "best brokers", "best flask", "best kiteboarding")]
    [InlineData("cheap tankinis, strimmers, extensions", "rolex cheap", "cheap tankinis", "cheap strimmers", "cheap extensions", "cheap cash registers")]
    [InlineData("how to get a dna test, become a songwriter", "how to object to a planning application", "how to get a dna test", "how to become a songwriter", "how to register a business")]
    [InlineData("how much does a pc cost, goldfish cost", "how much does a pc cost", "how much does a goldfish cost", "how much is a private jet of the latest make", "how much is a paternity test", "how much is a")]
    [InlineData("chat on cam, globe on stand, painting on silk", "chat on cam", "globe on stand", "painting on silk", "sponge on a stick", "dinner on orient express")]
    [InlineData("terraillon scale, windsurf sail", "terraillon scale", "windsurf sail", "slazenger holdall from the shop in the town centre")]
    public void Choose_SharedWordsNameNothing_GivesExamples(string label, params string[] terms) => Assert.Equal(label, LabelOf(terms));

    [Fact]
    public void Choose_MostWhoHoldAWordHoldALongerPhrase_TakesThePhraseThoughOthersHoldItsWords()
    {
        var members = Members("care homes liverpool", "cqc care homes", "care homes bradford", "care homes in surrey", "care jobs", "care costs");
        var homes = Members(
            "mobile homes", "park homes", "timber homes", "modular homes", "show homes", "log homes", "eco homes", "tiny homes", "retirement homes", "holiday homes");

        Assert.Equal("care homes", new ClusterLabels([members, homes]).Choose(members, taken).Label);
    }

    [Fact]
    public void Choose_PhraseTaken_GivesExamplesOfIt()
    {
        var members = Members("notary jobs", "rov jobs", "jobs oxford", "hospitality jobs", "electrical jobs");
        taken.Add("jobs");

        Assert.Equal("notary, rov, hospitality jobs", new ClusterLabels([members, Hoops, Scarves]).Choose(members, taken).Label);
    }

    [Theory]
    [InlineData("earrings", "earring")]
    [InlineData("scarves", "scarf")]
    [InlineData("gloves", "glove")]
    [InlineData("candies", "candy")]
    [InlineData("dresses", "dress")]
    [InlineData("boxes", "box")]
    [InlineData("glass", "glass")]
    [InlineData("men's", "men")]
    [InlineData("cactus", "cactus")]
    public void Fold_Plural_IsTheSingular(string word, string folded) => Assert.Equal(folded, LabelWords.Fold(word));

    private string LabelOf(string[] terms)
    {
        var members = Members(terms);
        return new ClusterLabels([members, Hoops, Studs, Scarves]).Choose(members, taken).Label;
    }

    private static IReadOnlyList<LabelMember> Members(params string[] terms)
        => [.. terms.Select((term, i) => new LabelMember(term, 0.9f - (0.01f * i)))];
}
