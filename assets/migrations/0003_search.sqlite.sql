DROP TRIGGER IF EXISTS messages_text_insert;
DROP TRIGGER IF EXISTS messages_text_update;
DROP TRIGGER IF EXISTS messages_text_delete;
DROP TABLE IF EXISTS messages_text;
-- Contentless: the words are nowhere but in the index. Every word is letters and digits alone, so the plainest tokenizer splits at the blanks.
CREATE VIRTUAL TABLE message_words USING fts5 (words, content='', contentless_delete=1, tokenize='ascii', prefix='2 3');
CREATE VIRTUAL TABLE identity_words USING fts5 (words, content='', contentless_delete=1, tokenize='ascii', prefix='2 3', detail='none');
