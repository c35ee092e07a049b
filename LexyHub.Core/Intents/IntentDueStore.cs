using LexyHub.Core.Embeddings;
using Npgsql;

namespace LexyHub.Core.Intents;

/// <summary>Reads what is due: the whole queue in its order first, as ids alone, then the texts page by page.</summary>
internal sealed class IntentDueStore(NpgsqlDataSource dataSource, IntentScope scope)
{
    /// <summary>An item counts as new for so long.</summary>
    public static readonly TimeSpan NewFor = TimeSpan.FromDays(7);

    private const int TimeoutSeconds = 120;

    private const string CountSql = "select count(*) from lexyhub_jobs.intent_due";

    private const string ProbeSql = """
        select a.attname::text from pg_attribute a
        where a.attrelid = 'keywords'::regclass and a.attname in ('created_at', 'demand_index') and not a.attisdropped
        """;

    // Keywords and listings take turns, each by itself the newest first, then the most searched.
    private static string QueueSql(bool hasCreated, bool hasDemand) => $"""
        select kind, item_id, version from (
            select d.kind, d.item_id, d.version, row_number() over (order by
                {(hasCreated ? "k.created_at > @newSince desc nulls last," : "")} {(hasDemand ? "k.demand_index desc nulls last," : "")}
                k.trend_momentum desc nulls last, d.item_id) as place
            from lexyhub_jobs.intent_due d left join keywords k on k.id = d.item_id where d.kind = 'keyword'
            union all
            select d.kind, d.item_id, d.version, row_number() over (order by l.published_at desc nulls last, d.item_id)
            from lexyhub_jobs.intent_due d left join listings l on l.id = d.item_id where d.kind = 'listing'
        ) queue order by place, kind limit @count
        """;

    private const string ReadSql = $"""
        with claimed as materialized (
            select * from unnest(@kinds, @ids, @versions) as c (kind, item_id, version)
        ), texts as materialized (
            select c.kind, c.item_id, k.term as text from claimed c join keywords k on k.id = c.item_id where c.kind = 'keyword'
            union all
            select c.kind, c.item_id, {ListingText.Sql} from claimed c join listings l on l.id = c.item_id where c.kind = 'listing'
        ), hashed as (
            select t.kind, t.item_id, t.text, encode(sha256(convert_to(@hashPrefix || t.text, 'UTF8')), 'hex') as content_hash from texts t
        )
        select c.kind, c.item_id, c.version, h.text, h.content_hash,
            h.item_id is null
            or s.item_id is not null and (s.content_hash = h.content_hash or @local and s.model not like @localModels)
            or exists (select from lexyhub_jobs.intent_quarantine q where q.kind = c.kind and q.item_id = c.item_id
                and q.content_hash = h.content_hash and (q.retry_at is null or q.retry_at > @now)),
            coalesce(s.model not like @localModels, false)
        from claimed c left join hashed h using (kind, item_id) left join lexyhub_jobs.intent_classifications s using (kind, item_id)
        """;

    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(CountSql);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <returns>The queue; an id takes 40 bytes, so a million of them fit.</returns>
    public async Task<List<DueKey>> ReadQueueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var columns = new HashSet<string>(StringComparer.Ordinal);
        await using (var probe = dataSource.CreateCommand(ProbeSql))
        await using (var names = await probe.ExecuteReaderAsync(cancellationToken))
        {
            while (await names.ReadAsync(cancellationToken))
                columns.Add(names.GetString(0));
        }

        await using var command = dataSource.CreateCommand(QueueSql(columns.Contains("created_at"), columns.Contains("demand_index")));
        command.CommandTimeout = TimeoutSeconds;
        if (columns.Contains("created_at"))
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("newSince", now - NewFor));
        command.Parameters.Add(new NpgsqlParameter<int>("count", int.MaxValue));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var queue = new List<DueKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            // One string for all of a kind.
            var kind = reader.GetString(0) == DueItem.KeywordKind ? DueItem.KeywordKind : DueItem.ListingKind;
            queue.Add(new DueKey(kind, reader.GetGuid(1), reader.GetInt64(2)));
        }

        return queue;
    }

    /// <returns>Items with a text that waits, in the order of the keys, and keys of which there is nothing to do.</returns>
    public async Task<DuePage> ReadAsync(IReadOnlyList<DueKey> keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter<string[]>("kinds", [.. keys.Select(key => key.Kind)]));
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("ids", [.. keys.Select(key => key.Id)]));
        command.Parameters.Add(new NpgsqlParameter<long[]>("versions", [.. keys.Select(key => key.Version)]));
        command.Parameters.Add(new NpgsqlParameter<string>("hashPrefix", scope.HashPrefix));
        command.Parameters.Add(new NpgsqlParameter<bool>("local", scope.IsLocal));
        command.Parameters.Add(new NpgsqlParameter<string>("localModels", IntentScope.LocalModels));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var items = new Dictionary<(string, Guid), DueItem>(keys.Count);
        var settled = new List<DueKey>();
        var blank = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            var kind = reader.GetString(0) == DueItem.KeywordKind ? DueItem.KeywordKind : DueItem.ListingKind;
            var key = new DueKey(kind, reader.GetGuid(1), reader.GetInt64(2));
            if (reader.GetBoolean(5))
            {
                settled.Add(key);
            }
            else if (reader.IsDBNull(3) || string.IsNullOrWhiteSpace(reader.GetString(3)))
            {
                blank++;
                settled.Add(key);
            }
            else
            {
                items[(kind, key.Id)] = new DueItem(kind, key.Id, key.Version, reader.GetString(3), reader.GetString(4)) { IsModels = reader.GetBoolean(6) };
            }
        }

        return new DuePage([.. keys.Select(key => items.GetValueOrDefault((key.Kind, key.Id))!).Where(item => item is not null)], settled, blank);
    }
}

/// <summary>A page of the queue.</summary>
/// <param name="Settled">Due no more: classified already, in quarantine, gone, or without text.</param>
/// <param name="Blank">Of <paramref name="Settled"/>: those without text.</param>
internal sealed record DuePage(IReadOnlyList<DueItem> Items, IReadOnlyList<DueKey> Settled, int Blank);
