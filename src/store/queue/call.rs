//! Calling people to counters: the next one, a chosen one, the same one again; and taking a call back.

use super::super::Store;
use super::super::db::{Conn, Tx, args};
use super::super::error::{Error, Result};
use super::super::venues::{Held, Of};
use super::acts::With;
use super::tickets::{One, TicketRow, refused, tickets};
use crate::domain::id::{AgentId, CounterId, TicketId, WorkspaceId};
use crate::domain::queue::look::{Answer, Finish};
use crate::domain::queue::order::{self, Standing};
use crate::domain::queue::{Act, Counter, CounterState, State, Ticket};
use crate::domain::time::{Span, Timestamp};

/// The first of a class in each line that a counter serves.
macro_rules! heads {
    ($class:literal) => {
        concat!(
            "SELECT t.id, t.class, t.order_at FROM counter_services cs JOIN tickets t ON t.id = (SELECT w.id FROM tickets w \
             WHERE w.service_id = cs.service_id AND w.class = ",
            $class,
            " AND w.state = 'waiting' ORDER BY w.order_at, w.id LIMIT 1) WHERE cs.workspace_id = $1 AND cs.counter_id = $2"
        )
    };
}
const HEADS: &str = concat!(heads!("0"), " UNION ALL ", heads!("1"), " UNION ALL ", heads!("2"));
const STREAK: &str = "SELECT COALESCE(MAX(s.streak), 0) FROM counter_services cs JOIN services s ON s.id = cs.service_id \
     WHERE cs.workspace_id = $1 AND cs.counter_id = $2";
const SET_STREAK: &str = "UPDATE services SET streak = $3 WHERE workspace_id = $1 \
     AND id IN (SELECT service_id FROM counter_services WHERE workspace_id = $1 AND counter_id = $2)";
const SET_STREAK_OF: &str = "UPDATE services SET streak = $3 WHERE workspace_id = $1 AND id = $2";
const AT_COUNTER: &str = tickets!("counter_id = $2 AND state IN ('called', 'serving')");
const HIS_COUNTER: &str = "SELECT id FROM counters WHERE workspace_id = $1 AND venue_id = $2 AND agent_id = $3 AND state = 'open' \
     ORDER BY changed_at DESC, id DESC LIMIT 1";
const ADD_CALL: &str = "INSERT INTO calls (id, workspace_id, venue_id, ticket_id, service_id, counter_id, agent_id, day, class, waited, promised, \
     called_at, last_called_at, streak, parked, parked_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15)";
const CALL_AGAIN: &str =
    "UPDATE calls SET last_called_at = $3, recalls = recalls + 1 WHERE workspace_id = $1 AND ticket_id = $2 AND outcome = ''";
const PRESENT_CALL: &str =
    "SELECT called_at, streak, class, parked, parked_until FROM calls WHERE workspace_id = $1 AND ticket_id = $2 AND outcome = ''";
const EARLIER_CALL: &str =
    "SELECT MIN(called_at), MAX(last_called_at) FROM calls WHERE workspace_id = $1 AND ticket_id = $2 AND outcome NOT IN ('', 'undo')";
const ANNOUNCE: &str = "INSERT INTO announcements (id, workspace_id, venue_id, department_id, ticket_id, service_id, counter_id, recall, at) \
     SELECT $1, $2, $3, s.department_id, $4, s.id, $6, $7, $8 FROM services s WHERE s.workspace_id = $2 AND s.id = $5";
/// The last call of a ticket and its recalls, by their order: the clock may have been set back between them.
const WITHDRAW: &str = "UPDATE announcements SET withdrawn = TRUE WHERE workspace_id = $1 AND ticket_id = $2 AND id >= \
     (SELECT MAX(a.id) FROM announcements a WHERE a.workspace_id = $1 AND a.ticket_id = $2 AND a.recall = 0)";

/// The queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 2] = [("heads of lines", HEADS), ("counter of an agent, of which there are few", HIS_COUNTER)];

/// How long a call can be taken back.
const REGRET: Span = Span::secs(10);

