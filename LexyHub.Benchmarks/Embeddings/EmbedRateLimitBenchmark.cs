using System.Globalization;
using System.Runtime.CompilerServices;
using LexyHub.Core.Embeddings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Benchmarks.Embeddings;

/// <summary>How much of a service's rate limits the client uses, and how often it runs into them.</summary>
internal static class EmbedRateLimitBenchmark
{
    private const double LeastShare = 0.9;
    private const double MostRefused = 0.02;

    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--help" or "-h"])
        {
            Console.WriteLine("embed-rate-limit [--windows <number>]");
            Console.WriteLine($"  --windows  how long each case lasts, in windows of {s_window.TotalSeconds} s that stand for a minute; 8 unless told");
            return BenchmarkCommand.Done;
        }

        var windows = 8;
        if (args is not [] && (args is not ["--windows", var text] || !int.TryParse(text, CultureInfo.InvariantCulture, out windows) || windows < 3))
        {
            Console.Error.WriteLine("embed-rate-limit takes --windows <number>, at least 3.");
            return BenchmarkCommand.Usage;
        }

        Console.WriteLine($"{"limit",-34}{"requests",10}{"429",6}{"429 share",11}{"of the limit",14}");
        var met = true;
        foreach (var kind in Enum.GetValues<LimitKind>())
        {
            // A minute of OpenAI's first paid tier; then one in which requests are what is short.
            met &= await MeasureAsync(kind, "tokens", requests: 3_000, tokens: 1_000_000, words: 400, inputsPerRequest: 2_048, windows);
            met &= await MeasureAsync(kind, "requests", requests: 120, tokens: 1_000_000, words: 3, inputsPerRequest: 20, windows);
        }

        Console.WriteLine($"Targets: at least {LeastShare} of the limit, fewer than {MostRefused:P0} of requests answered 429.");
        return met ? BenchmarkCommand.Done : BenchmarkCommand.Missed;
    }

    private static async Task<bool> MeasureAsync(
        LimitKind kind, string scarce, double requests, double tokens, int words, int inputsPerRequest, int windows)
    {
        await using var service = new RateLimitedService(kind, requests, tokens, s_window, latency: TimeSpan.FromMilliseconds(100));
        var address = await service.StartAsync();
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["OPENAI_API_KEY"] = "none",
                ["OPENAI_BASE_URL"] = address.ToString(),
                ["Embeddings:Dimensions"] = "8",
                ["Embeddings:MaxInputsPerRequest"] = inputsPerRequest.ToString(CultureInfo.InvariantCulture),
            }).Build())
            .AddLogging()
            .AddEmbeddingProviders()
            .BuildServiceProvider();

        // The last window is not measured: it is cut off in the middle.
        using var budget = new CancellationTokenSource(s_window * (windows + 0.5));
        try
        {
            await foreach (var _ in services.GetRequiredService<IEmbeddingServiceFactory>().Resolve().EmbedAsync(TextsAsync(words, budget.Token), budget.Token))
            {
            }
        }
        catch (OperationCanceledException) when (budget.IsCancellationRequested)
        {
        }

        // Nor is the first: a bucket that is full at the beginning gives twice as much in it.
        var counted = service.Served.Where(one => one.At >= s_window && one.At < s_window * windows).ToList();
        var share = scarce == "tokens"
            ? counted.Sum(one => one.Tokens) / (tokens * (windows - 1))
            : counted.Count / (requests * (windows - 1));
        var sent = service.Served.Count + service.Refused;
        var refused = service.Refused / (double)sent;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{$"{kind} of {(scarce == "tokens" ? tokens : requests):N0} {scarce}",-34}{sent,10}{service.Refused,6}{refused,11:P2}{share,14:0.000}"));
        return share >= LeastShare && refused < MostRefused;
    }

    private static async IAsyncEnumerable<EmbeddingInput> TextsAsync(int words, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tail = string.Concat(Enumerable.Repeat(" earring", words - 1));
        for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            yield return new EmbeddingInput($"{i}", $"{i}{tail}");
            if (i % 1_000 == 0)
                await Task.Yield();
        }
    }
}
