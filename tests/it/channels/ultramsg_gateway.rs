//! The connector against the simulated gateway, which knows nothing of it.

use std::sync::Arc;

use frontdesk::channel::http::Client;
use frontdesk::channel::ultramsg::connect;
use frontdesk::channel::{Connector, Settings};
use frontdesk::config::Secret;
use frontdesk::domain::attachment::FileKind;
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::inbound::Inbound;
use frontdesk::domain::outbound::{Action, Order, Spot};
use frontdesk::domain::time::{Span, SystemClock};
use frontdesk::simulator::ultramsg::{Config, Person, UltraMsg, Who};

const CHAT: &str = "6281234567890@c.us";

struct Desk {
    sim: UltraMsg,
    connector: Arc<dyn Connector>,
    customer: Who,
}

impl Desk {
    async fn open() -> Self {
        let sim = UltraMsg::start(Config::new(Arc::new(SystemClock))).await.unwrap();
        let values = [("instance", sim.instance()), ("api-base", sim.base_url())];
        let secrets = [("token", sim.token()), ("webhook-secret", Secret::new("a-long-word"))];
        let settings = Settings {
            values: values.map(|(name, value)| (name.to_owned(), value)).into(),
            secrets: secrets.map(|(name, secret)| (name.to_owned(), secret)).into(),
            http: Client::new().unwrap(),
            clock: Arc::new(SystemClock),
        };
        let customer = sim.add_person(Person { name: "Ana".to_owned(), phone: "6281234567890".to_owned(), ..Person::default() });
        Self { connector: connect(&settings).unwrap(), customer, sim }
    }

    async fn send(&self, key: &str, action: Action) -> Option<String> {
        let order = Order { chat: CHAT.to_owned(), aliases: Vec::new(), action, idempotency_key: key.to_owned() };
        self.connector.send(&order).await.unwrap().external_id
    }
}

#[tokio::test]
async fn everything_we_send_arrives_as_it_was_meant() {
    let desk = Desk::open().await;
    let said = desk.sim.say(desk.customer, "halo");
    let text = |reply_to: Option<&str>| Action::Text { text: "hi & bye".to_owned(), reply_to: reply_to.map(str::to_owned) };
    assert_eq!(desk.send("7100.0.1", text(Some(&said))).await.as_deref(), Some("ref:fd-7100.0.1"));
    desk.send("7101.0", Action::Location(Spot { latitude: -6.25, longitude: 106.5, ..Spot::default() })).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stored");
    std::fs::write(&path, "the bytes").unwrap();
    for (kind, mime, name) in [
        (FileKind::Photo, "image/jpeg", "a.jpg"),
        (FileKind::Voice, "audio/ogg", ""),
        (FileKind::Document, "application/pdf", "slip.pdf"),
        (FileKind::Document, "application/pdf", ""),
    ] {
        let (name, mime, caption) = (name.to_owned(), mime.to_owned(), String::new());
        desk.send("7102.0", Action::File { kind, path: path.clone(), name, mime, caption, reply_to: None }).await;
    }
    desk.send("7103", Action::React { target: said.clone(), emoji: Some("👍".to_owned()) }).await;
    desk.send("7104", Action::Read { target: said }).await;
    let got: Vec<(String, String)> =
        desk.sim.ledger(|ledger| ledger.received.iter().map(|got| (got.kind.clone(), got.reference.clone())).collect());
    let kinds: Vec<&str> = got.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["chat", "location", "image", "ptt", "document", "document", "", ""]);
    assert_eq!(got[0].1, "fd-7100.0.1");
}

#[tokio::test]
async fn a_look_brings_what_the_customer_wrote_and_what_became_of_our_reply() {
    let desk = Desk::open().await;
    desk.sim.say(desk.customer, "halo");
    desk.send("7100.0.1", Action::Text { text: "hi".to_owned(), reply_to: None }).await;
    desk.sim.read(desk.customer);
    let batch = desk.connector.receive(None, Span::ZERO).await.unwrap();
    let facts: Vec<Inbound> = batch.items.iter().flat_map(|item| item.events.clone().unwrap()).collect();
    let words: Vec<&str> =
        facts.iter().filter_map(|fact| if let Inbound::Message(message) = fact { Some(message.text.as_str()) } else { None }).collect();
    assert_eq!(words, ["halo"], "the reply does not stand there twice");
    assert!(
        facts.iter().any(|fact| matches!(fact, Inbound::Receipt { target, state: Delivery::Read, .. } if target == "ref:fd-7100.0.1")),
        "{facts:?}"
    );
    assert_eq!(desk.connector.check().await.unwrap().key, desk.sim.instance().trim_start_matches("instance"));
}
