//! `POST /{phone-number-id}/messages`: what a message must look like, whom it reaches, and what is said about it afterwards.

use serde_json::{Map, Value, json};

use super::http::ApiError;
use super::ledger::Received;
use super::world::{Stage, State};
use super::{Refusal, Who, media, template};
use crate::domain::time::Timestamp;
use crate::simulator::ledger::{Act, Parcel};

/// The longest text.
const TEXT_LIMIT: usize = 4_096;
/// The longest caption.
const CAPTION_LIMIT: usize = 1_024;
/// What the business may have said back to it with each status.
const OPAQUE_LIMIT: usize = 512;

/// One request.
#[derive(Debug)]
pub(super) struct Sending<'a> {
    /// From which number, by phone number id.
    pub(super) number: &'a str,
    pub(super) body: &'a Value,
    /// Whether the business will get the true answer.
    pub(super) answered: bool,
    pub(super) now: Timestamp,
}

/// A message whose shape is right.
#[derive(Debug, Default)]
struct Checked {
    kind: String,
    text: String,
    reply_to: Option<String>,
    file: Option<Parcel>,
    voice: bool,
    /// It may leave though the window is closed.
    template: bool,
    marketing: bool,
    opaque: String,
    /// What is found wrong only later.
    late: Option<(i64, String)>,
}

/// Carries out one request.
pub(super) fn take(state: &mut State, sending: &Sending<'_>) -> Result<Value, ApiError> {
    let body = sending.body;
    match body["messaging_product"].as_str() {
        Some("whatsapp") => {}
        None => return Err(ApiError::parameter("(#100) The parameter messaging_product is required.")),
        Some(_) => return Err(ApiError::parameter("(#100) Param messaging_product must be one of {WHATSAPP}")),
    }
    if !body["status"].is_null() {
        return mark_read(state, sending);
    }
    let to = address(body)?;
    let checked = check(state, sending)?;
    if let Some(limits) = state.rules.limits {
        let number = sending.number.to_owned();
        if !state.take((number.clone(), None), 1.0 / limits.per_number, limits.per_number) {
            return Err(ApiError::coded(130_429, "Cloud API message throughput has been reached."));
        }
        if let Some(who) = state.find(&to)
            && !state.take((number, Some(who)), limits.pair_every, limits.pair_burst)
        {
            let details = "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.";
            return Err(ApiError::coded(131_056, details));
        }
    }
    deliver(state, sending, &to, checked)
}

/// Whom the message is for: digits, or an id for this portfolio. A number wins over an id.
fn address(body: &Value) -> Result<String, ApiError> {
    if !matches!(body["recipient_type"].as_str(), None | Some("individual")) {
        return Err(ApiError::parameter("(#100) Param recipient_type must be one of {INDIVIDUAL}"));
    }
    if let Some(to) = body["to"].as_str().filter(|to| !to.is_empty()) {
        let digits: String = to.chars().filter(char::is_ascii_digit).collect();
        let others = to.chars().any(|c| !c.is_ascii_digit() && !matches!(c, '+' | '-' | ' ' | '(' | ')'));
        if others || !(7..=15).contains(&digits.len()) {
            return Err(ApiError::value("Param to is not a valid phone number"));
        }
        return Ok(to.to_owned());
    }
    let recipient = body["recipient"].as_str().filter(|recipient| !recipient.is_empty());
    let recipient = recipient.ok_or_else(|| ApiError::parameter("(#100) The parameter to is required."))?;
    let fine = recipient.split_once('.').is_some_and(|(country, rest)| {
        country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()) && !rest.is_empty() && rest.len() <= 132
    });
    if fine { Ok(recipient.to_owned()) } else { Err(ApiError::value("Param recipient is not a valid business-scoped user ID")) }
}

