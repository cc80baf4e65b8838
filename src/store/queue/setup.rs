//! What there is at a venue: departments, the services they look after, counters and what those serve. Owners and admins set it up.

use std::collections::BTreeSet;

use super::super::db::{Conn, Tx, Value, args};
use super::super::error::{Error, Result};
use super::super::venues::{Of, checked_name, unknown};
use super::super::{Store, name_key};
use crate::domain::id::{AgentId, CounterId, DepartmentId, ServiceId, VenueId, WorkspaceId};
use crate::domain::queue::{Counter, CounterState, Department, Service, number};
use crate::domain::time::Span;

/// A service to be.
#[derive(Clone, Copy, Debug)]
pub struct NewService<'a> {
    /// What it is called.
    pub name: &'a str,
    /// What its numbers begin with; made of the name when nobody says.
    pub prefix: Option<&'a str>,
    /// How long serving somebody takes until there is a history; five minutes when nobody says.
    pub expected: Option<Span>,
}

#[derive(sqlx::FromRow)]
struct DepartmentRow {
    id: i64,
    venue_id: i64,
    name: String,
    closed: bool,
}

#[derive(sqlx::FromRow)]
struct ServiceRow {
    id: i64,
    department_id: i64,
    name: String,
    prefix: String,
    expected: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct CounterRow {
    id: i64,
    venue_id: i64,
    name: String,
    state: String,
    agent_id: Option<i64>,
    version: i64,
}

macro_rules! departments {
    ($tail:literal) => {
        concat!("SELECT id, venue_id, name, closed FROM departments WHERE workspace_id = $1 AND ", $tail)
    };
}
macro_rules! services {
    ($tail:literal) => {
        concat!(
            "SELECT s.id, s.department_id, s.name, s.prefix, s.expected FROM services s JOIN departments d ON d.id = s.department_id \
             WHERE s.workspace_id = $1 AND ",
            $tail
        )
    };
}
macro_rules! counters {
    ($tail:literal) => {
        concat!("SELECT id, venue_id, name, state, agent_id, version FROM counters WHERE workspace_id = $1 AND ", $tail)
    };
}

const DEPARTMENTS: &str = departments!("venue_id = $2 ORDER BY name_key");
const DEPARTMENT: &str = departments!("id = $2");
const SERVICES: &str = services!("d.venue_id = $2 ORDER BY d.name_key, s.name_key");
const SERVICE: &str = services!("s.id = $2");
const COUNTERS: &str = counters!("venue_id = $2 ORDER BY name_key");
const COUNTER: &str = counters!("id = $2");
const SKILLS: &str = "SELECT cs.counter_id, cs.service_id FROM counters c JOIN counter_services cs ON cs.counter_id = c.id \
     WHERE c.workspace_id = $1 AND c.venue_id = $2 ORDER BY cs.counter_id, cs.service_id";
const SKILLS_OF: &str = "SELECT service_id FROM counter_services WHERE workspace_id = $1 AND counter_id = $2 ORDER BY service_id";
const PREFIXES: &str = "SELECT prefix, name FROM services WHERE workspace_id = $1";
const ADD_DEPARTMENT: &str = "INSERT INTO departments (id, workspace_id, venue_id, name, name_key, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
     ON CONFLICT (venue_id, name_key) DO NOTHING";
const CLOSE_DEPARTMENT: &str = "UPDATE departments SET closed = $3 WHERE workspace_id = $1 AND id = $2 AND closed <> $3";
const ADD_SERVICE: &str = "INSERT INTO services (id, workspace_id, department_id, name, name_key, prefix, expected, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
const RENAME_SERVICE: &str = "UPDATE services SET name = $3, name_key = $4 WHERE workspace_id = $1 AND id = $2";
const NAMESAKE: &str = "SELECT id FROM services WHERE workspace_id = $1 AND department_id = $2 AND name_key = $3 AND id <> $4";
const ADD_COUNTER: &str = "INSERT INTO counters (id, workspace_id, venue_id, name, name_key, changed_at, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (venue_id, name_key) DO NOTHING";
const DROP_SKILLS: &str = "DELETE FROM counter_services WHERE workspace_id = $1 AND counter_id = $2";
const ADD_SKILLS: &str = "INSERT INTO counter_services (workspace_id, counter_id, service_id) VALUES";
const CHANGED: &str = "UPDATE counters SET version = version + 1 WHERE workspace_id = $1 AND id = $2";
const OPEN_NUMBERS: &str = "SELECT label FROM tickets WHERE workspace_id = $1 AND issued_for = $2 AND day = $3 \
     AND state IN ('waiting', 'called', 'serving', 'parked') ORDER BY epoch, number LIMIT 1";
const BEGIN_AGAIN: &str = "UPDATE ticket_numbers SET epoch = epoch + 1, last = 0 WHERE workspace_id = $1 AND service_id = $2 AND day = $3";

/// The query with a limit, for the test that asks the planner about it.
pub const LOOKS: [(&str, &str); 1] = [("open numbers", OPEN_NUMBERS)];

/// How long serving somebody takes when nobody knows.
const EXPECTED: Span = Span::minutes(5);

impl DepartmentRow {
    fn department(self) -> Department {
        Department { id: DepartmentId(self.id), venue: VenueId(self.venue_id), name: self.name, closed: self.closed }
    }
}

impl ServiceRow {
    fn service(self) -> Service {
        Service {
            id: ServiceId(self.id),
            department: DepartmentId(self.department_id),
            name: self.name,
            prefix: self.prefix,
            expected: Span(self.expected),
        }
    }
}

impl CounterRow {
    fn counter(self, services: Vec<ServiceId>) -> Result<Counter> {
        let state = CounterState::of(&self.state).ok_or_else(|| Error::Stored { what: "counter", detail: self.state.clone() })?;
        Ok(Counter {
            id: CounterId(self.id),
            venue: VenueId(self.venue_id),
            name: self.name,
            services,
            state,
            agent: self.agent_id.map(AgentId),
            version: self.version,
        })
    }
}

impl Store {
    /// A venue's departments, by name.
    pub async fn departments(&self, conn: &mut Conn, workspace: WorkspaceId, venue: VenueId) -> Result<Vec<Department>> {
        let rows: Vec<DepartmentRow> = conn.rows(DEPARTMENTS, args![workspace, venue]).await?;
        Ok(rows.into_iter().map(DepartmentRow::department).collect())
    }

