//! What a message says, as words and files, by its type.

use std::fmt::Write as _;

use serde_json::Value;

use super::api;
use crate::channel::json::{list, some, text, written};
use crate::domain::attachment::FileKind;
use crate::domain::inbound::InFile;
use crate::domain::message::Kind;

/// What stands in one message.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// What sort it is.
    pub kind: Kind,
    /// The words.
    pub text: String,
    /// The files.
    pub files: Vec<InFile>,
}

/// The content of a message, with what it says of where the customer came from and what they point at.
pub(super) fn content(message: &Value) -> Content {
    let mut content = by_type(message);
    for more in [product(message), referral(message)].into_iter().flatten() {
        let gap = if content.text.is_empty() { "" } else { "\n" };
        let _ = write!(content.text, "{gap}{more}");
    }
    content
}

fn by_type(message: &Value) -> Content {
    let kind = text(message, "type");
    let part = &message[kind];
    let said = |kind: Kind, text: String| Content { kind, text, files: Vec::new() };
    let found = match kind {
        "text" => Some(said(Kind::Text, text(part, "body").to_owned())).filter(|_| part["body"].is_string()),
        "image" | "video" | "audio" | "voice" | "document" | "sticker" => file(kind, part),
        "location" => location(part).map(|text| said(Kind::Location, text)),
        "contacts" => contacts(part).map(|text| said(Kind::Contact, text)),
        "interactive" => interactive(part).map(|text| said(Kind::Text, text)),
        "button" => {
            some(part, "text").or_else(|| some(part, "payload")).and_then(Value::as_str).map(|text| said(Kind::Text, text.to_owned()))
        }
        "order" => order(part).map(|text| said(Kind::Text, text)),
        "request_welcome" => Some(said(Kind::Service, "opened the chat for the first time".to_owned())),
        _ => None,
    };
    found.unwrap_or_else(|| said(Kind::Unsupported, unsupported(message)))
}

/// A message of a kind we do not know, that WhatsApp does not pass on, or that came without its content.
fn unsupported(message: &Value) -> String {
    let kind = text(message, "type");
    let inner = text(&message["unsupported"], "type");
    let what = match (kind, inner) {
        ("", _) => "of no kind",
        ("unsupported" | "unknown", "") => "of a kind WhatsApp does not pass on",
        ("unsupported" | "unknown", inner) => inner,
        (kind, _) => kind,
    };
    let mut said = format!("[unsupported: {what}]");
    for error in list(message, "errors") {
        let _ = write!(said, " {} ({})", api::words(error), written(error, "code"));
    }
    for name in ["body", "caption", "text"] {
        if let Some(words) = message[kind][name].as_str().filter(|words| !words.is_empty()) {
            let _ = write!(said, " {words}");
        }
    }
    said
}

fn file(kind: &str, part: &Value) -> Option<Content> {
    let reference = written(part, "id");
    if reference.is_empty() {
        return None;
    }
    let kind = match kind {
        "image" => FileKind::Photo,
        "video" => FileKind::Video,
        "voice" => FileKind::Voice,
        "audio" if part["voice"] == true => FileKind::Voice,
        "audio" => FileKind::Audio,
        "sticker" => FileKind::Sticker,
        _ => FileKind::Document,
    };
    let file = InFile {
        kind,
        reference,
        name: text(part, "filename").to_owned(),
        mime: text(part, "mime_type").to_owned(),
        size: part["file_size"].as_u64(),
        seconds: None,
    };
    let once = if part["view_once"] == true { "[to be seen once] " } else { "" };
    Some(Content { kind: Kind::File, text: format!("{once}{}", text(part, "caption")).trim_end().to_owned(), files: vec![file] })
}

fn location(part: &Value) -> Option<String> {
    let degrees = |name: &str| part[name].as_f64().or_else(|| part[name].as_str()?.trim().parse().ok());
    let (latitude, longitude) = (degrees("latitude")?, degrees("longitude")?);
    let place = [text(part, "name"), text(part, "address"), text(part, "url")];
    let place = place.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(", ");
    let place = if place.is_empty() { place } else { format!(" {place}") };
    Some(format!("[location] {latitude}, {longitude}{place}"))
}

