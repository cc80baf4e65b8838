//! Tenants and the people who answer.

use super::db::{Conn, args};
use super::error::Result;
use super::{Store, name_key};
use crate::domain::agent::Role;
use crate::domain::id::{AgentId, WorkspaceId};

const FIND_WORKSPACE: &str = "SELECT id FROM workspaces WHERE name_key = $1";
const ADD_WORKSPACE: &str =
    "INSERT INTO workspaces (id, name, name_key, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (name_key) DO NOTHING";
const FIND_AGENT: &str = "SELECT id FROM agents WHERE workspace_id = $1 AND name_key = $2";
const AGENTS: &str = "SELECT id, name FROM agents WHERE workspace_id = $1 ORDER BY name_key";
const ROLE: &str = "SELECT role FROM agents WHERE workspace_id = $1 AND id = $2";
const ADD_AGENT: &str = "INSERT INTO agents (id, workspace_id, name, name_key, role, created_at) VALUES ($1, $2, $3, $4, 'owner', $5) \
     ON CONFLICT (workspace_id, name_key) DO NOTHING";

impl Store {
    /// The workspace of that name, made when it is new.
    pub async fn ensure_workspace(&self, name: &str) -> Result<WorkspaceId> {
        let key = name_key(name);
        if let Some((id,)) = self.read().await?.row::<(i64,)>(FIND_WORKSPACE, args![&key]).await? {
            return Ok(WorkspaceId(id));
        }
        let mut tx = self.begin().await?;
        tx.run(ADD_WORKSPACE, args![self.next_id(), name.trim(), &key, self.now()]).await?;
        let (id,): (i64,) = tx.one("workspace", FIND_WORKSPACE, args![&key]).await?;
        self.commit(tx).await?;
        Ok(WorkspaceId(id))
    }

    /// Everybody who answers, by name.
    pub async fn agents(&self, conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<(AgentId, String)>> {
        let rows: Vec<(i64, String)> = conn.rows(AGENTS, args![workspace]).await?;
        Ok(rows.into_iter().map(|(id, name)| (AgentId(id), name)).collect())
    }

    /// What an agent may do.
    pub async fn role(&self, conn: &mut Conn, workspace: WorkspaceId, agent: AgentId) -> Result<Role> {
        let (role,): (String,) = conn.one("agent", ROLE, args![workspace, agent]).await?;
        Ok(Role::of(&role))
    }

    /// The agent of that name, made (as an owner) when it is new.
    pub async fn ensure_agent(&self, workspace: WorkspaceId, name: &str) -> Result<AgentId> {
        let key = name_key(name);
        if let Some((id,)) = self.read().await?.row::<(i64,)>(FIND_AGENT, args![workspace, &key]).await? {
            return Ok(AgentId(id));
        }
        let mut tx = self.begin().await?;
        tx.run(ADD_AGENT, args![self.next_id(), workspace, name.trim(), &key, self.now()]).await?;
        let (id,): (i64,) = tx.one("agent", FIND_AGENT, args![workspace, &key]).await?;
        self.commit(tx).await?;
        Ok(AgentId(id))
    }
}
