-- LexyHub's own tables, for a database that has none yet. On a LexyHub database each of them is there already
-- and is left as it is: what this script makes, it makes only where the table is missing, and only then
-- is row-level security switched on (Supabase hands tables of public to browsers). The catalogue is asked before
-- anything is altered, so that a role which owns none of the tables gets through where nothing is missing.

do $do$
declare
    definition record;
    browser text;
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

            -- Row-level security does not hold truncate, and Supabase's default privileges grant it.
            for browser in select rolname from pg_roles where rolname in ('anon', 'authenticated') loop
                execute format('revoke truncate, references, trigger on public.%I from %I', definition.name, browser);
            end loop;
        end if;
    end loop;

    -- Columns that the jobs read or write, for tables from before LexyHub had them. They may be null, as rows that
    -- are there already are left without them.
    for definition in
        select * from (values
            ('keywords', 'trend_momentum', 'numeric(6,3)'),
            ('keywords', 'extras', 'jsonb'),
            ('listings', 'description', 'text'),
            ('listings', 'url', 'text'),
            ('listings', 'currency', 'text'),
            ('listings', 'price_cents', 'int'),
            ('listings', 'quantity', 'int'),
            ('listings', 'status', 'text'),
            ('listings', 'published_at', 'timestamptz'),
            ('listings', 'updated_at', 'timestamptz'),
            ('listings', 'extras', 'jsonb'),
            ('listing_tags', 'source', 'text'),
            ('listing_stats', 'views', 'int'),
            ('listing_stats', 'favorites', 'int'),
            ('listing_stats', 'orders', 'int'),
            ('listing_stats', 'revenue_cents', 'int'),
            ('trend_series', 'trend_score', 'numeric(10,4)'),
            ('trend_series', 'velocity', 'numeric(10,4)'),
            ('trend_series', 'expected_growth_30d', 'numeric(10,4)'),
            ('trend_series', 'extras', 'jsonb'),
            ('job_runs', 'finished_at', 'timestamptz'),
            ('job_runs', 'records_processed', 'int'),
            ('job_runs', 'tokens_consumed', 'int'),
            ('job_runs', 'error_message', 'text'),
            ('job_runs', 'metadata', 'jsonb'),
            ('marketplace_accounts', 'shop_name', 'text'),
            ('marketplace_accounts', 'access_token', 'text'),
            ('marketplace_accounts', 'refresh_token', 'text'),
            ('marketplace_accounts', 'token_expires_at', 'timestamptz'),
            ('marketplace_accounts', 'scopes', 'text[]'),
            ('marketplace_accounts', 'status', 'text'),
            ('marketplace_accounts', 'last_synced_at', 'timestamptz'),
            ('marketplace_accounts', 'metadata', 'jsonb'),
            ('provider_sync_states', 'cursor', 'text'),
            ('provider_sync_states', 'last_run_at', 'timestamptz'),
            ('provider_sync_states', 'next_run_at', 'timestamptz'),
            ('provider_sync_states', 'status', 'text'),
            ('provider_sync_states', 'message', 'text'),
            ('provider_sync_states', 'metadata', 'jsonb')
        ) as wanted (name, column_name, type)
        where not exists (
            select from pg_attribute a
            where a.attrelid = to_regclass('public.' || wanted.name) and a.attname = wanted.column_name and not a.attisdropped)
    loop
        execute format('alter table public.%I add column %I %s', definition.name, definition.column_name, definition.type);
    end loop;

    if to_regclass('public.job_runs_by_job') is null
        and not exists (
            select from pg_indexes
            where schemaname = 'public' and tablename = 'job_runs' and indexdef like '%(job_name, started_at%')
    then
        begin
            create index job_runs_by_job on public.job_runs (job_name, started_at desc);
        exception when insufficient_privilege then
            -- Only the owner may. It is for speed alone.
            raise notice 'no index on job_runs (job_name, started_at)';
        end;
    end if;
end
$do$;