/// Contact cards as lines a person reads: name, company, numbers, addresses.
fn contacts(part: &Value) -> Option<String> {
    let cards = part.as_array()?;
    let lines: Vec<String> = cards.iter().map(card).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn card(card: &Value) -> String {
    let name = match (text(&card["name"], "formatted_name"), text(&card["name"], "first_name")) {
        ("", "") => vcard_name(text(card, "vcard")),
        ("", first) => format!("{first} {}", text(&card["name"], "last_name")).trim_end().to_owned(),
        (full, _) => full.to_owned(),
    };
    let mut words = vec![name, [text(&card["org"], "title"), text(&card["org"], "company")].join(" ").trim().to_owned()];
    for phone in list(card, "phones") {
        let number = some(phone, "phone").or_else(|| some(phone, "wa_id")).and_then(Value::as_str).unwrap_or_default();
        words.push(labelled(number, text(phone, "type")));
    }
    for email in list(card, "emails") {
        words.push(labelled(text(email, "email"), text(email, "type")));
    }
    for url in list(card, "urls") {
        words.push(text(url, "url").to_owned());
    }
    for address in list(card, "addresses") {
        let parts = ["street", "city", "state", "zip", "country"].map(|name| text(address, name));
        words.push(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "));
    }
    words.push(text(card, "birthday").to_owned());
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    format!("[contact] {}", words.join(", "))
}

/// The name of a card that only comes as a vCard.
fn vcard_name(vcard: &str) -> String {
    let line =
        vcard.lines().find_map(|line| line.strip_prefix("FN:").or_else(|| line.strip_prefix("FN;")?.split_once(':').map(|(_, name)| name)));
    line.unwrap_or_default().trim().to_owned()
}

fn labelled(value: &str, label: &str) -> String {
    if label.is_empty() || value.is_empty() { value.to_owned() } else { format!("{value} ({})", label.to_lowercase()) }
}

/// What they chose or filled in.
fn interactive(part: &Value) -> Option<String> {
    let reply = |name: &str| some(part, name);
    if let Some(reply) = reply("button_reply") {
        return some(reply, "title").or_else(|| some(reply, "id")).and_then(Value::as_str).map(str::to_owned);
    }
    if let Some(reply) = reply("list_reply") {
        let title = some(reply, "title").or_else(|| some(reply, "id")).and_then(Value::as_str)?;
        let more = text(reply, "description");
        return Some(if more.is_empty() { title.to_owned() } else { format!("{title} ({more})") });
    }
    let form = reply("nfm_reply")?;
    let mut said =
        format!("[form] {}", [text(form, "body"), text(form, "name")].into_iter().find(|words| !words.is_empty()).unwrap_or("filled in"));
    let fields: Value = match &form["response_json"] {
        Value::String(json) => serde_json::from_str(json).unwrap_or_else(|_| Value::String(json.clone())),
        other => other.clone(),
    };
    match fields {
        Value::Object(fields) => {
            // The token is the form's own business.
            for (name, value) in fields.iter().filter(|(name, _)| *name != "flow_token") {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let _ = write!(said, "\n{name}: {value}");
            }
        }
        Value::Null => {}
        other => {
            let _ = write!(said, "\n{}", other.as_str().map_or_else(|| other.to_string(), str::to_owned));
        }
    }
    Some(said)
}

fn order(part: &Value) -> Option<String> {
    let items = part["product_items"].as_array()?;
    let mut said = "[order]".to_owned();
    if !text(part, "text").is_empty() {
        let _ = write!(said, " {}", text(part, "text"));
    }
    for item in items {
        let quantity = written(item, "quantity");
        let quantity = if quantity.is_empty() { "1" } else { &quantity };
        let _ = write!(said, "\n{quantity} × {}", written(item, "product_retailer_id"));
        let price = written(item, "item_price");
        if !price.is_empty() {
            let _ = write!(said, " at {price} {}", text(item, "currency"));
        }
    }
    Some(said.trim_end().to_owned())
}

/// The product of a catalogue that a question is about.
fn product(message: &Value) -> Option<String> {
    let product = some(&message["context"], "referred_product")?;
    Some(format!("[about the product {}]", written(product, "product_retailer_id")))
}

/// The advertisement or post that brought them here.
fn referral(message: &Value) -> Option<String> {
    let referral = some(message, "referral")?;
    let what = match text(referral, "source_type") {
        "" => "a link",
        "ad" => "an advertisement",
        "post" => "a post",
        other => other,
    };
    let told = [text(referral, "headline"), text(referral, "body"), text(referral, "source_url")];
    let told: Vec<&str> = told.into_iter().filter(|words| !words.is_empty()).collect();
    Some(format!("[came from {what}: {}]", told.join(", ")))
}
