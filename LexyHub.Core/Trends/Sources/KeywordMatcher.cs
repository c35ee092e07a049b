using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using LexyHub.Core.Data;

namespace LexyHub.Core.Trends.Sources;

/// <summary>
/// Finds known keywords in sentences: whole tokens, the longest match, in time linear in the sentence whatever the number
/// of keywords (Aho and Corasick, "Efficient string matching", CACM 18(6), 1975, over tokens instead of characters).
/// </summary>
/// <remarks>
/// <para>
/// A token is a run of letters, marks and digits of the normal form; apostrophes inside are dropped (<c>mother's</c> is
/// <c>mothers</c>), everything else separates (<c>t-shirt</c> is <c>t shirt</c>). A match does not reach across <c>. , ! ? ; :</c>,
/// brackets, quotes or <c>|</c> in the sentence, unless digits stand on both sides (<c>0.5</c>). Scripts without spaces match
/// whole runs only.
/// </para>
/// <para>
/// A keyword found inside a longer one does not count; keywords that overlap without one holding the other both do. Keywords
/// that have the same tokens (<c>t-shirt</c>, <c>t shirt</c>) are found together.
/// </para>
/// <para>
/// Plurals: in keywords of two tokens and more a final <c>s</c> is ignored, except after <c>s</c>, <c>u</c> and <c>i</c> and in
/// tokens of up to three letters, so <c>gold ring</c> is found in "gold rings". Single words are taken as they are, since
/// <c>shorts</c> is not <c>short</c>; single characters and bare numbers are never found alone.
/// </para>
/// </remarks>
public sealed class KeywordMatcher
{
    private const int Root = 0;

    // No keyword has this token, so it leads back to the root.
    private const int Unknown = -1;

    // Of the normal form, so without capitals.
    private static readonly SearchValues<char> s_asciiWord = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz");

    private readonly Dictionary<string, int> _phraseTokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _singles = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> _edges = [];
    private readonly List<Node> _nodes = [new Node { Parent = Root, Token = Unknown, Depth = 0 }];

    /// <param name="keywords">In any form and order; blank ones are left out.</param>
    public KeywordMatcher(IEnumerable<string> keywords)
    {
        var tokens = new List<string>();
        foreach (var keyword in keywords)
        {
            tokens.Clear();
            Tokenize(TermText.Normalize(keyword), tokens, breaks: false);
            if (tokens.Count == 1 && IsWord(tokens[0]))
            {
                AddTo(ref CollectionsMarshal.GetValueRefOrAddDefault(_singles, tokens[0], out _), keyword);
            }
            else if (tokens.Count > 1)
            {
                AddPhrase(tokens, keyword);
            }
        }

        Link();
    }

    /// <returns>
    /// The keywords as they were given, each once, in the order of their last token in the sentence.
    /// </returns>
    public IReadOnlyList<string> Find(string? sentence)
    {
        var tokens = new List<string>();
        Tokenize(TermText.Normalize(sentence), tokens, breaks: true);

        var found = new List<Match>();
        var node = Root;
        for (var i = 0; i < tokens.Count; i++)
        {
            node = Step(node, _phraseTokens.GetValueOrDefault(Fold(tokens[i]), Unknown));
            var phrase = _nodes[node].LongestKeyword;
            if (phrase != Root)
                Keep(found, new Match(i - _nodes[phrase].Depth + 1, _nodes[phrase].Keywords!));
            else if (_singles.TryGetValue(tokens[i], out var keywords))
                Keep(found, new Match(i, keywords));
        }

        if (found.Count == 0)
            return [];

        return found.Count == 1 && found[0].Keywords.Count == 1
            ? found[0].Keywords
            : [.. found.SelectMany(m => m.Keywords).Distinct(StringComparer.Ordinal)];
    }

    // Matches come by their end, so a later one that starts no later holds those before it.
    private static void Keep(List<Match> found, Match match)
    {
        while (found.Count > 0 && found[^1].Start >= match.Start)
            found.RemoveAt(found.Count - 1);
        found.Add(match);
    }

    private void AddPhrase(List<string> tokens, string keyword)
    {
        var node = Root;
        foreach (var text in tokens)
        {
            ref var token = ref CollectionsMarshal.GetValueRefOrAddDefault(_phraseTokens, Fold(text), out var isKnown);
            if (!isKnown)
                token = _phraseTokens.Count;

            ref var next = ref CollectionsMarshal.GetValueRefOrAddDefault(_edges, Edge(node, token), out isKnown);
            if (!isKnown)
            {
                next = _nodes.Count;
                _nodes.Add(new Node { Parent = node, Token = token, Depth = _nodes[node].Depth + 1 });
            }

            node = next;
        }

        AddTo(ref _nodes[node].Keywords, keyword);
    }

