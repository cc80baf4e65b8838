//! What customers can do: write, react, read, be away.

use serde_json::{Value, json};

use super::world::{Customer, Kept, State};
use super::{Person, UltraMsg, Who, Written};
use crate::domain::attachment::FileKind;
use crate::domain::time::Timestamp;
use crate::simulator::files::Sample;
use crate::simulator::ledger::Act;

impl UltraMsg {
    /// Somebody with WhatsApp.
    pub fn add_person(&self, person: Person) -> Who {
        self.shared.with(|state, _| {
            state.people.push(Customer { person, away: false });
            Who(state.people.len() - 1)
        })
    }

    /// Writes words; the message's id comes back.
    pub fn say(&self, who: Who, text: &str) -> String {
        self.shared.with(|state, now| state.write(who, "chat", text, &json!({}), now))
    }

    /// Answers a message; the answer's id comes back.
    pub fn reply(&self, who: Who, message: &str, text: &str) -> String {
        self.shared.with(|state, now| {
            let quoted = state.messages.iter().find(|kept| kept.data["id"] == message).map(|kept| kept.data.clone()).unwrap_or_default();
            let quoted = json!({"id": message, "type": quoted["type"], "body": quoted["body"]});
            state.write(who, "chat", text, &json!({"quotedMsg": quoted}), now)
        })
    }

    /// Sends a file with a caption, which may be empty.
    pub fn send_file(&self, who: Who, kind: FileKind, sample: Sample, caption: &str) -> String {
        self.shared.with(|state, now| {
            let name = match kind {
                FileKind::Photo => "image",
                FileKind::Video | FileKind::VideoNote | FileKind::Animation => "video",
                FileKind::Audio => "audio",
                FileKind::Voice => "ptt",
                FileKind::Sticker => "sticker",
                FileKind::Document => "document",
            };
            // Of a document the gateway gives the name where others have their caption.
            let body = if kind == FileKind::Document && caption.is_empty() { sample.name.clone() } else { caption.to_owned() };
            let media = state.keep_file(&sample.mime, sample.bytes);
            state.write(who, name, &body, &json!({"media": media}), now)
        })
    }

    /// Sends a place on the map.
    pub fn send_location(&self, who: Who, latitude: f64, longitude: f64, name: &str) -> String {
        self.shared.with(|state, now| {
            let place = json!({"location": {"latitude": latitude, "longitude": longitude, "description": name}});
            state.write(who, "location", name, &place, now)
        })
    }

    /// Writes anything: its type, its body and whatever other fields are to differ.
    pub fn write(&self, who: Who, kind: &str, body: &str, fields: &Value) -> String {
        self.shared.with(|state, now| state.write(who, kind, body, fields, now))
    }

    /// Reacts to a message, or takes the reaction back.
    pub fn react(&self, who: Who, message: &str, emoji: Option<&str>) {
        self.shared.with(|state, now| {
            let emoji = emoji.unwrap_or_default();
            let data = json!({
                "id": message, "from": state.jid(who), "to": state.own_jid(), "reaction": emoji, "fromMe": false, "time": now.secs(),
            });
            state.tell("message_reaction", "", 0, &data);
            let written = Written { who, act: Act::Reaction, id: message.to_owned(), text: emoji.to_owned() };
            state.ledger.written.push(written);
        });
    }

    /// Reads everything.
    pub fn read(&self, who: Who) {
        self.shared.with(|state, _| {
            for message in state.ours(who) {
                state.acknowledge(&message, 3);
            }
        });
    }

    /// Switches the person's phone off, or on: then what waits is delivered.
    pub fn set_away(&self, who: Who, away: bool) {
        self.shared.with(|state, _| {
            if let Some(customer) = state.people.get_mut(who.0) {
                customer.away = away;
            }
            if !away {
                for message in state.ours(who) {
                    state.acknowledge(&message, 2);
                }
            }
        });
    }

    /// The owner writes to the person from the phone itself.
    pub fn echo(&self, who: Who, text: &str) -> String {
        self.shared.with(|state, now| {
            let jid = state.jid(who);
            let id = state.message_id(true, &jid);
            let mut data = state.data(&id, "chat", text, now);
            (data["from"], data["to"], data["fromMe"]) = (state.own_jid().into(), jid.into(), true.into());
            state.messages.push(Kept { who, ours: true, queued: 0, reference: String::new(), ack: 1, data: data.clone() });
            state.tell("message_create", "", 0, &data);
            id
        })
    }
}

impl State {
    pub(super) fn write(&mut self, who: Who, kind: &str, body: &str, fields: &Value, now: Timestamp) -> String {
        let jid = self.jid(who);
        let id = self.message_id(false, &jid);
        let mut data = self.data(&id, kind, body, now);
        let name = self.people.get(who.0).map(|customer| customer.person.name.clone()).unwrap_or_default();
        (data["from"], data["to"], data["pushname"]) = (jid.into(), self.own_jid().into(), name.into());
        for (field, value) in fields.as_object().into_iter().flatten() {
            data[field.as_str()] = value.clone();
        }
        self.messages.push(Kept { who, ours: false, queued: 0, reference: String::new(), ack: 0, data: data.clone() });
        self.tell("message_received", "", 0, &data);
        self.ledger.written.push(Written { who, act: Act::Message, id: id.clone(), text: body.to_owned() });
        id
    }

    fn data(&self, id: &str, kind: &str, body: &str, now: Timestamp) -> Value {
        json!({
            "id": id, "from": "", "to": self.own_jid(), "author": "", "pushname": "", "ack": "", "type": kind, "body": body, "media": "",
            "fromMe": false, "self": false, "isForwarded": false, "isMentioned": false, "quotedMsg": {}, "mentionedIds": [], "time": now.secs(),
        })
    }

    /// The ids of what we wrote to that person, oldest first.
    fn ours(&self, who: Who) -> Vec<String> {
        let ours = self.messages.iter().filter(|kept| kept.ours && kept.who == who);
        ours.filter_map(|kept| kept.data["id"].as_str().map(str::to_owned)).collect()
    }
}
