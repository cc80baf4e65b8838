//! What a terminal shows after any sequence of frames.

use super::*;

use std::num::NonZeroU16;

use proptest::prelude::*;
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::style::{Color, Modifier, Style};

fn parser(columns: u16, rows: u16) -> vt100::Parser {
    vt100::Parser::new(NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap(), 0)
}

fn colour(colour: Color) -> vt100::Color {
    match colour {
        Color::Reset => vt100::Color::Default,
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Red => vt100::Color::Idx(1),
        other => panic!("not used in these tests: {other:?}"),
    }
}

/// The terminal shows exactly this buffer: text everywhere, style wherever it can be seen.
fn agree(terminal: &vt100::Parser, buffer: &Buffer) -> Result<(), String> {
    let mut y = 0;
    while y < buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let (want, got) = (&buffer[(x, y)], terminal.screen().cell(y, x).unwrap());
            let width = want.symbol().cell_width();
            let text = if width > buffer.area.width - x { " " } else { want.symbol() };
            let shown = if got.has_contents() { got.contents() } else { " " };
            let blank = text == " ";
            let bits = |modifier: Modifier| want.modifier.contains(modifier);
            let seen = !blank || bits(Modifier::REVERSED) || bits(Modifier::UNDERLINED);
            if shown != text
                || got.bgcolor() != colour(want.bg)
                || (seen && got.fgcolor() != colour(want.fg))
                || got.inverse() != bits(Modifier::REVERSED)
                || got.underline() != bits(Modifier::UNDERLINED)
                || (!blank && (got.bold() != bits(Modifier::BOLD) || got.italic() != bits(Modifier::ITALIC)))
            {
                return Err(format!("column {x} row {y}: shows {shown:?} {got:?}, wanted {want:?}\n{}", terminal.screen().contents()));
            }
            x += if blank { 1 } else { width };
        }
        y += 1;
    }
    Ok(())
}

/// One thing that happens to a frame; whatever is not touched stays, so that most of it is unchanged from frame to frame.
#[derive(Clone, Debug)]
enum Act {
    Text(u16, u16, String, Style),
    Fill(u16, u16, u16, u16, Style),
    Scroll(u16, u16, bool),
    Cursor(Option<(u16, u16)>),
    Resize(u16, u16),
    Forget,
}

fn style() -> impl Strategy<Value = Style> {
    let colours = prop_oneof![
        4 => Just(Color::Reset),
        1 => Just(Color::Red),
        1 => any::<u8>().prop_map(Color::Indexed),
        1 => any::<[u8; 3]>().prop_map(|[r, g, b]| Color::Rgb(r, g, b)),
    ];
    let modifiers = prop_oneof![
        4 => Just(Modifier::empty()),
        1 => Just(Modifier::BOLD),
        1 => Just(Modifier::REVERSED | Modifier::ITALIC),
        1 => Just(Modifier::UNDERLINED),
    ];
    (colours.clone(), colours, modifiers)
        .prop_map(|(fg, bg, modifier)| Style { fg: Some(fg), bg: Some(bg), ..Style::new() }.add_modifier(modifier))
}

fn act() -> impl Strategy<Value = Act> {
    let text = proptest::collection::vec(
        prop_oneof![
            6 => Just("a "), 3 => Just("word"), 3 => Just("          "), 2 => Just("返金"), 1 => Just("é\u{301}"), 1 => Just("🙂"),
            1 => Just("한"), 1 => Just("e\u{301}\u{308}"), 1 => Just("──────"), 1 => Just("ل"),
        ],
        1..12,
    )
    .prop_map(|parts| parts.concat());
    prop_oneof![
        6 => (0..30_u16, 0..12_u16, text, style()).prop_map(|(x, y, text, style)| Act::Text(x, y, text, style)),
        2 => (0..30_u16, 0..12_u16, 1..30_u16, 1..6_u16, style()).prop_map(|(x, y, w, h, style)| Act::Fill(x, y, w, h, style)),
        3 => (0..12_u16, 1..5_u16, any::<bool>()).prop_map(|(top, by, up)| Act::Scroll(top, by, up)),
        2 => proptest::option::of((0..32_u16, 0..13_u16)).prop_map(Act::Cursor),
        1 => (1..33_u16, 1..13_u16).prop_map(|(columns, rows)| Act::Resize(columns, rows)),
        1 => Just(Act::Forget),
    ]
}

fn scroll(buffer: &mut Buffer, top: u16, by: u16, up: bool) {
    let area = buffer.area;
    let before = buffer.clone();
    for y in top..area.height {
        let from = if up { y.checked_add(by).filter(|from| *from < area.height) } else { y.checked_sub(by).filter(|from| *from >= top) };
        for x in 0..area.width {
            buffer[(x, y)] = from.map(|from| before[(x, from)].clone()).unwrap_or_default();
        }
    }
}

/// Draws as widgets do: wide characters whole, their followers blank.
fn apply(act: &Act, wanted: &mut Buffer) {
    let area = wanted.area;
    match act {
        Act::Text(x, y, text, style) if *x < area.width && *y < area.height => {
            unsplit(wanted, *y, *x);
            let (end, _) = wanted.set_stringn(*x, *y, text, usize::MAX, *style);
            unsplit(wanted, *y, end);
        }
        Act::Fill(x, y, w, h, style) => {
            let at = Rect::new(*x, *y, *w, *h).intersection(area);
            for position in at.positions() {
                wanted[position].reset();
                wanted[position].set_style(*style);
            }
            for y in at.top()..at.bottom() {
                unsplit(wanted, y, at.left());
                unsplit(wanted, y, at.right());
            }
        }
        Act::Scroll(top, by, up) => scroll(wanted, *top, *by, *up),
        _ => {}
    }
}

