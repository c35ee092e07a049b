using LexyHub.Core.Jobs;

namespace LexyHub.Core.Clusters;

/// <summary>What a run has had named by a model.</summary>
internal sealed class NamingTally
{
    private readonly List<ItemError> errors = [];

    public int Named { get; private set; }

    public int Failed { get; private set; }

    public int Requests { get; private set; }

    public long Tokens { get; private set; }

    public IReadOnlyList<ItemError> Errors => errors;

    /// <param name="labels">Of the clusters that were asked for, as they are called so far.</param>
    public void Add(NamingAnswer answer, IReadOnlyDictionary<int, string> labels)
    {
        Named += answer.Names.Count;
        Failed += answer.Failures.Count;
        Requests += answer.Requests;
        Tokens += answer.Tokens;
        foreach (var (number, reason) in answer.Failures.OrderBy(failure => failure.Key).Take(JobOutcome.MaxErrors - errors.Count))
        {
            errors.Add(new ItemError($"cluster {labels[number]}", $"It keeps this label, and is tried again at the next rebuild. {reason}"));
        }
    }
}
