//! Bytes of a terminal, however they were split, into events. What a terminal answers to a question is a [`Reply`], never a key.

use std::time::Duration;

use termina::escape::csi::{Csi, Cursor, Keyboard, Mode, ThemeMode};
use termina::escape::osc::{ColorOrQuery, DynamicColorNumber, Osc};
use termina::event::{KeyCode, KeyEvent, KeyEventKind, Modifiers, MouseButton, MouseEvent, MouseEventKind};
use termina::{Event as Parsed, Parser};

pub use super::split::{PASTE_BYTES, SEQUENCE_BYTES};
use super::split::{Splitter, Unit};

/// How long after a lone ESC it is the key and not the start of a sequence, unless the configuration says otherwise.
pub const ESCAPE_PAUSE: Duration = Duration::from_millis(40);

/// What a terminal sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A key went down (or repeats).
    Key(Key),
    /// Text pasted as a whole, with LF line ends and no other control character but the tab.
    Paste {
        /// The text.
        text: String,
        /// It was longer than [`PASTE_BYTES`], or its end never came: something is missing.
        cut: bool,
    },
    /// The mouse.
    Mouse(Mouse),
    /// Its window gained or lost the focus.
    Focus(bool),
    /// It answered a question.
    Reply(Reply),
}

/// A key and what was held down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Which.
    pub code: Code,
    /// Control.
    pub ctrl: bool,
    /// Alt or Meta.
    pub alt: bool,
    /// Shift, when it is not already in the character.
    pub shift: bool,
}

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "keys are named on the keyboard")]
pub enum Code {
    Char(char),
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
}

/// What the mouse did, at a column and row from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub act: MouseAct,
    /// Column.
    pub column: u16,
    /// Row.
    pub row: u16,
}

/// What the mouse did. Other buttons and bare movement are not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseAct {
    /// The left button went down.
    Press,
    /// It moved with the left button down.
    Drag,
    /// The left button (or one the terminal does not name) came up.
    Release,
    /// The wheel, away from the person.
    WheelUp,
    /// The wheel, towards the person.
    WheelDown,
}

/// An answer to a question (device attributes, colours, cursor position).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// DA1: whoever asks it last knows that everything before was answered.
    Attributes {
        /// It shows sixels.
        sixel: bool,
    },
    /// It takes kitty's graphics.
    Graphics,
    /// It takes iTerm2's inline files, as its name tells.
    InlineFiles,
    /// Width and height of a cell, in pixels.
    CellSize(u16, u16),
    /// OSC 11: the background's red, green, blue.
    Background(u8, u8, u8),
    /// The background has changed, or was asked for as such (modes 2031 and 996); whether it is light.
    Light(bool),
    /// It knows kitty's keyboard protocol.
    Keyboard,
    /// CPR: the cursor's column and row, from 0.
    Cursor(u16, u16),
    /// A sequence that is no key and that we do not know.
    Other,
}

/// Turns bytes into events. It never sleeps: [`Decoder::patience`] says after how much silence to call [`Decoder::give_up`].
#[derive(Debug)]
pub struct Decoder {
    splitter: Splitter,
    escape_pause: Duration,
}

impl Decoder {
    /// A decoder that takes an ESC for the key after `escape_pause` of silence.
    pub fn new(escape_pause: Duration) -> Self {
        Self { splitter: Splitter::default(), escape_pause }
    }

    /// Takes bytes and appends what they mean. The same bytes give the same events however they are split.
    pub fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        for byte in bytes {
            self.splitter.push(*byte, &mut |unit| events.extend(decode(unit)));
        }
    }

    /// How much silence after the last byte makes an end of what is unfinished; `None` when nothing is.
    pub fn patience(&self) -> Option<Duration> {
        self.splitter.patience(self.escape_pause)
    }

    /// That silence has passed.
    pub fn give_up(&mut self, events: &mut Vec<Event>) {
        self.splitter.give_up(&mut |unit| events.extend(decode(unit)));
    }
}

fn decode(unit: Unit) -> Option<Event> {
    let bytes = match unit {
        Unit::Paste(bytes, cut) => return Some(Event::Paste { text: pasted(&bytes), cut }),
        Unit::Bytes(bytes) => bytes,
    };
    // Alt with a byte that usually begins a sequence, and ESC itself.
    match bytes[..] {
        [0x1b] => return Some(key(Code::Esc)),
        [0x1b, byte @ (b'[' | b'O' | b']' | b'P' | b'_' | b'^' | b'X')] => {
            return Some(Event::Key(Key { code: Code::Char(char::from(byte)), ctrl: false, alt: true, shift: false }));
        }
        // The keypad's Enter, in application mode.
        [0x1b, b'O', b'M'] => return Some(key(Code::Enter)),
        _ => {}
    }
    if let Some(reply) = pictured(&bytes) {
        return Some(Event::Reply(reply));
    }
    let sequence = matches!(bytes[..], [0x1b, b'[' | b'O' | b']' | b'P' | b'_' | b'^' | b'X', ..]);
    if sequence && !is_parsed(&bytes) {
        return Some(Event::Reply(Reply::Other));
    }
    let mut parser = Parser::default();
    parser.parse(&bytes, false);
    match parser.pop() {
        Some(Parsed::Key(event)) => pressed(KeyEvent { code: latin(&event, &bytes).unwrap_or(event.code), ..event }),
        Some(Parsed::Mouse(event)) => moved(event),
        Some(Parsed::FocusIn) => Some(Event::Focus(true)),
        Some(Parsed::FocusOut) => Some(Event::Focus(false)),
        Some(Parsed::Csi(csi)) => Some(Event::Reply(answered(&csi))),
        Some(Parsed::Osc(Osc::ChangeDynamicColors(DynamicColorNumber::TextBackgroundColor, colours))) => match colours[..] {
            [ColorOrQuery::Color(colour)] => Some(Event::Reply(Reply::Background(colour.red, colour.green, colour.blue))),
            _ => Some(Event::Reply(Reply::Other)),
        },
        Some(_) => Some(Event::Reply(Reply::Other)),
        None => sequence.then_some(Event::Reply(Reply::Other)),
    }
}

