//! Whatever a stranger writes, the terminal is told nothing but text.

use frontdesk::app::effect::Effect;
use frontdesk::app::msg::{Input, Msg};
use frontdesk::domain::conversation::Summary;
use frontdesk::domain::message::{Quote, Reaction};
use frontdesk::term::{Caps, Screen};
use frontdesk::ui;

use proptest::prelude::*;

use super::desk::{Desk, customers, talk};
use crate::hostile;

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

/// A desk on which strangers wrote, named themselves and answered with these texts, each behind a sign that shows where it is.
fn desk_full_of(texts: &[String], size: (u16, u16)) -> Desk {
    let mut desk = Desk::empty(size);
    let signed = |n: usize| format!("§{}", texts[n % texts.len()]);
    let rows = customers().into_iter().enumerate();
    let row =
        |(n, row): (usize, Summary)| Summary { name: signed(n), handle: signed(n), preview: signed(n), assignee_name: signed(n), ..row };
    desk.rows = rows.map(row).collect();
    desk.messages = talk();
    for (n, message) in desk.messages.iter_mut().enumerate() {
        (message.author, message.text, message.reason, message.forwarded_from) = (signed(n), signed(n), signed(n), signed(n));
        message.quote = Some(Quote { id: None, author: signed(n), text: signed(n) });
        message.reactions = vec![Reaction { actor: signed(n), emoji: signed(n) }];
    }
    desk.status.channels[0].name = signed(0);
    desk.status.channels[1].name = signed(1);
    desk.status.channels[1].note = signed(2);
    desk.start();
    desk
}

/// The first change that is asked for fails with that reason, as a provider worded it.
fn fail(desk: &mut Desk, reason: &str) {
    while let Some(effect) = desk.asked.pop_front() {
        if let Effect::Write { ticket, .. } = effect {
            desk.turn(Msg::Wrote { ticket, result: Err(reason.to_owned()) });
            break;
        }
    }
    desk.answer_all();
}

#[test]
fn no_text_of_the_corpus_commands_the_terminal_from_any_screen() {
    // Longer texts are the business of the sanitiser's own tests.
    let corpus: Vec<String> = hostile::corpus().iter().map(|text| text.chars().take(3_000).collect()).collect();
    assert!(corpus.len() >= 500, "{} texts", corpus.len());
    for size in [(80, 24), (160, 45)] {
        let mut screen = Screen::new(size.0, size.1, Caps::default());
        for texts in corpus.chunks(12) {
            let mut desk = desk_full_of(texts, size);
            let mut look = |desk: &Desk, what: &str| {
                let bytes = screen.paint(|frame| ui::draw(&desk.app, &desk.cx, &desk.look, frame));
                assert_eq!(hostile::judge(&bytes), Ok(()), "{what} at {size:?} with {texts:?}");
                assert!(what == "the help" || desk.screen().contains('§'), "{what} shows none of it:\n{}", desk.screen());
            };
            let paste = |desk: &mut Desk, text: &str| {
                desk.turn(Msg::Input(Input::Paste(format!("§{text}"))));
                desk.answer_all();
            };
            look(&desk, "the list");
            desk.keys("enter");
            look(&desk, "the thread");
            desk.keys("g g");
            look(&desk, "the thread's top");
            desk.keys("i");
            look(&desk, "the details");
            desk.keys("i r");
            for text in texts {
                desk.keys("alt-l alt-p");
                paste(&mut desk, text);
                look(&desk, "the note");
                desk.keys("alt-l");
                paste(&mut desk, text);
                look(&desk, "the composer");
            }
            desk.keys("esc ?");
            look(&desk, "the help");
            desk.keys("? ctrl-k");
            paste(&mut desk, &texts[0]);
            look(&desk, "the palette");
            desk.keys("esc : 'channels' enter");
            look(&desk, "the channels");
            desk.keys("C");
            paste(&mut desk, &texts[0]);
            look(&desk, "the form");
            desk.keys("enter 'token' enter");
            desk.key_now("enter");
            fail(&mut desk, &format!("§{}", texts[0]));
            look(&desk, "the form's problem");
            desk.keys("esc esc");
            for text in texts {
                desk.key_now("u");
                fail(&mut desk, &format!("§{text}"));
                look(&desk, "a toast");
            }
            desk.keys("e");
            look(&desk, "a toast that names somebody");
        }
    }
}

