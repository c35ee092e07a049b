namespace LexyHub.Core.Intents;

/// <summary>What the lexicon sees in a text.</summary>
/// <param name="Cues">Bits in the order of <see cref="Lexicon.Cues"/>.</param>
/// <param name="Kinds">Of the words, one each; a phrase that stands for one thing is one word.</param>
/// <param name="WordKinds">Of the words, each by itself: one of a phrase has the kind of the phrase.</param>
/// <param name="Occasion">Index of the facet's value in <see cref="Lexicon.Facets"/>, or −1; so are the next three.</param>
internal readonly record struct LexiconReading(
    ulong Cues, LexiconShape Shape, LexiconHead Head, LexiconRow<LexiconKind> Kinds, LexiconRow<LexiconKind> WordKinds, short Occasion, short Recipient, short Style, short Material);

/// <summary>Finds the lexicon's phrases in a text, the longest of a place included, without allocating.</summary>
internal sealed class LexiconReader
{
    private const int MaxPhraseWords = 4;
    private const int FacetKinds = 4;

    private readonly Lexicon _lexicon;
    private readonly LexiconKindReader _kinds;
    private readonly byte[] _facetKinds;
    private readonly ulong _trap;
    private readonly ulong[] _attributes;
    private readonly ulong _question;
    private readonly ulong _price;
    private readonly ulong _choose;
    private readonly ulong _worth;
    private readonly ulong _service;
    private readonly ulong _place;
    private readonly ulong _brand;
    private readonly ulong _kind;
    private readonly ulong _ownPlace;
    private readonly ulong _topic;
    private readonly ulong _learn;
    private readonly ulong _gift;
    private readonly ulong _unit;
    private readonly ulong _market;
    private readonly ulong _hotel;
    private readonly ulong _country;
    private readonly ulong _town;
    private readonly ulong _firm;
    private readonly ulong _compound;
    private readonly ulong _preposition;
    private readonly ulong _plain;
    private readonly ulong _thing;
    private readonly ulong _verb;
    private readonly ulong _care;
    private readonly ulong _careOrRepair;
    private readonly ulong _thingLike;
    private readonly ulong _explicit;
    private readonly ulong _noModifier;
    private readonly (LexiconHead Head, ulong Mask)[] _cueHeads;
    private readonly (LexiconHead Head, ulong Mask)[] _classHeads;

    public LexiconReader(Lexicon lexicon)
    {
        _lexicon = lexicon;
        _kinds = new LexiconKindReader(lexicon);
        _facetKinds = [.. lexicon.Facets.Select(facet => (byte)Array.IndexOf(["occasion", "recipient", "style", "material"], facet.Facet))];
        _trap = lexicon.MaskOf("trap");
        _question = lexicon.MaskOf("question");
        _price = lexicon.MaskOf("price");
        _choose = lexicon.MaskOf("choose");
        _worth = lexicon.MaskOf("worth");
        _service = lexicon.MaskOf("service", "act");
        _place = lexicon.MaskOf("place");
        _brand = lexicon.MaskOf("brand");
        _kind = lexicon.MaskOf("kind");
        _ownPlace = lexicon.MaskOf("retailer", "institution");
        _topic = lexicon.MaskOf("topic");
        _learn = lexicon.MaskOf("learn");
        _gift = lexicon.MaskOf("gift");
        _unit = lexicon.MaskOf("unit");
        _market = lexicon.MaskOf("market");
        _hotel = lexicon.MaskOf("hotel");
        _country = lexicon.MaskOf("country");
        _town = lexicon.MaskOf("town");
        _firm = lexicon.MaskOf("shop-name", "firm-name", "lodging");
        _compound = lexicon.MaskOf("compound");
        _preposition = lexicon.MaskOf("preposition");
        _plain = lexicon.MaskOf("plain", "preposition");
        _thing = lexicon.MaskOf("thing");
        _verb = lexicon.MaskOf("verb");
        _care = lexicon.MaskOf("care");
        _careOrRepair = lexicon.MaskOf("care", "repair");
        _thingLike = lexicon.MaskOf("thing", "kind", "brand", "quality");

        // What is said of a word by hand, beside which what is derived counts little.
        _explicit = ~(lexicon.Classes | _kind | _compound | _town | _firm);
        _noModifier = _plain | lexicon.MaskOf("act", "condition", "price", "choose", "question", "learn", "place", "gift", "service");
        _cueHeads = HeadsOf(
            lexicon, LexiconHead.Retailer, LexiconHead.Institution, LexiconHead.File, LexiconHead.Act, LexiconHead.Condition, LexiconHead.Service,
            LexiconHead.Seller, LexiconHead.Learn, LexiconHead.Tool, LexiconHead.Topic, LexiconHead.Gift, LexiconHead.Price, LexiconHead.Hotel, LexiconHead.Web);
        _cueHeads = [.. _cueHeads, (LexiconHead.Brand, lexicon.MaskOf("brand", "model", "title"))];
        _classHeads = HeadsOf(
            lexicon, LexiconHead.Thing, LexiconHead.Subject, LexiconHead.Worker, LexiconHead.Action, LexiconHead.Notion, LexiconHead.Person,
            LexiconHead.Stuff, LexiconHead.Quality, LexiconHead.Verb, LexiconHead.Plain);
        _attributes =
        [
            lexicon.MaskOf("colour"), lexicon.MaskOf("material"), lexicon.MaskOf("style"), lexicon.MaskOf("theme"), _brand,
            lexicon.MaskOf("audience", "recipient"), lexicon.MaskOf("occasion"), lexicon.MaskOf("size"), _market,
            lexicon.MaskOf("country"),
        ];
    }

