//! The simulator's own small HTTP interface, for `frontdesk simulate say` and for programs in other processes.
//!
//! `POST /_simulator/say` `{"as", "text", "bot"?}` · `POST /_simulator/update` `{"kind", "payload", "bot"?}` ·
//! `POST /_simulator/fault` `{"rule"}` or `{"clear": true}` · `GET /_simulator/ledger` · `GET /_simulator/people`

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::FaultRule;
use super::world::{Chat, Reach, World};
use super::{ChatKey, ChatKind, Person};

type Answer = Result<Json<Value>, (StatusCode, Json<Value>)>;

#[derive(Deserialize)]
struct Say {
    #[serde(rename = "as")]
    name: String,
    text: String,
    bot: Option<i64>,
}

#[derive(Deserialize)]
struct Update {
    kind: String,
    payload: Value,
    bot: Option<i64>,
}

#[derive(Deserialize)]
struct Switch {
    rule: Option<String>,
    #[serde(default)]
    clear: bool,
}

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/say", post(say))
        .route("/update", post(update))
        .route("/fault", post(fault))
        .route("/ledger", get(ledger))
        .route("/people", get(people))
}

/// Writes as the person of that name; a new name makes a new person.
async fn say(State(world): State<Arc<World>>, Json(say): Json<Say>) -> Answer {
    let bot = choose(&world, say.bot)?;
    if say.name.trim().is_empty() {
        return Err(refuse("nothing was written: \"as\" needs a name"));
    }
    let written = world.with(|state, now| {
        let id = if let Some(person) = state.person_named(&say.name) {
            person.id
        } else {
            let id = 8_100_000_000 + state.serial();
            let first_name = say.name.trim_start_matches('@').to_owned();
            state.people.insert(id, Person { id, first_name, ..Person::default() });
            id
        };
        let key = ChatKey { bot, id, business: false };
        state.chats.entry(key).or_insert_with(|| Chat::new(key, ChatKind::Private, "", "", Reach::Unopened));
        json!({"chat": id, "message_id": state.write(key, id, say.text.into(), now)})
    });
    Ok(Json(written))
}

async fn update(State(world): State<Arc<World>>, Json(update): Json<Update>) -> Answer {
    let bot = choose(&world, update.bot)?;
    let id = world.with(|state, now| {
        state.inject(bot, now, |id| json!({"update_id": id, update.kind.as_str(): update.payload}).to_string().into_bytes())
    });
    Ok(Json(json!({"update_id": id})))
}

async fn fault(State(world): State<Arc<World>>, Json(switch): Json<Switch>) -> Answer {
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

async fn ledger(State(world): State<Arc<World>>) -> Answer {
    world.look(|state| serde_json::to_value(&state.ledger)).map(Json).map_err(|error| refuse(&error.to_string()))
}

async fn people(State(world): State<Arc<World>>) -> Answer {
    let list = world.look(|state| {
        let people = state.people.values();
        people.map(|person| json!({"id": person.id, "name": person.full_name(), "username": person.username})).collect::<Value>()
    });
    Ok(Json(list))
}

/// The bot that was named, or the first.
fn choose(world: &World, named: Option<i64>) -> Result<i64, (StatusCode, Json<Value>)> {
    let found = world.look(|state| match named {
        Some(id) => state.bots.contains_key(&id).then_some(id),
        None => state.bots.keys().next().copied(),
    });
    found.ok_or_else(|| refuse("there is no such bot here; see what `frontdesk simulate` printed"))
}

fn refuse(why: &str) -> (StatusCode, Json<Value>) {
    (StatusCode::BAD_REQUEST, Json(json!({"error": why})))
}
