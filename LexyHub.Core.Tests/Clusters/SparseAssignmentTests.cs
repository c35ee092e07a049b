using CsCheck;
using LexyHub.Core.Clusters;

namespace LexyHub.Core.Tests.Clusters;

public sealed class SparseAssignmentTests
{
    private static readonly Gen<AssignmentEdge> Edge =
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5], Gen.Long[1, 12], (row, column, weight) => new AssignmentEdge(row, column, weight));

    [Fact]
    public void Solve_AnySmallProblem_IsWorthAsMuchAsTheBestOfAllAssignments()
        => Edge.Array[0, 16].Sample(edges =>
        {
            var distinct = edges.DistinctBy(edge => (edge.Row, edge.Column)).ToList();

            var columnOf = SparseAssignment.Solve(6, 6, distinct);

            var taken = columnOf.Where(column => column >= 0).ToList();
            Assert.Equal(taken.Count, taken.Distinct().Count());
            Assert.Equal(Best(distinct, 0, 0), Enumerable.Range(0, 6).Where(row => columnOf[row] >= 0)
                .Sum(row => distinct.Single(edge => edge.Row == row && edge.Column == columnOf[row]).Weight));
        });

    [Fact]
    public void Solve_RowThatTookAnothersOnlyColumn_GivesItBack()
        => Assert.Equal([1, 0], SparseAssignment.Solve(2, 2, [new(0, 0, 10), new(0, 1, 9), new(1, 0, 8)]));

    [Fact]
    public void Solve_ThousandsWithFewPairsEach_FindsTheHiddenPairing()
    {
        const int count = 4_000;
        var random = new Random(1);
        var order = Enumerable.Range(0, count).ToArray();
        random.Shuffle(order);
        var edges = order.Select((column, row) => new AssignmentEdge(row, column, 1_000))
            .Concat(Enumerable.Range(0, 8 * count).Select(_ => new AssignmentEdge(random.Next(count), random.Next(count), random.Next(1, 500))))
            .DistinctBy(edge => (edge.Row, edge.Column)).ToList();

        Assert.Equal(order, SparseAssignment.Solve(count, count, edges));
    }

    private static long Best(List<AssignmentEdge> edges, int row, int taken)
        => row == 6 ? 0 : edges.Where(edge => edge.Row == row && (taken & (1 << edge.Column)) == 0)
            .Select(edge => edge.Weight + Best(edges, row + 1, taken | (1 << edge.Column)))
            .Append(Best(edges, row + 1, taken)).Max();
}
