//! The simulator's own small HTTP interface, for `frontdesk simulate say` and for programs in other processes.
//!
//! `POST /_simulator/say` `{"as", "text"}` · `POST /_simulator/fault` `{"rule"}` or `{"clear": true}` · `POST /_simulator/subscribe` `{"url"}` ·
//! `POST /_simulator/connected` `{"connected"}` · `GET /_simulator/ledger` · `GET /_simulator/people`

use std::sync::Arc;

use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::world::{Customer, State};
use super::{Person, Who};
use crate::simulator::fault::FaultRule;
use crate::simulator::shared::Shared;

type World = Shared<State>;
type Answer = Result<Json<Value>, (StatusCode, Json<Value>)>;

#[derive(Deserialize)]
struct Say {
    #[serde(rename = "as")]
    name: String,
    text: String,
}

#[derive(Deserialize)]
struct Switch {
    rule: Option<String>,
    #[serde(default)]
    clear: bool,
}

#[derive(Deserialize)]
struct Subscribe {
    url: String,
}

#[derive(Deserialize)]
struct Connected {
    connected: bool,
}

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/say", post(say))
        .route("/fault", post(fault))
        .route("/subscribe", post(subscribe))
        .route("/connected", post(connect))
        .route("/ledger", get(ledger))
        .route("/people", get(people))
}

/// Writes as the person of that name; a new name makes a new person.
async fn say(Extract(world): Extract<Arc<World>>, Json(say): Json<Say>) -> Answer {
    if say.name.trim().is_empty() {
        return Err(refuse("nothing was written: \"as\" needs a name"));
    }
    let written = world.with(|state, now| {
        let who = state.named(say.name.trim());
        json!({"chat": state.jid(who), "message_id": state.write(who, "chat", &say.text, &json!({}), now)})
    });
    Ok(Json(written))
}

impl State {
    fn named(&mut self, name: &str) -> Who {
        let found = self.people.iter().position(|customer| {
            let person = &customer.person;
            person.name == name || person.name.split(' ').next() == Some(name) || person.phone == name
        });
        if let Some(place) = found {
            return Who(place);
        }
        let phone = format!("62813{:08}", 10_000_000 + self.people.len());
        self.people.push(Customer { person: Person { name: name.to_owned(), phone, lid: String::new() }, away: false });
        Who(self.people.len() - 1)
    }
}

async fn fault(Extract(world): Extract<Arc<World>>, Json(switch): Json<Switch>) -> Answer {
    let rule = switch.rule.map(|rule| rule.parse::<FaultRule>()).transpose().map_err(|error| refuse(&error.to_string()))?;
    world.with(|state, _| {
        if switch.clear {
            state.faults.clear();
        }
        if let Some(rule) = rule {
            state.faults.add(rule);
        }
    });
    Ok(Json(json!({"ok": true})))
}

async fn subscribe(Extract(world): Extract<Arc<World>>, Json(wanted): Json<Subscribe>) -> Answer {
    world.with(|state, _| state.settings.webhook_url = wanted.url);
    Ok(Json(json!({"ok": true})))
}

async fn connect(Extract(world): Extract<Arc<World>>, Json(wanted): Json<Connected>) -> Answer {
    world.with(|state, now| {
        state.connected = wanted.connected;
        state.pump(now);
    });
    Ok(Json(json!({"ok": true})))
}

async fn ledger(Extract(world): Extract<Arc<World>>) -> Answer {
    world.look(|state| serde_json::to_value(&state.ledger)).map(Json).map_err(|error| refuse(&error.to_string()))
}

async fn people(Extract(world): Extract<Arc<World>>) -> Answer {
    let list = world.look(|state| {
        let people = state.people.iter().enumerate();
        people.map(|(place, customer)| json!({"id": state.jid(Who(place)), "name": customer.person.name})).collect::<Value>()
    });
    Ok(Json(list))
}

fn refuse(why: &str) -> (StatusCode, Json<Value>) {
    (StatusCode::BAD_REQUEST, Json(json!({"error": why})))
}
