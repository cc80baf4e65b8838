//! The open conversation: a window of its messages in order, where the screen stands in them, which one is selected. The window is as long
//! as it has to be and never longer than [`MOST`]: what is far from the screen is let go and read again when the screen comes near.

pub mod pictures;
mod window;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::composer::Composer;
use super::item::{Item, Line, gap_words};
use crate::app::effect::Query;
use crate::app::motion::Motion;
use crate::domain::conversation::Summary;
use crate::domain::delivery::Delivery;
use crate::domain::id::{ConversationId, MessageId};
use crate::domain::message::{Direction, Gap, Message, Place, ThreadKey};
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;
use pictures::Pictures;

/// Messages asked for at a time.
pub const PAGE: u32 = 60;
/// Messages of the window, at most.
pub const MOST: usize = 600;

/// The open conversation.
#[derive(Debug)]
pub struct Thread {
    /// Which.
    pub id: ConversationId,
    /// Its row, once known.
    pub summary: Option<Summary>,
    /// The customer's name and address.
    pub title: (Safe, Safe),
    /// The messages, oldest first; those not stored yet stand last.
    pub items: Vec<Item>,
    /// Something was read.
    pub loaded: bool,
    /// Why nothing could be read.
    pub problem: Option<Safe>,
    /// The selected message.
    pub selected: Option<MessageId>,
    /// What is being written.
    pub composer: Composer,
    /// Rows after the last message.
    pub tail: Vec<Line>,
    /// The first row on the screen.
    pub top: usize,
    /// Rows on the screen.
    pub shown: usize,
    /// There are messages before the window.
    pub older: bool,
    /// There are messages after the window.
    pub newer: bool,
    /// A further page could not be read; it is asked for again when the person moves.
    pub stalled: bool,
    /// Where the person wants to be, outside the window: read and not there yet.
    pub going: Option<Going>,
    /// The messages from which a quoted one was gone to, the latest last.
    pub trail: Vec<MessageId>,
    /// Its pictures, where the terminal shows any.
    pub pictures: Pictures,
    gaps: Vec<Gap>,
    /// The first row of each message, and at last how many rows there are.
    starts: Vec<usize>,
    /// The screen stands at the newest message and stays there.
    at_end: bool,
    /// The first row on the screen when it stands there. Where rows cannot be scrolled by the terminal, because the list stands beside them, a
    /// few blank rows are left below the newest message, so that the next ones cost no more than themselves.
    end: usize,
    /// The list stands beside the thread.
    beside: bool,
    /// The newest message that was on the screen.
    seen: Option<ThreadKey>,
    /// How many were unread when that was so.
    seen_unread: u32,
    new_from: Option<MessageId>,
    /// What was unread was read; the next unread message begins a new line.
    read: bool,
    width: usize,
    today: NaiveDate,
    zone: Tz,
}

/// Somewhere in the thread that is gone to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Going {
    /// The very first message.
    First,
    /// The newest one.
    Last,
    /// A certain one.
    To(MessageId),
}

