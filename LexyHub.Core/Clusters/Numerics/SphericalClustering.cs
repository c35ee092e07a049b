namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Clusters of unit vectors by cosine, as a sequence of short steps over a state that can be saved between any two of them and gone
/// on with by another process: whitening, smoothing over nearest neighbours, seeding, k-means, splitting and merging, and last the
/// outliers.
/// </summary>
/// <remarks>
/// The result follows from the vectors, their order, the options and the previous clusters alone: not from the number of threads or
/// the width of registers, and not from where it was interrupted.
/// </remarks>
internal sealed class SphericalClustering
{
    // About a third of a second on two cores with 512-bit registers.
    private const double ProductsPerStep = 50e9;
    private const int MostRounds = 6;

    // Passes after a round of splits and merges, which move few vectors.
    private const int PassesBetweenRounds = 5;

    // Fewer vectors moving than one in so many is standing still.
    private const int StillShare = 2_000;

    private readonly VectorSet vectors;
    private readonly ClusteringOptions options;
    private readonly ClusteringState state;
    private readonly ParallelOptions threads;
    private readonly bool wide;
    private VectorSet? whitened;
    private VectorSet? smooth;
    private NeighbourGraph? graph;
    private SphericalKMeans? means;

    private SphericalClustering(VectorSet vectors, ClusteringOptions options, ClusteringState state, bool? wide)
    {
        this.vectors = vectors;
        this.options = options;
        this.state = state;
        this.wide = wide ?? TileKernel.IsWide;
        threads = new ParallelOptions { MaxDegreeOfParallelism = options.Threads == 0 ? -1 : options.Threads };
    }

    public ClusteringPhase Phase => state.Phase;

    /// <summary>Passes of k-means done.</summary>
    public int Iteration => state.Iteration;

    /// <summary>Clusters as of now.</summary>
    public int ClusterCount => state.Centroids.Length / vectors.Dimensions;

    public static SphericalClustering Start(VectorSet vectors, ClusteringOptions options) => Start(vectors, options, default(ReadOnlySpan<int>));

    /// <param name="vectors">Rows in an order that follows from the data.</param>
    /// <param name="options">What is wanted.</param>
    /// <param name="previous">
    /// Of each row the number, from 0, of the cluster that it was in after the last run, −1 for new ones and outliers: to begin from,
    /// so that clusters stay put. Empty at first.
    /// </param>
    /// <param name="wide">See <see cref="TileKernel.Multiply"/>; left out, by what the processor has.</param>
    /// <exception cref="ArgumentException">There are previous clusters, but not for as many rows as there are.</exception>
    public static SphericalClustering Start(
        VectorSet vectors, ClusteringOptions options, ReadOnlySpan<int> previous, bool? wide = null)
    {
        if (!previous.IsEmpty && previous.Length != vectors.Count)
            throw new ArgumentException($"Previous clusters of {previous.Length} rows; there are {vectors.Count}.", nameof(previous));

        var state = new ClusteringState { Assignments = new int[vectors.Count], Similarities = new float[vectors.Count] };
        if (vectors.Count == 0)
            state.Phase = ClusteringPhase.Done;
        if (previous.IsEmpty)
            Array.Fill(state.Assignments, ClusteringResult.Outlier);
        else
            previous.CopyTo(state.Assignments);
        state.Warm = state.Assignments.Any(cluster => cluster >= 0);
        return new SphericalClustering(vectors, options, state, wide);
    }

    /// <param name="vectors">Rows in an order that follows from the data.</param>
    /// <param name="options">What is wanted.</param>
    /// <param name="previousCentroids">Of the last run, unit rows of as many dimensions: each vector begins at the nearest.</param>
    public static SphericalClustering Start(VectorSet vectors, ClusteringOptions options, ReadOnlySpan<float> previousCentroids)
    {
        var previous = new int[vectors.Count];
        Array.Fill(previous, ClusteringResult.Outlier);
        if (!previousCentroids.IsEmpty)
        {
            var nearest = new float[vectors.Count];
            new SphericalKMeans(vectors, previousCentroids.ToArray(), previous, nearest, new ParallelOptions()).Assign(0, vectors.Count);
        }

        return Start(vectors, options, previous);
    }

    /// <param name="vectors">The same ones in the same order.</param>
    /// <param name="options">The same.</param>
    /// <param name="saved">What <see cref="Save"/> returned.</param>
    /// <param name="wide">May differ.</param>
    /// <returns>Null where it was saved by another version of the algorithm, or over another number of vectors: start anew.</returns>
    public static SphericalClustering? Restore(VectorSet vectors, ClusteringOptions options, byte[] saved, bool? wide = null)
        => ClusteringState.Restore(saved, vectors.Count, vectors.Dimensions) is { } state
            ? new SphericalClustering(vectors, options, state, wide)
            : null;

    public byte[] Save() => state.Save(vectors.Count, vectors.Dimensions);

