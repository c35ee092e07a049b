using LexyHub.Core.Clusters;

namespace LexyHub.Core.Tests.Clusters;

public sealed class ClusterNamesTests
{
    private const double RelabelBelow = 0.75;

    private static readonly DateTimeOffset Yesterday = new(2026, 3, 19, 2, 30, 0, TimeSpan.Zero);
    private static readonly string[] Hoops = [.. Enumerable.Range(0, 8).Select(i => $"hoop {(char)('a' + i)}{i}")];

    [Theory]
    [InlineData(8, 0, true)]
    [InlineData(8, 2, true)]
    [InlineData(6, 0, true)]
    [InlineData(8, 3, false)]
    [InlineData(5, 0, false)]
    [InlineData(6, 2, false)]
    public void Choose_MembersCameAndWent_KeepsTheNameWhileThreeQuartersOfAllAreInBoth(int stayed, int came, bool keeps)
    {
        var members = Members([.. Hoops.Take(stayed), .. Enumerable.Range(0, came).Select(i => $"hoop new{i}")]);

        var chosen = ClusterNames.Choose(
            [new NewClusterName(1, Named("Shiny things"))], new Dictionary<int, IReadOnlyList<LabelMember>> { [1] = members }, RelabelBelow, Yesterday.AddDays(1));

        Assert.Equal(keeps ? [] : ["hoop"], chosen.Select(name => name.Naming.Label));
        Assert.All(chosen, name => Assert.Equal(MemberHashes.Of([.. members.Select(member => member.Term)]), name.Naming.Members));
    }

    [Fact]
    public void Choose_KeptNameOfAnotherCluster_IsNotGivenTwice()
    {
        var members = new Dictionary<int, IReadOnlyList<LabelMember>> { [1] = Members(Hoops), [2] = Members(["hoop x", "hoop y", "hoop z"]) };

        var chosen = ClusterNames.Choose([new NewClusterName(1, Named("Hoop")), new NewClusterName(2, null)], members, RelabelBelow, Yesterday);

        Assert.NotEqual("hoop", Assert.Single(chosen).Naming.Label);
    }

    [Fact]
    public void Choose_SingularOfAnothersPlural_IsNotGivenTwice()
    {
        var members = new Dictionary<int, IReadOnlyList<LabelMember>>
        {
            [1] = Members(["gift voucher", "gift hampers", "vodka gift sets", "gift charity"]),
            [2] = Members(["islamic gifts", "cheese gifts", "penguin gifts"]),
        };

        var chosen = ClusterNames.Choose([new NewClusterName(1, null), new NewClusterName(2, null)], members, RelabelBelow, Yesterday);

        Assert.Equal(["gift", "islamic, cheese, penguin gifts"], chosen.Select(name => name.Naming.Label));
    }

    private static ClusterNaming Named(string label) => new(label, null, 0.9f, "a-model", MemberHashes.Of(Hoops), Yesterday, null);

    private static IReadOnlyList<LabelMember> Members(IEnumerable<string> terms) => [.. terms.Select(term => new LabelMember(term, 0.9f))];
}
