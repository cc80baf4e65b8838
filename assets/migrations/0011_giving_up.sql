-- Replies that nobody takes, and who syncs.

-- Since when a reply that is tried again has been refused without a pause; empty when it never was.
ALTER TABLE outbox ADD COLUMN refused_at BIGINT;

-- Who holds the lock for syncing, for people to read; the lock itself is the system's or the server's. The row goes when its holder ends.
ALTER TABLE leases ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE leases ADD COLUMN pid BIGINT NOT NULL DEFAULT 0;
ALTER TABLE leases ADD COLUMN program TEXT NOT NULL DEFAULT '';
-- When the holder last said that it is at work.
ALTER TABLE leases ADD COLUMN beat_at BIGINT NOT NULL DEFAULT 0;
