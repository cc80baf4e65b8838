//! What is done to a ticket. `domain::queue::state` says what may be; here is what each act does besides.

use super::super::Store;
use super::super::db::{Tx, args};
use super::super::error::{Error, Result};
use super::super::venues::{Held, Of};
use super::tickets::{One, changed, refused};
use crate::domain::id::{AgentId, CounterId, ServiceId, TicketId, WorkspaceId};
use crate::domain::queue::look::Answer;
use crate::domain::queue::{Act, Counter, Place, Priority, Service, State, Ticket};
use crate::domain::time::{Span, Timestamp};

/// What is wanted of a ticket, as [`crate::domain::queue::look::Ask::Act`] has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub ticket: TicketId,
    pub version: Option<i64>,
    pub act: Act,
    pub counter: Option<CounterId>,
    pub service: Option<ServiceId>,
}

/// What an act needs besides the ticket.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct With<'a> {
    /// Where to, for a call.
    pub counter: Option<&'a Counter>,
    /// What for from now on, for a transfer.
    pub service: Option<&'a Service>,
}

const END_CALL: &str = "UPDATE calls SET ended_at = $3, outcome = $4, serving_at = CASE WHEN $4 = 'served' THEN COALESCE(serving_at, last_called_at) \
     ELSE serving_at END WHERE workspace_id = $1 AND ticket_id = $2 AND outcome = ''";
const START_CALL: &str = "UPDATE calls SET serving_at = $3 WHERE workspace_id = $1 AND ticket_id = $2 AND outcome = ''";
const FIRST_OF_LINE: &str = "SELECT order_at FROM tickets WHERE workspace_id = $1 AND service_id = $2 AND class = $3 AND state = 'waiting' \
     ORDER BY order_at, id LIMIT 1";
/// Whom the display calls now: the last call of those who have not left the counter yet.
const NOW_CALLED: &str = "SELECT t.order_at FROM counters c JOIN tickets t ON t.counter_id = c.id AND t.state IN ('called', 'serving') \
     WHERE c.workspace_id = $1 AND c.venue_id = $2 AND t.service_id = $3 AND t.class = $4 ORDER BY t.called_at DESC LIMIT 1";
const COUNTER_NAME: &str = "SELECT name FROM counters WHERE workspace_id = $1 AND id = $2";

/// The queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 2] = [("first of a line", FIRST_OF_LINE), ("now called, of whom there are few", NOW_CALLED)];

impl Store {
    /// Does what is wanted of a ticket.
    pub(super) async fn act_on(&self, tx: &mut Tx, workspace: WorkspaceId, agent: Option<AgentId>, wanted: Wanted) -> Result<Answer> {
        let mut held = self.hold(tx, workspace, agent, Of::Ticket(wanted.ticket)).await?;
        let mut one = self.ticket_in(tx, workspace, wanted.ticket).await?;
        seen(&one.ticket, wanted.version)?;
        // Whether it can be done at all is said before anything is asked for.
        allowed(&one.ticket, wanted.act)?;
        match wanted.act {
            Act::Call => {
                let counter = self.counter_for(tx, &held, &one.ticket, wanted.counter).await?;
                if let Some(present) = self.present(tx, &held, counter.id).await? {
                    return Ok(Answer::Busy(Box::new(present.ticket)));
                }
                self.change(tx, &mut held, &mut one, wanted.act, With { counter: Some(&counter), service: None }).await?;
            }
            Act::Transfer => {
                let Some(service) = wanted.service else {
                    return Err(refused(&one.ticket, "it was not transferred: say to which service"));
                };
                let service = self.service(tx, workspace, service).await?;
                self.change(tx, &mut held, &mut one, wanted.act, With { counter: None, service: Some(&service) }).await?;
            }
            act => self.change(tx, &mut held, &mut one, act, With::default()).await?,
        }
        self.touch(tx, &held).await?;
        self.answer(tx, workspace, one.ticket.id, false).await
    }

