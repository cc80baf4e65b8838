CREATE FUNCTION outbox_scheduled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE conversations SET scheduled_at = (SELECT MIN(o.due_at) FROM outbox o WHERE o.conversation_id = conversations.id AND o.appointed AND o.state = 'ready' AND o.attempt = 0 AND o.next_try_at > o.updated_at)
    WHERE id IN (COALESCE(OLD.conversation_id, NEW.conversation_id), COALESCE(NEW.conversation_id, OLD.conversation_id));
  RETURN NULL;
END $$;
CREATE TRIGGER outbox_scheduled_insert AFTER INSERT ON outbox FOR EACH ROW WHEN (NEW.appointed) EXECUTE FUNCTION outbox_scheduled();
CREATE TRIGGER outbox_scheduled_update AFTER UPDATE OF appointed, state, due_at, conversation_id, attempt, next_try_at ON outbox
  FOR EACH ROW WHEN (OLD.appointed OR NEW.appointed) EXECUTE FUNCTION outbox_scheduled();
CREATE TRIGGER outbox_scheduled_delete AFTER DELETE ON outbox FOR EACH ROW WHEN (OLD.appointed) EXECUTE FUNCTION outbox_scheduled();
