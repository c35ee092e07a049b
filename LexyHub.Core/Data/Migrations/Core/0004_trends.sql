-- Readings as their sources gave them, in the source's own unit; trend_series holds what is made of them.
create table lexyhub_jobs.signals (
    term text not null,          -- in normal form
    source text not null,
    recorded_on date not null,   -- UTC
    value double precision not null check (value >= -100 and value < 'infinity'),   -- below 0 only on the scale percent
    primary key (term, source, recorded_on)
);

-- How a source's values become scores of 0 to 1. A change of it makes all terms of the source due.
create table lexyhub_jobs.signal_sources (
    source text primary key,
    scale text not null check (scale in ('unit', 'index', 'count', 'percent')),
    declared boolean not null default false,   -- false: inferred from max_value, until a larger one says otherwise
    pushed boolean not null default false,     -- true: importers fill it; false: trend-aggregation fetches it
    max_value double precision not null default 0,
    reference double precision not null default 0,
    referenced_on date,
    median_momentum double precision, -- what a term is taken for while little is known of it
    median_on date,
    last_read_at timestamptz        -- when it was last read to its end
);

-- When a source that is asked term by term last answered for a term, also where it had no reading.
create table lexyhub_jobs.source_reads (
    source text not null,
    term text not null,
    read_at timestamptz not null,
    primary key (source, term)
);

-- Refresh tokens that a service replaced. Both columns come of the configured token by HKDF, and the replacement is
-- encrypted under it: a row is of no use without the configuration.
create table lexyhub_jobs.refresh_tokens (
    source text not null,
    configured bytea not null,
    ciphertext bytea not null,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (source, configured)
);

-- Terms with new readings, and the earliest day of them. The version tells a reading that arrived while the term was
-- being worked on.
create table lexyhub_jobs.trend_due (
    term text primary key,
    since date,                  -- null: nothing new, but a keyword has joined the term
    version bigint not null default 1
);

-- Each term's trend over all its sources, as of a UTC day. A term whose signals stopped is due
-- once a day until it reaches 0.
create table lexyhub_jobs.term_trends (
    term text primary key,
    momentum numeric(6,3) not null,
    expected_growth_30d numeric(10,4),
    confidence numeric(6,3) not null,
    surge boolean not null,
    last_reading_on date not null,
    computed_on date not null,
    due_on date                  -- when it changes without a new reading; null: never again
);

create index term_trends_by_due on lexyhub_jobs.term_trends (due_on) where due_on is not null;

select lexyhub_jobs.lock_down();
