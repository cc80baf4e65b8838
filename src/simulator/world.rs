//! What the simulated provider knows: bots, people, chats, messages, files, the ledger.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::fault::Faults;
use super::files::Files;
use super::ledger::{Act, Ledger, Received, Written};
use super::limits::Buckets;
use super::polling::{Allowed, Polls};
use super::queue::Queue;
use super::shared::Shared;
use super::{ChatKey, ChatKind, Config, Person};
use crate::config::Secret;
use crate::domain::time::{Span, Timestamp};

/// How long an update waits to be fetched, and how old a message may be to become one.
pub(super) const RETENTION: Span = Span::hours(24);

/// The shared state and what drives it.
#[derive(Debug)]
pub(super) struct World {
    shared: Shared<State>,
    /// Whether hasty and quarrelling readers are slowed down as the real server does.
    pub(super) throttle: bool,
    pub(super) stop: CancellationToken,
}

/// Everything behind the lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) bots: BTreeMap<i64, Bot>,
    pub(super) people: BTreeMap<i64, Person>,
    pub(super) chats: BTreeMap<ChatKey, Chat>,
    pub(super) files: Files,
    pub(super) faults: Faults,
    pub(super) ledger: Ledger,
    pub(super) limits: Option<Buckets>,
    pub(super) rng: fastrand::Rng,
    /// Callback queries not yet answered.
    pub(super) buttons: BTreeSet<String>,
    /// Standing reactions of customers, by chat, message and person.
    pub(super) reactions: BTreeMap<(ChatKey, i64, i64), Vec<String>>,
    /// The last number given to whatever else needs one (callback queries, albums, polls).
    pub(super) serial: i64,
}

#[derive(Debug)]
pub(super) struct Bot {
    pub(super) id: i64,
    pub(super) token: Secret,
    pub(super) name: String,
    pub(super) username: String,
    pub(super) queue: Queue,
    pub(super) allowed: Allowed,
    pub(super) webhook: Option<String>,
    pub(super) polls: Polls,
    /// The counter its private chats and basic groups share.
    pub(super) last_message: i64,
    /// The person whose business account it answers for, and since when.
    pub(super) business_of: Option<(i64, Timestamp)>,
    /// The counter of that account.
    pub(super) last_business: i64,
}

#[derive(Debug)]
pub(super) struct Chat {
    pub(super) key: ChatKey,
    pub(super) kind: ChatKind,
    pub(super) title: String,
    pub(super) username: String,
    pub(super) reach: Reach,
    pub(super) messages: BTreeMap<i64, Stored>,
    /// The chat's own counter (supergroups, channels).
    pub(super) last_message: i64,
    pub(super) last_written: Option<Timestamp>,
}

/// Whether the bot can write there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The person has never written to the bot.
    Unopened,
    Open,
    Blocked,
    Removed,
    Deactivated,
    MovedTo(i64),
}

/// A message as the chat has it.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) json: Value,
    pub(super) by_bot: bool,
}

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    Person(i64),
    Bot,
    /// The channel itself.
    Channel,
}

impl World {
    pub(super) fn new(config: &Config) -> Self {
        let state = State {
            bots: BTreeMap::new(),
            people: BTreeMap::new(),
            chats: BTreeMap::new(),
            files: Files::default(),
            faults: Faults::new(config.seed),
            ledger: Ledger::default(),
            limits: config.limits.map(Buckets::new),
            rng: fastrand::Rng::with_seed(config.seed),
            buttons: BTreeSet::new(),
            reactions: BTreeMap::new(),
            serial: 0,
        };
        let shared = Shared::new(state, &config.clock);
        Self { throttle: config.throttle, stop: shared.stop.clone(), shared }
    }

    /// The simulator's present: the injected clock, plus what [`World::advance`] added.
    pub(super) fn now(&self) -> Timestamp {
        self.shared.now()
    }

    pub(super) fn advance(&self, span: Span) {
        self.shared.advance(span);
        self.with(|_, _| ());
    }

    /// Looks without waking anybody.
    pub(super) fn look<R>(&self, f: impl FnOnce(&State) -> R) -> R {
        self.shared.look(f)
    }

    /// One step: what is too old goes first, then `f`, then everybody who waits looks again.
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut State, Timestamp) -> R) -> R {
        self.shared.with(|state, now| {
            state.expire(now);
            f(state, now)
        })
    }

    /// One step that wakes nobody.
    pub(super) fn look_mut<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        self.shared.quietly(|state, now| {
            state.expire(now);
            f(state)
        })
    }

    /// Everybody who waits looks again.
    pub(super) fn wake(&self) {
        self.shared.wake();
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes()
    }
}

impl State {
    fn expire(&mut self, now: Timestamp) {
        for bot in self.bots.values_mut() {
            for update in bot.queue.expire(now) {
                let entry = self.ledger.written.iter_mut().rev().find(|entry| entry.chat.bot == bot.id && entry.update_id == Some(update));
                if let Some(entry) = entry {
                    entry.expired = true;
                }
            }
        }
    }

    pub(super) fn serial(&mut self) -> i64 {
        self.serial += 1;
        self.serial
    }

