namespace LexyHub.Core.Intents;

/// <summary>What a text is built like, beside its cues: the computed half of the features.</summary>
[Flags]
internal enum LexiconShape : ulong
{
    None = 0,
    OneWord = 1 << 0,
    TwoWords = 1 << 1,
    ThreeWords = 1 << 2,
    FourWords = 1 << 3,
    FiveWordsOrMore = 1 << 4,

    /// <summary>Words that no phrase of the lexicon holds: names, mostly.</summary>
    OneUnknown = 1 << 5,
    TwoUnknownOrMore = 1 << 6,
    AllUnknown = 1 << 7,
    UnknownFirst = 1 << 8,
    UnknownLast = 1 << 9,

    /// <summary>Kinds of attributes beside the kind of thing: colour, material, style, theme, brand, audience, occasion, size, market, year.</summary>
    OneAttribute = 1 << 10,
    TwoAttributes = 1 << 11,
    ThreeAttributesOrMore = 1 << 12,

    /// <summary>A number with its unit: <c>48"</c>, <c>4 kg</c>.</summary>
    Measure = 1 << 13,

    /// <summary>Letters and digits in one word, as in the number of a model.</summary>
    Code = 1 << 14,
    Number = 1 << 15,
    Year = 1 << 16,
    KindLast = 1 << 17,
    PlaceLast = 1 << 18,
    ServiceInPlace = 1 << 19,
    UnknownInPlace = 1 << 20,
    QuestionOfPrice = 1 << 21,
    QuestionOfChoice = 1 << 22,
    QuestionOfWorth = 1 << 23,
    BrandAlone = 1 << 24,
    BrandAndUnknown = 1 << 25,
    BrandAndKind = 1 << 26,
    PlaceOfItsOwnAndKind = 1 << 27,
    TopicAlone = 1 << 28,
    LearnAndKind = 1 << 29,
    GiftAndIdeas = 1 << 30,
    NoKind = 1UL << 31,
    KindsAlone = 1UL << 32,
    KindAndUnknownFirst = 1UL << 33,
    KindAndUnknownLast = 1UL << 34,
    BrandAndNumber = 1UL << 35,

    /// <summary>One word, and no word that anybody knows.</summary>
    NameAlone = 1UL << 36,
    PlaceOfItsOwnAndOther = 1UL << 37,
    HotelAndUnknown = 1UL << 38,
    ChooseAndLearn = 1UL << 39,

    /// <summary>An unknown word first, and a thing at the head.</summary>
    NameAndThing = 1UL << 40,
    NameAndThingAndMore = 1UL << 41,

    /// <summary>An act at the beginning: <c>remove paint</c>.</summary>
    VerbFirst = 1UL << 42,
    IngFirst = 1UL << 43,
    PlaceToPlace = 1UL << 44,

    /// <summary>A firm's name that nothing else is known of, at the beginning.</summary>
    FirmFirst = 1UL << 45,
    FirmAlone = 1UL << 46,
    BrandAndMarket = 1UL << 47,

    /// <summary>Two or three words that name one kind of thing, at the head.</summary>
    CompoundHead = 1UL << 48,

    /// <summary>Words beside the head that say more of it.</summary>
    NoModifier = 1UL << 49,
    OneModifier = 1UL << 50,
    TwoModifiers = 1UL << 51,
    ThreeModifiers = 1UL << 52,
    FourModifiersOrMore = 1UL << 53,

    /// <summary>Any hotel or hostel of a place, where none is named.</summary>
    HotelInPlace = 1UL << 54,
}