/// Marks a person's message as read, and all before it; perhaps shows that somebody is typing.
fn mark_read(state: &mut State, sending: &Sending<'_>) -> Result<Value, ApiError> {
    let body = sending.body;
    if body["status"] != "read" {
        return Err(ApiError::parameter("(#100) Param status must be one of {READ}"));
    }
    let id = body["message_id"].as_str().ok_or_else(|| ApiError::parameter("(#100) The parameter message_id is required."))?;
    let who = state.messages.get(id).filter(|message| !message.ours && message.number == sending.number).map(|message| message.who);
    let who = who.ok_or_else(|| ApiError::value("Message ID is not one of a message this number received"))?;
    let typing = &body["typing_indicator"];
    if !typing.is_null() && typing["type"] != "text" {
        return Err(ApiError::parameter("(#100) Param typing_indicator['type'] must be one of {TEXT}"));
    }
    let mut acts = vec![Act::Read];
    if !typing.is_null() {
        acts.push(Act::Typing);
    }
    for act in acts {
        state.ledger.received.push(Received {
            number: sending.number.to_owned(),
            who,
            act,
            id: id.to_owned(),
            kind: String::new(),
            text: String::new(),
            reply_to: None,
            file: None,
            request: body.clone(),
            answered: sending.answered,
            at: sending.now,
        });
    }
    Ok(json!({"success": true}))
}

fn check(state: &State, sending: &Sending<'_>) -> Result<Checked, ApiError> {
    let body = sending.body;
    let kind = body["type"].as_str().unwrap_or("text").to_owned();
    let mut checked = Checked { kind: kind.clone(), ..Checked::default() };
    if let Some(opaque) = body["biz_opaque_callback_data"].as_str() {
        if opaque.chars().count() > OPAQUE_LIMIT {
            return Err(too_long("biz_opaque_callback_data", OPAQUE_LIMIT));
        }
        opaque.clone_into(&mut checked.opaque);
    }
    if let Some(context) = body.get("context").filter(|context| !context.is_null()) {
        let target = context["message_id"].as_str().ok_or_else(|| ApiError::missing("context.message_id is required"))?;
        if !target.starts_with("wamid.") {
            return Err(ApiError::value("context.message_id is not a valid message ID"));
        }
        checked.reply_to = Some(target.to_owned());
    }
    let known = ["text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction", "interactive", "template"];
    if !known.contains(&kind.as_str()) {
        return Err(ApiError::coded(131_051, &format!("Unsupported message type: {kind}")));
    }
    let content = &body[kind.as_str()];
    if content.is_null() {
        return Err(ApiError::missing(&format!("The parameter {kind} is required.")));
    }
    if kind == "contacts" {
        let named = |card: &Value| card["name"]["formatted_name"].is_string();
        let cards = content.as_array().filter(|cards| !cards.is_empty()).ok_or_else(|| ApiError::missing("contacts needs a card"))?;
        return if cards.iter().all(named) {
            Ok(checked)
        } else {
            Err(ApiError::missing("contacts['0']['name']['formatted_name'] is required"))
        };
    }
    let Some(fields) = content.as_object() else { return Err(ApiError::parameter(&format!("(#100) Param {kind} must be a JSON object."))) };
    match kind.as_str() {
        "text" => {
            keys(fields, "text", &["body", "preview_url"])?;
            checked.text = words(fields, "text", "body", TEXT_LIMIT)?.ok_or_else(|| ApiError::missing("text['body'] is required"))?;
            if checked.text.trim().is_empty() {
                return Err(ApiError::parameter("(#100) Param text['body'] must be a non-empty string."));
            }
            if fields.get("preview_url").is_some_and(|preview| !preview.is_boolean()) {
                return Err(ApiError::parameter("(#100) Param text['preview_url'] must be a boolean."));
            }
        }
        "location" => {
            keys(fields, "location", &["latitude", "longitude", "name", "address"])?;
            for (field, most) in [("latitude", 90.0), ("longitude", 180.0)] {
                let value = fields.get(field).ok_or_else(|| ApiError::missing(&format!("location['{field}'] is required")))?;
                let degrees = value.as_f64().or_else(|| value.as_str()?.parse().ok());
                if degrees.is_none_or(|degrees: f64| degrees.abs() > most) {
                    return Err(ApiError::parameter(&format!("(#100) Param location['{field}'] must be a number within range.")));
                }
            }
            checked.text = words(fields, "location", "name", 1_000)?.unwrap_or_default();
        }
        "reaction" => {
            keys(fields, "reaction", &["message_id", "emoji"])?;
            let target =
                words(fields, "reaction", "message_id", 1_000)?.ok_or_else(|| ApiError::missing("reaction['message_id'] is required"))?;
            checked.text = words(fields, "reaction", "emoji", 64)?.ok_or_else(|| ApiError::missing("reaction['emoji'] is required"))?;
            if !state.messages.get(&target).is_some_and(|message| message.number == sending.number && message.kind != "reaction") {
                checked.late = Some((131_009, "The message to react to was not found".to_owned()));
            }
            checked.reply_to = Some(target);
        }
        "interactive" => {
            let body = &content["body"]["text"];
            if !content["type"].is_string() || !content["action"].is_object() {
                return Err(ApiError::missing("interactive['type'] and interactive['action'] are required"));
            }
            body.as_str().unwrap_or_default().clone_into(&mut checked.text);
            if checked.text.chars().count() > CAPTION_LIMIT {
                return Err(too_long("interactive['body']['text']", CAPTION_LIMIT));
            }
        }
        "template" => {
            let business = state.numbers.get(sending.number).map(|number| number.business.clone()).unwrap_or_default();
            let templates = state.templates.get(&business).map(Vec::as_slice).unwrap_or_default();
            let filled = template::fill(templates, content, &|media| state.file(sending.number, media))?;
            checked.template = true;
            (checked.text, checked.marketing, checked.file) = (filled.text, filled.marketing, filled.file);
        }
        _ => file(state, sending, &kind, fields, &mut checked)?,
    }
    Ok(checked)
}

