-- Lists: tallies kept instead of counted, a second order (longest waiting first), lists beside the tabs, saved views.

-- How many conversations there are of each kind. A sum over a workspace's few rows replaces counting every conversation; triggers on
-- conversations keep them. assignee_id is 0 where nobody is assigned. One row may be in several pieces: what counts is the sum.
CREATE TABLE tallies (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  assignee_id BIGINT NOT NULL,
  status TEXT NOT NULL,
  waiting BOOLEAN NOT NULL,
  unread BOOLEAN NOT NULL,
  number BIGINT NOT NULL
);
INSERT INTO tallies (workspace_id, assignee_id, status, waiting, unread, number)
  SELECT workspace_id, COALESCE(assignee_id, 0), status, waiting_since IS NOT NULL, unread > 0, COUNT(*) FROM conversations GROUP BY 1, 2, 3, 4, 5;
DROP INDEX conversations_counts;

-- Whoever waits longest stands first; those who do not wait follow, the latest first. One number says both, higher first.
CREATE INDEX conversations_all_waiting ON conversations (workspace_id, (COALESCE(-waiting_since, last_at - 9000000000000000000)) DESC, id DESC) WHERE active;
CREATE INDEX conversations_unassigned_waiting ON conversations (workspace_id, (COALESCE(-waiting_since, last_at - 9000000000000000000)) DESC, id DESC)
  WHERE active AND assignee_id IS NULL;
CREATE INDEX conversations_mine_waiting ON conversations (workspace_id, assignee_id, (COALESCE(-waiting_since, last_at - 9000000000000000000)) DESC, id DESC)
  WHERE active AND assignee_id IS NOT NULL;

-- Snoozed ones by when they come back; those that only a message brings back follow.
CREATE INDEX conversations_snoozed ON conversations (workspace_id, (COALESCE(-snoozed_until, last_at - 9000000000000000000)) DESC, id DESC)
  WHERE status = 'snoozed';
CREATE INDEX conversations_spam ON conversations (workspace_id, last_at DESC, id DESC) WHERE status = 'spam';
CREATE INDEX drafts_agent ON drafts (workspace_id, agent_id, updated_at DESC, conversation_id DESC);

-- What somebody wants to see again under a number: tab, order and filter.
CREATE TABLE views (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  place BIGINT NOT NULL,
  name TEXT NOT NULL,
  tab TEXT NOT NULL,
  sort TEXT NOT NULL,
  filter TEXT NOT NULL,
  saved_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, place)
);
