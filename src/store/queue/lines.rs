//! The services of a venue with how their lines are doing, and who waits in them: what the console, the display and the kiosk are made of.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Store;
use super::super::db::{Conn, args};
use super::super::error::Result;
use super::floor::{Floor, Tally, together};
use crate::domain::id::{CounterId, DepartmentId, ServiceId, TicketId, VenueId, WorkspaceId};
use crate::domain::queue::Service;
use crate::domain::queue::estimate::{self, Position};
use crate::domain::queue::look::{Console, Day, ErrorOfEstimates, Line, Range};
use crate::domain::queue::order::Standing;
use crate::domain::queue::report;
use crate::domain::time::Span;

/// A venue, its services and their lines, all of the same moment.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    pub floor: Floor,
    /// Those that are shown, by department and name.
    pub shown: Vec<Line>,
    /// Who is put aside, the first [`Console::MOST`] of the venue: whoever is back first, first.
    pub parked: Vec<(TicketId, ServiceId)>,
    /// Of every service of the venue.
    tallies: BTreeMap<ServiceId, Tally>,
}

/// Somebody's place in a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub ticket: TicketId,
    pub service: ServiceId,
    pub position: i64,
    pub estimate: Option<Range>,
}

/// What happened to the calls of a service to a counter today.
#[derive(Clone, Copy, Debug, Default, sqlx::FromRow)]
pub(super) struct Calls {
    pub service_id: i64,
    pub counter_id: i64,
    pub served: i64,
    /// How long serving them took together.
    pub took: i64,
    pub longest: i64,
    pub no_shows: i64,
    /// Who was called for the first time in this line.
    first: i64,
    /// How long they had waited together, and how many of them no longer than was promised.
    waited: i64,
    kept: i64,
}

/// Few are put aside at any time; the index of all of them serves, which the pluses keep SQLite to.
const PARKED: &str = "SELECT t.id, t.service_id FROM tickets t WHERE +t.workspace_id = $1 AND +t.venue_id = $2 AND t.state = 'parked' \
     ORDER BY t.parked_until LIMIT $3";
const ISSUED: &str = "SELECT s.id, COUNT(*) FROM departments d JOIN services s ON s.department_id = d.id \
     JOIN tickets t ON t.issued_for = s.id AND t.day = $3 WHERE d.workspace_id = $1 AND d.venue_id = $2 GROUP BY s.id";
/// Serving is measured from the last call, waiting until the first one. A no-show that came after all is none.
const CALLS: &str = "WITH x AS MATERIALIZED ( \
       SELECT c.service_id, c.counter_id, c.outcome, c.waited, t.state, c.ended_at - COALESCE(c.serving_at, c.last_called_at) AS took, \
         c.outcome <> 'undo' AND NOT EXISTS (SELECT 1 FROM calls e WHERE e.ticket_id = c.ticket_id AND e.id < c.id \
         AND e.service_id = c.service_id AND e.outcome <> 'undo') AS is_first \
       FROM departments d JOIN services s ON s.department_id = d.id JOIN calls c ON c.service_id = s.id AND c.day = $3 \
       JOIN tickets t ON t.id = c.ticket_id WHERE d.workspace_id = $1 AND d.venue_id = $2) \
     SELECT service_id, counter_id, CAST(SUM(CASE WHEN outcome = 'served' THEN 1 ELSE 0 END) AS BIGINT) AS served, \
     CAST(SUM(CASE WHEN outcome = 'served' THEN took ELSE 0 END) AS BIGINT) AS took, \
     CAST(MAX(CASE WHEN outcome = 'served' THEN took ELSE 0 END) AS BIGINT) AS longest, \
     CAST(SUM(CASE WHEN outcome = 'no-show' AND state = 'no-show' THEN 1 ELSE 0 END) AS BIGINT) AS no_shows, \
     CAST(SUM(CASE WHEN is_first THEN 1 ELSE 0 END) AS BIGINT) AS first, CAST(SUM(CASE WHEN is_first THEN waited ELSE 0 END) AS BIGINT) AS waited, \
     CAST(SUM(CASE WHEN is_first AND waited <= $4 THEN 1 ELSE 0 END) AS BIGINT) AS kept FROM x GROUP BY service_id, counter_id";

/// Only the first call of somebody has what was said to them when they came.
const ERRORS: &str = "SELECT ABS(c.waited - c.promised) FROM calls c WHERE c.workspace_id = $1 AND c.service_id = $2 AND c.day = $3 \
     AND c.promised IS NOT NULL ORDER BY c.id DESC LIMIT $4";
/// So many estimates tell how good they are.
const JUDGED: i64 = 200;

/// The queries over what a venue has, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 4] = [("errors of estimates", ERRORS), ("parked", PARKED), ("issued", ISSUED), ("calls of a day", CALLS)];

