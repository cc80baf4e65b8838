//! The few shapes of Meta's JSON that are read as structs; everything else is read leniently through [`crate::channel::json`].

use serde::Deserialize;
use serde_json::Value;

use crate::channel::json::{some, written};

/// The part of a payload that says which of our numbers it is about.
#[derive(Deserialize)]
struct About {
    #[serde(default)]
    value: AboutValue,
}

#[derive(Default, Deserialize)]
struct AboutValue {
    #[serde(default)]
    metadata: Value,
}

/// The id of the number a payload is about; `None` when it names none, and empty when it names one in a way nobody can read. Nothing else of
/// the payload is kept, for speed.
pub(super) fn number(payload: &str) -> Option<String> {
    let metadata = serde_json::from_str::<About>(payload).ok()?.value.metadata;
    let named = some(&metadata, "phone_number_id").is_some() || !(metadata.is_null() || metadata.is_object());
    named.then(|| written(&metadata, "phone_number_id"))
}
