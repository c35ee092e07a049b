using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Data;

/// <summary>Everything that the catalogue says of the schema <c>public</c>, a line each, and the rows of its tables.</summary>
internal sealed record PublicSnapshot(IReadOnlyList<string> Catalogue, IReadOnlyDictionary<string, string> RowQueries, IReadOnlyList<string> Rows)
{
    private const string CatalogueSql = """
        select line from (
            select 'table ' || c.relname || ' kind ' || c.relkind::text || ' rls ' || c.relrowsecurity || ' forced ' || c.relforcerowsecurity
                || ' owner ' || pg_get_userbyid(c.relowner) || ' acl ' || coalesce(c.relacl::text, '')
            from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
            union all
            select 'column ' || c.relname || '.' || a.attname || ' at ' || a.attnum || ' ' || format_type(a.atttypid, a.atttypmod)
                || ' not null ' || a.attnotnull || ' generated ' || a.attgenerated::text || ' identity ' || a.attidentity::text
                || ' acl ' || coalesce(a.attacl::text, '') || ' default ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
            union all
            select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
            from pg_constraint where connamespace = 'public'::regnamespace
            union all
            select 'index ' || indexdef from pg_indexes where schemaname = 'public'
            union all
            select 'trigger ' || pg_get_triggerdef(t.oid) || ' enabled ' || t.tgenabled::text
            from pg_trigger t join pg_class c on c.oid = t.tgrelid
            where c.relnamespace = 'public'::regnamespace and not t.tgisinternal
            union all
            select 'policy ' || tablename || ' ' || policyname || ' ' || cmd || ' ' || coalesce(qual, '') || ' ' || coalesce(with_check, '')
            from pg_policies where schemaname = 'public'
            union all
            select 'function ' || p.oid::regprocedure || ' ' || md5(coalesce(p.prosrc, '')) || ' acl ' || coalesce(p.proacl::text, '')
            from pg_proc p where p.pronamespace = 'public'::regnamespace
                and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
            union all
            select 'schema acl ' || coalesce(nspacl::text, '') from pg_namespace where nspname = 'public'
        ) as lines (line) order by line collate "C"
        """;

    // With the transaction that wrote each row, so that an update which changes nothing shows too.
    private const string RowQueriesSql = """
        select c.relname || '|' || format(
            'select md5(coalesce(string_agg(line, E''\n'' order by line), '''')) from (select row(xmin::text, %s)::text as line from public.%I) as rows',
            string_agg(quote_ident(a.attname), ', ' order by a.attnum), c.relname)
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        group by c.relname order by c.relname
        """;

    /// <param name="connectionString">A superuser's.</param>
    /// <param name="before">Rows are read by the columns that the tables had then; null: by those that they have.</param>
    public static async Task<PublicSnapshot> TakeAsync(string connectionString, PublicSnapshot? before = null)
    {
        var queries = before?.RowQueries
            ?? (await Sql.RowsAsync(connectionString, RowQueriesSql)).ToDictionary(line => line.Split('|')[0], line => line[(line.IndexOf('|', StringComparison.Ordinal) + 1)..]);
        var rows = new List<string>();
        foreach (var (table, query) in queries)
            rows.Add($"{table} {await Sql.ValueAsync(connectionString, query)}");
        return new PublicSnapshot(await Sql.RowsAsync(connectionString, CatalogueSql), queries, rows);
    }

    /// <summary>Nothing that was there before is gone or changed.</summary>
    /// <returns>What was added.</returns>
    public IReadOnlyList<string> AssertOnlyAddedTo(PublicSnapshot before)
    {
        Assert.Empty(before.Catalogue.Except(Catalogue));
        Assert.Equal(before.Rows, Rows);
        return [.. Catalogue.Except(before.Catalogue)];
    }
}
