//! The one place where text reaches the screen's cells: everything painted is a [`Safe`], clipped to the room it is given.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect as Area;
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr;

use super::look::Look;
use super::marks::Mark;
use super::theme::{Meaning, Theme};
use crate::app::layout::Rect;
use crate::domain::link::Url;
use crate::domain::picture::Picture;
use crate::domain::text::Safe;

/// What is painted on.
pub(super) struct Canvas<'a> {
    buffer: &'a mut Buffer,
    look: &'a Look,
    theme: &'a Theme,
    /// Where the terminal's cursor stands, if it is shown.
    pub(super) cursor: Option<(u16, u16)>,
    /// Where the links that were painted lead, by the numbers in their cells.
    pub(super) links: BTreeMap<u32, Arc<str>>,
    /// The pictures that were given a place.
    pictures: Vec<Stands>,
}

/// A picture, and its first column and row.
#[derive(Clone, Debug)]
pub struct Stands {
    /// The picture.
    pub picture: Arc<Picture>,
    /// Where it stands.
    pub at: (u16, u16),
}

impl Stands {
    fn area(&self) -> Area {
        Area::new(self.at.0, self.at.1, self.picture.columns, self.picture.rows)
    }

    fn colour(&self) -> Color {
        let [_, red, green, blue] = self.picture.number.to_be_bytes();
        Color::Rgb(red, green, blue)
    }

    /// A blank of its own, which nobody has painted on.
    fn has(&self, cell: &Cell) -> bool {
        cell.symbol() == " " && cell.underline_color == self.colour() && cell.modifier.contains(Modifier::HIDDEN)
    }
}

impl<'a> Canvas<'a> {
    pub(super) const fn new(buffer: &'a mut Buffer, look: &'a Look, theme: &'a Theme) -> Self {
        Self { buffer, look, theme, cursor: None, links: BTreeMap::new(), pictures: Vec::new() }
    }

    /// Paints one line within `room` columns; what does not fit ends in `…`. Returns the columns used.
    pub(super) fn put(&mut self, x: u16, y: u16, room: usize, text: &Safe, meaning: Meaning) -> usize {
        self.put_styled(x, y, room, text, self.theme.style(meaning, self.look.depth))
    }

    /// As [`Canvas::put`], with these ranges of the text marked as what was looked for.
    pub(super) fn put_marked(&mut self, x: u16, y: u16, room: usize, text: &Safe, meaning: Meaning, marks: &[Range<usize>]) -> usize {
        let used = self.put(x, y, room, text, meaning);
        for mark in marks {
            let column = |to: usize| text.as_str().get(..to).map_or(0, |before| Safe::line(before).width()).min(used);
            let (from, to) = (column(mark.start), column(mark.end));
            self.restyle(Rect::new(x + from as u16, y, (to - from) as u16, 1), Meaning::Match);
        }
        used
    }

    /// As [`Canvas::put`], ending before column `end`.
    pub(super) fn put_right(&mut self, end: u16, y: u16, room: usize, text: &Safe, meaning: Meaning) -> usize {
        let width = text.width().min(room);
        self.put(end.saturating_sub(width as u16), y, width, text, meaning)
    }

    /// Words of our own.
    pub(super) fn say(&mut self, x: u16, y: u16, room: usize, text: &str, meaning: Meaning) -> usize {
        self.put(x, y, room, &Safe::line(text), meaning)
    }

    /// Words of our own, ending before column `end`.
    pub(super) fn say_right(&mut self, end: u16, y: u16, room: usize, text: &str, meaning: Meaning) -> usize {
        self.put_right(end, y, room, &Safe::line(text), meaning)
    }

    /// A mark.
    pub(super) fn mark(&mut self, x: u16, y: u16, mark: Mark, meaning: Meaning) -> usize {
        self.put(x, y, 2, &mark.text(self.look.ascii), meaning)
    }

    /// How a mark looks here.
    pub(super) fn text_of(&self, mark: Mark) -> Safe {
        mark.text(self.look.ascii)
    }

    /// A horizontal rule over `w` columns.
    pub(super) fn rule(&mut self, x: u16, y: u16, w: u16, mark: Mark, meaning: Meaning) {
        let dash = mark.text(self.look.ascii);
        let rule = Safe::line(&dash.as_str().repeat(usize::from(w)));
        self.put(x, y, usize::from(w), &rule, meaning);
    }

    /// A vertical rule over `h` rows.
    pub(super) fn column(&mut self, x: u16, y: u16, h: u16) {
        for row in y..y.saturating_add(h) {
            self.mark(x, row, Mark::Vertical, Meaning::Rule);
        }
    }

    /// Blanks a place, restyles nothing around it and leaves no half of a wide character at its edges.
    pub(super) fn clear(&mut self, place: Rect) {
        for y in place.y..place.y.saturating_add(place.h) {
            if let Some(left) = place.x.checked_sub(1) {
                let wide = self.buffer.cell((left, y)).is_some_and(|cell| cell.symbol().width() > 1);
                if wide {
                    self.reset(left, y);
                }
            }
            for x in place.x..place.x.saturating_add(place.w) {
                self.reset(x, y);
            }
        }
    }

    /// Makes what stands there a link. Its number is made of its address, so that it is the same in every frame.
    pub(super) fn link(&mut self, (x, y): (u16, u16), columns: u16, url: &Url) {
        let hash = url.as_str().bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let number = ((hash >> 24) ^ hash) & 0x00ff_ffff;
        let known = self.links.entry(number).or_insert_with(|| url.shared());
        if number == 0 || **known != *url.as_str() {
            return;
        }
        let [_, red, green, blue] = number.to_be_bytes();
        let style = self.theme.style(Meaning::Accent, self.look.depth).underline_color(Color::Rgb(red, green, blue));
        let area = Area::new(x, y, columns, 1).intersection(self.buffer.area);
        self.buffer.set_style(area, style);
    }

