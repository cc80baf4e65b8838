//! The connector against the simulated Graph API, which knows nothing of it: both are written from the provider's documents.

use std::sync::Arc;

use frontdesk::channel::http::Client;
use frontdesk::channel::whatsapp::connect;
use frontdesk::channel::{Connector, Settings};
use frontdesk::domain::attachment::FileKind;
use frontdesk::domain::outbound::{Action, Order, SendError, Spot};
use frontdesk::domain::template::{Given, Media, Template, fill};
use frontdesk::domain::time::{Span, SystemClock};
use frontdesk::simulator::graph::{Config, Graph, Person, Received, Refusal, Rules, Who};
use serde_json::json;

struct Desk {
    graph: Graph,
    connector: Arc<dyn Connector>,
    number: String,
    customer: Who,
    /// The customer's first message.
    said: String,
}

impl Desk {
    async fn open() -> Self {
        let graph = Graph::start(Config::new(Arc::new(SystemClock))).await.unwrap();
        let number = graph.add_number("Lucky Shrub");
        let known = graph.number(&number).unwrap();
        let values = [
            ("phone-number-id", number.as_str()),
            ("business-account", known.business.as_str()),
            ("api-base", &graph.base_url()),
            ("typing", "yes"),
        ];
        let secrets = [("token", &known.token), ("app-secret", &known.app_secret), ("verify-token", &known.verify_token)];
        let settings = Settings {
            values: values.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            secrets: secrets.map(|(name, secret)| (name.to_owned(), secret.clone())).into(),
            http: Client::new().unwrap(),
            clock: Arc::new(SystemClock),
        };
        let ana = Person { name: "Ana".to_owned(), phone: "16505551234".to_owned(), user_id: "US.1349".to_owned(), ..Person::default() };
        let customer = graph.add_person(ana);
        let said = graph.say(&number, customer, "hello");
        Self { connector: connect(&settings).unwrap(), number, customer, said, graph }
    }

    async fn act(&self, chat: &str, action: Action) -> Result<Option<String>, SendError> {
        let order = Order { chat: chat.to_owned(), aliases: Vec::new(), action, idempotency_key: "7.0".to_owned() };
        self.connector.send(&order).await.map(|accepted| accepted.external_id)
    }

    /// Does it, and tells what the customer got.
    async fn got(&self, chat: &str, action: Action) -> Received {
        let id = self.act(chat, action).await.unwrap();
        let last = self.graph.ledger(|ledger| ledger.received.last().cloned()).unwrap();
        assert_eq!(last.who, self.customer);
        if let Some(id) = id {
            assert_eq!(last.id, id);
        }
        last
    }

    async fn template(&self, name: &str) -> Template {
        let templates = self.connector.templates().await.unwrap().unwrap();
        templates.into_iter().find(|template| template.name == name).unwrap()
    }
}

fn text(text: &str, reply_to: Option<&str>) -> Action {
    Action::Text { text: text.to_owned(), reply_to: reply_to.map(str::to_owned) }
}

#[tokio::test]
async fn the_account_is_who_the_provider_says() {
    let desk = Desk::open().await;
    let account = desk.connector.check().await.unwrap();
    assert_eq!(account.key, desk.number);
    assert!(account.name.contains("Lucky Shrub"), "{account:?}");
    let known = desk.graph.number(&desk.number).unwrap();
    let reach = known.tier.strip_prefix("TIER_").map(|tier| tier.replace('K', "000"));
    assert_eq!(account.reach.map(|reach| reach.to_string()), reach.filter(|reach| reach != "UNLIMITED"));
}