    /// Gives somebody who is still here another priority.
    pub(super) async fn prefer(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        agent: Option<AgentId>,
        (id, version): (TicketId, Option<i64>),
        priority: Priority,
    ) -> Result<Answer> {
        let held = self.hold(tx, workspace, agent, Of::Ticket(id)).await?;
        let mut one = self.ticket_in(tx, workspace, id).await?;
        seen(&one.ticket, version)?;
        if !one.ticket.state.is_open() {
            let why = format!("its priority stays: it is {} already", one.ticket.state.name());
            return Err(refused(&one.ticket, why));
        }
        if one.ticket.priority != priority {
            let detail = format!("{} -> {}", one.ticket.priority.name(), priority.name());
            one.ticket.priority = priority;
            self.save(tx, &held, &mut one, "ticket.priority", &detail).await?;
            self.touch(tx, &held).await?;
        }
        self.answer(tx, workspace, id, false).await
    }

    /// Makes of a ticket what an act makes of it, with its call, its announcement and its line in the log.
    pub(super) async fn change(&self, tx: &mut Tx, held: &mut Held, one: &mut One, act: Act, with: With<'_>) -> Result<()> {
        let before = one.ticket.state;
        let mut after = allowed(&one.ticket, act)?;
        let mut detail = match one.ticket.counter.filter(|_| matches!(before, State::Called | State::Serving)) {
            Some(counter) => tx.one::<(String,)>("counter", COUNTER_NAME, args![held.workspace, counter]).await?.0,
            None => String::new(),
        };
        let now = held.now;
        match act {
            Act::Call => {
                one.ticket.called_at = Some(now);
                one.ticket.first_called_at = one.ticket.first_called_at.or(Some(now));
                (one.ticket.recalls, one.ticket.serving_at) = (0, None);
                one.ticket.counter = with.counter.map(|counter| counter.id);
                detail = with.counter.map(|counter| counter.name.clone()).unwrap_or_default();
                if let Some(counter) = with.counter {
                    self.begin_call(tx, held, one, counter).await?;
                }
                one.ticket.parked_until = None;
            }
            Act::Recall => self.recall(tx, held, &mut one.ticket).await?,
            Act::Start => {
                one.ticket.serving_at = Some(now);
                tx.run(START_CALL, args![held.workspace, one.ticket.id, now]).await?;
            }
            Act::Serve => one.ticket.serving_at = one.ticket.serving_at.or(one.ticket.called_at),
            Act::Park(until) => {
                if until.is_some_and(|until| until <= now) {
                    return Err(refused(&one.ticket, "it was not parked: the time until which it should be is over"));
                }
                one.ticket.parked_until = until;
                detail = until.map(|at| format!("until {}", at.hhmm(held.venue.zone))).unwrap_or_default();
            }
            Act::Return(place) => {
                self.stand(tx, held, one, place).await?;
                detail = String::from(standing(place));
            }
            Act::Transfer => detail = self.transfer(tx, held, one, with.service).await?,
            Act::Reinstate => self.reinstate(tx, held, one).await?,
            Act::Undo => after = self.undo_call(tx, held, &mut one.ticket).await?,
            Act::Cancel if held.agent.is_none() => detail = by_the_customer(&detail),
            Act::NoShow | Act::Cancel | Act::Expire => {}
        }
        if matches!(before, State::Called | State::Serving) && !matches!(after, State::Called | State::Serving) {
            tx.run(END_CALL, args![held.workspace, one.ticket.id, now, outcome(act)]).await?;
        }
        // The end of their day has passed whoever was being seen to then: handed on, they are not sent away by it afterwards.
        let handed_on = matches!(before, State::Called | State::Serving | State::NoShow) && matches!(after, State::Waiting | State::Parked);
        if handed_on && act != Act::Undo && one.ticket.day < held.today() {
            one.ticket.carried = true;
        }
        one.ticket.state = after;
        match after {
            State::Waiting => {
                // Somebody who was put aside, or was not there, did not wait meanwhile.
                if matches!(before, State::Parked | State::NoShow) || act == Act::Transfer {
                    one.since = now;
                }
                (one.ticket.counter, one.ticket.serving_at, one.ticket.parked_until) = (None, None, None);
            }
            State::Parked => (one.ticket.counter, one.ticket.serving_at) = (None, None),
            State::Called | State::Serving => {}
            State::Served | State::NoShow | State::Cancelled | State::Expired => {
                one.ticket.ended_at = Some(now);
                one.ticket.parked_until = None;
            }
        }
        self.save(tx, held, one, kind(act), &detail).await
    }

