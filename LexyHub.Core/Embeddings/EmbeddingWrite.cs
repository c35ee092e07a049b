namespace LexyHub.Core.Embeddings;

/// <summary>What one transaction writes.</summary>
internal sealed class EmbeddingWrite
{
    private EmbeddingWrite()
    {
    }

    public List<(DueTerm Due, EmbeddedText Answer)> Terms { get; } = [];

    public List<(DueListing Due, EmbeddedText Answer)> Listings { get; } = [];

    public List<(DueText Due, string Reason)> Rejected { get; } = [];

    public List<(DueText Due, string Reason)> Failed { get; } = [];

    /// <summary>Terms that are due no more.</summary>
    public List<string> DoneTerms { get; } = [];

    /// <summary>Listings that are due no more, unless their version has moved on.</summary>
    public List<(Guid Id, long Version)> DoneListings { get; } = [];

    /// <summary>Texts that are due no more once they have the vector of something else with the same text.</summary>
    public IReadOnlyList<Twin> Twins { get; private init; } = [];

    public long Skipped { get; private init; }

    public int Requests { get; private init; }

    public long Tokens { get; private init; }

    public static EmbeddingWrite Settled(DuePage page)
    {
        var write = new EmbeddingWrite { Skipped = page.Skipped, Twins = page.Twins };
        write.DoneTerms.AddRange(page.SettledTerms);
        write.DoneListings.AddRange(page.SettledListings);
        return write;
    }

    public static EmbeddingWrite Copied(IReadOnlyList<Twin> twins) => new() { Twins = twins };

    /// <param name="result">Of texts that are <see cref="DueText"/>.</param>
    public static EmbeddingWrite Answered(EmbeddingBatchResult result)
    {
        var write = new EmbeddingWrite { Requests = result.Requests, Tokens = result.Tokens };
        foreach (var answer in result.Embedded)
        {
            switch (write.Done((DueText)answer.Input))
            {
                case DueTerm term:
                    write.Terms.Add((term, answer));
                    break;
                case DueListing listing:
                    write.Listings.Add((listing, answer));
                    break;
            }
        }

        foreach (var rejected in result.Rejected)
        {
            write.Rejected.Add((write.Done((DueText)rejected.Input), rejected.Reason));
        }

        foreach (var batch in result.Failed)
        {
            write.Failed.AddRange(batch.Inputs.Select(input => ((DueText)input, batch.Reason)));
        }

        return write;
    }

    private DueText Done(DueText due)
    {
        switch (due)
        {
            case DueTerm term:
                DoneTerms.Add(term.Text);
                break;
            case DueListing listing:
                DoneListings.Add((listing.Id, listing.Version));
                break;
        }

        return due;
    }
}