impl Store {
    /// Calls whoever is next to a counter.
    pub(super) async fn call_next(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        agent: Option<AgentId>,
        (counter, there): (CounterId, Option<(TicketId, i64)>),
        finish: Option<Finish>,
    ) -> Result<Answer> {
        let mut held = self.hold(tx, workspace, agent, Of::Counter(counter)).await?;
        let counter = self.counter(tx, workspace, counter).await?;
        must_be_open(&counter)?;
        if let Some(mut present) = self.present(tx, &held, counter.id).await? {
            // An answer about somebody ends nobody else, and an answer to what they were does not hold for what they have become.
            let seen = there == Some((present.ticket.id, present.ticket.version));
            let act = match finish {
                _ if !seen => return Ok(Answer::Busy(Box::new(present.ticket))),
                Some(Finish::Serve) => Act::Serve,
                Some(Finish::Park) => Act::Park(None),
                Some(Finish::NoShow) => Act::NoShow,
                None if held.venue.rules.next_ends => Act::Serve,
                None => return Ok(Answer::Busy(Box::new(present.ticket))),
            };
            self.change(tx, &mut held, &mut present, act, With::default()).await?;
            self.touch(tx, &held).await?;
        }
        let heads: Vec<(i64, i64, i64)> = tx.rows(HEADS, args![workspace, counter.id]).await?;
        let heads: Vec<Standing> = heads
            .into_iter()
            .map(|(id, class, order_at)| Standing { ticket: TicketId(id), class, order_at: Timestamp(order_at) })
            .collect();
        let streak = self.streak(tx, workspace, counter.id).await?;
        let Some(at) = order::next(&heads, streak, &held.venue.rules, held.now) else { return Ok(Answer::Nobody) };
        let mut one = self.ticket_in(tx, workspace, heads[at].ticket).await?;
        self.change(tx, &mut held, &mut one, Act::Call, With { counter: Some(&counter), service: None }).await?;
        self.touch(tx, &held).await?;
        self.answer(tx, workspace, one.ticket.id, false).await
    }

    /// Who is called to a counter, or served there.
    pub async fn at_counter(&self, conn: &mut Conn, workspace: WorkspaceId, counter: CounterId) -> Result<Option<Ticket>> {
        let row: Option<TicketRow> = conn.row(AT_COUNTER, args![workspace, counter]).await?;
        row.map(TicketRow::ticket).transpose()
    }

    /// The ticket that is called to a counter or served there.
    pub(super) async fn present(&self, tx: &mut Tx, held: &Held, counter: CounterId) -> Result<Option<One>> {
        let row: Option<TicketRow> = tx.row(AT_COUNTER, args![held.workspace, counter]).await?;
        row.map(TicketRow::one).transpose()
    }

    /// The counter to call a chosen ticket to: the one that was said, else the one at which whoever calls works.
    pub(super) async fn counter_for(&self, tx: &mut Tx, held: &Held, ticket: &Ticket, said: Option<CounterId>) -> Result<Counter> {
        let his = match (said, held.agent) {
            (None, Some(agent)) => tx.row::<(i64,)>(HIS_COUNTER, args![held.workspace, held.venue.id, agent]).await?,
            _ => None,
        };
        let Some(id) = said.or(his.map(|(id,)| CounterId(id))) else {
            return Err(refused(ticket, "nobody was called: you work at no counter, so say to which"));
        };
        let counter = self.counter(tx, held.workspace, id).await?;
        if counter.venue != held.venue.id {
            return Err(refused(ticket, format!("counter {} is at another venue", counter.name)));
        }
        must_be_open(&counter)?;
        Ok(counter)
    }