/// A text made of what breaks rows: wide, combined, without width, of doubtful width, without meaning.
fn breaking() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        3 => Just("a "), 1 => Just("words and words"), 2 => Just("返金"), 1 => Just("👨\u{200d}👩\u{200d}👧"), 1 => Just("🏳\u{fe0f}\u{200d}🌈"),
        1 => Just("🇮🇩"), 1 => Just("🇮"), 1 => Just("1\u{fe0f}\u{20e3}"), 1 => Just("👍🏽"), 1 => Just("❤\u{fe0f}"), 1 => Just("e\u{301}\u{308}"),
        1 => Just("\u{301}"), 1 => Just("क्षि"), 1 => Just("นำ"), 1 => Just("ำ"), 1 => Just("\u{1112}\u{1161}\u{11ab}"), 1 => Just("\u{1161}"),
        1 => Just("لا"), 1 => Just("שלום"), 1 => Just("\u{202e}"), 1 => Just("\u{200b}"), 1 => Just("ﷺ"), 1 => Just("𒐫"), 1 => Just("ｶﾞ"),
        1 => Just("\t"), 1 => Just("\n"), 1 => Just("\u{1b}[9C"),
    ];
    let piece = prop_oneof![12 => pieces.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// What the emulator gets for the replacement character, of which it shows nothing, though every terminal does.
const REPLACED: &str = "?";

/// Every cell of one character stands in the emulator where it was painted; of several, only their columns count.
fn agrees(terminal: &vt100::Parser, desk: &Desk) -> Result<(), String> {
    let buffer = desk.buffer();
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let want = buffer[(x, y)].symbol();
            let width = unicode_width::UnicodeWidthStr::width(want).max(1) as u16;
            // What may not fit before the edge is left out there.
            let want = if x + width == buffer.area.width && !want.is_ascii() { "" } else { want };
            let got = terminal.screen().cell(y, x).map(|cell| if cell.has_contents() { cell.contents() } else { " " }).unwrap_or_default();
            if want.chars().count() == 1 && got != want.replace('\u{fffd}', REPLACED) {
                return Err(format!("column {x} of row {y} shows {got:?} instead of {want:?}:\n{}", desk.screen()));
            }
            x += width;
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_strangers_text_moves_anything_else_on_the_screen(
        texts in prop::collection::vec(breaking(), 3..8),
        size in prop_oneof![Just((60, 15)), Just((80, 24)), Just((133, 31)), Just((170, 40))],
    ) {
        let mut desk = desk_full_of(&texts, size);
        let mut screen = Screen::new(size.0, size.1, Caps::default());
        let mut terminal = vt100::Parser::new(size.1.try_into().unwrap(), size.0.try_into().unwrap(), 0);
        for keys in ["", "j", "enter", "k k", "i", "i r", "'x'", "alt-p", "esc ?", "? esc", ": 'channels' enter", "esc ctrl-k"] {
            desk.keys(keys);
            if keys == "'x'" {
                desk.turn(Msg::Input(Input::Paste(texts[0].clone())));
                desk.answer_all();
            }
            let bytes = screen.paint(|frame| ui::draw(&desk.app, &desk.cx, &desk.look, frame));
            terminal.process(String::from_utf8_lossy(&bytes).replace('\u{fffd}', REPLACED).as_bytes());
            if let Err(wrong) = agrees(&terminal, &desk) {
                return Err(TestCaseError::fail(format!("after {keys:?}: {wrong}")));
            }
        }
    }
}
