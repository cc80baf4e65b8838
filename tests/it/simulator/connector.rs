//! The Telegram connector against the simulated provider: two independent readings of the Bot API's rules must agree.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use frontdesk::channel::{Connector, ReceiveError, Settings, http, registered};
use frontdesk::domain::attachment::FileKind;
use frontdesk::domain::inbound::Inbound;
use frontdesk::domain::message::Kind;
use frontdesk::domain::outbound::{Action, Order, SendError};
use frontdesk::domain::time::{Clock, ManualClock, Span, Timestamp};
use frontdesk::simulator::{ChatKey, ChatKind, Config, Content, Fault, FaultRule, Person, Sample, Simulator, When, Writing};

/// 2026-11-20 10:00:00 UTC.
const NOW: Timestamp = Timestamp::from_secs(1_795_168_800);

struct Desk {
    sim: Simulator,
    bot: i64,
    chat: ChatKey,
    connector: Arc<dyn Connector>,
}

impl Desk {
    async fn new() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW));
        let mut config = Config::new(Arc::clone(&clock));
        config.throttle = false;
        let sim = Simulator::start(config).await.unwrap();
        let bot = sim.add_bot("Harbour Courts");
        let person = sim.add_person(Person { id: 5_200_000_001, first_name: "Leila".to_owned(), ..Person::default() });
        let settings = Settings {
            values: BTreeMap::from([("api-base".to_owned(), sim.base_url())]),
            secrets: BTreeMap::from([("token".to_owned(), sim.token(bot).unwrap())]),
            http: http::Client::new().unwrap(),
            clock,
        };
        let connector = (registered("telegram").unwrap().connect)(&settings).unwrap();
        // The first look asks for reactions too, which are not among the provider's defaults.
        connector.receive(None, Span::ZERO).await.unwrap();
        Self { chat: sim.private_chat(bot, person), sim, bot, connector }
    }

    async fn news(&self) -> Vec<Inbound> {
        let batch = self.connector.receive(None, Span::ZERO).await.unwrap();
        batch.items.into_iter().flat_map(|item| item.events.unwrap()).collect()
    }

    async fn act(&self, chat: &str, action: Action) -> Result<Option<String>, SendError> {
        let order = Order { chat: chat.to_owned(), aliases: Vec::new(), action, idempotency_key: String::new() };
        self.connector.send(&order).await.map(|accepted| accepted.external_id)
    }

    async fn say(&self, text: &str) -> Result<Option<String>, SendError> {
        self.act(&self.chat.id.to_string(), Action::Text { text: text.to_owned(), reply_to: None }).await
    }
}

fn file(kind: FileKind, name: &str) -> Content {
    let bytes = Bytes::from_static(b"abc");
    Content::File(kind, Sample { name: name.to_owned(), bytes, seconds: 4, ..Sample::default() }, "see".to_owned())
}

#[tokio::test]
async fn every_kind_the_provider_sends_is_read_as_what_it_is() {
    let desk = Desk::new().await;
    let me = desk.chat.id;
    let venue = Content::Venue { latitude: 1.0, longitude: 2.0, title: "Harbour".to_owned(), address: "Pier 1".to_owned() };
    let kinds = [
        (Content::Text("hi".to_owned()), Kind::Text),
        (file(FileKind::Photo, ""), Kind::File),
        (file(FileKind::Video, "v.mp4"), Kind::File),
        (file(FileKind::VideoNote, ""), Kind::File),
        (file(FileKind::Animation, "a.gif"), Kind::File),
        (file(FileKind::Audio, "a.mp3"), Kind::File),
        (file(FileKind::Voice, ""), Kind::File),
        (file(FileKind::Sticker, "🎾"), Kind::File),
        (file(FileKind::Document, "d.pdf"), Kind::File),
        (Content::Location(52.5, 13.4), Kind::Location),
        (venue, Kind::Location),
        (Content::Contact { phone: "+62 811".to_owned(), name: "Dewi".to_owned() }, Kind::Contact),
        (Content::Poll { question: "When?".to_owned(), options: vec!["Mon".to_owned()] }, Kind::Poll),
    ];
    for (content, _) in &kinds {
        desk.sim.write(desk.chat, me, content.clone().into());
    }
    let read: Vec<Kind> =
        desk.news().await.iter().filter_map(|news| if let Inbound::Message(m) = news { Some(m.kind) } else { None }).collect();
    assert_eq!(read, kinds.map(|(_, kind)| kind));
}

