using System.Text.Json.Nodes;

namespace LexyHub.Core.Jobs;

/// <summary>Measures what a run's time went into, stage by stage.</summary>
internal sealed class StageClock(TimeProvider time)
{
    /// <summary>Until the job names its first stage.</summary>
    public const string First = "starting";

    // A job that made up a name for each batch would fill its row.
    private const int MaxStages = 40;

    private readonly Lock gate = new();
    private readonly List<(string Name, TimeSpan Spent)> stages = [];
    private long since = time.GetTimestamp();
    private string current = First;
    private bool wasBegun;

    /// <summary>From now on the run is in this stage.</summary>
    public void Begin(string stage)
    {
        lock (gate)
        {
            CloseCurrent();
            (current, wasBegun) = (stage, true);
        }
    }

    /// <summary>A report of progress in another stage. Where nobody began the one before, the time that went belongs to the
    /// one reported, as reports come after the work.</summary>
    public void Reported(string stage)
    {
        lock (gate)
        {
            if (stage.Length > 0 && stage != current)
            {
                if (wasBegun)
                {
                    CloseCurrent();
                }

                (current, wasBegun) = (stage, false);
                CloseCurrent();
            }
        }
    }

    /// <summary>Each stage with its whole milliseconds, in the order in which they were first entered.</summary>
    public JsonArray ToJson()
    {
        lock (gate)
        {
            CloseCurrent();
            return [.. stages.Select(stage => new JsonObject { ["stage"] = stage.Name, ["durationMs"] = (long)stage.Spent.TotalMilliseconds })];
        }
    }

    private void CloseCurrent()
    {
        var now = time.GetTimestamp();
        var spent = time.GetElapsedTime(since, now);
        since = now;
        var place = stages.FindIndex(stage => stage.Name == current);
        if (place >= 0)
        {
            stages[place] = (current, stages[place].Spent + spent);
        }
        else if (stages.Count < MaxStages && (current != First || spent >= TimeSpan.FromMilliseconds(1)))
        {
            stages.Add((current, spent));
        }
    }
}