    /// Queues an update about something that happened at `at`, unless it is too old or the bot did not ask for its kind.
    pub(super) fn offer(&mut self, bot: i64, kind: &str, payload: &Value, at: Timestamp, now: Timestamp) -> Option<i64> {
        let until = at.plus(RETENTION);
        let bot = self.bots.get_mut(&bot)?;
        if until <= now || !bot.allowed.takes(kind) {
            return None;
        }
        Some(bot.queue.push(now, until, &mut self.rng, |id| Bytes::from(json!({"update_id": id, kind: payload}).to_string())))
    }

    /// Puts a message into a chat and returns it as the Bot API shows it.
    pub(super) fn post(&mut self, key: ChatKey, author: Author, fields: Map<String, Value>, at: Timestamp) -> Value {
        let id = self.next_message_id(key);
        let mut message = fields;
        message.insert("message_id".to_owned(), id.into());
        message.insert("date".to_owned(), at.secs().into());
        message.insert("chat".to_owned(), self.chat_json(key));
        match author {
            Author::Person(person) => message.insert("from".to_owned(), self.person_json(person)),
            Author::Bot => message.insert("from".to_owned(), self.bot_json(key.bot)),
            Author::Channel => message.insert("sender_chat".to_owned(), self.chat_json(key)),
        };
        if key.business {
            message.insert("business_connection_id".to_owned(), business_connection(key.bot).into());
        }
        let json = Value::Object(message);
        if let Some(chat) = self.chats.get_mut(&key) {
            chat.messages.insert(id, Stored { json: json.clone(), by_bot: author == Author::Bot });
        }
        json
    }

    /// Private chats and basic groups of an account (the bot's, or the business's) count together, all others for themselves.
    fn next_message_id(&mut self, key: ChatKey) -> i64 {
        let Some(chat) = self.chats.get_mut(&key) else { return 0 };
        let shared = matches!(chat.kind, ChatKind::Private | ChatKind::Group);
        let counter = match self.bots.get_mut(&key.bot) {
            Some(bot) if key.business => &mut bot.last_business,
            Some(bot) if shared => &mut bot.last_message,
            _ => &mut chat.last_message,
        };
        *counter += 1;
        *counter
    }

    pub(super) fn stored(&self, key: ChatKey, message: i64) -> Option<&Stored> {
        self.chats.get(&key)?.messages.get(&message)
    }

    pub(super) fn stored_mut(&mut self, key: ChatKey, message: i64) -> Option<&mut Stored> {
        self.chats.get_mut(&key)?.messages.get_mut(&message)
    }

    /// The `reply_to_message` for an answer to that message: the message without its own.
    pub(super) fn quoted(&self, key: ChatKey, message: i64) -> Option<Value> {
        let mut json = self.stored(key, message)?.json.clone();
        if let Some(fields) = json.as_object_mut() {
            fields.remove("reply_to_message");
        }
        Some(json)
    }

    pub(super) fn chat_json(&self, key: ChatKey) -> Value {
        let Some(chat) = self.chats.get(&key) else { return Value::Null };
        if chat.kind == ChatKind::Private {
            let mut json = self.person_json(key.id);
            if let Some(fields) = json.as_object_mut() {
                fields.remove("is_bot");
                fields.remove("language_code");
                fields.insert("type".to_owned(), "private".into());
            }
            return json;
        }
        let mut json = json!({"id": key.id, "type": chat.kind.name(), "title": chat.title});
        if !chat.username.is_empty() {
            json["username"] = chat.username.clone().into();
        }
        json
    }

    pub(super) fn business_json(&self, bot: i64, owner: i64, at: Timestamp) -> Value {
        json!({
            "id": business_connection(bot), "user": self.person_json(owner), "user_chat_id": owner, "date": at.secs(), "is_enabled": true,
            "rights": {"can_reply": true, "can_read_messages": true, "can_delete_sent_messages": true, "can_delete_all_messages": true},
        })
    }

    pub(super) fn person_json(&self, id: i64) -> Value {
        let mut json = json!({"id": id, "is_bot": false, "first_name": ""});
        if let Some(person) = self.people.get(&id) {
            json["first_name"] = person.first_name.clone().into();
            for (field, value) in [("last_name", &person.last_name), ("username", &person.username), ("language_code", &person.language)] {
                if !value.is_empty() {
                    json[field] = value.clone().into();
                }
            }
        }
        json
    }

    pub(super) fn bot_json(&self, id: i64) -> Value {
        match self.bots.get(&id) {
            Some(bot) => json!({"id": id, "is_bot": true, "first_name": bot.name, "username": bot.username}),
            None => Value::Null,
        }
    }

    /// Enters into the ledger what a customer did; `about` is the message and who did it.
    pub(super) fn note_written(&mut self, chat: ChatKey, act: Act, about: (i64, i64), text: String, at: Timestamp, update: Option<i64>) {
        let (message_id, from) = about;
        let entry = Written { chat, act, message_id, from, text, at, update_id: update, expired: false };
        self.ledger.written.push(entry);
        if let Some(chat) = self.chats.get_mut(&chat) {
            chat.last_written = Some(at);
        }
    }

    /// Enters into the ledger what reached a customer.
    pub(super) fn note_received(&mut self, received: Received) {
        self.ledger.received.push(received);
    }
}

/// The id of the one business connection a bot has here.
pub(super) fn business_connection(bot: i64) -> String {
    format!("bc{bot:x}")
}
