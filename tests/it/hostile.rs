//! What strangers send to a terminal: a corpus of it, and a judge of the bytes we write.
//!
//! [`judge`] reads them as a terminal does and allows only what our own screen says: text, placing the cursor, erasing, moving lines, style, and
//! two modes. Everything else is a fault, whatever it would do.

use frontdesk::domain::text::Safe;
use frontdesk::term::{Caps, Screen};
use proptest::prelude::*;
use ratatui::text::{Line, Span};
use ratatui::widgets::{List, Paragraph, Wrap};

/// At least five hundred texts, no two alike, that would command a terminal, mislead a reader or break a row.
pub fn corpus() -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let words = |text: &str| [text.to_owned(), format!("refund {text} please"), format!("{text}{text}")];
    // Every C0 and C1 control, bare and among words.
    all.extend((0..0x20).chain(0x7f..0xa0).filter_map(char::from_u32).flat_map(|c| words(&c.to_string())));
    // Sequences, introduced by ESC and by the 8-bit control of the same meaning.
    let bodies = [
        (
            "[",
            "\u{9b}",
            vec![
                "2J",
                "31m",
                "?1049h",
                "?1000h",
                "6n",
                "c",
                ">c",
                "1;1H",
                "3J",
                "!p",
                "?2026h",
                "20t",
                "5i",
                "4h",
                "?25l",
                "s",
                "99999999999C",
            ],
        ),
        (
            "]",
            "\u{9d}",
            vec![
                "0;owned\x07",
                "52;c;cm0gLXJm\x07",
                "52;c;?\x1b\\",
                "8;;http://evil.example/\x1b\\here\x1b]8;;\x1b\\",
                "11;?\x07",
                "4;1;?\x07",
                "7;file://h/\x07",
                "9;note\x07",
                "777;notify;a;b\x07",
                "1337;File=inline=1:AAAA\x07",
                "50;x\x07",
                "0;never ended",
            ],
        ),
        (
            "P",
            "\u{90}",
            vec!["+q544e\x1b\\", "$qm\x1b\\", "1000p\x1b\\", "q#0;2;0;0;0\x1b\\", "tmux;\x1b\x1b]52;c;eA==\x07\x1b\\", "never ended"],
        ),
        ("_", "\u{9f}", vec!["Gf=24;AAAA\x1b\\", "never ended"]),
        ("^", "\u{9e}", vec!["private\x1b\\", "never ended"]),
        ("X", "\u{98}", vec!["start\x1b\\", "never ended"]),
        ("", "\u{85}", vec!["c", "7", "8", "M", "D", "E", "H", "#8", "(0", ")B", "=", ">", "%G", "N", "O", "Z", "l", "n"]),
    ];
    for (seven, eight, bodies) in &bodies {
        for body in bodies {
            all.extend(words(&format!("\x1b{seven}{body}")));
            all.push(format!("{eight}{body}"));
            all.push(format!("\x1b\x1b{seven}{body}"));
        }
    }
    // Direction, no width, fillers, tags, variations, marks; alone, inside a word, piled.
    let unseen = [
        '\u{202a}',
        '\u{202b}',
        '\u{202c}',
        '\u{202d}',
        '\u{202e}',
        '\u{2066}',
        '\u{2067}',
        '\u{2068}',
        '\u{2069}',
        '\u{200e}',
        '\u{200f}',
        '\u{61c}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{2060}',
        '\u{2061}',
        '\u{2064}',
        '\u{206a}',
        '\u{206f}',
        '\u{feff}',
        '\u{ad}',
        '\u{34f}',
        '\u{115f}',
        '\u{1160}',
        '\u{3164}',
        '\u{ffa0}',
        '\u{17b4}',
        '\u{180e}',
        '\u{fe0f}',
        '\u{fe0e}',
        '\u{e0100}',
        '\u{e0001}',
        '\u{e0041}',
        '\u{e007f}',
        '\u{fff9}',
        '\u{fffa}',
        '\u{fffb}',
        '\u{2028}',
        '\u{2029}',
        '\u{600}',
        '\u{6dd}',
        '\u{70f}',
        '\u{8e2}',
        '\u{110bd}',
        '\u{13430}',
        '\u{1d173}',
        '\u{1bca0}',
        '\u{301}',
        '\u{20dd}',
        '\u{20e3}',
        '\u{489}',
        '\u{93e}',
        '\u{e33}',
        '\u{1161}',
        '\u{11ff}',
        '\u{ff9e}',
        '\u{e000}',
        '\u{f8ff}',
        '\u{10ffff}',
        '\u{fffe}',
        '\u{fdd0}',
        '\u{1f3fb}',
        '\u{1f1e6}',
    ];
    for c in unseen {
        all.extend(words(&c.to_string()));
        all.push(format!("in{c}side"));
        all.push(c.to_string().repeat(500));
    }
    // Names that read as what they are not.
    for ending in ["exe", "scr", "js", "bat", "sh"] {
        all.push(format!("invoice\u{202e}fdp.{ending}"));
        all.push(format!("photo\u{2066}gpj\u{2069}.{ending}"));
        all.push(format!("report.pdf{}.{ending}", " ".repeat(100)));
    }
    all.extend(
        [
            "👨‍👩‍👧‍👦",
            "🏳️‍🌈",
            "1️⃣",
            "👍🏽",
            "❤️",
            "🏴\u{e0067}\u{e0062}\u{e007f}",
            "🇮🇩🇮",
            "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
            "ﷺ",
            "꧅",
            "𒐫",
            "⸻",
            "مرحبا לשלום abc",
            "क्षि",
            "각\u{11a8}\u{11a8}",
            "ｶﾞｷﾟ",
        ]
        .map(str::to_owned),
    );
    // Surrogates and other bytes that are no text, as a decoder leaves them.
    for bytes in
        [&b"\xed\xa0\x80\xed\xb0\x80"[..], b"\xc0\x9b31m", b"\xff\xfe\x1b[2J", b"\x9b2J", b"\xf4\x90\x80\x80", b"\xe2\x80", b"\x1b\xc2\x9b"]
    {
        all.push(String::from_utf8_lossy(bytes).into_owned());
    }
    all.push(format!("e{}", "\u{301}".repeat(100_000)));
    all.push("\u{1b}[".repeat(50_000));
    all.push("x".repeat(1_000_000));
    all.push("返".repeat(100_000));
    all.push("\n".repeat(10_000));
    all.push("\r\n\x1b[A".repeat(1_000));
    all.sort();
    all.dedup();
    all
}

