-- When the next reply leaves that somebody chose a time for: kept with the conversation, so that a list of them is paged by key. Triggers on the
-- outbox keep it.
ALTER TABLE conversations ADD COLUMN scheduled_at BIGINT;
UPDATE conversations SET scheduled_at = (SELECT MIN(o.due_at) FROM outbox o WHERE o.conversation_id = conversations.id AND o.appointed AND o.state = 'ready' AND o.attempt = 0 AND o.next_try_at > o.updated_at)
  WHERE id IN (SELECT conversation_id FROM outbox WHERE appointed AND state = 'ready');

-- What is out of sight and what leaves later, whatever comes first first; those that only a message brings back follow.
DROP INDEX conversations_snoozed;
CREATE INDEX conversations_later ON conversations (workspace_id, (COALESCE(-COALESCE(snoozed_until, scheduled_at), last_at - 9000000000000000000)) DESC, id DESC)
  WHERE (status = 'snoozed' OR scheduled_at IS NOT NULL) AND status <> 'merged';
CREATE INDEX scheduled_elsewhere ON conversations (workspace_id) WHERE scheduled_at IS NOT NULL AND status NOT IN ('snoozed', 'merged');
