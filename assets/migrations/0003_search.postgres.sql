ALTER TABLE messages DROP COLUMN IF EXISTS words;
CREATE TABLE message_words (id BIGINT PRIMARY KEY REFERENCES messages (id), workspace_id BIGINT NOT NULL REFERENCES workspaces (id), words tsvector NOT NULL);
CREATE INDEX message_words_words ON message_words USING gin (words);
CREATE TABLE identity_words (id BIGINT PRIMARY KEY REFERENCES identities (id), workspace_id BIGINT NOT NULL REFERENCES workspaces (id), words tsvector NOT NULL);
CREATE INDEX identity_words_words ON identity_words USING gin (words);