    /// One of them.
    pub async fn department(&self, conn: &mut Conn, workspace: WorkspaceId, id: DepartmentId) -> Result<Department> {
        Ok(conn.one::<DepartmentRow>("department", DEPARTMENT, args![workspace, id]).await?.department())
    }

    /// A venue's department of that name; refused with the one that was probably meant.
    pub async fn department_named(&self, conn: &mut Conn, workspace: WorkspaceId, venue: VenueId, name: &str) -> Result<Department> {
        let all = self.departments(conn, workspace, venue).await?;
        let known: Vec<String> = all.iter().map(|one| one.name.clone()).collect();
        let key = name_key(name);
        all.into_iter().find(|one| name_key(&one.name) == key).ok_or_else(|| unknown("department", name, &known))
    }

    /// Adds a department. Refused for those who do not set up.
    pub async fn add_department(&self, workspace: WorkspaceId, agent: AgentId, venue: VenueId, name: &str) -> Result<Department> {
        let name = checked_name("department", name)?;
        let mut tx = self.begin().await?;
        let held = self.hold_to_set_up(&mut tx, workspace, agent, Of::Venue(venue)).await?;
        let id = DepartmentId(self.next_id());
        if tx.run(ADD_DEPARTMENT, args![id, workspace, venue, name, &name_key(name), held.now]).await? == 0 {
            let why = format!("No department was added: {} has one called {name:?} already.", held.venue.name);
            return Err(Error::Refused(why));
        }
        self.touch(&mut tx, &held).await?;
        self.log(&mut tx, workspace, &[held.event("department.added", None, name)]).await?;
        let department = self.department(&mut tx, workspace, id).await?;
        self.commit(tx).await?;
        Ok(department)
    }

    /// Closes a department to new tickets, or opens it again; those who wait are still called. Refused for those who do not set up.
    pub async fn close_department(&self, workspace: WorkspaceId, agent: AgentId, id: DepartmentId, closed: bool) -> Result<()> {
        let mut tx = self.begin().await?;
        let held = self.hold_to_set_up(&mut tx, workspace, agent, Of::Department(id)).await?;
        if tx.run(CLOSE_DEPARTMENT, args![workspace, id, closed]).await? == 0 {
            return Ok(());
        }
        let name = self.department(&mut tx, workspace, id).await?.name;
        self.touch(&mut tx, &held).await?;
        let kind = if closed { "department.closed" } else { "department.opened" };
        self.log(&mut tx, workspace, &[held.event(kind, None, &name)]).await?;
        self.commit(tx).await
    }

    /// A venue's services, by department and name.
    pub async fn services(&self, conn: &mut Conn, workspace: WorkspaceId, venue: VenueId) -> Result<Vec<Service>> {
        let rows: Vec<ServiceRow> = conn.rows(SERVICES, args![workspace, venue]).await?;
        Ok(rows.into_iter().map(ServiceRow::service).collect())
    }

