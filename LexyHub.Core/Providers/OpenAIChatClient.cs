using System.Runtime.CompilerServices;
using LexyHub.Core.Http;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.AI;
using ChatClient = OpenAI.Chat.ChatClient;

namespace LexyHub.Core.Providers;

/// <summary>
/// The chat client of the OpenAI SDK, or Azure's derived from it, as an <see cref="IChatClient"/>. As with embeddings, only the
/// SDK's address, credentials and pipeline are used; both bodies are ours, see <see cref="ChatWire"/>.
/// </summary>
/// <param name="sentModel">Null at Azure, where the address names the deployment.</param>
internal sealed class OpenAIChatClient(ChatClient client, ProviderExchange exchange, string? sentModel) : IChatClient
{
    /// <param name="options"><c>ResponseFormat</c>, <c>MaxOutputTokens</c> and <c>Temperature</c> are sent; a schema always as strict.</param>
    /// <exception cref="ProviderRefusedException">The answer is no 2xx.</exception>
    /// <exception cref="ChatAnswerException">The answer is not of the wire format.</exception>
    /// <exception cref="RemoteServiceException">There is no answer, or its wait would outlast the run.</exception>
    /// <exception cref="JobException"><c>provider-unauthorized</c>: the identity gives no token.</exception>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => exchange.SendAsync(
            ChatWire.Request(messages, options, sentModel), client.CompleteChatAsync, static body => ChatWire.ReadAnswer(body), cancellationToken);

    // Nothing here reads an answer before its end.
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var response = await GetResponseAsync(messages, options, cancellationToken);
        foreach (var update in response.ToChatResponseUpdates())
            yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : serviceType == typeof(ChatClient) ? client : null;

    public void Dispose()
    {
        // The client's transport belongs to whoever made it.
    }
}
