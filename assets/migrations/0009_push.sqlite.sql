-- Whatever becomes of a bulk send's message, its person's row follows in the same transaction.
CREATE TRIGGER bulk_recipients_follow AFTER UPDATE OF delivery ON messages
WHEN new.delivery <> old.delivery AND new.client_key LIKE 'bulk:%' BEGIN
  UPDATE bulk_recipients SET reason = new.reason, state = CASE new.delivery WHEN 'sending' THEN 'queued' WHEN 'played' THEN 'read'
    WHEN 'canceled' THEN 'skipped' ELSE new.delivery END WHERE message_id = new.id;
END;
