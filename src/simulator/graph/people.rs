//! What customers can do: write, react, change their words, read, listen, leave.

use serde_json::{Value, json};

use super::hook::Event;
use super::ledger::Written;
use super::world::{Customer, Message, Stage, State};
use super::{Content, Graph, Person, Who, Writing};
use crate::domain::attachment::FileKind;
use crate::domain::time::Timestamp;
use crate::simulator::history::PastMessage;
use crate::simulator::ledger::Act;

impl Graph {
    /// Somebody with WhatsApp.
    pub fn add_person(&self, person: Person) -> Who {
        self.shared.with(|state, _| {
            state.people.push(Customer { person, away: false, capped: false, opted_out: false, blocked: false });
            Who(state.people.len() - 1)
        })
    }

    /// The person with that number, made if there is none.
    pub fn person_once(&self, person: Person) -> Who {
        self.shared.look(|state| state.find(&person.phone)).unwrap_or_else(|| self.add_person(person))
    }

    /// Who somebody is.
    pub fn person(&self, who: Who) -> Option<Person> {
        self.shared.look(|state| state.person(who).map(|customer| customer.person.clone()))
    }

    /// Writes words to that number; the message's id comes back.
    pub fn say(&self, number: &str, who: Who, text: &str) -> String {
        self.write(number, who, text.into())
    }

    /// Writes to that number; the message's id comes back.
    pub fn write(&self, number: &str, who: Who, writing: Writing) -> String {
        self.shared.with(|state, now| state.write(number, who, writing, now))
    }

    /// Reacts to a message, or takes the reaction back.
    pub fn react(&self, number: &str, who: Who, message: &str, emoji: Option<&str>) -> String {
        self.shared.with(|state, now| {
            let mut reaction = json!({"message_id": message});
            match emoji {
                Some(emoji) => reaction["emoji"] = emoji.into(),
                None if !state.rules.bare_removals => reaction["emoji"] = "".into(),
                None => {}
            }
            let act = (Act::Reaction, message, emoji.unwrap_or_default());
            state.tell_of(number, who, act, json!({"type": "reaction", "reaction": reaction}), now)
        })
    }

    /// Gives an own message other words.
    pub fn edit(&self, number: &str, who: Who, message: &str, text: &str) -> String {
        self.shared.with(|state, now| {
            let edit = json!({"original_message_id": message, "message": {"type": "text", "text": {"body": text}}});
            state.tell_of(number, who, (Act::Edit, message, text), json!({"type": "edit", "edit": edit}), now)
        })
    }

    /// Takes an own message away from everybody.
    pub fn revoke(&self, number: &str, who: Who, message: &str) -> String {
        self.shared.with(|state, now| {
            let revoke = json!({"type": "revoke", "revoke": {"original_message_id": message}});
            state.tell_of(number, who, (Act::Delete, message, ""), revoke, now)
        })
    }

    /// Reads everything that was delivered.
    pub fn read(&self, number: &str, who: Who) {
        self.shared.with(|state, now| {
            for id in state.unread(number, who) {
                state.reach(&id, Stage::Read, now);
                state.note(number, who, (Act::Read, &id, ""), &id, now);
            }
        });
    }

    /// Reads one message, listens to it if it can be.
    pub fn play(&self, message: &str) {
        self.shared.with(|state, now| {
            state.reach(message, Stage::Read, now);
            if state.messages.get(message).is_some_and(|message| message.voice) {
                state.reach(message, Stage::Played, now);
            }
        });
    }

    /// Switches the person's phone off, or on: then what waits is delivered.
    pub fn set_away(&self, who: Who, away: bool) {
        self.shared.with(|state, now| {
            if let Some(customer) = state.people.get_mut(who.0) {
                customer.away = away;
            }
            if !away {
                for id in state.waiting(who) {
                    state.reach(&id, Stage::Delivered, now);
                }
            }
        });
    }

    /// The provider gives this person no more advertising for now (131049), or does again.
    pub fn set_capped(&self, who: Who, capped: bool) {
        self.shared.with(|state, _| {
            if let Some(customer) = state.people.get_mut(who.0) {
                customer.capped = capped;
            }
        });
    }

    /// The person told WhatsApp to stop this business's advertising (131050), or to resume it; the business is told.
    pub fn set_opted_out(&self, number: &str, who: Who, out: bool) {
        self.shared.with(|state, now| {
            if let Some(customer) = state.people.get_mut(who.0) {
                customer.opted_out = out;
            }
            let contact = state.contact(who);
            let choice = json!({
                "wa_id": contact["wa_id"], "user_id": contact["user_id"], "category": "marketing_messages",
                "value": if out { "stop" } else { "resume" }, "detail": "User requested to change marketing messages",
                "timestamp": now.secs(),
            });
            let event = Event {
                number: number.to_owned(),
                field: "user_preferences",
                list: "user_preferences",
                item: without_nulls(choice),
                contact: Some(contact),
            };
            state.bag.push(event);
        });
    }

