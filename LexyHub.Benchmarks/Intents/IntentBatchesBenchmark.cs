using System.Globalization;
using LexyHub.Core.Intents;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Benchmarks.Intents;

/// <summary>Requests and tokens an item by the size of the requests; and, where a model is configured, whether the size changes the labels.</summary>
internal static class IntentBatchesBenchmark
{
    /// <summary>A tenth of them labelled otherwise is an interval of 4 points either way (95 %).</summary>
    private const int DefaultPhrases = 200;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--help" or "-h"] || !TryCount(args, out var count))
        {
            Console.WriteLine(
                $"intent-batches [phrases]   requests and tokens an item at 1, 10, 25, 40 and 100 items a request. With OPENAI_API_KEY or AZURE_OPENAI_ENDPOINT set, "
                + $"asks that model for so many labelled phrases ({DefaultPhrases}) six times over, which costs tokens, and prints how often the labels agree.");
            return args is ["--help" or "-h"] ? BenchmarkCommand.Done : BenchmarkCommand.Usage;
        }

        LabelledPhrase[] phrases = [.. LabelledPhrase.ReadShipped().Take(count)];
        await using var services = BuildServices();
        var service = Resolve(services.GetRequiredService<IChatServiceFactory>());
        var sizes = service is null ? BatchSize.Estimate(phrases) : await BatchSize.MeasureAsync(service, phrases, CancellationToken.None);
        Console.WriteLine(service is null
            ? "No model is configured: tokens by cl100k, of the whole request and of an answer of usual length."
            : $"{service.Model}, {phrases.Length} phrases; tokens as billed. 40 beside 40 is the model beside itself.");
        Console.WriteLine($"items a request  requests for 1,000  tokens in an item  tokens out an item  agreement with {BatchSize.Reference}");
        foreach (var size in sizes)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{size.Items,15}  {size.Requests,18:0}  {size.InputTokens,17:0.0}  {size.OutputTokens,18:0.0}  {size.Agreement?.ToString("0.000", CultureInfo.InvariantCulture) ?? "not measured"}"));
        }

        return BenchmarkCommand.Done;
    }

    private static bool TryCount(string[] args, out int count)
    {
        count = DefaultPhrases;
        return args is [] || args is [var text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count >= 100;
    }

    private static ServiceProvider BuildServices() => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddEnvironmentVariables().Build())
        .AddLogging()
        .AddSingleton(TimeProvider.System)
        .AddChatProviders()
        .BuildServiceProvider();

    private static IChatService? Resolve(IChatServiceFactory services)
    {
        try
        {
            return services.Resolve();
        }
        catch (JobException e) when (e.Code == "provider-not-configured")
        {
            return null;
        }
    }
}
