using System.Net;
using LexyHub.Core.Http;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;

namespace LexyHub.Core.Embeddings;

/// <summary>One packed request, with what has to be done where it is refused or answered wrongly.</summary>
/// <param name="close">Ends a text and tells all inputs that hold it.</param>
internal sealed class EmbeddingBatch(
    EmbeddingService service, VectorRoom.Lease room, Func<PendingText, IEnumerable<EmbeddingInput>> close,
    CancellationToken stopping, CancellationToken givenUp)
{
    /// <summary>The first try included.</summary>
    private const int MaxUnusableAnswers = 3;

    /// <summary>Refusals of single texts, with no vector at all, after which it is the service that is at odds with us.</summary>
    private const int MaxRefusedWithoutSuccess = 16;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);

    private readonly List<EmbeddedText> _embedded = [];
    private readonly List<RejectedText> _rejected = [];
    private readonly List<FailedBatch> _failed = [];
    private int _answered;
    private int _refusedTexts;
    private int _requests;
    private long _tokens;

    /// <summary>What has come of it so far; also what was paid for before a failure.</summary>
    public EmbeddingBatchResult Result => new(_embedded, _rejected, _failed, _requests, _tokens);

    /// <exception cref="JobException">Nothing can go on.</exception>
    /// <exception cref="RemoteServiceException"><c>rate-limited</c>.</exception>
    public async Task SendAsync(List<PendingText> texts)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await AskAsync(texts);
                return;
            }
            catch (EmbeddingAnswerException e)
            {
                ServiceLog.UnusableAnswer(service.Logger, service.Name, texts.Count, attempt, e.Message);
                if (attempt == MaxUnusableAnswers)
                {
                    Fail(texts, $"{service.Name}: {e.Message}");
                    return;
                }

                await service.PauseAsync(s_firstPause * Math.Pow(2, attempt - 1), stopping);
            }
            catch (RequestOverLimitException)
            {
                await SendHalvesAsync(texts);
                return;
            }
            catch (ProviderRefusedException e) when (IsAboutTexts(e.Refusal))
            {
                if (texts.Count == 1)
                {
                    Reject(texts[0], e);
                    return;
                }

                ServiceLog.Dividing(service.Logger, service.Name, texts.Count, e.Refusal.Code ?? $"{(int)e.Refusal.Status}");
                await SendHalvesAsync(texts);
                return;
            }
            catch (ProviderRefusedException e)
            {
                if (ProviderFailure.Find(e, EmbeddingService.DeploymentSetting) is { } fatal)
                    throw fatal;

                Fail(texts, e.Message);
                return;
            }
            catch (RemoteServiceException e) when (e.Code != "rate-limited")
            {
                Fail(texts, e.Message);
                return;
            }
        }
    }

    private async Task SendHalvesAsync(List<PendingText> texts)
    {
        var middle = texts.Count / 2;
        await SendAsync(texts[..middle]);
        await SendAsync(texts[middle..]);
    }

    private async Task AskAsync(List<PendingText> texts)
    {
        var counted = texts.Sum(static text => (long)text.Tokens);
        var estimated = texts.Sum(static text => (long)text.Utf8Bytes) / RequestLimits.BytesPerEstimatedToken;
        using var call = new EmbeddingCall(Math.Max(counted, estimated), texts.Count > 1, room, _answered, stopping, givenUp);
        ProviderCall.Current = call;
        try
        {
            var answer = await service.Generator.GenerateAsync([.. texts.Select(static text => text.SentText)], cancellationToken: call.GivenUp);
            _tokens += answer.Usage?.InputTokenCount is > 0 and var billed ? billed : counted;
            _answered += texts.Count;
            for (var i = 0; i < texts.Count; i++)
            {
                foreach (var input in close(texts[i]))
                    _embedded.Add(new EmbeddedText(input, answer[i].Vector, texts[i].Tokens, texts[i].Truncated));
            }
        }
        finally
        {
            _requests += call.Requests;
        }
    }

    private static bool IsAboutTexts(ProviderRefusal refusal)
        => refusal.Status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity
            && !refusal.IsAboutSettings;

    private void Reject(PendingText text, ProviderRefusedException refused)
    {
        // Not one text has got through: it is not the texts. None of them is to be blamed.
        if (_embedded.Count == 0 && ++_refusedTexts >= MaxRefusedWithoutSuccess)
        {
            _rejected.Clear();
            throw ProviderFailure.Refusing(refused);
        }

        foreach (var input in close(text))
            _rejected.Add(new RejectedText(input, refused.Message));
    }

    private void Fail(List<PendingText> texts, string reason)
    {
        ServiceLog.BatchFailed(service.Logger, texts.Count, reason);
        _failed.Add(new FailedBatch([.. texts.SelectMany(close)], reason));
    }
}
