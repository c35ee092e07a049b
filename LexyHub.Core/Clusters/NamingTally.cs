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

    public decimal CostUsd { get; private set; }

    public IReadOnlyList<ItemError> Errors => errors;

    public void Add(NamingAnswer answer, IReadOnlyList<ClusterToName> asked)
    {
        Named += answer.Names.Count;
        Failed += answer.Failures.Count;
        foreach (var cluster in asked.Where(cluster => answer.Failures.ContainsKey(cluster.Number)).Take(JobOutcome.MaxErrors - errors.Count))
        {
            errors.Add(new ItemError(
                $"cluster {cluster.Label}", $"It keeps this label, and is tried again at the next rebuild. {answer.Failures[cluster.Number]}"));
        }
    }

    public void Add(NamingUsage usage)
    {
        Requests += usage.Requests;
        Tokens += usage.Tokens;
        CostUsd += usage.CostUsd;
    }
}