/// A wide character one half of which was drawn over becomes a blank, as any toolkit has it.
fn unsplit(buffer: &mut Buffer, y: u16, x: u16) {
    if x > 0 && x <= buffer.area.width && buffer[(x - 1, y)].symbol().cell_width() > 1 {
        let style = buffer[(x - 1, y)].style();
        buffer[(x - 1, y)].reset();
        buffer[(x - 1, y)].set_style(style);
    }
}

fn run(acts: &[Vec<Act>], caps: Caps) -> Result<(), String> {
    let mut screen = Screen::new(30, 12, caps);
    let mut terminal = parser(30, 12);
    let mut wanted = Buffer::empty(Rect::new(0, 0, 30, 12));
    let mut cursor = None;
    for frame in acts {
        for act in frame {
            match act {
                Act::Resize(columns, rows) => {
                    screen.resize(*columns, *rows);
                    terminal = parser(*columns, *rows);
                    wanted = Buffer::empty(Rect::new(0, 0, *columns, *rows));
                    terminal.process(b"what was there before\x1b[7;3mand how");
                }
                Act::Forget => {
                    screen.forget();
                    terminal.process(b"\x1b[2;3H\x1b[41mthe shell wrote here\x1b[1;3r");
                }
                Act::Cursor(at) => cursor = *at,
                other => apply(other, &mut wanted),
            }
        }
        let bytes = screen.paint(|canvas| {
            canvas.buffer_mut().clone_from(&wanted);
            if let Some(at) = cursor {
                canvas.set_cursor_position(at);
            }
        });
        let bracketed = bytes.starts_with(BEGIN) && bytes.ends_with(END);
        if !bracketed && bytes.len() > AT_ONCE {
            return Err("a long frame is not bracketed".to_owned());
        }
        if bytes.iter().any(|byte| *byte < 0x20 && *byte != 0x1b) {
            return Err("a frame holds a control character".to_owned());
        }
        terminal.process(&bytes);
        agree(&terminal, &wanted)?;
        let inside = cursor.filter(|(x, y)| *x < wanted.area.width && *y < wanted.area.height);
        if terminal.screen().hide_cursor() == inside.is_some() {
            return Err("the cursor is not shown when it should be, or the other way round".to_owned());
        }
        if inside.is_some_and(|(x, y)| terminal.screen().cursor_position() != (y, x)) {
            return Err(format!("the cursor is at {:?}, wanted {inside:?}", terminal.screen().cursor_position()));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_drawn_the_terminal_shows_exactly_that(
        acts in proptest::collection::vec(proptest::collection::vec(act(), 1..5), 1..10),
        plain in any::<bool>(),
    ) {
        let caps = Caps { depth: Depth::True, erase_with_colour: !plain, ..Caps::default() };
        if let Err(wrong) = run(&acts, caps) {
            return Err(TestCaseError::fail(wrong));
        }
    }
}

fn lines(canvas: &mut Canvas<'_>, lines: &[&str]) {
    for (y, line) in lines.iter().enumerate() {
        canvas.buffer_mut().set_string(0, y as u16, line, Style::new());
    }
}

#[test]
fn an_unchanged_frame_is_no_bytes_at_all() {
    let mut screen = Screen::new(80, 24, Caps::default());
    assert!(!screen.paint(|canvas| lines(canvas, &["hello"])).is_empty());
    assert_eq!(screen.paint(|canvas| lines(canvas, &["hello"])), b"");
}

#[test]
fn one_typed_letter_is_a_handful_of_bytes() {
    let mut screen = Screen::new(80, 24, Caps::default());
    let draw = |text: &'static str| {
        move |canvas: &mut Canvas<'_>| {
            lines(canvas, &["title", text]);
            canvas.set_cursor_position((text.len() as u16, 1));
        }
    };
    screen.paint(draw("hell"));
    assert_eq!(String::from_utf8(screen.paint(draw("hello"))).unwrap(), "o");
}

#[test]
fn rows_that_moved_are_scrolled_instead_of_written_again() {
    let mut screen = Screen::new(80, 24, Caps::default());
    let text: Vec<String> =
        (0..40).map(|n| format!("line {n} with enough words in it that writing it again would cost something")).collect();
    let rows = |from: usize| text[from..from + 22].iter().map(String::as_str).collect::<Vec<_>>();
    screen.paint(|canvas| lines(canvas, &rows(0)));
    for from in [1, 3, 0] {
        let bytes = screen.paint(|canvas| lines(canvas, &rows(from)));
        assert!(bytes.len() < 350, "{} bytes to scroll to {from}", bytes.len());
    }
}

#[test]
fn a_control_character_in_a_cell_never_reaches_the_terminal() {
    let mut screen = Screen::new(10, 1, Caps::default());
    let bytes = screen.paint(|canvas| canvas.buffer_mut()[(0, 0)] = ratatui::buffer::Cell::new("\x1b]52;c;eA==\x07"));
    let text = String::from_utf8(bytes).unwrap();
    assert!(!text.contains("\x1b]") && !text.contains('\x07'), "{text:?}");
}

#[test]
fn a_size_no_screen_has_is_brought_within_bounds() {
    assert_eq!(Screen::new(0, 0, Caps::default()).size(), (1, 1));
    let mut screen = Screen::new(20_000, 20_000, Caps::default());
    assert_eq!(screen.size(), (MAX_COLUMNS, MAX_ROWS));
    screen.resize(80, 0);
    assert_eq!(screen.size(), (80, 1));
}
