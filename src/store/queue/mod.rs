//! The walk-in queue in the database: what there is, and everything that is done to it, each in one transaction with its line in the log.
//!
//! Reading order: [`setup`] (what there is at a venue), [`tickets`], `issue`, [`call`] and [`acts`] (what is done to them), `counters`,
//! [`day`] (what the clock does). Whoever writes holds the venue first ([`super::venues`]).
//!
//! What screens show is read in a [`Store::snapshot`]: [`floor`] (places and waits), [`lines`], then [`place`], [`console`], [`board`], `kiosk`;
//! [`report`] looks back.

pub mod acts;
pub mod asks;
pub mod board;
pub mod call;
pub mod console;
mod counters;
pub mod day;
pub mod floor;
mod issue;
mod kiosk;
pub mod lines;
pub mod notices;
pub mod place;
pub mod report;
pub mod setup;
pub mod tickets;

use acts::Wanted;

use super::error::{Error, Result};
use super::{Store, Tx};
use crate::domain::id::{AgentId, TicketId, WorkspaceId};
use crate::domain::queue::look::{Answer, Ask};

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
            Ask::Next { counter, there, finish } => self.call_next(tx, workspace, agent, (counter, there), finish).await,
            Ask::Act { ticket, version, act, counter, service } => {
                self.act_on(tx, workspace, agent, Wanted { ticket, version, act, counter, service }).await
            }
            Ask::Prefer { ticket, version, priority } => self.prefer(tx, workspace, agent, (ticket, version), priority).await,
            Ask::Counter { counter, state } => self.set_counter(tx, workspace, agent, counter, state).await,
        }
    }

    /// The ticket as it is now.
    async fn answer(&self, tx: &mut Tx, workspace: WorkspaceId, id: TicketId, known: bool) -> Result<Answer> {
        let mut place = self.place(tx, workspace, id).await?;
        place.known = known;
        Ok(Answer::Ticket(Box::new(place)))
    }
}
