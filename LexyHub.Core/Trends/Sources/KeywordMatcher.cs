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

    private const int None = -1;

    // Of the normal form, so without capitals.
    private static readonly SearchValues<char> s_asciiWord = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz");

    private readonly Dictionary<string, int> _phraseTokens = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> _edges = [];

    // By keyword: the next one that has the same tokens, or None.
    private readonly List<int> _nextWithSameTokens = [];
    private readonly List<string> _keywords = [];

    // By single word: the first keyword that it is.
    private readonly Dictionary<string, int> _singles = new(StringComparer.Ordinal);
    private Node[] _nodes = new Node[1_024];
    private int _nodeCount = 1;

    /// <param name="keywords">In any form and order; blank ones are left out.</param>
    public KeywordMatcher(IEnumerable<string> keywords)
    {
        _nodes[Root] = new Node { Token = Unknown, FirstKeyword = None };
        var tokens = new List<string>();
        foreach (var keyword in keywords)
        {
            tokens.Clear();
            Tokenize(TermText.Normalize(keyword), tokens, breaks: false);
            if (tokens.Count == 1 && IsWord(tokens[0]))
            {
                ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_singles, tokens[0], out var isKnown);
                AddTo(ref first, isKnown ? first : None, keyword);
            }
            else if (tokens.Count > 1)
            {
                var node = NodeOf(tokens);
                ref var first = ref _nodes[node].FirstKeyword;
                AddTo(ref first, first, keyword);
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

        var matches = new List<Match>();
        var node = Root;
        for (var i = 0; i < tokens.Count; i++)
        {
            node = Step(node, _phraseTokens.GetValueOrDefault(Fold(tokens[i]), Unknown));
            var phrase = _nodes[node].LongestKeyword;
            if (phrase != Root)
                Keep(matches, new Match(i - _nodes[phrase].Depth + 1, _nodes[phrase].FirstKeyword));
            else if (_singles.TryGetValue(tokens[i], out var keyword))
                Keep(matches, new Match(i, keyword));
        }

        if (matches.Count == 0)
            return [];

        var found = new List<string>(matches.Count);
        var seen = new HashSet<int>(matches.Count);
        foreach (var match in matches)
        {
            for (var keyword = match.FirstKeyword; keyword != None && seen.Add(keyword); keyword = _nextWithSameTokens[keyword])
                found.Add(_keywords[keyword]);
        }

        return found;
    }

    // Matches come by their end, so a later one that starts no later holds those before it.
    private static void Keep(List<Match> matches, Match match)
    {
        while (matches.Count > 0 && matches[^1].Start >= match.Start)
            matches.RemoveAt(matches.Count - 1);
        matches.Add(match);
    }

    private int NodeOf(List<string> tokens)
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
                next = _nodeCount++;
                if (next == _nodes.Length)
                    Array.Resize(ref _nodes, next * 2);
                _nodes[next] = new Node { Parent = node, Token = token, Depth = _nodes[node].Depth + 1, FirstKeyword = None };
            }

            node = next;
        }

        return node;
    }

    // The list of the keywords with the same tokens is short and keeps the order in which they were given.
    private void AddTo(ref int slot, int first, string keyword)
    {
        var last = None;
        for (var other = first; other != None; last = other, other = _nextWithSameTokens[other])
        {
            if (_keywords[other] == keyword)
                return;
        }

        if (last == None)
            slot = _keywords.Count;
        else
            _nextWithSameTokens[last] = _keywords.Count;
        _keywords.Add(keyword);
        _nextWithSameTokens.Add(None);
    }

    // Breadth first: the longest proper suffix of a node that is a node itself is less deep, so it is linked already.
    private void Link()
    {
        var depths = new List<int>();
        for (var i = 0; i < _nodeCount; i++)
        {
            while (depths.Count <= _nodes[i].Depth + 1)
                depths.Add(0);
            depths[_nodes[i].Depth + 1]++;
        }

        for (var depth = 1; depth < depths.Count; depth++)
            depths[depth] += depths[depth - 1];
        var byDepth = new int[_nodeCount];
        for (var i = 0; i < _nodeCount; i++)
            byDepth[depths[_nodes[i].Depth]++] = i;

        foreach (var i in byDepth.AsSpan(1))
        {
            ref var node = ref _nodes[i];
            node.Suffix = node.Parent == Root ? Root : Step(_nodes[node.Parent].Suffix, node.Token);
            node.LongestKeyword = node.FirstKeyword == None ? _nodes[node.Suffix].LongestKeyword : i;
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

    private readonly record struct Match(int Start, int FirstKeyword);

    private struct Node
    {
        public int Parent;
        public int Token;

        /// <summary>Tokens from the root.</summary>
        public int Depth;

        /// <summary>The longest proper suffix of this node's tokens that is a node.</summary>
        public int Suffix;

        /// <summary>The longest keyword that the node's tokens end in, as its node; the root for none.</summary>
        public int LongestKeyword;

        /// <summary>The first keyword that ends here, or None.</summary>
        public int FirstKeyword;
    }
}