    /// Gives a picture the blanks from there on; they are marked as its own.
    pub(super) fn picture(&mut self, at: (u16, u16), picture: &Arc<Picture>) {
        let stands = Stands { picture: Arc::clone(picture), at };
        let (area, colour) = (stands.area(), stands.colour());
        if self.buffer.area.intersection(area) == area {
            self.buffer.set_style(area, Style::new().underline_color(colour).add_modifier(Modifier::HIDDEN));
            self.pictures.push(stands);
        }
    }

    /// The pictures that nothing was painted over. What is left of the others is given back to the text.
    pub(super) fn free_pictures(&mut self) -> Vec<Stands> {
        let (free, covered): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pictures).into_iter().partition(|stands| {
            let cells = stands.area().positions();
            cells.into_iter().all(|at| self.buffer.cell(at).is_some_and(|cell| stands.has(cell)))
        });
        for stands in covered {
            for at in stands.area().positions() {
                if let Some(cell) = self.buffer.cell_mut(at) {
                    let own = cell.underline_color == stands.colour();
                    cell.modifier.remove(Modifier::HIDDEN);
                    cell.underline_color = if own { Color::Reset } else { cell.underline_color };
                }
            }
        }
        free
    }

    /// Gives a place another style, its text stays.
    pub(super) fn restyle(&mut self, place: Rect, meaning: Meaning) {
        let area = Area::new(place.x, place.y, place.w, place.h).intersection(self.buffer.area);
        self.buffer.set_style(area, self.theme.style(meaning, self.look.depth));
    }

    /// Gives a place one style and swaps its foreground and background.
    pub(super) fn reverse(&mut self, place: Rect, meaning: Meaning) {
        self.restyle(place, meaning);
        let area = Area::new(place.x, place.y, place.w, place.h).intersection(self.buffer.area);
        self.buffer.set_style(area, Style::new().add_modifier(Modifier::REVERSED));
    }

    /// Nothing but ASCII may be painted.
    pub(super) const fn is_ascii(&self) -> bool {
        self.look.ascii
    }

    /// A cleared place with a border and a title; returns the room inside.
    pub(super) fn frame(&mut self, place: Rect, title: &str) -> Rect {
        self.clear(place);
        if place.w < 4 || place.h < 3 {
            return Rect::default();
        }
        let (right, bottom) = (place.x + place.w - 1, place.y + place.h - 1);
        self.rule(place.x, place.y, place.w, Mark::Horizontal, Meaning::Rule);
        self.rule(place.x, bottom, place.w, Mark::Horizontal, Meaning::Rule);
        self.column(place.x, place.y, place.h);
        self.column(right, place.y, place.h);
        let corners = [(place.x, place.y), (right, place.y), (place.x, bottom), (right, bottom)];
        for ((x, y), corner) in corners.into_iter().zip([Mark::TopLeft, Mark::TopRight, Mark::BottomLeft, Mark::BottomRight]) {
            self.mark(x, y, corner, Meaning::Rule);
        }
        self.say(place.x + 2, place.y, usize::from(place.w) - 4, &format!(" {title} "), Meaning::Accent);
        Rect::new(place.x + 2, place.y + 1, place.w - 4, place.h - 2)
    }

    fn put_styled(&mut self, x: u16, y: u16, room: usize, text: &Safe, style: Style) -> usize {
        if !self.buffer.area.contains((x, y).into()) {
            return 0;
        }
        if !self.look.ascii && text.begins_plain(room.saturating_add(1)) {
            return self.put_plain(x, y, room, text.as_str(), style.underline_color(Color::Reset));
        }
        let plain;
        let cut = text.cut(room);
        let mut text = cut.as_ref().unwrap_or(text);
        if self.look.ascii && !text.as_str().is_ascii() {
            plain = Safe::line(&text.as_str().replace('…', ".").replace(['·', '–'], "-"));
            text = &plain;
        }
        // What is painted over a link is none.
        let style = style.underline_color(Color::Reset);
        if text.is_plain() {
            return self.put_plain(x, y, room, text.as_str(), style);
        }
        let (end, _) = self.buffer.set_stringn(x, y, text.as_str(), room, style);
        usize::from(end - x)
    }

    /// What [`Buffer::set_stringn`] would do with what fits, without looking for clusters where there are none: most of what a frame is made of.
    #[expect(clippy::disallowed_methods, reason = "the characters are a plain Safe's: letters and lines, nothing a terminal could obey")]
    fn put_plain(&mut self, x: u16, y: u16, room: usize, text: &str, style: Style) -> usize {
        let right = self.buffer.area.right();
        let mut at = x;
        let mut chars = text.chars();
        for left in (0..room).rev() {
            let Some(c) = chars.next().filter(|_| at < right) else { break };
            let c = if left == 0 && !chars.as_str().is_empty() { '…' } else { c };
            if let Some(cell) = self.buffer.cell_mut((at, y)) {
                // Blanks stand there already, most often.
                if c != ' ' || cell.symbol() != " " {
                    cell.set_symbol(c.encode_utf8(&mut [0; 4]));
                }
                cell.set_style(style);
            }
            at += 1;
        }
        usize::from(at - x)
    }

    fn reset(&mut self, x: u16, y: u16) {
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.reset();
        }
    }
}
