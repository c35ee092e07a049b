-- Jobs that a person has paused: their timers and callers get "skipped" until somebody resumes them, or the time is over.
create table lexyhub_jobs.job_pauses (
    job text primary key,
    paused_by text not null,
    reason text not null,
    since timestamptz not null default clock_timestamp(),
    until timestamptz            -- null: until somebody resumes it
);

select lexyhub_jobs.lock_down();
