-- Needs pgvector. On a LexyHub database both tables are there already and are left as they are.
do $do$
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
    end if;
end
$do$;
