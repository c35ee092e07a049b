using System.Globalization;
using LexyHub.Core.Embeddings;

namespace LexyHub.Benchmarks.Embeddings;

/// <summary>Speed of the local provider on one core.</summary>
internal static class EmbedLocalBenchmark
{
    private const double LeastTermsPerSecond = 20_000;
    private const int Terms = 100_000;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [])
        {
            Console.WriteLine("embed-local takes no options.");
            return args is ["--help" or "-h"] ? BenchmarkCommand.Done : BenchmarkCommand.Usage;
        }

        var service = new LocalEmbeddingService(3_072);
        await EmbedAsync(service, 5_000);
        var startedAt = TimeProvider.System.GetTimestamp();
        await EmbedAsync(service, Terms);
        var rate = Terms / TimeProvider.System.GetElapsedTime(startedAt).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Terms:N0} terms of 3 to 5 words: {rate:N0} terms a second on one core"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Target: at least {LeastTermsPerSecond:N0}."));
        return rate >= LeastTermsPerSecond ? BenchmarkCommand.Done : BenchmarkCommand.Missed;
    }

    private static async Task EmbedAsync(LocalEmbeddingService service, int terms)
    {
        await foreach (var _ in service.EmbedAsync(TextsAsync(terms), CancellationToken.None))
        {
        }
    }

    private static async IAsyncEnumerable<EmbeddingInput> TextsAsync(int count)
    {
        string[] words = ["gold", "hoop", "earrings", "personalized", "leather", "wallet", "vintage", "wool", "scarf", "wedding", "gift", "boho"];
        for (var i = 0; i < count; i++)
        {
            var text = string.Join(' ', Enumerable.Range(0, 3 + (i % 3)).Select(j => words[((i * 7) + (j * (1 + (i / 12)))) % words.Length]));
            yield return new EmbeddingInput($"{i}", text);
        }

        await Task.CompletedTask;
    }
}
