-- What the details of a conversation ask for: the contact's other conversations, and the latest notes.
CREATE INDEX conversations_contact ON conversations (contact_id, last_at DESC, id DESC);
CREATE INDEX messages_notes ON messages (conversation_id, at DESC, seq DESC, id DESC) WHERE direction = 'note';
