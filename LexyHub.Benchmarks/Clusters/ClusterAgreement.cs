namespace LexyHub.Benchmarks.Clusters;

/// <summary>How far a clustering agrees with a truth.</summary>
/// <param name="VMeasure">Harmonic mean of homogeneity and completeness, 0–1 (Rosenberg and Hirschberg 2007). It grows with the number of
/// clusters even by chance.</param>
/// <param name="AdjustedRand">1 for the same partition, 0 for what chance gives (Hubert and Arabie 1985).</param>
internal sealed record ClusterAgreement(double VMeasure, double AdjustedRand)
{
    /// <param name="truth">Class of each item.</param>
    /// <param name="clusters">Cluster of each item; a negative one stands for an outlier, which is a cluster of its own.</param>
    public static ClusterAgreement Of(IReadOnlyList<string> truth, IReadOnlyList<int> clusters)
    {
        var own = -1;
        var pairs = truth.Zip(clusters, (name, cluster) => (Class: name, Cluster: cluster < 0 ? own-- : cluster)).ToList();
        var joint = pairs.CountBy(pair => pair).Select(pair => (double)pair.Value).ToList();
        var classes = pairs.CountBy(pair => pair.Class).Select(pair => (double)pair.Value).ToList();
        var groups = pairs.CountBy(pair => pair.Cluster).Select(pair => (double)pair.Value).ToList();
        double n = pairs.Count;

        var (ofClasses, ofGroups, ofBoth) = (Entropy(classes, n), Entropy(groups, n), Entropy(joint, n));
        var shared = ofClasses + ofGroups - ofBoth;
        var homogeneity = ofClasses > 0 ? shared / ofClasses : 1;
        var completeness = ofGroups > 0 ? shared / ofGroups : 1;

        var expected = Pairs(classes) * Pairs(groups) / Math.Max(1, n * (n - 1) / 2);
        var most = (Pairs(classes) + Pairs(groups)) / 2;
        return new ClusterAgreement(
            homogeneity + completeness > 0 ? 2 * homogeneity * completeness / (homogeneity + completeness) : 0,
            most > expected ? (Pairs(joint) - expected) / (most - expected) : 1);
    }

    private static double Entropy(List<double> counts, double n) => -counts.Sum(count => count / n * Math.Log(count / n));

    private static double Pairs(List<double> counts) => counts.Sum(count => count * (count - 1) / 2);
}