    /// One of them.
    pub async fn service(&self, conn: &mut Conn, workspace: WorkspaceId, id: ServiceId) -> Result<Service> {
        Ok(conn.one::<ServiceRow>("service", SERVICE, args![workspace, id]).await?.service())
    }

    /// A venue's service of that prefix or name; refused with the one that was probably meant.
    pub async fn service_named(&self, conn: &mut Conn, workspace: WorkspaceId, venue: VenueId, name: &str) -> Result<Service> {
        let all = self.services(conn, workspace, venue).await?;
        let known: Vec<String> = all.iter().flat_map(|one| [one.prefix.clone(), one.name.clone()]).collect();
        let key = name_key(name);
        let found = all.iter().find(|one| name_key(&one.prefix) == key).or_else(|| all.iter().find(|one| name_key(&one.name) == key));
        found.cloned().ok_or_else(|| unknown("service", name, &known))
    }

    /// Adds a service; no other of the workspace has its prefix. Refused for those who do not set up.
    pub async fn add_service(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        department: DepartmentId,
        new: &NewService<'_>,
    ) -> Result<Service> {
        let name = checked_name("service", new.name)?;
        let expected = new.expected.unwrap_or(EXPECTED);
        if expected <= Span::ZERO || expected > Span::hours(24) {
            return Err(Error::Refused("No service was added: serving somebody takes more than nothing and less than a day.".to_owned()));
        }
        let wanted = new.prefix.map(number::check_prefix).transpose();
        let wanted = wanted.map_err(|why| Error::Refused(format!("No service was added: {why}.")))?;
        let mut tx = self.begin().await?;
        let held = self.hold_to_set_up(&mut tx, workspace, agent, Of::Department(department)).await?;
        if tx.row::<(i64,)>(NAMESAKE, args![workspace, department, &name_key(name), ServiceId(0)]).await?.is_some() {
            return Err(Error::Refused(format!("No service was added: that department has one called {name:?} already.")));
        }
        let prefixes: Vec<(String, String)> = tx.rows(PREFIXES, args![workspace]).await?;
        let owner = |prefix: &str| prefixes.iter().find(|(taken, _)| taken == prefix).map(|(_, name)| name);
        let free = number::suggest(name, |prefix| owner(prefix).is_some());
        let prefix = wanted.unwrap_or_else(|| free.clone());
        let taken = |owner: &str| Error::Refused(format!("No service was added: {owner} has the prefix {prefix} already; {free} is free."));
        if let Some(owner) = owner(&prefix) {
            return Err(taken(owner));
        }
        let id = ServiceId(self.next_id());
        let key = name_key(name);
        let values = args![id, workspace, department, name, &key, &prefix, expected, held.now];
        if tx.run(ADD_SERVICE, values).await? == 0 {
            // Somebody adds one at another venue at this moment.
            return Err(taken("another service"));
        }
        self.touch(&mut tx, &held).await?;
        let detail = format!("{name} {prefix}");
        self.log(&mut tx, workspace, &[held.event("service.added", None, &detail)]).await?;
        let service = self.service(&mut tx, workspace, id).await?;
        self.commit(tx).await?;
        Ok(service)
    }

    /// Gives a service another name; its prefix and the tickets there are stay. Refused for those who do not set up.
    pub async fn rename_service(&self, workspace: WorkspaceId, agent: AgentId, id: ServiceId, name: &str) -> Result<()> {
        let name = checked_name("service", name)?;
        let mut tx = self.begin().await?;
        let held = self.hold_to_set_up(&mut tx, workspace, agent, Of::Service(id)).await?;
        let before = self.service(&mut tx, workspace, id).await?;
        if tx.row::<(i64,)>(NAMESAKE, args![workspace, before.department, &name_key(name), id]).await?.is_some() {
            return Err(Error::Refused(format!("The service keeps its name: its department has one called {name:?} already.")));
        }
        tx.run(RENAME_SERVICE, args![workspace, id, name, &name_key(name)]).await?;
        self.touch(&mut tx, &held).await?;
        let detail = format!("{} -> {name}", before.name);
        self.log(&mut tx, workspace, &[held.event("service.renamed", None, &detail)]).await?;
        self.commit(tx).await
    }

    /// Begins to number a service's tickets from 1 again on this day; refused while any of today's is open, and for those who do not set up.
    pub async fn reset_numbers(&self, workspace: WorkspaceId, agent: AgentId, id: ServiceId) -> Result<()> {
        let mut tx = self.begin().await?;
        let held = self.hold_to_set_up(&mut tx, workspace, agent, Of::Service(id)).await?;
        let service = self.service(&mut tx, workspace, id).await?;
        if let Some((open,)) = tx.row::<(String,)>(OPEN_NUMBERS, args![workspace, id, held.today()]).await? {
            let why = format!("The numbers of {} go on: {open} is still open. End every ticket of today first.", service.name);
            return Err(Error::Refused(why));
        }
        tx.run(BEGIN_AGAIN, args![workspace, id, held.today()]).await?;
        self.touch(&mut tx, &held).await?;
        self.log(&mut tx, workspace, &[held.event("service.renumbered", None, &service.name)]).await?;
        self.commit(tx).await
    }

