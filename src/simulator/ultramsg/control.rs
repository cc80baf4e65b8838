//! What the control interface of the gateway has besides faults and the ledger: who writes, where webhooks go, whether the phone is there.
//!
//! `POST /_simulator/subscribe` `{"url"}` · `POST /_simulator/connected` `{"connected"}`

use std::sync::Arc;

use axum::extract::{Request, State as Extract};
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::http::BODY_LIMIT;
use super::world::{Customer, State};
use super::{Ledger, Person, Who};
use crate::simulator::fault::Faults;
use crate::simulator::listener::Line;
use crate::simulator::provider::{Answer, Peopled, Provider, Refusal, Say, done, people_controls};
use crate::simulator::shared::Shared;

type World = Shared<State>;

#[derive(Deserialize)]
struct Subscribe {
    url: String,
}

#[derive(Deserialize)]
struct Connected {
    connected: bool,
}

impl Provider for World {
    const BODY_LIMIT: usize = BODY_LIMIT;
    type Ledger = Ledger;

    fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    fn controls() -> Router<Arc<Self>> {
        people_controls().route("/subscribe", post(subscribe)).route("/connected", post(connect))
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
        Ok(self.with(|state, now| {
            let who = state.named(&say.name);
            json!({"chat": state.jid(who), "message_id": state.write(who, "chat", &say.text, &json!({}), now)})
        }))
    }

    fn people(&self) -> Value {
        self.look(|state| {
            let people = state.people.iter().enumerate();
            people.map(|(place, customer)| json!({"id": state.jid(Who(place)), "name": customer.person.name})).collect()
        })
    }
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

async fn subscribe(Extract(world): Extract<Arc<World>>, Json(wanted): Json<Subscribe>) -> Answer {
    world.with(|state, _| state.settings.webhook_url = wanted.url);
    Ok(done())
}

async fn connect(Extract(world): Extract<Arc<World>>, Json(wanted): Json<Connected>) -> Answer {
    world.with(|state, now| {
        state.connected = wanted.connected;
        state.pump(now);
    });
    Ok(done())
}
