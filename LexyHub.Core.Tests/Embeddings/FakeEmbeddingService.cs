using System.Runtime.CompilerServices;
using LexyHub.Core.Embeddings;

namespace LexyHub.Core.Tests.Embeddings;

/// <summary>A provider that answers at once: one token for four characters, vectors that follow from the text.</summary>
internal sealed class FakeEmbeddingService(string model = FakeEmbeddingService.RealModel, bool isLocal = false) : IEmbeddingService, IEmbeddingServiceFactory
{
    public const string RealModel = "text-embedding-3-large";
    public const string LocalModel = "lexyhub-local-1";

    public string Model { get; set; } = model;

    public int Dimensions { get; set; } = 3072;

    public bool IsLocal { get; set; } = isLocal;

    public decimal PricePerMillionTokens => IsLocal ? 0 : 0.13m;

    public int BatchSize { get; set; } = 100;

    /// <summary>Every text that was asked for, in order.</summary>
    public List<string> Sent { get; } = [];

    /// <summary>Texts that are refused.</summary>
    public HashSet<string> Poison { get; } = [];

    /// <summary>Called before each answer, with the number of answers before it.</summary>
    public Func<int, Task>? BeforeAnswer { get; set; }

    /// <summary>Fails the whole batch that holds the text.</summary>
    public string? Broken { get; set; }

    public IEmbeddingService Resolve() => this;

    public static float[] VectorOf(string text)
    {
        var random = new Random(text.Sum(c => c));
        return [.. Enumerable.Range(0, 3072).Select(_ => random.NextSingle() - 0.5f)];
    }

    public (int Tokens, bool Truncated) Measure(string text) => (TokensOf(text), false);

    public async IAsyncEnumerable<EmbeddingBatchResult> EmbedAsync(
        IAsyncEnumerable<EmbeddingInput> inputs, [EnumeratorCancellation] CancellationToken budget)
    {
        var answers = 0;
        var batch = new List<EmbeddingInput>();
        await foreach (var input in inputs.WithCancellation(budget))
        {
            batch.Add(input);
            if (batch.Count == BatchSize)
            {
                yield return await AnswerAsync(batch, answers++);
                budget.ThrowIfCancellationRequested();
                batch = [];
            }
        }

        if (batch.Count > 0)
        {
            yield return await AnswerAsync(batch, answers);
        }
    }

    private static int TokensOf(string text) => Math.Max(1, text.Length / 4);

    private async Task<EmbeddingBatchResult> AnswerAsync(List<EmbeddingInput> batch, int answers)
    {
        if (BeforeAnswer is { } before)
        {
            await before(answers);
        }

        Sent.AddRange(batch.Select(input => input.Text));
        if (batch.Exists(input => input.Text == Broken))
        {
            return new EmbeddingBatchResult([], [], [new FailedBatch(batch, "2 vectors were asked for, 1 came.")], 3, 0);
        }

        return new EmbeddingBatchResult(
            [.. batch.Where(input => !Poison.Contains(input.Text)).Select(input => new EmbeddedText(input, VectorOf(input.Text), TokensOf(input.Text), false))],
            [.. batch.Where(input => Poison.Contains(input.Text)).Select(input => new RejectedText(input, "no thanks"))],
            [],
            1,
            IsLocal ? 0 : batch.Sum(input => TokensOf(input.Text)));
    }
}
