//! The stretch of the thread that is held: pages join it, and what is far from the screen is let go.

use std::collections::BTreeMap;

use super::{Going, MOST, Thread};
use crate::app::effect::ThreadPage;
use crate::app::pane::item::Item;
use crate::domain::id::MessageId;
use crate::domain::message::{Direction, Place, ThreadKey};

impl Going {
    /// Where that is read.
    pub(super) const fn place(self) -> Place {
        match self {
            Self::First => Place::Oldest,
            Self::Last => Place::Newest,
            Self::To(message) => Place::Around(message),
        }
    }
}

/// What a page tells all about: whatever lies in it and is not on the page is not there (any more).
#[derive(Clone, Copy, Debug)]
struct Stretch {
    place: Place,
    from: ThreadKey,
    to: ThreadKey,
}

impl Stretch {
    fn of(page: &ThreadPage, place: Place) -> Self {
        let first = page.messages.first().map_or(ThreadKey::LAST, |message| message.key);
        let last = page.messages.last().map_or(ThreadKey::FIRST, |message| message.key);
        let from = match place {
            Place::After(key) => key,
            _ if page.older => first,
            _ => ThreadKey::FIRST,
        };
        let to = match place {
            Place::Before(key) => key,
            _ if page.newer => last,
            _ => ThreadKey::LAST,
        };
        Self { place, from, to }
    }

    fn covers(&self, key: ThreadKey) -> bool {
        match self.place {
            Place::After(after) if key == after => false,
            Place::Before(before) if key == before => false,
            _ => self.from <= key && key <= self.to,
        }
    }
}

impl Thread {
    /// Takes a page: what it covers replaces what was there, the screen keeps its place or arrives where the person goes.
    /// What comes while the end is `watched` needs no line above it.
    pub fn apply(&mut self, page: ThreadPage, place: Place, watched: bool) {
        let arrived = self.going.filter(|going| going.place() == place);
        let stretch = Stretch::of(&page, place);
        let apart = self.edges().is_some_and(|(first, last)| stretch.to < first || last < stretch.from);
        let leaps = arrived.is_some() || (place == Place::Newest && self.is_at_end());
        if !matches!(place, Place::Before(_) | Place::After(_)) {
            self.know(page.summary.clone());
        }
        if apart && !leaps {
            // More has come than a page holds, and the person reads further up: they stay there. Other pages are of where they no longer are.
            self.newer |= place == Place::Newest;
            return;
        }
        let anchor = self.anchor();
        self.join(page, &stretch, apart);
        if !self.newer && !watched {
            self.note_unread();
        }
        self.loaded = true;
        self.problem = None;
        self.arrange();
        match arrived {
            None => self.restore(anchor),
            Some(going) => self.arrive(going),
        }
        self.let_go();
    }

    /// The first and the last stored message of the window.
    pub(super) fn edges(&self) -> Option<(ThreadKey, ThreadKey)> {
        let stored = |item: &&Item| item.ticket.is_none();
        Some((self.items.iter().find(stored)?.message.key, self.items.iter().rev().find(stored)?.message.key))
    }

    fn join(&mut self, page: ThreadPage, stretch: &Stretch, apart: bool) {
        let edges = self.edges().filter(|_| !apart);
        let mut old: Vec<Item> = std::mem::take(&mut self.items);
        let ahead: Vec<Item> = old.extract_if(.., |item| item.ticket.is_some()).collect();
        if apart {
            old.clear();
            self.gaps.clear();
        }
        // What lies before `After` and after `Before` the page cannot tell.
        if !matches!(stretch.place, Place::After(_)) && edges.is_none_or(|(first, _)| stretch.from <= first) {
            self.older = page.older;
        }
        if !matches!(stretch.place, Place::Before(_)) && edges.is_none_or(|(_, last)| last <= stretch.to) {
            self.newer = page.newer;
        }
        let mut replaced: BTreeMap<MessageId, Item> = old
            .extract_if(.., |item| stretch.covers(item.message.key) || page.messages.iter().any(|message| message.id == item.message.id))
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
        for gap in page.gaps {
            if !self.gaps.contains(&gap) {
                self.gaps.push(gap);
            }
        }
        self.gaps.sort_by_key(|gap| gap.from);
    }

    fn arrive(&mut self, going: Going) {
        self.going = None;
        match going {
            Going::First => {
                self.selected = self.items.first().map(|item| item.message.id);
                self.scroll_to(0);
            }
            Going::Last => {
                self.selected = self.items.last().map(|item| item.message.id);
                self.go_to_end();
            }
            Going::To(id) => match self.items.iter().position(|item| item.message.id == id) {
                Some(at) => {
                    self.selected = Some(id);
                    self.center(at);
                }
                None => self.go_to_end(),
            },
        }
    }

    /// Keeps the window within [`MOST`], by letting go what is farther from the screen.
    fn let_go(&mut self) {
        let surplus = self.items.len().saturating_sub(MOST);
        if surplus == 0 {
            return;
        }
        let anchor = self.anchor();
        let (above, below) = (self.first_visible(), self.items.len() - 1 - self.last_visible());
        let waiting = self.items.iter().any(|item| item.ticket.is_some());
        if below > above && !waiting {
            self.items.truncate(self.items.len() - surplus.min(below));
            self.newer = true;
        } else {
            self.items.drain(..surplus.min(above));
            self.older = true;
        }
        if let Some((first, last)) = self.edges() {
            let (older, newer) = (self.older, self.newer);
            self.gaps.retain(|gap| (!older || gap.to >= first.at) && (!newer || gap.from < last.at));
        }
        self.arrange();
        self.restore(anchor);
    }

    /// Puts the line above the first of the unread messages, once for each time they come.
    fn note_unread(&mut self) {
        let unread = self.summary.as_ref().map_or(0, |summary| summary.unread as usize);
        if unread == 0 || !self.read {
            return;
        }
        self.read = false;
        let stored = || self.items.iter().filter(|item| item.ticket.is_none());
        let mut theirs = stored().rev().filter(|item| item.message.direction == Direction::In);
        self.new_from = theirs.nth(unread - 1).or_else(|| stored().next()).map(|item| item.message.id);
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
