-- The walk-in queue: venues, what people take numbers for, where they are called to, their tickets.

CREATE TABLE venues (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  zone TEXT NOT NULL,
  -- When a business day begins, in microseconds after local midnight.
  day_starts BIGINT NOT NULL DEFAULT 0,
  -- domain::queue::Rules, as JSON.
  rules TEXT NOT NULL DEFAULT '{}',
  -- The newest arrival that was given out: a clock that is set back reorders nobody.
  arrived_at BIGINT NOT NULL DEFAULT 0,
  -- Rises with every change of its queue. Whoever changes something of it holds this row first.
  version BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  UNIQUE (workspace_id, name_key)
);

CREATE TABLE departments (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  venue_id BIGINT NOT NULL REFERENCES venues (id),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  closed BOOLEAN NOT NULL DEFAULT FALSE,
  created_at BIGINT NOT NULL,
  UNIQUE (venue_id, name_key)
);

CREATE TABLE services (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  department_id BIGINT NOT NULL REFERENCES departments (id),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  prefix TEXT NOT NULL,
  -- How long serving somebody takes until there is a history, in microseconds.
  expected BIGINT NOT NULL,
  -- Urgent people called in a row, of its line.
  streak BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  UNIQUE (workspace_id, prefix),
  UNIQUE (department_id, name_key)
);

CREATE TABLE counters (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  venue_id BIGINT NOT NULL REFERENCES venues (id),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'closed',
  agent_id BIGINT REFERENCES agents (id),
  version BIGINT NOT NULL DEFAULT 0,
  changed_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (venue_id, name_key)
);
CREATE TABLE counter_services (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  counter_id BIGINT NOT NULL REFERENCES counters (id),
  service_id BIGINT NOT NULL REFERENCES services (id),
  PRIMARY KEY (counter_id, service_id)
);
CREATE INDEX counter_services_service ON counter_services (service_id, counter_id);

-- The last number of a service's business day; epoch rises when staff begin to number again.
CREATE TABLE ticket_numbers (
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  service_id BIGINT NOT NULL REFERENCES services (id),
  day BIGINT NOT NULL,
  epoch BIGINT NOT NULL DEFAULT 0,
  last BIGINT NOT NULL,
  PRIMARY KEY (service_id, day)
);

CREATE TABLE tickets (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  venue_id BIGINT NOT NULL REFERENCES venues (id),
  service_id BIGINT NOT NULL REFERENCES services (id),
  issued_for BIGINT NOT NULL REFERENCES services (id),
  label TEXT NOT NULL,
  day BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  number BIGINT NOT NULL,
  carried BOOLEAN NOT NULL DEFAULT FALSE,
  state TEXT NOT NULL,
  priority TEXT NOT NULL,
  class BIGINT NOT NULL,
  arrived_at BIGINT NOT NULL,
  order_at BIGINT NOT NULL,
  -- Since when it waits in its present line.
  since BIGINT NOT NULL,
  -- How long it was said to take when it was issued, in microseconds; NULL when nothing was said.
  promised BIGINT,
  first_called_at BIGINT,
  called_at BIGINT,
  recalls BIGINT NOT NULL DEFAULT 0,
  serving_at BIGINT,
  ended_at BIGINT,
  counter_id BIGINT REFERENCES counters (id),
  parked_until BIGINT,
  transfers BIGINT NOT NULL DEFAULT 0,
  phone TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  contact_id BIGINT REFERENCES contacts (id),
  conversation_id BIGINT REFERENCES conversations (id),
  -- What makes the same press of a button, or the same message, one ticket.
  request_key TEXT,
  source TEXT NOT NULL DEFAULT '',
  -- How its holder was told last (domain::notice::Route); empty before.
  told TEXT NOT NULL DEFAULT '',
  -- Where its holder's browser takes push messages (domain::push::Subscription, as JSON).
  push TEXT,
  version BIGINT NOT NULL DEFAULT 0,
  UNIQUE (issued_for, day, epoch, number)
);
CREATE UNIQUE INDEX tickets_request ON tickets (workspace_id, request_key) WHERE request_key IS NOT NULL;
-- A phone has one open ticket for a service.
CREATE UNIQUE INDEX tickets_phone ON tickets (phone, issued_for) WHERE phone <> '' AND state IN ('waiting', 'called', 'serving', 'parked');
-- A counter has one person.
CREATE UNIQUE INDEX tickets_counter ON tickets (counter_id) WHERE state IN ('called', 'serving');
CREATE INDEX tickets_line ON tickets (service_id, class, order_at, id) WHERE state = 'waiting';
CREATE INDEX tickets_parked ON tickets (parked_until) WHERE state = 'parked';
CREATE INDEX tickets_open ON tickets (venue_id, day) WHERE state IN ('waiting', 'called', 'serving', 'parked');
CREATE INDEX tickets_label ON tickets (workspace_id, label, id);
CREATE INDEX tickets_day ON tickets (service_id, day);
CREATE INDEX tickets_conversation ON tickets (conversation_id, id) WHERE conversation_id IS NOT NULL;

