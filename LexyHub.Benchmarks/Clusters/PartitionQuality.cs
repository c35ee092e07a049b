namespace LexyHub.Benchmarks.Clusters;

/// <summary>How well a partition agrees with the truth. An outlier counts as a cluster of its own: left out is not got right.</summary>
/// <param name="VMeasure">Harmonic mean of homogeneity and completeness, 0 to 1 (Rosenberg and Hirschberg, 2007).</param>
/// <param name="AdjustedRand">Agreement on pairs beyond chance, 1 at most (Hubert and Arabie, 1985).</param>
/// <param name="Outliers">Share, 0 to 1.</param>
internal sealed record PartitionQuality(double VMeasure, double AdjustedRand, double Outliers)
{
    public static PartitionQuality Of(IReadOnlyList<string> truth, IReadOnlyList<int> labels)
    {
        var next = labels.Count == 0 ? 0 : labels.Max() + 1;
        var own = labels.Select(label => label < 0 ? next++ : label).ToArray();
        var classes = truth.CountBy(name => name).ToDictionary();
        var clusters = own.CountBy(label => label).ToDictionary();
        var both = truth.Zip(own).CountBy(pair => pair).ToArray();
        double count = truth.Count;
        double Entropy(IEnumerable<int> sizes) => -sizes.Sum(size => size / count * Math.Log(size / count));
        var inCluster = -both.Sum(cell => cell.Value / count * Math.Log((double)cell.Value / clusters[cell.Key.Second]));
        var inClass = -both.Sum(cell => cell.Value / count * Math.Log((double)cell.Value / classes[cell.Key.First]));
        var homogeneity = Share(inCluster, Entropy(classes.Values));
        var completeness = Share(inClass, Entropy(clusters.Values));
        static double Pairs(double size) => size * (size - 1) / 2;
        var shared = both.Sum(cell => Pairs(cell.Value));
        var (ofClasses, ofClusters) = (classes.Values.Sum(size => Pairs(size)), clusters.Values.Sum(size => Pairs(size)));
        var expected = ofClasses * ofClusters / Pairs(count);
        return new PartitionQuality(
            homogeneity + completeness == 0 ? 0 : 2 * homogeneity * completeness / (homogeneity + completeness),
            (shared - expected) / (((ofClasses + ofClusters) / 2) - expected),
            labels.Count(label => label < 0) / count);
    }

    private static double Share(double conditional, double entropy) => entropy == 0 ? 1 : 1 - (conditional / entropy);
}
