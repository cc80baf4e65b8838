-- What SQLite does its own way: full-text search, and an event log that cannot be rewritten.
CREATE VIRTUAL TABLE messages_text USING fts5 (text, subject, content='messages', content_rowid='id', tokenize='unicode61 remove_diacritics 2', detail='full');
CREATE TRIGGER messages_text_insert AFTER INSERT ON messages BEGIN
  INSERT INTO messages_text (rowid, text, subject) VALUES (new.id, new.text, new.subject);
END;
CREATE TRIGGER messages_text_update AFTER UPDATE OF text, subject ON messages BEGIN
  INSERT INTO messages_text (messages_text, rowid, text, subject) VALUES ('delete', old.id, old.text, old.subject);
  INSERT INTO messages_text (rowid, text, subject) VALUES (new.id, new.text, new.subject);
END;
CREATE TRIGGER messages_text_delete AFTER DELETE ON messages BEGIN
  INSERT INTO messages_text (messages_text, rowid, text, subject) VALUES ('delete', old.id, old.text, old.subject);
END;
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
