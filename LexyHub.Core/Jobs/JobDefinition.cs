using Cronos;

namespace LexyHub.Core.Jobs;

/// <summary>A job as the outside knows it.</summary>
/// <param name="Name">As in the URL and in <c>job_runs.job_name</c>.</param>
/// <param name="Schedule">Six-field NCrontab, UTC.</param>
/// <param name="Description">One line for help texts and the API.</param>
/// <param name="AutomationSetting">A setting that must be true for the job's timer to do anything; null for a timer that always does.</param>
public sealed record JobDefinition(string Name, string Schedule, string Description, string? AutomationSetting = null)
{
    private readonly CronExpression expression = CronExpression.Parse(Schedule, CronFormat.IncludeSeconds);

    /// <returns>The first time due after <paramref name="instant"/>.</returns>
    public DateTimeOffset NextDue(DateTimeOffset instant)
        => expression.GetNextOccurrence(instant.UtcDateTime) is { } next
            ? new DateTimeOffset(next, TimeSpan.Zero)
            : throw new InvalidOperationException($"The schedule '{Schedule}' of {Name} is never due.");

    /// <returns>The time between the next two times due after <paramref name="instant"/>.</returns>
    public TimeSpan CadenceAt(DateTimeOffset instant) => NextDue(NextDue(instant)) - NextDue(instant);

    /// <returns>The last time due at or before <paramref name="instant"/>, looking back 32 days; null where there is none.</returns>
    public DateTimeOffset? LastDue(DateTimeOffset instant)
    {
        // Cronos looks forward only. Cadences are of hours or days: widen the window until one is in it.
        foreach (var hours in (int[])[1, 25, 32 * 24])
        {
            var last = expression
                .GetOccurrences(instant.UtcDateTime.AddHours(-hours), instant.UtcDateTime, fromInclusive: true, toInclusive: true)
                .Cast<DateTime?>()
                .LastOrDefault();
            if (last is { } found)
            {
                return new DateTimeOffset(found, TimeSpan.Zero);
            }
        }

        return null;
    }
}
