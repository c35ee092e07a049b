using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text;

namespace LexyHub.Core.Clusters;

/// <summary>A cluster of the rebuild that is under way.</summary>
/// <param name="Terms">In normal form, without repetition.</param>
/// <param name="Centroid">Unit length, in the dimensions of the clustering.</param>
internal sealed record NewCluster(int Number, string Market, IReadOnlyList<string> Terms, float[] Centroid);

/// <summary>A cluster as it is stored.</summary>
/// <param name="Market">Null: LexyHub's own row, which tells none.</param>
/// <param name="Terms">In normal form.</param>
/// <param name="Centroid">Comparable with <see cref="NewCluster.Centroid"/>; null where it is not.</param>
internal sealed record StoredCluster(Guid Id, string? Market, string Label, IReadOnlyList<string> Terms, float[]? Centroid);

/// <summary>The id of a new cluster.</summary>
/// <param name="Stored">The cluster whose id it keeps; null where it is born.</param>
internal sealed record ClusterIdentity(int Number, Guid Id, StoredCluster? Stored);

/// <summary>How a cluster came or went; see <c>lexyhub_jobs.cluster_lineage</c>.</summary>
internal sealed record LineageEvent(Guid ClusterId, string Kind, Guid? OtherId, int SharedMembers, string Market, string Label)
{
    public const string Born = "born";
    public const string Split = "split";
    public const string Retired = "retired";
    public const string Merged = "merged";
}

/// <summary>What became of the stored clusters.</summary>
internal sealed record ClusterMatches(IReadOnlyList<ClusterIdentity> Identities, IReadOnlyList<LineageEvent> Lineage)
{
    public int Kept => Identities.Count(identity => identity.Stored is not null);

    public int Created => Identities.Count - Kept;

    public int Retired => Lineage.Count(change => change.Kind is LineageEvent.Retired or LineageEvent.Merged);
}

/// <summary>Gives new clusters the ids of stored ones: the assignment under which the most members keep the id they have,
/// and of equal ones the one whose centroids are closer.</summary>
internal static class ClusterMatching
{
    /// <summary>To be the same cluster, two must share so much of the members of either.</summary>
    public const double MinShare = 1.0 / 3;

    /// <summary>Cosine from which clusters are the same though they share no member: all its keywords were renamed.</summary>
    public const double MinCentroidSimilarity = 0.9;

    // A centroid never outweighs a member.
    private const long MemberWeight = 1L << 20;

    public static ClusterMatches Match(IReadOnlyList<NewCluster> clusters, IReadOnlyList<StoredCluster> stored)
    {
        var shared = CountShared(clusters, stored);
        var survivingNew = new int[clusters.Count];
        var survivingOld = new int[stored.Count];
        foreach (var ((number, old), count) in shared)
        {
            survivingNew[number] += count;
            survivingOld[old] += count;
        }

        var edges = new List<AssignmentEdge>(shared.Count);
        foreach (var ((number, old), count) in shared)
        {
            if (count >= MinShare * survivingOld[old] || count >= MinShare * survivingNew[number])
            {
                edges.Add(new AssignmentEdge(number, old, (count * MemberWeight) + Closeness(clusters[number], stored[old])));
            }
        }

        AddByCentroid(clusters, stored, survivingNew, survivingOld, edges);
        var chosen = SparseAssignment.Solve(clusters.Count, stored.Count, edges);
        var identities = Identify(clusters, stored, chosen);
        return new ClusterMatches(identities, Trace(identities, clusters, stored, shared, survivingNew, survivingOld));
    }

    /// <returns>An id that follows from the members.</returns>
    public static Guid IdOf(string market, IEnumerable<string> terms)
    {
        // Sorted, so that it is the same whatever order they were read in.
        var key = string.Join('\n', terms.Order(StringComparer.Ordinal).Prepend(market));
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }

    private static Dictionary<(int New, int Old), int> CountShared(IReadOnlyList<NewCluster> clusters, IReadOnlyList<StoredCluster> stored)
    {
        var placeOf = new Dictionary<string, Dictionary<string, int>>(StringComparer.Ordinal);
        for (var number = 0; number < clusters.Count; number++)
        {
            if (!placeOf.TryGetValue(clusters[number].Market, out var places))
            {
                placeOf[clusters[number].Market] = places = new Dictionary<string, int>(StringComparer.Ordinal);
            }

            foreach (var term in clusters[number].Terms)
            {
                places[term] = number;
            }
        }

        var shared = new Dictionary<(int, int), int>();
        for (var old = 0; old < stored.Count; old++)
        {
            IEnumerable<Dictionary<string, int>> markets = stored[old].Market is not { } market
                ? placeOf.Values
                : placeOf.TryGetValue(market, out var own) ? [own] : [];
            foreach (var places in markets)
            {
                foreach (var term in stored[old].Terms)
                {
                    if (places.TryGetValue(term, out var number))
                    {
                        shared[(number, old)] = shared.GetValueOrDefault((number, old)) + 1;
                    }
                }
            }
        }

        return shared;
    }

