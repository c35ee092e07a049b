-- For how many terms of a market there are clusters enough: a market that has grown since is searched for more of them.
create table lexyhub_jobs.cluster_markets (
    market text primary key,
    terms int not null
);

select lexyhub_jobs.lock_down();
