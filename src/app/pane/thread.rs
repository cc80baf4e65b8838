//! The open conversation: its messages in order, where the screen stands in them, which one is selected.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::composer::Composer;
use super::item::{Item, Line, gap_words};
use crate::app::effect::{Query, ThreadPage};
use crate::app::motion::Motion;
use crate::domain::conversation::Summary;
use crate::domain::delivery::Delivery;
use crate::domain::id::{ConversationId, MessageId};
use crate::domain::message::{Direction, Gap, Message, ThreadKey};
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;

/// Messages asked for at a time.
pub const PAGE: u32 = 60;

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
    /// There are older messages.
    pub more: bool,
    /// Older messages could not be read; they are asked for again when the person moves.
    pub stalled: bool,
    gaps: Vec<Gap>,
    /// The first row of each message, and at last how many rows there are.
    starts: Vec<usize>,
    /// The screen stands at the newest message and stays there.
    at_end: bool,
    /// The newest message that was on the screen.
    seen: Option<ThreadKey>,
    new_from: Option<MessageId>,
    /// What was unread was read; the next unread message begins a new line.
    read: bool,
    width: usize,
    today: NaiveDate,
    zone: Tz,
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
            more: false,
            stalled: false,
            gaps: Vec::new(),
            starts: vec![0],
            at_end: true,
            seen: None,
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

    /// The query for the newest messages.
    pub const fn newest(&self) -> Query {
        Query::Thread { conversation: self.id, before: None, limit: PAGE }
    }

    /// The query for older messages, when the screen comes near the oldest one that is loaded.
    pub fn wanted(&self) -> Option<Query> {
        let before = self.items.iter().find(|item| item.ticket.is_none())?.message.key;
        (self.more && !self.stalled && self.top < self.shown).then_some(Query::Thread {
            conversation: self.id,
            before: Some(before),
            limit: PAGE,
        })
    }

    /// Takes a page: what it covers replaces what was there, the screen keeps its place.
    pub fn apply(&mut self, page: ThreadPage, before: Option<ThreadKey>) {
        let anchor = self.anchor();
        let first = page.messages.first().map(|message| message.key);
        if before.is_none() {
            self.note_unread(&page);
            self.know(page.summary);
        }
        let newest_known = self.items.iter().rev().find(|item| item.ticket.is_none()).map(|item| item.message.key);
        let hole = before.is_none() && page.more && first.zip(newest_known).is_some_and(|(first, newest)| first > newest);
        let mut old: Vec<Item> = std::mem::take(&mut self.items);
        let ahead: Vec<Item> = old.extract_if(.., |item| item.ticket.is_some()).collect();
        if hole {
            old.clear();
        }
        let covered = |key: ThreadKey| before.is_none_or(|before| key < before) && (!page.more || first.is_some_and(|first| key >= first));
        let old_first = old.first().map(|item| item.message.key);
        let reaches_start = hole || first.zip(old_first).is_none_or(|(first, old)| first <= old);
        let mut replaced: BTreeMap<MessageId, Item> = old
            .extract_if(.., |item| covered(item.message.key) || page.messages.iter().any(|message| message.id == item.message.id))
            .map(|item| (item.message.id, item))
            .collect();
        for message in page.messages {
            match replaced.remove(&message.id) {
                Some(item) if item.message == message => old.push(item),
                _ => old.push(Item::of(message, self.width)),
            }
        }
        old.sort_by_key(|item| item.message.key);
        let ahead: Vec<Item> = ahead.into_iter().filter(|ahead| !old.iter().any(|item| is_stored_form(ahead, item))).collect();
        old.extend(ahead);
        self.items = old;
        if reaches_start || !page.more {
            self.more = page.more;
        }
        for gap in page.gaps {
            if !self.gaps.contains(&gap) {
                self.gaps.push(gap);
            }
        }
        self.gaps.sort_by_key(|gap| gap.from);
        self.loaded = true;
        self.problem = None;
        self.arrange();
        self.restore(anchor);
    }

    /// Shows a message before the store has it.
    pub fn add_ahead(&mut self, message: Message, ticket: u64) {
        let mut item = Item::of(message, self.width);
        item.ticket = Some(ticket);
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

    /// Fits the rows to a thread of `width` columns and `shown` rows on the day `today`.
    pub fn resize(&mut self, width: usize, shown: usize, today: NaiveDate, zone: Tz) {
        if (width, today, zone) != (self.width, self.today, self.zone) {
            let anchor = self.anchor();
            (self.width, self.today, self.zone) = (width, today, zone);
            for item in &mut self.items {
                item.wrap(width);
            }
            self.arrange();
            self.shown = shown;
            self.restore(anchor);
        } else if shown != self.shown {
            // The lower edge stays: opening the composer must not hide the newest message.
            let bottom = self.top + self.shown;
            self.shown = shown;
            self.top = bottom.saturating_sub(shown).min(self.last_top());
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
        self.stalled = false;
        let count = self.items.len();
        let half = (self.shown / 2).max(1);
        match motion {
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
        self.stalled = false;
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

    /// The selected message, or without a selection the newest one.
    pub fn current(&self) -> Option<&Item> {
        self.selected.map_or_else(|| self.items.last(), |id| self.items.iter().find(|item| item.message.id == id))
    }

    /// Messages of the customer below the screen that nobody has seen; 0 at the end.
    pub fn unseen(&self) -> usize {
        if self.at_end {
            return 0;
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

    /// What was unread has been read.
    pub fn mark_read(&mut self) {
        if let Some(summary) = &mut self.summary {
            summary.unread = 0;
        }
        self.read = true;
    }

    fn know(&mut self, summary: Summary) {
        self.title = (Safe::line(&summary.name), Safe::line(&summary.handle));
        self.summary = Some(summary);
    }

    /// Puts the line above the first of the unread messages, once for each time they come.
    fn note_unread(&mut self, page: &ThreadPage) {
        let unread = page.summary.unread as usize;
        if unread == 0 || !self.read {
            return;
        }
        self.read = false;
        let mut theirs = page.messages.iter().rev().filter(|message| message.direction == Direction::In);
        self.new_from = theirs.nth(unread - 1).or_else(|| page.messages.first()).map(|message| message.id);
    }

    /// Separators, heads and heights of all messages.
    fn arrange(&mut self) {
        let mut starts = Vec::with_capacity(self.items.len() + 1);
        let mut at = 0;
        for n in 0..self.items.len() {
            let (before, rest) = self.items.split_at_mut(n);
            let Some(item) = rest.first_mut() else { break };
            let new = self.new_from == Some(item.message.id);
            item.follow(before.last().map(|item| &item.message), new, &self.gaps, self.today, self.zone);
            starts.push(at);
            at += item.height();
        }
        starts.push(at);
        self.starts = starts;
        let last = self.items.last().map(|item| item.message.at);
        self.tail = self
            .gaps
            .iter()
            .filter(|gap| last.is_none_or(|last| gap.from >= last))
            .map(|gap| Line::Gap(gap_words(gap, self.zone)))
            .collect();
    }

    fn rows(&self) -> usize {
        self.starts.last().copied().unwrap_or(0) + self.tail.len()
    }

    fn last_top(&self) -> usize {
        self.rows().saturating_sub(self.shown)
    }

    fn go_to_end(&mut self) {
        self.scroll_to(self.last_top());
    }

    fn scroll_to(&mut self, row: usize) {
        self.top = row.min(self.last_top());
        self.at_end = self.top == self.last_top();
        self.notice();
    }

    fn notice(&mut self) {
        if self.at_end {
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

/// Whether `item` is what the store made of a message that is shown ahead of it.
fn is_stored_form(ahead: &Item, item: &Item) -> bool {
    let (ahead, stored) = (&ahead.message, &item.message);
    ahead.id == stored.id
        || (ahead.direction == stored.direction
            && ahead.agent == stored.agent
            && ahead.text.trim() == stored.text.trim()
            && stored.key.at.since(ahead.at).0 >= 0)
}
