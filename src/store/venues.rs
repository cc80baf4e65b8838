//! The places of a workspace.

use super::Store;
use super::db::Conn;
use super::error::Result;
use crate::domain::id::WorkspaceId;
use crate::domain::queue::Venue;

impl Store {
    /// All of them, by name.
    pub async fn venues(&self, conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<Venue>> {
        let _ = (conn, workspace);
        Ok(Vec::new())
    }
}
