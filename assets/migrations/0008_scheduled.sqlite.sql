CREATE TRIGGER outbox_scheduled_insert AFTER INSERT ON outbox WHEN new.appointed BEGIN
  UPDATE conversations SET scheduled_at = (SELECT MIN(o.due_at) FROM outbox o WHERE o.conversation_id = conversations.id AND o.appointed AND o.state = 'ready' AND o.attempt = 0 AND o.next_try_at > o.updated_at)
    WHERE id = new.conversation_id;
END;
CREATE TRIGGER outbox_scheduled_update AFTER UPDATE OF appointed, state, due_at, conversation_id, attempt, next_try_at ON outbox WHEN old.appointed OR new.appointed BEGIN
  UPDATE conversations SET scheduled_at = (SELECT MIN(o.due_at) FROM outbox o WHERE o.conversation_id = conversations.id AND o.appointed AND o.state = 'ready' AND o.attempt = 0 AND o.next_try_at > o.updated_at)
    WHERE id IN (old.conversation_id, new.conversation_id);
END;
CREATE TRIGGER outbox_scheduled_delete AFTER DELETE ON outbox WHEN old.appointed BEGIN
  UPDATE conversations SET scheduled_at = (SELECT MIN(o.due_at) FROM outbox o WHERE o.conversation_id = conversations.id AND o.appointed AND o.state = 'ready' AND o.attempt = 0 AND o.next_try_at > o.updated_at)
    WHERE id = old.conversation_id;
END;
