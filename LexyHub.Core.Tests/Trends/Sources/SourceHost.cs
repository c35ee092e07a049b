using LexyHub.Core.Tests.Http;
using LexyHub.Core.Trends.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Tests.Trends.Sources;

/// <summary>The sources as an application has them: from configuration, through dependency injection, over real HTTP.</summary>
internal sealed class SourceHost : IAsyncDisposable
{
    private readonly ServiceProvider _provider;

    public SourceHost(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)))
            .Build());
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log));
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<IRefreshTokenStore>(RefreshTokens);
        services.AddTrendSources();
        _provider = services.BuildServiceProvider(validateScopes: true);
    }

    // Attempts time out after 30 s, which is no wait of ours; so only shorter waits and Reddit's minute are over at once.
    public AutoElapsingTime Time { get; } = new(TimeSpan.FromSeconds(29));

    public CapturedLog Log { get; } = new();

    public InMemoryRefreshTokenStore RefreshTokens { get; } = new();

    public ITrendSource Source(string name) => _provider.GetServices<ITrendSource>().Single(s => s.Name == name);

    public async Task<FetchResult> FetchAsync(string name, TrendSourceContext context)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var batches = new List<SignalBatch>();
        try
        {
            await foreach (var batch in Source(name).FetchAsync(context, deadline.Token))
                batches.Add(batch);
        }
        catch (TrendSourceException e)
        {
            return new FetchResult(batches, e);
        }

        return new FetchResult(batches, null);
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();
}

internal sealed record FetchResult(IReadOnlyList<SignalBatch> Batches, TrendSourceException? Error)
{
    public IReadOnlyList<Signal> Signals => [.. Batches.SelectMany(b => b.Signals)];
}

internal sealed class AContext : TrendSourceContext
{
    public IReadOnlyList<string> Terms { get; init; } = [];

    public override Task<IReadOnlyList<string>> GetKnownTermsAsync(CancellationToken cancellationToken) => Task.FromResult(Terms);

    public override Task<IReadOnlyList<string>> GetLeastRecentlyReadTermsAsync(
        string source, int count, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<string>>([.. Terms.Take(count)]);
}
