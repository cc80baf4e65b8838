//! What a kiosk offers.

use super::super::Store;
use super::super::db::{Conn, args};
use super::super::error::Result;
use crate::domain::id::{VenueId, WorkspaceId};
use crate::domain::phone;
use crate::domain::queue::look::{Kiosk, Offer};

/// Accounts that people write to from their telephones: their names end with their numbers.
const ACCOUNTS: &str = "SELECT account_name FROM channels WHERE workspace_id = $1 AND provider = 'whatsapp' AND removed_at IS NULL \
     AND NOT paused ORDER BY name_key";

impl Store {
    /// What a kiosk offers. Its lines come without their day.
    pub async fn kiosk(&self, conn: &mut Conn, workspace: WorkspaceId, venue: VenueId) -> Result<Kiosk> {
        let lines = self.lines(conn, workspace, venue, None).await?;
        let departments = self.departments(conn, workspace, venue).await?;
        let closed = |line: &crate::domain::queue::look::Line| {
            departments.iter().any(|department| department.id == line.service.department && department.closed)
        };
        let offers = lines.shown.into_iter().map(|line| Offer { closed: closed(&line), line }).collect();
        let accounts: Vec<(String,)> = conn.rows(ACCOUNTS, args![workspace]).await?;
        let number = accounts.iter().find_map(|(name,)| number_in(name)).unwrap_or_default();
        Ok(Kiosk { venue: lines.floor.venue, offers, number: number.to_owned() })
    }
}

/// The telephone number of an account as its name ends: `Klinik Sehat (+62 812-0000-1111)`.
fn number_in(name: &str) -> Option<&str> {
    let number = name.strip_suffix(')').and_then(|name| name.rsplit_once('(')).map_or(name, |(_, number)| number).trim();
    phone::e164(number, "").map(|_| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_to_write_to_is_the_one_at_the_end_of_the_accounts_name() {
        assert_eq!(number_in("Klinik Sehat (+62 812-0000-1111)"), Some("+62 812-0000-1111"));
        assert_eq!(number_in("+62 812-0000-1111"), Some("+62 812-0000-1111"));
        assert_eq!(number_in("Klinik Sehat"), None);
        assert_eq!(number_in("Klinik Sehat (pusat)"), None);
    }
}
