namespace LexyHub.Core.Intents;

/// <summary>What the word is that the others stand around: the last before a place or a preposition. The first that fits.</summary>
internal enum LexiconHead
{
    None,
    Retailer,
    Institution,
    File,
    Act,
    Condition,
    Service,
    Seller,
    Learn,
    Tool,
    Topic,
    Gift,
    Price,
    Hotel,
    Web,

    /// <summary>A maker, a model or a title.</summary>
    Brand,
    Number,

    /// <summary>An artefact, food, plant or animal.</summary>
    Thing,

    /// <summary>An illness, a field of study, a matter of law or of nature.</summary>
    Subject,
    Worker,
    Action,

    /// <summary>What is thought, said, owned or organised.</summary>
    Notion,
    Person,
    Stuff,
    Quality,
    Verb,

    /// <summary>A function word, a time or a unit.</summary>
    Plain,

    /// <summary>A word that the lexicon does not know: a name, mostly.</summary>
    Name,
    Other,
}
