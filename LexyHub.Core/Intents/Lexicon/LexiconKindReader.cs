namespace LexyHub.Core.Intents;

/// <summary>Gives each word of a text its kind; a phrase that stands for one thing counts as one word.</summary>
internal sealed class LexiconKindReader
{
    private readonly Lexicon _lexicon;
    private readonly (LexiconKind Kind, ulong Mask)[] _ofPhrases;
    private readonly (LexiconKind Kind, ulong Mask)[] _first;
    private readonly (LexiconKind Kind, ulong Mask)[] _last;

    public LexiconKindReader(Lexicon lexicon)
    {
        _lexicon = lexicon;

        // What a person wrote of a word as a cue comes first, then its kind in the list of kinds, and then what is derived. The first that fits.
        (LexiconKind, ulong)[] cues =
        [
            Of(LexiconKind.Destination, "web", "retailer", "institution"),
            Of(LexiconKind.Question, "question"),
            Of(LexiconKind.Act, "where-to-buy"),
            Of(LexiconKind.Choice, "gift-choice", "choose", "price"),
            Of(LexiconKind.Act, "act", "condition", "free", "file", "personal"),
            Of(LexiconKind.Learn, "tool", "learn"),
            Of(LexiconKind.Verb, "do"),
            Of(LexiconKind.Topic, "topic", "matter"),
            Of(LexiconKind.Care, "account", "care", "repair"),
            Of(LexiconKind.Gift, "gift"),
            Of(LexiconKind.Product, "title", "model"),
        ];
        _first = [.. cues, Of(LexiconKind.Preposition, "preposition"), Of(LexiconKind.Market, "market")];
        _last =
        [
            Of(LexiconKind.Occasion, "occasion"),
            Of(LexiconKind.Colour, "colour"),
            Of(LexiconKind.Material, "material"),
            Of(LexiconKind.Audience, "recipient", "audience"),
            Of(LexiconKind.Motif, "style", "theme"),
            Of(LexiconKind.Size, "size", "unit"),
            Of(LexiconKind.Thing, "kind", "compound"),
            Of(LexiconKind.Service, "service"),
            Of(LexiconKind.Seller, "seller"),
            Of(LexiconKind.Maker, "brand", "firm-name", "shop-name"),
            Of(LexiconKind.Place, "place", "country", "town"),
            Of(LexiconKind.Quality, "quality"),
            Of(LexiconKind.Thing, "thing"),
            Of(LexiconKind.Material, "stuff"),
            Of(LexiconKind.Seller, "worker"),
            Of(LexiconKind.Person, "person"),
            Of(LexiconKind.Notion, "action"),
            Of(LexiconKind.Topic, "subject"),
            Of(LexiconKind.Notion, "notion"),
            Of(LexiconKind.Verb, "verb"),
            Of(LexiconKind.Plain, "plain"),
            Of(LexiconKind.Medium, "work"),
            Of(LexiconKind.Hotel, "hotel", "lodging"),
            Of(LexiconKind.Service, "tour"),
            Of(LexiconKind.Motif, "football"),
            Of(LexiconKind.Seller, "nav-shape"),
            Of(LexiconKind.Learn, "worth"),
        ];
        _ofPhrases =
        [
            .. cues,
            Of(LexiconKind.Thing, "compound", "kind"),
            Of(LexiconKind.Service, "service"),
            Of(LexiconKind.Place, "place", "town"),
            Of(LexiconKind.Maker, "brand"),
            Of(LexiconKind.Hotel, "hotel"),
            Of(LexiconKind.Seller, "nav-shape", "seller"),
        ];
    }

    /// <returns>The kind of a phrase of several words that counts as one; none where its words count by themselves.</returns>
    public LexiconKind? OfPhrase(ulong cues) => Find(_ofPhrases, cues);

    /// <param name="digits">What <see cref="LexiconShape"/> says of the digits in it.</param>
    public LexiconKind OfWord(ReadOnlySpan<char> word, ulong cues, LexiconShape digits)
    {
        if (Find(_first, cues) is { } first)
            return first;
        if (_lexicon.KindOf(word) is { } kind)
            return kind;
        return digits switch
        {
            LexiconShape.Number => LexiconKind.Number,
            LexiconShape.Year => LexiconKind.Year,
            LexiconShape.Measure => LexiconKind.Measure,
            LexiconShape.Code => LexiconKind.Code,
            _ => Find(_last, cues) ?? (cues == 0 ? LexiconKind.Unknown : LexiconKind.Other),
        };
    }

    private (LexiconKind Kind, ulong Mask) Of(LexiconKind kind, params ReadOnlySpan<string> cues) => (kind, _lexicon.MaskOf(cues));

    private static LexiconKind? Find((LexiconKind Kind, ulong Mask)[] kinds, ulong cues)
    {
        foreach (var (kind, mask) in kinds)
        {
            if ((cues & mask) != 0)
                return kind;
        }

        return null;
    }
}
