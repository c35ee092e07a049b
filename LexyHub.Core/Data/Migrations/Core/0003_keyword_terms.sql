-- The normal form of each keyword's term (Unicode NFKC, trimmed, single spaces, lower case). The jobs make it, since
-- PostgreSQL's lower() depends on the database's locale; the triggers only note what is due.
create table lexyhub_jobs.keyword_terms (
    keyword_id uuid primary key,
    term text,          -- null: due; '': nothing to match by (blank, or over 500 characters)
    source_term text    -- keywords.term from which the term was made
);

create index keyword_terms_by_term on lexyhub_jobs.keyword_terms (term) where term <> '';
create index keyword_terms_due on lexyhub_jobs.keyword_terms (keyword_id) where term is null;

create function lexyhub_jobs.note_keywords_added() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    insert into lexyhub_jobs.keyword_terms (keyword_id)
    select id from added
    on conflict (keyword_id) do update set term = null;
    return null;
end
$body$;

create function lexyhub_jobs.note_keyword_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    insert into lexyhub_jobs.keyword_terms (keyword_id) values (new.id)
    on conflict (keyword_id) do update set term = null;
    return null;
end
$body$;

create function lexyhub_jobs.note_keywords_removed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    delete from lexyhub_jobs.keyword_terms using removed where keyword_id = removed.id;
    return null;
end
$body$;

-- A role that does not own keywords may not put triggers on it: then the jobs are told so, and compare the tables
-- in full at every run. (A foreign key is not used: it would forbid LexyHub to truncate keywords.)
do $do$
begin
    create trigger lexyhub_jobs_added after insert on public.keywords
        referencing new table as added for each statement execute function lexyhub_jobs.note_keywords_added();
    create trigger lexyhub_jobs_changed after update of term on public.keywords
        for each row when (old.term is distinct from new.term) execute function lexyhub_jobs.note_keyword_changed();
    create trigger lexyhub_jobs_removed after delete on public.keywords
        referencing old table as removed for each statement execute function lexyhub_jobs.note_keywords_removed();
exception when insufficient_privilege then
    insert into lexyhub_jobs.job_state (name, value) values ('keyword-triggers', '"denied"');
end
$do$;

insert into lexyhub_jobs.keyword_terms (keyword_id) select id from public.keywords;
insert into lexyhub_jobs.job_state (name, value)
values ('keyword-terms-reconciled', to_jsonb((clock_timestamp() at time zone 'UTC')::date));

select lexyhub_jobs.lock_down();
