//! Whatever a stranger writes, the terminal is told nothing but text.

use frontdesk::domain::conversation::Summary;
use frontdesk::domain::message::{Quote, Reaction};

use super::desk::{Desk, customers, talk};

const HOSTILE: [&str; 14] = [
    "\x1b[2J\x1b[1;1Howned",
    "\x1b]52;c;ZXZpbA==\x07",
    "\u{9b}31m\u{9d}0;title\u{9c}",
    "\u{202e}gpj.exe\u{2066}\u{2069}",
    "a\u{200b}\u{200d}\u{feff}\u{2060}b",
    "line\r\nfeed\u{85}\u{2028}\u{2029}\x0b\x0c",
    "\u{e0041}\u{e0042}tags",
    "nul\0bell\x07back\x08del\x7f",
    "\u{301}\u{302}starts with marks",
    "👨‍👩‍👧‍👦🏳️‍🌈❤️1️⃣👍🏽",
    "\u{115f}\u{3164}\u{ffa0}fillers",
    "ﷺ𒐫꧅",
    "لا إله السلام عليكم",
    "",
];

#[test]
fn no_hostile_text_reaches_a_cell_as_it_is() {
    let mut texts: Vec<String> = HOSTILE.iter().map(ToString::to_string).collect();
    texts.push(format!("e{}", "\u{301}".repeat(10_000)));
    texts.push("返".repeat(5_000));
    texts.push("x".repeat(100_000));
    for text in &texts {
        let mut desk = Desk::empty((160, 45));
        desk.rows = customers()
            .into_iter()
            .map(|row| Summary { name: text.clone(), handle: text.clone(), preview: text.clone(), assignee_name: text.clone(), ..row })
            .collect();
        desk.rows[1].draft = Some(text.clone());
        desk.messages = talk();
        for message in &mut desk.messages {
            message.author.clone_from(text);
            message.text.clone_from(text);
            message.reason.clone_from(text);
            message.forwarded_from.clone_from(text);
            message.quote = Some(Quote { id: None, author: text.clone(), text: text.clone() });
            message.reactions = vec![Reaction { actor: text.clone(), emoji: text.clone() }];
        }
        desk.status.channels[0].name.clone_from(text);
        desk.status.channels[1].note.clone_from(text);
        desk.draft.clone_from(text);
        desk.start();
        for keys in ["j k", "enter", "r", "alt-p", "esc A", ": 'channels' enter", "esc i", "esc + esc", "ctrl-k"] {
            desk.keys(keys);
            judge(&desk, text);
        }
    }
}

/// No cell holds anything a terminal obeys, a pile of marks, or a character that leaves its row.
fn judge(desk: &Desk, text: &str) {
    let buffer = desk.buffer();
    for (at, cell) in buffer.content.iter().enumerate() {
        let symbol = cell.symbol();
        let width = unicode_width::UnicodeWidthStr::width(symbol);
        let column = at % usize::from(buffer.area.width);
        assert!(column + width <= usize::from(buffer.area.width), "cell {at} leaves its row with {text:?}");
        assert!(symbol.chars().count() <= 9, "cell {at} holds {} characters of {text:?}", symbol.chars().count());
        for c in symbol.chars() {
            let bad = c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' | '\u{1f3fb}'..='\u{1f3ff}');
            assert!(!bad, "cell {at} holds {c:?} of {text:?}");
        }
    }
}
