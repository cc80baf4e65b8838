//! The places of a workspace, and how each runs its queue. Whoever changes something of a queue holds its venue's row until the end of the
//! transaction: those who work at one venue take turns of a few milliseconds, and what they read meanwhile stays true.

use super::db::{Conn, Tx, args};
use super::error::{Error, Result};
use super::events::Event;
use super::{Store, name_key};
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, CounterId, DepartmentId, ServiceId, TicketId, VenueId, WorkspaceId};
use crate::domain::near;
use crate::domain::queue::{Rules, Venue, number};
use crate::domain::time::{Span, Timestamp};

/// A venue to be.
#[derive(Clone, Copy, Debug)]
pub struct NewVenue<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its zone.
    pub zone: chrono_tz::Tz,
    /// When a business day begins, after local midnight.
    pub day_starts: Span,
}

/// By what a venue is found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    Venue(VenueId),
    Department(DepartmentId),
    Service(ServiceId),
    Counter(CounterId),
    Ticket(TicketId),
}

/// A venue whose row is held, and who does something there.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub workspace: WorkspaceId,
    pub agent: Option<AgentId>,
    pub venue: Venue,
    pub now: Timestamp,
    /// What the version will be once this is done.
    pub version: i64,
    arrived_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    name: String,
    zone: String,
    day_starts: i64,
    rules: String,
    arrived_at: i64,
    version: i64,
}

macro_rules! columns {
    () => {
        "id, name, zone, day_starts, rules, arrived_at, version"
    };
}
macro_rules! hold {
    ($which:literal) => {
        concat!("UPDATE venues SET version = version WHERE workspace_id = $1 AND id = ", $which, " RETURNING ", columns!())
    };
}

const LIST: &str = concat!("SELECT ", columns!(), " FROM venues WHERE workspace_id = $1 ORDER BY name_key");
const ONE: &str = concat!("SELECT ", columns!(), " FROM venues WHERE workspace_id = $1 AND id = $2");
const NAMED: &str = concat!("SELECT ", columns!(), " FROM venues WHERE workspace_id = $1 AND name_key = $2");
const HOLD: &str = hold!("$2");
const HOLD_DEPARTMENT: &str = hold!("(SELECT venue_id FROM departments WHERE workspace_id = $1 AND id = $2)");
const HOLD_SERVICE: &str =
    hold!("(SELECT d.venue_id FROM services s JOIN departments d ON d.id = s.department_id WHERE s.workspace_id = $1 AND s.id = $2)");
const HOLD_COUNTER: &str = hold!("(SELECT venue_id FROM counters WHERE workspace_id = $1 AND id = $2)");
const HOLD_TICKET: &str = hold!("(SELECT venue_id FROM tickets WHERE workspace_id = $1 AND id = $2)");
const TOUCH: &str = "UPDATE venues SET version = $3, arrived_at = $4 WHERE workspace_id = $1 AND id = $2";
const ANYBODY: &str = "SELECT id FROM tickets WHERE workspace_id = $1 AND venue_id = $2 \
     AND state IN ('waiting', 'called', 'serving', 'parked') LIMIT 1";
const ADD: &str = "INSERT INTO venues (id, workspace_id, name, name_key, zone, day_starts, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
     ON CONFLICT (workspace_id, name_key) DO NOTHING";
const SET_RULES: &str = "UPDATE venues SET rules = $3 WHERE workspace_id = $1 AND id = $2";

/// The query with a limit, for the test that asks the planner about it.
pub const LOOKS: [(&str, &str); 1] = [("anybody", ANYBODY)];

/// Names of a queue's things are one line of at most so many characters.
const NAME_CHARS: usize = 60;

impl Row {
    fn venue(self) -> Result<Venue> {
        let stored = |detail: String| Error::Stored { what: "venue", detail };
        Ok(Venue {
            id: VenueId(self.id),
            name: self.name,
            zone: self.zone.parse().map_err(|_| stored(format!("zone {:?}", self.zone)))?,
            day_starts: Span(self.day_starts),
            rules: serde_json::from_str(&self.rules).map_err(|error| stored(error.to_string()))?,
        })
    }
}

impl Held {
    /// The business day it is there.
    pub(super) fn today(&self) -> i64 {
        number::business_day(self.now, self.venue.zone, self.venue.day_starts)
    }

    /// A line of the log about this venue.
    pub(super) fn event<'a>(&self, kind: &'a str, ticket: Option<TicketId>, detail: &'a str) -> Event<'a> {
        Event { kind, agent: self.agent, venue: Some(self.venue.id), ticket, detail, ..Event::default() }
    }
}

