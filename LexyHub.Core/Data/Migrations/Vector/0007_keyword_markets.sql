-- A keyword that has another market now is no member of a cluster of the old one any more; its term is due again.
create function lexyhub_jobs.note_keyword_moved() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    delete from lexyhub_jobs.cluster_members where keyword_id = new.id;

    insert into lexyhub_jobs.cluster_due_terms (term)
    select term from lexyhub_jobs.keyword_terms where keyword_id = new.id and term <> ''
    on conflict do nothing;
    return null;
end
$body$;

-- Where the migrating role may not put triggers on keywords, the next rebuild moves it.
do $do$
begin
    create trigger lexyhub_clusters_moved after update of market on public.keywords
        for each row when (old.market is distinct from new.market) execute function lexyhub_jobs.note_keyword_moved();
exception when insufficient_privilege then
    null;
end
$do$;

select lexyhub_jobs.lock_down();
