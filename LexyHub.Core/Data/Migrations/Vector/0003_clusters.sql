-- Which cluster of concept_clusters a keyword is in. A keyword that is near nothing has no row. There is no foreign key to
-- either side: LexyHub truncates keywords, and its own code rewrites concept_clusters.
create table lexyhub_jobs.cluster_members (
    keyword_id uuid primary key,
    cluster_id uuid not null,
    market text not null,
    term text not null,              -- in normal form; keywords that share one share similarity and rank
    similarity real not null,        -- cosine of the term's vector and the cluster's centroid, in all dimensions
    rank int not null,               -- 1: nearest to the centroid
    placed_at timestamptz not null default clock_timestamp()
);

create index cluster_members_by_cluster on lexyhub_jobs.cluster_members (cluster_id, rank);

-- What the jobs must know of a cluster and LexyHub's readers need not. A row of concept_clusters without one is LexyHub's own.
create table lexyhub_jobs.cluster_facts (
    cluster_id uuid primary key,
    market text not null,
    model text not null,             -- of its members' vectors
    reduction text not null,         -- how they were shortened for the clustering
    centroid bytea not null,         -- little-endian float32 in those dimensions: where the next rebuild starts
    threshold real not null,         -- similarity from which a new keyword joins
    label_source text not null,      -- 'words', or the chat model
    labelled_members bytea not null, -- hashes of the members that the label was made for
    labelled_at timestamptz not null
);

-- How clusters came and went.
create table lexyhub_jobs.cluster_lineage (
    run_id uuid not null,
    cluster_id uuid not null,        -- born or split: the new one; retired or merged: the one that is gone
    kind text not null check (kind in ('born', 'split', 'retired', 'merged')),
    other_id uuid,                   -- split: from which; merged: into which
    shared_members int not null,     -- terms that both have
    market text not null,
    label text not null,
    recorded_at timestamptz not null,
    primary key (run_id, cluster_id)
);

create index cluster_lineage_by_time on lexyhub_jobs.cluster_lineage (recorded_at);

-- Terms that are new or have changed since the snapshot of the last rebuild: those with a vector are put into the nearest cluster.
create table lexyhub_jobs.cluster_due_terms (
    term text primary key
);

-- A rebuild that is under way, over as many runs as it takes. What belongs to it is scratch: not logged, gone after a crash of
-- the server, dropped after 24 h.
create unlogged table lexyhub_jobs.cluster_rebuilds (
    id uuid primary key,
    settings text not null,          -- model, options and version of the algorithm: another value begins anew
    state jsonb not null,            -- stage and place within it
    started_at timestamptz not null
);

-- The snapshot: terms of a market with their shortened vectors, little-endian float32, one after the other.
create unlogged table lexyhub_jobs.cluster_rebuild_vectors (
    rebuild_id uuid not null,
    market text not null,
    page int not null,
    terms text[] not null,
    vectors bytea not null,
    primary key (rebuild_id, market, page)
);
alter table lexyhub_jobs.cluster_rebuild_vectors alter column vectors set storage external;

-- What the clustering of a market has come to: its state between two steps, then each term's cluster.
create unlogged table lexyhub_jobs.cluster_rebuild_markets (
    rebuild_id uuid not null,
    market text not null,
    kind text not null check (kind in ('step', 'result')),
    data bytea not null,
    primary key (rebuild_id, market, kind)
);
alter table lexyhub_jobs.cluster_rebuild_markets alter column data set storage external;

create unlogged table lexyhub_jobs.cluster_rebuild_members (
    rebuild_id uuid not null,
    number int not null,
    market text not null,
    term text not null,
    similarity real not null,
    rank int not null,
    primary key (rebuild_id, number, term)
);

create unlogged table lexyhub_jobs.cluster_rebuild_lineage (
    rebuild_id uuid not null,
    cluster_id uuid not null,
    kind text not null,
    other_id uuid,
    shared_members int not null,
    market text not null,
    label text not null,
    primary key (rebuild_id, cluster_id)
);

-- The new clusters, until all of them take the place of the old ones at once.
do $do$
begin
    execute format(
        $ddl$
            create unlogged table lexyhub_jobs.cluster_rebuild_clusters (
                rebuild_id uuid not null,
                number int not null,
                market text not null,
                cluster_id uuid not null,
                is_new boolean not null,
                reduced_centroid bytea not null,
                centroid %s,                     -- in all dimensions
                cohesion real,
                threshold real,
                label text,
                description text,
                confidence real,
                label_source text,
                labelled_members bytea,
                labelled_at timestamptz,
                map_x real,
                map_y real,
                primary key (rebuild_id, number))
        $ddl$,
        -- Supabase keeps the extension in a schema of its own.
        (select format('%I.vector', n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector'));
end
$do$;

create function lexyhub_jobs.note_terms_to_cluster() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    insert into lexyhub_jobs.cluster_due_terms (term)
    select distinct term from changed where term <> ''
    on conflict do nothing;
    return null;
end
$body$;

-- A keyword that has another term now is no member any more; it is due under the new one.
create function lexyhub_jobs.note_terms_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    delete from lexyhub_jobs.cluster_members m using changed c
    where m.keyword_id = c.keyword_id and c.term is not null and m.term <> c.term;

    insert into lexyhub_jobs.cluster_due_terms (term)
    select distinct term from changed where term <> ''
    on conflict do nothing;
    return null;
end
$body$;

create function lexyhub_jobs.remove_cluster_members() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
    delete from lexyhub_jobs.cluster_members m using removed r where m.keyword_id = r.keyword_id;
    return null;
end
$body$;

create trigger clusters_added after insert on lexyhub_jobs.keyword_terms
    referencing new table as changed for each statement execute function lexyhub_jobs.note_terms_to_cluster();
create trigger clusters_changed after update on lexyhub_jobs.keyword_terms
    referencing new table as changed for each statement execute function lexyhub_jobs.note_terms_changed();
create trigger clusters_removed after delete on lexyhub_jobs.keyword_terms
    referencing old table as removed for each statement execute function lexyhub_jobs.remove_cluster_members();

select lexyhub_jobs.lock_down();