    private static void AddByCentroid(
        IReadOnlyList<NewCluster> clusters, IReadOnlyList<StoredCluster> stored, int[] survivingNew, int[] survivingOld, List<AssignmentEdge> edges)
    {
        for (var old = 0; old < stored.Count; old++)
        {
            if (survivingOld[old] > 0 || stored[old].Centroid is null)
            {
                continue;
            }

            for (var number = 0; number < clusters.Count; number++)
            {
                if (survivingNew[number] == 0 && clusters[number].Market == stored[old].Market
                    && Closeness(clusters[number], stored[old]) is var closeness && closeness >= MinCentroidSimilarity * (MemberWeight - 1))
                {
                    edges.Add(new AssignmentEdge(number, old, closeness));
                }
            }
        }
    }

    private static long Closeness(NewCluster cluster, StoredCluster stored)
        => stored.Centroid is { } centroid && centroid.Length == cluster.Centroid.Length
            ? (long)(Math.Clamp(TensorPrimitives.Dot(cluster.Centroid, centroid), 0, 1) * (MemberWeight - 1))
            : 0;

    private static List<ClusterIdentity> Identify(IReadOnlyList<NewCluster> clusters, IReadOnlyList<StoredCluster> stored, int[] chosen)
    {
        var taken = stored.Select(cluster => cluster.Id).ToHashSet();
        var identities = new List<ClusterIdentity>(clusters.Count);
        for (var number = 0; number < clusters.Count; number++)
        {
            if (chosen[number] is >= 0 and var old)
            {
                identities.Add(new ClusterIdentity(number, stored[old].Id, stored[old]));
                continue;
            }

            // Another one may have been born of the very same members, and have lost them since.
            var cluster = clusters[number];
            var id = IdOf(cluster.Market, cluster.Terms);
            for (var twin = 1; !taken.Add(id); twin++)
            {
                id = IdOf(cluster.Market, cluster.Terms.Append($"\n{twin}"));
            }

            identities.Add(new ClusterIdentity(number, id, null));
        }

        return identities;
    }

    // A newborn that has most of its old members from one cluster was split off; a cluster that is gone and left most of its
    // members to one was merged into it.
    private static List<LineageEvent> Trace(
        List<ClusterIdentity> identities,
        IReadOnlyList<NewCluster> clusters,
        IReadOnlyList<StoredCluster> stored,
        Dictionary<(int New, int Old), int> shared,
        int[] survivingNew,
        int[] survivingOld)
    {
        var lineage = new List<LineageEvent>();
        var parents = shared.GroupBy(pair => pair.Key.New).ToDictionary(pairs => pairs.Key, pairs => Largest(pairs, pair => pair.Key.Old));
        var heirs = shared.GroupBy(pair => pair.Key.Old).ToDictionary(pairs => pairs.Key, pairs => Largest(pairs, pair => pair.Key.New));
        foreach (var (number, id, _) in identities.Where(identity => identity.Stored is null))
        {
            var isSplit = parents.TryGetValue(number, out var parent) && 2 * parent.Count >= survivingNew[number];
            lineage.Add(new LineageEvent(
                id,
                isSplit ? LineageEvent.Split : LineageEvent.Born,
                isSplit ? stored[parent.Other].Id : null,
                isSplit ? parent.Count : 0,
                clusters[number].Market,
                ""));
        }

        var kept = identities.Where(identity => identity.Stored is not null).Select(identity => identity.Id).ToHashSet();
        for (var old = 0; old < stored.Count; old++)
        {
            if (kept.Contains(stored[old].Id))
            {
                continue;
            }

            var isMerged = heirs.TryGetValue(old, out var heir) && 2 * heir.Count >= survivingOld[old];
            lineage.Add(new LineageEvent(
                stored[old].Id,
                isMerged ? LineageEvent.Merged : LineageEvent.Retired,
                isMerged ? identities[heir.Other].Id : null,
                isMerged ? heir.Count : 0,
                stored[old].Market ?? "",
                stored[old].Label));
        }

        return lineage;
    }

    private static (int Other, int Count) Largest(
        IEnumerable<KeyValuePair<(int New, int Old), int>> pairs, Func<KeyValuePair<(int New, int Old), int>, int> other)
        => pairs.OrderByDescending(pair => pair.Value).ThenBy(other).Select(pair => (other(pair), pair.Value)).First();
}