    /// Puts a ticket into its line: where it came, before everybody of its class, or after them.
    pub(super) async fn stand(&self, tx: &mut Tx, held: &mut Held, one: &mut One, place: Place) -> Result<()> {
        one.ticket.order_at = match place {
            Place::Arrival => one.ticket.arrived_at,
            Place::First => {
                let values = args![held.workspace, one.ticket.service, one.ticket.priority.class()];
                let first: Option<(i64,)> = tx.row(FIRST_OF_LINE, values).await?;
                first.map_or(one.ticket.arrived_at, |(first,)| one.ticket.arrived_at.min(Timestamp(first - 1)))
            }
            // As if they came now: nobody stands behind that.
            Place::Last => self.arrival(tx, held).await?,
        };
        Ok(())
    }

    async fn transfer(&self, tx: &mut Tx, held: &mut Held, one: &mut One, to: Option<&Service>) -> Result<String> {
        let Some(to) = to.filter(|to| to.id != one.ticket.service) else {
            return Err(refused(&one.ticket, "it was not transferred: it is in that line already"));
        };
        let from = self.service(tx, held.workspace, one.ticket.service).await?;
        let department = self.department(tx, held.workspace, to.department).await?;
        if department.venue != held.venue.id {
            return Err(refused(&one.ticket, format!("it was not transferred: {} is at another venue", to.name)));
        }
        if department.closed {
            let why = format!("it was not transferred: {} is closed, so {} takes nobody", department.name, to.name);
            return Err(refused(&one.ticket, why));
        }
        one.ticket.service = to.id;
        one.ticket.transfers += 1;
        let place = held.venue.rules.transfer;
        self.stand(tx, held, one, place).await?;
        Ok(format!("{} -> {}", from.name, to.name))
    }

    /// Somebody came after all: they stand where they came, but behind whom the display calls now.
    async fn reinstate(&self, tx: &mut Tx, held: &Held, one: &mut One) -> Result<()> {
        let minutes = held.venue.rules.reinstate_minutes;
        if one.ticket.ended_at.is_some_and(|ended| held.now.since(ended) > Span::minutes(minutes)) {
            let why = format!("it was a no-show more than {minutes} minutes ago: issue a new ticket");
            return Err(refused(&one.ticket, why));
        }
        if let Some(other) = self.other_of_phone(tx, held.workspace, &one.ticket).await? {
            let why = format!("it was not reinstated: its holder has taken {} since", other.label);
            return Err(refused(&one.ticket, why));
        }
        let values = args![held.workspace, held.venue.id, one.ticket.service, one.ticket.priority.class()];
        let called: Option<(i64,)> = tx.row(NOW_CALLED, values).await?;
        let behind = called.map(|(order_at,)| Timestamp(order_at).plus(Span(1)));
        one.ticket.order_at = behind.map_or(one.ticket.arrived_at, |behind| behind.max(one.ticket.arrived_at));
        one.ticket.ended_at = None;
        Ok(())
    }
}

/// The state that an act leads to; refused with the present one.
fn allowed(ticket: &Ticket, act: Act) -> Result<State> {
    ticket.state.after(act).map_err(|illegal| refused(ticket, illegal.to_string()))
}

/// Whoever acts has to have seen the ticket as it is.
fn seen(ticket: &Ticket, version: Option<i64>) -> Result<(), Error> {
    if version.is_none_or(|version| version == ticket.version) { Ok(()) } else { Err(changed(ticket)) }
}

/// What the log says of where somebody was put.
const fn standing(place: Place) -> &'static str {
    match place {
        Place::Arrival => "where it stood",
        Place::First => "first",
        Place::Last => "last",
    }
}

/// What the log, and with it the counter that had called, says of a customer who gave up.
fn by_the_customer(counter: &str) -> String {
    if counter.is_empty() { "by the customer".to_owned() } else { format!("by the customer, counter {counter}") }
}

/// How a call ended, in its row.
const fn outcome(act: Act) -> &'static str {
    match act {
        Act::Serve => "served",
        act => act.name(),
    }
}

/// What the log calls an act.
const fn kind(act: Act) -> &'static str {
    match act {
        Act::Call => "ticket.called",
        Act::Recall => "ticket.recalled",
        Act::Start => "ticket.started",
        Act::Serve => "ticket.served",
        Act::Park(_) => "ticket.parked",
        Act::Return(_) => "ticket.returned",
        Act::Transfer => "ticket.transferred",
        Act::NoShow => "ticket.no-show",
        Act::Reinstate => "ticket.reinstated",
        Act::Cancel => "ticket.cancelled",
        Act::Expire => "ticket.expired",
        Act::Undo => "ticket.undone",
    }
}
