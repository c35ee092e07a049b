using System.Collections;

namespace LexyHub.Core.Telemetry;

/// <summary>What every line of a run's log has in its scope: job, run id and epoch.</summary>
internal sealed class RunScope(string job, Guid runId, long epoch) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 3;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("Job", job),
        1 => new("RunId", runId),
        2 => new("Epoch", epoch),
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, null),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"{job} run {runId} epoch {epoch}";
}
