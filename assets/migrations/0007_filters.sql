-- What filters of a list look for, so that the few that have it are found without walking the list.
CREATE INDEX conversations_unread ON conversations (workspace_id, id) WHERE unread > 0;
CREATE INDEX conversations_failed ON conversations (workspace_id, id) WHERE mark IN ('uncertain', 'failed');
CREATE INDEX conversations_priority ON conversations (workspace_id, priority, id) WHERE priority > 0;
