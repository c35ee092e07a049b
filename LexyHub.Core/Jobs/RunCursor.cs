using System.Globalization;

namespace LexyHub.Core.Jobs;

/// <summary>A place in a job's runs, newest first: what comes after it started earlier.</summary>
/// <param name="StartedAt">UTC, to the microsecond.</param>
/// <param name="Id">The run; the smallest id where only an instant is given.</param>
internal sealed record RunCursor(DateTimeOffset StartedAt, Guid Id)
{
    private const string Format = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    public static RunCursor Of(JobRun run) => new(run.StartedAt, run.Id);

    /// <param name="text">As <see cref="ToString"/> gives it, or an instant with its offset.</param>
    /// <returns>Null where it is neither.</returns>
    public static RunCursor? Parse(string text)
    {
        var parts = text.Split('~');
        return DateTimeOffset.TryParse(parts[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? parts switch
            {
                [_] => new RunCursor(instant, Guid.Empty),
                [_, var id] when Guid.TryParse(id, out var run) => new RunCursor(instant, run),
                _ => null,
            }
            : null;
    }

    public override string ToString() => $"{StartedAt.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture)}~{Id}";
}
