using Spectre.Console;

namespace LexyHub.Cli.Output;

/// <summary>How far something is.</summary>
/// <param name="Stage">What it does now; may be empty.</param>
/// <param name="Done">Items done.</param>
/// <param name="Failed">Items that failed.</param>
/// <param name="Remaining">Items still to do; null where it is not known.</param>
/// <param name="Detail">What was done last; null where there is nothing to say.</param>
/// <param name="IsMilestone">Worth a line where lines are few.</param>
internal sealed record ProgressStep(
    string Stage, long Done, long Failed = 0, long? Remaining = null, string? Detail = null, bool IsMilestone = false)
{
    public override string ToString()
    {
        var parts = new List<string>();
        if (Stage.Length > 0)
        {
            parts.Add(Stage);
        }

        parts.Add($"{Amounts.Count(Done)} done");
        if (Failed > 0)
        {
            parts.Add($"{Amounts.Count(Failed)} failed");
        }

        if (Remaining is { } remaining)
        {
            parts.Add($"{Amounts.Count(remaining)} to do");
        }

        if (Detail is not null)
        {
            parts.Add(Detail);
        }

        return string.Join(", ", parts);
    }
}

/// <summary>Shows progress on standard error: a bar on a terminal, a line now and then in a pipe.</summary>
internal sealed class ProgressView(CliConsole console, TimeProvider time)
{
    public async Task<T> TrackAsync<T>(string title, Func<IProgress<ProgressStep>, Task<T>> work)
    {
        if (!console.IsLive)
        {
            return await work(new Lines(console, time, title));
        }

        return await console.Error.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new ElapsedTimeColumn())
            .StartAsync(context =>
            {
                var task = context.AddTask(Markup.Escape(title), maxValue: 1);
                task.IsIndeterminate = true;
                return work(new Bar(task, title));
            });
    }

    // Reports come from whichever thread works: no Progress<T>, which would put them out of order.
    private sealed class Bar(ProgressTask task, string title) : IProgress<ProgressStep>
    {
        public void Report(ProgressStep value)
        {
            task.Description = Markup.Escape($"{title}: {value}");
            task.IsIndeterminate = value.Remaining is null;
            if (value.Remaining is { } remaining)
            {
                task.MaxValue = Math.Max(1, value.Done + value.Failed + remaining);
                task.Value = value.Done + value.Failed;
            }
        }
    }

    private sealed class Lines(CliConsole console, TimeProvider time, string title) : IProgress<ProgressStep>
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

        private readonly Lock gate = new();
        private string? stage;
        private long shownAt;

        public void Report(ProgressStep value)
        {
            lock (gate)
            {
                if (!value.IsMilestone && value.Stage == stage && time.GetElapsedTime(shownAt) < Interval)
                {
                    return;
                }

                stage = value.Stage;
                shownAt = time.GetTimestamp();
                console.Note($"{title}: {value}");
            }
        }
    }
}