    /// <param name="matches">Filled with what was found, and the head last, without cues of its own; for explanations.</param>
    public LexiconReading Read(ReadOnlySpan<char> text, List<LexiconMatch>? matches = null)
    {
        var words = new LexiconText(
            text, stackalloc char[LexiconText.MaxCharacters], stackalloc (short, short)[LexiconText.MaxWords]);
        if (words.Count == 0)
            return new LexiconReading(0, LexiconShape.AllUnknown | LexiconShape.NoKind, LexiconHead.None, default, default, -1, -1, -1, -1);

        Span<ulong> ofWord = stackalloc ulong[words.Count];
        Span<short> compounds = stackalloc short[words.Count];
        compounds.Fill(-1);
        Span<(byte Words, LexiconKind Kind)> phrases = stackalloc (byte, LexiconKind)[words.Count];
        phrases.Clear();
        Span<short> facets = [-1, -1, -1, -1];
        Span<byte> facetWords = stackalloc byte[FacetKinds];
        facetWords.Clear();
        ofWord.Clear();
        var cues = 0UL;
        var (hiddenFrom, hiddenUntil) = (0, 0);
        for (var i = 0; i < words.Count; i++)
        {
            // The longest first: it may hide the others.
            var longest = Longest(words, i);
            for (var n = longest; n > 0; n--)
            {
                var phrase = words.Words(i, n);
                if ((n == 1 ? _lexicon.FindWord(phrase) : _lexicon.Find(phrase)) is not { } entry)
                    continue;

                var found = entry.CuesAt(i == 0, i + n == words.Count);
                if ((found & _trap) != 0)
                {
                    (hiddenFrom, hiddenUntil) = (i, i + n);
                    found &= ~_trap;
                }

                // Within a trap, unless it is the whole of it.
                if (found == 0 || (i + n <= hiddenUntil && (i, n) != (hiddenFrom, hiddenUntil - hiddenFrom)))
                    continue;

                cues |= found;
                if (n > 1 && (found & _compound) != 0 && compounds[i + n - 1] < 0)
                    compounds[i + n - 1] = (short)i;
                if (n > 1 && phrases[i].Words == 0 && _kinds.OfPhrase(found) is { } ofPhrase)
                    phrases[i] = ((byte)n, ofPhrase);
                for (var k = i; k < i + n; k++)
                    ofWord[k] |= found;
                foreach (var facet in entry.Facets)
                {
                    var kind = _facetKinds[facet];
                    if (n > facetWords[kind])
                        (facets[kind], facetWords[kind]) = ((short)facet, (byte)n);
                }

                matches?.Add(new LexiconMatch(phrase.ToString(), found, i, n));
            }
        }

        foreach (ref var word in ofWord)
        {
            // A derived town counts where nothing was written about the word by hand, that it is a kind apart.
            if ((word & _town) != 0 && (word & _explicit) == 0)
            {
                word |= _place;
                cues |= _place;
            }
        }

        var shape = ShapeOf(words, ofWord, ref cues);
        var at = HeadAt(ofWord);
        var head = HeadOf(ofWord[at], DigitsOf(words.Words(at)) != LexiconShape.None);
        var from = compounds[at] < 0 ? at : compounds[at];
        matches?.Add(new LexiconMatch(words.Words(from, at + 1 - from).ToString(), 0, from, at + 1 - from));
        shape |= ModifiersOf(ofWord, at, from);
        shape |= BeginningOf(words, ofWord, head);
        if ((cues & _hotel) != 0 && (cues & _place) != 0 && (shape & (LexiconShape.NoModifier | LexiconShape.OneUnknown | LexiconShape.TwoUnknownOrMore)) == LexiconShape.NoModifier)
            shape |= LexiconShape.HotelInPlace;
        var kinds = KindsOf(words, ofWord, phrases, out var wordKinds);
        return new LexiconReading(cues, shape, head, kinds, wordKinds, facets[0], facets[1], facets[2], facets[3]);
    }

