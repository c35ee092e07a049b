namespace LexyHub.Core.Tests.Data;

/// <summary>LexyHub's own schema as its deployments have it, with rows in every table.</summary>
internal static class LexyHubSchemas
{
    /// <summary><c>keywords</c> of newer deployments: a normalised term, a tier of text and a trigger that keeps both in shape.</summary>
    public const string NewerKeywords = """
        create table public.keywords (
            id uuid primary key default gen_random_uuid(),
            term text not null,
            term_normalized text not null,
            source text not null default 'etsy',
            market text not null default 'us',
            tier text not null default 'free' check (tier in ('free', 'growth', 'scale')),
            is_seed boolean not null default false,
            trend_momentum numeric(6,3),
            demand_index numeric(6,3) default 0,
            competition_score numeric(6,3) default 0,
            freshness_ts timestamptz,
            extras jsonb default '{}'::jsonb,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now());
        create unique index keywords_term_market_source_key on public.keywords (term_normalized, market, source);
        create function public.keywords_before_write() returns trigger language plpgsql as $f$
        begin
            new.term := btrim(new.term);
            if new.term = '' then
                raise exception 'term must not be blank' using errcode = '23514';
            end if;
            new.term_normalized := lower(new.term);
            new.market := lower(btrim(new.market));
            new.source := lower(btrim(new.source));
            if tg_op = 'UPDATE' then
                new.updated_at := now();
            end if;
            return new;
        end $f$;
        create trigger keywords_before_write before insert or update on public.keywords
            for each row execute function public.keywords_before_write();
        alter table public.keywords enable row level security;
        create policy keywords_read on public.keywords for select using (true);
        grant select on public.keywords to public;
        insert into public.keywords (term, source, market, extras) values
            ('  Gold Hoop Earrings ', 'Etsy', 'US', '{"classification": {"purchaseIntent": "high"}}'),
            ('boho wedding', 'etsy', 'us', null),
            ('Linen  Dress', 'etsy', 'gb', '[1, 2]'),
            ('cat mug', 'manual', 'us', '"text"');
        """;

    /// <summary><c>keywords</c> of older deployments: no normalised term, another key, a tier of numbers, no momentum.</summary>
    public const string OlderKeywords = """
        create table public.keywords (
            id uuid primary key default gen_random_uuid(),
            term text not null,
            source text not null,
            market text not null,
            tier smallint not null default 0,
            is_seed boolean default false,
            demand_index numeric(6,3),
            extras jsonb,
            created_at timestamptz default now(),
            updated_at timestamptz default now(),
            constraint keywords_term_source_market_key unique (term, source, market));
        insert into public.keywords (term, source, market, extras) values
            ('Gold Hoop Earrings', 'Etsy', 'US', '{"intent": "purchase"}'), ('gold hoop earrings', 'Etsy', 'US', null),
            ('linen dress', 'etsy', 'gb', '7');
        """;

