-- A result's number of terms beside it, for lexyhub_jobs.cluster_markets: the swap need not read the result itself.
alter table lexyhub_jobs.cluster_rebuild_markets add column terms int;
