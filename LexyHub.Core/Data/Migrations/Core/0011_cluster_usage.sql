-- Paid for the names of clusters, per UTC day and model; the cap of tokens per day is judged by it.
create table lexyhub_jobs.cluster_usage (
    day date not null,
    model text not null,
    requests bigint not null,
    tokens bigint not null,
    estimated_cost_usd numeric(14,6) not null,
    primary key (day, model)
);

select lexyhub_jobs.lock_down();
