-- LexyHub's own tables, for a database that has none yet. On a LexyHub database each of them is there already
-- and is left exactly as it is: what this script makes, it makes only where the table is missing, and only then
-- is row-level security switched on (Supabase hands tables of public to browsers).

do $do$
declare
    definition record;
begin
    for definition in
        select * from (values
            ('keywords', $ddl$
                create table public.keywords (
                    id uuid primary key default gen_random_uuid(),
                    term text not null,
                    term_normalized text generated always as (lower(btrim(term))) stored,
                    source text not null default 'manual',
                    market text not null default 'us',
                    tier text not null default 'free',
                    is_seed boolean not null default false,
                    trend_momentum numeric(6,3),
                    demand_index numeric(6,3),
                    competition_score numeric(6,3),
                    extras jsonb not null default '{}'::jsonb,
                    created_at timestamptz not null default now(),
                    updated_at timestamptz not null default now(),
                    unique (term_normalized, market, source))
            $ddl$),
            ('data_providers', $ddl$
                create table public.data_providers (
                    id text primary key,
                    display_name text not null,
                    provider_type text not null,
                    is_enabled boolean not null default true,
                    config jsonb not null default '{}'::jsonb,
                    created_at timestamptz not null default now())
            $ddl$),
            ('marketplace_accounts', $ddl$
                create table public.marketplace_accounts (
                    id uuid primary key default gen_random_uuid(),
                    user_id uuid,
                    provider_id text not null references public.data_providers (id),
                    external_shop_id text not null,
                    shop_name text,
                    access_token text,
                    refresh_token text,
                    token_expires_at timestamptz,
                    scopes text[] not null default '{}',
                    status text not null default 'active',
                    last_synced_at timestamptz,
                    metadata jsonb not null default '{}'::jsonb,
                    created_at timestamptz not null default now(),
                    updated_at timestamptz not null default now())
            $ddl$),
            ('provider_sync_states', $ddl$
                create table public.provider_sync_states (
                    id uuid primary key default gen_random_uuid(),
                    marketplace_account_id uuid not null references public.marketplace_accounts (id) on delete cascade,
                    sync_type text not null,
                    cursor text,
                    last_run_at timestamptz,
                    next_run_at timestamptz,
                    status text,
                    message text,
                    metadata jsonb not null default '{}'::jsonb)
            $ddl$),
            ('listings', $ddl$
                create table public.listings (
                    id uuid primary key default gen_random_uuid(),
                    marketplace_account_id uuid not null references public.marketplace_accounts (id) on delete cascade,
                    external_listing_id text not null,
                    title text not null,
                    description text,
                    url text,
                    currency text,
                    price_cents int,
                    quantity int,
                    status text not null default 'active',
                    published_at timestamptz,
                    updated_at timestamptz not null default now(),
                    extras jsonb not null default '{}'::jsonb,
                    unique (marketplace_account_id, external_listing_id))
            $ddl$),
            ('listing_tags', $ddl$
                create table public.listing_tags (
                    listing_id uuid not null references public.listings (id) on delete cascade,
                    tag text not null,
                    source text,
                    unique (listing_id, tag))
            $ddl$),
            ('listing_stats', $ddl$
                create table public.listing_stats (
                    listing_id uuid not null references public.listings (id) on delete cascade,
                    recorded_on date not null,
                    views int,
                    favorites int,
                    orders int,
                    revenue_cents int,
                    unique (listing_id, recorded_on))
            $ddl$),
            ('trend_series', $ddl$
                create table public.trend_series (
                    term text not null,
                    source text not null,
                    recorded_on date not null,
                    trend_score numeric(10,4),
                    velocity numeric(10,4),
                    expected_growth_30d numeric(10,4),
                    extras jsonb not null default '{}'::jsonb,
                    unique (term, source, recorded_on))
            $ddl$),
            ('job_runs', $ddl$
                create table public.job_runs (
                    id uuid primary key default gen_random_uuid(),
                    job_name text not null,
                    status text not null,
                    started_at timestamptz not null default now(),
                    finished_at timestamptz,
                    records_processed int not null default 0,
                    tokens_consumed int not null default 0,
                    error_message text,
                    metadata jsonb not null default '{}'::jsonb)
            $ddl$)
        ) as wanted (name, ddl)
    loop
        if to_regclass('public.' || definition.name) is null then
            execute definition.ddl;
            execute format('alter table public.%I enable row level security', definition.name);
        end if;
    end loop;

    if to_regclass('public.job_runs_by_job') is null
        and not exists (
            select from pg_indexes
            where schemaname = 'public' and tablename = 'job_runs' and indexdef like '%(job_name, started_at%')
    then
        create index job_runs_by_job on public.job_runs (job_name, started_at desc);
    end if;
end
$do$;