    private LexiconRow<LexiconKind> KindsOf(
        LexiconText words, ReadOnlySpan<ulong> ofWord, ReadOnlySpan<(byte Words, LexiconKind Kind)> phrases, out LexiconRow<LexiconKind> wordKinds)
    {
        var kinds = default(LexiconRow<LexiconKind>);
        wordKinds = default;
        for (var i = 0; i < words.Count;)
        {
            var kind = phrases[i].Words > 0 ? phrases[i].Kind : _kinds.OfWord(words.Words(i), ofWord[i], DigitsOf(words.Words(i)));
            kinds.Add(kind);
            for (var end = i + Math.Max(1, (int)phrases[i].Words); i < end; i++)
                wordKinds.Add(kind);
        }

        return kinds;
    }

    private static (LexiconHead Head, ulong Mask)[] HeadsOf(Lexicon lexicon, params ReadOnlySpan<LexiconHead> heads)
    {
        var masks = new (LexiconHead, ulong)[heads.Length];
        for (var i = 0; i < heads.Length; i++)
            masks[i] = (heads[i], lexicon.MaskOf(heads[i].ToString().ToLowerInvariant()));
        return masks;
    }

    // The last word before a place, and before the first preposition.
    private int HeadAt(ReadOnlySpan<ulong> ofWord)
    {
        var end = ofWord.Length;
        while (end > 1 && (ofWord[end - 1] & (_place | _market | _country)) != 0)
            end--;
        for (var i = 1; i < end; i++)
        {
            if ((ofWord[i] & _preposition) != 0)
                return i - 1;
        }

        return end - 1;
    }

    private LexiconHead HeadOf(ulong word, bool isNumber)
    {
        foreach (var (head, mask) in _cueHeads)
        {
            if ((word & mask) != 0)
                return head;
        }

        if (isNumber)
            return LexiconHead.Number;
        if ((word & _compound) != 0)
            return LexiconHead.Thing;
        foreach (var (head, mask) in _classHeads)
        {
            if ((word & mask) != 0)
                return head;
        }

        return (word & _kind) != 0 ? LexiconHead.Thing : word == 0 ? LexiconHead.Name : LexiconHead.Other;
    }

    private LexiconShape ModifiersOf(ReadOnlySpan<ulong> ofWord, int head, int first)
    {
        var count = 0;
        for (var i = 0; i < ofWord.Length; i++)
            count += (i < first || i > head) && (ofWord[i] & _noModifier) == 0 ? 1 : 0;
        return (first == head ? 0 : LexiconShape.CompoundHead) | count switch
        {
            0 => LexiconShape.NoModifier,
            1 => LexiconShape.OneModifier,
            2 => LexiconShape.TwoModifiers,
            3 => LexiconShape.ThreeModifiers,
            _ => LexiconShape.FourModifiersOrMore,
        };
    }

