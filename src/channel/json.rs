//! Providers' JSON, read leniently: a field of an unexpected shape costs that field, never the message around it, so payloads are read as
//! JSON values through the functions here instead of as structs that fail as a whole.

use serde_json::Value;

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

/// The whole number under that name, also when it is written as text; `None` when there is none.
pub(super) fn whole(of: &Value, name: &str) -> Option<i64> {
    written(of, name).parse().ok()
}

/// The list under that name; empty when there is none.
pub(super) fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The object (or anything but `null`) under that name.
pub(super) fn some<'a>(of: &'a Value, name: &str) -> Option<&'a Value> {
    of.get(name).filter(|value| !value.is_null())
}

/// What stands under that name as text, also when it is written as a number; empty when it is neither.
pub(super) fn written(of: &Value, name: &str) -> String {
    match &of[name] {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
