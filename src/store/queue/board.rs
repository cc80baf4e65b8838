//! What the public display shows: tickets and counters. Nothing that is read for it tells who somebody is.

use std::collections::BTreeMap;

use super::super::Store;
use super::super::db::{Conn, Value, args};
use super::super::error::{Error, Result};
use super::floor::Floor;
use crate::domain::id::{CounterId, DepartmentId, ServiceId, TicketId, VenueId, WorkspaceId};
use crate::domain::queue::look::{Announcement, Board, NextInLine};
use crate::domain::queue::{Priority, State, number};
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct CallRow {
    id: i64,
    ticket_id: i64,
    label: String,
    counter: String,
    counter_id: i64,
    service: String,
    service_id: i64,
    at: i64,
    recall: i64,
    state: String,
    withdrawn: bool,
}

macro_rules! calls {
    ($which:literal) => {
        concat!(
            "SELECT a.id, a.ticket_id, t.label, c.name AS counter, a.counter_id, s.name AS service, a.service_id, a.at, a.recall, t.state, a.withdrawn \
             FROM announcements a JOIN tickets t ON t.id = a.ticket_id JOIN counters c ON c.id = a.counter_id JOIN services s ON s.id = a.service_id \
             WHERE a.workspace_id = $1 AND ",
            $which,
            " AND a.at >= $3 ORDER BY a.id DESC LIMIT $4"
        )
    };
}

const CALLS: &str = calls!("a.venue_id = $2");
const CALLS_OF: &str = calls!("a.department_id = $2");
const LABELS: &str = "SELECT t.id, t.label, t.priority FROM tickets t WHERE +t.workspace_id = $1 AND t.id IN";

/// The queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 2] = [("calls of a venue", CALLS), ("calls of a department", CALLS_OF)];
/// The beginning of the query that several ids follow, for the same test.
pub const BY_ID: [&str; 1] = [LABELS];

impl Store {
    /// What the public display shows. Its lines come without their day. As for [`Store::console`], one moment is that of a
    /// [`Store::snapshot`].
    pub async fn board(&self, conn: &mut Conn, workspace: WorkspaceId, venue: VenueId, department: Option<DepartmentId>) -> Result<Board> {
        let lines = self.lines(conn, workspace, venue, department).await?;
        let department = match department {
            Some(id) => Some(self.department(conn, workspace, id).await?).filter(|found| found.venue == venue),
            None => None,
        };
        let mut spots = lines.waiting(self, conn, workspace).await?;
        spots.truncate(Board::NEXT);
        let keys: Vec<Value<'_>> = spots.iter().map(|spot| Value::from(spot.ticket)).collect();
        let rows: Vec<(i64, String, String)> = conn.rows_in(LABELS, args![workspace], &keys, "").await?;
        let labels: BTreeMap<TicketId, (String, String)> =
            rows.into_iter().map(|(id, label, priority)| (TicketId(id), (label, priority))).collect();
        let names: BTreeMap<ServiceId, &str> = lines.shown.iter().map(|line| (line.service.id, line.service.name.as_str())).collect();
        let next = spots.iter().filter_map(|spot| {
            let (label, priority) = labels.get(&spot.ticket)?;
            Some(NextInLine {
                label: label.clone(),
                service: (*names.get(&spot.service)?).to_owned(),
                position: spot.position,
                estimate: spot.estimate,
                priority: Priority::of(priority).unwrap_or_default(),
            })
        });
        let next = next.collect();
        let calls = self.last_calls(conn, workspace, &lines.floor, department.as_ref().map(|one| one.id)).await?;
        Ok(Board { department, calls, next, version: lines.floor.version, venue: lines.floor.venue, lines: lines.shown })
    }

    /// The last calls of the day, the newest first.
    async fn last_calls(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        floor: &Floor,
        department: Option<DepartmentId>,
    ) -> Result<Vec<Announcement>> {
        let since = number::begins(floor.today, floor.venue.zone, floor.venue.day_starts);
        let most = i64::from(Board::CALLS);
        let rows: Vec<CallRow> = match department {
            Some(department) => conn.rows(CALLS_OF, args![workspace, department, since, most]).await?,
            None => conn.rows(CALLS, args![workspace, floor.venue.id, since, most]).await?,
        };
        rows.into_iter().map(CallRow::announcement).collect()
    }
}

impl CallRow {
    fn announcement(self) -> Result<Announcement> {
        Ok(Announcement {
            id: self.id,
            ticket: TicketId(self.ticket_id),
            label: self.label,
            counter: self.counter,
            counter_id: CounterId(self.counter_id),
            service: self.service,
            service_id: ServiceId(self.service_id),
            at: Timestamp(self.at),
            recall: self.recall,
            state: State::of(&self.state).ok_or(Error::Stored { what: "ticket", detail: self.state })?,
            withdrawn: self.withdrawn,
        })
    }
}
