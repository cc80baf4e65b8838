//! The simulated providers held to their rules, over HTTP as bots, businesses and receivers see them.

mod connector;
mod faults;
mod graph;
mod life;
mod messages;
mod push;
mod ultramsg;
mod updates;

use std::sync::Arc;

use frontdesk::domain::time::{ManualClock, Timestamp};
use frontdesk::simulator::{ChatKey, Config, Person, Simulator};
use serde_json::{Value, json};

/// 2026-11-20 10:00:00 UTC.
const NOW: Timestamp = Timestamp::from_secs(1_795_168_800);

/// A simulator with one bot and one customer who has not written yet.
struct Stage {
    sim: Simulator,
    bot: i64,
    chat: ChatKey,
    http: reqwest::Client,
}

impl Stage {
    /// Without the waits for hasty readers, so that tests may hurry.
    async fn new() -> Self {
        Self::with(|config| config.throttle = false).await
    }

    async fn with(set: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(Arc::new(ManualClock::at(NOW)));
        set(&mut config);
        let sim = Simulator::start(config).await.unwrap();
        let bot = sim.add_bot("Harbour Courts");
        let person = sim.add_person(person(5_200_000_001, "Leila"));
        let chat = sim.private_chat(bot, person);
        // Another test may have installed it already; either will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { sim, bot, chat, http }
    }

    fn url(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.sim.base_url(), self.sim.token(self.bot).unwrap().reveal())
    }

    /// Calls a method with a JSON body; the envelope comes back.
    async fn call(&self, method: &str, body: Value) -> Value {
        self.try_call(method, body).await.unwrap()
    }

    async fn try_call(&self, method: &str, body: Value) -> reqwest::Result<Value> {
        self.http.post(self.url(method)).json(&body).send().await?.json().await
    }

    /// Calls a method that must succeed; its result comes back.
    async fn ok(&self, method: &str, body: Value) -> Value {
        let answer = self.call(method, body).await;
        assert_eq!(answer["ok"], json!(true), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Calls a method that must be refused; code and description come back.
    async fn refused(&self, method: &str, body: Value) -> (i64, String) {
        let answer = self.call(method, body).await;
        assert_eq!(answer["ok"], json!(false), "{method}: {answer}");
        (answer["error_code"].as_i64().unwrap(), answer["description"].as_str().unwrap().to_owned())
    }

    /// The updates from that offset on, without waiting.
    async fn updates(&self, offset: i64) -> Vec<Value> {
        self.ok("getUpdates", json!({"offset": offset})).await.as_array().unwrap().clone()
    }

    /// Sends that text to the customer.
    async fn send(&self, text: &str) -> Value {
        self.ok("sendMessage", json!({"chat_id": self.chat.id, "text": text})).await
    }

    /// The texts the customer has got.
    fn delivered(&self) -> Vec<String> {
        self.sim.ledger(|ledger| ledger.delivered(self.chat).map(|received| received.text.clone()).collect())
    }
}

fn person(id: i64, name: &str) -> Person {
    Person { id, first_name: name.to_owned(), language: "en".to_owned(), ..Person::default() }
}

fn ids(updates: &[Value]) -> Vec<i64> {
    updates.iter().map(|update| update["update_id"].as_i64().unwrap()).collect()
}

fn texts(updates: &[Value]) -> Vec<&str> {
    updates.iter().map(|update| update["message"]["text"].as_str().unwrap()).collect()
}
