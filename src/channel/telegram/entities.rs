//! Formatting of a text: what it adds that a plain text would lose. Offsets and lengths are UTF-16 code units.

use serde_json::Value;

use super::wire;

/// Telegram itself keeps 100 in a message; more come only from a server that means harm.
const MOST: usize = 500;

/// The text with the address of each `text_link` after its words. Everything else a text needs is in it already: bold and code are looks,
/// a mention names its user, a custom emoji carries the usual one. Entities that point outside the text are ignored.
pub(super) fn readable(text: &str, entities: &[Value]) -> String {
    let mut links: Vec<(usize, &str)> = entities.iter().take(MOST).filter_map(|entity| link(text, entity)).collect();
    if links.is_empty() {
        return text.to_owned();
    }
    links.sort_by_key(|(end, _)| *end);
    let mut out = String::with_capacity(text.len() + links.iter().map(|(_, url)| url.len() + 3).sum::<usize>());
    let mut done = 0;
    for (end, url) in links {
        out.push_str(&text[done..end]);
        out.push_str(" (");
        out.push_str(url);
        out.push(')');
        done = end;
    }
    out.push_str(&text[done..]);
    out
}

/// Where in `text` (in bytes) the words of a link end, and where it leads; `None` when the words are the address.
fn link<'a>(text: &str, entity: &'a Value) -> Option<(usize, &'a str)> {
    let url = wire::text(entity, "url");
    if wire::text(entity, "type") != "text_link" || url.is_empty() {
        return None;
    }
    let from = entity["offset"].as_u64()?;
    let start = byte_at(text, from)?;
    let end = byte_at(text, from.checked_add(entity["length"].as_u64()?)?)?;
    let same = |a: &str, b: &str| a.trim_end_matches('/') == b.trim_end_matches('/');
    let words = text[start..end].trim();
    let bare = url.split_once("://").map_or(url, |(_, rest)| rest);
    (!same(words, url) && !same(words, bare)).then_some((end, url))
}

/// The byte that stands `units` UTF-16 code units into the text; inside a surrogate pair, the character's end. `None` past the end.
fn byte_at(text: &str, units: u64) -> Option<usize> {
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen >= units {
            return Some(at);
        }
        seen += c.len_utf16() as u64;
    }
    (seen >= units).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, entities: &Value, want: &str) {
        assert_eq!(readable(text, entities.as_array().unwrap()), want, "{text}");
    }

    #[test]
    fn a_link_shows_where_it_leads() {
        let link = |offset, length| json!([{"type": "text_link", "offset": offset, "length": length, "url": "https://example.org/x"}]);
        check("see here now", &link(4, 4), "see here (https://example.org/x) now");
        check("see here", &link(4, 4), "see here (https://example.org/x)");
        check("example.org/x!", &link(0, 13), "example.org/x!");
    }

    #[test]
    fn offsets_count_utf16_units() {
        let link = |offset, length| json!([{"type": "text_link", "offset": offset, "length": length, "url": "https://e.org"}]);
        check("👍👍 ok go", &link(5, 2), "👍👍 ok (https://e.org) go");
        check("نعم ok go", &link(4, 2), "نعم ok (https://e.org) go");
        check("a👍b", &link(0, 2), "a👍 (https://e.org)b");
    }

    #[test]
    fn several_links_keep_their_order_and_nesting() {
        let both = json!([
            {"type": "text_link", "offset": 2, "length": 1, "url": "https://two.example"},
            {"type": "bold", "offset": 0, "length": 3},
            {"type": "text_link", "offset": 0, "length": 1, "url": "https://one.example"},
        ]);
        check("a b", &both, "a (https://one.example) b (https://two.example)");
    }

    #[test]
    fn an_entity_outside_the_text_changes_nothing() {
        for (offset, length) in
            [(json!(90), json!(1)), (json!(0), json!(90)), (json!(-1), json!(1)), (json!(u64::MAX), json!(9)), (json!("x"), json!(1))]
        {
            check("hello", &json!([{"type": "text_link", "offset": offset, "length": length, "url": "https://e.org"}]), "hello");
        }
        check("hello", &json!([7, null, {"type": "text_link"}, {"type": "custom_emoji", "offset": 0, "length": 1}]), "hello");
    }
}
