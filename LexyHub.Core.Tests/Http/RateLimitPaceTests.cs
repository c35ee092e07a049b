using System.Net;
using LexyHub.Core.Http;

namespace LexyHub.Core.Tests.Http;

public sealed class RateLimitPaceTests
{
    private readonly AutoElapsingTime _time = new();

    [Theory]
    [InlineData("0.0")]
    [InlineData("0.5")]
    public async Task WaitAsync_NothingLeft_WaitsForTheNewPeriod(string remaining)
    {
        var pace = new RateLimitPace("Test service", _time);
        Observe(pace, remaining, "51");

        await pace.WaitAsync(CancellationToken.None);

        Assert.Equal(TimeSpan.FromSeconds(51), Assert.Single(_time.Waits));
    }

    [Theory]
    [InlineData("996.0", "11")]
    [InlineData("1", "11")]
    [InlineData("0", "nonsense")]
    [InlineData("nonsense", "11")]
    public async Task WaitAsync_SomethingLeftOrUnclear_DoesNotWait(string remaining, string reset)
    {
        var pace = new RateLimitPace("Test service", _time);
        Observe(pace, remaining, reset);

        await pace.WaitAsync(CancellationToken.None);

        Assert.Empty(_time.Waits);
    }

    [Fact]
    public async Task WaitAsync_LongerThanTheRun_FailsAtOnce()
    {
        var pace = new RateLimitPace("Test service", _time);
        Observe(pace, "0.0", "51");

        using (HttpDeadline.Use(_time.GetUtcNow().AddSeconds(50)))
        {
            var error = await Assert.ThrowsAsync<RemoteServiceException>(() => pace.WaitAsync(CancellationToken.None));
            Assert.Equal(
                "Test service takes no more requests for 51 s, which is longer than this run lasts.", error.Message);
        }

        Assert.Empty(_time.Waits);
    }

    private static void Observe(RateLimitPace pace, string remaining, string reset)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.OK);
        response.Headers.TryAddWithoutValidation("x-ratelimit-remaining", remaining);
        response.Headers.TryAddWithoutValidation("x-ratelimit-reset", reset);
        pace.Observe(response);
    }
}
