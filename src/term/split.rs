//! Cuts a terminal's byte stream into units: one character, one escape sequence, one paste. A unit is complete before anybody reads meaning
//! into it, so it does not matter how the bytes were split on their way, and the rest of a sequence nobody knows is never taken for keys.

use std::time::Duration;

/// The most of one escape sequence that is kept; what is longer is dropped as a whole.
pub const SEQUENCE_BYTES: usize = 64 * 1024;
/// The most of one paste that is kept; the rest is cut off.
pub const PASTE_BYTES: usize = 1024 * 1024;

/// How long a sequence that has begun in earnest may pause. A bad line splits it anywhere, so this is generous.
const SEQUENCE_PAUSE: Duration = Duration::from_secs(1);
/// How long a paste may pause before what came is taken for all of it.
const PASTE_PAUSE: Duration = Duration::from_secs(5);

/// A complete piece of input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// A character, control byte or escape sequence; `ESC` before a character is the character with Alt.
    Bytes(Vec<u8>),
    /// The contents of a bracketed paste, and whether something was cut off.
    Paste(Vec<u8>, bool),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// Inside a character of so many bytes more.
    Char(u8),
    /// After ESC O: one more byte.
    Shift3,
    /// After CSI.
    Csi,
    /// Inside a sequence of so many bytes more (X10 mouse, the Linux console's function keys).
    Fixed(u8),
    /// Inside OSC, DCS, APC, PM or SOS; whether the last byte was ESC.
    Text(bool),
    Paste,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    state: State,
    held: Vec<u8>,
    cut: bool,
}

const ESC: u8 = 0x1b;
const PASTE_BEGIN: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

impl Splitter {
    /// Takes one byte; hands every unit it completes to `done`.
    pub(super) fn push(&mut self, byte: u8, done: &mut impl FnMut(Unit)) {
        match self.state {
            State::Paste => return self.paste(byte, done),
            State::Text(escaped) => return self.text(byte, escaped, done),
            // A new escape ends whatever was unfinished.
            State::Escape if byte == ESC => {
                done(Unit::Bytes(vec![ESC]));
                return;
            }
            State::Fixed(_) | State::Ground => {}
            _ if byte == ESC => {
                self.begin(State::Escape, byte);
                return;
            }
            _ => {}
        }
        match self.state {
            State::Ground if byte == ESC => self.begin(State::Escape, byte),
            State::Ground | State::Escape => self.start(byte, done),
            State::Char(left) if byte & 0xc0 == 0x80 => {
                self.held.push(byte);
                if left == 1 { self.finish(done) } else { self.state = State::Char(left - 1) }
            }
            // Not UTF-8: what was begun is dropped, the byte stands for itself.
            State::Char(_) => {
                self.reset();
                self.push(byte, done);
            }
            State::Shift3 => {
                self.held.push(byte);
                self.finish(done);
            }
            State::Fixed(left) => {
                self.held.push(byte);
                if left == 1 { self.finish(done) } else { self.state = State::Fixed(left - 1) }
            }
            State::Csi => self.csi(byte, done),
            State::Text(_) | State::Paste => {}
        }
    }

    /// After so much silence, what is held is all there is. `escape` is the pause after which a lone ESC is the key.
    pub(super) fn patience(&self, escape: Duration) -> Option<Duration> {
        match self.state {
            State::Ground => None,
            // ESC alone, or ESC and one byte, may be a key: with Alt, or Escape itself.
            State::Escape => Some(escape),
            State::Shift3 | State::Csi | State::Text(_) if self.held.len() == 2 => Some(escape),
            State::Paste => Some(PASTE_PAUSE),
            _ => Some(SEQUENCE_PAUSE),
        }
    }

    /// The silence has lasted: a lone ESC is a key, ESC and a letter are Alt and the letter, a paste ends, all else is dropped.
    pub(super) fn give_up(&mut self, done: &mut impl FnMut(Unit)) {
        match self.state {
            State::Escape => self.finish(done),
            State::Shift3 | State::Csi | State::Text(_) if self.held.len() == 2 => self.finish(done),
            State::Paste => {
                done(Unit::Paste(std::mem::take(&mut self.held), true));
                self.reset();
            }
            _ => self.reset(),
        }
    }

    fn begin(&mut self, state: State, byte: u8) {
        self.reset();
        self.state = state;
        self.held.push(byte);
    }

    fn reset(&mut self) {
        self.state = State::Ground;
        self.held.clear();
        self.cut = false;
    }

    fn finish(&mut self, done: &mut impl FnMut(Unit)) {
        if !self.cut {
            done(Unit::Bytes(std::mem::take(&mut self.held)));
        }
        self.reset();
    }

    /// The first byte of a unit, or the one after ESC.
    fn start(&mut self, byte: u8, done: &mut impl FnMut(Unit)) {
        self.held.push(byte);
        self.state = match (self.state, byte) {
            (State::Escape, b'[') => State::Csi,
            (State::Escape, b'O') => State::Shift3,
            (State::Escape, b']' | b'P' | b'_' | b'^' | b'X') => State::Text(false),
            (_, 0xc2..=0xdf) => State::Char(1),
            (_, 0xe0..=0xef) => State::Char(2),
            (_, 0xf0..=0xf4) => State::Char(3),
            (_, 0x80..) => return self.reset(),
            _ => return self.finish(done),
        };
    }

    fn csi(&mut self, byte: u8, done: &mut impl FnMut(Unit)) {
        match byte {
            b'[' if self.held.len() == 2 => self.state = State::Fixed(1),
            b'M' if self.held.len() == 2 => self.state = State::Fixed(3),
            0x20..=0x3f => {}
            0x40..=0x7e => {
                self.keep(byte);
                if self.held == PASTE_BEGIN {
                    self.reset();
                    self.state = State::Paste;
                    return;
                }
                return self.finish(done);
            }
            // Nothing that belongs into a sequence.
            _ => return self.reset(),
        }
        self.keep(byte);
    }

    fn text(&mut self, byte: u8, escaped: bool, done: &mut impl FnMut(Unit)) {
        match (escaped, byte) {
            (true, b'\\') | (false, 0x07) => {
                self.keep(byte);
                self.finish(done);
            }
            // ESC and anything else: a new sequence, the text was never ended.
            (true, _) => {
                self.begin(State::Escape, ESC);
                self.push(byte, done);
            }
            // CAN and SUB end a sequence without effect (ECMA-48).
            (false, 0x18 | 0x1a) => self.reset(),
            (false, _) => {
                self.state = State::Text(byte == ESC);
                self.keep(byte);
            }
        }
    }

    fn paste(&mut self, byte: u8, done: &mut impl FnMut(Unit)) {
        self.held.push(byte);
        if self.held.ends_with(PASTE_END) {
            let kept = self.held.len() - PASTE_END.len();
            self.held.truncate(kept.min(PASTE_BYTES));
            done(Unit::Paste(std::mem::take(&mut self.held), self.cut || kept > PASTE_BYTES));
            self.reset();
        } else if self.held.len() > PASTE_BYTES + 2 * PASTE_END.len() {
            // Beyond the cap only enough is kept to notice the end.
            self.held.remove(PASTE_BYTES);
            self.cut = true;
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.held.len() < SEQUENCE_BYTES {
            self.held.push(byte);
        } else {
            self.cut = true;
        }
    }
}
