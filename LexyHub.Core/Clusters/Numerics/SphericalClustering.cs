namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Clusters of unit vectors by cosine: seeding, k-means, splitting and merging, and last the outliers, as a sequence of short steps
/// over a state that can be saved between any two of them and gone on with by another process.
/// </summary>
/// <remarks>
/// The result follows from the vectors, their order, the options and the previous centroids alone: not from the number of threads,
/// not from where it was interrupted.
/// </remarks>
internal sealed class SphericalClustering
{
    private const int SeedsPerStep = 256;

    private readonly VectorSet vectors;
    private readonly ClusteringOptions options;
    private readonly ClusteringState state;

    private SphericalClustering(VectorSet vectors, ClusteringOptions options, ClusteringState state)
    {
        this.vectors = vectors;
        this.options = options;
        this.state = state;
    }

    public ClusteringPhase Phase => state.Phase;

    /// <summary>Passes of k-means done.</summary>
    public int Iteration => state.Iteration;

    /// <summary>Clusters as of now.</summary>
    public int ClusterCount => state.Centroids.Length / vectors.Dimensions;

    /// <param name="previousCentroids">
    /// Of the last run, unit rows of as many dimensions as the vectors, to begin from, so that clusters stay put; none at first.
    /// </param>
    public static SphericalClustering Start(
        VectorSet vectors, ClusteringOptions options, ReadOnlySpan<float> previousCentroids = default)
    {
        var state = new ClusteringState
        {
            Random = options.Seed,
            Centroids = previousCentroids.ToArray(),
            Assignments = new int[vectors.Count],
            Similarities = new float[vectors.Count],
        };
        Array.Fill(state.Assignments, ClusteringResult.Outlier);
        return new SphericalClustering(vectors, options, state);
    }

    /// <param name="saved">What <see cref="Save"/> returned, for the same vectors and options.</param>
    /// <returns>Null where it was saved by another version of the algorithm, or over another number of vectors: start anew.</returns>
    public static SphericalClustering? Restore(VectorSet vectors, ClusteringOptions options, byte[] saved)
        => ClusteringState.Restore(saved, vectors.Count, vectors.Dimensions) is { } state
            ? new SphericalClustering(vectors, options, state)
            : null;

    public byte[] Save() => state.Save(vectors.Count, vectors.Dimensions);

    /// <summary>Does the next step: well below a second for 100,000 vectors.</summary>
    /// <returns>Whether there is more to do.</returns>
    public bool Step(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        switch (state.Phase)
        {
            case ClusteringPhase.Seeding:
                Seed();
                break;
            case ClusteringPhase.Moving:
                Move();
                break;
            case ClusteringPhase.Reshaping:
                state.Phase = ClusteringPhase.Trimming;
                break;
            case ClusteringPhase.Trimming:
                Trim();
                break;
        }

        return state.Phase != ClusteringPhase.Done;
    }

    /// <exception cref="InvalidOperationException">There are steps left.</exception>
    public ClusteringResult Finish()
    {
        if (state.Phase != ClusteringPhase.Done)
            throw new InvalidOperationException($"The clustering is still {state.Phase}: call Step until it returns false.");

        var members = state.Assignments.Count(cluster => cluster >= 0);
        var sum = 0d;
        for (var row = 0; row < vectors.Count; row++)
            sum += state.Assignments[row] >= 0 ? state.Similarities[row] : 0;

        return new ClusteringResult(
            ClusterCount, vectors.Dimensions, state.Assignments, state.Similarities, state.Centroids, state.Threshold,
            members == 0 ? 0 : sum / members);
    }

    private ReadOnlySpan<float> Centroid(int cluster)
        => state.Centroids.AsSpan(cluster * vectors.Dimensions, vectors.Dimensions);

    private void Seed()
    {
        var wanted = Math.Min(vectors.Count, options.Count ?? Math.Max(1, vectors.Count / options.TargetSize));
        var random = new SplitMix(state.Random);
        var centroids = new List<float>(state.Centroids);
        for (var taken = 0; taken < SeedsPerStep && centroids.Count / vectors.Dimensions < wanted; taken++)
        {
            var row = Draw(random);
            if (row < 0)
                break;

            centroids.AddRange(vectors[row]);
            for (var i = 0; i < vectors.Count; i++)
                state.Similarities[i] = Math.Max(state.Similarities[i], (float)ExactDot.Of(vectors[i], vectors[row]));
        }

        var more = centroids.Count / vectors.Dimensions == ClusterCount + SeedsPerStep;
        state.Centroids = [.. centroids];
        state.Random = random.State;
        if (!more)
            state.Phase = ClusteringPhase.Moving;
    }

    // k-means++: proportional to the squared distance from what is chosen already, 2 − 2 cos of unit vectors.
    private int Draw(SplitMix random)
    {
        var total = 0d;
        foreach (var similarity in state.Similarities)
            total += Math.Max(0, 1 - similarity - 1e-6);
        var at = random.NextDouble() * total;
        for (var row = 0; row < vectors.Count; row++)
        {
            at -= Math.Max(0, 1 - state.Similarities[row] - 1e-6);
            if (at < 0)
                return row;
        }

        return -1;
    }

    private void Move()
    {
        var moved = 0;
        Parallel.For(0, vectors.Count, Threads, row =>
        {
            var (best, similarity) = (0, double.NegativeInfinity);
            for (var cluster = 0; cluster < ClusterCount; cluster++)
            {
                var dot = ExactDot.Of(vectors[row], Centroid(cluster));
                if (dot > similarity)
                    (best, similarity) = (cluster, dot);
            }

            if (state.Assignments[row] != best)
                Interlocked.Increment(ref moved);
            (state.Assignments[row], state.Similarities[row]) = (best, (float)similarity);
        });
        state.Iteration++;
        if (moved == 0 || state.Iteration >= options.MaxIterations)
            state.Phase = ClusteringPhase.Reshaping;
        else
            Recentre();
    }

    private void Recentre()
    {
        var sums = new CentroidAccumulator(ClusterCount, vectors.Dimensions);
        for (var row = 0; row < vectors.Count; row++)
            sums.TryAdd(state.Assignments[row], vectors[row]);

        var kept = new List<float>(state.Centroids.Length);
        var centroid = new float[vectors.Dimensions];
        for (var cluster = 0; cluster < ClusterCount; cluster++)
        {
            if (sums.TryWrite(cluster, centroid))
                kept.AddRange(centroid);
        }

        state.Centroids = [.. kept];
    }

    private void Trim()
    {
        state.Threshold = options.Count is null ? options.OutlierFloor : -1;
        for (var row = 0; row < vectors.Count; row++)
        {
            if (state.Similarities[row] < state.Threshold)
                state.Assignments[row] = ClusteringResult.Outlier;
        }

        state.Phase = ClusteringPhase.Done;
    }

    private ParallelOptions Threads
        => new() { MaxDegreeOfParallelism = options.Threads == 0 ? -1 : options.Threads };
}
