using BenchmarkDotNet.Running;
using LexyHub.Benchmarks;
using LexyHub.Benchmarks.Clusters;
using LexyHub.Benchmarks.Dashboard;
using LexyHub.Benchmarks.Embeddings;
using LexyHub.Benchmarks.Etsy;
using LexyHub.Benchmarks.Intents;
using LexyHub.Benchmarks.Surge;
using LexyHub.Benchmarks.TrendMaths;
using LexyHub.Benchmarks.Trends;

BenchmarkCommand[] commands =
[
    new("trend-aggregation", "the whole job over a real PostgreSQL, beside bare SQL", TrendAggregationBenchmark.RunAsync),
    new("embed-missing", "the whole job over a real PostgreSQL with pgvector, beside bare COPY", EmbedMissingBenchmark.RunAsync),
    new("etsy-sync", "20 shops over a real PostgreSQL, beside bare inserts", EtsySyncBenchmark.RunAsync),
    new("rebuild-clusters", "the whole job over a real PostgreSQL with pgvector, and its reader beside bare COPY", RebuildClustersBenchmark.RunAsync),
    new("cluster-stability", "who keeps the cluster over ten days of new keywords, and how good clusters are", ClusterStabilityBenchmark.RunAsync),
    new("trend-maths", "time of scores, velocities and momentum without a database", TrendMathsBenchmark.RunAsync),
    new("micro", "BenchmarkDotNet on single methods; takes its options, for example --filter '*TheilSen*'", RunMicroAsync),
    new("surge", "precision, recall and delay of the surge flag on real series", SurgeBenchmark.RunAsync),
    new("intents", "accuracy, calibration and speed of the lexicon on the held half of the labelled phrases", IntentsBenchmark.RunAsync),
    new("intent-classify", "the whole job over a real PostgreSQL, by the lexicon and by a model that answers at once", IntentClassifyBenchmark.RunAsync),
    new("intent-batches", "requests, tokens and agreement of labels by the size of the requests to the model", IntentBatchesBenchmark.RunAsync),
    new("intents-fit", "weighs and calibrates the lexicon anew; takes the directory of its files", arguments => Task.FromResult(LexiconFit.Run(arguments[0]))),
    new("embed-local", "terms a second of the local embedding", EmbedLocalBenchmark.RunAsync),
    new("cluster-speed", "k-means beside FAISS and scikit-learn, 100,000 x 512", ClusterSpeedBenchmark.RunAsync),
    new("cluster-quality", "clusters against known classes, beside FAISS and scikit-learn", ClusterQualityBenchmark.RunAsync),
    new("cluster-reduction", "what fewer dimensions cost", ReductionLossBenchmark.RunAsync),
    new("dashboard", "first view and weight of the operator's page in Chromium, and times of its API", DashboardBenchmark.RunAsync),
    new("embed-rate-limit", "use of a service's rate limits by the embedding client", EmbedRateLimitBenchmark.RunAsync),
];

if (args is [] or ["--help" or "-h" or "help"])
{
    BenchmarkCommand.PrintHelp(Console.Out, commands);
    return BenchmarkCommand.Done;
}

if (commands.FirstOrDefault(command => command.Name == args[0]) is { } chosen)
{
    return await chosen.RunAsync(args[1..]);
}

Console.Error.WriteLine($"There is no benchmark '{args[0]}'.");
BenchmarkCommand.PrintHelp(Console.Error, commands);
return BenchmarkCommand.Usage;

static Task<int> RunMicroAsync(string[] options)
{
    // Without a filter it would ask which ones, which nobody can answer in a pipe.
    var summaries = BenchmarkSwitcher.FromAssembly(typeof(BenchmarkCommand).Assembly).Run(options is [] ? ["--filter", "*"] : options);
    return Task.FromResult(summaries.Any(summary => summary.HasCriticalValidationErrors) ? BenchmarkCommand.Usage : BenchmarkCommand.Done);
}
