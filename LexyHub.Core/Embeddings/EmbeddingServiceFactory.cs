using Azure.Core;
using Azure.Identity;
using LexyHub.Core.Http;
using LexyHub.Core.Providers;
using LexyHub.Core.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Embeddings;

/// <summary>Builds the service that the settings choose, when it is first asked for.</summary>
internal sealed class EmbeddingServiceFactory(
    IConfiguration configuration, IOptions<ProviderOptions> providerOptions, IOptions<EmbeddingOptions> options,
    IOptionsMonitor<ResilientHttpOptions> httpOptions, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    : IEmbeddingServiceFactory, IDisposable
{
    /// <summary>Name of the options of the HTTP client.</summary>
    public const string HttpName = "Embeddings";

    /// <summary>2,048 vectors are 34 MB in base64, and about 75 MB where a server ignores that and writes numbers.</summary>
    public const int MaxResponseBytes = 160 * 1_024 * 1_024;

    private readonly Lock _lock = new();
    private IEmbeddingService? _service;
    private HttpClient? _http;

    /// <summary>Who asks Azure, where no key is set.</summary>
    public Func<TokenCredential> Identity { get; set; } = static () => new DefaultAzureCredential();

    public IEmbeddingService Resolve()
    {
        lock (_lock)
            return _service ??= Create(ProviderSettings.Read(configuration, providerOptions.Value.Mode));
    }

    public void Dispose()
    {
        (_service as IDisposable)?.Dispose();
        _http?.Dispose();
    }

    private IEmbeddingService Create(ProviderSettings settings)
    {
        var kind = settings.Choose();
        var embedding = options.Value;
        if (kind == ProviderKind.Local)
            return new LocalEmbeddingService(embedding.Dimensions);

        var name = ProviderClients.NameOf(kind);
        var logger = loggerFactory.CreateLogger<EmbeddingService>();
        var pace = new RequestPace(name, embedding.MaxConcurrency, timeProvider, logger);
        _http = ProviderHttp.Create(name, httpOptions.Get(HttpName), pace, timeProvider, loggerFactory);
        var deployment = providerOptions.Value.AzureEmbeddingDeployment is { Length: > 0 } named ? named : embedding.Model;
        var client = kind == ProviderKind.Azure
            ? ProviderClients.Azure(settings, _http, Identity).GetEmbeddingClient(deployment)
            : ProviderClients.OpenAI(settings, _http).GetEmbeddingClient(embedding.Model);
        var generator = new OpenAIEmbeddingGenerator(
            client,
            new ProviderExchange(name, new SecretMask(settings.AzureKey, settings.OpenAIKey), timeProvider),
            kind == ProviderKind.Azure ? null : embedding.Model,

            // Older models, and other servers, refuse what they do not know.
            embedding.Model.StartsWith("text-embedding-3", StringComparison.Ordinal) ? embedding.Dimensions : null,
            embedding.Dimensions);
        var traced = new TracedEmbeddingGenerator(
            generator, ModelTelemetry.Of(kind, embedding.Model, ProviderClients.AddressOf(kind, settings)));
        return new EmbeddingService(name, traced, pace, embedding, timeProvider, logger);
    }
}
