using LexyHub.Core.Clusters;

namespace LexyHub.Core.Tests.Clusters;

public sealed class ClusterMatchingTests
{
    private static readonly float[] East = [1, 0];
    private static readonly float[] North = [0, 1];

    [Fact]
    public void Match_SameMembers_KeepsEveryIdInWhateverOrder()
    {
        var stored = Enumerable.Range(0, 30).Select(i => Stored(i, "us", Terms(i, 5))).ToList();
        var clusters = Enumerable.Range(0, 30).Select(i => New(i, "us", Terms(29 - i, 5))).ToList();

        var matches = ClusterMatching.Match(clusters, stored);

        Assert.Equal((30, 0, 0), (matches.Kept, matches.Created, matches.Retired));
        Assert.Empty(matches.Lineage);
        Assert.All(matches.Identities, identity => Assert.Equal(stored[29 - identity.Number].Id, identity.Id));
    }

    [Fact]
    public void Match_ClusterInTwo_TheLargerKeepsTheIdAndTheOtherIsSplitOff()
    {
        var old = Stored(1, "us", Terms(1, 10));

        var matches = ClusterMatching.Match([New(0, "us", old.Terms.Take(4)), New(1, "us", old.Terms.Skip(4))], [old]);

        Assert.Equal(old.Id, matches.Identities[1].Id);
        Assert.Null(matches.Identities[0].Stored);
        Assert.Equal(
            new LineageEvent(matches.Identities[0].Id, LineageEvent.Split, old.Id, 4, "us", ""), Assert.Single(matches.Lineage));
    }

    [Fact]
    public void Match_TwoInOne_TheLargersIdIsKeptAndTheOtherIsMergedIntoIt()
    {
        var (small, large) = (Stored(1, "us", Terms(1, 4)), Stored(2, "us", Terms(2, 6)));

        var matches = ClusterMatching.Match([New(0, "us", small.Terms.Concat(large.Terms))], [small, large]);

        Assert.Equal(large.Id, matches.Identities[0].Id);
        Assert.Equal(new LineageEvent(small.Id, LineageEvent.Merged, large.Id, 4, "us", "cluster 1"), Assert.Single(matches.Lineage));
    }

    [Fact]
    public void Match_MembersScattered_IsRetiredAndItsHeirsAreBorn()
    {
        var old = Stored(1, "us", Terms(1, 8));
        var clusters = Enumerable.Range(0, 4).Select(i => New(i, "us", Terms(10 + i, 8).Concat(old.Terms.Skip(2 * i).Take(2)))).ToList();

        var matches = ClusterMatching.Match(clusters, [.. clusters.Select((cluster, i) => Stored(10 + i, "us", Terms(10 + i, 8))), old]);

        Assert.Equal((4, 0, 1), (matches.Kept, matches.Created, matches.Retired));
        Assert.Equal(LineageEvent.Retired, Assert.Single(matches.Lineage).Kind);
    }

    [Fact]
    public void Match_GreedyPairsWouldLoseMembers_TakesTheBestOverAll()
    {
        // The largest overlap, 6, would leave 5 and 5 unmatched.
        var (first, second) = (Stored(1, "us", Terms(1, 11)), Stored(2, "us", Terms(2, 5)));

        var matches = ClusterMatching.Match([New(0, "us", first.Terms.Take(6).Concat(second.Terms)), New(1, "us", first.Terms.Skip(6))], [first, second]);

        Assert.Equal([second.Id, first.Id], matches.Identities.Select(identity => identity.Id));
    }

    [Fact]
    public void Match_LexyHubsOwnRow_IsFoundByItsMembersInAnyMarket()
    {
        var old = Stored(1, null, Terms(1, 5));

        var matches = ClusterMatching.Match([New(0, "us", Terms(2, 5)), New(1, "uk", old.Terms)], [old]);

        Assert.Equal(old.Id, matches.Identities[1].Id);
        Assert.Equal((1, 1, 0), (matches.Kept, matches.Created, matches.Retired));
    }

    [Fact]
    public void Match_SameTermsInAnotherMarket_AreNotTheSameCluster()
        => Assert.Equal(0, ClusterMatching.Match([New(0, "uk", Terms(1, 5))], [Stored(1, "us", Terms(1, 5))]).Kept);

    [Fact]
    public void Match_AllMembersRenamed_IsFoundByItsCentroid()
    {
        var stored = new[] { Stored(1, "us", Terms(1, 5), East), Stored(2, "us", Terms(2, 5), North) };

        var matches = ClusterMatching.Match([New(0, "us", Terms(3, 5), North), New(1, "us", Terms(4, 5), [0.7f, -0.7f])], stored);

        Assert.Equal(stored[1].Id, matches.Identities[0].Id);
        Assert.Null(matches.Identities[1].Stored);
    }

    [Fact]
    public void Match_EqualOverlaps_PrefersTheCloserCentroid()
    {
        var stored = new[] { Stored(1, "us", Terms(1, 4), East), Stored(2, "us", Terms(2, 4), North) };
        IEnumerable<string> half(int i) => stored[0].Terms.Skip(2 * i).Take(2).Concat(stored[1].Terms.Skip(2 * i).Take(2));

        var matches = ClusterMatching.Match([New(0, "us", half(0), North), New(1, "us", half(1), East)], stored);

        Assert.Equal([stored[1].Id, stored[0].Id], matches.Identities.Select(identity => identity.Id));
    }

    [Fact]
    public void Match_BornOfTheMembersThatAStoredOneWasBornOf_HasAnIdOfItsOwn()
    {
        var terms = Terms(1, 3).ToList();
        var moved = new StoredCluster(ClusterMatching.IdOf("us", terms), "us", "moved on", [.. Terms(2, 5)], null);

        var matches = ClusterMatching.Match([New(0, "us", terms), New(1, "us", moved.Terms)], [moved]);

        Assert.Equal(2, matches.Identities.Select(identity => identity.Id).Distinct().Count());
    }

    private static IEnumerable<string> Terms(int cluster, int count) => Enumerable.Range(0, count).Select(i => $"term {cluster}-{i}");

    private static NewCluster New(int number, string market, IEnumerable<string> terms, float[]? centroid = null)
        => new(number, market, [.. terms], centroid ?? East);

    private static StoredCluster Stored(int number, string? market, IEnumerable<string> terms, float[]? centroid = null)
        => new(new Guid(number, 0, 0, new byte[8]), market, $"cluster {number}", [.. terms], centroid);
}
