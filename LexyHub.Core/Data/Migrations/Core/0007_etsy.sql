-- Who may renew the tokens of an account now. A row goes with the storing of the new tokens: one that is left tells of a
-- renewal whose answer was never stored.
create table lexyhub_jobs.etsy_token_claims (
    account_id uuid primary key,
    owner uuid not null,
    attempts int not null default 1,
    expires_at timestamptz not null     -- judged by this database's clock alone
);

-- The listings that the sync under way has met, by the state in which Etsy listed them: a page that begins with none of them
-- leaves a gap, and what a full sync has not met is gone. Emptied when a sync begins and when it ends.
create table lexyhub_jobs.etsy_seen_listings (
    account_id uuid not null,
    state text not null,
    listing_id bigint not null,
    primary key (account_id, state, listing_id)
);

select lexyhub_jobs.lock_down();
