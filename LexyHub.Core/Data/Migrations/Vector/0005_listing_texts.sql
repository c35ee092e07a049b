-- Shops list the same text again and again: a vector that is there is taken, not paid for once more.
create index listing_embeddings_by_text on lexyhub_jobs.listing_embeddings (text_hash);
