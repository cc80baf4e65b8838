//! What the provider knows: numbers, people, messages, media, templates, the ledger.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;
use tokio::time::Instant;

use super::hook::Event;
use super::ledger::{Ledger, Posted};
use super::media::Media;
use super::{Config, Number, Person, Rules, Who};
use crate::config::Secret;
use crate::domain::time::{Span, Timestamp};
use crate::simulator::courier::{Bag, Call, Posts};
use crate::simulator::fault::Faults;

/// How long after a person's message they may be written to freely.
pub(super) const WINDOW: Span = Span::hours(24);

/// Everything behind the lock.
#[derive(Debug)]
pub(super) struct State {
    /// `http://127.0.0.1:PORT`.
    pub(super) base: String,
    /// By phone number id.
    pub(super) numbers: BTreeMap<String, Number>,
    /// By [`Who`].
    pub(super) people: Vec<Customer>,
    /// By wamid.
    pub(super) messages: BTreeMap<String, Message>,
    /// When somebody last wrote to a number.
    pub(super) heard: BTreeMap<(String, Who), Timestamp>,
    /// By media id.
    pub(super) media: BTreeMap<String, Media>,
    /// By business account, as the listing shows them.
    pub(super) templates: BTreeMap<String, Vec<Value>>,
    pub(super) rules: Rules,
    pub(super) rates: Rates,
    pub(super) faults: Faults,
    pub(super) ledger: Ledger,
    pub(super) bag: Bag<Event>,
    pub(super) rng: fastrand::Rng,
    /// The last number given to whatever needs one.
    pub(super) serial: u64,
}

/// A person and how they are.
#[derive(Clone, Debug)]
pub(super) struct Customer {
    pub(super) person: Person,
    /// Their phone is off: nothing is delivered.
    pub(super) away: bool,
    /// They get no more advertising from anybody for now.
    pub(super) capped: bool,
    /// They asked this business for no advertising.
    pub(super) opted_out: bool,
    /// The business is blocked.
    pub(super) blocked: bool,
}

/// A message in a chat.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) number: String,
    pub(super) who: Who,
    /// The business wrote it.
    pub(super) ours: bool,
    pub(super) kind: String,
    /// A recording, which can be played.
    pub(super) voice: bool,
    pub(super) stage: Stage,
    /// What the business wants to hear back with each status.
    pub(super) opaque: String,
    /// In the order of writing.
    pub(super) place: u64,
}

/// How far a message of the business's came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Failed,
    Sent,
    Delivered,
    Read,
    Played,
}

/// What is left of the rates, by number and by number and person.
#[derive(Debug, Default)]
pub(super) struct Rates(BTreeMap<(String, Option<Who>), (f64, Instant)>);

impl State {
    pub(super) fn new(config: &Config, base: String) -> Self {
        Self {
            base,
            numbers: BTreeMap::new(),
            people: Vec::new(),
            messages: BTreeMap::new(),
            heard: BTreeMap::new(),
            media: BTreeMap::new(),
            templates: BTreeMap::new(),
            rules: config.rules,
            rates: Rates::default(),
            faults: Faults::new(config.seed),
            ledger: Ledger::default(),
            bag: Bag::new(config.webhooks, config.seed),
            rng: fastrand::Rng::with_seed(config.seed),
            serial: 0,
        }
    }

    pub(super) fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// So many letters and digits.
    pub(super) fn letters(&mut self, count: usize) -> String {
        std::iter::repeat_with(|| self.rng.alphanumeric()).take(count).collect()
    }

    /// So many digits, the first of them not 0.
    fn digits(&mut self, count: usize) -> String {
        let first = char::from(self.rng.u8(b'1'..=b'9'));
        std::iter::once(first).chain(std::iter::repeat_with(|| char::from(self.rng.u8(b'0'..=b'9'))).take(count - 1)).collect()
    }

    /// The id of a new message.
    pub(super) fn wamid(&mut self) -> String {
        loop {
            let serial = self.serial();
            let id = format!("wamid.HBgM{}{serial:06X}A=", self.letters(26));
            // One drawn in an earlier life of the same seed may be known already.
            if !self.messages.contains_key(&id) {
                return id;
            }
        }
    }

