using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace LexyHub.Core.Http;

/// <summary>How long a service asks us to wait, in the dialects of Reddit, Pinterest, Google, OpenAI, Azure and Etsy.</summary>
public static partial class RetryAfter
{
    // A reset larger than this is a moment in Unix seconds, not a length of time.
    private const double FirstUnixSecond = 1_000_000_000;

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(365);

    /// <returns>A positive time, or null where the answer asks for none. 0 and −1 are seen in the wild and mean none.</returns>
    public static TimeSpan? Read(HttpResponseMessage response, DateTimeOffset now)
        => FromMilliseconds(Header(response, "retry-after-ms"))
            ?? FromSecondsOrDate(response, now)
            ?? FromRateLimit(response, now);

    /// <summary>Reads <c>20ms</c>, <c>1m3s</c>, <c>1h2m3.5s</c>, seconds (<c>51</c>, <c>51.5</c>) and Unix seconds.</summary>
    /// <returns>Null for anything else and for what is not positive.</returns>
    public static TimeSpan? ParseReset(string? text, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;

        text = text.Trim();
        if (TryNumber(text, out var seconds))
            return Positive(seconds >= FirstUnixSecond ? seconds - (now.ToUnixTimeMilliseconds() / 1_000d) : seconds);

        var match = Duration().Match(text);
        return match.Success
            ? Positive((Part(match, "d") * 86_400) + (Part(match, "h") * 3_600) + (Part(match, "m") * 60)
                + Part(match, "s") + (Part(match, "ms") / 1_000))
            : null;
    }

    /// <summary>
    /// The wait that an error's text names: OpenAI's "try again in 176ms", Azure's "retry after 7 seconds". Headers, where
    /// there are any, are better.
    /// </summary>
    public static TimeSpan? FromText(string text)
    {
        var match = InText().Match(text);
        return match.Success ? ParseReset(match.Groups["time"].Value, DateTimeOffset.UnixEpoch) : null;
    }

    private static TimeSpan? FromMilliseconds(string? text)
        => TryNumber(text, out var milliseconds) ? Positive(milliseconds / 1_000) : null;

    private static TimeSpan? FromSecondsOrDate(HttpResponseMessage response, DateTimeOffset now)
    {
        var text = Header(response, "Retry-After");
        if (TryNumber(text, out var seconds))
            return Positive(seconds);

        // The service's own clock, where it is given: ours may be minutes off.
        return DateTimeOffset.TryParseExact(
            text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? Positive((date - (response.Headers.Date ?? now)).TotalSeconds)
            : null;
    }

    // Limits are also sent with answers that have nothing to do with them, so only a refusal counts,
    // and of several limits only the one that is used up.
    private static TimeSpan? FromRateLimit(HttpResponseMessage response, DateTimeOffset now)
    {
        if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
            return null;

        TimeSpan? longest = null;
        foreach (var kind in (ReadOnlySpan<string>)["", "-requests", "-tokens"])
        {
            var usedUp = !TryNumber(Header(response, "x-ratelimit-remaining" + kind), out var remaining) || remaining < 1;
            if (usedUp && ParseReset(Header(response, "x-ratelimit-reset" + kind), now) is { } wait
                && (longest is null || wait > longest))
            {
                longest = wait;
            }
        }

        return longest;
    }

    internal static string? Header(HttpResponseMessage response, string name)
        => response.Headers.TryGetValues(name, out var values) ? values.First() : null;

    internal static bool TryNumber(string? text, out double number)
        => double.TryParse(
                text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite
                    | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out number)
            && double.IsFinite(number);

    private static TimeSpan? Positive(double seconds)
        => seconds <= 0 ? null
            : seconds >= s_longest.TotalSeconds ? s_longest
            : TimeSpan.FromSeconds(seconds);

    private static double Part(Match match, string name)
        => TryNumber(match.Groups[name].Value, out var number) ? number : 0;

    [GeneratedRegex(
        @"^(?=\d)((?<d>\d+)d)?((?<h>\d+)h)?((?<m>\d+)m(?!s))?((?<s>\d+(\.\d+)?)s)?((?<ms>\d+(\.\d+)?)ms)?$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Duration();

    [GeneratedRegex(
        @"(?:try again in|retry after) (?<time>(?:\d+(?:\.\d+)?(?:ms|[dhms]))+|\d+(?:\.\d+)?(?= ?seconds?\b))",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex InText();
}