#[tokio::test]
async fn everything_we_send_arrives_as_it_was_meant() {
    let desk = Desk::open().await;
    let got = desk.got("16505551234", text("hi", Some(&desk.said))).await;
    assert_eq!((got.kind.as_str(), got.text.as_str(), got.reply_to.as_deref()), ("text", "hi", Some(desk.said.as_str())));
    assert_eq!(desk.got("US.1349", text("by id", None)).await.text, "by id");
    let ours = got.id;
    assert_eq!(desk.got("16505551234", Action::React { target: ours.clone(), emoji: Some("👍".to_owned()) }).await.text, "👍");
    assert_eq!(desk.got("16505551234", Action::React { target: ours, emoji: None }).await.text, "");
    let spot = Spot { latitude: -6.25, longitude: 106.5, name: "Court".to_owned(), address: "Street 1".to_owned() };
    assert_eq!(desk.got("16505551234", Action::Location(spot)).await.kind, "location");
    desk.got("16505551234", Action::Read { target: desk.said.clone() }).await;
    desk.got("16505551234", Action::Typing { answering: Some(desk.said.clone()) }).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stored");
    std::fs::write(&path, "the bytes").unwrap();
    for (kind, mime, want) in [
        (FileKind::Photo, "image/png", "image"),
        (FileKind::Video, "video/mp4", "video"),
        (FileKind::Voice, "audio/ogg", "audio"),
        (FileKind::Sticker, "image/webp", "sticker"),
        (FileKind::Document, "application/pdf", "document"),
    ] {
        let (name, mime, caption) = ("slip.pdf".to_owned(), mime.to_owned(), String::new());
        let got = desk.got("16505551234", Action::File { kind, path: path.clone(), name, mime, caption, reply_to: None }).await;
        assert_eq!((got.kind.as_str(), got.file.unwrap().bytes.as_ref()), (want, b"the bytes".as_slice()));
    }
}

#[tokio::test]
async fn templates_are_pulled_filled_and_sent() {
    let desk = Desk::open().await;
    let business = desk.graph.number(&desk.number).unwrap().business;
    let body = json!({ "type": "BODY", "text": "On {{1}} at {{2}}." });
    let buttons = json!({ "type": "BUTTONS", "buttons": [{ "type": "URL", "text": "See", "url": "https://x.example/{{1}}" }] });
    let add = |name: &str, components: serde_json::Value| {
        let template = json!({ "name": name, "language": "en_US", "status": "APPROVED", "category": "UTILITY", "components": components });
        desk.graph.add_template(&business, template);
    };
    add("booking", json!([{ "type": "HEADER", "format": "TEXT", "text": "Hi {{1}}" }, body, buttons]));
    add("slip", json!([{ "type": "HEADER", "format": "DOCUMENT" }, { "type": "BODY", "text": "Your slip" }]));
    add("coupon", json!([{ "type": "BODY", "text": "Hi {{first_name}}" }, { "type": "BUTTONS", "buttons": [{ "type": "COPY_CODE" }] }]));
    let values = |values: &[(&str, &str)]| values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let booking = desk.template("booking").await;
    let given = Given { values: values(&[("header.1", "Ana"), ("1", "Friday"), ("2", "18:00"), ("button.0", "b/42")]), ..Given::default() };
    let got = desk.got("16505551234", Action::Template(Box::new(fill(&booking, &given).unwrap()))).await;
    assert!(got.text.contains("Hi Ana") && got.text.contains("On Friday at 18:00."), "{}", got.text);
    let coupon = fill(
        &desk.template("coupon").await,
        &Given { values: values(&[("first_name", "Ana"), ("button.0", "SAVE10")]), ..Given::default() },
    );
    assert!(desk.got("16505551234", Action::Template(Box::new(coupon.unwrap()))).await.text.contains("Hi Ana"));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stored");
    std::fs::write(&path, "the bytes").unwrap();
    let (name, mime) = ("slip.pdf".to_owned(), "application/pdf".to_owned());
    let media = Media { kind: FileKind::Document, hash: "ab".to_owned(), name, mime, path: Some(path) };
    let slip = fill(&desk.template("slip").await, &Given { media: Some(media), ..Given::default() }).unwrap();
    let got = desk.got("16505551234", Action::Template(Box::new(slip))).await;
    assert_eq!(got.file.unwrap().bytes.as_ref(), b"the bytes");
}

#[tokio::test]
async fn a_closed_window_is_told_and_a_template_still_leaves() {
    let desk = Desk::open().await;
    desk.graph.rules(|rules| *rules = Rules { refusal: Refusal::AtOnce, ..Rules::default() });
    desk.graph.advance(Span::hours(25));
    assert!(matches!(desk.act("16505551234", text("late", None)).await, Err(SendError::WindowClosed(_))));
    assert!(matches!(desk.act("4915700000000", text("nobody", None)).await, Err(SendError::Unreachable(_))));
    let business = desk.graph.number(&desk.number).unwrap().business;
    let body = json!([{ "type": "BODY", "text": "Still there?" }]);
    let template = json!({ "name": "again", "language": "id", "status": "APPROVED", "category": "UTILITY", "components": body });
    desk.graph.add_template(&business, template);
    let filled = fill(&desk.template("again").await, &Given::default()).unwrap();
    assert_eq!(desk.got("16505551234", Action::Template(Box::new(filled))).await.text, "Still there?");
}
