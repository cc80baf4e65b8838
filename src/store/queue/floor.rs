//! What places and waits are made of: the counters and whom they have, how many wait for what, how long serving takes. Each is read in one
//! statement on an index, and of a line no more rows are read than [`estimate::SEEN`] of each class.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Store;
use super::super::db::{Conn, Value, args};
use super::super::error::Result;
use crate::domain::id::{CounterId, ServiceId, TicketId, VenueId, WorkspaceId};
use crate::domain::queue::estimate::{self, Position, Post, Staff};
use crate::domain::queue::order::Standing;
use crate::domain::queue::{Priority, Ticket, Venue, number};
use crate::domain::time::{Span, Timestamp};

/// A venue as it is now.
#[derive(Clone, Debug)]
pub(super) struct Floor {
    pub venue: Venue,
    pub version: i64,
    pub now: Timestamp,
    /// Its business day.
    pub today: i64,
    /// Its counters, in no order.
    pub posts: Vec<Post>,
    /// Who works at each, and the ticket it has.
    pub desks: BTreeMap<CounterId, (String, Option<TicketId>)>,
    /// Urgent people called in a row, of what the counters serve.
    streaks: BTreeMap<ServiceId, i64>,
}

/// How many wait for something.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub waiting: i64,
    /// Of those, whom a priority puts first.
    urgent: i64,
    /// Of those, who are more urgent than somebody, or as urgent and stand before them.
    before: i64,
}

/// By what somebody stands before somebody else.
#[derive(Clone, Copy, Debug)]
struct Key {
    class: i64,
    order_at: Timestamp,
    ticket: TicketId,
}

#[derive(sqlx::FromRow)]
struct PostRow {
    id: i64,
    open: bool,
    agent: String,
    ticket_id: Option<i64>,
    service_id: Option<i64>,
    streak: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct TallyRow {
    service_id: i64,
    waiting: i64,
    urgent: i64,
    ahead: i64,
}

const VERSION: &str = "SELECT version FROM venues WHERE workspace_id = $1 AND id = $2";
const POSTS: &str = "SELECT c.id, c.state = 'open' AS open, COALESCE(a.name, '') AS agent, \
     (SELECT t.id FROM tickets t WHERE t.counter_id = c.id AND t.state IN ('called', 'serving')) AS ticket_id, k.service_id, s.streak \
     FROM counters c LEFT JOIN agents a ON a.id = c.agent_id LEFT JOIN counter_services k ON k.counter_id = c.id \
     LEFT JOIN services s ON s.id = k.service_id WHERE c.workspace_id = $1 AND c.venue_id = $2 ORDER BY c.id";
/// `$2` is since when whoever stands in a line counts as more urgent; the key of somebody follows. All of it is in the line's index, which
/// SQLite takes because the classes are named.
const TALLIES: &str = "SELECT t.service_id, COUNT(*) AS waiting, CAST(SUM(CASE WHEN t.class < 2 THEN 1 ELSE 0 END) AS BIGINT) AS urgent, \
     CAST(SUM(CASE WHEN (CASE WHEN t.class > 0 AND t.order_at < $2 THEN t.class - 1 ELSE t.class END, t.order_at, t.id) < ($3, $4, $5) \
       THEN 1 ELSE 0 END) AS BIGINT) AS ahead \
     FROM services s JOIN tickets t ON t.service_id = s.id AND t.class IN (0, 1, 2) AND t.state = 'waiting' \
     WHERE s.workspace_id = $1 AND s.id IN";
/// Within a class whoever counts as more urgent stands before who does not: the first of each class are the first of all.
const STANDINGS: &str = "SELECT t.id, t.order_at FROM tickets t WHERE t.workspace_id = $1 AND t.service_id = $2 AND t.class = $3 \
     AND t.state = 'waiting' ORDER BY t.order_at, t.id LIMIT $4";
/// The day is that of the call; the instant bounds how far back is looked for it.
const SERVED: &str = "SELECT c.ended_at - COALESCE(c.serving_at, c.last_called_at) FROM calls c \
     WHERE c.workspace_id = $1 AND c.service_id = $2 AND c.outcome = 'served' AND c.ended_at > $4 AND c.day = $3 \
     ORDER BY c.ended_at DESC LIMIT $5";

/// The queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 2] = [("standings", STANDINGS), ("served", SERVED)];
/// The beginning of the query that several services follow, for the same test.
pub const TALLIED: &str = TALLIES;

/// A business day has ended by then.
const DAY: Span = Span::hours(48);
/// Some of those who were served are no measure of how long it takes.
const SAMPLES: i64 = 2 * estimate::SAMPLES as i64;

impl Floor {
    pub fn staff(&self, service: ServiceId) -> Staff {
        estimate::staff(&self.posts, service)
    }

    /// Whoever stands in a line since before this counts as one class more urgent.
    fn long(&self) -> Timestamp {
        match self.venue.rules.promote_minutes {
            ..=0 => Timestamp(i64::MIN),
            minutes => self.now.minus(Span::minutes(minutes)),
        }
    }

