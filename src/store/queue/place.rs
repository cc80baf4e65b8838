//! A ticket as its holder is told of it. Consoles show the same place from the same numbers.

use super::super::Store;
use super::super::db::{Conn, args};
use super::super::error::Result;
use crate::domain::id::{DepartmentId, TicketId, WorkspaceId};
use crate::domain::queue::look::Place;
use crate::domain::queue::{State, estimate, number};
use crate::domain::time::Span;

#[derive(sqlx::FromRow)]
struct Row {
    service: String,
    expected: i64,
    department_id: i64,
    department: String,
    counter: String,
}

const FACTS: &str = "SELECT s.name AS service, s.expected, d.id AS department_id, d.name AS department, \
     COALESCE((SELECT c.name FROM counters c WHERE c.workspace_id = $1 AND c.id = $3), '') AS counter \
     FROM services s JOIN departments d ON d.id = s.department_id WHERE s.workspace_id = $1 AND s.id = $2";
/// Of a day: what was served yesterday is served no more.
const LATEST: &str = "SELECT t.label FROM announcements a JOIN tickets t ON t.id = a.ticket_id \
     WHERE a.workspace_id = $1 AND a.department_id = $2 AND a.at >= $3 AND NOT a.withdrawn ORDER BY a.id DESC LIMIT 1";

/// The query with a limit, for the test that asks the planner about it.
pub const LOOKS: [(&str, &str); 1] = [("now serving", LATEST)];

impl Store {
    /// A ticket as its holder is told of it.
    pub async fn place(&self, conn: &mut Conn, workspace: WorkspaceId, ticket: TicketId) -> Result<Place> {
        let ticket = self.ticket(conn, workspace, ticket).await?;
        let floor = self.floor(conn, workspace, ticket.venue).await?;
        let row: Row = conn.one("service", FACTS, args![workspace, ticket.service, ticket.counter]).await?;
        let since = number::begins(floor.today, floor.venue.zone, floor.venue.day_starts);
        let serving: Option<(String,)> = conn.row(LATEST, args![workspace, DepartmentId(row.department_id), since]).await?;
        let mut place = Place {
            venue: floor.venue.name.clone(),
            service: row.service,
            department: row.department,
            position: None,
            total: 0,
            estimate: None,
            serving: serving.map(|(label,)| label).unwrap_or_default(),
            counter: row.counter,
            known: false,
            version: floor.version,
            ticket,
        };
        // Nobody else's place matters to one who is called: a long line is not counted for it.
        if place.ticket.state != State::Waiting {
            return Ok(place);
        }
        let (position, total) = self.position(conn, workspace, &floor, &place.ticket).await?;
        place.total = total;
        place.position = Some(position.all);
        let staff = floor.staff(place.ticket.service);
        if staff.open > 0 {
            let mean = self.mean(conn, workspace, &floor, place.ticket.service, Span(row.expected)).await?;
            place.estimate = estimate::estimate(position, staff, mean);
        }
        Ok(place)
    }
}
