//! What webhooks look like: one event or several in a request, signed, with everything that is not ASCII escaped as the provider does.

use std::fmt::Write as _;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::world::{Message, Stage, State};
use super::{Number, Who};
use crate::domain::time::Timestamp;
use crate::simulator::courier::Call;

/// Something to tell a business.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// By phone number id.
    pub(super) number: String,
    pub(super) field: &'static str,
    /// The list of the value it stands in (`messages`, `statuses`, `message_echoes`); empty when `item` is the whole value.
    pub(super) list: &'static str,
    pub(super) item: Value,
    /// Who it is about.
    pub(super) contact: Option<Value>,
}

impl State {
    /// The person as webhooks show them.
    pub(super) fn contact(&self, who: Who) -> Value {
        let Some(customer) = self.person(who) else { return Value::Null };
        let person = &customer.person;
        let mut contact = json!({"profile": {"name": person.name}});
        if !person.username.is_empty() {
            contact["profile"]["username"] = person.username.clone().into();
        }
        if !person.hides_phone {
            contact["wa_id"] = person.phone.clone().into();
        }
        if !person.user_id.is_empty() {
            contact["user_id"] = person.user_id.clone().into();
        }
        contact
    }

    /// Tells of a person's message.
    pub(super) fn tell_message(&mut self, number: &str, who: Who, mut item: Value, with_contact: bool) {
        if let Some(customer) = self.person(who) {
            if !customer.person.hides_phone {
                item["from"] = customer.person.phone.clone().into();
            }
            if !customer.person.user_id.is_empty() {
                item["from_user_id"] = customer.person.user_id.clone().into();
            }
        }
        let contact = with_contact.then(|| self.contact(who));
        self.bag.push(Event { number: number.to_owned(), field: "messages", list: "messages", item, contact });
    }

    /// Tells how far a message of the business's came.
    pub(super) fn tell_status(&mut self, id: &str, status: &str, at: Timestamp, error: Option<(i64, &str)>) {
        let Some(Message { number, who, opaque, .. }) = self.messages.get(id).cloned() else { return };
        let mut item = json!({"id": id, "status": status, "timestamp": at.secs().to_string()});
        let mut contact = None;
        if let Some(person) = self.person(who).map(|customer| customer.person.clone()) {
            if !person.hides_phone {
                item["recipient_id"] = person.phone.into();
            }
            if !person.user_id.is_empty() {
                item["recipient_user_id"] = person.user_id.into();
                contact = Some(self.contact(who));
            }
        }
        self.push_status(number, item, contact, &opaque, error);
    }

    /// Tells that a message to nobody this provider knows has failed.
    pub(super) fn tell_nobody(&mut self, number: &str, id: &str, to: &str, at: Timestamp, error: (i64, &str)) {
        let item = json!({"id": id, "status": "failed", "timestamp": at.secs().to_string(), "recipient_id": to});
        self.push_status(number.to_owned(), item, None, "", Some(error));
    }

    fn push_status(&mut self, number: String, mut item: Value, contact: Option<Value>, opaque: &str, error: Option<(i64, &str)>) {
        if !opaque.is_empty() {
            item["biz_opaque_callback_data"] = opaque.into();
        }
        match error {
            Some((code, details)) => {
                let title = title(code);
                item["errors"] = json!([{
                    "code": code, "title": title, "message": title, "error_data": {"details": details},
                    "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
                }]);
            }
            None => {
                item["pricing"] =
                    json!({"billable": false, "pricing_model": "PMP", "category": "service", "type": "free_customer_service"});
            }
        }
        self.bag.push(Event { number, field: "messages", list: "statuses", item, contact });
    }

    /// A message of the business's came that far; told unless it was already further.
    pub(super) fn reach(&mut self, id: &str, stage: Stage, at: Timestamp) {
        let Some(message) = self.messages.get_mut(id).filter(|message| message.ours && message.stage < stage) else { return };
        message.stage = stage;
        let status = match stage {
            Stage::Failed => "failed",
            Stage::Sent => "sent",
            Stage::Delivered => "delivered",
            Stage::Read => "read",
            Stage::Played => "played",
        };
        self.tell_status(id, status, at, None);
    }
}

