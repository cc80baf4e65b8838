//! What the clock does to a queue: those who are put aside come back at their time, and a day's tickets end with it.

use super::super::Store;
use super::super::db::args;
use super::super::error::Result;
use super::super::venues::Of;
use super::acts::With;
use super::tickets::{TicketRow, tickets};
use crate::domain::id::{TicketId, VenueId, WorkspaceId};
use crate::domain::queue::{Act, Place, number};
use crate::domain::time::{Span, Timestamp};

/// In every workspace: who syncs the database looks after all of them.
const PARKED: &str = "SELECT workspace_id, id FROM tickets WHERE state = 'parked' AND parked_until <= $1 ORDER BY parked_until LIMIT 100";
const NEXT_PARKED: &str =
    "SELECT parked_until FROM tickets WHERE state = 'parked' AND parked_until IS NOT NULL ORDER BY parked_until LIMIT 1";
const VENUES: &str = "SELECT id, workspace_id, zone, day_starts FROM venues";
/// The eldest day of which a venue has a ticket that no day's end has seen; who is being served is served to the end.
const ELDEST: &str = "SELECT day FROM tickets WHERE workspace_id = $1 AND venue_id = $2 AND NOT carried \
     AND state IN ('waiting', 'called', 'serving', 'parked') AND state <> 'serving' ORDER BY day LIMIT 1";
const LEFT: &str = tickets!(
    "venue_id = $2 AND day < $3 AND NOT carried AND state IN ('waiting', 'called', 'serving', 'parked') \
     AND state <> 'serving' ORDER BY day LIMIT 200"
);

/// The queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 4] = [("parked", PARKED), ("next parked", NEXT_PARKED), ("eldest day", ELDEST), ("left over", LEFT)];

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    workspace_id: i64,
    zone: String,
    day_starts: i64,
}

impl Store {
    /// Brings back whose time has come and ends the days that are over, in every workspace; when to come again.
    pub async fn queue_due(&self) -> Result<Option<Timestamp>> {
        let mut next = self.unpark().await?;
        let venues: Vec<Row> = self.read().await?.rows(VENUES, &[]).await?;
        for row in venues {
            let (Ok(zone), starts) = (row.zone.parse::<chrono_tz::Tz>(), Span(row.day_starts)) else {
                tracing::warn!(venue = row.id, "the zone of a venue is unknown, so its days do not end");
                continue;
            };
            let (workspace, venue) = (WorkspaceId(row.workspace_id), VenueId(row.id));
            let today = number::business_day(self.now(), zone, starts);
            if self.eldest_day(workspace, venue).await?.is_some_and(|eldest| eldest < today) {
                self.end_days(workspace, venue, today).await?;
            }
            if let Some(eldest) = self.eldest_day(workspace, venue).await? {
                let ends = number::begins(today.max(eldest) + 1, zone, starts);
                next = Some(next.map_or(ends, |next| next.min(ends)));
            }
        }
        Ok(next)
    }

    async fn eldest_day(&self, workspace: WorkspaceId, venue: VenueId) -> Result<Option<i64>> {
        let row: Option<(i64,)> = self.read().await?.row(ELDEST, args![workspace, venue]).await?;
        Ok(row.map(|(day,)| day))
    }

    async fn unpark(&self) -> Result<Option<Timestamp>> {
        loop {
            let next: Option<(i64,)> = self.read().await?.row(NEXT_PARKED, &[]).await?;
            let Some((next,)) = next else { return Ok(None) };
            let now = self.now();
            if Timestamp(next) > now {
                return Ok(Some(Timestamp(next)));
            }
            let due: Vec<(i64, i64)> = self.read().await?.rows(PARKED, args![now]).await?;
            for (workspace, id) in due {
                let (workspace, id) = (WorkspaceId(workspace), TicketId(id));
                let mut tx = self.begin().await?;
                let mut held = self.hold(&mut tx, workspace, None, Of::Ticket(id)).await?;
                let mut one = self.ticket_in(&mut tx, workspace, id).await?;
                // Somebody may have called it since.
                if one.ticket.parked_until.is_some_and(|until| until <= held.now) {
                    self.change(&mut tx, &mut held, &mut one, Act::Return(Place::Arrival), With::default()).await?;
                    self.touch(&mut tx, &held).await?;
                    self.commit(tx).await?;
                }
            }
        }
    }

    /// Ends, or keeps for the next day, what is left of the days before `today`.
    async fn end_days(&self, workspace: WorkspaceId, venue: VenueId, today: i64) -> Result<()> {
        loop {
            let mut tx = self.begin().await?;
            let mut held = self.hold(&mut tx, workspace, None, Of::Venue(venue)).await?;
            let left: Vec<TicketRow> = tx.rows(LEFT, args![workspace, venue, today]).await?;
            if left.is_empty() {
                return Ok(());
            }
            for row in left {
                let mut one = row.one()?;
                if held.venue.rules.carry {
                    one.ticket.carried = true;
                    self.save(&mut tx, &held, &mut one, "ticket.carried", "").await?;
                } else {
                    self.change(&mut tx, &mut held, &mut one, Act::Expire, With::default()).await?;
                }
            }
            self.touch(&mut tx, &held).await?;
            self.commit(tx).await?;
        }
    }
}
