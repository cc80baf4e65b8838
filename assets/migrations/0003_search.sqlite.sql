DROP TRIGGER IF EXISTS messages_text_insert;
DROP TRIGGER IF EXISTS messages_text_update;
DROP TRIGGER IF EXISTS messages_text_delete;
DROP TABLE IF EXISTS messages_text;
-- Contentless: the words are nowhere but in the index. A word is letters and digits, or a short beginning after a sign of its own, so the plainest
-- tokenizer splits at the blanks; FTS5's own index of prefixes would be read whole for each answer, while a beginning that is a word is read
-- from its newest row on.
CREATE VIRTUAL TABLE message_words USING fts5 (words, content='', contentless_delete=1, tokenize='ascii');
CREATE VIRTUAL TABLE identity_words USING fts5 (words, content='', contentless_delete=1, tokenize='ascii');
