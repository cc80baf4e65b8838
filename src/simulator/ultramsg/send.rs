//! What goes into the gateway's queue, and what comes out of it when the phone is there.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Value, json};

use super::world::{Kept, Queued, State};
use super::{Received, Who};
use crate::domain::time::Timestamp;
use crate::simulator::ledger::{Act, Parcel};

/// The longest text.
const TEXT_LIMIT: usize = 4_096;
/// The longest caption.
const CAPTION_LIMIT: usize = 1_024;
/// The longest file in base64.
const BASE64_LIMIT: usize = 10_000_000;

/// A message's parameters.
pub(super) type Params = BTreeMap<String, String>;

impl State {
    /// `POST messages/{kind}`: queued, or an error.
    pub(super) fn enqueue(&mut self, kind: &str, params: &Params, now: Timestamp) -> Value {
        let queued = match check(kind, params, now) {
            Ok(queued) => queued,
            Err(error) => return error,
        };
        let id = self.queue.keys().next_back().map_or(1, |last| last + 1);
        self.queue.insert(id, queued);
        self.pump(now);
        json!({"sent": "true", "message": "ok", "id": id})
    }

    /// Sends what waits, if the phone is there: the lowest priority number first, then the oldest.
    pub(super) fn pump(&mut self, now: Timestamp) {
        if !self.connected {
            return;
        }
        let mut waiting: Vec<(u64, u64)> =
            self.queue.iter().filter(|(_, queued)| queued.status == "queue").map(|(id, queued)| (queued.priority, *id)).collect();
        waiting.sort_unstable();
        for (_, id) in waiting {
            self.send(id, now);
        }
    }

    fn send(&mut self, id: u64, now: Timestamp) {
        let Some(queued) = self.queue.get(&id).cloned() else { return };
        let who = self.find(&queued.to);
        if let Some(queued) = self.queue.get_mut(&id) {
            queued.status = if who.is_some() { "sent" } else { "invalid" };
            queued.sent_at = Some(now);
        }
        let Some(who) = who else { return };
        let jid = self.jid(who);
        let message = self.message_id(true, &jid);
        let mut data = json!({
            "id": message, "from": self.own_jid(), "to": jid, "author": "", "pushname": "", "ack": "", "type": queued.kind,
            "body": queued.text, "media": queued.media, "fromMe": true, "self": false, "isForwarded": false, "isMentioned": false,
            "quotedMsg": {}, "mentionedIds": [], "time": now.secs(),
        });
        if !queued.quoted.is_empty() {
            data["quotedMsg"] = json!({"id": queued.quoted});
        }
        self.messages.push(Kept { who, ours: true, queued: id, reference: queued.reference.clone(), ack: 0, data: data.clone() });
        self.ledger.received.push(Received {
            who,
            act: Act::Message,
            id: message.clone(),
            queued: id,
            reference: queued.reference.clone(),
            kind: queued.kind.to_owned(),
            text: queued.text,
            file: queued.file,
        });
        self.tell("message_create", &queued.reference, id, &data);
        self.acknowledge(&message, 1);
        if self.people.get(who.0).is_some_and(|customer| !customer.away) {
            self.acknowledge(&message, 2);
        }
    }

    /// A message of ours came that far; told unless it was already further.
    pub(super) fn acknowledge(&mut self, message: &str, ack: u8) {
        let Some(kept) = self.messages.iter_mut().find(|kept| kept.ours && kept.data["id"] == message && kept.ack < ack) else { return };
        let name = ["pending", "server", "device", "read", "played"][usize::from(ack)];
        kept.ack = ack;
        kept.data["ack"] = name.into();
        let Kept { data, reference, queued, .. } = kept.clone();
        if let Some(queued) = self.queue.get_mut(&queued) {
            queued.ack = name;
        }
        self.tell("message_ack", &reference, queued, &data);
    }

    /// What was reacted to, by us.
    pub(super) fn react(&mut self, params: &Params) -> Value {
        let (Some(message), Some(emoji)) = (params.get("msgId"), params.get("emoji")) else {
            return json!({"error": [{"msgId": "is required"}, {"emoji": "is required"}]});
        };
        let Some(who) = self.messages.iter().find(|kept| kept.data["id"] == **message).map(|kept| kept.who) else {
            return json!({"error": "msgId not found"});
        };
        self.ledger.received.push(plain(who, Act::Reaction, message, emoji));
        json!({"success": "reaction sent"})
    }

