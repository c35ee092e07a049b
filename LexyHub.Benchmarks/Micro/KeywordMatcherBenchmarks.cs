using BenchmarkDotNet.Attributes;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Benchmarks.Micro;

/// <summary>Finding 100,000 known keywords in titles.</summary>
[MemoryDiagnoser]
public class KeywordMatcherBenchmarks
{
    private const int Titles = 1_000;

    private static readonly string[] Words =
        [.. from a in "ba ce di fo gu ha je ki lo mu na pe ri so tu".Split(' ') from b in "lan mor sted vin kel rup dar fen".Split(' ') select a + b];

    private string[] keywords = [];
    private string[] titles = [];
    private KeywordMatcher matcher = new([]);

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        keywords = [.. Enumerable.Range(0, 100_000).Select(_ => Phrase(random, 1 + random.Next(4))).Distinct()];
        titles = [.. Enumerable.Range(0, Titles).Select(_ => Phrase(random, 15))];
        matcher = new KeywordMatcher(keywords);
    }

    [Benchmark]
    public object Build() => new KeywordMatcher(keywords);

    [Benchmark(OperationsPerInvoke = Titles)]
    public int Find() => titles.Sum(title => matcher.Find(title).Count);

    private static string Phrase(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[random.Next(Words.Length)]));
}
