using LexyHub.Core.Jobs;
using Microsoft.Extensions.Configuration;

namespace LexyHub.Core.Providers;

/// <summary>What the environment says about providers, under the names that their own tools use. Holds secrets.</summary>
/// <param name="AzureEndpoint"><c>AZURE_OPENAI_ENDPOINT</c>.</param>
/// <param name="AzureKey"><c>AZURE_OPENAI_API_KEY</c>; without it the managed identity, or whoever is signed in, is used.</param>
/// <param name="OpenAIKey"><c>OPENAI_API_KEY</c>.</param>
/// <param name="OpenAIBaseUrl"><c>OPENAI_BASE_URL</c>: OpenAI or anything that speaks its API, with its <c>/v1</c>.</param>
/// <param name="IsEmbeddedDatabase">The database is the one that <c>lexyhub</c> started for itself.</param>
public sealed record ProviderSettings(
    ProviderMode Mode, string? AzureEndpoint, string? AzureKey, string? OpenAIKey, string? OpenAIBaseUrl, bool IsEmbeddedDatabase)
{
    /// <summary>Set by the host that started the embedded database, not by people.</summary>
    public const string EmbeddedDatabaseKey = "Database:Embedded";

    private const string HowTo =
        "Set AZURE_OPENAI_ENDPOINT (with AZURE_OPENAI_API_KEY, or a managed identity) or OPENAI_API_KEY; "
        + "Providers:Mode=local makes lexical stand-ins without any service.";

    public static ProviderSettings Read(IConfiguration configuration, ProviderMode mode) => new(
        mode,
        Text(configuration, "AZURE_OPENAI_ENDPOINT"),
        Text(configuration, "AZURE_OPENAI_API_KEY"),
        Text(configuration, "OPENAI_API_KEY"),
        Text(configuration, "OPENAI_BASE_URL"),
        bool.TryParse(configuration[EmbeddedDatabaseKey], out var embedded) && embedded);

    /// <exception cref="JobException"><c>provider-not-configured</c>, 500: something is missing or malformed.</exception>
    public ProviderKind Choose()
    {
        var kind = Mode switch
        {
            ProviderMode.Local => ProviderKind.Local,
            ProviderMode.Azure => ProviderKind.Azure,
            ProviderMode.OpenAI => ProviderKind.OpenAI,
            _ when AzureEndpoint is not null => ProviderKind.Azure,
            _ when OpenAIKey is not null || OpenAIBaseUrl is not null => ProviderKind.OpenAI,
            _ when IsEmbeddedDatabase => ProviderKind.Local,
            _ => throw NotConfigured("No model provider is configured."),
        };
        switch (kind)
        {
            case ProviderKind.Azure:
                Check(AzureEndpoint ?? throw NotConfigured("Providers:Mode is azure, but AZURE_OPENAI_ENDPOINT is empty."), "AZURE_OPENAI_ENDPOINT", isSecret: true);
                break;
            case ProviderKind.OpenAI when OpenAIBaseUrl is not null:
                Check(OpenAIBaseUrl, "OPENAI_BASE_URL", isSecret: OpenAIKey is not null);
                break;
            case ProviderKind.OpenAI when OpenAIKey is null:
                throw NotConfigured("Providers:Mode is openai, but OPENAI_API_KEY is empty.");
        }

        return kind;
    }

    // Keys are left out, whoever prints this.
    public override string ToString() => $"{nameof(ProviderSettings)} {{ Mode = {Mode}, IsEmbeddedDatabase = {IsEmbeddedDatabase} }}";

    // The value is not repeated: an address can hold a key.
    private static void Check(string address, string name, bool isSecret)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp))
            throw NotConfigured($"{name} is no address that begins with https://.");

        if (isSecret && uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback)
            throw NotConfigured($"{name} begins with http://, over which a key would travel in clear: only this machine may be called so.");
    }

    private static JobException NotConfigured(string what) => new("provider-not-configured", 500, $"{what} {HowTo}");

    private static string? Text(IConfiguration configuration, string name)
        => configuration[name] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
}
