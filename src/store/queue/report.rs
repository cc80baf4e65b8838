//! How a venue's queue did, over some days.

use super::super::Store;
use super::super::db::{Conn, args};
use super::super::error::Result;
use crate::domain::id::{ServiceId, VenueId, WorkspaceId};
use crate::domain::queue::report::{Called, Issued, Report};
use crate::domain::time::{Span, Timestamp};

#[derive(sqlx::FromRow)]
struct CallRow {
    service_id: i64,
    day: i64,
    arrived_at: i64,
    waited: i64,
    promised: Option<i64>,
    took: Option<i64>,
    is_first: bool,
    no_show: bool,
}

const ISSUED: &str = "SELECT t.issued_for, t.day, t.arrived_at FROM departments d JOIN services s ON s.department_id = d.id \
     JOIN tickets t ON t.issued_for = s.id AND t.day BETWEEN $3 AND $4 WHERE d.workspace_id = $1 AND d.venue_id = $2";
/// As `lines.rs` has it for the day so far.
const CALLED: &str = "SELECT c.service_id, c.day, t.arrived_at, c.waited, c.promised, \
     CASE WHEN c.outcome = 'served' THEN c.ended_at - COALESCE(c.serving_at, c.last_called_at) END AS took, \
     c.outcome = 'no-show' AND t.state = 'no-show' AS no_show, c.outcome <> 'undo' AND NOT EXISTS (SELECT 1 FROM calls e \
       WHERE e.ticket_id = c.ticket_id AND e.id < c.id AND e.service_id = c.service_id AND e.outcome <> 'undo') AS is_first \
     FROM departments d JOIN services s ON s.department_id = d.id JOIN calls c ON c.service_id = s.id AND c.day BETWEEN $3 AND $4 \
     JOIN tickets t ON t.id = c.ticket_id WHERE d.workspace_id = $1 AND d.venue_id = $2";

/// The queries over what a venue has, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 2] = [("tickets of days", ISSUED), ("calls of days", CALLED)];

impl Store {
    /// How a venue's queue did from one business day to another, both included.
    pub async fn queue_report(&self, conn: &mut Conn, workspace: WorkspaceId, venue: VenueId, from: i64, to: i64) -> Result<Report> {
        let venue = self.venue(conn, workspace, venue).await?;
        let services = self.services(conn, workspace, venue.id).await?;
        let (mut issued, mut called) = (Vec::new(), Vec::new());
        // A month at a time: a statement of years would hold up others on the connection's thread.
        let mut day = from;
        while day <= to {
            let until = day.saturating_add(MONTH).min(to);
            let tickets: Vec<(i64, i64, i64)> = conn.rows(ISSUED, args![workspace, venue.id, day, until]).await?;
            issued.extend(tickets.into_iter().map(|(service, day, at)| Issued { service: ServiceId(service), day, at: Timestamp(at) }));
            let calls: Vec<CallRow> = conn.rows(CALLED, args![workspace, venue.id, day, until]).await?;
            called.extend(calls.into_iter().map(CallRow::called));
            day = until.saturating_add(1);
        }
        Ok(Report::of(&venue, &services, (from, to), &issued, &called))
    }
}

const MONTH: i64 = 30;

impl CallRow {
    fn called(self) -> Called {
        Called {
            service: ServiceId(self.service_id),
            day: self.day,
            arrived_at: Timestamp(self.arrived_at),
            waited: self.is_first.then_some(Span(self.waited)),
            promised: self.promised.map(Span),
            took: self.took.map(Span),
            no_show: self.no_show,
        }
    }
}
