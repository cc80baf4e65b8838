-- What agents decide about a conversation besides its status and assignee: how soon, when it comes back, which labels (0001 has their tables).
-- priority: 0 none, 1 low, 2 medium, 3 high, 4 urgent. snoozed_until: when a snoozed one comes back by itself; without it only a message does.

ALTER TABLE conversations ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN snoozed_until BIGINT;
CREATE INDEX conversations_wake ON conversations (snoozed_until) WHERE status = 'snoozed' AND snoozed_until IS NOT NULL;
CREATE INDEX conversation_labels_label ON conversation_labels (label_id, conversation_id);