    private LexiconShape BeginningOf(LexiconText words, ReadOnlySpan<ulong> ofWord, LexiconHead head)
    {
        var (shape, first, count) = (LexiconShape.None, ofWord[0], words.Count);
        if (head == LexiconHead.Thing && first == 0 && DigitsOf(words.Words(0)) == LexiconShape.None)
            shape |= count == 2 ? LexiconShape.NameAndThing : LexiconShape.NameAndThingAndMore;
        if (count > 1 && (first & (_verb | _care)) != 0 && (first & _thingLike) == 0)
            shape |= LexiconShape.VerbFirst;
        if (count > 1 && head != LexiconHead.Verb && (first & (_verb | _careOrRepair)) != 0 && words.Words(0).EndsWith("ing"))
            shape |= LexiconShape.IngFirst;
        if ((first & _firm) != 0 && (first & _explicit) == 0)
            shape |= LexiconShape.FirmFirst | (AreAll(ofWord, _firm | _plain) ? LexiconShape.FirmAlone : 0);
        if (count > 1 && (ofWord[^1] & _market) != 0 && AreAll(ofWord, _brand | _market))
            shape |= LexiconShape.BrandAndMarket;
        for (var i = 1; i + 1 < count; i++)
        {
            if (!words.Words(i).SequenceEqual("to"))
                continue;

            var where = _place | _town | _country;
            shape |= (ofWord[i - 1] & where) != 0 && ((ofWord[i + 1] & where) != 0 || ofWord[i + 1] == 0) ? LexiconShape.PlaceToPlace : 0;
            break;
        }

        return shape;
    }

    private static bool AreAll(ReadOnlySpan<ulong> ofWord, ulong mask)
    {
        foreach (var word in ofWord)
        {
            if ((word & mask) == 0)
                return false;
        }

        return true;
    }

    private int Longest(LexiconText words, int i)
    {
        var n = 1;
        while (n < MaxPhraseWords && i + n < words.Count && _lexicon.Find(words.Words(i, n)) is { GoesOn: true })
            n++;
        return n;
    }

    private LexiconShape ShapeOf(LexiconText words, ReadOnlySpan<ulong> ofWord, ref ulong cues)
    {
        var shape = words.Count switch
        {
            1 => LexiconShape.OneWord,
            2 => LexiconShape.TwoWords,
            3 => LexiconShape.ThreeWords,
            4 => LexiconShape.FourWords,
            _ => LexiconShape.FiveWordsOrMore,
        };
        var (unknown, last) = (0, words.Count - 1);
        var onlyTopic = true;
        var onlyKinds = true;
        for (var i = 0; i < words.Count; i++)
        {
            onlyTopic &= (ofWord[i] & _topic) != 0;
            onlyKinds &= (ofWord[i] & _kind) != 0;
            var digits = DigitsOf(words.Words(i));
            if (digits != LexiconShape.None)
            {
                shape |= digits == LexiconShape.Number && i < last && (ofWord[i + 1] & _unit) != 0 ? LexiconShape.Measure : digits;
            }
            else if (ofWord[i] == 0)
            {
                unknown++;
                shape |= i == 0 ? LexiconShape.UnknownFirst : 0;
                shape |= i == last ? LexiconShape.UnknownLast : 0;
            }
        }

        // A unit is one only beside a number.
        if ((shape & LexiconShape.Measure) == 0)
            cues &= ~_unit;
        shape |= unknown switch { 0 => 0, 1 => LexiconShape.OneUnknown, _ => LexiconShape.TwoUnknownOrMore };
        shape |= unknown == words.Count ? LexiconShape.AllUnknown : 0;
        shape |= AttributesOf(cues, (shape & LexiconShape.Year) != 0);

        var (kind, place, brand) = ((cues & _kind) != 0, (cues & _place) != 0, (cues & _brand) != 0);
        shape |= (ofWord[last] & _kind) != 0 ? LexiconShape.KindLast : 0;
        shape |= (ofWord[last] & _place) != 0 ? LexiconShape.PlaceLast : 0;
        shape |= place && (cues & _service) != 0 ? LexiconShape.ServiceInPlace : 0;
        shape |= place && unknown > 0 ? LexiconShape.UnknownInPlace : 0;
        if ((cues & _question) != 0)
        {
            shape |= (cues & _price) != 0 ? LexiconShape.QuestionOfPrice : 0;
            shape |= (cues & _choose) != 0 ? LexiconShape.QuestionOfChoice : 0;
            shape |= (cues & _worth) != 0 ? LexiconShape.QuestionOfWorth : 0;
        }

        var others = cues & ~_brand & ~_market;
        shape |= brand && others == 0 && unknown == 0 && (shape & (LexiconShape.Number | LexiconShape.Code)) == 0 ? LexiconShape.BrandAlone : 0;
        shape |= brand && unknown > 0 ? LexiconShape.BrandAndUnknown : 0;
        shape |= brand && kind ? LexiconShape.BrandAndKind : 0;
        shape |= brand && (shape & (LexiconShape.Number | LexiconShape.Code)) != 0 ? LexiconShape.BrandAndNumber : 0;
        shape |= (cues & _ownPlace) != 0 && kind ? LexiconShape.PlaceOfItsOwnAndKind : 0;
        shape |= (cues & _ownPlace) != 0 && words.Count > 1 ? LexiconShape.PlaceOfItsOwnAndOther : 0;
        shape |= (cues & _hotel) != 0 && unknown > 0 ? LexiconShape.HotelAndUnknown : 0;
        shape |= (cues & _choose) != 0 && (cues & _learn) != 0 ? LexiconShape.ChooseAndLearn : 0;
        shape |= words.Count == 1 && unknown == 1 ? LexiconShape.NameAlone : 0;
        shape |= onlyTopic ? LexiconShape.TopicAlone : 0;
        shape |= onlyKinds ? LexiconShape.KindsAlone : 0;
        shape |= (cues & _learn) != 0 && kind ? LexiconShape.LearnAndKind : 0;
        shape |= (cues & _gift) != 0 && (cues & _learn) != 0 ? LexiconShape.GiftAndIdeas : 0;
        shape |= kind ? 0 : LexiconShape.NoKind;
        shape |= kind && (shape & LexiconShape.UnknownFirst) != 0 ? LexiconShape.KindAndUnknownFirst : 0;
        shape |= kind && (shape & LexiconShape.UnknownLast) != 0 ? LexiconShape.KindAndUnknownLast : 0;
        return shape;
    }

