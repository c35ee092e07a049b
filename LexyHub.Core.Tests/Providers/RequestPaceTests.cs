using System.Net;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Logging.Abstractions;

namespace LexyHub.Core.Tests.Providers;

public sealed class RequestPaceTests : IDisposable
{
    private readonly RequestPace pace = new("Test", ceiling: 16, TimeProvider.System, NullLogger.Instance);

    public void Dispose() => pace.Dispose();

    [Fact]
    public async Task Answered_GoodAnswersBeforeAnyComplaint_AddOneEachUpToTheCeiling()
    {
        var windows = new List<int>();
        for (var i = 0; i < 17; i++)
        {
            windows.Add(pace.Window);
            await SendAsync(HttpStatusCode.OK);
        }

        Assert.Equal([.. Enumerable.Range(1, 16), 16], windows);
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.RequestTimeout)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(null)]
    public async Task Answered_Complaint_HalvesAndThenAddsOneForARoundOfAnswers(HttpStatusCode? complaint)
    {
        for (var i = 1; i < 8; i++)
            await SendAsync(HttpStatusCode.OK);

        await SendAsync(complaint);
        var halved = pace.Window;
        for (var i = 0; i < 5; i++)
            await SendAsync(HttpStatusCode.OK);

        Assert.Equal((4, 5), (halved, pace.Window));
        await SendAsync(complaint);
        await SendAsync(complaint);
        await SendAsync(complaint);
        Assert.Equal(1, pace.Window);
    }

    [Fact]
    public async Task Answered_ComplaintsOfRequestsThatWereUnderWayTogether_HalveOnce()
    {
        for (var i = 1; i < 8; i++)
            await SendAsync(HttpStatusCode.OK);

        using ProviderCall first = NewCall(), second = NewCall();
        ProviderCall.Current = first;
        using var one = await pace.EnterAsync(CancellationToken.None);
        ProviderCall.Current = second;
        using var other = await pace.EnterAsync(CancellationToken.None);
        using var busy = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        one.Answered(busy);
        other.Answered(busy);

        Assert.Equal(4, pace.Window);
    }

    private static ProviderCall NewCall() => new(tokens: 1, canBeDivided: true, CancellationToken.None, CancellationToken.None);

    /// <param name="status">Null: the connection broke.</param>
    private async Task SendAsync(HttpStatusCode? status)
    {
        using var call = NewCall();
        ProviderCall.Current = call;
        using var attempt = await pace.EnterAsync(CancellationToken.None);
        if (status is { } answered)
        {
            using var response = new HttpResponseMessage(answered);
            attempt.Answered(response);
        }
        else
        {
            attempt.Failed();
        }
    }
}