-- One time that a ticket was called to a counter, until it left it.
CREATE TABLE calls (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  venue_id BIGINT NOT NULL REFERENCES venues (id),
  ticket_id BIGINT NOT NULL REFERENCES tickets (id),
  service_id BIGINT NOT NULL REFERENCES services (id),
  counter_id BIGINT NOT NULL REFERENCES counters (id),
  agent_id BIGINT REFERENCES agents (id),
  day BIGINT NOT NULL,
  class BIGINT NOT NULL,
  -- How long it waited in this line before.
  waited BIGINT NOT NULL,
  -- What was said to the holder about how long it would be, when they came; NULL when nothing was.
  promised BIGINT,
  called_at BIGINT NOT NULL,
  last_called_at BIGINT NOT NULL,
  recalls BIGINT NOT NULL DEFAULT 0,
  serving_at BIGINT,
  ended_at BIGINT,
  -- Whether it was put aside when it was called, and until when: taking the call back restores it.
  parked BOOLEAN NOT NULL DEFAULT FALSE,
  parked_until BIGINT,
  -- How many urgent people had been called in a row before: taking the call back restores it.
  streak BIGINT NOT NULL DEFAULT 0,
  -- served, no-show, transfer, return, park, cancel, undo, expire; empty while it lasts.
  outcome TEXT NOT NULL DEFAULT ''
);
-- A ticket is at one counter at a time.
CREATE UNIQUE INDEX calls_open ON calls (ticket_id) WHERE outcome = '';
CREATE INDEX calls_ticket ON calls (ticket_id, id);
CREATE INDEX calls_service ON calls (service_id, day, id);
CREATE INDEX calls_counter ON calls (counter_id, day, id);
CREATE INDEX calls_served ON calls (service_id, ended_at) WHERE outcome = 'served';

-- What the display says, in order: every call and every call again.
CREATE TABLE announcements (
  -- The version of the venue that it made: it rises with each, whatever the clocks of those who call say.
  id BIGINT NOT NULL,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  venue_id BIGINT NOT NULL REFERENCES venues (id),
  department_id BIGINT NOT NULL REFERENCES departments (id),
  ticket_id BIGINT NOT NULL REFERENCES tickets (id),
  service_id BIGINT NOT NULL REFERENCES services (id),
  counter_id BIGINT NOT NULL REFERENCES counters (id),
  recall BIGINT NOT NULL,
  withdrawn BOOLEAN NOT NULL DEFAULT FALSE,
  at BIGINT NOT NULL,
  PRIMARY KEY (venue_id, id)
);
CREATE INDEX announcements_ticket ON announcements (ticket_id, id);
CREATE INDEX announcements_department ON announcements (department_id, id);

-- What the holder of a ticket was told, or could not be: each thing once.
CREATE TABLE notices (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  ticket_id BIGINT NOT NULL REFERENCES tickets (id),
  -- created, soon, next, turn, moved, cancelled.
  kind TEXT NOT NULL,
  -- The how manieth of its kind: each call again is one.
  occasion BIGINT NOT NULL DEFAULT 0,
  -- text, template, push, display.
  route TEXT NOT NULL,
  -- queued, sent, delivered, failed, untold, dropped.
  state TEXT NOT NULL,
  message_id BIGINT REFERENCES messages (id),
  at BIGINT NOT NULL,
  UNIQUE (ticket_id, kind, occasion)
);
CREATE INDEX notices_message ON notices (message_id) WHERE message_id IS NOT NULL;

-- Messages that ask something of the queue, until they are answered.
CREATE TABLE queue_asks (
  message_id BIGINT PRIMARY KEY REFERENCES messages (id),
  workspace_id BIGINT NOT NULL REFERENCES workspaces (id),
  conversation_id BIGINT NOT NULL REFERENCES conversations (id)
);

-- The log tells of tickets too.
ALTER TABLE events ADD COLUMN venue_id BIGINT;
ALTER TABLE events ADD COLUMN ticket_id BIGINT;
CREATE INDEX events_venue ON events (venue_id, id) WHERE venue_id IS NOT NULL;
CREATE INDEX events_ticket ON events (ticket_id, id) WHERE ticket_id IS NOT NULL;
