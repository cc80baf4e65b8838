//! The Bot API's JSON, read leniently through [`crate::channel::json`]. Names are those of the Bot API (10.1).

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

pub(super) use crate::channel::json::{int, list, some, text, value};

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
