//! The Bot API's JSON, read leniently: a field of an unexpected shape costs that field, never the message around it, so updates are read
//! as JSON values through the functions here instead of as structs that fail as a whole. Names are those of the Bot API (10.1).

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// What every method answers.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    /// Whether `result` is there.
    pub ok: bool,
    /// The answer, as text: updates are stored exactly as they came.
    #[serde(default)]
    pub result: Option<Box<RawValue>>,
    /// Why not.
    #[serde(default, deserialize_with = "lenient")]
    pub error_code: Option<i64>,
    /// The same in words, which may change at any time.
    #[serde(default, deserialize_with = "lenient")]
    pub description: Option<String>,
    /// How to recover.
    #[serde(default, deserialize_with = "lenient")]
    pub parameters: Option<Parameters>,
}

/// `ResponseParameters`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Parameters {
    /// Seconds to wait.
    #[serde(default, deserialize_with = "lenient")]
    pub retry_after: Option<i64>,
    /// The chat's new id.
    #[serde(default, deserialize_with = "lenient")]
    pub migrate_to_chat_id: Option<i64>,
}

fn lenient<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    Ok(T::deserialize(Value::deserialize(from)?).ok())
}

/// Reads JSON. Halves of surrogate pairs, which stand for no character, become U+FFFD: some programs escape a cut text that way, and one of
/// them must not cost the message around it.
pub(super) fn value(json: &str) -> serde_json::Result<Value> {
    serde_json::from_str(json).or_else(|error| serde_json::from_str(&without_lone_surrogates(json)).map_err(|_| error))
}

fn without_lone_surrogates(json: &str) -> String {
    let (mut mended, mut rest) = (String::with_capacity(json.len()), json);
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let (kept, taken) = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (escape.get(..12), 12),
            (Some(0xd800..=0xdfff), _) => (Some("\\ufffd"), 6),
            _ => (escape.get(..2), 2),
        };
        // What has no second character ends here.
        mended.push_str(kept.unwrap_or(escape));
        rest = kept.and_then(|_| escape.get(taken..)).unwrap_or_default();
    }
    mended + rest
}

/// The number of a `\uXXXX` escape at the beginning.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

/// The text under that name; empty when there is none.
pub(super) fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_default()
}

/// The whole number under that name; 0 when there is none.
pub(super) fn int(of: &Value, name: &str) -> i64 {
    of[name].as_i64().unwrap_or_default()
}

/// The list under that name; empty when there is none.
pub(super) fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The object (or anything but `null`) under that name.
pub(super) fn some<'a>(of: &'a Value, name: &str) -> Option<&'a Value> {
    of.get(name).filter(|value| !value.is_null())
}

/// What to call a user or a chat: first and last name, title, `@username`, or at last the id. Empty for nothing at all.
pub(super) fn name(of: &Value) -> String {
    let full = [text(of, "first_name"), text(of, "last_name")].join(" ");
    let full = full.trim();
    match (full, text(of, "title"), text(of, "username")) {
        ("", "", "") => of["id"].as_i64().map(|id| id.to_string()).unwrap_or_default(),
        ("", "", username) => format!("@{username}"),
        ("", title, _) => title.to_owned(),
        (full, ..) => full.to_owned(),
    }
}

/// The names of several users, in one line.
pub(super) fn names(of: &[Value]) -> String {
    of.iter().map(name).filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ")
}

/// An amount in a currency's smallest unit as people write it: `12.50 EUR`, `500 JPY`, `5 stars`.
pub(super) fn money(of: &Value) -> String {
    let amount = int(of, "total_amount");
    let digits: usize = match text(of, "currency") {
        "XTR" => return format!("{amount} stars"),
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    };
    let sign = if amount < 0 { "-" } else { "" };
    let unit = 10_u64.pow(digits as u32);
    let (whole, part) = (amount.unsigned_abs() / unit, amount.unsigned_abs() % unit);
    let point = if digits == 0 { String::new() } else { format!(".{part:0digits$}") };
    format!("{sign}{whole}{point} {}", text(of, "currency"))
}
