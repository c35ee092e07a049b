using System.ComponentModel.DataAnnotations;

namespace LexyHub.Core.Providers;

/// <summary>Where models are asked for; section <c>Providers</c>. Addresses and keys are in <see cref="ProviderSettings"/>.</summary>
public sealed class ProviderOptions
{
    public ProviderMode Mode { get; set; } = ProviderMode.Auto;

    /// <summary>Azure's name for the deployment of the embedding model; empty means that it is called like the model.</summary>
    public string AzureEmbeddingDeployment { get; set; } = "";

    /// <summary>Classifies and names; as it is stored. It must know <c>response_format</c> <c>json_schema</c>.</summary>
    [Required]
    public string ChatModel { get; set; } = "gpt-4o-mini";

    /// <summary>Azure's name for the deployment of the chat model; empty means that it is called like the model.</summary>
    public string AzureChatDeployment { get; set; } = "";
}

/// <summary>The choice of a provider as it is configured.</summary>
public enum ProviderMode
{
    /// <summary>Azure where its endpoint is set, else OpenAI where a key or an address is, else local on the embedded database.</summary>
    Auto,
    OpenAI,
    Azure,

    /// <summary>Lexical stand-ins that run in this process.</summary>
    Local,
}

/// <summary>The provider that was chosen.</summary>
public enum ProviderKind
{
    OpenAI,
    Azure,
    Local,
}
