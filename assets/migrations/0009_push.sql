-- Channels that call us, reply windows the provider closes, templates, bulk sends.

-- Raw bodies of webhooks are written down before they are answered and processed from here. Payloads that were asked for are done when stored.
ALTER TABLE journal ADD COLUMN done BOOLEAN NOT NULL DEFAULT TRUE;
CREATE INDEX journal_waiting ON journal (channel_id, id) WHERE NOT done;
-- Reading a payload again must not put it aside twice.
CREATE INDEX dead_letters_key ON dead_letters (channel_id, transport_key);

ALTER TABLE messages ADD COLUMN played_at BIGINT;
-- What a part is besides words and files (domain::outbound::Special), as JSON.
ALTER TABLE parts ADD COLUMN special TEXT;
-- The template that leaves instead when the reply window turns out to be closed (domain::template::Filled, as JSON); and the bulk send it is of.
ALTER TABLE outbox ADD COLUMN fallback TEXT;
ALTER TABLE outbox ADD COLUMN bulk_id BIGINT;
-- When the provider said that the window is closed, whatever we thought.
ALTER TABLE conversations ADD COLUMN window_closed_at BIGINT;
-- When they said that they want no advertising; and the provider's own limit on it.
ALTER TABLE identities ADD COLUMN opted_out_at BIGINT;
ALTER TABLE identities ADD COLUMN capped_at BIGINT;
-- When they last said anything about advertising, for or against: older news come late and change nothing.
ALTER TABLE identities ADD COLUMN opted_at BIGINT;

-- Last success each way, when the credentials end, and how many people the portfolio may begin to write to in a day.
ALTER TABLE channels ADD COLUMN in_at BIGINT;
ALTER TABLE channels ADD COLUMN out_at BIGINT;
ALTER TABLE channels ADD COLUMN expires_at BIGINT;
ALTER TABLE channels ADD COLUMN reach BIGINT;
ALTER TABLE channels ADD COLUMN portfolio TEXT NOT NULL DEFAULT '';
-- Since when nothing can be sent, and why, as the provider told of a message that it had taken: that it still answers says nothing against it.
ALTER TABLE channels ADD COLUMN outage_at BIGINT;
ALTER TABLE channels ADD COLUMN outage TEXT NOT NULL DEFAULT '';
-- Customers are shown that we have read; and when the templates were last fetched (empty: they are to be fetched now).
ALTER TABLE channels ADD COLUMN reads BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE channels ADD COLUMN templates_at BIGINT;

-- The provider's templates as it last told them (domain::template::Template, as JSON); one that it no longer has is disabled.
CREATE TABLE templates (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  content TEXT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (channel_id, name, language)
);

-- The language a workspace writes in when a customer's own is missing.
ALTER TABLE workspaces ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
-- Our own wordings with variables (domain::wording), per language; kind says what for (whatsapp, push).
CREATE TABLE wordings (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  language TEXT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL,
  -- The approved template that stands in while the window is closed, and which variable fills which of its places, as JSON.
  template TEXT,
  updated_at BIGINT NOT NULL,
  UNIQUE (workspace_id, name_key, language, kind)
);

-- One send of a template to many people.
CREATE TABLE bulks (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  channel_id BIGINT NOT NULL REFERENCES channels (id),
  agent_id BIGINT REFERENCES agents (id),
  name TEXT NOT NULL,
  template TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  -- Nobody more can be begun with before this: the portfolio has reached its limit.
  waits_until BIGINT,
  -- How many failures are too many; a share of those tried as -1 - percent.
  most_errors BIGINT NOT NULL,
  -- Failures and attempts when it was last resumed: what came before counts no more.
  forgiven_errors BIGINT NOT NULL DEFAULT 0,
  forgiven_tried BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX bulks_workspace ON bulks (workspace_id, id);
CREATE INDEX bulks_live ON bulks (channel_id, id) WHERE state = 'running';

-- One person of a bulk send. chat_key is unique, so that somebody on three lists gets one message.
CREATE TABLE bulk_recipients (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  bulk_id BIGINT NOT NULL REFERENCES bulks (id),
  chat_key TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  given TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  message_id BIGINT REFERENCES messages (id),
  updated_at BIGINT NOT NULL,
  UNIQUE (bulk_id, chat_key)
);
CREATE INDEX bulk_recipients_waiting ON bulk_recipients (workspace_id, bulk_id, id) WHERE state = 'waiting';
CREATE INDEX bulk_recipients_order ON bulk_recipients (workspace_id, bulk_id, id);
-- Counting how many are how far reads this alone, never the rows.
CREATE INDEX bulk_recipients_states ON bulk_recipients (workspace_id, bulk_id, state);
CREATE INDEX bulk_recipients_message ON bulk_recipients (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX outbox_bulk ON outbox (bulk_id, conversation_id) WHERE bulk_id IS NOT NULL;
-- Whom the portfolio wrote to outside their windows, and when: the limit is on people in any 24 hours.
CREATE TABLE reached (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  portfolio TEXT NOT NULL,
  chat_key TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, portfolio, chat_key)
);
CREATE INDEX reached_at ON reached (workspace_id, portfolio, at);
