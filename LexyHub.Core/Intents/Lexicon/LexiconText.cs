namespace LexyHub.Core.Intents;

/// <summary>A text cut into words: letters in lower case, digits, and the few signs that belong to words.</summary>
internal ref struct LexiconText
{
    /// <summary>Of a text; what is beyond it, decides nothing. A title of Etsy has 140.</summary>
    public const int MaxCharacters = 256;

    public const int MaxWords = 40;

    private readonly Span<char> _characters;
    private readonly Span<(short Start, short End)> _words;

    /// <param name="characters">Room for <see cref="MaxCharacters"/>.</param>
    /// <param name="words">Room for <see cref="MaxWords"/>.</param>
    public LexiconText(ReadOnlySpan<char> text, Span<char> characters, Span<(short Start, short End)> words)
    {
        _characters = characters;
        _words = words;
        var length = 0;
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : ' ';
            if (IsOfWord(text, i, c) && length < MaxCharacters)
            {
                if (start < 0)
                {
                    if (Count == MaxWords || length == MaxCharacters - 1)
                        return;

                    if (length > 0)
                        characters[length++] = ' ';
                    start = length;
                }

                characters[length++] = char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c < 128 ? c : char.ToLowerInvariant(c);
            }
            else if (start >= 0)
            {
                words[Count++] = ((short)start, (short)length);
                start = -1;
            }
        }
    }

    public int Count { get; private set; }

    /// <summary>So many words from the one at <paramref name="index"/> on, with one space between any two.</summary>
    public readonly ReadOnlySpan<char> Words(int index, int count = 1)
        => _characters[_words[index].Start.._words[index + count - 1].End];

    private static bool IsOfWord(ReadOnlySpan<char> text, int i, char c) => c switch
    {
        >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' or '&' or '\'' or '+' or '"' => true,
        '.' => i > 0 && i + 1 < text.Length && char.IsAsciiDigit(text[i - 1]) && char.IsAsciiDigit(text[i + 1]),
        '\u2019' => true,
        < (char)128 => false,
        _ => char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark,
    };
}