/// What an error is called.
pub(super) const fn title(code: i64) -> &'static str {
    match code {
        130_429 => "Rate limit hit",
        131_008 => "Required parameter is missing",
        131_009 => "Parameter value is not valid",
        131_026 => "Message undeliverable",
        131_047 => "Re-engagement message",
        131_049 => "This message was not delivered to maintain healthy ecosystem engagement.",
        131_050 => "User has stopped receiving marketing messages from your business",
        131_051 => "Message type unknown",
        131_053 => "Media upload error",
        131_056 => "(Business Account, Consumer Account) pair rate limit hit",
        132_000 => "Number of parameters does not match the expected number of params",
        132_001 => "Template name does not exist in the translation",
        132_005 => "Translated text too long",
        132_012 => "Parameter format does not match format in the created template",
        132_015 => "Template is paused",
        132_016 => "Template is disabled",
        132_018 => "There's an issue with the parameters in your template",
        _ => "Something went wrong",
    }
}

/// The requests that tell of these events: those of one business together, in as many entries, changes and lists as chance puts them into.
pub(super) fn compose(state: &mut State, events: Vec<Event>) -> Vec<Call> {
    let mut calls: Vec<(Number, Vec<Value>)> = Vec::new();
    for event in events {
        // A number nobody registered for is told nothing, now or later.
        let Some(number) = state.numbers.get(&event.number).filter(|number| number.callback.is_some()).cloned() else { continue };
        let place = calls.iter().position(|(other, _)| other.business == number.business && other.callback == number.callback);
        let place = place.unwrap_or_else(|| {
            calls.push((number.clone(), Vec::new()));
            calls.len() - 1
        });
        let how = state.bag.rng.u8(0..4);
        add(&mut calls[place].1, &number, event, how);
    }
    calls.into_iter().filter_map(|(number, entries)| seal(&number, &entries)).collect()
}

fn add(entries: &mut Vec<Value>, number: &Number, event: Event, how: u8) {
    if how < 2
        && !event.list.is_empty()
        && let Some(value) = entries.last_mut().and_then(|entry| last_value(entry, event.field))
        && value["metadata"]["phone_number_id"] == *number.id
        && let Some(list) = value[event.list].as_array_mut()
    {
        list.push(event.item);
        if let (Some(contact), Some(contacts)) = (event.contact, value["contacts"].as_array_mut())
            && !contacts.contains(&contact)
        {
            contacts.push(contact);
        }
        return;
    }
    let value = if event.list.is_empty() {
        event.item
    } else {
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": number.phone, "phone_number_id": number.id},
            event.list: [event.item],
        });
        if let Some(contact) = event.contact {
            value["contacts"] = json!([contact]);
        }
        value
    };
    let change = json!({"value": value, "field": event.field});
    match entries.last_mut().and_then(|entry| entry["changes"].as_array_mut()).filter(|_| how < 3) {
        Some(changes) => changes.push(change),
        None => entries.push(json!({"id": number.business, "changes": [change]})),
    }
}

fn last_value<'a>(entry: &'a mut Value, field: &str) -> Option<&'a mut Value> {
    entry["changes"].as_array_mut()?.last_mut().filter(|change| change["field"] == field).map(|change| &mut change["value"])
}

fn seal(number: &Number, entries: &[Value]) -> Option<Call> {
    let url = number.callback.clone()?;
    let body = escape(&json!({"object": "whatsapp_business_account", "entry": entries}).to_string());
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", "facebookexternalua".to_owned()),
        ("x-hub-signature-256", format!("sha256={}", sign(number.app_secret.reveal(), body.as_bytes()))),
    ];
    Some(Call { url, headers, body: Bytes::from(body), tries: 0, repeated: false })
}

/// The hexadecimal HMAC-SHA256 of the bytes.
pub(super) fn sign(secret: &str, body: &[u8]) -> String {
    let mut hex = String::new();
    // HMAC takes keys of any length.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        mac.update(body);
        for byte in mac.finalize().into_bytes() {
            let _ = write!(hex, "{byte:02x}");
        }
    }
    hex
}

/// JSON in ASCII alone, with slashes escaped.
fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + json.len() / 4);
    for c in json.chars() {
        match c {
            '/' => escaped.push_str("\\/"),
            c if c.is_ascii() => escaped.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_json_says_the_same_in_ascii() {
        let value = json!({"text": "café \u{1f3be} 東京 a/b \"quoted\""});
        let escaped = escape(&value.to_string());
        assert!(escaped.is_ascii() && escaped.contains("\\u00e9") && escaped.contains("\\ud83c\\udfbe"), "{escaped}");
        assert_eq!(serde_json::from_str::<Value>(&escaped).unwrap(), value);
    }

    #[test]
    fn a_signature_is_that_of_rfc_4231() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sign("Jefe", b"what do ya want for nothing?"), expected);
    }
}