#[tokio::test]
async fn edits_reactions_replies_moves_blocks_and_business_messages_come_through() {
    let desk = Desk::new().await;
    let me = desk.chat.id;
    let first = desk.sim.say(desk.chat, "one");
    desk.sim.write(desk.chat, me, Writing::from("two").replying_to(first));
    desk.sim.edit(desk.chat, first, "one, corrected");
    desk.sim.react(desk.chat, me, first, &["👍"]);
    desk.sim.block(desk.chat);
    desk.sim.unblock(desk.chat);
    let group = desk.sim.room(desk.bot, ChatKind::Group, "Sunday league", "");
    let new = desk.sim.migrate(group, me);
    let business = desk.sim.business_chat(desk.bot, me);
    desk.sim.say(business, "is the shop open?");
    let news = desk.news().await;
    let has = |want: &dyn Fn(&Inbound) -> bool| news.iter().any(want);
    assert!(has(&|n| matches!(n, Inbound::Message(m) if m.text == "two" && m.reply_to == Some(first.to_string()))));
    assert!(has(&|n| matches!(n, Inbound::Edited(m) if m.text == "one, corrected" && m.external_id == first.to_string())));
    assert!(has(&|n| matches!(n, Inbound::Reacted { emoji, .. } if *emoji == ["👍"])));
    assert!(has(&|n| matches!(n, Inbound::Reachable { reachable: false, .. })));
    assert!(has(&|n| matches!(n, Inbound::Moved { from, to, .. } if *from == group.id.to_string() && *to == new.id.to_string())));
    let key = news.iter().find_map(|n| match n {
        Inbound::Message(m) if m.text == "is the shop open?" => Some(m.chat.key.clone()),
        _ => None,
    });
    desk.act(&key.unwrap(), Action::Text { text: "yes".to_owned(), reply_to: None }).await.unwrap();
    assert_eq!(desk.sim.ledger(|ledger| ledger.delivered(business).count()), 1);
    let old = desk.act(&group.id.to_string(), Action::Text { text: "x".to_owned(), reply_to: None }).await;
    assert_eq!(old, Err(SendError::Moved { to: new.id.to_string() }));
}

#[tokio::test]
async fn whatever_goes_wrong_after_the_request_left_is_uncertain_and_the_next_one_works() {
    let desk = Desk::new().await;
    desk.sim.say(desk.chat, "hi");
    for fault in [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::ErrorBefore(502),
        Fault::ErrorAfter(500),
        Fault::Garbage,
        Fault::CloseMidBody,
        Fault::HugeBody,
    ] {
        desk.sim.fault(FaultRule::new("sendMessage", fault, When::Next(1)));
        desk.sim.fault(FaultRule::new("getUpdates", fault, When::Next(1)));
        let sent = desk.say("hello").await;
        assert!(matches!(sent, Err(SendError::Uncertain(_))), "{fault:?}: {sent:?}");
        let read = desk.connector.receive(None, Span::ZERO).await;
        assert!(matches!(read, Err(ReceiveError::Unavailable(_))), "{fault:?}: {read:?}");
        desk.say("hello again").await.unwrap();
        assert_eq!(desk.news().await.len(), 1, "{fault:?}: nothing was confirmed");
    }
    desk.sim.fault(FaultRule::new("sendMessage", Fault::TooMany(3), When::Next(1)));
    assert!(matches!(desk.say("hello").await, Err(SendError::Wait { wait, .. }) if wait == Span::secs(3)));
    desk.sim.block(desk.chat);
    assert!(matches!(desk.say("hello").await, Err(SendError::Unreachable(_))));
}