    pub(super) fn add_number(&mut self, name: &str) -> String {
        let id = self.digits(15);
        let number = Number {
            id: id.clone(),
            name: name.to_owned(),
            phone: format!("1555{}", self.digits(7)),
            business: self.digits(15),
            portfolio: self.digits(15),
            tier: "TIER_250".to_owned(),
            token: Secret::new(format!("EAA{}", self.letters(60))),
            token_ends: 0,
            app_secret: Secret::new(self.letters(32)),
            verify_token: Secret::new(self.letters(16)),
            callback: None,
        };
        self.numbers.insert(id.clone(), number);
        id
    }

    pub(super) fn add_template(&mut self, business: &str, mut template: Value) {
        let id = self.digits(15);
        for (field, value) in [("id", id.as_str()), ("status", "APPROVED"), ("category", "UTILITY"), ("parameter_format", "POSITIONAL")] {
            if template[field].is_null() {
                template[field] = value.into();
            }
        }
        self.templates.entry(business.to_owned()).or_default().push(template);
    }

    pub(super) fn set_template_status(&mut self, business: &str, name: &str, status: &str) {
        for template in self.templates.entry(business.to_owned()).or_default() {
            if template["name"] == name {
                template["status"] = status.into();
            }
        }
    }

    pub(super) fn limits_changed(&mut self) {
        self.rates = Rates::default();
    }

    pub(super) fn person(&self, who: Who) -> Option<&Customer> {
        self.people.get(who.0)
    }

    /// Whom a `to` or `recipient` means.
    pub(super) fn find(&self, address: &str) -> Option<Who> {
        let found = self.people.iter().position(|customer| {
            let person = &customer.person;
            (!person.user_id.is_empty() && person.user_id == address) || (!person.phone.is_empty() && same_phone(&person.phone, address))
        });
        found.map(Who)
    }

    /// Whether the person may be written to freely.
    pub(super) fn is_open(&self, number: &str, who: Who, now: Timestamp) -> bool {
        self.heard.get(&(number.to_owned(), who)).is_some_and(|at| now.since(*at) < WINDOW)
    }

    /// Takes one message's room from that rate, of which `most` are there at once and `every` so many seconds one more.
    pub(super) fn take(&mut self, key: (String, Option<Who>), every: f64, most: f64) -> bool {
        let now = Instant::now();
        let (left, at) = self.rates.0.get(&key).copied().unwrap_or((most, now));
        let left = (left + now.duration_since(at).as_secs_f64() / every).min(most);
        let enough = left >= 1.0;
        self.rates.0.insert(key, (if enough { left - 1.0 } else { left }, now));
        enough
    }
}

impl Posts for State {
    type Event = Event;

    fn bag(&mut self) -> &mut Bag<Event> {
        &mut self.bag
    }

    fn compose(&mut self, events: Vec<Event>) -> Vec<Call> {
        super::hook::compose(self, events)
    }

    fn posted(&mut self, call: &Call, status: Option<u16>) {
        self.ledger.posted.push(Posted { body: Bytes::clone(&call.body), status, tries: call.tries });
    }
}

/// Whether two ways to write a number reach the same account: in Mexico, Brazil and Argentina a digit after the country comes and goes.
pub(super) fn same_phone(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

fn plain(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let without = |at: usize| format!("{}{}", &digits[..at], &digits[at + 1..]);
    match digits.as_bytes() {
        [b'5', b'2', b'1', ..] | [b'5', b'4', b'9', ..] if digits.len() == 13 => without(2),
        [b'5', b'5', _, _, b'9', ..] if digits.len() == 13 => without(4),
        _ => digits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_account_with_and_without_its_country_s_extra_digit() {
        for (one, other) in [
            ("5215512345678", "+52 55 1234 5678"),
            ("5511987654321", "551187654321"),
            ("5491123456789", "541123456789"),
            ("16505551234", "+1 (650) 555-1234"),
        ] {
            assert!(same_phone(one, other), "{one} {other}");
        }
        assert!(!same_phone("5511987654321", "5511977654321"));
    }
}
