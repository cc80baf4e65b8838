//! Pictures on a screen of cells: which the terminal shows where, and the bytes between that and what it is to show. The cells under a
//! picture are blank and belong to it, so that no text is written or erased there while it stands.

use std::collections::VecDeque;
use std::sync::Arc;

use super::modes::base64;

/// How a terminal takes pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Kitty's graphics protocol: the file is sent once and placed by its number.
    Kitty,
    /// iTerm2's inline files: sent wherever they stand.
    Iterm,
    /// DEC's sixels: likewise.
    Sixel,
}

/// A picture at its place on a frame.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Tells it apart from all others.
    pub number: u32,
    /// Its first column.
    pub x: u16,
    /// Its first row.
    pub y: u16,
    /// How many columns it takes.
    pub columns: u16,
    /// How many rows.
    pub rows: u16,
    /// A PNG file, or sixels.
    pub data: Arc<[u8]>,
}

/// The most pictures that a terminal is made to keep.
const KEPT: usize = 32;
/// Kitty takes its files in pieces of at most so many bytes of base64.
const PIECE: usize = 4096;

/// What the terminal has and shows.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    /// How it takes pictures; none are sent before that is known.
    pub(super) way: Option<Way>,
    shown: Vec<Placed>,
    /// Those that kitty has, the one that was placed last at the end.
    sent: VecDeque<u32>,
}

impl Placed {
    fn stands_as(&self, other: &Self) -> bool {
        (self.number, self.x, self.y) == (other.number, other.x, other.y)
    }
}

impl Pictures {
    /// Nothing is shown, and nothing is to be.
    pub(super) fn rest(&self, next: &[Placed]) -> bool {
        self.shown.is_empty() && (next.is_empty() || self.way.is_none())
    }

    /// The terminal shows them already.
    pub(super) fn are(&self, next: &[Placed]) -> bool {
        self.rest(next) || (self.shown.len() == next.len() && next.iter().all(|new| self.stands(new)))
    }

    /// What the terminal has is not known any more.
    pub(super) fn forget(&mut self) {
        self.sent.clear();
    }

    /// The screen was erased, and pictures with it; a terminal that keeps them apart from the text is told so.
    pub(super) fn erased(&mut self, out: &mut Vec<u8>) {
        if !self.shown.is_empty() && self.way == Some(Way::Kitty) {
            out.extend_from_slice(b"\x1b_Ga=d,q=2\x1b\\");
        }
        self.shown.clear();
    }

    /// Writes what shows `next` over a frame whose cells are written. The cursor is anywhere afterwards.
    pub(super) fn write(&mut self, next: Vec<Placed>, out: &mut Vec<u8>) {
        let Some(way) = self.way else { return };
        if way == Way::Kitty {
            for gone in self.shown.iter().filter(|old| next.iter().all(|new| new.number != old.number)) {
                out.extend_from_slice(format!("\x1b_Ga=d,d=i,i={},q=2\x1b\\", gone.number).as_bytes());
            }
        }
        for picture in &next {
            if self.stands(picture) {
                continue;
            }
            if way == Way::Kitty {
                self.send(picture, out);
            }
            out.extend_from_slice(format!("\x1b[{};{}H", picture.y + 1, picture.x + 1).as_bytes());
            let Placed { number, columns, rows, data, .. } = picture;
            match way {
                // The same number and place again moves it.
                Way::Kitty => out.extend_from_slice(format!("\x1b_Ga=p,i={number},p=1,c={columns},r={rows},C=1,q=2\x1b\\").as_bytes()),
                Way::Iterm => {
                    let about = format!("size={};width={columns};height={rows};preserveAspectRatio=0;doNotMoveCursor=1", data.len());
                    out.extend_from_slice(format!("\x1b]1337;File=inline=1;{about}:").as_bytes());
                    base64(data, out);
                    out.extend_from_slice(b"\x1b\\");
                }
                Way::Sixel => out.extend_from_slice(data),
            }
        }
        self.shown = next;
    }

    fn stands(&self, new: &Placed) -> bool {
        self.shown.iter().any(|old| old.stands_as(new))
    }

    /// Gives kitty a picture that it does not have, in place of the one that was placed longest ago.
    fn send(&mut self, picture: &Placed, out: &mut Vec<u8>) {
        let number = picture.number;
        if let Some(at) = self.sent.iter().position(|sent| *sent == number) {
            self.sent.remove(at);
            self.sent.push_back(number);
            return;
        }
        if self.sent.len() == KEPT
            && let Some(oldest) = self.sent.pop_front()
        {
            out.extend_from_slice(format!("\x1b_Ga=d,d=I,i={oldest},q=2\x1b\\").as_bytes());
        }
        let mut encoded = Vec::with_capacity(picture.data.len() * 4 / 3 + 4);
        base64(&picture.data, &mut encoded);
        let pieces = encoded.chunks(PIECE);
        let last = pieces.len().saturating_sub(1);
        for (n, piece) in pieces.enumerate() {
            let more = u8::from(n < last);
            let head = if n == 0 { format!("a=t,f=100,t=d,i={number},q=2,m={more}") } else { format!("m={more},q=2") };
            out.extend_from_slice(format!("\x1b_G{head};").as_bytes());
            out.extend_from_slice(piece);
            out.extend_from_slice(b"\x1b\\");
        }
        self.sent.push_back(number);
    }
}

#[cfg(test)]
#[path = "pictures_tests.rs"]
mod tests;
