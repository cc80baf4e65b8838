//! What the control interface of Telegram's server has besides faults and the ledger: who writes, and updates of any kind.
//!
//! `POST /_simulator/update` `{"kind", "payload", "bot"?}`

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::fault::Faults;
use super::ledger::Ledger;
use super::listener::Line;
use super::provider::{Answer, Peopled, Provider, Refusal, Say, people_controls, refuse};
use super::wire::BODY_LIMIT;
use super::world::{Chat, Reach, World};
use super::{ChatKey, ChatKind, Person};

#[derive(Deserialize)]
struct Update {
    kind: String,
    payload: Value,
    bot: Option<i64>,
}

impl Provider for World {
    const BODY_LIMIT: usize = BODY_LIMIT;
    type Ledger = Ledger;

    fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    fn controls() -> Router<Arc<Self>> {
        people_controls().route("/update", post(update))
    }

    async fn answer(&self, line: &Line, request: Request) -> Response {
        super::server::answer(self, line, request).await
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
        let bot = choose(self, say.bot)?;
        Ok(self.with(|state, now| {
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
        }))
    }

    fn people(&self) -> Value {
        self.look(|state| {
            let people = state.people.values();
            people.map(|person| json!({"id": person.id, "name": person.full_name(), "username": person.username})).collect()
        })
    }
}

async fn update(State(world): State<Arc<World>>, Json(update): Json<Update>) -> Answer {
    let bot = choose(&world, update.bot)?;
    let id = world.with(|state, now| {
        state.inject(bot, now, |id| json!({"update_id": id, update.kind.as_str(): update.payload}).to_string().into_bytes())
    });
    Ok(Json(json!({"update_id": id})))
}

/// The bot that was named, or the first.
fn choose(world: &World, named: Option<i64>) -> Result<i64, Refusal> {
    let found = world.look(|state| match named {
        Some(id) => state.bots.contains_key(&id).then_some(id),
        None => state.bots.keys().next().copied(),
    });
    found.ok_or_else(|| refuse("there is no such bot here; see what `frontdesk simulate` printed"))
}