fn file(state: &State, sending: &Sending<'_>, kind: &str, fields: &Map<String, Value>, checked: &mut Checked) -> Result<(), ApiError> {
    let allowed: &[&str] = match kind {
        "document" => &["id", "link", "caption", "filename"],
        "audio" => &["id", "link", "voice"],
        "sticker" => &["id", "link"],
        _ => &["id", "link", "caption"],
    };
    keys(fields, kind, allowed)?;
    checked.text = words(fields, kind, "caption", CAPTION_LIMIT)?.unwrap_or_default();
    checked.voice = fields.get("voice") == Some(&Value::Bool(true));
    let name = words(fields, kind, "filename", 240)?.unwrap_or_default();
    match (words(fields, kind, "id", 1_000)?, words(fields, kind, "link", 2_048)?) {
        (Some(id), None) => {
            let mut parcel = state.file(sending.number, &id).ok_or_else(|| {
                ApiError::parameter(&format!("(#100) Param {kind}['id'] is not a valid whatsapp business account media attachment ID"))
            })?;
            if !media::fits(kind, &parcel.mime) {
                checked.late = Some((131_053, format!("Unsupported media type {} for {kind}", parcel.mime)));
            }
            parcel.name = name;
            checked.file = Some(parcel);
        }
        (None, Some(link)) if link.starts_with("https://") || link.starts_with("http://") => {}
        (None, Some(_)) => return Err(ApiError::parameter(&format!("(#100) Param {kind}['link'] must be a valid URL."))),
        (Some(_), Some(_)) => {
            return Err(ApiError::parameter(&format!("(#100) Only one of {kind}['id'] and {kind}['link'] may be given.")));
        }
        (None, None) => return Err(ApiError::missing(&format!("{kind}['id'] or {kind}['link'] is required"))),
    }
    Ok(())
}

