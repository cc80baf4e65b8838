-- Whatever becomes of a bulk send's message, its person's row follows in the same transaction.
CREATE FUNCTION bulk_recipients_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE bulk_recipients SET reason = NEW.reason, state = CASE NEW.delivery WHEN 'sending' THEN 'queued' WHEN 'played' THEN 'read'
    WHEN 'canceled' THEN 'skipped' ELSE NEW.delivery END WHERE message_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER bulk_recipients_follow AFTER UPDATE OF delivery ON messages FOR EACH ROW
  WHEN (NEW.delivery <> OLD.delivery AND NEW.client_key LIKE 'bulk:%') EXECUTE FUNCTION bulk_recipients_follow();
