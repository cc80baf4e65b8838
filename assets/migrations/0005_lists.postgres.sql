-- Many write at once: a tally that is changed in place would make them wait for each other, and deadlock. So every statement appends what it
-- changed, and now and then the pieces nobody holds are folded together.
CREATE INDEX tallies_workspace ON tallies (workspace_id);
CREATE SEQUENCE tallies_turn;
CREATE FUNCTION conversations_tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO tallies (workspace_id, assignee_id, status, waiting, unread, number)
      SELECT workspace_id, COALESCE(assignee_id, 0), status, waiting_since IS NOT NULL, unread > 0, COUNT(*) FROM fresh GROUP BY 1, 2, 3, 4, 5;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO tallies (workspace_id, assignee_id, status, waiting, unread, number)
      SELECT workspace_id, COALESCE(assignee_id, 0), status, waiting_since IS NOT NULL, unread > 0, -COUNT(*) FROM stale GROUP BY 1, 2, 3, 4, 5;
  ELSE
    INSERT INTO tallies (workspace_id, assignee_id, status, waiting, unread, number)
      SELECT workspace_id, COALESCE(assignee_id, 0), status, waiting_since IS NOT NULL, unread > 0, SUM(change)
      FROM (SELECT workspace_id, assignee_id, status, waiting_since, unread, 1 AS change FROM fresh
        UNION ALL SELECT workspace_id, assignee_id, status, waiting_since, unread, -1 FROM stale) AS changes
      GROUP BY 1, 2, 3, 4, 5 HAVING SUM(change) <> 0;
  END IF;
  IF FOUND AND nextval('tallies_turn') % 64 = 0 THEN
    WITH free AS (SELECT ctid AS place FROM tallies FOR UPDATE SKIP LOCKED),
      gone AS (DELETE FROM tallies USING free WHERE tallies.ctid = free.place RETURNING tallies.*)
    INSERT INTO tallies (workspace_id, assignee_id, status, waiting, unread, number)
      SELECT workspace_id, assignee_id, status, waiting, unread, SUM(number) FROM gone GROUP BY 1, 2, 3, 4, 5 HAVING SUM(number) <> 0;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER conversations_tally_insert AFTER INSERT ON conversations
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION conversations_tally();
CREATE TRIGGER conversations_tally_delete AFTER DELETE ON conversations
  REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION conversations_tally();
CREATE TRIGGER conversations_tally_update AFTER UPDATE ON conversations
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION conversations_tally();
