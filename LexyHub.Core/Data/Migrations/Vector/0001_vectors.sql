-- Needs pgvector. On a LexyHub database both tables are there already and are left as they are, but for columns
-- that the jobs need and that an older one may lack.
do $do$
declare
    missing record;
    made text[] := '{}';
begin
    if not exists (select from pg_extension where extname = 'vector') then
        create extension vector;
    end if;

    if to_regclass('public.embeddings') is null then
        create table public.embeddings (
            term_hash text primary key,
            term text not null,
            embedding vector(3072) not null,
            model text not null,
            created_at timestamptz not null default now());
        create index embeddings_term_idx on public.embeddings (term);
        alter table public.embeddings enable row level security;
        made := made || 'embeddings'::text;
    end if;

    if to_regclass('public.concept_clusters') is null then
        create table public.concept_clusters (
            id uuid primary key default gen_random_uuid(),
            centroid_vector vector(3072) not null,
            label text not null,
            description text,
            members text[] not null default '{}',
            extras jsonb not null default '{}'::jsonb,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now());
        alter table public.concept_clusters enable row level security;
        made := made || 'concept_clusters'::text;
    end if;

    -- Row-level security does not hold truncate, and Supabase's default privileges grant it.
    for missing in select name, rolname from unnest(made) as name, pg_roles where rolname in ('anon', 'authenticated') loop
        execute format('revoke truncate, references, trigger on public.%I from %I', missing.name, missing.rolname);
    end loop;

    for missing in
        select * from (values
            ('embeddings', 'model', 'text'),
            ('embeddings', 'created_at', 'timestamptz'),
            ('concept_clusters', 'description', 'text'),
            ('concept_clusters', 'members', 'text[]'),
            ('concept_clusters', 'extras', 'jsonb'),
            ('concept_clusters', 'created_at', 'timestamptz'),
            ('concept_clusters', 'updated_at', 'timestamptz')
        ) as wanted (name, column_name, type)
        where not exists (
            select from pg_attribute a
            where a.attrelid = to_regclass('public.' || wanted.name) and a.attname = wanted.column_name and not a.attisdropped)
    loop
        execute format('alter table public.%I add column %I %s', missing.name, missing.column_name, missing.type);
    end loop;
end
$do$;
