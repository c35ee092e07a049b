namespace LexyHub.Core.Jobs;

/// <summary>The quarantines of all jobs, in the catalogue's order: what the API and the command line show.</summary>
public sealed class Quarantines(IEnumerable<IQuarantine> quarantines)
{
    private readonly IReadOnlyList<IQuarantine> ordered =
        [.. JobCatalog.All.SelectMany(job => quarantines.Where(quarantine => quarantine.Job == job.Name))];

    /// <summary>The kinds of items.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["keyword", "listing"];

    /// <summary>Jobs that have a quarantine.</summary>
    public IReadOnlyList<string> Jobs => [.. ordered.Select(quarantine => quarantine.Job)];

    /// <returns>The job's quarantine, or null.</returns>
    public IQuarantine? Find(string job) => ordered.FirstOrDefault(quarantine => quarantine.Job == job);

    /// <returns>What is in quarantine, by job and kind.</returns>
    public async Task<IReadOnlyList<(string Job, QuarantineCount Count)>> CountAsync(CancellationToken cancellationToken)
    {
        var counts = new List<(string, QuarantineCount)>();
        foreach (var quarantine in ordered)
        {
            counts.AddRange((await quarantine.CountAsync(cancellationToken)).Select(count => (quarantine.Job, count)));
        }

        return counts;
    }

    /// <summary>A page over the quarantines, one after the other.</summary>
    /// <param name="job">Only of this job; null for all.</param>
    /// <param name="afterJob">Whose item <see cref="QuarantineQuery.After"/> is; null for the first page.</param>
    /// <param name="query">Which items; their number holds over all jobs.</param>
    /// <param name="cancellationToken">Ends the queries.</param>
    public async Task<IReadOnlyList<(string Job, QuarantinedItem Item)>> ReadAsync(
        string? job, string? afterJob, QuarantineQuery query, CancellationToken cancellationToken)
    {
        var items = new List<(string, QuarantinedItem)>();
        foreach (var quarantine in ordered.SkipWhile(one => afterJob is not null && one.Job != afterJob).Where(one => job is null || one.Job == job))
        {
            var part = query with { After = quarantine.Job == afterJob ? query.After : null, Limit = query.Limit - items.Count };
            if (part.Limit > 0)
            {
                items.AddRange((await quarantine.ReadAsync(part, cancellationToken)).Select(item => (quarantine.Job, item)));
            }
        }

        return items;
    }
}