    /// The person blocks all businesses, or no longer does: what is sent to them fails (131026).
    pub fn set_blocked(&self, who: Who, blocked: bool) {
        self.shared.with(|state, _| {
            if let Some(customer) = state.people.get_mut(who.0) {
                customer.blocked = blocked;
            }
        });
    }

    /// The person takes a new number; that number of the business is told.
    pub fn change_phone(&self, number: &str, who: Who, phone: &str) -> String {
        self.shared.with(|state, now| {
            let Some(customer) = state.people.get(who.0) else { return String::new() };
            let old = customer.person.clone();
            let id = state.wamid();
            let body = format!("User {} changed from {} to {phone}", old.name, old.phone);
            let mut item = json!({
                "id": id, "timestamp": now.secs().to_string(), "type": "system",
                "system": {"body": body, "wa_id": phone, "type": "user_changed_number"},
            });
            // A new number means a new id; the message is still under the old ones.
            let country = old.user_id.split('.').next().unwrap_or_default();
            let fresh = match country {
                "" => String::new(),
                country => format!("{country}.{}", 10_000_000_000_000_000_u64 + state.rng.u64(0..1_000_000_000_000_000)),
            };
            if !fresh.is_empty() {
                item["system"]["user_id"] = fresh.clone().into();
            }
            state.tell_message(number, who, item, false);
            state.people[who.0].person.user_id = fresh;
            phone.clone_into(&mut state.people[who.0].person.phone);
            id
        })
    }

    /// The business writes to the person from the app on its phone; what the business's program is told is an echo.
    pub fn echo(&self, number: &str, who: Who, writing: Writing) -> String {
        self.shared.with(|state, now| {
            let id = state.wamid();
            let mut item = state.item(writing, &id, number, now);
            let own = state.numbers.get(number).map(|number| number.phone.clone()).unwrap_or_default();
            item["from"] = own.into();
            if let Some(customer) = state.person(who) {
                item["to"] = customer.person.phone.clone().into();
                if !customer.person.user_id.is_empty() {
                    item["to_user_id"] = customer.person.user_id.clone().into();
                }
            }
            let kind = item["type"].as_str().unwrap_or_default().to_owned();
            state.keep(&id, (number, who), true, &kind);
            let event = Event { number: number.to_owned(), field: "smb_message_echoes", list: "message_echoes", item, contact: None };
            state.bag.push(event);
            id
        })
    }

    /// Puts past messages into the number's chats, so that they can be answered and reacted to and their windows are known. Nothing is told
    /// of them, and the ledger does not hold them. Call it when the people are there.
    pub fn preload(&self, number: &str, past: &[PastMessage]) {
        self.shared.with(|state, _| {
            for line in past {
                let Some(who) = state.find(&line.conversation) else { continue };
                let ours = line.direction == "out";
                state.keep(&line.id, (number, who), ours, "text");
                if ours {
                    state.messages.entry(line.id.clone()).and_modify(|message| message.stage = Stage::Read);
                } else {
                    let at = Timestamp::from_secs(line.timestamp);
                    let heard = state.heard.entry((number.to_owned(), who)).or_insert(at);
                    *heard = at.max(*heard);
                }
            }
        });
    }

    /// Tells the business of anything at all: the value of a change of that field, as it is.
    pub fn inject(&self, number: &str, field: &'static str, value: Value) {
        self.shared.with(|state, _| {
            state.bag.push(Event { number: number.to_owned(), field, list: "", item: value, contact: None });
        });
    }

    /// Tells of a message whose every field is given, under that person's name.
    pub fn inject_message(&self, number: &str, who: Who, item: Value) {
        self.shared.with(|state, _| state.tell_message(number, who, item, true));
    }
}

impl State {
    pub(super) fn write(&mut self, number: &str, who: Who, writing: Writing, now: Timestamp) -> String {
        let id = self.wamid();
        let at = writing.at.unwrap_or(now);
        let text = writing.words().to_owned();
        let item = self.item(writing, &id, number, now);
        let kind = item["type"].as_str().unwrap_or_default().to_owned();
        self.keep(&id, (number, who), false, &kind);
        let heard = self.heard.entry((number.to_owned(), who)).or_insert(at);
        *heard = at.max(*heard);
        self.tell_message(number, who, item, true);
        self.note(number, who, (Act::Message, "", &text), &id, at);
        id
    }

