using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Configuration;

namespace LexyHub.Core.Tests.Providers;

public sealed class ProviderSettingsTests
{
    private const string Azure = "https://lexyhub.openai.azure.com/";

    private static readonly ProviderSettings s_none = new(ProviderMode.Auto, null, null, null, null, IsEmbeddedDatabase: false);

    public static TheoryData<ProviderSettings, ProviderKind> Chosen => new()
    {
        { s_none with { IsEmbeddedDatabase = true }, ProviderKind.Local },
        { s_none with { Mode = ProviderMode.Local }, ProviderKind.Local },
        { s_none with { Mode = ProviderMode.Local, OpenAIKey = "sk-1" }, ProviderKind.Local },
        { s_none with { OpenAIKey = "sk-1" }, ProviderKind.OpenAI },
        { s_none with { OpenAIKey = "sk-1", IsEmbeddedDatabase = true }, ProviderKind.OpenAI },
        { s_none with { OpenAIBaseUrl = "http://models.internal:8080/v1" }, ProviderKind.OpenAI },
        { s_none with { OpenAIKey = "sk-1", OpenAIBaseUrl = "http://127.0.0.1:8080/v1" }, ProviderKind.OpenAI },
        { s_none with { AzureEndpoint = Azure }, ProviderKind.Azure },
        { s_none with { AzureEndpoint = Azure, OpenAIKey = "sk-1" }, ProviderKind.Azure },
        { s_none with { AzureEndpoint = Azure, OpenAIKey = "sk-1", Mode = ProviderMode.OpenAI }, ProviderKind.OpenAI },
    };

    public static TheoryData<ProviderSettings, string> NotConfigured => new()
    {
        { s_none, "No model provider is configured" },
        { s_none with { AzureKey = "secret-key" }, "No model provider is configured" },
        { s_none with { Mode = ProviderMode.OpenAI, IsEmbeddedDatabase = true }, "OPENAI_API_KEY is empty" },
        { s_none with { Mode = ProviderMode.Azure, AzureKey = "secret-key" }, "AZURE_OPENAI_ENDPOINT is empty" },
        { s_none with { AzureEndpoint = "secret-key" }, "AZURE_OPENAI_ENDPOINT is no address" },
        { s_none with { AzureEndpoint = "http://lexyhub.openai.azure.com/" }, "in clear" },
        { s_none with { OpenAIKey = "secret-key", OpenAIBaseUrl = "http://models.internal:8080/v1" }, "in clear" },
        { s_none with { OpenAIBaseUrl = "ftp://secret-key" }, "OPENAI_BASE_URL is no address" },
    };

    [Theory]
    [MemberData(nameof(Chosen))]
    public void Choose_WhatIsConfigured_TakesIt(ProviderSettings settings, ProviderKind expected) => Assert.Equal(expected, settings.Choose());

    [Theory]
    [MemberData(nameof(NotConfigured))]
    public void Choose_SomethingMissingOrWrong_SaysWhatToSetWithoutSecrets(ProviderSettings settings, string expected)
    {
        var error = Assert.Throws<JobException>(() => settings.Choose());

        Assert.Equal(("provider-not-configured", 500), (error.Code, error.StatusCode));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-key", error.Message + settings, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Settings_AreTrimmedAndBlankOnesAreNone()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["OPENAI_API_KEY"] = " sk-1\n",
            ["OPENAI_BASE_URL"] = " ",
            ["Database:Embedded"] = "true",
        }).Build();

        Assert.Equal(s_none with { OpenAIKey = "sk-1", IsEmbeddedDatabase = true }, ProviderSettings.Read(configuration, ProviderMode.Auto));
    }
}
