using System.ClientModel;
using System.ClientModel.Primitives;
using Azure.AI.OpenAI;
using Azure.Core;
using OpenAI;

namespace LexyHub.Core.Providers;

/// <summary>Makes the SDK's clients so that they neither repeat nor time out: the handler below them does both.</summary>
public static class ProviderClients
{
    // Servers of one's own often want none, but the SDK insists.
    private const string NoKey = "none";

    /// <returns>As the service is called in logs and errors.</returns>
    public static string NameOf(ProviderKind kind) => kind == ProviderKind.Azure ? "Azure OpenAI" : "OpenAI";

    /// <returns>Where the service is asked.</returns>
    public static Uri AddressOf(ProviderKind kind, ProviderSettings settings)
        => new(kind == ProviderKind.Azure ? settings.AzureEndpoint! : settings.OpenAIBaseUrl ?? "https://api.openai.com/v1");

    /// <param name="http">With a <see cref="Http.ResilientHttpHandler"/> below it.</param>
    public static OpenAIClient OpenAI(ProviderSettings settings, HttpClient http)
    {
        var options = Quiet(new OpenAIClientOptions(), http);
        if (settings.OpenAIBaseUrl is { } address)
            options.Endpoint = new Uri(address);

        return new OpenAIClient(new ApiKeyCredential(settings.OpenAIKey ?? NoKey), options);
    }

    /// <param name="http">With a <see cref="Http.ResilientHttpHandler"/> below it.</param>
    /// <param name="identity">Used where no key is set.</param>
    public static AzureOpenAIClient Azure(ProviderSettings settings, HttpClient http, Func<TokenCredential> identity)
    {
        var endpoint = new Uri(settings.AzureEndpoint!);
        var options = Quiet(new AzureOpenAIClientOptions(AzureOpenAIClientOptions.ServiceVersion.V2024_10_21), http);
        return settings.AzureKey is { } key
            ? new AzureOpenAIClient(endpoint, new ApiKeyCredential(key), options)
            : new AzureOpenAIClient(endpoint, identity(), options);
    }

    private static TOptions Quiet<TOptions>(TOptions options, HttpClient http)
        where TOptions : ClientPipelineOptions
    {
        options.Transport = new HttpClientPipelineTransport(http);
        options.RetryPolicy = new ClientRetryPolicy(maxRetries: 0);
        options.NetworkTimeout = Timeout.InfiniteTimeSpan;
        return options;
    }
}
