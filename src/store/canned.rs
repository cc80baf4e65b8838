//! Canned replies, kept for the whole workspace.

use super::db::{Conn, args};
use super::error::{Error, Result};
use super::events::Event;
use super::{Store, name_key};
use crate::domain::canned::{Canned, MOST};
use crate::domain::id::{AgentId, WorkspaceId};

const LIST: &str = "SELECT shortcut, text FROM canned_replies WHERE workspace_id = $1 ORDER BY shortcut_key LIMIT $2";
const COUNT: &str = "SELECT COUNT(*) FROM canned_replies WHERE workspace_id = $1";
const SAVE: &str = "INSERT INTO canned_replies (workspace_id, shortcut_key, shortcut, text, updated_at) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (workspace_id, shortcut_key) DO UPDATE SET shortcut = excluded.shortcut, text = excluded.text, updated_at = excluded.updated_at";
/// As SAVE, but another one of this shortcut stays.
const ADD: &str = "INSERT INTO canned_replies (workspace_id, shortcut_key, shortcut, text, updated_at) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (workspace_id, shortcut_key) DO NOTHING";
const REMOVE: &str = "DELETE FROM canned_replies WHERE workspace_id = $1 AND shortcut_key = $2";

/// The query that lists, for the test that asks the planner about it.
pub const LOOKS: [(&str, &str); 1] = [("canned replies", LIST)];

impl Store {
    /// All of them, by shortcut.
    pub async fn canned(&self, conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<Canned>> {
        let rows: Vec<(String, String)> = conn.rows(LIST, args![workspace, i64::from(MOST)]).await?;
        Ok(rows.into_iter().map(|(shortcut, text)| Canned { shortcut, text }).collect())
    }

    /// Removes one and keeps others, in one transaction: a text under another shortcut is both. Those that exist get other words.
    pub async fn change_canned(&self, workspace: WorkspaceId, agent: AgentId, remove: Option<&str>, keep: &[Canned]) -> Result<()> {
        self.exchange(workspace, agent, remove, keep, SAVE).await
    }

    /// The same for somebody who believes that no other one has the shortcut: if a colleague was first, nothing is changed.
    pub async fn exchange_canned(&self, workspace: WorkspaceId, agent: AgentId, remove: Option<&str>, keep: Option<&Canned>) -> Result<()> {
        self.exchange(workspace, agent, remove, keep.map(std::slice::from_ref).unwrap_or_default(), ADD).await
    }

    async fn exchange(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        remove: Option<&str>,
        keep: &[Canned],
        save: &'static str,
    ) -> Result<()> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let mut events = Vec::new();
        if let Some(shortcut) = remove {
            let gone = tx.run(REMOVE, args![workspace, &name_key(shortcut)]).await?;
            if gone == 0 && keep.is_empty() {
                return Err(Error::NotFound("canned reply"));
            }
            if gone > 0 {
                events.push(Event { kind: "canned.removed", agent: Some(agent), detail: shortcut, ..Event::default() });
            }
        }
        for canned in keep {
            let kept = tx.run(save, args![workspace, &name_key(&canned.shortcut), &canned.shortcut, &canned.text, now]).await?;
            if kept == 0 {
                return Err(Error::Refused(format!("Not kept: there is a /{} already, by a colleague", canned.shortcut)));
            }
            events.push(Event { kind: "canned.saved", agent: Some(agent), detail: &canned.shortcut, ..Event::default() });
        }
        let (count,): (i64,) = tx.one("canned replies", COUNT, args![workspace]).await?;
        if count > i64::from(MOST) {
            return Err(Error::Refused(format!("There would be more than {MOST} canned replies: remove some first.")));
        }
        self.log(&mut tx, workspace, &events).await?;
        self.commit(tx).await
    }
}
