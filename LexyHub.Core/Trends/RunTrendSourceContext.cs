using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Trends;

/// <summary>Answers a source's questions from the database; the known terms are read once for all sources.</summary>
internal sealed class RunTrendSourceContext(SignalSourceStore store) : TrendSourceContext
{
    private readonly Lock gate = new();
    private Task<IReadOnlyList<string>>? knownTerms;

    public override Task<IReadOnlyList<string>> GetKnownTermsAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return knownTerms ??= store.ReadKnownTermsAsync(cancellationToken);
        }
    }

    public override Task<IReadOnlyList<string>> GetLeastRecentlyReadTermsAsync(string source, int count, CancellationToken cancellationToken)
        => store.ReadLeastRecentlyReadTermsAsync(source, count, cancellationToken);
}
