-- Closes every table of the schema to browsers: row-level security with no policy, and no right for PUBLIC or for
-- Supabase's browser roles. Each migration that makes a table ends by calling it.
create function lexyhub_jobs.lock_down() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $body$
declare
    relation record;
    grantee text;
begin
    for relation in
        select c.oid::regclass as name, c.relrowsecurity
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'lexyhub_jobs' and c.relkind in ('r', 'p')
    loop
        if not relation.relrowsecurity then
            execute format('alter table %s enable row level security', relation.name);
        end if;
    end loop;

    for grantee in
        select 'public' union all
        select quote_ident(rolname) from pg_roles where rolname in ('anon', 'authenticated')
    loop
        execute format('revoke all on schema lexyhub_jobs from %s', grantee);
        execute format('revoke all on all tables in schema lexyhub_jobs from %s', grantee);
        execute format('revoke all on all sequences in schema lexyhub_jobs from %s', grantee);
        execute format('revoke all on all functions in schema lexyhub_jobs from %s', grantee);
    end loop;
end
$body$;

-- One lease row per job. The epoch grows by one with each holder; every writing transaction begins by extending
-- the lease under its own epoch, so that a run which lost its lease can write nothing more.
create table lexyhub_jobs.job_leases (
    job text primary key,
    epoch bigint not null default 0,
    owner text,
    run_id uuid,
    expires_at timestamptz not null default '-infinity'
);

-- What a run answered, and the Idempotency-Key that it was asked with (kept for 24 h).
create table lexyhub_jobs.run_answers (
    run_id uuid primary key,
    job text not null,
    idempotency_key text,
    status_code int,
    body json,           -- as it was sent, to the order of its keys
    created_at timestamptz not null default clock_timestamp(),
    unique (job, idempotency_key)
);

-- Small facts that outlive a run, by name: when something was last reconciled, a cursor, what a migration could not do.
create table lexyhub_jobs.job_state (
    name text primary key,
    value jsonb not null,
    updated_at timestamptz not null default clock_timestamp()
);

select lexyhub_jobs.lock_down();
