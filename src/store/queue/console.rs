//! What an operator's and a supervisor's console shows. Of a line that is very long the first are read; everything is counted.

use std::collections::BTreeMap;

use super::super::Store;
use super::super::db::{Conn, Value, args};
use super::super::error::Result;
use super::lines::{self, Calls, Lines, Spot};
use super::tickets::{TicketRow, tickets};
use crate::domain::id::{DepartmentId, ServiceId, TicketId, VenueId, WorkspaceId};
use crate::domain::queue::look::{Console, Day, Desk, Happened, Waiter};
use crate::domain::queue::{Counter, Ticket};
use crate::domain::time::{Span, Timestamp};
use crate::domain::window::{self, Window};

#[derive(sqlx::FromRow)]
struct EventRow {
    at: i64,
    kind: String,
    label: String,
    detail: String,
}

/// What can be used to tell the holder of a ticket something.
#[derive(sqlx::FromRow)]
struct ReachRow {
    id: i64,
    push: bool,
    provider: String,
    window_length: Option<i64>,
    last_inbound_at: Option<i64>,
    window_closed_at: Option<i64>,
}

const TICKETS: &str = tickets!(by id, "id IN");
/// Looked up by their ids, the conversation too: see `conversations.rs`.
const REACH: &str = "SELECT t.id, t.push IS NOT NULL AS push, COALESCE(h.provider, '') AS provider, c.window_length, c.last_inbound_at, \
     c.window_closed_at FROM tickets t LEFT JOIN conversations c ON c.id = t.conversation_id LEFT JOIN channels h ON h.id = c.channel_id \
     WHERE +t.workspace_id = $1 AND t.id IN";
const EVENTS: &str = "SELECT e.at, e.kind, COALESCE(t.label, '') AS label, e.detail FROM events e LEFT JOIN tickets t ON t.id = e.ticket_id \
     WHERE e.workspace_id = $1 AND e.venue_id = $2 ORDER BY e.id DESC LIMIT $3";

/// The queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 1] = [("events of a venue", EVENTS)];
/// The beginnings of the queries that several ids follow, for the same test.
pub const BY_ID: [&str; 2] = [TICKETS, REACH];

/// So much of the log is shown.
const LATEST: i64 = 50;

impl Store {
    /// What a console shows. Give it a [`Store::snapshot`]: what it reads in several statements is then of one moment.
    pub async fn console(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        venue: VenueId,
        department: Option<DepartmentId>,
    ) -> Result<Console> {
        let mut lines = self.lines(conn, workspace, venue, department).await?;
        let departments = self.departments(conn, workspace, venue).await?;
        let counters = self.counters(conn, workspace, venue).await?;
        let calls = self.calls_of_day(conn, workspace, &lines.floor).await?;
        let issued = self.issued(conn, workspace, &lines.floor).await?;
        let spots = lines.waiting(self, conn, workspace).await?;
        let shown = |service: ServiceId| lines.shown.iter().any(|line| line.service.id == service);
        let parked: Vec<TicketId> = lines.parked.iter().filter(|(_, service)| shown(*service)).map(|(id, _)| *id).collect();
        let present = lines.floor.desks.values().filter_map(|(_, ticket)| *ticket);
        let ids: Vec<TicketId> = spots.iter().map(|spot| spot.ticket).chain(parked.iter().copied()).chain(present).collect();
        let mut tickets = self.tickets_of(conn, workspace, &ids).await?;
        let reach = self.reach_of(conn, workspace, &ids).await?;
        let all = lines.shown.iter().map(|line| line.waiting + line.parked).sum::<i64>();
        let waiting = waiters(&spots, &parked, &mut tickets, &reach);
        let day = days(&mut lines, &calls, &issued, &waiting);
        for line in &mut lines.shown {
            line.day.error = self.error_of_estimates(conn, workspace, &lines.floor, line.service.id).await?;
        }
        let desks = desks(counters, &lines, &calls, &mut tickets);
        let events: Vec<EventRow> = conn.rows(EVENTS, args![workspace, venue, LATEST]).await?;
        let happened = |row: EventRow| Happened { at: Timestamp(row.at), kind: row.kind, label: row.label, detail: row.detail };
        Ok(Console {
            departments,
            counters: desks,
            more: waiting.len() < usize::try_from(all).unwrap_or(usize::MAX),
            waiting,
            events: events.into_iter().map(happened).collect(),
            day,
            version: lines.floor.version,
            venue: lines.floor.venue,
            lines: lines.shown,
        })
    }

