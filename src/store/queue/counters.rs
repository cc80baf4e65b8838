//! Opening a counter, leaving it for a while, closing it: nobody who was called is left standing there.

use super::super::Store;
use super::super::db::{Tx, args};
use super::super::error::Result;
use super::super::venues::Of;
use super::acts::With;
use super::tickets::refused;
use crate::domain::id::{AgentId, CounterId, WorkspaceId};
use crate::domain::queue::look::Answer;
use crate::domain::queue::{Act, CounterState, Place, State};

const SET: &str =
    "UPDATE counters SET state = $3, agent_id = $4, changed_at = $5, version = version + 1 WHERE workspace_id = $1 AND id = $2";

impl Store {
    /// Makes of a counter what it is to be. Whoever opens it works there.
    pub(super) async fn set_counter(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        agent: Option<AgentId>,
        id: CounterId,
        state: CounterState,
    ) -> Result<Answer> {
        let mut held = self.hold(tx, workspace, agent, Of::Counter(id)).await?;
        let counter = self.counter(tx, workspace, id).await?;
        let works = match state {
            CounterState::Open => agent.or(counter.agent),
            CounterState::Break => counter.agent,
            CounterState::Closed => None,
        };
        if counter.state == state && counter.agent == works {
            return Ok(Answer::Counter(counter));
        }
        if state != CounterState::Open
            && let Some(mut present) = self.present(tx, &held, id).await?
        {
            if present.ticket.state == State::Serving {
                let why = format!("it is being served at counter {}: serve, park or transfer it first", counter.name);
                return Err(refused(&present.ticket, why));
            }
            self.change(tx, &mut held, &mut present, Act::Return(Place::First), With::default()).await?;
        }
        tx.run(SET, args![workspace, id, state.name(), works.map(|agent| agent.0), held.now]).await?;
        let kind = match state {
            CounterState::Open => "counter.open",
            CounterState::Break => "counter.break",
            CounterState::Closed => "counter.closed",
        };
        self.log(tx, workspace, &[held.event(kind, None, &counter.name)]).await?;
        self.touch(tx, &held).await?;
        Ok(Answer::Counter(self.counter(tx, workspace, id).await?))
    }
}
