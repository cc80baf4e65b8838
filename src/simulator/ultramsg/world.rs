//! What the gateway knows: its phone, its queue, the chats, the settings.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Config, Ledger, Person, Who};
use crate::config::Secret;
use crate::domain::time::Timestamp;
use crate::simulator::courier::{Bag, Call, Posts};
use crate::simulator::fault::Faults;
use crate::simulator::graph::Posted;
use crate::simulator::ledger::Parcel;

/// Everything behind the lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) base: String,
    /// Without its prefix.
    pub(super) instance: String,
    pub(super) token: Secret,
    pub(super) phone: String,
    /// The phone is linked and there.
    pub(super) connected: bool,
    pub(super) settings: Settings,
    /// By [`Who`].
    pub(super) people: Vec<Customer>,
    /// What was asked to be sent, by the gateway's number, the first 1.
    pub(super) queue: BTreeMap<u64, Queued>,
    /// Every message of every chat, in order, as webhooks and listings show it.
    pub(super) messages: Vec<Kept>,
    /// Files, by the name in their address.
    pub(super) files: BTreeMap<String, (String, Bytes)>,
    pub(super) faults: Faults,
    pub(super) ledger: Ledger,
    pub(super) bag: Bag<Value>,
    pub(super) rng: fastrand::Rng,
}

/// A person and how they are.
#[derive(Clone, Debug)]
pub(super) struct Customer {
    pub(super) person: Person,
    /// Their phone is off: nothing is delivered.
    pub(super) away: bool,
}

/// What the owner set.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) webhook_url: String,
    pub(super) received: bool,
    pub(super) create: bool,
    pub(super) ack: bool,
    pub(super) reaction: bool,
}

/// A message in the gateway's queue.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub(super) to: String,
    pub(super) kind: &'static str,
    pub(super) text: String,
    pub(super) file: Option<Parcel>,
    /// The address of its file, or its place on the map.
    pub(super) media: String,
    pub(super) quoted: String,
    pub(super) priority: u64,
    pub(super) reference: String,
    pub(super) status: &'static str,
    pub(super) ack: &'static str,
    pub(super) at: Timestamp,
    pub(super) sent_at: Option<Timestamp>,
}

/// A message in a chat.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) who: Who,
    pub(super) ours: bool,
    pub(super) queued: u64,
    pub(super) reference: String,
    /// 0 pending, 1 server, 2 device, 3 read.
    pub(super) ack: u8,
    /// The `data` of its webhook.
    pub(super) data: Value,
}

impl State {
    pub(super) fn new(config: &Config, base: String) -> Self {
        let mut rng = fastrand::Rng::with_seed(config.seed);
        let token: String = std::iter::repeat_with(|| rng.alphanumeric()).take(16).collect();
        Self {
            base,
            instance: format!("{}", rng.u32(1_000..200_000)),
            token: Secret::new(token.to_ascii_lowercase()),
            phone: format!("62811{:08}", rng.u32(0..100_000_000)),
            connected: true,
            settings: Settings { webhook_url: String::new(), received: true, create: true, ack: true, reaction: true },
            people: Vec::new(),
            queue: BTreeMap::new(),
            messages: Vec::new(),
            files: BTreeMap::new(),
            faults: Faults::new(config.seed),
            ledger: Ledger::default(),
            bag: Bag::new(config.webhooks, config.seed),
            rng,
        }
    }

    /// The chat with that person.
    pub(super) fn jid(&self, who: Who) -> String {
        match self.people.get(who.0).map(|customer| &customer.person) {
            Some(person) if person.lid.is_empty() => format!("{}@c.us", person.phone),
            Some(person) => person.lid.clone(),
            None => String::new(),
        }
    }

    pub(super) fn own_jid(&self) -> String {
        format!("{}@c.us", self.phone)
    }

    /// Whom an address means: `+62 812…`, `62812…@c.us`, `123@lid`.
    pub(super) fn find(&self, to: &str) -> Option<Who> {
        let digits: String = to.split('@').next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        let found = self.people.iter().position(|customer| {
            let person = &customer.person;
            (!person.lid.is_empty() && person.lid == to) || (!to.ends_with("@lid") && person.phone == digits)
        });
        found.map(Who)
    }

    /// The id of a new message in that chat.
    pub(super) fn message_id(&mut self, ours: bool, jid: &str) -> String {
        let hex: String = std::iter::repeat_with(|| self.rng.digit(16).to_ascii_uppercase()).take(18).collect();
        format!("{ours}_{jid}_3EB0{hex}")
    }

    /// Keeps a file and returns its address, which anybody may fetch.
    pub(super) fn keep_file(&mut self, mime: &str, bytes: Bytes) -> String {
        let key: String = std::iter::repeat_with(|| self.rng.alphanumeric()).take(24).collect();
        let url = format!("{}/files/{key}", self.base);
        self.files.insert(key, (mime.to_owned(), bytes));
        url
    }

    /// Tells of something, if the owner wants to know of such things.
    pub(super) fn tell(&mut self, event: &str, reference: &str, queued: u64, data: &Value) {
        let wanted = match event {
            "message_received" => self.settings.received,
            "message_create" => self.settings.create,
            "message_ack" => self.settings.ack,
            _ => self.settings.reaction,
        };
        if wanted && !self.settings.webhook_url.is_empty() {
            let id = if queued == 0 { String::new() } else { queued.to_string() };
            self.bag.push(json!({"event_type": event, "instanceId": self.instance, "id": id, "referenceId": reference, "data": data}));
        }
    }
}

impl Posts for State {
    type Event = Value;

    fn bag(&mut self) -> &mut Bag<Value> {
        &mut self.bag
    }

    fn compose(&mut self, events: Vec<Value>) -> Vec<Call> {
        let url = self.settings.webhook_url.clone();
        if url.is_empty() {
            return Vec::new();
        }
        let headers = vec![("content-type", "application/json".to_owned())];
        let call = |event: Value| Call {
            url: url.clone(),
            headers: headers.clone(),
            body: Bytes::from(event.to_string()),
            tries: 0,
            repeated: false,
        };
        events.into_iter().map(call).collect()
    }

    fn posted(&mut self, call: &Call, status: Option<u16>) {
        self.ledger.posted.push(Posted { body: Bytes::clone(&call.body), status, tries: call.tries });
    }
}
