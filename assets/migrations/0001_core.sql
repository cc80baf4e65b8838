-- The core: who writes, who answers, what was said, what waits to leave.
--
-- One text for both engines. BIGINT PRIMARY KEY becomes INTEGER PRIMARY KEY on SQLite, where only that names the row itself.
-- Ids are made by frontdesk and ordered by time; instants are microseconds since 1970 (UTC); *_key columns are lower-cased in Rust.

CREATE TABLE workspaces (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  last_number BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);

CREATE TABLE agents (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (workspace_id, name_key)
);

CREATE TABLE channels (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  provider TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  settings TEXT NOT NULL DEFAULT '{}',
  secrets TEXT NOT NULL DEFAULT '{}',
  account_key TEXT NOT NULL DEFAULT '',
  account_name TEXT NOT NULL DEFAULT '',
  undo_delay BIGINT NOT NULL,
  paused BOOLEAN NOT NULL DEFAULT FALSE,
  health TEXT NOT NULL DEFAULT 'unknown',
  note TEXT NOT NULL DEFAULT '',
  synced_at BIGINT,
  removed_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX channels_name ON channels (workspace_id, name_key) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX channels_account ON channels (workspace_id, provider, account_key) WHERE removed_at IS NULL AND account_key <> '';

CREATE TABLE contacts (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL
);

CREATE TABLE identities (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  contact_id BIGINT NOT NULL REFERENCES contacts (id),
  chat_key TEXT NOT NULL,
  handle TEXT NOT NULL DEFAULT '',
  reachable BOOLEAN NOT NULL DEFAULT TRUE,
  created_at BIGINT NOT NULL
);
CREATE INDEX identities_contact ON identities (contact_id);

-- Every key an identity ever had; a chat that moved keeps its past.
CREATE TABLE identity_keys (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  chat_key TEXT NOT NULL,
  identity_id BIGINT NOT NULL REFERENCES identities (id),
  PRIMARY KEY (channel_id, chat_key)
);
CREATE INDEX identity_keys_identity ON identity_keys (identity_id);

CREATE TABLE conversations (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  number BIGINT NOT NULL,
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  identity_id BIGINT NOT NULL REFERENCES identities (id),
  contact_id BIGINT NOT NULL REFERENCES contacts (id),
  status TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  assignee_id BIGINT REFERENCES agents (id),
  window_length BIGINT,
  unread BIGINT NOT NULL DEFAULT 0,
  preview TEXT NOT NULL DEFAULT '',
  preview_direction TEXT NOT NULL DEFAULT 'system',
  mark TEXT NOT NULL DEFAULT '',
  last_at BIGINT NOT NULL,
  last_seq BIGINT NOT NULL DEFAULT 0,
  waiting_since BIGINT,
  last_inbound_at BIGINT,
  first_reply_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX conversations_number ON conversations (workspace_id, number);
-- One living thread with one address, whatever arrives at once.
CREATE UNIQUE INDEX conversations_living ON conversations (identity_id) WHERE status IN ('open', 'pending', 'snoozed');
CREATE INDEX conversations_identity ON conversations (identity_id, id);
CREATE INDEX conversations_all ON conversations (workspace_id, last_at DESC, id DESC) WHERE active;
CREATE INDEX conversations_unassigned ON conversations (workspace_id, last_at DESC, id DESC) WHERE active AND assignee_id IS NULL;
CREATE INDEX conversations_mine ON conversations (workspace_id, assignee_id, last_at DESC, id DESC) WHERE active AND assignee_id IS NOT NULL;
CREATE INDEX conversations_unattended ON conversations (workspace_id, last_at DESC, id DESC) WHERE active AND waiting_since IS NOT NULL;
-- Counting the tabs reads this alone, never the rows.
CREATE INDEX conversations_counts ON conversations (workspace_id, active, assignee_id, waiting_since) WHERE active;
CREATE INDEX conversations_resolved ON conversations (workspace_id, last_at DESC, id DESC) WHERE status = 'resolved';

CREATE TABLE messages (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  conversation_id BIGINT NOT NULL REFERENCES conversations (id),
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  chat_key TEXT NOT NULL,
  external_id TEXT,
  client_key TEXT,
  direction TEXT NOT NULL,
  kind TEXT NOT NULL,
  agent_id BIGINT REFERENCES agents (id),
  author_key TEXT NOT NULL DEFAULT '',
  author TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  seq BIGINT NOT NULL DEFAULT 0,
  received_at BIGINT NOT NULL,
  delivery TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  due_at BIGINT,
  sent_at BIGINT,
  delivered_at BIGINT,
  read_at BIGINT,
  failed_at BIGINT,
  edited_at BIGINT,
  deleted_at BIGINT,
  reply_to TEXT,
  quote TEXT NOT NULL DEFAULT '',
  forwarded_from TEXT NOT NULL DEFAULT '',
  album TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX messages_external ON messages (channel_id, chat_key, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX messages_client ON messages (workspace_id, client_key) WHERE client_key IS NOT NULL;
CREATE INDEX messages_thread ON messages (conversation_id, at DESC, seq DESC, id DESC);

CREATE TABLE message_versions (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  message_id BIGINT NOT NULL REFERENCES messages (id),
  version_at BIGINT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (message_id, version_at)
);

CREATE TABLE reactions (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  message_id BIGINT NOT NULL REFERENCES messages (id),
  actor_key TEXT NOT NULL,
  emoji TEXT NOT NULL,
  actor TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (message_id, actor_key, emoji)
);

CREATE TABLE attachments (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  message_id BIGINT NOT NULL REFERENCES messages (id),
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  place BIGINT NOT NULL,
  kind TEXT NOT NULL,
  reference TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  mime TEXT NOT NULL DEFAULT '',
  size BIGINT,
  seconds BIGINT,
  stored TEXT NOT NULL,
  hash TEXT,
  attempt BIGINT NOT NULL DEFAULT 0,
  next_try_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX attachments_message ON attachments (message_id, place);
CREATE INDEX attachments_remote ON attachments (channel_id, next_try_at) WHERE stored = 'remote';

CREATE TABLE drafts (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  conversation_id BIGINT NOT NULL REFERENCES conversations (id),
  agent_id BIGINT NOT NULL REFERENCES agents (id),
  mode TEXT NOT NULL,
  text TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (conversation_id, agent_id, mode)
);

CREATE TABLE labels (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (workspace_id, name_key)
);

CREATE TABLE conversation_labels (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  conversation_id BIGINT NOT NULL REFERENCES conversations (id),
  label_id BIGINT NOT NULL REFERENCES labels (id),
  PRIMARY KEY (conversation_id, label_id)
);

-- One order to a provider. A reply is a message, an outbox row and one or more parts, written in one transaction.
CREATE TABLE outbox (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  conversation_id BIGINT NOT NULL REFERENCES conversations (id),
  message_id BIGINT NOT NULL REFERENCES messages (id),
  agent_id BIGINT REFERENCES agents (id),
  action TEXT NOT NULL,
  argument TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  next_try_at BIGINT NOT NULL,
  attempt BIGINT NOT NULL DEFAULT 0,
  failures BIGINT NOT NULL DEFAULT 0,
  lease_until BIGINT,
  reason TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (channel_id, next_try_at, id) WHERE state = 'ready';
CREATE INDEX outbox_lane ON outbox (conversation_id, due_at, id) WHERE state IN ('ready', 'sending');
CREATE INDEX outbox_sending ON outbox (id) WHERE state = 'sending';
CREATE INDEX outbox_open ON outbox (workspace_id, id) WHERE state IN ('ready', 'sending', 'uncertain', 'failed');
CREATE INDEX outbox_attention ON outbox (conversation_id, id) WHERE state IN ('uncertain', 'failed');
CREATE INDEX outbox_message ON outbox (message_id);

CREATE TABLE parts (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  message_id BIGINT NOT NULL REFERENCES messages (id),
  place BIGINT NOT NULL,
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  chat_key TEXT NOT NULL,
  text TEXT NOT NULL,
  attachment_id BIGINT REFERENCES attachments (id),
  state TEXT NOT NULL,
  external_id TEXT,
  settled_at BIGINT,
  PRIMARY KEY (message_id, place)
);
CREATE UNIQUE INDEX parts_external ON parts (channel_id, chat_key, external_id) WHERE external_id IS NOT NULL;

-- Payloads as they came. The key tells a repeated delivery.
CREATE TABLE journal (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  transport_key TEXT NOT NULL,
  body TEXT NOT NULL,
  received_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX journal_key ON journal (channel_id, transport_key);

-- Events whose message has not come yet; applied when it does.
CREATE TABLE orphans (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  chat_key TEXT NOT NULL,
  target TEXT NOT NULL,
  transport_key TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX orphans_target ON orphans (channel_id, target);

-- Payloads nobody could read, kept whole.
CREATE TABLE dead_letters (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  transport_key TEXT NOT NULL,
  body TEXT NOT NULL,
  error TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX dead_letters_workspace ON dead_letters (workspace_id, id);

CREATE TABLE cursors (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  value TEXT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (channel_id)
);

CREATE TABLE gaps (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL,
  lost_before BIGINT NOT NULL
);
CREATE INDEX gaps_channel ON gaps (channel_id, from_at);

-- Who does what only one process may do. The lock itself is the operating system's or the server's; this row is for people.
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  taken_at BIGINT NOT NULL
);

-- Append-only: audit, undo, reports.
CREATE TABLE events (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  agent_id BIGINT,
  channel_id BIGINT,
  conversation_id BIGINT,
  message_id BIGINT,
  detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX events_conversation ON events (conversation_id, id) WHERE conversation_id IS NOT NULL AND kind <> 'message.in';