    /// These tickets, by their ids.
    pub(super) async fn tickets_of(&self, conn: &mut Conn, workspace: WorkspaceId, ids: &[TicketId]) -> Result<BTreeMap<TicketId, Ticket>> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| Value::from(*id)).collect();
        let rows: Vec<TicketRow> = conn.rows_in(TICKETS, args![workspace], &keys, "").await?;
        rows.into_iter().map(|row| row.ticket().map(|ticket| (ticket.id, ticket))).collect()
    }

    /// What can be used to tell the holders of these tickets something, in a word or two. Telephones are the tickets' own matter.
    async fn reach_of(&self, conn: &mut Conn, workspace: WorkspaceId, ids: &[TicketId]) -> Result<BTreeMap<TicketId, String>> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| Value::from(*id)).collect();
        let rows: Vec<ReachRow> = conn.rows_in(REACH, args![workspace], &keys, "").await?;
        let now = self.now();
        Ok(rows.into_iter().map(|row| (TicketId(row.id), row.words(now))).collect())
    }
}

impl ReachRow {
    /// Empty when there is neither a chat nor a browser.
    fn words(&self, now: Timestamp) -> String {
        let at = |at: Option<i64>| at.map(Timestamp);
        let length = self.window_length.map(Span);
        let open = !matches!(window::policy(length, at(self.last_inbound_at), at(self.window_closed_at), now), Window::Closed(_));
        match (self.provider.is_empty(), open, self.push) {
            (false, true, _) => "chat".to_owned(),
            (_, _, true) => "push".to_owned(),
            (false, false, false) => "chat closed".to_owned(),
            (true, _, false) => String::new(),
        }
    }
}

/// Those who wait and then those who are put aside, as many as a screen holds.
fn waiters(
    spots: &[Spot],
    parked: &[TicketId],
    tickets: &mut BTreeMap<TicketId, Ticket>,
    reach: &BTreeMap<TicketId, String>,
) -> Vec<Waiter> {
    let spots = spots.iter().map(|spot| (spot.ticket, Some(spot.position), spot.estimate));
    let all = spots.chain(parked.iter().map(|ticket| (*ticket, None, None)));
    all.filter_map(|(id, position, estimate)| {
        let ticket = tickets.remove(&id)?;
        let word = reach.get(&id).filter(|word| !word.is_empty()).cloned();
        let reach = word.unwrap_or_else(|| if ticket.phone.is_empty() { "no phone" } else { "no chat" }.to_owned());
        Some(Waiter { ticket, position, estimate, reach })
    })
    .take(Console::MOST as usize)
    .collect()
}

/// The figures of each line's day, and of all together. The longest wait is that of those who are listed.
fn days(lines: &mut Lines, calls: &[Calls], issued: &BTreeMap<ServiceId, i64>, waiting: &[Waiter]) -> Day {
    let now = lines.floor.now;
    let longest = |of: Option<ServiceId>| {
        let of = waiting.iter().filter(|one| one.position.is_some() && of.is_none_or(|service| one.ticket.service == service));
        of.map(|one| now.since(one.ticket.arrived_at)).max().unwrap_or_default()
    };
    for line in &mut lines.shown {
        let id = line.service.id;
        let count = issued.get(&id).copied().unwrap_or(0);
        line.day = lines::day(calls.iter().filter(|of| of.service_id == id.0), count, longest(Some(id)));
    }
    let shown = |service: i64| lines.shown.iter().any(|line| line.service.id.0 == service);
    let count = lines.shown.iter().map(|line| line.day.issued).sum();
    lines::day(calls.iter().filter(|of| shown(of.service_id)), count, longest(None))
}

/// The counters that serve what is shown, or have somebody who waits for it, with their day.
fn desks(counters: Vec<Counter>, lines: &Lines, calls: &[Calls], tickets: &mut BTreeMap<TicketId, Ticket>) -> Vec<Desk> {
    let shown = |service: &ServiceId| lines.shown.iter().any(|line| line.service.id == *service);
    let mut desks = Vec::new();
    for counter in counters {
        let (agent, ticket) = lines.floor.desks.get(&counter.id).cloned().unwrap_or_default();
        let ticket = ticket.and_then(|id| tickets.remove(&id));
        let concerned = counter.services.is_empty() || counter.services.iter().any(shown);
        if !concerned && !ticket.as_ref().is_some_and(|ticket| shown(&ticket.service)) {
            continue;
        }
        let sum = Calls::sum(calls.iter().filter(|of| of.counter() == counter.id));
        desks.push(Desk {
            counter,
            agent,
            ticket,
            served: sum.served,
            no_shows: sum.no_shows,
            mean: Span(sum.took / sum.served.max(1)),
            longest: Span(sum.longest),
        });
    }
    desks
}