    /// <summary>Does the next step: about half a second for 100,000 vectors, one or two for the first, and after restoring.</summary>
    /// <returns>Whether there is more to do.</returns>
    public bool Step(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        switch (state.Phase)
        {
            case ClusteringPhase.Dividing:
                state.Cells = CoarseCells.Of(Whitened, threads, wide);
                state.Neighbours = new int[vectors.Count * NeighbourGraph.Degree];
                state.NeighbourSimilarities = new float[vectors.Count * NeighbourGraph.Degree];
                Enter(ClusteringPhase.Relating);
                break;
            case ClusteringPhase.Relating:
                Relate();
                break;
            case ClusteringPhase.Seeding:
                Seed();
                break;
            case ClusteringPhase.Moving:
                Move();
                break;
            case ClusteringPhase.Reshaping:
                Reshape();
                break;
            case ClusteringPhase.Trimming:
                Trim();
                break;
        }

        return state.Phase != ClusteringPhase.Done;
    }

    /// <exception cref="InvalidOperationException">There are steps left.</exception>
    public ClusteringResult Finish()
        => state.Phase == ClusteringPhase.Done
            ? ClusteringSummary.Of(vectors, state.Assignments, state.Threshold, threads)
            : throw new InvalidOperationException($"The clustering is still {state.Phase}: call Step until it returns false.");

    private VectorSet Whitened => whitened ??= Whitening.Apply(vectors, threads, wide);

    private VectorSet Smooth
    {
        get
        {
            if (smooth is null)
            {
                smooth = Graph.Smooth(threads);
                (whitened, graph) = (null, null);
            }

            return smooth;
        }
    }

    private NeighbourGraph Graph
        => graph ??= new NeighbourGraph(Whitened, state.Cells, state.Neighbours, state.NeighbourSimilarities, wide);

    private SphericalKMeans Means
        => means ??= new SphericalKMeans(Smooth, state.Centroids, state.Assignments, state.Similarities, threads, wide);

    private void Enter(ClusteringPhase phase) => (state.Phase, state.Cursor) = (phase, 0);

    private void Relate()
    {
        var before = 0d;
        var end = state.Cursor;
        while (end < Graph.Tasks && before < ProductsPerStep)
            before += (double)Graph.ProductsOf(end++) * vectors.Dimensions;

        Parallel.For(state.Cursor, end, threads, Graph.Search);
        state.Cursor = end;
        if (end == Graph.Tasks)
            Enter(ClusteringPhase.Seeding);
    }

    private void Seed()
    {
        if (state.Warm)
        {
            Centre(state.Assignments.Max() + 1);
        }
        else
        {
            var wanted = Math.Clamp(options.Count ?? (int)Math.Round((double)vectors.Count / options.TargetSize), 1, vectors.Count);
            var rows = PlusPlusSeeding.Choose(Smooth, state.Cells, wanted, options.Seed, threads);
            state.Centroids = new float[rows.Length * vectors.Dimensions];
            for (var i = 0; i < rows.Length; i++)
                Smooth[rows[i]].CopyTo(state.Centroids.AsSpan(i * vectors.Dimensions));
        }

        Enter(ClusteringPhase.Moving);
    }

    // Centroids from the assignments alone.
    private void Centre(int clusters)
    {
        state.Centroids = Centroids.Of(Smooth, state.Assignments, clusters, threads);
        means = null;
    }

    private void Move()
    {
        var rows = (int)Math.Clamp(ProductsPerStep / Math.Max(1, (double)ClusterCount * vectors.Dimensions), 1_024, int.MaxValue / 2);
        var end = Math.Min(state.Cursor + rows, vectors.Count);
        var moved = Means.Moved;
        Means.Assign(state.Cursor, end);
        state.Moved += Means.Moved - moved;
        state.Cursor = end;
        if (end < vectors.Count)
            return;

        state.Cursor = 0;
        state.Iteration++;
        state.Pass++;
        var still = state.Moved <= vectors.Count / StillShare;
        state.Moved = 0;
        if (!still && state.Pass < (state.Round == 0 ? options.MaxIterations : PassesBetweenRounds))
            Means.Recentre();
        else
            Enter(options.Count is null && state.Round < MostRounds ? ClusteringPhase.Reshaping : ClusteringPhase.Trimming);
    }

    private void Reshape()
    {
        var (splits, merges, clusters) = Reshaping.Apply(vectors, state.Assignments, ClusterCount, options, state.Warm, threads);
        Centre(clusters);
        state.Round++;
        state.Pass = 0;
        Enter(splits + merges > 0 ? ClusteringPhase.Moving : ClusteringPhase.Trimming);
    }

    private void Trim()
    {
        state.Threshold = options.Count is null
            ? new OutlierTrimming(vectors, state.Assignments, ClusterCount, options, threads).Apply()
            : -1;
        Enter(ClusteringPhase.Done);
    }
}
