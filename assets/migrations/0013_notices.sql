-- What holders of tickets are told.

-- Its holder wants to hear no more of it.
ALTER TABLE tickets ADD COLUMN quiet BOOLEAN NOT NULL DEFAULT FALSE;
-- Whose ticket was cancelled a moment ago.
CREATE INDEX tickets_cancelled ON tickets (venue_id, ended_at) WHERE state = 'cancelled';
-- What may still get further.
CREATE INDEX notices_live ON notices (state, at) WHERE state IN ('queued', 'sent');
