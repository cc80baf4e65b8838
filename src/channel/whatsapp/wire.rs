//! The few shapes of Meta's JSON that are read as structs; everything else is read leniently through [`crate::channel::json`].

use serde::Deserialize;

/// The part of a payload that says which of our numbers it is about.
#[derive(Deserialize)]
struct About {
    #[serde(default)]
    value: AboutValue,
}

#[derive(Default, Deserialize)]
struct AboutValue {
    #[serde(default)]
    metadata: AboutNumber,
}

#[derive(Default, Deserialize)]
struct AboutNumber {
    #[serde(default)]
    phone_number_id: String,
}

/// The id of the number a payload is about; empty when it names none. Nothing else of the payload is kept, for speed.
pub(super) fn number(payload: &str) -> String {
    serde_json::from_str::<About>(payload).map(|about| about.value.metadata.phone_number_id).unwrap_or_default()
}