impl Store {
    /// All of them, by name.
    pub async fn venues(&self, conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<Venue>> {
        let rows: Vec<Row> = conn.rows(LIST, args![workspace]).await?;
        rows.into_iter().map(Row::venue).collect()
    }

    /// One of them.
    pub async fn venue(&self, conn: &mut Conn, workspace: WorkspaceId, id: VenueId) -> Result<Venue> {
        conn.one::<Row>("venue", ONE, args![workspace, id]).await?.venue()
    }

    /// The one of that name; refused with the one that was probably meant.
    pub async fn venue_named(&self, conn: &mut Conn, workspace: WorkspaceId, name: &str) -> Result<Venue> {
        if let Some(row) = conn.row::<Row>(NAMED, args![workspace, &name_key(name)]).await? {
            return row.venue();
        }
        let known: Vec<String> = self.venues(conn, workspace).await?.into_iter().map(|venue| venue.name).collect();
        Err(unknown("venue", name, &known))
    }

    /// Adds a venue. Refused for those who do not set up.
    pub async fn add_venue(&self, workspace: WorkspaceId, agent: AgentId, new: &NewVenue<'_>) -> Result<Venue> {
        let name = checked_name("venue", new.name)?;
        if new.day_starts.0 < 0 || new.day_starts >= Span::hours(24) {
            return Err(Error::Refused("No venue was added: its day must begin between 00:00 and 23:59.".to_owned()));
        }
        let mut tx = self.begin().await?;
        self.must_set_up(&mut tx, workspace, agent).await?;
        let id = VenueId(self.next_id());
        let key = name_key(name);
        let values = args![id, workspace, name, &key, new.zone.name(), new.day_starts, self.now()];
        if tx.run(ADD, values).await? == 0 {
            return Err(Error::Refused(format!("No venue was added: there is one called {name:?} already.")));
        }
        let event = Event { kind: "venue.added", agent: Some(agent), venue: Some(id), detail: name, ..Event::default() };
        self.log(&mut tx, workspace, &[event]).await?;
        tx.hint(Hint::Queue(id));
        let venue = self.venue(&mut tx, workspace, id).await?;
        self.commit(tx).await?;
        Ok(venue)
    }

    /// Changes how a venue runs its queue. Refused for those who do not set up.
    pub async fn set_rules(&self, workspace: WorkspaceId, agent: AgentId, id: VenueId, rules: &Rules) -> Result<()> {
        let counts = [rules.recalls, rules.streak, rules.promote_minutes, rules.reinstate_minutes, rules.soon, rules.promise_minutes];
        if counts.iter().any(|count| !(0..=100_000).contains(count)) || !rules.country.bytes().all(|byte| byte.is_ascii_digit()) {
            let why = "Nothing was changed: the rules of a queue are whole numbers from 0, and the country's calling code is digits alone.";
            return Err(Error::Refused(why.to_owned()));
        }
        let json = serde_json::to_string(rules).map_err(|error| Error::Stored { what: "rules", detail: error.to_string() })?;
        let mut tx = self.begin().await?;
        let held = self.hold_to_set_up(&mut tx, workspace, agent, Of::Venue(id)).await?;
        tx.run(SET_RULES, args![workspace, id, &json]).await?;
        self.touch(&mut tx, &held).await?;
        self.log(&mut tx, workspace, &[held.event("venue.rules", None, "")]).await?;
        self.commit(tx).await
    }

    /// Holds a venue until the end of the transaction.
    pub(super) async fn hold(&self, tx: &mut Tx, workspace: WorkspaceId, agent: Option<AgentId>, of: Of) -> Result<Held> {
        let (sql, id, what) = match of {
            Of::Venue(id) => (HOLD, id.0, "venue"),
            Of::Department(id) => (HOLD_DEPARTMENT, id.0, "department"),
            Of::Service(id) => (HOLD_SERVICE, id.0, "service"),
            Of::Counter(id) => (HOLD_COUNTER, id.0, "counter"),
            Of::Ticket(id) => (HOLD_TICKET, id.0, "ticket"),
        };
        let row: Row = tx.one(what, sql, args![workspace, id]).await?;
        let (version, arrived_at) = (row.version + 1, Timestamp(row.arrived_at));
        // Only now: whoever waited for the venue acts after the one before.
        Ok(Held { workspace, agent, venue: row.venue()?, now: self.now(), version, arrived_at })
    }

    /// Holds a venue for those who set up.
    pub(super) async fn hold_to_set_up(&self, tx: &mut Tx, workspace: WorkspaceId, agent: AgentId, of: Of) -> Result<Held> {
        self.must_set_up(tx, workspace, agent).await?;
        self.hold(tx, workspace, Some(agent), of).await
    }

    /// Says that something of the venue has changed; once, when all is done.
    pub(super) async fn touch(&self, tx: &mut Tx, held: &Held) -> Result<()> {
        tx.run(TOUCH, args![held.workspace, held.venue.id, held.version, held.arrived_at]).await?;
        tx.hint(Hint::Queue(held.venue.id));
        Ok(())
    }

    /// An instant after every one that was given out at this venue: a clock that is set back reorders nobody. Once nobody is left whom it
    /// could put behind, the clock counts again.
    pub(super) async fn arrival(&self, tx: &mut Tx, held: &mut Held) -> Result<Timestamp> {
        let back = held.now < held.arrived_at;
        let free = back && tx.row::<(i64,)>(ANYBODY, args![held.workspace, held.venue.id]).await?.is_none();
        held.arrived_at = if free { held.now } else { held.now.max(held.arrived_at.plus(Span(1))) };
        Ok(held.arrived_at)
    }

    async fn must_set_up(&self, conn: &mut Conn, workspace: WorkspaceId, agent: AgentId) -> Result<()> {
        let role = self.role(conn, workspace, agent).await?;
        if role.may_set_up() {
            return Ok(());
        }
        Err(Error::Refused(format!("Only owners and admins set up venues, and you are a {}: ask one of them.", role.name())))
    }
}

/// A name as it is kept.
pub(super) fn checked_name<'a>(what: &str, name: &'a str) -> Result<&'a str> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS || name.contains(char::is_control) {
        return Err(Error::Refused(format!("Nothing was changed: the name of a {what} must be one line of 1 to {NAME_CHARS} characters.")));
    }
    Ok(name)
}

/// Why something of a name is not found, with the name that was probably meant.
pub(super) fn unknown(what: &str, name: &str, known: &[String]) -> Error {
    Error::Refused(format!("There is no {what} {name:?}: {}", near::hint(name, known)))
}
