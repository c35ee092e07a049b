-- What intent-classify has to look at: a row says that a text is new or has changed. Triggers fill it; a comparison of all texts once a UTC
-- day, and whenever the model, the prompt or the taxonomy changes, catches what they missed.
create table lexyhub_jobs.intent_due (
    kind text not null check (kind in ('keyword', 'listing')),
    item_id uuid not null,
    version bigint not null default 1,   -- tells a change that came while the item was being worked on
    primary key (kind, item_id)
);

-- One row an item, for targeting; the whole of it is in extras.classification of the keyword or listing.
create table lexyhub_jobs.intent_classifications (
    kind text not null check (kind in ('keyword', 'listing')),
    item_id uuid not null,
    intent text not null check (intent in ('informational', 'navigational', 'commercial', 'transactional')),
    secondary_intent text check (secondary_intent in ('informational', 'navigational', 'commercial', 'transactional')),
    purchase_stage text not null check (purchase_stage in ('awareness', 'consideration', 'purchase', 'retention')),
    confidence real not null check (confidence between 0 and 1),
    calibrated boolean not null,
    occasion text,
    recipient text,
    style text,
    material text,
    gift boolean,
    model text not null,                 -- lexyhub-lexicon-… where the lexicon decided
    content_hash text not null,          -- lower-case hex SHA-256 of model, prompt version, taxonomy version and text
    classified_at timestamptz not null,
    primary key (kind, item_id)
);

create index intent_classifications_targeting
    on lexyhub_jobs.intent_classifications (kind, intent, purchase_stage, confidence desc);

-- Items that the model refused or answered wrongly while they stood alone. They come back with growing delay, and for a changed text,
-- model, prompt or taxonomy at once.
create table lexyhub_jobs.intent_quarantine (
    kind text not null check (kind in ('keyword', 'listing')),
    item_id uuid not null,
    model text not null,
    content_hash text not null,
    reason text not null,
    attempts int not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    retry_at timestamptz,                -- null: given up
    primary key (kind, item_id)
);

create index intent_quarantine_retry on lexyhub_jobs.intent_quarantine (retry_at) where retry_at is not null;

-- Paid for, per UTC day and model; the caps of items and tokens per day are judged by it.
create table lexyhub_jobs.intent_usage (
    day date not null,
    model text not null,
    items bigint not null,
    requests bigint not null,
    input_tokens bigint not null,
    output_tokens bigint not null,
    estimated_cost_usd numeric(14,6) not null,
    primary key (day, model)
);

-- How a model's numbers become probabilities, fitted by `lexyhub intents calibrate`.
create table lexyhub_jobs.intent_calibrations (
    model text not null,
    prompt_version int not null,
    map text not null,                   -- method and phrases, then number,probability by line
    fitted_at timestamptz not null,
    primary key (model, prompt_version)
);

create function lexyhub_jobs.note_intents_due() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    insert into lexyhub_jobs.intent_due as d (kind, item_id)
    select tg_argv[0], id from added
    on conflict (kind, item_id) do update set version = d.version + 1;
    return null;
end
$body$;

create function lexyhub_jobs.note_intent_due() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    insert into lexyhub_jobs.intent_due as d (kind, item_id) values (tg_argv[0], new.id)
    on conflict (kind, item_id) do update set version = d.version + 1;
    return null;
end
$body$;

create function lexyhub_jobs.note_intents_removed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    delete from lexyhub_jobs.intent_due using removed where kind = tg_argv[0] and item_id = removed.id;
    delete from lexyhub_jobs.intent_classifications using removed where kind = tg_argv[0] and item_id = removed.id;
    delete from lexyhub_jobs.intent_quarantine using removed where kind = tg_argv[0] and item_id = removed.id;
    return null;
end
$body$;

-- Tags of a listing that is being deleted go after it: the listing is no longer there to be found.
create function lexyhub_jobs.note_intents_of_tags() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    insert into lexyhub_jobs.intent_due as d (kind, item_id)
    select 'listing', l.id from (select distinct listing_id from changed) c join public.listings l on l.id = c.listing_id
    on conflict (kind, item_id) do update set version = d.version + 1;
    return null;
end
$body$;

create function lexyhub_jobs.note_intent_of_tag() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    insert into lexyhub_jobs.intent_due as d (kind, item_id)
    select 'listing', l.id from public.listings l where l.id in (old.listing_id, new.listing_id)
    on conflict (kind, item_id) do update set version = d.version + 1;
    return null;
end
$body$;

-- Only the text columns: what trend-aggregation and intent-classify itself write makes nothing due.
do $do$
begin
    create trigger lexyhub_intents_added after insert on public.keywords
        referencing new table as added for each statement execute function lexyhub_jobs.note_intents_due('keyword');
    create trigger lexyhub_intents_changed after update of term on public.keywords
        for each row when (old.term is distinct from new.term) execute function lexyhub_jobs.note_intent_due('keyword');
    create trigger lexyhub_intents_removed after delete on public.keywords
        referencing old table as removed for each statement execute function lexyhub_jobs.note_intents_removed('keyword');
    create trigger lexyhub_intents_added after insert on public.listings
        referencing new table as added for each statement execute function lexyhub_jobs.note_intents_due('listing');
    create trigger lexyhub_intents_changed after update of title, description on public.listings
        for each row when (old.title is distinct from new.title or old.description is distinct from new.description)
        execute function lexyhub_jobs.note_intent_due('listing');
    create trigger lexyhub_intents_removed after delete on public.listings
        referencing old table as removed for each statement execute function lexyhub_jobs.note_intents_removed('listing');
    create trigger lexyhub_intents_added after insert on public.listing_tags
        referencing new table as changed for each statement execute function lexyhub_jobs.note_intents_of_tags();
    create trigger lexyhub_intents_changed after update of listing_id, tag on public.listing_tags
        for each row when (old.tag is distinct from new.tag or old.listing_id is distinct from new.listing_id)
        execute function lexyhub_jobs.note_intent_of_tag();
    create trigger lexyhub_intents_removed after delete on public.listing_tags
        referencing old table as changed for each statement execute function lexyhub_jobs.note_intents_of_tags();
exception when insufficient_privilege then
    insert into lexyhub_jobs.job_state (name, value) values ('intent-triggers', '"denied"');
end
$do$;

insert into lexyhub_jobs.intent_due (kind, item_id)
select 'keyword', id from public.keywords union all select 'listing', id from public.listings;

select lexyhub_jobs.lock_down();