    /// Writes down that a ticket is called to a counter, and says it on the display.
    pub(super) async fn begin_call(&self, tx: &mut Tx, held: &Held, one: &One, counter: &Counter) -> Result<()> {
        let ticket = &one.ticket;
        let standing = Standing { ticket: ticket.id, class: ticket.priority.class(), order_at: ticket.order_at };
        let streak = self.streak(tx, held.workspace, counter.id).await?;
        let after = order::streak_after(streak, &standing);
        tx.run(SET_STREAK, args![held.workspace, counter.id, after]).await?;
        if !counter.services.contains(&ticket.service) {
            tx.run(SET_STREAK_OF, args![held.workspace, ticket.service, after]).await?;
        }
        // What was said when they came was about their first line.
        let promised = one.promised.filter(|_| ticket.transfers == 0 && ticket.first_called_at == ticket.called_at);
        let waited = held.now.since(one.since).max(Span::ZERO);
        let values = args![
            self.next_id(),
            held.workspace,
            held.venue.id,
            ticket.id,
            ticket.service,
            counter.id,
            held.agent,
            held.today(),
            ticket.priority.class(),
            waited,
            promised.map(|span| span.0),
            held.now,
            streak,
            ticket.state == State::Parked,
            ticket.parked_until.map(|at| at.0),
        ];
        tx.run(ADD_CALL, values).await?;
        self.announce(tx, held, ticket, counter.id).await
    }

    /// Calls somebody once more, unless that was done often enough.
    pub(super) async fn recall(&self, tx: &mut Tx, held: &Held, ticket: &mut Ticket) -> Result<()> {
        let most = held.venue.rules.recalls;
        if ticket.recalls >= most {
            let why = format!("it was called again {most} times: make it a no-show, or put it back into the line");
            return Err(refused(ticket, why));
        }
        ticket.recalls += 1;
        ticket.called_at = Some(held.now);
        tx.run(CALL_AGAIN, args![held.workspace, ticket.id, held.now]).await?;
        match ticket.counter {
            Some(counter) => self.announce(tx, held, ticket, counter).await,
            None => Ok(()),
        }
    }

    /// Takes a call back: the ticket is what it was, where it was, and the display says so.
    pub(super) async fn undo_call(&self, tx: &mut Tx, held: &Held, ticket: &mut Ticket) -> Result<State> {
        let (called_at, streak, class, parked, until): (i64, i64, i64, bool, Option<i64>) =
            tx.one("call", PRESENT_CALL, args![held.workspace, ticket.id]).await?;
        if held.now.since(Timestamp(called_at)) > REGRET {
            let why = "it was called more than ten seconds ago: put it back into the line instead";
            return Err(refused(ticket, why));
        }
        tx.run(WITHDRAW, args![held.workspace, ticket.id]).await?;
        let (first, last): (Option<i64>, Option<i64>) = tx.one("call", EARLIER_CALL, args![held.workspace, ticket.id]).await?;
        (ticket.first_called_at, ticket.called_at) = (first.map(Timestamp), last.map(Timestamp));
        if let Some(counter) = ticket.counter {
            let standing = Standing { ticket: ticket.id, class, order_at: ticket.order_at };
            let now = self.streak(tx, held.workspace, counter).await?;
            let before = if order::streak_after(streak, &standing) == 0 { streak + now } else { (now - 1).max(0) };
            tx.run(SET_STREAK, args![held.workspace, counter, before]).await?;
        }
        ticket.parked_until = until.map(Timestamp);
        Ok(if parked { State::Parked } else { State::Waiting })
    }

    async fn announce(&self, tx: &mut Tx, held: &Held, ticket: &Ticket, counter: CounterId) -> Result<()> {
        let values = args![held.version, held.workspace, held.venue.id, ticket.id, ticket.service, counter, ticket.recalls, held.now];
        tx.run(ANNOUNCE, values).await?;
        Ok(())
    }

    /// Urgent people called in a row, of the lines that a counter serves: the most of any.
    async fn streak(&self, tx: &mut Tx, workspace: WorkspaceId, counter: CounterId) -> Result<i64> {
        let (streak,): (i64,) = tx.one("streak", STREAK, args![workspace, counter]).await?;
        Ok(streak)
    }
}

/// Nobody is called to where nobody is.
fn must_be_open(counter: &Counter) -> Result<()> {
    match counter.state {
        CounterState::Open => Ok(()),
        CounterState::Closed => Err(Error::Refused(format!("Nobody was called: counter {} is closed. Open it first.", counter.name))),
        CounterState::Break => Err(Error::Refused(format!("Nobody was called: counter {} has a break. Open it first.", counter.name))),
    }
}