/// Whether a terminal that is told `bytes` only ever paints; else what it would be made to do.
pub fn judge(bytes: &[u8]) -> Result<(), String> {
    let mut judge = Judge::default();
    vte::Parser::new().advance(&mut judge, bytes);
    judge.fault.map_or(Ok(()), Err)
}

#[derive(Default)]
struct Judge {
    fault: Option<String>,
    marks: usize,
}

impl Judge {
    fn blame(&mut self, what: String) {
        self.fault.get_or_insert(what);
    }
}

impl vte::Perform for Judge {
    fn print(&mut self, c: char) {
        // Unicode's Bidi_Control, Default_Ignorable_Code_Point and Prepended_Concatenation_Mark, private use, and no characters.
        let forbidden = matches!(u32::from(c),
            0..=0x1f | 0x7f..=0x9f | 0xad | 0x34f | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2 | 0x115f..=0x1160 | 0x17b4..=0x17b5
            | 0x180b..=0x180f | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xfe00..=0xfe0f
            | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0x110bd | 0x110cd | 0x13430..=0x1343f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff | 0xf0000..=0x10_ffff)
            || u32::from(c) & 0xfffe == 0xfffe;
        if forbidden {
            self.blame(format!("prints U+{:04X}", u32::from(c)));
        }
        self.marks = if unicode_width::UnicodeWidthChar::width(c) == Some(0) { self.marks + 1 } else { 0 };
        if self.marks > 8 {
            self.blame("prints more than eight marks on a letter".to_owned());
        }
    }

    fn execute(&mut self, byte: u8) {
        self.blame(format!("control {byte:#x}"));
    }

    fn hook(&mut self, _: &vte::Params, _: &[u8], _: bool, action: char) {
        self.blame(format!("DCS {action}"));
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _: bool) {
        // Links, and where they lead is checked here as strictly as where they are made.
        let url = params.get(2..).map(|rest| rest.join(&b';')).unwrap_or_default();
        let leads = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| url.starts_with(scheme.as_bytes()));
        let harmless = url.is_empty() || (leads && url.iter().all(|byte| (0x21..=0x7e).contains(byte)));
        if params.first() != Some(&b"8".as_slice()) || params.get(1).is_none_or(|more| !more.is_empty()) || !harmless {
            self.blame(format!("OSC {params:?}"));
        }
    }

    fn csi_dispatch(&mut self, params: &vte::Params, intermediates: &[u8], _: bool, action: char) {
        let first = params.iter().next().and_then(|param| param.first().copied()).unwrap_or(0);
        let ours = match (intermediates, action) {
            ([], 'A' | 'B' | 'C' | 'D' | 'H' | 'J' | 'K' | 'L' | 'M' | 'X' | 'm' | 'r') => true,
            ([b'?'], 'h' | 'l') => matches!(first, 25 | 2026),
            _ => false,
        };
        if !ours {
            self.blame(format!("CSI {intermediates:?} {params:?} {action}"));
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _: bool, byte: u8) {
        // What ends a link; alone it does nothing.
        if !(intermediates.is_empty() && byte == b'\\') {
            self.blame(format!("ESC {intermediates:?} {:?}", char::from(byte)));
        }
    }
}

