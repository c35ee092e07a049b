using Azure.Core;
using Azure.Identity;
using LexyHub.Core.Http;
using LexyHub.Core.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Providers;

/// <summary>Builds the chat service that the settings choose, when it is first asked for.</summary>
internal sealed class ChatServiceFactory(
    IConfiguration configuration, IOptions<ProviderOptions> providerOptions, IOptions<ChatModelOptions> options,
    IOptionsMonitor<ResilientHttpOptions> httpOptions, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    : IChatServiceFactory, IDisposable
{
    /// <summary>Name of the options of the HTTP client.</summary>
    public const string HttpName = "Chat";

    /// <summary>The longest answers of today's models, 128,000 tokens, are under 1 MB.</summary>
    public const int MaxResponseBytes = 8 * 1_024 * 1_024;

    private readonly Lock _lock = new();
    private ChatService? _service;
    private HttpClient? _http;

    /// <summary>Who asks Azure, where no key is set.</summary>
    public Func<TokenCredential> Identity { get; set; } = static () => new DefaultAzureCredential();

    public IChatService? Resolve()
    {
        lock (_lock)
            return _service ??= Create(ProviderSettings.Read(configuration, providerOptions.Value.Mode));
    }

    public void Dispose()
    {
        _service?.Dispose();
        _http?.Dispose();
    }

    private ChatService? Create(ProviderSettings settings)
    {
        var kind = settings.Choose();
        if (kind == ProviderKind.Local)
            return null;

        var (name, model) = (ProviderClients.NameOf(kind), providerOptions.Value.ChatModel);
        var logger = loggerFactory.CreateLogger<ChatService>();
        var mask = new SecretMask(settings.AzureKey, settings.OpenAIKey);
        var pace = new RequestPace(name, options.Value.MaxConcurrency, timeProvider, logger);
        _http = ProviderHttp.Create(name, httpOptions.Get(HttpName), pace, timeProvider, loggerFactory);

        var deployment = providerOptions.Value.AzureChatDeployment is { Length: > 0 } named ? named : model;
        var client = kind == ProviderKind.Azure
            ? ProviderClients.Azure(settings, _http, Identity).GetChatClient(deployment)
            : ProviderClients.OpenAI(settings, _http).GetChatClient(model);
        return new ChatService(
            name,
            model,
            new TracedChatClient(
                new OpenAIChatClient(client, new ProviderExchange(name, mask, timeProvider), kind == ProviderKind.Azure ? null : model),
                ModelTelemetry.Of(kind, model, ProviderClients.AddressOf(kind, settings))),
            pace,
            mask,
            options.Value,
            logger);
    }
}
