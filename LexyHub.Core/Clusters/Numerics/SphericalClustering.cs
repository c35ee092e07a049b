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

    // Three to eight are enough; a vector that goes to and fro would make it endless.
    private const int MostTurns = 8;

    // Passes after a round of splits and merges, which move few vectors.
    private const int PassesBetweenRounds = 5;

    // Fewer vectors moving than one in so many is standing still.
    private const int StillShare = 2_000;

    // In floats: 32 MB.
    private const long LargeSet = 8_000_000;

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

    public static SphericalClustering Start(VectorSet vectors, ClusteringOptions options) => Start(vectors, options, []);

    /// <param name="vectors">Rows in an order that follows from the data.</param>
    /// <param name="options">What is wanted.</param>
    /// <param name="previous">
    /// Of each row the number, from 0, of the cluster that it was in after the last run, −1 for new ones and outliers: to begin from,
    /// so that clusters stay put. Empty at first.
    /// </param>
    /// <param name="additional">Clusters to look for beyond the previous ones, because there are more vectors now.</param>
    /// <param name="wide">See <see cref="TileKernel.Multiply"/>; left out, by what the processor has.</param>
    /// <exception cref="ArgumentException">There are previous clusters, but not for as many rows as there are.</exception>
    public static SphericalClustering Start(
        VectorSet vectors, ClusteringOptions options, ReadOnlySpan<int> previous, int additional = 0, bool? wide = null)
    {
        if (!previous.IsEmpty && previous.Length != vectors.Count)
            throw new ArgumentException($"Previous clusters of {previous.Length} rows; there are {vectors.Count}.", nameof(previous));

        var state = new ClusteringState { Assignments = new int[vectors.Count], Similarities = new float[vectors.Count], Additional = additional };
        if (vectors.Count == 0)
            state.Phase = ClusteringPhase.Done;
        Array.Fill(state.Assignments, ClusteringResult.Outlier);
        if (previous.ContainsAnyInRange(0, int.MaxValue))
        {
            state.Previous = previous.ToArray();
            previous.CopyTo(state.Assignments);
        }

        return new SphericalClustering(vectors, options, state, wide);
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

    private bool IsWarm => state.Previous.Length > 0;

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

    // The whitened set, and what every round leaves of large arrays, would stay until the runtime next looks at such arrays.
    private void GiveBack()
    {
        means = null;
        if ((long)vectors.Count * vectors.Stride >= LargeSet)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private NeighbourGraph Graph
        => graph ??= new NeighbourGraph(Whitened, state.Cells, state.Neighbours, state.NeighbourSimilarities, wide);

    private SphericalKMeans Means
        => means ??= new SphericalKMeans(
            Smooth, state.Centroids, state.Assignments, state.Similarities, threads, wide, IsWarm ? state.Homes : null);

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
        IReadOnlyList<int> rows;
        if (IsWarm)
        {
            state.Homes = [.. state.Previous];
            Centre(state.Assignments.Max() + 1);
            var loose = Enumerable.Range(0, vectors.Count).Where(row => state.Previous[row] < 0).ToArray();
            rows = PlusPlusSeeding.Continue(Smooth, loose, state.Centroids, state.Additional, options.Seed, threads);
        }
        else
        {
            var wanted = Math.Clamp(options.Count ?? (int)Math.Round((double)vectors.Count / options.TargetSize), 1, vectors.Count);
            rows = PlusPlusSeeding.Choose(Smooth, state.Cells, wanted, options.Seed, threads);
        }

        state.Centroids = [.. state.Centroids, .. rows.SelectMany(row => Smooth[row].ToArray())];
        means = null;
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
        GiveBack();
        var (splits, merges, clusters) = Reshaping.Apply(vectors, state.Assignments, ClusterCount, options, state.Homes, threads);
        Centre(clusters);
        state.Round++;
        state.Pass = 0;
        Enter(splits + merges > 0 ? ClusteringPhase.Moving : ClusteringPhase.Trimming);
    }

    private void Trim()
    {
        state.Threshold = -1;
        if (options.Count is not null)
        {
            Enter(ClusteringPhase.Done);
            return;
        }

        state.Threshold = new OutlierTrimming(vectors, state.Previous, state.Assignments, ClusterCount, options, threads).Apply();
        Gather(ClusterCount);
        var assignments = ClusteringSummary.Number(state.Assignments, out var clusters);
        state.Turn++;
        var still = IsWarm && assignments.AsSpan().SequenceEqual(ClusteringSummary.Number(state.Previous, out _));
        if (still || clusters == 0 || state.Turn == MostTurns)
        {
            Enter(ClusteringPhase.Done);
            return;
        }

        // Outliers may have bent the centroids so far, and what was gathered has met no other cluster: once more from the members alone,
        // which is where the next run begins. Once this changes nothing, the next run over the same vectors changes nothing either.
        state.Previous = assignments;
        state.Assignments = [.. assignments];
        state.Homes = [.. assignments];
        (state.Round, state.Pass) = (0, 0);
        Centre(clusters);
        Enter(ClusteringPhase.Moving);
    }

    private void Gather(int clusters)
    {
        var gathering = new Gathering(vectors, state.Neighbours, state.Assignments);
        for (var before = -1; before != clusters;)
        {
            before = clusters;
            clusters = gathering.Apply(clusters, options.SmallestCluster, state.Threshold);
            if (clusters > before)
                OutlierTrimming.Rescue(vectors, state.Assignments, clusters, state.Threshold, threads);
        }
    }
}
