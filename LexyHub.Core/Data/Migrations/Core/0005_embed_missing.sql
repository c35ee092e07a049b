-- What embed-missing has to look at. A row says that a text is new or has changed, not that it has no vector: the job asks
-- that of the few that are due. Triggers fill both tables; a full comparison once a UTC day catches what they missed.
create table lexyhub_jobs.embedding_due_terms (
    term text primary key            -- in normal form; '' stands for all keywords that have none
);

create table lexyhub_jobs.embedding_due_listings (
    listing_id uuid primary key,
    version bigint not null default 1   -- tells a change that came while the listing was being worked on
);

-- Texts that the model refused while they stood alone. They come back with growing delay, and for a changed text or another
-- model at once.
create table lexyhub_jobs.embedding_quarantine (
    kind text not null check (kind in ('keyword', 'listing')),
    item text not null,              -- the term in normal form, or the listing's id
    model text not null,
    text_hash text not null,         -- lower-case hex SHA-256 of the text
    reason text not null,
    attempts int not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    retry_at timestamptz,            -- null: given up
    primary key (kind, item)
);

create index embedding_quarantine_retry on lexyhub_jobs.embedding_quarantine (retry_at) where retry_at is not null;

-- Paid for, per UTC day and model; the cap of tokens per day is judged by it.
create table lexyhub_jobs.embedding_usage (
    day date not null,
    model text not null,
    requests bigint not null,
    tokens bigint not null,
    estimated_cost_usd numeric(14,6) not null,
    primary key (day, model)
);

create index keyword_terms_blank on lexyhub_jobs.keyword_terms (keyword_id) where term = '';

create function lexyhub_jobs.note_terms_to_embed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    insert into lexyhub_jobs.embedding_due_terms (term)
    select distinct term from changed where term is not null
    on conflict do nothing;
    return null;
end
$body$;

-- keyword_terms changes only with a keyword's text: what trend-aggregation writes to keywords makes nothing due.
create trigger embeddings_added after insert on lexyhub_jobs.keyword_terms
    referencing new table as changed for each statement execute function lexyhub_jobs.note_terms_to_embed();
create trigger embeddings_changed after update on lexyhub_jobs.keyword_terms
    referencing new table as changed for each statement execute function lexyhub_jobs.note_terms_to_embed();

create function lexyhub_jobs.note_listings_added() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    insert into lexyhub_jobs.embedding_due_listings as d (listing_id)
    select id from added
    on conflict (listing_id) do update set version = d.version + 1;
    return null;
end
$body$;

create function lexyhub_jobs.note_listing_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    insert into lexyhub_jobs.embedding_due_listings as d (listing_id) values (new.id)
    on conflict (listing_id) do update set version = d.version + 1;
    return null;
end
$body$;

create function lexyhub_jobs.note_listings_removed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    delete from lexyhub_jobs.embedding_due_listings using removed where listing_id = removed.id;
    delete from lexyhub_jobs.embedding_quarantine using removed where kind = 'listing' and item = removed.id::text;
    return null;
end
$body$;

-- Tags of a listing that is being deleted go after it: the listing is no longer there to be found.
create function lexyhub_jobs.note_listing_tags() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    insert into lexyhub_jobs.embedding_due_listings as d (listing_id)
    select l.id from (select distinct listing_id from changed) c join public.listings l on l.id = c.listing_id
    on conflict (listing_id) do update set version = d.version + 1;
    return null;
end
$body$;

create function lexyhub_jobs.note_listing_tag_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    insert into lexyhub_jobs.embedding_due_listings as d (listing_id)
    select l.id from public.listings l where l.id in (old.listing_id, new.listing_id)
    on conflict (listing_id) do update set version = d.version + 1;
    return null;
end
$body$;

do $do$
begin
    create trigger lexyhub_jobs_added after insert on public.listings
        referencing new table as added for each statement execute function lexyhub_jobs.note_listings_added();
    create trigger lexyhub_jobs_changed after update of title, description on public.listings
        for each row when (old.title is distinct from new.title or old.description is distinct from new.description)
        execute function lexyhub_jobs.note_listing_changed();
    create trigger lexyhub_jobs_removed after delete on public.listings
        referencing old table as removed for each statement execute function lexyhub_jobs.note_listings_removed();
    create trigger lexyhub_jobs_added after insert on public.listing_tags
        referencing new table as changed for each statement execute function lexyhub_jobs.note_listing_tags();
    create trigger lexyhub_jobs_changed after update of listing_id, tag on public.listing_tags
        for each row when (old.tag is distinct from new.tag or old.listing_id is distinct from new.listing_id)
        execute function lexyhub_jobs.note_listing_tag_changed();
    create trigger lexyhub_jobs_removed after delete on public.listing_tags
        referencing old table as changed for each statement execute function lexyhub_jobs.note_listing_tags();
exception when insufficient_privilege then
    insert into lexyhub_jobs.job_state (name, value) values ('listing-triggers', '"denied"');
end
$do$;

insert into lexyhub_jobs.embedding_due_terms (term) select distinct term from lexyhub_jobs.keyword_terms where term is not null;
insert into lexyhub_jobs.embedding_due_listings (listing_id) select id from public.listings;

select lexyhub_jobs.lock_down();
