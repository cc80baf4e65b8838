//! Rich messages (Bot API 10.1): nested blocks of nested text, as plain lines. Blocks of an unknown type are named by it.

use serde_json::Value;

use super::wire::{list, some, text};

/// The words of a `RichMessage`, one block a line. JSON nests at most 128 deep, so this does too.
pub(super) fn plain(message: &Value) -> String {
    let mut lines = Vec::new();
    for each in list(message, "blocks") {
        block(each, "", &mut lines);
    }
    lines.join("\n")
}

fn block(of: &Value, lead: &str, lines: &mut Vec<String>) {
    let before = lines.len();
    let mut push = |words: String| {
        if !words.is_empty() {
            lines.push(format!("{lead}{words}"));
        }
    };
    push(inline(&of["text"]));
    push(inline(&of["summary"]));
    for row in list(of, "cells").iter().filter_map(Value::as_array) {
        push(row.iter().map(|cell| inline(&cell["text"])).collect::<Vec<_>>().join(" | "));
    }
    for item in list(of, "items") {
        let label = match (item["has_checkbox"] == true, item["is_checked"] == true) {
            (true, true) => "[x]",
            (true, false) => "[ ]",
            (false, _) => some(item, "label").and_then(Value::as_str).unwrap_or("-"),
        };
        for each in list(item, "blocks") {
            block(each, &format!("{lead}{label} "), lines);
        }
    }
    for each in list(of, "blocks") {
        block(each, lead, lines);
    }
    if lines.len() == before && !matches!(text(of, "type"), "" | "divider" | "anchor") {
        lines.push(format!("{lead}[{}] {}", text(of, "type"), inline(&of["caption"]["text"])).trim_end().to_owned());
    }
}

/// A `RichText`: a string, a list of them, or one with a look and perhaps an address around another.
fn inline(of: &Value) -> String {
    match of {
        Value::String(words) => words.clone(),
        Value::Array(parts) => parts.iter().map(inline).collect(),
        Value::Object(_) => {
            let words = inline(&of["text"]);
            match text(of, "url") {
                "" => words,
                url if url == words => words,
                url => format!("{words} ({url})"),
            }
        }
        _ => String::new(),
    }
}