    /// The chat was read, by us.
    pub(super) fn read_chat(&mut self, params: &Params) -> Value {
        match params.get("chatId").and_then(|chat| self.find(chat)) {
            Some(who) => {
                self.ledger.received.push(plain(who, Act::Read, "", ""));
                json!({"success": "done"})
            }
            None => json!({"error": [{"chatId": "is invalid"}]}),
        }
    }
}

fn plain(who: Who, act: Act, id: &str, text: &str) -> Received {
    let (id, text) = (id.to_owned(), text.to_owned());
    Received { who, act, id, queued: 0, reference: String::new(), kind: String::new(), text, file: None }
}

fn check(kind: &str, params: &Params, now: Timestamp) -> Result<Queued, Value> {
    let given = |name: &str| params.get(name).map(String::as_str).filter(|value| !value.is_empty());
    // One thing missing is told of in a list, as everything else about parameters.
    let wrong = |name: &str, problem: &str| Err(json!({"error": [{ name: problem }]}));
    let Some(to) = given("to") else { return wrong("to", "is required") };
    let jid = to.ends_with("@c.us") || to.ends_with("@g.us") || to.ends_with("@lid");
    if !jid && !(7..=15).contains(&to.chars().filter(char::is_ascii_digit).count()) {
        return wrong("to", "wrong number");
    }
    // The field that carries the message, and the type webhooks call it.
    let (field, name) = match kind {
        "chat" => ("body", "chat"),
        "image" => ("image", "image"),
        "document" => ("document", "document"),
        "audio" => ("audio", "audio"),
        "voice" => ("audio", "ptt"),
        "video" => ("video", "video"),
        "sticker" => ("sticker", "sticker"),
        "location" => ("address", "location"),
        "vcard" => ("vcard", "vcard"),
        "contact" => ("contact", "vcard"),
        "link" => ("link", "chat"),
        _ => return Err(json!({"error": "path not found"})),
    };
    let Some(content) = given(field) else { return wrong(field, "is required") };
    let mut queued = Queued {
        to: to.to_owned(),
        kind: name,
        text: String::new(),
        file: None,
        media: String::new(),
        quoted: given("msgId").unwrap_or_default().to_owned(),
        priority: given("priority").and_then(|priority| priority.parse().ok()).unwrap_or(10),
        reference: given("referenceId").unwrap_or_default().to_owned(),
        status: "queue",
        ack: "pending",
        at: now,
        sent_at: None,
    };
    match kind {
        "chat" | "link" | "vcard" | "contact" => {
            if content.chars().count() > TEXT_LIMIT {
                return wrong(field, "max length is 4096 characters");
            }
            content.clone_into(&mut queued.text);
        }
        "location" => {
            let degrees =
                |name: &str, most: f64| given(name).and_then(|value| value.parse::<f64>().ok()).filter(|value| value.abs() <= most);
            let (Some(lat), Some(lng)) = (degrees("lat", 90.0), degrees("lng", 180.0)) else { return wrong("lat", "is required") };
            content.clone_into(&mut queued.text);
            queued.media = format!("{lat},{lng}");
        }
        _ => {
            let caption = given("caption").unwrap_or_default();
            if caption.chars().count() > CAPTION_LIMIT {
                return wrong("caption", "max length is 1024 characters");
            }
            caption.clone_into(&mut queued.text);
            let file = given("filename").unwrap_or_default();
            if kind == "document" && file.is_empty() {
                return wrong("filename", "is required");
            }
            if content.starts_with("http://") || content.starts_with("https://") {
                content.clone_into(&mut queued.media);
            } else if content.len() > BASE64_LIMIT {
                return wrong(field, "max length is 10000000 characters");
            } else if let Some((mime, bytes)) = decode(content) {
                queued.file = Some(Parcel { name: file.to_owned(), mime, bytes });
            } else {
                return wrong(field, "is not a valid URL or base64");
            }
        }
    }
    Ok(queued)
}

/// A file in base64, bare or as a `data:` address; padding may be missing.
fn decode(text: &str) -> Option<(String, Bytes)> {
    let (mime, data) = match text.strip_prefix("data:") {
        Some(rest) => rest.split_once(";base64,")?,
        None => ("application/octet-stream", text),
    };
    let mut bytes = Vec::with_capacity(data.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in data.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    (!bytes.is_empty()).then(|| (mime.to_owned(), Bytes::from(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_with_and_without_padding_and_a_type() {
        assert_eq!(decode("aGk=").unwrap().1, &b"hi"[..]);
        assert_eq!(decode("aGkh").unwrap().1, &b"hi!"[..]);
        assert_eq!(decode("data:image/png;base64,aGk").unwrap(), ("image/png".to_owned(), Bytes::from_static(b"hi")));
        assert!(decode("not base64!").is_none());
    }
}
