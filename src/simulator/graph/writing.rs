//! What a customer can write, as plain data.

use serde_json::{Map, Value, json};

use crate::domain::attachment::FileKind;
use crate::domain::time::Timestamp;
use crate::simulator::files::Sample;

/// One message to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Writing {
    /// What it says or carries.
    pub content: Content,
    /// The id of the message it answers.
    pub reply_to: Option<String>,
    /// It was first written to somebody else.
    pub forwarded: bool,
    /// When it was written, if not now.
    pub at: Option<Timestamp>,
    /// Fields of the message that the rest of this does not make (`referral`, anything newer than this program).
    pub extra: Map<String, Value>,
}

/// What a message says or carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Words.
    Text(String),
    /// A file with a caption, which may be empty.
    File(FileKind, Sample, String),
    /// Anything else: the message's type, and what stands under that name; nothing does when it is null.
    Fields(String, Value),
}

impl Content {
    /// A place on the map, by degrees north and east.
    pub fn location(latitude: f64, longitude: f64, name: &str, address: &str) -> Self {
        let mut place = json!({"latitude": latitude, "longitude": longitude});
        for (field, value) in [("name", name), ("address", address)] {
            if !value.is_empty() {
                place[field] = value.into();
            }
        }
        Self::Fields("location".to_owned(), place)
    }

    /// A contact card.
    pub fn contact(name: &str, phone: &str) -> Self {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        let card = json!([{
            "name": {"formatted_name": name, "first_name": name},
            "phones": [{"phone": phone, "wa_id": digits, "type": "CELL"}],
        }]);
        Self::Fields("contacts".to_owned(), card)
    }

    /// A template's quick-reply button, pressed.
    pub fn button(text: &str, payload: &str) -> Self {
        Self::Fields("button".to_owned(), json!({"text": text, "payload": payload}))
    }

    /// A reply button of an interactive message, pressed.
    pub fn reply_button(id: &str, title: &str) -> Self {
        let pressed = json!({"type": "button_reply", "button_reply": {"id": id, "title": title}});
        Self::Fields("interactive".to_owned(), pressed)
    }

    /// A row of a list, chosen.
    pub fn list_row(id: &str, title: &str, description: &str) -> Self {
        let chosen = json!({"type": "list_reply", "list_reply": {"id": id, "title": title, "description": description}});
        Self::Fields("interactive".to_owned(), chosen)
    }

    /// A flow's form, filled in.
    pub fn flow(answers: &Value) -> Self {
        let form = json!({"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": answers.to_string()}});
        Self::Fields("interactive".to_owned(), form)
    }

    /// Goods of a catalogue, ordered: what, how many, at what price.
    pub fn order(note: &str, items: &[(&str, u32, f64)]) -> Self {
        let items: Value = items
            .iter()
            .map(|(id, count, price)| json!({"product_retailer_id": id, "quantity": count, "item_price": price, "currency": "EUR"}))
            .collect();
        Self::Fields("order".to_owned(), json!({"catalog_id": "1190000000000001", "text": note, "product_items": items}))
    }

    /// Something the provider itself cannot pass on.
    pub fn unsupported() -> Self {
        Self::Fields("unsupported".to_owned(), Value::Null)
    }
}

impl Writing {
    /// A message with that content.
    pub fn new(content: Content) -> Self {
        Self { content, reply_to: None, forwarded: false, at: None, extra: Map::new() }
    }

    /// The same, as an answer to that message.
    #[must_use]
    pub fn replying_to(mut self, message: &str) -> Self {
        self.reply_to = Some(message.to_owned());
        self
    }

    /// The same, written at another time.
    #[must_use]
    pub fn dated(mut self, at: Timestamp) -> Self {
        self.at = Some(at);
        self
    }

    /// The same, first written to somebody else.
    #[must_use]
    pub fn forwarded(mut self) -> Self {
        self.forwarded = true;
        self
    }

    /// The same, with another field.
    #[must_use]
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.extra.insert(field.to_owned(), value);
        self
    }

    /// The words or the caption.
    pub(super) fn words(&self) -> &str {
        match &self.content {
            Content::Text(text) | Content::File(_, _, text) => text,
            Content::Fields(..) => "",
        }
    }
}

impl From<&str> for Writing {
    fn from(text: &str) -> Self {
        Self::new(Content::Text(text.to_owned()))
    }
}

impl From<String> for Writing {
    fn from(text: String) -> Self {
        Self::new(Content::Text(text))
    }
}

impl From<Content> for Writing {
    fn from(content: Content) -> Self {
        Self::new(content)
    }
}