    /// Everything a person does about a message is a message of its own, with an id of its own, and opens the window as any other.
    fn tell_of(&mut self, number: &str, who: Who, about: (Act, &str, &str), mut item: Value, now: Timestamp) -> String {
        let id = self.wamid();
        item["id"] = id.clone().into();
        item["timestamp"] = now.secs().to_string().into();
        self.heard.insert((number.to_owned(), who), now);
        self.tell_message(number, who, item, true);
        self.note(number, who, about, &id, now);
        id
    }

    fn note(&mut self, number: &str, who: Who, (act, about, text): (Act, &str, &str), id: &str, at: Timestamp) {
        self.ledger.written.push(Written {
            number: number.to_owned(),
            who,
            act,
            id: id.to_owned(),
            about: about.to_owned(),
            text: text.to_owned(),
            at,
        });
    }

    /// The message without who it is from.
    fn item(&mut self, writing: Writing, id: &str, number: &str, now: Timestamp) -> Value {
        let at = writing.at.unwrap_or(now);
        let mut item = json!({"id": id, "timestamp": at.secs().to_string()});
        let (kind, content) = match writing.content {
            Content::Text(text) => ("text".to_owned(), json!({"body": text})),
            Content::File(kind, sample, caption) => self.file_fields(kind, sample, &caption, number, now),
            Content::Fields(kind, content) => (kind, content),
        };
        item["type"] = kind.clone().into();
        if kind == "unsupported" {
            let details = "Message type is currently not supported.";
            let title = super::hook::title(131_051);
            item["errors"] = json!([{"code": 131_051, "title": title, "message": title, "error_data": {"details": details}}]);
        }
        if !content.is_null() {
            item[kind.as_str()] = content;
        }
        let mut origin = json!({});
        if let Some(target) = writing.reply_to {
            let from = match self.messages.get(&target) {
                Some(message) if !message.ours => self.person(message.who).map(|customer| customer.person.phone.clone()),
                _ => self.numbers.get(number).map(|number| number.phone.clone()),
            };
            origin = json!({"from": from, "id": target});
        }
        if writing.forwarded {
            origin["forwarded"] = true.into();
        }
        if origin.as_object().is_some_and(|origin| !origin.is_empty()) {
            item["context"] = origin;
        }
        for (field, value) in writing.extra {
            item[field] = value;
        }
        item
    }

    fn file_fields(
        &mut self,
        kind: FileKind,
        sample: crate::simulator::Sample,
        caption: &str,
        number: &str,
        now: Timestamp,
    ) -> (String, Value) {
        let (name, voice) = (sample.name.clone(), kind == FileKind::Voice);
        let field = match kind {
            FileKind::Photo => "image",
            FileKind::Video | FileKind::VideoNote | FileKind::Animation => "video",
            FileKind::Audio | FileKind::Voice => "audio",
            FileKind::Sticker => "sticker",
            FileKind::Document => "document",
        };
        let id = self.keep_media(number, sample.mime, sample.bytes, now);
        let media = &self.media[&id];
        let mut about = json!({"mime_type": media.mime, "sha256": media.sha256(), "id": id});
        if !caption.is_empty() {
            about["caption"] = caption.into();
        }
        match kind {
            FileKind::Audio | FileKind::Voice => about["voice"] = voice.into(),
            FileKind::Sticker => about["animated"] = false.into(),
            FileKind::Document => about["filename"] = name.into(),
            _ => {}
        }
        (field.to_owned(), about)
    }

    pub(super) fn keep(&mut self, id: &str, (number, who): (&str, Who), ours: bool, kind: &str) {
        let place = self.serial();
        let message = Message {
            number: number.to_owned(),
            who,
            ours,
            kind: kind.to_owned(),
            voice: false,
            stage: Stage::Failed,
            opaque: String::new(),
            place,
        };
        self.messages.insert(id.to_owned(), message);
    }

    /// The messages of the business's that were delivered and not read, oldest first.
    fn unread(&self, number: &str, who: Who) -> Vec<String> {
        self.ours(|message| message.who == who && message.number == number && message.stage == Stage::Delivered)
    }

    /// The messages of the business's that wait for the person's phone, oldest first.
    fn waiting(&self, who: Who) -> Vec<String> {
        self.ours(|message| message.who == who && message.stage == Stage::Sent)
    }

    fn ours(&self, which: impl Fn(&Message) -> bool) -> Vec<String> {
        let mut found: Vec<(u64, String)> = self
            .messages
            .iter()
            .filter(|(_, message)| message.ours && which(message))
            .map(|(id, message)| (message.place, id.clone()))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).collect()
    }
}

fn without_nulls(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    value
}
