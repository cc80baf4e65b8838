-- Texts that are written again and again, found by a short name.
CREATE TABLE canned_replies (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  shortcut_key TEXT NOT NULL,
  shortcut TEXT NOT NULL,
  text TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, shortcut_key)
);

-- A reply that leaves at a time somebody chose. Until then it answers nobody: the customer still waits.
ALTER TABLE outbox ADD COLUMN appointed BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX outbox_appointed ON outbox (conversation_id, due_at) WHERE appointed AND state = 'ready';
