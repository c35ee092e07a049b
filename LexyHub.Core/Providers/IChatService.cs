using System.Text;
using System.Text.Json;
using LexyHub.Core.Http;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Providers;

/// <summary>
/// Asks one chat model of one provider for JSON of a given schema, at the pace that its service bears. Safe to share: many
/// questions may be asked at once, and wait for each other here.
/// </summary>
public interface IChatService
{
    /// <summary>As it is stored.</summary>
    string Model { get; }

    /// <summary>So many questions at once can be of use; more of them would only wait.</summary>
    int MaxConcurrency { get; }

    /// <summary>In US dollars, by the configured prices.</summary>
    decimal CostOf(long inputTokens, long outputTokens);

    /// <summary>
    /// Asks once. Rate limits, passing trouble and broken connections are repeated below; what a model answered is not: whoever
    /// asks knows better whether to ask for less. Nothing in the answer is to be trusted beyond what <see cref="ChatOutcome"/> says.
    /// </summary>
    /// <param name="budget">
    /// Once it is cancelled, no request begins any more; one that is under way gets <see cref="ChatModelOptions.StopGrace"/> to end,
    /// because it is paid for. <see cref="HttpDeadline"/> keeps waits from beginning that could not end in time.
    /// </param>
    /// <exception cref="JobException">
    /// Nothing can go on: <c>provider-unauthorized</c>, <c>provider-quota-exhausted</c>, <c>provider-deployment-not-found</c>,
    /// <c>provider-refused</c> or <c>provider-failing</c>.
    /// </exception>
    /// <exception cref="RemoteServiceException"><c>rate-limited</c>: the wait that is asked for outlasts the budget.</exception>
    /// <exception cref="OperationCanceledException">The budget ended before an answer was there.</exception>
    Task<ChatAnswer> AskAsync(ChatQuestion question, CancellationToken budget);
}

/// <summary>Knows which chat model the settings choose.</summary>
public interface IChatServiceFactory
{
    /// <returns>The service that the settings choose, the same one each time; null with the local provider, which has no chat model.</returns>
    /// <exception cref="JobException"><c>provider-not-configured</c>, 500.</exception>
    IChatService? Resolve();
}

/// <summary>One request.</summary>
/// <param name="Instructions">Ours alone: the system message.</param>
/// <param name="Data">What others wrote, as data: the user's message.</param>
/// <param name="SchemaName">Letters, digits, <c>_</c> and <c>-</c>, at most 64.</param>
/// <param name="Schema">In the subset that strict mode knows: every property required, <c>additionalProperties</c> false.</param>
/// <param name="MaxOutputTokens">Where the answer is cut off; counts towards the service's rate limit.</param>
public sealed record ChatQuestion(string Instructions, string Data, string SchemaName, JsonElement Schema, int MaxOutputTokens)
{
    /// <summary>A smaller question is possible: one that is over the service's limits is given back as <see cref="ChatOutcome.TooLarge"/>.</summary>
    public bool CanBeDivided { get; init; }

    /// <summary>Tokens that the service is likely to count against its limit: a quarter of the UTF-8 bytes, and the most that it may write.</summary>
    public long EstimatedTokens => (Bytes / 4) + MaxOutputTokens;

    /// <summary>Tokens that it may cost at most, as the cap of a day needs to know beforehand: two bytes a token at the least.</summary>
    public long MostTokens => (Bytes / 2) + MaxOutputTokens;

    private long Bytes => Encoding.UTF8.GetByteCount(Instructions) + Encoding.UTF8.GetByteCount(Data);
}

/// <summary>What came of a question.</summary>
/// <param name="Text">What the model wrote; with <see cref="ChatOutcome.Length"/> its beginning, else empty where it wrote nothing.</param>
/// <param name="Reason">In the service's words or ours, without secrets; null where the answer is complete.</param>
/// <param name="Requests">Sent for it, repetitions included.</param>
/// <param name="InputTokens">As billed; 0 where the service does not say.</param>
/// <param name="OutputTokens">As billed; 0 where the service does not say.</param>
public sealed record ChatAnswer(ChatOutcome Outcome, string Text, string? Reason, int Requests, long InputTokens, long OutputTokens);

/// <summary>How an answer ended.</summary>
public enum ChatOutcome
{
    /// <summary>The model came to its end. That the text is what was asked for is still to be checked.</summary>
    Complete,

    /// <summary>Cut off at <see cref="ChatQuestion.MaxOutputTokens"/>: ask for less at once.</summary>
    Length,

    /// <summary>The model declined.</summary>
    Refused,

    /// <summary>The service's content filter struck, at the question or at the answer.</summary>
    Filtered,

    /// <summary>Over the model's context or the service's rate limit: ask for less at once.</summary>
    TooLarge,

    /// <summary>The service will not have this question (any other 4xx); others may pass.</summary>
    Rejected,

    /// <summary>200, but no answer of the wire format in it.</summary>
    Unusable,

    /// <summary>No answer, after all repetitions; nothing is wrong with the question.</summary>
    Failed,
}
