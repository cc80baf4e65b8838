//! The walk-in queue in the database: what there is, and everything that is done to it, each in one transaction with its line in the log.
//!
//! Reading order: [`setup`] (what there is at a venue), [`tickets`], `issue`, [`call`] and [`acts`] (what is done to them), `counters`,
//! [`day`] (what the clock does). Whoever writes holds the venue first ([`super::venues`]).

pub mod acts;
pub mod call;
mod counters;
pub mod day;
mod issue;
pub mod setup;
pub mod tickets;

use acts::Wanted;

use super::db::Conn;
use super::error::{Error, Result};
use super::{Store, Tx};
use crate::domain::id::{AgentId, DepartmentId, TicketId, VenueId, WorkspaceId};
use crate::domain::queue::look::{Answer, Ask, Board, Console, Kiosk, Place};

/// How often something is tried again that somebody else did at the same moment.
const RACES: usize = 3;

impl Store {
    /// Does what is asked of the queue. `agent` is who asks, when it is one of us. Refusals are [`Error::Ticket`] or [`Error::Refused`].
    pub async fn queue_ask(&self, workspace: WorkspaceId, agent: Option<AgentId>, ask: &Ask) -> Result<Answer> {
        for _ in 0..RACES {
            let mut tx = self.begin().await?;
            match self.queue_ask_in(&mut tx, workspace, agent, ask).await {
                // The same press reached another venue's kiosk at this moment: now it is there to be found.
                Err(Error::Duplicate) => {}
                Ok(answer) => {
                    self.commit(tx).await?;
                    return Ok(answer);
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::Duplicate)
    }

    /// As [`Store::queue_ask`], inside a transaction that does more. The venue is held until that ends: what else it writes of a queue comes
    /// after.
    pub async fn queue_ask_in(&self, tx: &mut Tx, workspace: WorkspaceId, agent: Option<AgentId>, ask: &Ask) -> Result<Answer> {
        if let Some(agent) = agent
            && !self.role(tx, workspace, agent).await?.may_work()
        {
            return Err(Error::Refused("Nothing was done: you are a viewer, who looks on. Ask an owner or admin.".to_owned()));
        }
        match *ask {
            Ask::Issue(ref issue) => self.issue(tx, workspace, agent, issue).await,
            Ask::Next { counter, finish } => self.call_next(tx, workspace, agent, counter, finish).await,
            Ask::Act { ticket, version, act, counter, service } => {
                self.act_on(tx, workspace, agent, Wanted { ticket, version, act, counter, service }).await
            }
            Ask::Prefer { ticket, version, priority } => self.prefer(tx, workspace, agent, (ticket, version), priority).await,
            Ask::Counter { counter, state } => self.set_counter(tx, workspace, agent, counter, state).await,
        }
    }

    /// The ticket as it is now.
    async fn answer(&self, tx: &mut Tx, workspace: WorkspaceId, id: TicketId, known: bool) -> Result<Answer> {
        let ticket = self.ticket(tx, workspace, id).await?;
        let service = self.service(tx, workspace, ticket.service).await?;
        let department = self.department(tx, workspace, service.department).await?;
        let counter = match ticket.counter {
            Some(counter) => self.counter(tx, workspace, counter).await?.name,
            None => String::new(),
        };
        let place = Place {
            service: service.name,
            department: department.name,
            position: None,
            total: 0,
            estimate: None,
            serving: String::new(),
            counter,
            known,
            version: 0,
            ticket,
        };
        Ok(Answer::Ticket(Box::new(place)))
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