/// An answer that tells how the terminal takes pictures.
fn pictured(bytes: &[u8]) -> Option<Reply> {
    let text = std::str::from_utf8(bytes).ok()?.strip_prefix('\x1b')?;
    if let Some(answer) = text.strip_prefix("_G").and_then(|rest| rest.strip_suffix("\x1b\\")) {
        return Some(if answer == "i=31;OK" { Reply::Graphics } else { Reply::Other });
    }
    if let Some(name) = text.strip_prefix("P>|") {
        return Some(if name.starts_with("iTerm2 ") || name.starts_with("WezTerm ") { Reply::InlineFiles } else { Reply::Other });
    }
    if let Some(numbers) = text.strip_prefix("[?").and_then(|rest| rest.strip_suffix('c')) {
        // The first number is the terminal's class, the others are what it can do.
        return Some(Reply::Attributes { sixel: numbers.split(';').skip(1).any(|number| number == "4") });
    }
    let numbers = text.strip_prefix("[6;").and_then(|rest| rest.strip_suffix('t'))?;
    let (height, width) = numbers.split_once(';')?;
    match (width.parse(), height.parse()) {
        (Ok(width), Ok(height)) if (1..=200).contains(&width) && (1..=200).contains(&height) => Some(Reply::CellSize(width, height)),
        _ => Some(Reply::Other),
    }
}

/// The parser reads this kind of sequence to its end. Of the others it gives up in the middle and takes the rest for typed characters.
fn is_parsed(sequence: &[u8]) -> bool {
    match sequence {
        [0x1b, b'[', first, ..] => first.is_ascii_alphanumeric() || matches!(first, b'[' | b'<' | b'>' | b'?'),
        [0x1b, b'O' | b']' | b'P', ..] => true,
        _ => false,
    }
}

const fn key(code: Code) -> Event {
    Event::Key(Key { code, ctrl: false, alt: false, shift: false })
}

fn pasted(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

fn pressed(event: KeyEvent) -> Option<Event> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let held = |modifier| event.modifiers.contains(modifier);
    let (ctrl, alt, mut shift) = (held(Modifiers::CONTROL), held(Modifiers::ALT) || held(Modifiers::META), held(Modifiers::SHIFT));
    let code = match event.code {
        KeyCode::Char(c) if c.is_control() => return None,
        KeyCode::Char(c) => {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(only), None) if shift && !ctrl => {
                    shift = false;
                    Code::Char(only)
                }
                _ => Code::Char(c),
            }
        }
        KeyCode::Enter => Code::Enter,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => {
            shift = true;
            Code::Tab
        }
        KeyCode::Escape => Code::Esc,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::Insert => Code::Insert,
        KeyCode::Delete => Code::Delete,
        KeyCode::Function(n) => Code::F(n),
        _ => return None,
    };
    Some(Event::Key(Key { code, ctrl, alt, shift }))
}

/// With Control or Alt, the letter that the Latin layout has on the key, where the terminal tells it (kitty's third code of a key): Ctrl-X
/// is Ctrl-X on a Russian keyboard, too.
fn latin(event: &KeyEvent, bytes: &[u8]) -> Option<KeyCode> {
    let held = event.modifiers.intersects(Modifiers::CONTROL | Modifiers::ALT);
    if !held || !matches!(event.code, KeyCode::Char(c) if !c.is_ascii()) {
        return None;
    }
    let codes = std::str::from_utf8(bytes).ok()?.strip_prefix("\x1b[")?.split(';').next()?;
    let c = char::from_u32(codes.split(':').nth(2)?.parse().ok()?)?;
    c.is_ascii_graphic().then_some(KeyCode::Char(c))
}

fn moved(event: MouseEvent) -> Option<Event> {
    let act = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => MouseAct::Press,
        MouseEventKind::Drag(MouseButton::Left) => MouseAct::Drag,
        MouseEventKind::Up(MouseButton::Left) => MouseAct::Release,
        MouseEventKind::ScrollUp => MouseAct::WheelUp,
        MouseEventKind::ScrollDown => MouseAct::WheelDown,
        _ => return None,
    };
    Some(Event::Mouse(Mouse { act, column: event.column, row: event.row }))
}

fn answered(csi: &Csi) -> Reply {
    match csi {
        Csi::Device(_) => Reply::Attributes { sixel: false },
        Csi::Keyboard(Keyboard::ReportFlags(_)) => Reply::Keyboard,
        Csi::Mode(Mode::ReportTheme(theme)) => Reply::Light(matches!(theme, ThemeMode::Light)),
        Csi::Cursor(Cursor::ActivePositionReport { line, col }) => Reply::Cursor(col.get_zero_based(), line.get_zero_based()),
        _ => Reply::Other,
    }
}

#[cfg(test)]
#[path = "input_tests.rs"]
mod tests;
