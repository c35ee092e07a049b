namespace LexyHub.Core.Embeddings;

/// <summary>
/// The text of a listing, for its vector: up to three parts, each on a line of its own, empty ones left out.
/// <code>
/// title
/// Tags: first tag, second tag
/// description
/// </code>
/// The tags are sorted by their bytes, so that their order in the table does not matter; each part is trimmed. The database
/// makes the text, so that it can also compare all listings with their vectors without sending them.
/// </summary>
internal static class ListingText
{
    /// <summary>Changed together with <see cref="Sql"/>: then every listing is compared anew.</summary>
    public const int Template = 1;

    /// <summary>Of a row <c>l</c> of <c>listings</c>.</summary>
    public const string Sql = """
        concat_ws(E'\n',
            nullif(btrim(l.title, E' \t\r\n'), ''),
            (select 'Tags: ' || string_agg(btrim(g.tag, E' \t\r\n'), ', ' order by btrim(g.tag, E' \t\r\n') collate "C")
             from listing_tags g where g.listing_id = l.id and btrim(g.tag, E' \t\r\n') <> ''),
            nullif(btrim(l.description, E' \t\r\n'), ''))
        """;
}
