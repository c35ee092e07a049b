namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// First centroids by greedy k-means++ (Arthur and Vassilvitskii, 2007), cell by cell: each cell gets as many as its share of the
/// spread around the cells' middles calls for. In one cell it is plain greedy k-means++.
/// </summary>
internal static class PlusPlusSeeding
{
    // Nearer than this to a chosen one is the same vector but for rounding.
    private const double Same = 1e-6;

    // More to choose from make the choice no better by anything that matters.
    private const int MostCandidates = 8_192;

    /// <summary>Goes on from centroids that there are.</summary>
    /// <param name="vectors">The rows.</param>
    /// <param name="candidates">Rows that may become centroids; of very many, every so many.</param>
    /// <param name="centroids">Unit rows, one after the other.</param>
    /// <param name="wanted">How many more.</param>
    /// <param name="seed">Of the draws.</param>
    /// <param name="threads">No difference to the result.</param>
    /// <returns>Rows; fewer than <paramref name="wanted"/> where fewer differ from the centroids.</returns>
    public static IReadOnlyList<int> Continue(
        VectorSet vectors, int[] candidates, float[] centroids, int wanted, ulong seed, ParallelOptions threads)
    {
        var count = Math.Min(candidates.Length, MostCandidates);
        var rows = Enumerable.Range(0, count).Select(i => candidates[(int)((long)i * candidates.Length / count)]).ToArray();
        var some = VectorSet.Zeros(vectors.Dimensions, count);
        for (var i = 0; i < count; i++)
            vectors[rows[i]].CopyTo(some.Writable(i));

        var nearest = new int[count];
        Array.Fill(nearest, -1);
        var similarities = new float[count];
        new SphericalKMeans(some, centroids, nearest, similarities, threads).Assign(0, count);
        var distances = similarities.Select(similarity => 1 - similarity < Same ? 0 : 1d - similarity).ToArray();
        return Choose(vectors, rows, wanted, seed, distances, isFirstFree: false);
    }

    /// <returns>Rows, in the order of cells; fewer than <paramref name="wanted"/> where fewer vectors differ.</returns>
    public static int[] Choose(VectorSet vectors, int[] cellOf, int wanted, ulong seed, ParallelOptions threads)
    {
        var count = cellOf.Length == 0 ? 0 : cellOf.Max() + 1;
        var cells = ClusterMembers.Of(cellOf, count);
        var spreads = new double[count];
        Parallel.For(0, count, threads, cell => spreads[cell] = Spread(vectors, cells[cell]));
        var quotas = Share(wanted, spreads, cells, count);
        var chosen = new List<int>[count];
        Parallel.For(0, count, threads, cell =>
        {
            var distances = new double[cells[cell].Length];
            Array.Fill(distances, 1);
            chosen[cell] = Choose(vectors, cells[cell], quotas[cell], SplitMix.Mix(seed ^ SplitMix.Mix((ulong)cell)), distances, isFirstFree: true);
        });
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

    // The first one of all is drawn alone: with all at the same distance from none there is nothing to be greedy about.
    private static List<int> Choose(VectorSet vectors, ReadOnlySpan<int> rows, int wanted, ulong seed, double[] distances, bool isFirstFree)
    {
        var random = new SplitMix(seed);
        var chosen = new List<int>(wanted);
        var trials = 2 + (int)Math.Log(Math.Max(1, wanted));
        var (trial, best) = (new double[rows.Length], new double[rows.Length]);
        while (chosen.Count < wanted)
        {
            var bestRow = -1;
            var bestTotal = double.PositiveInfinity;
            for (var i = 0; i < (isFirstFree && chosen.Count == 0 ? 1 : trials); i++)
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
