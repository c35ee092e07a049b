namespace LexyHub.Core.Embeddings;

/// <summary>A text that waits for its vector, for all inputs that hold it.</summary>
internal sealed class PendingText(EmbeddingInput first, MeasuredText measured) : IPackable
{
    private readonly Lock _lock = new();
    private List<EmbeddingInput>? _others;
    private bool _closed;

    public string SentText => measured.Text;

    public int Tokens => measured.Tokens;

    public int Utf8Bytes => measured.Utf8Bytes;

    public bool Truncated => measured.Truncated;

    public string FullText => first.Text;

    /// <returns>False where the vector was handed out already.</returns>
    public bool TryAdd(EmbeddingInput other)
    {
        lock (_lock)
        {
            if (_closed)
                return false;

            (_others ??= []).Add(other);
            return true;
        }
    }

    /// <summary>All inputs with this text; none is taken on after this.</summary>
    public IEnumerable<EmbeddingInput> Close()
    {
        lock (_lock)
            _closed = true;

        return _others is null ? [first] : [first, .. _others];
    }
}
