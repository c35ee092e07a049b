namespace LexyHub.Core.Intents;

/// <summary>What a word, or a phrase that stands for one, is in a search: one kind each. A text's kinds in their order are its build.</summary>
internal enum LexiconKind : byte
{
    /// <summary>Beyond either end of the text.</summary>
    Edge,

    /// <summary>No file knows the word: a name, mostly.</summary>
    Unknown,

    /// <summary>A word that is only known to be ordinary.</summary>
    Other,
    Number,
    Year,
    Measure,
    Code,

    /// <summary>A kind of good.</summary>
    Thing,
    Material,
    Colour,

    /// <summary>A feature or a way of making that narrows a kind.</summary>
    Quality,

    /// <summary>A style, theme or pattern.</summary>
    Motif,
    Audience,
    Size,
    Occasion,

    /// <summary>A room, a place of use or a purpose.</summary>
    Setting,
    Service,

    /// <summary>Who sells or serves.</summary>
    Seller,

    /// <summary>What one wants to know about.</summary>
    Topic,
    Notion,
    Person,
    Body,
    Verb,
    Maker,

    /// <summary>A product line, a model or the title of a work.</summary>
    Product,
    Place,
    Plain,

    /// <summary>A given name, a surname, a foreign word.</summary>
    Name,
    Preposition,
    Market,

    /// <summary>A certain shop, institution or site.</summary>
    Destination,
    Act,
    Question,
    Choice,
    Learn,
    Care,
    Gift,
    Hotel,

    /// <summary>What a work comes on: a film, a book, an album.</summary>
    Medium,
}