    /// <summary>The other tables, as LexyHub has them now.</summary>
    public const string Tables = """
        create table public.data_providers (id text primary key, display_name text not null, provider_type text not null,
            is_enabled boolean not null default true, config jsonb not null default '{}', created_at timestamptz not null default now());
        create table public.marketplace_accounts (id uuid primary key default gen_random_uuid(), user_id uuid not null,
            provider_id text not null references public.data_providers (id), external_shop_id text not null, shop_name text,
            access_token text, refresh_token text, token_expires_at timestamptz, scopes text[] not null default '{}',
            status text not null default 'active', last_synced_at timestamptz, metadata jsonb not null default '{}',
            created_at timestamptz not null default now(), updated_at timestamptz not null default now(),
            unique (provider_id, external_shop_id));
        create table public.provider_sync_states (id uuid primary key default gen_random_uuid(),
            marketplace_account_id uuid not null references public.marketplace_accounts (id) on delete cascade, sync_type text not null,
            cursor text, last_run_at timestamptz, next_run_at timestamptz, status text, message text, metadata jsonb default '{}');
        create table public.listings (id uuid primary key default gen_random_uuid(),
            marketplace_account_id uuid not null references public.marketplace_accounts (id) on delete cascade,
            external_listing_id text not null, title text not null, description text, url text, currency text default 'USD',
            price_cents int, quantity int, status text not null default 'active', published_at timestamptz,
            updated_at timestamptz not null default now(), extras jsonb default '{}',
            unique (marketplace_account_id, external_listing_id));
        create table public.listing_tags (id bigint generated always as identity primary key,
            listing_id uuid not null references public.listings (id) on delete cascade,
            tag text not null, source text default 'etsy', unique (listing_id, tag));
        create table public.listing_stats (listing_id uuid not null references public.listings (id) on delete cascade,
            recorded_on date not null, views int default 0, favorites int default 0, orders int default 0, revenue_cents int default 0,
            unique (listing_id, recorded_on));
        create table public.trend_series (id uuid primary key default gen_random_uuid(), term text not null, source text not null,
            recorded_on date not null, trend_score numeric(6,3), velocity numeric(6,3), expected_growth_30d numeric(10,4),
            extras jsonb default '{}', unique (term, source, recorded_on));
        create table public.job_runs (id uuid primary key default gen_random_uuid(), job_name text not null,
            status text not null default 'pending', started_at timestamptz default now(), finished_at timestamptz,
            records_processed int default 0, tokens_consumed int default 0, error_message text, metadata jsonb default '{}');
        create index job_runs_started on public.job_runs (started_at);
        """;

    /// <summary>One row or more in each of <see cref="Tables"/>.</summary>
    public const string Rows = """
        insert into public.data_providers (id, display_name, provider_type) values ('etsy', 'Etsy', 'marketplace');
        insert into public.marketplace_accounts (id, user_id, provider_id, external_shop_id)
        values ('00000000-0000-7000-8000-000000000001', gen_random_uuid(), 'etsy', '4711');
        insert into public.provider_sync_states (marketplace_account_id, sync_type)
        values ('00000000-0000-7000-8000-000000000001', 'listings'), ('00000000-0000-7000-8000-000000000001', 'listings');
        insert into public.listings (id, marketplace_account_id, external_listing_id, title)
        values ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', '1', 'Gold hoops');
        insert into public.listing_tags (listing_id, tag) values ('00000000-0000-7000-8000-000000000002', 'gold');
        insert into public.listing_stats (listing_id, recorded_on, views) values ('00000000-0000-7000-8000-000000000002', '2026-01-01', 5);
        insert into public.trend_series (term, source, recorded_on, trend_score) values ('gold', 'synthetic', '2026-01-01', 0.5);
        insert into public.job_runs (job_name, status) values ('trend-aggregation', 'succeeded');
        """;

    /// <summary>A newer deployment.</summary>
    public const string Newer = NewerKeywords + Tables + Rows;

    /// <summary>An older deployment, from before some tables and columns.</summary>
    public const string Older = OlderKeywords + """
        create table public.trend_series (term text not null, source text not null, recorded_on date not null,
            trend_score numeric(6,3), velocity numeric(6,3), expected_growth_30d numeric(6,3), unique (term, source, recorded_on));
        insert into public.trend_series (term, source, recorded_on, trend_score) values ('gold', 'synthetic', '2026-01-01', 0.5);
        create table public.job_runs (id uuid primary key default gen_random_uuid(), job_name text not null, status text not null,
            started_at timestamptz not null default now(), finished_at timestamptz, records_processed int, error_message text);
        create index job_runs_job on public.job_runs (job_name, started_at desc);
        insert into public.job_runs (job_name, status) values ('trend-aggregation', 'running');
        """;

    /// <summary>Columns that the jobs need and that <see cref="Older"/> lacks.</summary>
    public static readonly string[] OlderLacks =
        ["job_runs.metadata", "job_runs.tokens_consumed", "keywords.trend_momentum", "trend_series.extras"];
}
