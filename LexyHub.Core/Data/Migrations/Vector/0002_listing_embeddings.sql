-- One vector per listing. They are not in embeddings: its index on term refuses long texts, and a changed listing would leave
-- its old vector behind.
do $do$
begin
    execute format(
        $ddl$
            create table lexyhub_jobs.listing_embeddings (
                listing_id uuid primary key,
                model text not null,
                text_hash text not null,        -- lower-case hex SHA-256 of the text
                embedding %s(3072) not null,
                tokens int not null,            -- sent, after any cut
                truncated boolean not null,
                created_at timestamptz not null default now())
        $ddl$,
        -- Supabase keeps the extension in a schema of its own.
        (select format('%I.vector', n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'));
end
$do$;

create function lexyhub_jobs.remove_listing_embeddings() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    delete from lexyhub_jobs.listing_embeddings using removed where listing_id = removed.id;
    return null;
end
$body$;

-- Where it may not be made, the daily comparison removes what is left.
do $do$
begin
    create trigger lexyhub_jobs_embeddings_removed after delete on public.listings
        referencing old table as removed for each statement execute function lexyhub_jobs.remove_listing_embeddings();
exception when insufficient_privilege then
    raise notice 'no trigger on listings';
end
$do$;

select lexyhub_jobs.lock_down();