/// One row of the thread, and whose it is.
#[derive(Clone, Copy, Debug)]
pub enum Row<'a> {
    /// A separator.
    Between(&'a Line),
    /// Author and time of a message.
    Head(&'a Item),
    /// A row of a message, and whether it is the one that carries its mark.
    Body(&'a Item, &'a Line, bool),
}

impl Thread {
    /// An open conversation nothing is read of yet.
    pub fn new(id: ConversationId, summary: Option<Summary>, today: NaiveDate, zone: Tz) -> Self {
        let mut thread = Self {
            id,
            summary: None,
            title: (Safe::default(), Safe::default()),
            items: Vec::new(),
            loaded: false,
            problem: None,
            selected: None,
            composer: Composer::default(),
            tail: Vec::new(),
            top: 0,
            shown: 0,
            older: false,
            newer: false,
            stalled: false,
            going: None,
            trail: Vec::new(),
            pictures: Pictures::default(),
            gaps: Vec::new(),
            starts: vec![0],
            at_end: true,
            end: 0,
            beside: false,
            seen: None,
            seen_unread: 0,
            new_from: None,
            read: true,
            width: 0,
            today,
            zone,
        };
        if let Some(summary) = summary {
            thread.know(summary);
        }
        thread
    }

    /// The query for what is looked at, or gone to.
    pub fn in_view(&self) -> Query {
        let looked_at = || self.items.get(self.first_visible()).map_or(Place::Newest, |item| Place::Around(item.message.id));
        let place = match self.going {
            Some(going) => going.place(),
            None if self.newer => looked_at(),
            None => Place::Newest,
        };
        Query::Thread { conversation: self.id, place, limit: PAGE }
    }

    /// The query for what the screen lacks: where the person goes, or the next page when the screen comes near an edge of the window.
    pub fn wanted(&self) -> Option<Query> {
        if self.going.is_some() {
            return Some(self.in_view());
        }
        let (first, last) = self.edges()?;
        let near_end = self.rows() < self.top + 2 * self.shown;
        let place = match () {
            () if self.stalled => return None,
            () if self.older && self.top < self.shown => Place::Before(first),
            () if self.newer && near_end => Place::After(last),
            () => return None,
        };
        Some(Query::Thread { conversation: self.id, place, limit: PAGE })
    }

    /// Selects a message and brings it into view, now if it is in the window and else when it is read.
    pub fn go_to(&mut self, id: MessageId) {
        match self.items.iter().position(|item| item.message.id == id) {
            Some(at) => {
                self.going = None;
                self.selected = Some(id);
                let hidden = self.starts[at] < self.top || self.starts[at + 1] > self.top + self.shown;
                if hidden {
                    self.center(at);
                }
            }
            None => self.going = Some(Going::To(id)),
        }
    }

    /// Shows a message before the store has it.
    pub fn add_ahead(&mut self, message: Message, ticket: u64) {
        let mut item = Item::of(message, self.width);
        item.ticket = Some(ticket);
        if self.newer {
            // The window is far from the end: what stands there is read anew.
            self.items.clear();
            self.going = Some(Going::Last);
            (self.older, self.newer) = (true, false);
        }
        self.items.push(item);
        self.selected = None;
        self.at_end = true;
        self.new_from = None;
        self.arrange();
        self.go_to_end();
    }

    /// Takes the message of a write that failed off the screen.
    pub fn drop_ahead(&mut self, ticket: u64) {
        let anchor = self.anchor();
        self.items.retain(|item| item.ticket != Some(ticket));
        self.arrange();
        self.restore(anchor);
    }

    /// The store's id of a message shown ahead of it.
    pub fn name_ahead(&mut self, ticket: u64, id: MessageId) {
        if self.items.iter().any(|item| item.ticket.is_none() && item.message.id == id) {
            self.drop_ahead(ticket);
        } else if let Some(item) = self.items.iter_mut().find(|item| item.ticket == Some(ticket)) {
            item.message.id = id;
        }
    }

    /// Fits the rows to a thread of `width` columns and `shown` rows on the day `today`; `beside` the list or alone on the screen.
    pub fn resize(&mut self, (width, shown): (usize, usize), beside: bool, today: NaiveDate, zone: Tz) {
        self.beside = beside;
        if (width, today, zone) != (self.width, self.today, self.zone) {
            let anchor = self.anchor();
            (self.width, self.today, self.zone) = (width, today, zone);
            for item in &mut self.items {
                item.wrap(width);
            }
            self.shown = shown;
            self.arrange();
            self.restore(anchor);
        } else if shown != self.shown {
            // The lower edge stays: opening the composer must not hide the newest message.
            let bottom = self.top + self.shown;
            self.shown = shown;
            self.mend_end();
            self.top = bottom.saturating_sub(shown).min(self.end);
            if self.at_end {
                self.go_to_end();
            }
        }
        self.notice();
    }

    /// Moves the selected message; within one that is longer than the screen, moves by rows.
    pub fn motion(&mut self, motion: Motion) -> Option<Query> {
        if self.items.is_empty() {
            return None;
        }
        (self.stalled, self.going) = (false, None);
        let count = self.items.len();
        let half = (self.shown / 2).max(1);
        if matches!(motion, Motion::Top | Motion::Bottom) {
            self.trail.clear();
        }
        match motion {
            Motion::Top if self.older => self.going = Some(Going::First),
            Motion::Bottom if self.newer => self.going = Some(Going::Last),
            Motion::Top => {
                self.selected = self.items.first().map(|item| item.message.id);
                self.scroll_to(0);
            }
            Motion::Bottom => {
                self.selected = self.items.last().map(|item| item.message.id);
                self.go_to_end();
            }
            Motion::Down | Motion::Up => {
                // Without a selection, acts are about the newest message: from there it goes on.
                let at = self.cursor().or_else(|| self.at_end.then_some(count - 1));
                let bottom = self.top + self.shown;
                if let Some(at) = at {
                    let (from, to) = (self.starts[at], self.starts[at + 1]);
                    if motion == Motion::Down && to > bottom {
                        self.scroll_to(self.top + (to - bottom).min(half));
                        return self.wanted();
                    }
                    if motion == Motion::Up && from < self.top {
                        self.scroll_to(self.top - (self.top - from).min(half));
                        return self.wanted();
                    }
                }
                let to = at.map_or_else(|| self.last_visible(), |at| motion.from(at, count, 1));
                self.selected = self.items.get(to).map(|item| item.message.id);
                self.reveal(to, motion == Motion::Down);
            }
            Motion::PageDown | Motion::PageUp => {
                let down = motion == Motion::PageDown;
                self.scroll_to(if down { self.top + half } else { self.top.saturating_sub(half) });
                if self.selected.is_some() {
                    let to = if down { self.last_visible() } else { self.first_visible() };
                    self.selected = self.items.get(to).map(|item| item.message.id);
                }
            }
        }
        self.wanted()
    }

    /// Scrolls without moving the selection.
    pub fn scroll(&mut self, down: bool, by: usize) -> Option<Query> {
        (self.stalled, self.going) = (false, None);
        self.scroll_to(if down { self.top + by } else { self.top.saturating_sub(by) });
        self.wanted()
    }

    /// The rows on the screen, from the top.
    pub fn visible(&self) -> impl Iterator<Item = Row<'_>> {
        let first = self.at_row(self.top);
        let skip = self.top - self.starts.get(first).copied().unwrap_or(self.top);
        let rows = self.items.iter().skip(first).flat_map(|item| {
            let between = item.before.iter().map(Row::Between);
            let head = item.head.then_some(Row::Head(item)).into_iter();
            let body = item.body.iter().enumerate().map(move |(n, line)| Row::Body(item, line, n == 0 && !item.head));
            between.chain(head).chain(body)
        });
        rows.chain(self.tail.iter().map(Row::Between)).skip(skip).take(self.shown)
    }

    /// Whose row this is, counted from the top of the screen.
    pub fn message_at(&self, row: usize) -> Option<MessageId> {
        let at = self.at_row(self.top + row);
        (self.top + row < *self.starts.get(at + 1)?).then(|| self.items[at].message.id)
    }

    /// The selected message; without a selection the newest one, or the last one on the screen where the newest is far.
    pub fn current(&self) -> Option<&Item> {
        let lowest = if self.newer { self.items.get(self.last_visible()) } else { self.items.last() };
        self.cursor().map_or(lowest, |at| self.items.get(at))
    }

    /// Messages of the customer below the screen that nobody has seen; 0 at the end.
    pub fn unseen(&self) -> usize {
        if self.at_end {
            return 0;
        }
        if self.newer {
            let unread = self.summary.as_ref().map_or(0, |summary| summary.unread);
            return unread.saturating_sub(self.seen_unread) as usize;
        }
        let seen = self.seen;
        self.items.iter().filter(|item| item.message.direction == Direction::In && seen.is_some_and(|seen| item.message.key > seen)).count()
    }

    /// The screen stands at the newest message.
    pub const fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// The times at which replies still held back leave.
    pub fn held(&self, now: Timestamp) -> impl Iterator<Item = (&Message, Timestamp)> {
        self.items.iter().rev().take(PAGE as usize).filter_map(move |item| {
            let due = item.message.due_at.filter(|due| *due > now && item.message.delivery == Delivery::Queued)?;
            Some((&item.message, due))
        })
    }

    /// Nothing that was unread when it was last looked at is still to be read.
    pub const fn is_caught_up(&self) -> bool {
        self.read
    }

    /// What was unread has been read.
    pub fn mark_read(&mut self) {
        if let Some(summary) = &mut self.summary {
            summary.unread = 0;
        }
        self.read = true;
    }

    fn know(&mut self, summary: Summary) {
        self.title = (Safe::line(&summary.name), Safe::line(&summary.handle));
        self.seen_unread = self.seen_unread.min(summary.unread);
        self.summary = Some(summary);
    }

    /// Separators, heads and heights of all messages.
    fn arrange(&mut self) {
        let mut below = Timestamp(i64::MAX);
        for item in self.items.iter_mut().rev() {
            item.late = item.message.came_after(below);
            below = below.min(item.message.received_at);
        }
        let mut starts = Vec::with_capacity(self.items.len() + 1);
        let mut at = 0;
        for n in 0..self.items.len() {
            let (before, rest) = self.items.split_at_mut(n);
            let Some(item) = rest.first_mut() else { break };
            let new = self.new_from == Some(item.message.id);
            item.make_room(&self.pictures);
            item.follow(before.last(), new, &self.gaps, self.today, self.zone);
            starts.push(at);
            at += item.height();
        }
        starts.push(at);
        self.starts = starts;
        let last = self.items.last().map(|item| item.message.at);
        self.tail = self
            .gaps
            .iter()
            .filter(|gap| !self.newer && last.is_none_or(|last| gap.from >= last))
            .map(|gap| Line::Gap(gap_words(gap, self.zone)))
            .collect();
        self.mend_end();
    }

    fn rows(&self) -> usize {
        self.starts.last().copied().unwrap_or(0) + self.tail.len()
    }

    /// Keeps [`Thread::end`] as it is while the newest message is seen from there and not too much is left blank.
    fn mend_end(&mut self) {
        let least = self.rows().saturating_sub(self.shown);
        let spare = if self.beside { self.shown * 3 / 5 } else { 0 };
        if least == 0 {
            self.end = 0;
        } else if !(least..=least + spare).contains(&self.end) {
            // A thread that was just opened shows more of itself; one that goes on by a jump does so seldom.
            self.end = least + if self.end == 0 { spare / 4 } else { spare };
        }
    }

    fn go_to_end(&mut self) {
        self.scroll_to(self.end);
    }

    fn scroll_to(&mut self, row: usize) {
        self.top = row.min(self.end);
        self.at_end = self.top + self.shown >= self.rows() && !self.newer;
        self.notice();
    }

    fn notice(&mut self) {
        if self.at_end {
            self.seen_unread = self.summary.as_ref().map_or(0, |summary| summary.unread);
            self.seen = self.items.iter().rev().find(|item| item.ticket.is_none()).map(|item| item.message.key).or(self.seen);
        }
    }

    fn cursor(&self) -> Option<usize> {
        let selected = self.selected?;
        self.items.iter().position(|item| item.message.id == selected)
    }

    /// The message a row belongs to.
    fn at_row(&self, row: usize) -> usize {
        self.starts.partition_point(|start| *start <= row).saturating_sub(1).min(self.items.len())
    }

    fn first_visible(&self) -> usize {
        self.at_row(self.top).min(self.items.len().saturating_sub(1))
    }

    fn last_visible(&self) -> usize {
        self.at_row((self.top + self.shown).saturating_sub(1)).min(self.items.len().saturating_sub(1))
    }

    /// Brings a message into the upper half of the screen.
    fn center(&mut self, at: usize) {
        if let Some(from) = self.starts.get(at).copied() {
            self.scroll_to(from.saturating_sub(self.shown / 3));
        }
    }

    fn reveal(&mut self, at: usize, down: bool) {
        let (Some(from), Some(to)) = (self.starts.get(at).copied(), self.starts.get(at + 1).copied()) else { return };
        let tail = if at + 1 == self.items.len() { self.tail.len() } else { 0 };
        let to = to + tail;
        if to - from > self.shown {
            self.scroll_to(if down { from } else { to - self.shown });
        } else if from < self.top {
            self.scroll_to(from);
        } else if to > self.top + self.shown {
            self.scroll_to(to - self.shown);
        }
    }

    /// The first visible message, and where on the screen its own rows begin. Separators above it come and go.
    fn anchor(&self) -> Option<(MessageId, isize)> {
        let at = self.at_row(self.top);
        let item = self.items.get(at)?;
        Some((item.message.id, (self.starts.get(at)? + item.before.len()) as isize - self.top as isize))
    }

    fn restore(&mut self, anchor: Option<(MessageId, isize)>) {
        if self.at_end {
            return self.go_to_end();
        }
        let found = anchor.and_then(|(id, offset)| Some((self.items.iter().position(|item| item.message.id == id)?, offset)));
        match found {
            Some((at, offset)) => self.scroll_to((self.starts[at] + self.items[at].before.len()).saturating_add_signed(-offset)),
            None => self.scroll_to(self.top),
        }
    }
}
