using System.Globalization;
using System.Text.Json.Nodes;

namespace LexyHub.Core.Jobs;

/// <summary>Why a job does not run by itself.</summary>
/// <param name="By">Who paused it, as they gave their name.</param>
/// <param name="Reason">For whoever wonders.</param>
/// <param name="Since">UTC, by the database's clock.</param>
/// <param name="Until">UTC; null until somebody resumes it.</param>
public sealed record JobPause(string By, string Reason, DateTimeOffset Since, DateTimeOffset? Until)
{
    /// <summary>Of <see cref="By"/>, in characters.</summary>
    public const int MaxByLength = 100;

    /// <summary>Of <see cref="Reason"/>, in characters.</summary>
    public const int MaxReasonLength = 500;

    /// <summary>As the API shows it.</summary>
    public JsonObject ToJson() => new() { ["by"] = By, ["reason"] = Reason, ["since"] = Since, ["until"] = Until };

    /// <returns>What is wrong with a pause that is asked for, as a sentence; null where nothing is.</returns>
    /// <param name="by">Who asks.</param>
    /// <param name="reason">Why.</param>
    /// <param name="until">When it ends by itself.</param>
    /// <param name="now">UTC.</param>
    public static string? Check(string? by, string? reason, DateTimeOffset? until, DateTimeOffset now)
    {
        if (Wrong(reason, MaxReasonLength))
        {
            return $"A pause needs a reason for whoever wonders: 1 to {MaxReasonLength} characters in one line.";
        }

        if (Wrong(by, MaxByLength))
        {
            return $"The name of who pauses must have 1 to {MaxByLength} characters in one line.";
        }

        return until <= now
            ? $"The pause would end at {Instant(until.Value)}, which has passed; leave it out to pause until the job is resumed."
            : null;

        static bool Wrong(string? text, int maxLength)
            => string.IsNullOrWhiteSpace(text) || text.Length > maxLength || text.Any(char.IsControl);
    }

    /// <summary>One sentence for whoever meets it.</summary>
    public override string ToString()
        => $"Paused by {By} since {Instant(Since)}{(Until is { } until ? $" until {Instant(until)}" : "")}: {Reason}";

    private static string Instant(DateTimeOffset instant)
        => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
