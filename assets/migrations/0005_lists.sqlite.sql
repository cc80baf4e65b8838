-- There is one writer at a time, so a tally is one row that is changed in place.
CREATE UNIQUE INDEX tallies_key ON tallies (workspace_id, assignee_id, status, waiting, unread);
CREATE TRIGGER conversations_tally_insert AFTER INSERT ON conversations BEGIN
  INSERT INTO tallies (workspace_id, assignee_id, status, waiting, unread, number)
    VALUES (new.workspace_id, COALESCE(new.assignee_id, 0), new.status, new.waiting_since IS NOT NULL, new.unread > 0, 1)
    ON CONFLICT (workspace_id, assignee_id, status, waiting, unread) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER conversations_tally_delete AFTER DELETE ON conversations BEGIN
  UPDATE tallies SET number = number - 1 WHERE workspace_id = old.workspace_id AND assignee_id = COALESCE(old.assignee_id, 0)
    AND status = old.status AND waiting = (old.waiting_since IS NOT NULL) AND unread = (old.unread > 0);
END;
CREATE TRIGGER conversations_tally_update AFTER UPDATE OF status, assignee_id, waiting_since, unread ON conversations
WHEN new.status <> old.status OR new.assignee_id IS NOT old.assignee_id OR (new.waiting_since IS NULL) <> (old.waiting_since IS NULL)
  OR (new.unread > 0) <> (old.unread > 0) BEGIN
  UPDATE tallies SET number = number - 1 WHERE workspace_id = old.workspace_id AND assignee_id = COALESCE(old.assignee_id, 0)
    AND status = old.status AND waiting = (old.waiting_since IS NOT NULL) AND unread = (old.unread > 0);
  INSERT INTO tallies (workspace_id, assignee_id, status, waiting, unread, number)
    VALUES (new.workspace_id, COALESCE(new.assignee_id, 0), new.status, new.waiting_since IS NOT NULL, new.unread > 0, 1)
    ON CONFLICT (workspace_id, assignee_id, status, waiting, unread) DO UPDATE SET number = number + 1;
END;