/// Accepts the message; it arrives, or a status says why not.
fn deliver(state: &mut State, sending: &Sending<'_>, to: &str, checked: Checked) -> Result<Value, ApiError> {
    let now = sending.now;
    let who = state.find(to);
    let failure = checked.late.clone().or_else(|| obstacle(state, sending, who, &checked));
    if let Some((code, details)) = &failure
        && state.rules.refusal == Refusal::AtOnce
        && matches!(code, 131_026 | 131_047)
    {
        return Err(ApiError::coded(*code, details));
    }
    let id = state.wamid();
    let answer = answer(state, to, who, &id);
    let Some(who) = who else {
        let digits: String = to.chars().filter(char::is_ascii_digit).collect();
        state.tell_nobody(sending.number, &id, &digits, now, (131_026, "Message undeliverable."));
        return Ok(answer);
    };
    state.keep(&id, (sending.number, who), true, &checked.kind);
    if let Some(message) = state.messages.get_mut(&id) {
        message.voice = checked.voice;
        checked.opaque.clone_into(&mut message.opaque);
    }
    if let Some((code, details)) = failure {
        state.tell_status(&id, "failed", now, Some((code, &details)));
        return Ok(answer);
    }
    state.ledger.received.push(Received {
        number: sending.number.to_owned(),
        who,
        act: if checked.kind == "reaction" { Act::Reaction } else { Act::Message },
        id: id.clone(),
        kind: checked.kind,
        text: checked.text,
        reply_to: checked.reply_to,
        file: checked.file,
        request: sending.body.clone(),
        answered: sending.answered,
        at: now,
    });
    state.reach(&id, Stage::Sent, now);
    if state.person(who).is_some_and(|customer| !customer.away) {
        state.reach(&id, Stage::Delivered, now);
    }
    Ok(answer)
}

/// Why the message does not arrive.
fn obstacle(state: &State, sending: &Sending<'_>, who: Option<Who>, checked: &Checked) -> Option<(i64, String)> {
    let unreachable = || (131_026, "Message undeliverable.".to_owned());
    let Some((who, customer)) = who.and_then(|who| Some((who, state.person(who)?))) else { return Some(unreachable()) };
    if customer.blocked {
        return Some(unreachable());
    }
    if checked.marketing && customer.opted_out {
        return Some((
            131_050,
            "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp from your business."
                .to_owned(),
        ));
    }
    if checked.marketing && customer.capped {
        return Some((131_049, "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.".to_owned()));
    }
    if !checked.template && !state.is_open(sending.number, who, sending.now) {
        let details = "Message failed to send because more than 24 hours have passed since the customer last replied to this number.";
        return Some((131_047, details.to_owned()));
    }
    None
}

fn answer(state: &State, to: &str, who: Option<Who>, id: &str) -> Value {
    let mut contact = json!({"input": to});
    match who.and_then(|who| state.person(who)).map(|customer| &customer.person) {
        Some(person) => {
            if !person.hides_phone {
                contact["wa_id"] = person.phone.clone().into();
            }
            if !person.user_id.is_empty() {
                contact["user_id"] = person.user_id.clone().into();
            }
        }
        None => contact["wa_id"] = to.chars().filter(char::is_ascii_digit).collect::<String>().into(),
    }
    json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": id}]})
}

impl State {
    /// A file of that number's, as a customer gets it.
    fn file(&self, number: &str, id: &str) -> Option<Parcel> {
        let media = self.media.get(id).filter(|media| media.number == number)?;
        Some(Parcel { name: String::new(), mime: media.mime.clone(), bytes: media.bytes.clone() })
    }
}

fn keys(fields: &Map<String, Value>, param: &str, allowed: &[&str]) -> Result<(), ApiError> {
    match fields.keys().find(|key| !allowed.contains(&key.as_str())) {
        Some(key) => Err(ApiError::parameter(&format!("(#100) Unexpected key \"{key}\" on param \"{param}\"."))),
        None => Ok(()),
    }
}

fn words(fields: &Map<String, Value>, param: &str, key: &str, most: usize) -> Result<Option<String>, ApiError> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= most => Ok(Some(text.clone())),
        Some(Value::String(_)) => Err(too_long(&format!("{param}['{key}']"), most)),
        Some(_) => Err(ApiError::parameter(&format!("(#100) Param {param}['{key}'] must be a string."))),
    }
}

fn too_long(param: &str, most: usize) -> ApiError {
    ApiError::parameter(&format!("(#100) Param {param} must be at most {most} characters long."))
}
