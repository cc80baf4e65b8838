-- What PostgreSQL does its own way: full-text search (punctuation only separates words, as in FTS5: the parser would take -17 for a number), and an event log that cannot be rewritten.
ALTER TABLE messages ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple',
  translate(left(text, 100000) || ' ' || left(subject, 2000), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                '))) STORED;
CREATE INDEX messages_words ON messages USING gin (words);
CREATE FUNCTION events_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the event log is append-only'; END $$;
CREATE TRIGGER events_no_change BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION events_are_append_only();
