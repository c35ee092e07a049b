using System.Text;
using Microsoft.ML.Tokenizers;

namespace LexyHub.Core.Embeddings;

/// <summary>A text as it is sent.</summary>
/// <param name="Tokens">By the model's own tokenizer.</param>
/// <param name="Utf8Bytes">A quarter of which the service takes for its tokens when it checks a request's size.</param>
internal readonly record struct MeasuredText(string Text, int Tokens, int Utf8Bytes, bool Truncated);

/// <summary>Counts tokens as <c>text-embedding-3-large</c> does (cl100k_base), and cuts what is too long.</summary>
internal sealed class TextMeter(int maxTokens)
{
    private static readonly Lazy<TiktokenTokenizer> s_tokenizer = new(() => TiktokenTokenizer.CreateForEncoding("cl100k_base"));

    public MeasuredText Measure(string text)
    {
        var tokens = s_tokenizer.Value.CountTokens(text);
        if (tokens <= maxTokens)
            return new MeasuredText(text, tokens, Encoding.UTF8.GetByteCount(text), false);

        var length = s_tokenizer.Value.GetIndexByTokenCount(text, maxTokens, out _, out tokens);

        // A character of several tokens may straddle the boundary.
        if (length > 0 && char.IsHighSurrogate(text[length - 1]))
            length--;
        var cut = text[..length];
        return new MeasuredText(cut, s_tokenizer.Value.CountTokens(cut), Encoding.UTF8.GetByteCount(cut), true);
    }
}