/// The texts as widgets paint them, and what the terminal is told.
fn painted(screen: &mut Screen, texts: &[Safe]) -> Vec<u8> {
    screen.paint(|frame| {
        let lines: Vec<Line<'_>> =
            texts.iter().flat_map(|text| text.as_str().split('\n')).take(200).map(|line| Line::from(Span::raw(line))).collect();
        let area = frame.area();
        let [left, middle, right] = ratatui::layout::Layout::horizontal([ratatui::layout::Constraint::Fill(1); 3]).areas(area);
        frame.render_widget(Paragraph::new(lines.clone()).wrap(Wrap { trim: false }), left);
        frame.render_widget(List::new(lines), middle);
        let rows: Vec<Line<'_>> = texts
            .iter()
            .take(24)
            .flat_map(|text| text.wrap(usize::from(right.width)))
            .take(200)
            .map(|row| Line::from(row.to_string()))
            .collect();
        frame.render_widget(Paragraph::new(rows), right);
    })
}

fn screen() -> Screen {
    Screen::new(90, 24, Caps::default())
}

#[test]
fn the_judge_catches_what_reaches_a_terminal_unsanitised() {
    let innocent = ["\u{a0}", "Z͑ͫ", "👍", "x", "返", "\u{301}"];
    let caught = corpus().iter().filter(|text| judge(text.as_bytes()).is_err()).count();
    assert!(corpus().len() >= 500, "{} texts", corpus().len());
    assert!(caught > 480, "only {caught} of the corpus are caught raw");
    for text in innocent {
        assert_eq!(judge(text.as_bytes()), Ok(()), "{text:?}");
    }
}

#[test]
fn nothing_of_the_corpus_commands_the_terminal_once_it_is_safe() {
    let mut screen = screen();
    for text in corpus() {
        for safe in [Safe::line(&text), Safe::block(&text)] {
            let bytes = painted(&mut screen, &[safe]);
            assert_eq!(judge(&bytes), Ok(()), "{:?}", text.chars().take(60).collect::<String>());
            assert!(bytes.len() < 200_000, "{} bytes for one frame", bytes.len());
        }
    }
}

#[test]
fn no_character_of_unicode_commands_the_terminal_once_it_is_safe() {
    let all: Vec<char> = ('\0'..=char::MAX).collect();
    let mut screen = screen();
    for chunk in all.chunks(24 * 12) {
        let rows: Vec<String> = chunk.chunks(12).map(|row| row.iter().flat_map(|c| ['a', *c]).collect()).collect();
        for make in [Safe::line, Safe::block] {
            let texts: Vec<Safe> = rows.iter().map(|row| make(row)).collect();
            assert_eq!(judge(&painted(&mut screen, &texts)), Ok(()), "from U+{:04X}", u32::from(chunk[0]));
        }
    }
}

#[test]
fn a_hundred_thousand_random_texts_do_not_command_the_terminal_once_they_are_safe() {
    let mut random = fastrand::Rng::with_seed(7);
    let corpus: Vec<Vec<char>> = corpus().iter().map(|text| text.chars().take(20).collect()).collect();
    let mut screen = screen();
    for _ in 0..=100_000 / 24 {
        let texts: Vec<Safe> = (0..24)
            .map(|_| {
                let mut text = String::new();
                for _ in 0..random.usize(1..12) {
                    match random.u8(0..3) {
                        0 => text.push(random.char(..)),
                        1 => text.push(random.char('\0'..'\u{250}')),
                        _ => {
                            let piece = &corpus[random.usize(..corpus.len())];
                            text.extend(&piece[..random.usize(..=piece.len())]);
                        }
                    }
                }
                Safe::line(&text)
            })
            .collect();
        assert_eq!(judge(&painted(&mut screen, &texts)), Ok(()), "{texts:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_safe_text_stays_safe_when_it_is_cut_wrapped_and_joined(text in ".{0,60}", more in ".{0,20}", columns in 0..30_usize) {
        let safe = Safe::block(&text);
        prop_assert!(Safe::line(&text).fit(columns).width() <= columns);
        prop_assert!(Safe::line(&text).then(&Safe::line(&more)).as_str().chars().all(|c| !c.is_control()));
        let rows = safe.wrap(columns);
        prop_assert!(rows.iter().all(|row| row.width() <= columns.max(2) || row.as_str().chars().count() <= 9), "{rows:?}");
    }
}
