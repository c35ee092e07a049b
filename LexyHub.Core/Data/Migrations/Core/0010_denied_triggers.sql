-- Triggers that the migrating role was not allowed to make (job_state holds "denied"): every `lexyhub migrate` tries again. Once they are there,
-- the next run compares all texts one last time, for what has changed since the last comparison. These are the triggers of 0003, 0005 and 0006.
create function lexyhub_jobs.make_denied_triggers(out target text, out made boolean) returns setof record
language plpgsql set search_path = pg_catalog, pg_temp as $body$
begin
    if exists (select from lexyhub_jobs.job_state where name = 'keyword-triggers') then
        target := 'trend-aggregation (keywords)';
        begin
            delete from lexyhub_jobs.job_state where name in ('keyword-triggers', 'keyword-terms-reconciled');
            create or replace trigger lexyhub_jobs_added after insert on public.keywords
                referencing new table as added for each statement execute function lexyhub_jobs.note_keywords_added();
            create or replace trigger lexyhub_jobs_changed after update of term on public.keywords
                for each row when (old.term is distinct from new.term) execute function lexyhub_jobs.note_keyword_changed();
            create or replace trigger lexyhub_jobs_removed after delete on public.keywords
                referencing old table as removed for each statement execute function lexyhub_jobs.note_keywords_removed();
            made := true;
        exception when insufficient_privilege then
            made := false;
        end;
        return next;
    end if;

    if exists (select from lexyhub_jobs.job_state where name = 'listing-triggers') then
        target := 'embed-missing (listings, listing_tags)';
        begin
            delete from lexyhub_jobs.job_state where name in ('listing-triggers', 'embeddings-reconciled');
            create or replace trigger lexyhub_jobs_added after insert on public.listings
                referencing new table as added for each statement execute function lexyhub_jobs.note_listings_added();
            create or replace trigger lexyhub_jobs_changed after update of title, description on public.listings
                for each row when (old.title is distinct from new.title or old.description is distinct from new.description)
                execute function lexyhub_jobs.note_listing_changed();
            create or replace trigger lexyhub_jobs_removed after delete on public.listings
                referencing old table as removed for each statement execute function lexyhub_jobs.note_listings_removed();
            create or replace trigger lexyhub_jobs_added after insert on public.listing_tags
                referencing new table as changed for each statement execute function lexyhub_jobs.note_listing_tags();
            create or replace trigger lexyhub_jobs_changed after update of listing_id, tag on public.listing_tags
                for each row when (old.tag is distinct from new.tag or old.listing_id is distinct from new.listing_id)
                execute function lexyhub_jobs.note_listing_tag_changed();
            create or replace trigger lexyhub_jobs_removed after delete on public.listing_tags
                referencing old table as changed for each statement execute function lexyhub_jobs.note_listing_tags();
            made := true;
        exception when insufficient_privilege then
            made := false;
        end;
        return next;
    end if;

    if exists (select from lexyhub_jobs.job_state where name = 'intent-triggers') then
        target := 'intent-classify (keywords, listings, listing_tags)';
        begin
            delete from lexyhub_jobs.job_state where name in ('intent-triggers', 'intents-reconciled');
            create or replace trigger lexyhub_intents_added after insert on public.keywords
                referencing new table as added for each statement execute function lexyhub_jobs.note_intents_due('keyword');
            create or replace trigger lexyhub_intents_changed after update of term on public.keywords
                for each row when (old.term is distinct from new.term) execute function lexyhub_jobs.note_intent_due('keyword');
            create or replace trigger lexyhub_intents_removed after delete on public.keywords
                referencing old table as removed for each statement execute function lexyhub_jobs.note_intents_removed('keyword');
            create or replace trigger lexyhub_intents_added after insert on public.listings
                referencing new table as added for each statement execute function lexyhub_jobs.note_intents_due('listing');
            create or replace trigger lexyhub_intents_changed after update of title, description on public.listings
                for each row when (old.title is distinct from new.title or old.description is distinct from new.description)
                execute function lexyhub_jobs.note_intent_due('listing');
            create or replace trigger lexyhub_intents_removed after delete on public.listings
                referencing old table as removed for each statement execute function lexyhub_jobs.note_intents_removed('listing');
            create or replace trigger lexyhub_intents_added after insert on public.listing_tags
                referencing new table as changed for each statement execute function lexyhub_jobs.note_intents_of_tags();
            create or replace trigger lexyhub_intents_changed after update of listing_id, tag on public.listing_tags
                for each row when (old.tag is distinct from new.tag or old.listing_id is distinct from new.listing_id)
                execute function lexyhub_jobs.note_intent_of_tag();
            create or replace trigger lexyhub_intents_removed after delete on public.listing_tags
                referencing old table as changed for each statement execute function lexyhub_jobs.note_intents_of_tags();
            made := true;
        exception when insufficient_privilege then
            made := false;
        end;
        return next;
    end if;
end
$body$;

select lexyhub_jobs.lock_down();