impl Lines {
    /// Who waits in the lines that are shown, as they would be called: whoever is next anywhere before those who are second.
    pub async fn waiting(&self, store: &Store, conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<Spot>> {
        let mut standings: BTreeMap<ServiceId, Vec<(ServiceId, Standing)>> = BTreeMap::new();
        let mut placed: BTreeMap<BTreeSet<ServiceId>, Vec<(ServiceId, Standing, Position)>> = BTreeMap::new();
        let mut spots = Vec::new();
        for line in self.shown.iter().filter(|line| line.waiting > 0) {
            let service = line.service.id;
            let group = estimate::shared(&self.floor.posts, service);
            if !placed.contains_key(&group) {
                for one in &group {
                    if let Some(tally) = self.tallies.get(one).filter(|_| !standings.contains_key(one)) {
                        standings.insert(*one, store.standing_in_line(conn, workspace, *one, tally).await?);
                    }
                }
                let waiting = group.iter().filter_map(|one| standings.get(one)).flatten().copied().collect();
                placed.insert(group.clone(), self.floor.positions(&group, waiting));
            }
            let staff = self.floor.staff(service);
            for (_, standing, position) in placed[&group].iter().filter(|(of, ..)| *of == service) {
                let estimate = estimate::estimate(*position, staff, line.mean);
                let spot = Spot { ticket: standing.ticket, service, position: position.all, estimate };
                spots.push(((position.all, standing.class, standing.order_at, standing.ticket), spot));
            }
        }
        spots.sort_by_key(|(key, _)| *key);
        Ok(spots.into_iter().map(|(_, spot)| spot).take(Console::MOST as usize).collect())
    }
}

impl Store {
    /// The lines of a department, or of all.
    pub(super) async fn lines(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        venue: VenueId,
        department: Option<DepartmentId>,
    ) -> Result<Lines> {
        let floor = self.floor(conn, workspace, venue).await?;
        let services = self.services(conn, workspace, venue).await?;
        let tallies = self.tallies(conn, workspace, &floor, services.iter().map(|service| service.id)).await?;
        let parked: Vec<(i64, i64)> = conn.rows(PARKED, args![workspace, venue, i64::from(Console::MOST)]).await?;
        let parked: Vec<(TicketId, ServiceId)> = parked.into_iter().map(|(id, service)| (TicketId(id), ServiceId(service))).collect();
        let mut lines = Vec::new();
        for service in services.into_iter().filter(|service| department.is_none_or(|one| one == service.department)) {
            let mean = self.mean(conn, workspace, &floor, service.id, service.expected).await?;
            let aside = parked.iter().filter(|(_, of)| *of == service.id).count() as i64;
            lines.push(line(service, &floor, &tallies, mean, aside));
        }
        Ok(Lines { floor, shown: lines, parked, tallies })
    }

    /// What happened to the calls of the day, by service and counter.
    pub(super) async fn calls_of_day(&self, conn: &mut Conn, workspace: WorkspaceId, floor: &Floor) -> Result<Vec<Calls>> {
        let promise = Span::minutes(floor.venue.rules.promise_minutes);
        conn.rows(CALLS, args![workspace, floor.venue.id, floor.today, promise]).await
    }

    /// By how much the last estimates of a service were wrong today.
    pub(super) async fn error_of_estimates(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        floor: &Floor,
        service: ServiceId,
    ) -> Result<Option<ErrorOfEstimates>> {
        let rows: Vec<(i64,)> = conn.rows(ERRORS, args![workspace, service, floor.today, JUDGED]).await?;
        Ok(report::error_of_estimates(rows.into_iter().map(|(off,)| Span(off)).collect()))
    }

    /// How many tickets were issued today, by service.
    pub(super) async fn issued(&self, conn: &mut Conn, workspace: WorkspaceId, floor: &Floor) -> Result<BTreeMap<ServiceId, i64>> {
        let rows: Vec<(i64, i64)> = conn.rows(ISSUED, args![workspace, floor.venue.id, floor.today]).await?;
        Ok(rows.into_iter().map(|(service, count)| (ServiceId(service), count)).collect())
    }
}

/// A line without its day. The estimate is that of who comes now.
fn line(service: Service, floor: &Floor, tallies: &BTreeMap<ServiceId, Tally>, mean: Span, parked: i64) -> Line {
    let staff = floor.staff(service.id);
    let waiting = tallies.get(&service.id).map_or(0, |tally| tally.waiting);
    let all = together(&estimate::shared(&floor.posts, service.id), tallies);
    let estimate = estimate::estimate(Position { all: all + 1, own: waiting + 1 }, staff, mean);
    Line { service, waiting, parked, open: staff.open, free: staff.free, mean, estimate, day: Day::default() }
}

impl Calls {
    pub const fn counter(&self) -> CounterId {
        CounterId(self.counter_id)
    }

    /// All of them together.
    pub fn sum<'a>(calls: impl Iterator<Item = &'a Self>) -> Self {
        calls.fold(Self::default(), |sum, of| Self {
            served: sum.served + of.served,
            took: sum.took + of.took,
            longest: sum.longest.max(of.longest),
            no_shows: sum.no_shows + of.no_shows,
            first: sum.first + of.first,
            waited: sum.waited + of.waited,
            kept: sum.kept + of.kept,
            ..sum
        })
    }
}

/// The figures of a day so far, from the calls of it that are meant.
pub(super) fn day<'a>(calls: impl Iterator<Item = &'a Calls>, issued: i64, longest: Span) -> Day {
    let sum = Calls::sum(calls);
    Day {
        issued,
        served: sum.served,
        no_shows: sum.no_shows,
        wait: Span(sum.waited / sum.first.max(1)),
        longest,
        promised: (sum.first > 0).then(|| sum.kept * 100 / sum.first),
        error: None,
    }
}
