using System.Net;
using LexyHub.Core.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Providers;

/// <summary>Asks a model behind an <see cref="IChatClient"/>, at the pace that its service bears.</summary>
/// <param name="service">As it is called in errors.</param>
internal sealed class ChatService(
    string service, string model, IChatClient client, RequestPace pace, SecretMask mask, ChatModelOptions options, ILogger<ChatService> logger)
    : IChatService, IDisposable
{
    private const string DeploymentSetting = "Providers:AzureChatDeployment";

    /// <summary>Questions of which nothing but failures was heard, one after the other, before the run is given up.</summary>
    private const int MaxFailuresInARow = 5;

    /// <summary>Rejections with no answer between them, after which it is the service that is at odds with us.</summary>
    private const int MaxRejectionsInARow = 16;

    private int _failuresInARow;
    private int _rejectionsInARow;

    public string Model => model;

    public int MaxConcurrency => options.MaxConcurrency;

    /// <summary>The pace at which requests begin.</summary>
    internal RequestPace Pace => pace;

    public decimal CostOf(long inputTokens, long outputTokens)
        => Math.Round(
            ((inputTokens * (decimal)options.InputPricePerMillionTokens) + (outputTokens * (decimal)options.OutputPricePerMillionTokens)) / 1_000_000,
            6);

    public async Task<ChatAnswer> AskAsync(ChatQuestion question, CancellationToken budget)
    {
        using var givenUp = new CancellationTokenSource();
        using var grace = budget.Register(() => givenUp.CancelAfter(options.StopGrace));
        using var call = new ProviderCall(question.EstimatedTokens, question.CanBeDivided, budget, givenUp.Token);
        ProviderCall.Current = call;
        var answer = await AskAsync(question, call) with { Requests = call.Requests };
        if (answer.Outcome == ChatOutcome.Complete)
            Log.ChatAnswered(logger, service, answer.InputTokens, answer.OutputTokens, answer.Outcome);
        else
            Log.ChatWithoutAnswer(logger, service, answer.Outcome, answer.Reason);
        return answer;
    }

    public void Dispose()
    {
        client.Dispose();
        pace.Dispose();
    }

    private async Task<ChatAnswer> AskAsync(ChatQuestion question, ProviderCall call)
    {
        try
        {
            var answer = Read(await client.GetResponseAsync(
                [new ChatMessage(ChatRole.System, question.Instructions), new ChatMessage(ChatRole.User, question.Data)],
                new ChatOptions
                {
                    Temperature = (float?)options.Temperature,
                    MaxOutputTokens = question.MaxOutputTokens,
                    ResponseFormat = ChatResponseFormat.ForJsonSchema(question.Schema, question.SchemaName),
                },
                call.GivenUp));
            return answer.Outcome == ChatOutcome.Unusable ? Unhealthy(answer) : Healthy(answer);
        }
        catch (ChatAnswerException e)
        {
            return Unhealthy(Without(ChatOutcome.Unusable, $"{service}: {e.Message}"));
        }
        catch (RequestOverLimitException e)
        {
            return Without(ChatOutcome.TooLarge, e.Message);
        }
        catch (ProviderRefusedException e)
        {
            return ReadRefusal(e);
        }
        catch (RemoteServiceException e) when (e.Code != "rate-limited")
        {
            return Unhealthy(Without(ChatOutcome.Failed, e.Message));
        }
    }

    private ChatAnswer Read(ChatResponse response)
    {
        var refusal = response.Messages.SelectMany(static message => message.Contents).OfType<ErrorContent>().FirstOrDefault();
        var (outcome, reason) = response.FinishReason?.Value switch
        {
            _ when refusal is not null => (ChatOutcome.Refused, $"{service} declined: {mask.Apply(refusal.Message)}"),
            "content_filter" => (ChatOutcome.Filtered, $"{service}'s content filter cut the answer off."),
            "length" => (ChatOutcome.Length, $"{service} cut the answer off at the most that it may write."),
            "stop" when response.Text.Length > 0 => (ChatOutcome.Complete, (string?)null),
            "stop" => (ChatOutcome.Unusable, $"{service} wrote nothing."),
            var other => (ChatOutcome.Unusable, $"{service} ended with {mask.Apply(other ?? "nothing")}."),
        };
        return new ChatAnswer(
            outcome, response.Text, reason, 0, response.Usage?.InputTokenCount ?? 0, response.Usage?.OutputTokenCount ?? 0);
    }

    private ChatAnswer ReadRefusal(ProviderRefusedException refused)
    {
        var refusal = refused.Refusal;
        if (refusal.Code is "content_filter" || refusal.Filtered.Count > 0)
            return Healthy(Without(ChatOutcome.Filtered, refused.Message));
        if (refusal.Code is "context_length_exceeded" || refusal.Status == HttpStatusCode.RequestEntityTooLarge)
            return Without(ChatOutcome.TooLarge, refused.Message);

        if (refusal.Status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity && !refusal.IsAboutSettings)
        {
            if (Interlocked.Increment(ref _rejectionsInARow) < MaxRejectionsInARow)
                return Without(ChatOutcome.Rejected, refused.Message);

            Interlocked.Exchange(ref _rejectionsInARow, 0);
            throw ProviderFailure.Refusing(refused);
        }

        return ProviderFailure.Find(refused, DeploymentSetting) is { } fatal
            ? throw fatal
            : Unhealthy(Without(ChatOutcome.Failed, refused.Message));
    }

    private static ChatAnswer Without(ChatOutcome outcome, string reason) => new(outcome, "", reason, 0, 0, 0);

    private ChatAnswer Healthy(ChatAnswer answer)
    {
        Interlocked.Exchange(ref _failuresInARow, 0);
        Interlocked.Exchange(ref _rejectionsInARow, 0);
        return answer;
    }

    private ChatAnswer Unhealthy(ChatAnswer answer)
    {
        if (Interlocked.Increment(ref _failuresInARow) < MaxFailuresInARow)
            return answer;

        Interlocked.Exchange(ref _failuresInARow, 0);
        throw ProviderFailure.Failing(answer.Reason!);
    }
}
