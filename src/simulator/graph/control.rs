//! What the control interface of the Graph has besides faults and the ledger: who writes, raw events, and how a receiver registers.
//!
//! `POST /_simulator/inject` `{"field", "value", "number"?}` · `POST /_simulator/subscribe` `{"url", "number"?}` ·
//! `POST /_simulator/hold` `{"held"}`

use std::sync::Arc;

use axum::extract::{Request, State as Extract};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::hook::Event;
use super::http::BODY_LIMIT;
use super::world::{Customer, State};
use super::{Ledger, Person, Who};
use crate::simulator::courier;
use crate::simulator::fault::Faults;
use crate::simulator::listener::Line;
use crate::simulator::provider::{Answer, Peopled, Provider, Refusal, Say, done, people_controls, refuse};
use crate::simulator::shared::Shared;

type World = Shared<State>;

#[derive(Deserialize)]
struct Inject {
    field: String,
    value: Value,
    number: Option<String>,
}

#[derive(Deserialize)]
struct Subscribe {
    url: String,
    number: Option<String>,
}

#[derive(Deserialize)]
struct Hold {
    held: bool,
}

impl Provider for World {
    const BODY_LIMIT: usize = BODY_LIMIT;
    type Ledger = Ledger;

    fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    fn controls() -> Router<Arc<Self>> {
        people_controls().route("/inject", post(inject)).route("/subscribe", post(register)).route("/hold", post(hold))
    }

    async fn answer(&self, line: &Line, request: Request) -> Response {
        super::http::answer(self, line, request).await
    }

    fn faults(&self, change: impl FnOnce(&mut Faults)) {
        self.with(|state, _| change(&mut state.faults));
    }

    fn ledger<R>(&self, look: impl FnOnce(&Ledger) -> R) -> R {
        self.look(|state| look(&state.ledger))
    }
}

impl Peopled for World {
    fn say(&self, say: Say) -> Result<Value, Refusal> {
        let number = choose(self, say.number)?;
        Ok(self.with(|state, now| {
            let who = state.named(&say.name);
            let phone = state.person(who).map(|customer| customer.person.phone.clone()).unwrap_or_default();
            json!({"chat": phone, "message_id": state.write(&number, who, say.text.into(), now)})
        }))
    }

    fn people(&self) -> Value {
        self.look(|state| {
            let people = state.people.iter().map(|customer| &customer.person);
            people
                .map(|person| json!({"id": person.phone, "name": person.name, "username": person.username, "user_id": person.user_id}))
                .collect()
        })
    }
}

/// Asks the receiver whether it knows the verify token, and registers it if it gives the challenge back.
pub(super) async fn subscribe(world: &World, number: &str, url: &str) -> Result<(), String> {
    let asked = world.with(|state, _| {
        let challenge = format!("{}", state.rng.u64(1_000_000_000..9_999_999_999));
        state.numbers.get(number).map(|number| (number.verify_token.clone(), challenge))
    });
    let (token, challenge) = asked.ok_or("there is no such number")?;
    let client = courier::client().ok_or("there is no HTTP client")?;
    let query = [("hub.mode", "subscribe"), ("hub.challenge", challenge.as_str()), ("hub.verify_token", token.reveal())];
    let answer =
        client.get(url).query(&query).send().await.map_err(|error| format!("the receiver did not answer: {}", error.without_url()))?;
    let status = answer.status();
    let body = answer.text().await.unwrap_or_default();
    if status != StatusCode::OK || body.trim() != challenge {
        return Err(format!("the receiver answered {status} and not with the challenge"));
    }
    world.with(|state, _| {
        if let Some(number) = state.numbers.get_mut(number) {
            number.callback = Some(url.to_owned());
        }
    });
    Ok(())
}

impl State {
    fn named(&mut self, name: &str) -> Who {
        let found = self.people.iter().position(|customer| {
            let person = &customer.person;
            person.name == name
                || person.name.split(' ').next() == Some(name)
                || person.phone == name
                || name.strip_prefix('@').is_some_and(|handle| !handle.is_empty() && handle == person.username)
        });
        if let Some(place) = found {
            return Who(place);
        }
        let phone = format!("62812{:08}", 10_000_000 + self.serial());
        let person = Person { name: name.trim_start_matches('@').to_owned(), phone, ..Person::default() };
        self.people.push(Customer { person, away: false, capped: false, opted_out: false, blocked: false });
        Who(self.people.len() - 1)
    }
}

async fn inject(Extract(world): Extract<Arc<World>>, Json(inject): Json<Inject>) -> Answer {
    let number = choose(&world, inject.number)?;
    // The few fields that exist are named in the program; any other is sent under the commonest.
    let field = ["smb_message_echoes", "history", "account_update", "user_preferences", "message_template_status_update"];
    let field = field.into_iter().find(|known| *known == inject.field).unwrap_or("messages");
    world.with(|state, _| state.bag.push(Event { number, field, list: "", item: inject.value, contact: None }));
    Ok(done())
}

async fn register(Extract(world): Extract<Arc<World>>, Json(wanted): Json<Subscribe>) -> Answer {
    let number = choose(&world, wanted.number)?;
    subscribe(&world, &number, &wanted.url).await.map_err(|error| refuse(&format!("not registered: {error}")))?;
    Ok(done())
}

async fn hold(Extract(world): Extract<Arc<World>>, Json(hold): Json<Hold>) -> Answer {
    world.with(|state, _| state.bag.switches.held = hold.held);
    Ok(done())
}

/// The number that was named, or the only one.
fn choose(world: &World, named: Option<String>) -> Result<String, Refusal> {
    let found = world.look(|state| match named {
        Some(id) => state.numbers.contains_key(&id).then_some(id),
        None => state.numbers.keys().next().cloned(),
    });
    found.ok_or_else(|| refuse("there is no such number here; see what `frontdesk simulate` printed"))
}