    /// Where everybody stands of the services that are called together, the first [`estimate::SEEN`] of them.
    pub fn positions(&self, group: &BTreeSet<ServiceId>, waiting: Vec<(ServiceId, Standing)>) -> Vec<(ServiceId, Standing, Position)> {
        // As for a counter that calls the next one: the most of any of its lines.
        let streak = group.iter().filter_map(|service| self.streaks.get(service)).max().copied().unwrap_or(0);
        estimate::positions(waiting, streak, &self.venue.rules, self.now)
    }
}

impl Tally {
    /// The classes in which somebody waits.
    fn classes(&self) -> std::ops::Range<i64> {
        let ordinary = Priority::CLASSES - 1;
        let first = if self.urgent > 0 { 0 } else { ordinary };
        let end = if self.urgent < self.waiting { Priority::CLASSES } else { ordinary };
        first..end
    }
}

/// How many wait in all lines of these services together.
pub(super) fn together(group: &BTreeSet<ServiceId>, tallies: &BTreeMap<ServiceId, Tally>) -> i64 {
    group.iter().filter_map(|service| tallies.get(service)).map(|tally| tally.waiting).sum()
}

impl Store {
    /// A venue and its counters.
    pub(super) async fn floor(&self, conn: &mut Conn, workspace: WorkspaceId, venue: VenueId) -> Result<Floor> {
        let venue = self.venue(conn, workspace, venue).await?;
        let (version,): (i64,) = conn.one("venue", VERSION, args![workspace, venue.id]).await?;
        let now = self.now();
        let rows: Vec<PostRow> = conn.rows(POSTS, args![workspace, venue.id]).await?;
        let (mut posts, mut desks, mut streaks) = (Vec::<Post>::new(), BTreeMap::new(), BTreeMap::new());
        for row in rows {
            let counter = CounterId(row.id);
            let service = row.service_id.map(ServiceId);
            streaks.extend(service.zip(row.streak));
            if let Some(post) = posts.last_mut().filter(|post| post.counter == counter) {
                post.services.extend(service);
                continue;
            }
            posts.push(Post { counter, open: row.open, busy: row.ticket_id.is_some(), services: service.into_iter().collect() });
            desks.insert(counter, (row.agent, row.ticket_id.map(TicketId)));
        }
        let today = number::business_day(now, venue.zone, venue.day_starts);
        Ok(Floor { venue, version, now, today, posts, desks, streaks })
    }

    /// How many wait for each of these services.
    pub(super) async fn tallies(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        floor: &Floor,
        services: impl IntoIterator<Item = ServiceId>,
    ) -> Result<BTreeMap<ServiceId, Tally>> {
        let nobody = Key { class: -1, order_at: Timestamp(0), ticket: TicketId(0) };
        self.tallies_before(conn, workspace, floor, services, nobody).await
    }

    async fn tallies_before(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        floor: &Floor,
        services: impl IntoIterator<Item = ServiceId>,
        key: Key,
    ) -> Result<BTreeMap<ServiceId, Tally>> {
        let services: Vec<Value<'_>> = services.into_iter().map(Value::from).collect();
        let first = args![workspace, floor.long(), key.class, key.order_at, key.ticket];
        let rows: Vec<TallyRow> = conn.rows_in(TALLIES, first, &services, " GROUP BY t.service_id").await?;
        let tally = |row: TallyRow| Tally { waiting: row.waiting, urgent: row.urgent, before: row.ahead };
        Ok(rows.into_iter().map(|row| (ServiceId(row.service_id), tally(row))).collect())
    }

    /// Who waits for a service, the first of each class.
    pub(super) async fn standing_in_line(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        service: ServiceId,
        tally: &Tally,
    ) -> Result<Vec<(ServiceId, Standing)>> {
        let mut line = Vec::new();
        for class in tally.classes() {
            let rows: Vec<(i64, i64)> = conn.rows(STANDINGS, args![workspace, service, class, estimate::SEEN as i64]).await?;
            let standing = |(id, at)| Standing { ticket: TicketId(id), class, order_at: Timestamp(at) };
            line.extend(rows.into_iter().map(|row| (service, standing(row))));
        }
        Ok(line)
    }

    /// Where somebody who waits stands, and how many wait with them.
    pub(super) async fn position(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        floor: &Floor,
        ticket: &Ticket,
    ) -> Result<(Position, i64)> {
        let group = estimate::shared(&floor.posts, ticket.service);
        let class = ticket.priority.class();
        let long = class > 0 && ticket.order_at < floor.long();
        let key = Key { class: class - i64::from(long), order_at: ticket.order_at, ticket: ticket.id };
        let tallies = self.tallies_before(conn, workspace, floor, group.iter().copied(), key).await?;
        let of = |take: fn(&Tally) -> i64| tallies.values().map(take).sum::<i64>();
        let (total, urgent, before) = (of(|tally| tally.waiting), of(|tally| tally.urgent), of(|tally| tally.before));
        // Whether some are urgent and some are not: only then is anybody called out of turn.
        let mixed = floor.venue.rules.streak > 0 && urgent > 0 && urgent < total;
        if mixed && before < estimate::SEEN as i64 {
            let mut waiting = Vec::new();
            for (service, tally) in &tallies {
                waiting.append(&mut self.standing_in_line(conn, workspace, *service, tally).await?);
            }
            let places = floor.positions(&group, waiting);
            if let Some((_, _, position)) = places.into_iter().find(|(_, standing, _)| standing.ticket == ticket.id) {
                return Ok((position, total));
            }
        }
        let own = tallies.get(&ticket.service).map_or(0, |tally| tally.before);
        Ok((Position { all: before + 1, own: own + 1 }, total))
    }

    /// How long serving somebody takes, as things go today.
    pub(super) async fn mean(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        floor: &Floor,
        service: ServiceId,
        expected: Span,
    ) -> Result<Span> {
        let since = floor.now.minus(DAY);
        let rows: Vec<(i64,)> = conn.rows(SERVED, args![workspace, service, floor.today, since, SAMPLES]).await?;
        Ok(estimate::mean(expected, rows.into_iter().map(|(took,)| Span(took))))
    }
}