    private LexiconShape AttributesOf(ulong cues, bool year)
    {
        var count = year ? 1 : 0;
        foreach (var attribute in _attributes)
            count += (cues & attribute) != 0 ? 1 : 0;
        return count switch
        {
            0 => LexiconShape.None,
            1 => LexiconShape.OneAttribute,
            2 => LexiconShape.TwoAttributes,
            _ => LexiconShape.ThreeAttributesOrMore,
        };
    }

    private static LexiconShape DigitsOf(ReadOnlySpan<char> word)
    {
        var (digits, letters) = (0, 0);
        foreach (var c in word)
        {
            digits += char.IsAsciiDigit(c) ? 1 : 0;
            letters += char.IsLetter(c) ? 1 : 0;
        }

        if (digits == 0)
            return LexiconShape.None;
        if (word[^1] == '"')
            return LexiconShape.Measure;
        if (letters == 0)
            return word.Length == 4 && word[0] is '1' or '2' && word[1] is '9' or '0' ? LexiconShape.Year : LexiconShape.Number;

        // 4kg, 12v, 45x45, but no 2nd or 50th.
        var tail = word.TrimStart("0123456789.");
        return tail switch
        {
            "st" or "nd" or "rd" or "th" or "s" or "d" => LexiconShape.None,
            "mm" or "cm" or "m" or "in" or "inch" or "ft" or "kg" or "g" or "oz" or "lb" or "lbs" or "ml" or "l" or "qt" or "w" or "v" or "gb" or "tb" or "mp" or "ct" => LexiconShape.Measure,
            ['x', _, ..] when char.IsAsciiDigit(tail[1]) => LexiconShape.Measure,
            _ => LexiconShape.Code,
        };
    }
}

/// <summary>A phrase of the lexicon that was found.</summary>
/// <param name="First">Its first word in the text.</param>
/// <param name="Words">How many it has.</param>
internal readonly record struct LexiconMatch(string Phrase, ulong Cues, int First, int Words);
