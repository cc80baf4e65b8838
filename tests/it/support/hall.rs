//! A venue with counters and people who wait, for tests of the queue.

use std::sync::Arc;

use frontdesk::domain::id::{AgentId, CounterId, DepartmentId, ServiceId, TicketId, VenueId};
use frontdesk::domain::queue::look::{Answer, Ask, Finish, Issue};
use frontdesk::domain::queue::{Act, Counter, CounterState, Rules, State, Ticket};
use frontdesk::domain::time::Span;
use frontdesk::store::queue::setup::NewService;
use frontdesk::store::venues::NewVenue;
use frontdesk::store::{Error, Store, Value};

use super::bench::Bench;

/// A clinic in Jakarta: department Clinic with Service (SER) and Check (CHE), department Cash with Teller (TEL).
pub struct Hall {
    pub bench: Arc<Bench>,
    pub venue: VenueId,
    pub clinic: DepartmentId,
    pub cash: DepartmentId,
    pub ser: ServiceId,
    pub che: ServiceId,
    pub tel: ServiceId,
    /// Open ones that serve SER and CHE, then one that serves TEL.
    pub counters: Vec<CounterId>,
}

impl Hall {
    pub async fn open(bench: &Arc<Bench>, counters: usize) -> Self {
        let (store, workspace, agent) = (&bench.store, bench.workspace, bench.agent);
        let venue = NewVenue { name: "Clinic Menteng", zone: chrono_tz::Asia::Jakarta, day_starts: Span::default() };
        let venue = store.add_venue(workspace, agent, &venue).await.unwrap().id;
        let clinic = store.add_department(workspace, agent, venue, "Clinic").await.unwrap().id;
        let cash = store.add_department(workspace, agent, venue, "Cash").await.unwrap().id;
        let service = async |department, name| {
            let new = NewService { name, prefix: None, expected: None };
            store.add_service(workspace, agent, department, &new).await.unwrap().id
        };
        let (ser, che, tel) = (service(clinic, "Service").await, service(clinic, "Check").await, service(cash, "Teller").await);
        let mut hall = Self { bench: Arc::clone(bench), venue, clinic, cash, ser, che, tel, counters: Vec::new() };
        for n in 1..=counters {
            hall.add_counter(&n.to_string(), &[ser, che]).await;
        }
        hall.add_counter("Cash", &[tel]).await;
        hall
    }

    async fn add_counter(&mut self, name: &str, services: &[ServiceId]) {
        let bench = &self.bench;
        let counter = bench.store.add_counter(bench.workspace, bench.agent, self.venue, name, services).await.unwrap().id;
        self.counters.push(counter);
        self.set(counter, CounterState::Open).await.unwrap();
    }

    pub async fn rules(&self, rules: Rules) {
        self.bench.store.set_rules(self.bench.workspace, self.bench.agent, self.venue, &rules).await.unwrap();
    }

    pub async fn ask(&self, ask: &Ask) -> Result<Answer, Error> {
        self.bench.store.queue_ask(self.bench.workspace, Some(self.bench.agent), ask).await
    }

    pub async fn set(&self, counter: CounterId, state: CounterState) -> Result<Counter, Error> {
        match self.ask(&Ask::Counter { counter, state }).await? {
            Answer::Counter(counter) => Ok(counter),
            other => panic!("not a counter: {other:?}"),
        }
    }

    /// Issues a ticket; whether it was there already.
    pub async fn try_issue(&self, issue: Issue) -> Result<(Ticket, bool), Error> {
        issue_at(&self.bench.store, &self.bench, issue).await
    }

    pub async fn issue(&self, service: ServiceId) -> Ticket {
        self.try_issue(Issue { service: Some(service), ..Issue::default() }).await.unwrap().0
    }

    /// Whom calling next brings to a counter; `None` when nobody waits.
    pub async fn next(&self, counter: CounterId) -> Option<Ticket> {
        self.next_after(counter, Some(Finish::Serve)).await
    }

    pub async fn next_after(&self, counter: CounterId, finish: Option<Finish>) -> Option<Ticket> {
        let there = there(&self.bench.store, &self.bench, counter).await;
        match self.ask(&Ask::Next { counter, there, finish }).await.unwrap() {
            Answer::Ticket(place) => Some(place.ticket),
            Answer::Nobody => None,
            other => panic!("{other:?}"),
        }
    }

    /// Does something to a ticket as it was seen.
    pub async fn act(&self, ticket: &Ticket, act: Act) -> Result<Ticket, Error> {
        self.act_to(ticket, act, None, None).await
    }

    pub async fn act_to(&self, seen: &Ticket, act: Act, counter: Option<CounterId>, service: Option<ServiceId>) -> Result<Ticket, Error> {
        let ask = Ask::Act { ticket: seen.id, version: Some(seen.version), act, counter, service };
        match self.ask(&ask).await? {
            Answer::Ticket(place) => Ok(place.ticket),
            other => panic!("{other:?}"),
        }
    }

    pub async fn ticket(&self, id: TicketId) -> Ticket {
        self.bench.store.ticket(&mut self.bench.store.read().await.unwrap(), self.bench.workspace, id).await.unwrap()
    }

    /// The labels of those who are called when counter after counter asks for the next, until nobody waits.
    pub async fn line(&self, counter: CounterId) -> Vec<String> {
        let mut line = Vec::new();
        while let Some(ticket) = self.next(counter).await {
            line.push(ticket.label);
        }
        line
    }

    /// Rows of a query of the workspace.
    pub async fn rows<T: frontdesk::store::Record>(&self, sql: &'static str) -> Vec<T> {
        let mut conn = self.bench.store.read().await.unwrap();
        conn.rows(sql, &[Value::from(self.bench.workspace)]).await.unwrap()
    }

    /// What the log tells of the queue, the eldest first.
    pub async fn log(&self) -> Vec<String> {
        let sql = "SELECT kind, detail FROM events WHERE workspace_id = $1 AND venue_id IS NOT NULL ORDER BY id";
        self.rows::<(String, String)>(sql).await.into_iter().map(|(kind, detail)| format!("{kind} {detail}").trim().to_owned()).collect()
    }
}

/// Issues a ticket through one of several stores on a database.
pub async fn issue_at(store: &Store, bench: &Bench, issue: Issue) -> Result<(Ticket, bool), Error> {
    match store.queue_ask(bench.workspace, None, &Ask::Issue(issue)).await? {
        Answer::Ticket(place) => Ok((place.ticket, place.known)),
        other => panic!("{other:?}"),
    }
}

/// Why an act on a ticket was refused, with what the ticket is.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> (State, String) {
    match result.unwrap_err() {
        Error::Ticket { state, why, .. } => (state, why),
        other => panic!("{other}"),
    }
}

/// An agent of another role.
pub async fn agent_of_role(bench: &Bench, name: &str, role: &str) -> AgentId {
    let agent = bench.store.ensure_agent(bench.workspace, name).await.unwrap();
    let mut tx = bench.store.begin().await.unwrap();
    tx.run("UPDATE agents SET role = $2 WHERE id = $1", &[Value::from(agent), Value::from(role)]).await.unwrap();
    bench.store.commit(tx).await.unwrap();
    agent
}

/// Who is at a counter, as somebody who looks now sees it.
pub async fn there(store: &Store, bench: &Bench, counter: CounterId) -> Option<(TicketId, i64)> {
    let ticket = store.at_counter(&mut store.read().await.unwrap(), bench.workspace, counter).await.unwrap();
    ticket.map(|ticket| (ticket.id, ticket.version))
}
