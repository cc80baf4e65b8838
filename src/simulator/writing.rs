//! What a customer can write, as plain data, and the fields it becomes.

use serde_json::{Map, Value, json};

use super::files::{Files, Sample};
use crate::domain::attachment::FileKind;
use crate::domain::time::Timestamp;

/// One message to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Writing {
    /// What it says or carries.
    pub content: Content,
    /// The id of the message it answers.
    pub reply_to: Option<i64>,
    /// The part of that message it quotes; may be empty.
    pub quote: String,
    /// The name of whoever wrote it first; empty when it is not forwarded.
    pub forwarded_from: String,
    /// When it was written, if not now.
    pub at: Option<Timestamp>,
    /// Fields of the message that the rest of this does not make (entities, anything newer than this program).
    pub extra: Map<String, Value>,
}

/// What a message says or carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Words.
    Text(String),
    /// A file with a caption, which may be empty.
    File(FileKind, Sample, String),
    /// A place on the map: latitude and longitude in degrees.
    Location(f64, f64),
    /// A place with a name and an address.
    Venue {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// Its name.
        title: String,
        /// Its address.
        address: String,
    },
    /// A contact card.
    Contact {
        /// The number.
        phone: String,
        /// The name.
        name: String,
    },
    /// A question with answers to choose from.
    Poll {
        /// The question.
        question: String,
        /// The answers.
        options: Vec<String>,
    },
    /// A die or another emoji of chance, with the value thrown.
    Dice(String, i64),
    /// Anything else: the fields of [`Writing::extra`] alone (service messages, kinds unknown to this program).
    Fields,
}

impl Writing {
    /// A message with that content.
    pub fn new(content: Content) -> Self {
        Self { content, reply_to: None, quote: String::new(), forwarded_from: String::new(), at: None, extra: Map::new() }
    }

    /// A message with these fields: a service message, a kind unknown to this program.
    pub fn fields(extra: Map<String, Value>) -> Self {
        Self { extra, ..Self::new(Content::Fields) }
    }

    /// The same, as an answer to that message.
    #[must_use]
    pub fn replying_to(mut self, message: i64) -> Self {
        self.reply_to = Some(message);
        self
    }

    /// The same, written at another time.
    #[must_use]
    pub fn dated(mut self, at: Timestamp) -> Self {
        self.at = Some(at);
        self
    }

    /// The same, first written by somebody else.
    #[must_use]
    pub fn forwarded_from(mut self, name: &str) -> Self {
        name.clone_into(&mut self.forwarded_from);
        self
    }

    /// The words or the caption.
    pub(super) fn words(&self) -> &str {
        match &self.content {
            Content::Text(text) | Content::File(_, _, text) => text,
            _ => "",
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

/// The message's fields for that content.
pub(super) fn fields(content: Content, files: &mut Files, bot: i64, serial: i64) -> Map<String, Value> {
    let value = match content {
        Content::Text(text) => json!({"text": text}),
        Content::File(kind, sample, caption) => {
            let id = files.keep(bot, kind, sample);
            let mut fields = files.fields(&id);
            if !caption.is_empty() {
                fields.insert("caption".to_owned(), caption.into());
            }
            Value::Object(fields)
        }
        Content::Location(latitude, longitude) => json!({"location": {"latitude": latitude, "longitude": longitude}}),
        // The provider gives the bare location of a venue as well.
        Content::Venue { latitude, longitude, title, address } => {
            let location = json!({"latitude": latitude, "longitude": longitude});
            json!({"venue": {"location": location, "title": title, "address": address}, "location": location})
        }
        Content::Contact { phone, name } => json!({"contact": {"phone_number": phone, "first_name": name}}),
        Content::Poll { question, options } => {
            let options: Value = options.into_iter().map(|text| json!({"text": text, "voter_count": 0})).collect();
            json!({"poll": {
                "id": format!("{}", 5_000_000_000_000_000_000_i64 + serial), "question": question, "options": options,
                "total_voter_count": 0, "is_closed": false, "is_anonymous": true, "type": "regular", "allows_multiple_answers": false,
            }})
        }
        Content::Dice(emoji, value) => json!({"dice": {"emoji": emoji, "value": value}}),
        Content::Fields => Value::Null,
    };
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
