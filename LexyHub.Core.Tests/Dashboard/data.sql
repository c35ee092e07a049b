-- What the browser tests and the page's benchmark look at, relative to now. Vectors are all alike, and are compressed: they are not looked at.
alter table embeddings alter column embedding set storage extended;
alter table concept_clusters alter column centroid_vector set storage extended;
alter table lexyhub_jobs.listing_embeddings alter column embedding set storage extended;

-- Keywords: 640, of 40 nouns and 16 adjectives.
insert into keywords (term, market, trend_momentum)
select a || ' ' || n, 'us', null
from unnest(array['gold hoop','linen','ceramic','personalised','boho','vintage','minimalist','handmade','wedding','dainty','rustic','beaded','silver','crochet','wooden','floral']) a
cross join unnest(array['earrings','necklace','mug','wall art','tote bag','candle holder','planter','cushion cover','name sign','ring dish','scarf','baby blanket','cutting board','phone case','gift box','journal','bracelet','vase','keychain','print','dress','apron','sticker sheet','ornament','wreath','doormat','lamp','rug','clock','puzzle','soap','soap dish','hair clip','wallet','coaster set','tea towel','shelf','mirror','garland','cake topper']) n;
update lexyhub_jobs.keyword_terms t set term = k.term, source_term = k.term from keywords k where k.id = t.keyword_id;
insert into data_providers (id, display_name, provider_type) values ('etsy', 'Etsy', 'marketplace');
insert into marketplace_accounts (id, provider_id, external_shop_id) values ('00000000-0000-0000-0000-0000000000aa', 'etsy', '1');
insert into listings (marketplace_account_id, external_listing_id, title)
select '00000000-0000-0000-0000-0000000000aa', i::text, 'Listing ' || i from generate_series(1, 240) i;

-- Trends: every term has one, 60 have 90 days of scores.
insert into lexyhub_jobs.term_trends (term, momentum, expected_growth_30d, confidence, surge, last_reading_on, computed_on)
select term, round(((i * 7919) % 640) / 640.0 * 0.9, 3), round((((i * 7919) % 640) / 640.0 - 0.4) * 0.9, 4), round(0.5 + (i % 40) / 100.0, 3), (i * 7919) % 640 > 625, current_date - 1, current_date
from (select term, row_number() over (order by term) i from keywords) k;
insert into trend_series (term, source, recorded_on, trend_score, velocity)
select t.term, s.source, current_date - d, round(greatest(0.02, least(1, t.momentum * (1 - 0.9 * d / 90.0) + 0.06 * sin(d * 0.9 + s.n + length(t.term)) + 0.1 * (t.surge and d < 6)::int))::numeric, 4), 0
from (select * from lexyhub_jobs.term_trends order by momentum desc limit 60) t
cross join (values ('google-trends', 1), ('pinterest', 3)) s (source, n) cross join generate_series(1, 90) d
where s.n = 1 or d % 7 = 0;

-- Runs.
insert into job_runs (job_name, status, started_at, finished_at, records_processed, tokens_consumed, error_message, metadata)
select j.name, s.status, at, at + took, case when s.status = 'failed' then 0 else 900 + (i * 37) % 700 end, j.tokens * (900 + (i * 37) % 700),
    case when s.status = 'failed' then 'OpenAI refused the key: set OPENAI_API_KEY to one that is valid.' end,
    jsonb_build_object('trigger', case when i % 9 = 0 then 'http' else 'timer' end, 'epoch', 5000 - i, 'durationMs', extract(epoch from took) * 1000,
        'failed', case when s.status = 'partial' then 2 else 0 end, 'remaining', case when s.status = 'partial' then 340 else 0 end,
        'stopReason', case when s.status = 'partial' then 'time' end, 'counts', '{"keywordsUpdated":412}'::jsonb, 'errors', case when s.status = 'partial' then '[{"item":"keyword boho rug","error":"The model refused it: content_filter (violence)."}]'::jsonb else '[]' end,
        'stages', '[{"stage":"keywords","durationMs":182},{"stage":"collecting","durationMs":2310},{"stage":"aggregating","durationMs":1240}]'::jsonb)
from (values ('trend-aggregation', interval '6 hours', 0, 0), ('embed-missing', interval '1 hour', 11, 1), ('intent-classify', interval '1 day', 40, 2), ('rebuild-clusters', interval '1 day', 3, 3), ('etsy-sync', interval '6 hours', 0, 4)) j (name, every, tokens, n)
cross join generate_series(1, 400) i
cross join lateral (select date_trunc('hour', now()) - (case when j.name = 'rebuild-clusters' then 3 else 0 end + i - 1) * j.every - interval '55 minutes' * (j.n <> 1)::int as at, (0.6 + ((i * 7919) % 97) / 23.0 + j.n * 3) * interval '1 second' as took) t
cross join lateral (select case when j.name = 'embed-missing' and i <= 2 then 'failed' when (i * 31 + j.n) % 41 = 0 then 'failed' when (i * 17 + j.n) % 19 = 0 then 'partial' else 'succeeded' end as status) s;

