using System.Net;
using LexyHub.Core.Http;

namespace LexyHub.Core.Tests.Http;

public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset s_now = new(2026, 4, 15, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("20ms", 0.02)]
    [InlineData("8.64s", 8.64)]
    [InlineData("1m3s", 63.0)]
    [InlineData("6m0s", 360.0)]
    [InlineData("1h2m3.5s", 3723.5)]
    [InlineData("1d", 86_400.0)]
    [InlineData("51", 51.0)]
    [InlineData(" 51.5 ", 51.5)]
    [InlineData("1776254430", 30.0)]
    [InlineData("99999999999999", 365 * 86_400.0)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("0s", null)]
    [InlineData("NaN", null)]
    [InlineData("1e3", null)]
    [InlineData("soon", null)]
    [InlineData("3s1m", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void ParseReset_Text_GivesSeconds(string? text, double? seconds)
        => Assert.Equal(seconds, RetryAfter.ParseReset(text, s_now)?.TotalSeconds);

    [Theory]
    [InlineData("Please try again in 176ms.", 0.176)]
    [InlineData("Please try again in 1m3s. Visit …", 63.0)]
    [InlineData("Please retry after 7 seconds.", 7.0)]
    [InlineData("Please retry after 1 second.", 1.0)]
    [InlineData("Please retry after 86400 seconds.", 86_400.0)]
    [InlineData("Please retry later.", null)]
    public void FromText_Text_GivesSeconds(string text, double? seconds)
        => Assert.Equal(seconds, RetryAfter.FromText(text)?.TotalSeconds);

    [Theory]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("Wed, 15 Apr 2026 11:00:00 GMT")]
    [InlineData("tomorrow")]
    public void Read_NoPositiveWait_IsNull(string retryAfter)
    {
        using var response = Refusal(("Retry-After", retryAfter));

        Assert.Null(RetryAfter.Read(response, s_now));
    }

    [Fact]
    public void Read_SeveralHeaders_TakesTheFinest()
    {
        using var response = Refusal(("Retry-After", "7"), ("retry-after-ms", "6500"), ("x-ratelimit-reset", "51"));

        Assert.Equal(6.5, RetryAfter.Read(response, s_now)?.TotalSeconds);
    }

    [Fact]
    public void Read_TwoLimits_TakesTheOneUsedUp()
    {
        using var response = Refusal(
            ("x-ratelimit-remaining-requests", "2999"), ("x-ratelimit-reset-requests", "8h"),
            ("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "12s"));

        Assert.Equal(12, RetryAfter.Read(response, s_now)?.TotalSeconds);
    }

    [Fact]
    public void Read_LimitsOfASuccess_AskForNothing()
    {
        using var response = Refusal(("x-ratelimit-remaining", "996.0"), ("x-ratelimit-reset", "11"));
        response.StatusCode = HttpStatusCode.OK;

        Assert.Null(RetryAfter.Read(response, s_now));
    }

    [Fact]
    public void Read_DateByAClockThatIsWrong_CountsByThatClock()
    {
        using var response = Refusal(
            ("Date", "Wed, 15 Apr 2026 10:00:00 GMT"), ("Retry-After", "Wed, 15 Apr 2026 10:00:20 GMT"));

        Assert.Equal(20, RetryAfter.Read(response, s_now)?.TotalSeconds);
    }

    private static HttpResponseMessage Refusal(params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        foreach (var (name, value) in headers)
            Assert.True(response.Headers.TryAddWithoutValidation(name, value));
        return response;
    }
}
