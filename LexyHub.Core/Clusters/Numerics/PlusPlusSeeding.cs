namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// First centroids by greedy k-means++ (Arthur and Vassilvitskii, 2007), cell by cell: each cell gets as many as its share of the
/// spread around the cells' middles calls for. In one cell it is plain greedy k-means++.
/// </summary>
internal static class PlusPlusSeeding
{
    // Nearer than this to a chosen one is the same vector but for rounding.
    private const double Same = 1e-6;

    /// <returns>Rows, in the order of cells; fewer than <paramref name="wanted"/> where fewer vectors differ.</returns>
    public static int[] Choose(VectorSet vectors, int[] cellOf, int wanted, ulong seed, ParallelOptions threads)
    {
        var count = cellOf.Length == 0 ? 0 : cellOf.Max() + 1;
        var cells = ClusterMembers.Of(cellOf, count);
        var spreads = new double[count];
        Parallel.For(0, count, threads, cell => spreads[cell] = Spread(vectors, cells[cell]));
        var quotas = Share(wanted, spreads, cells, count);
        var chosen = new List<int>[count];
        Parallel.For(0, count, threads, cell => chosen[cell] = Choose(vectors, cells[cell], quotas[cell], SplitMix.Mix(seed ^ SplitMix.Mix((ulong)cell))));
        return [.. chosen.SelectMany(rows => rows)];
    }

    /// <summary>Sum of 1 − cosine to the middle: members less the length of their sum.</summary>
    private static double Spread(VectorSet vectors, ReadOnlySpan<int> rows)
    {
        var sum = new double[vectors.Dimensions];
        vectors.Sum(rows, sum);
        return rows.Length - Math.Sqrt(sum.Sum(value => value * value));
    }

    // Largest remainders, one at least and no more than there are vectors.
    private static int[] Share(int wanted, double[] spreads, ClusterMembers cells, int count)
    {
        var total = spreads.Sum();
        var shares = spreads.Select((spread, cell) => cells[cell].Length == 0 ? 0 : total > 0 ? wanted * spread / total : 1).ToArray();
        var quotas = shares.Select((share, cell) => Math.Min(cells[cell].Length, Math.Max((int)share, share > 0 ? 1 : 0))).ToArray();
        var left = wanted - quotas.Sum();
        foreach (var cell in Enumerable.Range(0, count).OrderByDescending(cell => shares[cell] - (int)shares[cell]))
        {
            if (left <= 0)
                break;
            if (quotas[cell] >= cells[cell].Length)
                continue;
            quotas[cell]++;
            left--;
        }

        return quotas;
    }

    private static List<int> Choose(VectorSet vectors, ReadOnlySpan<int> rows, int wanted, ulong seed)
    {
        var random = new SplitMix(seed);
        var chosen = new List<int>(wanted);
        var distances = new double[rows.Length];
        Array.Fill(distances, 1);
        var trials = 2 + (int)Math.Log(Math.Max(1, wanted));
        var (trial, best) = (new double[rows.Length], new double[rows.Length]);
        while (chosen.Count < wanted)
        {
            var bestRow = -1;
            var bestTotal = double.PositiveInfinity;
            for (var i = 0; i < (chosen.Count == 0 ? 1 : trials); i++)
            {
                var at = Draw(distances, random);
                if (at < 0)
                    return chosen;

                var total = 0d;
                for (var j = 0; j < rows.Length; j++)
                {
                    // What is chosen already stays at nought and needs no product.
                    trial[j] = distances[j] == 0 ? 0 : Math.Min(distances[j], Distance(vectors, rows[j], rows[at]));
                    total += trial[j];
                }

                if (total < bestTotal)
                {
                    (bestRow, bestTotal) = (rows[at], total);
                    (trial, best) = (best, trial);
                }
            }

            chosen.Add(bestRow);
            (distances, best) = (best, distances);
        }

        return chosen;
    }

    // Half of the squared distance of unit vectors.
    private static double Distance(VectorSet vectors, int a, int b)
    {
        var distance = 1 - ExactDot.Of(vectors[a], vectors[b]);
        return distance < Same ? 0 : distance;
    }

    private static int Draw(double[] distances, SplitMix random)
    {
        var total = 0d;
        foreach (var distance in distances)
            total += distance;
        var at = random.NextDouble() * total;
        var last = -1;
        for (var i = 0; i < distances.Length; i++)
        {
            if (distances[i] == 0)
                continue;
            last = i;
            at -= distances[i];
            if (at < 0)
                break;
        }

        return last;
    }
}
