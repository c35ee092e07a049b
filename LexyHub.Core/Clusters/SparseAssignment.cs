namespace LexyHub.Core.Clusters;

/// <summary>One possible pair, and what it is worth.</summary>
/// <param name="Weight">Above 0.</param>
internal readonly record struct AssignmentEdge(int Row, int Column, long Weight);

/// <summary>The assignment of rows to columns, each at most once, with the greatest sum of weights; whoever gains nothing stays
/// alone. Exact, over integers.</summary>
/// <remarks>Shortest augmenting paths with potentials over the pairs that exist (Jonker and Volgenant 1987, for sparse
/// matrices), one Dijkstra a row: O(rows · pairs · log pairs) at worst, and near linear where a row has few pairs.</remarks>
internal static class SparseAssignment
{
    private const int None = -1;

    /// <returns>Each row's column, or −1.</returns>
    public static int[] Solve(int rows, int columns, IReadOnlyList<AssignmentEdge> edges)
    {
        var solver = new Solver(rows, columns, edges);
        for (var row = 0; row < rows; row++)
        {
            solver.Augment(row);
        }

        return solver.ColumnOf;
    }

    private sealed class Solver
    {
        private readonly int[] first;
        private readonly AssignmentEdge[] byRow;
        private readonly long[] best;
        private readonly long[] rowPrice;
        private readonly long[] columnPrice;
        private readonly int[] rowOf;
        private readonly long[] distance;
        private readonly int[] cameFrom;
        private readonly List<int> touched = [];
        private readonly List<(int Row, long Distance)> scanned = [];
        private readonly List<(int Column, long Distance)> settled = [];
        private readonly PriorityQueue<int, (long Distance, int Column)> queue = new();

        public Solver(int rows, int columns, IReadOnlyList<AssignmentEdge> edges)
        {
            byRow = [.. edges.Where(edge => edge.Weight > 0).OrderBy(edge => edge.Row).ThenBy(edge => edge.Column)];
            first = new int[rows + 1];
            best = new long[rows];
            foreach (var edge in byRow)
            {
                first[edge.Row + 1]++;
                best[edge.Row] = Math.Max(best[edge.Row], edge.Weight);
            }

            for (var row = 0; row < rows; row++)
            {
                first[row + 1] += first[row];
            }

            rowPrice = new long[rows];
            columnPrice = new long[columns];
            rowOf = Filled(columns);
            ColumnOf = Filled(rows);
            distance = new long[columns];
            Array.Fill(distance, long.MaxValue);
            cameFrom = Filled(columns);
        }

        public int[] ColumnOf { get; }

        // A pair costs what the row's best one is worth more than it; to stay alone costs the best one whole.
        public void Augment(int start)
        {
            var alone = (Row: None, Distance: long.MaxValue);
            var end = None;
            var row = start;
            var reached = 0L;
            while (true)
            {
                scanned.Add((row, reached));
                if (reached + best[row] - rowPrice[row] is var stay && stay < alone.Distance)
                {
                    alone = (row, stay);
                }

                Relax(row, reached);
                if (!TryTakeNearest(out var column, out var nearest) || nearest >= alone.Distance)
                {
                    reached = alone.Distance;
                    break;
                }

                reached = nearest;
                if (rowOf[column] == None)
                {
                    end = column;
                    break;
                }

                settled.Add((column, nearest));
                row = rowOf[column];
            }

            UpdatePrices(reached);
            Flip(end, alone.Row, start);
            Reset();
        }

        private void Relax(int row, long reached)
        {
            for (var i = first[row]; i < first[row + 1]; i++)
            {
                var edge = byRow[i];
                var through = reached + best[row] - edge.Weight - rowPrice[row] - columnPrice[edge.Column];
                if (through >= distance[edge.Column])
                {
                    continue;
                }

                if (distance[edge.Column] == long.MaxValue)
                {
                    touched.Add(edge.Column);
                }

                distance[edge.Column] = through;
                cameFrom[edge.Column] = row;
                queue.Enqueue(edge.Column, (through, edge.Column));
            }
        }

        private bool TryTakeNearest(out int column, out long nearest)
        {
            while (queue.TryDequeue(out column, out var priority))
            {
                nearest = priority.Distance;
                if (nearest == distance[column])
                {
                    return true;
                }
            }

            nearest = 0;
            return false;
        }

        private void UpdatePrices(long reached)
        {
            foreach (var (row, at) in scanned)
            {
                rowPrice[row] += reached - at;
            }

            foreach (var (column, at) in settled)
            {
                columnPrice[column] -= reached - at;
            }
        }

        private void Flip(int end, int alone, int start)
        {
            var column = end;
            var row = end == None ? alone : cameFrom[end];
            while (true)
            {
                var before = ColumnOf[row];
                ColumnOf[row] = column;
                if (column != None)
                {
                    rowOf[column] = row;
                }

                if (row == start)
                {
                    return;
                }

                column = before;
                row = cameFrom[column];
            }
        }

        private void Reset()
        {
            foreach (var column in touched)
            {
                distance[column] = long.MaxValue;
                cameFrom[column] = None;
            }

            touched.Clear();
            scanned.Clear();
            settled.Clear();
            queue.Clear();
        }

        private static int[] Filled(int count)
        {
            var values = new int[count];
            Array.Fill(values, None);
            return values;
        }
    }
}