    /// A venue's counters, by name.
    pub async fn counters(&self, conn: &mut Conn, workspace: WorkspaceId, venue: VenueId) -> Result<Vec<Counter>> {
        let rows: Vec<CounterRow> = conn.rows(COUNTERS, args![workspace, venue]).await?;
        let skills: Vec<(i64, i64)> = conn.rows(SKILLS, args![workspace, venue]).await?;
        let of = |id: i64| skills.iter().filter(|(counter, _)| *counter == id).map(|(_, service)| ServiceId(*service)).collect();
        let counters = rows.into_iter().map(|row| (of(row.id), row)).map(|(services, row)| row.counter(services));
        let mut counters: Vec<Counter> = counters.collect::<Result<_>>()?;
        // 10 comes after 9; the rest is by name as it is.
        counters.sort_by_key(|counter| counter.name.parse::<u32>().unwrap_or(u32::MAX));
        Ok(counters)
    }

    /// One of them.
    pub async fn counter(&self, conn: &mut Conn, workspace: WorkspaceId, id: CounterId) -> Result<Counter> {
        let row: CounterRow = conn.one("counter", COUNTER, args![workspace, id]).await?;
        let skills: Vec<(i64,)> = conn.rows(SKILLS_OF, args![workspace, id]).await?;
        row.counter(skills.into_iter().map(|(service,)| ServiceId(service)).collect())
    }

    /// A venue's counter of that name; refused with the one that was probably meant.
    pub async fn counter_named(&self, conn: &mut Conn, workspace: WorkspaceId, venue: VenueId, name: &str) -> Result<Counter> {
        let all = self.counters(conn, workspace, venue).await?;
        let known: Vec<String> = all.iter().map(|one| one.name.clone()).collect();
        let key = name_key(name);
        all.into_iter().find(|one| name_key(&one.name) == key).ok_or_else(|| unknown("counter", name, &known))
    }

    /// Adds a counter, closed, that serves these. Refused for those who do not set up.
    pub async fn add_counter(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        venue: VenueId,
        name: &str,
        services: &[ServiceId],
    ) -> Result<Counter> {
        let name = checked_name("counter", name)?;
        let mut tx = self.begin().await?;
        let held = self.hold_to_set_up(&mut tx, workspace, agent, Of::Venue(venue)).await?;
        let id = CounterId(self.next_id());
        if tx.run(ADD_COUNTER, args![id, workspace, venue, name, &name_key(name), held.now]).await? == 0 {
            return Err(Error::Refused(format!("No counter was added: {} has one called {name:?} already.", held.venue.name)));
        }
        self.add_skills(&mut tx, workspace, venue, id, services).await?;
        self.touch(&mut tx, &held).await?;
        self.log(&mut tx, workspace, &[held.event("counter.added", None, name)]).await?;
        let counter = self.counter(&mut tx, workspace, id).await?;
        self.commit(tx).await?;
        Ok(counter)
    }

    /// Changes what a counter serves. Refused for those who do not set up.
    pub async fn set_skills(&self, workspace: WorkspaceId, agent: AgentId, id: CounterId, services: &[ServiceId]) -> Result<()> {
        let mut tx = self.begin().await?;
        let held = self.hold_to_set_up(&mut tx, workspace, agent, Of::Counter(id)).await?;
        tx.run(DROP_SKILLS, args![workspace, id]).await?;
        self.add_skills(&mut tx, workspace, held.venue.id, id, services).await?;
        tx.run(CHANGED, args![workspace, id]).await?;
        self.touch(&mut tx, &held).await?;
        let name = self.counter(&mut tx, workspace, id).await?.name;
        self.log(&mut tx, workspace, &[held.event("counter.skills", None, &name)]).await?;
        self.commit(tx).await
    }

    async fn add_skills(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        venue: VenueId,
        counter: CounterId,
        services: &[ServiceId],
    ) -> Result<()> {
        let there = self.services(tx, workspace, venue).await?;
        if services.iter().any(|id| there.iter().all(|service| service.id != *id)) {
            return Err(Error::NotFound("service at this venue"));
        }
        let services: BTreeSet<ServiceId> = services.iter().copied().collect();
        let values: Vec<Value<'_>> = services.iter().flat_map(|id| [workspace.into(), counter.into(), Value::from(*id)]).collect();
        tx.run_rows(ADD_SKILLS, 3, &values, "").await?;
        Ok(())
    }
}