    private static void AddTo(ref List<string>? keywords, string keyword)
    {
        if (keywords is null)
            keywords = [keyword];
        else if (!keywords.Contains(keyword))
            keywords.Add(keyword);
    }

    // Breadth first: the longest proper suffix of a node that is a node itself is less deep, so it is linked already.
    private void Link()
    {
        var byDepth = new int[_nodes.Count];
        var next = new int[_nodes.Max(n => n.Depth) + 2];
        foreach (var node in _nodes)
            next[node.Depth + 1]++;
        for (var depth = 1; depth < next.Length; depth++)
            next[depth] += next[depth - 1];
        for (var i = 0; i < _nodes.Count; i++)
            byDepth[next[_nodes[i].Depth]++] = i;

        foreach (var i in byDepth.AsSpan(1))
        {
            var node = _nodes[i];
            node.Suffix = node.Parent == Root ? Root : Step(_nodes[node.Parent].Suffix, node.Token);
            node.LongestKeyword = node.Keywords is null ? _nodes[node.Suffix].LongestKeyword : i;
        }
    }

    private static long Edge(int node, int token) => ((long)node << 32) | (uint)token;

    private int Step(int node, int token)
    {
        if (token == Unknown)
            return Root;

        while (true)
        {
            if (_edges.TryGetValue(Edge(node, token), out var next))
                return next;
            if (node == Root)
                return Root;
            node = _nodes[node].Suffix;
        }
    }

    private static string Fold(string token)
        => token.Length > 3 && token[^1] == 's' && token[^2] is not ('s' or 'u' or 'i') ? token[..^1] : token;

    private static bool IsWord(string token) => token.Length > 1 && !token.All(char.IsDigit);

    /// <param name="breaks">Whether a mark that ends a clause becomes an empty token.</param>
    private static void Tokenize(string text, List<string> tokens, bool breaks)
    {
        StringBuilder? token = null;
        var i = 0;
        while (i < text.Length)
        {
            // Nearly all there is: plain words between spaces, taken out in one piece.
            var end = token is { Length: > 0 } ? i : i + AsciiWordLength(text.AsSpan(i));
            if (end > i && (end == text.Length || text[end] == ' '))
            {
                tokens.Add(text[i..end]);
                i = end + 1;
                continue;
            }

            token ??= new StringBuilder();
            Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length);
            if (IsTokenPart(rune))
            {
                token.Append(text, i, length);
            }
            else if (!IsInnerApostrophe(rune, token, text, i + length))
            {
                Flush(token, tokens);
                if (breaks && IsBreak(rune) && !(IsDigitAt(text, i - 1) && IsDigitAt(text, i + length)))
                    tokens.Add("");
            }

            i += length;
        }

        if (token is not null)
            Flush(token, tokens);
    }

    private static int AsciiWordLength(ReadOnlySpan<char> text)
    {
        var length = text.IndexOfAnyExcept(s_asciiWord);
        return length < 0 ? text.Length : length;
    }

    private static void Flush(StringBuilder token, List<string> tokens)
    {
        if (token.Length == 0)
            return;

        tokens.Add(token.ToString());
        token.Clear();
    }

    private static bool IsTokenPart(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static bool IsInnerApostrophe(Rune rune, StringBuilder token, string text, int next)
        => rune.Value is '\'' or '’' && token.Length > 0 && next < text.Length && char.IsLetterOrDigit(text[next]);

    private static bool IsBreak(Rune rune)
        => rune.Value is '.' or ',' or '!' or '?' or ';' or ':' or '(' or ')' or '[' or ']' or '{' or '}' or '|' or '"' or '“'
            or '”' or '„' or '«' or '»' or '…' or '、' or '。';

    private static bool IsDigitAt(string text, int index)
        => index >= 0 && index < text.Length && char.IsDigit(text[index]);

    private readonly record struct Match(int Start, List<string> Keywords);

    private sealed class Node
    {
        public required int Parent { get; init; }

        public required int Token { get; init; }

        /// <summary>Tokens from the root.</summary>
        public required int Depth { get; init; }

        /// <summary>The longest proper suffix of this node's tokens that is a node.</summary>
        public int Suffix { get; set; }

        /// <summary>The longest keyword that the node's tokens end in; the root for none.</summary>
        public int LongestKeyword { get; set; }

        public List<string>? Keywords;
    }
}