-- Vectors.
insert into embeddings (term_hash, term, embedding, model)
select encode(sha256(convert_to('text-embedding-3-large::' || term, 'UTF8')), 'hex'), term, v, 'text-embedding-3-large'
from (select distinct term from keywords order by term limit 596) k, (select array_fill(0.018, array[3072])::vector as v) v;
-- LexyHub's fallback left noise under the real model's hashes: no vector of that model.
insert into embeddings (term_hash, term, embedding, model)
select encode(sha256(convert_to('text-embedding-3-large::' || term, 'UTF8')), 'hex'), term, v, 'text-embedding-3-large-deterministic-fallback'
from (select distinct term from keywords order by term desc limit 12) k, (select array_fill(0.018, array[3072])::vector as v) v;
insert into lexyhub_jobs.listing_embeddings (listing_id, model, text_hash, embedding, tokens, truncated)
select id, 'text-embedding-3-large', 'x', v, 12, false from (select id from listings order by external_listing_id::int limit 180) l, (select array_fill(0.018, array[3072])::vector as v) v;
delete from lexyhub_jobs.embedding_due_listings where listing_id in (select listing_id from lexyhub_jobs.listing_embeddings);
insert into lexyhub_jobs.embedding_quarantine (kind, item, model, text_hash, reason, attempts, first_at, last_at, retry_at)
select 'keyword', term, 'text-embedding-3-large', 'x', 'content_filter', 5, now(), now(), null from (select distinct term from keywords order by term desc limit 7) k;
insert into lexyhub_jobs.embedding_usage (day, model, requests, tokens, estimated_cost_usd)
select current_date - d, 'text-embedding-3-large', 20 + (d * 7) % 11, 90000 + ((d * 7919) % 31) * 4200, (90000 + ((d * 7919) % 31) * 4200) * 0.00000013 from generate_series(0, 27) d;

-- Intents.
insert into lexyhub_jobs.intent_classifications (kind, item_id, intent, purchase_stage, confidence, calibrated, model, content_hash, classified_at)
select 'keyword', id, (array['transactional', 'commercial', 'commercial', 'informational', 'transactional', 'navigational'])[1 + floor(sqrt(i % 30))],
    (array['awareness', 'consideration', 'consideration', 'purchase', 'retention'])[1 + i % 5], 0.6 + (i % 38) / 100.0, true, 'gpt-4.1-mini', 'x', now() - interval '5 hours'
from (select id, row_number() over (order by term) i from keywords) k where i <= 610;
insert into lexyhub_jobs.intent_classifications (kind, item_id, intent, purchase_stage, confidence, calibrated, model, content_hash, classified_at)
select 'listing', id, (array['transactional', 'commercial'])[1 + i % 2], 'purchase', 0.8, true, 'gpt-4.1-mini', 'x', now() - interval '5 hours'
from (select id, row_number() over (order by external_listing_id::int) i from listings) k;
insert into lexyhub_jobs.intent_usage (day, model, items, requests, input_tokens, output_tokens, estimated_cost_usd)
select current_date - d, 'gpt-4.1-mini', 40, 8 + d % 5, 21000 + ((d * 31) % 17) * 900, 3100, (21000 + ((d * 31) % 17) * 900) * 0.0000004 + 3100 * 0.0000016 from generate_series(0, 20) d;

-- Clusters, in a dozen clouds.
insert into lexyhub_jobs.cluster_usage (day, model, requests, tokens, estimated_cost_usd)
select current_date - d, 'gpt-4.1-mini', 3 + d % 4, 9000 + ((d * 31) % 13) * 700, (9000 + ((d * 31) % 13) * 700) * 0.0000006 from generate_series(0, 13) d;
insert into concept_clusters (id, centroid_vector, label, description, members, extras)
select ('00000000-0000-0000-0000-' || lpad(to_hex(i), 12, '0'))::uuid, v, a.w || ' ' || b.w, 'Keywords about ' || a.w || ' ' || b.w, array[a.w || ' ' || b.w],
    jsonb_build_object('market', 'us', 'confidence', 0.7 + (i % 25) / 100.0, 'cohesion', 0.6 + (i % 30) / 100.0,
        'stats', jsonb_build_object('memberCount', 3 + (420.0 / (1 + (i * 7919) % 211))::int, 'averageMomentum', round(((c * 37) % 12) / 14.0 + ((i * 7919) % 100) / 700.0, 3), 'intents', '{"gift":12,"decor":5}'::jsonb),
        'map', jsonb_build_object(
            'x', round(greatest(-1, least(1, 0.7 * cos(c * 2.4) * sqrt((c + 0.6) / 12) + 0.075 * bell * cos(6.2832 * u2)))::numeric, 4),
            'y', round(greatest(-1, least(1, 0.7 * sin(c * 2.4) * sqrt((c + 0.6) / 12) + 0.075 * bell * sin(6.2832 * u2)))::numeric, 4)))
from generate_series(1, 5000) i
cross join lateral (select i % 12 as c, sqrt(-2 * ln((1 + ('x' || substr(md5(i::text), 1, 7))::bit(28)::int) / 268435457.0)) as bell,
    ('x' || substr(md5(i::text), 8, 7))::bit(28)::int / 268435456.0 as u2) p
cross join lateral (select (array['gold hoop','linen','ceramic','personalised','boho','vintage','minimalist','wedding','dainty','rustic','beaded','silver'])[1 + i % 12] as w) a
cross join lateral (select (array['earrings','necklace','mug','wall art','tote bag','candle holder','planter','cushion cover','name sign','ring dish','scarf','baby blanket','cutting board','phone case','gift box','journal','bracelet','vase','keychain'])[1 + i % 19] as w) b
cross join (select array_fill(0.018, array[3072])::vector as v) v;
insert into lexyhub_jobs.cluster_members (keyword_id, cluster_id, market, term, similarity, rank)
select id, ('00000000-0000-0000-0000-' || lpad(to_hex(1 + i % 97), 12, '0'))::uuid, 'us', term, 0.9 - (i % 20) / 100.0, 1 + i / 97
from (select id, term, row_number() over (order by term) i from keywords) k;
