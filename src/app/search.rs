//! Looking for people and messages: what is typed, what was found, and the way from one hit to the next in the open conversation.

use super::effect::{Found, Query};
use super::field::Field;
use super::focus::Focus;
use super::motion::Motion;
use super::overlay::Overlay;
use super::{App, Cx};
use crate::domain::conversation::Summary;
use crate::domain::id::{ConversationId, MessageId};
use crate::domain::search::{self, Hit, Order};
use crate::domain::text::Safe;

/// Messages asked for at a time.
const PAGE: u32 = 50;
/// Messages kept at most; whoever has looked through so many types another word.
const KEPT: usize = 2_000;

/// A search; it stays while its hits are walked through.
#[derive(Debug, Default)]
pub struct Search {
    /// What is typed.
    pub field: Field,
    /// Which messages come first.
    pub order: Order,
    /// What the rows answer.
    pub query: search::Query,
    /// People, who wrote last first.
    pub people: Vec<Person>,
    /// Messages.
    pub hits: Vec<Row>,
    /// The selected row, people first.
    pub selected: usize,
    /// An answer came to what is typed or to something before it.
    pub loaded: bool,
    /// There are more messages than were read.
    pub more: bool,
    /// Why nothing could be read.
    pub problem: Option<Safe>,
    /// The hit that is open.
    at: Option<usize>,
}

/// Somebody who was found.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their newest conversation.
    pub summary: Summary,
    /// Their name.
    pub name: Safe,
    /// Their address as people know it.
    pub handle: Safe,
}

/// A message that was found.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which.
    pub hit: Hit,
    /// The customer's name.
    pub name: Safe,
    /// The words around the first match.
    pub excerpt: Safe,
}

/// One line below what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Nothing.
    Blank,
    /// What kind of thing follows.
    Heading(&'static str),
    /// One of the people.
    Person(usize),
    /// One of the messages.
    Hit(usize),
}

impl Search {
    /// The lines below what is typed.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::with_capacity(self.people.len() + self.hits.len() + 3);
        if !self.people.is_empty() {
            lines.push(Line::Heading("People"));
            lines.extend((0..self.people.len()).map(Line::Person));
        }
        if !self.hits.is_empty() {
            if !lines.is_empty() {
                lines.push(Line::Blank);
            }
            lines.push(Line::Heading(match self.order {
                Order::Newest => "Messages, the newest first",
                Order::Best => "Messages, the best first",
            }));
            lines.extend((0..self.hits.len()).map(Line::Hit));
        }
        lines
    }

    /// The lines shown when there is room for `room`, from the first one on, each with whether it is the selected one.
    pub fn visible(&self, room: usize) -> impl Iterator<Item = (Line, bool)> {
        let lines = self.lines();
        let selected = lines.iter().position(|line| self.place(*line) == Some(self.selected)).unwrap_or(0);
        let top = (selected + 1).saturating_sub(room.max(1));
        lines.into_iter().enumerate().skip(top).take(room).map(move |(at, line)| (line, at == selected))
    }

    /// A line's place among what can be selected.
    pub const fn place(&self, line: Line) -> Option<usize> {
        match line {
            Line::Person(at) => Some(at),
            Line::Hit(at) => Some(self.people.len() + at),
            Line::Blank | Line::Heading(_) => None,
        }
    }

    fn count(&self) -> usize {
        self.people.len() + self.hits.len()
    }

    fn clear(&mut self) {
        self.people.clear();
        self.hits.clear();
        (self.selected, self.more, self.at, self.problem) = (0, false, None, None);
    }

    const fn ask(&self, typed: String, after: Option<MessageId>) -> Query {
        Query::Search { typed, order: self.order, after, limit: PAGE }
    }

    /// The next page, when row `at` of the messages is near the last one that was read.
    fn wanted(&self, at: usize) -> Option<Query> {
        let near = self.more && self.hits.len() < KEPT && at + 15 >= self.hits.len();
        near.then(|| self.ask(self.field.text(), self.hits.last().map(|row| row.hit.message)))
    }
}

impl App {
    /// Opens the search: a new one, or the one whose hits are walked through, as it was left.
    pub(crate) fn open_search(&mut self) {
        self.search.get_or_insert_default();
        self.overlays.push(Overlay::Search);
    }

    /// The search is over: its words are no longer marked, and nothing is walked through.
    pub(super) fn end_search(&mut self) {
        self.search = None;
        self.forget_search();
    }

    /// The search's own words, when hits of it are marked and walked through.
    pub(crate) fn searched(&self) -> Option<&search::Query> {
        self.search.as_ref().map(|search| &search.query).filter(|query| !query.is_empty())
    }

    /// What is typed has changed.
    pub(crate) fn search_typed(&mut self) {
        let Some(search) = &mut self.search else { return };
        let typed = search.field.text();
        let query = search::Query::of(&typed);
        if query.is_empty() {
            search.query = query;
            search.clear();
            search.loaded = false;
            return self.forget_search();
        }
        let asked = search.ask(typed, None);
        self.ask_anew(asked);
    }

    /// Turns between the newest and the best first.
    pub(crate) fn turn_order(&mut self) {
        let Some(search) = &mut self.search else { return };
        search.order = if search.order == Order::Newest { Order::Best } else { Order::Newest };
        self.search_typed();
    }

    /// An answer came to what was typed.
    pub(super) fn found(&mut self, typed: &str, order: Order, after: Option<MessageId>, found: Found) -> bool {
        let Some(search) = self.search.as_mut().filter(|search| search.order == order) else { return false };
        let row = |hit: Hit| Row { name: named(&hit.name, ""), excerpt: Safe::line(&hit.excerpt), hit };
        if after.is_some() {
            if search.hits.last().map(|row| row.hit.message) != after {
                return false;
            }
        } else {
            search.clear();
            search.query = search::Query::of(typed);
            search.loaded = true;
            let person =
                |summary: Summary| Person { name: named(&summary.name, &summary.handle), handle: Safe::line(&summary.handle), summary };
            search.people = found.people.into_iter().map(person).collect();
        }
        search.hits.extend(found.hits.into_iter().map(row));
        search.more = found.more;
        true
    }

    /// Nothing could be read.
    pub(super) fn not_found(&mut self, problem: &Safe) {
        if let Some(search) = &mut self.search {
            search.clear();
            search.loaded = true;
            search.problem = Some(problem.clone());
        }
    }

    /// Moves the selection of the search.
    pub(super) fn search_motion(&mut self, motion: Motion, page: usize) {
        let Some(search) = &mut self.search else { return };
        search.selected = motion.from(search.selected, search.count(), page);
        let query = search.wanted(search.selected.saturating_sub(search.people.len()));
        self.load_more(query);
    }

    /// Selects what stands at a line, counted from the first one shown, and opens it.
    pub(super) fn click_search(&mut self, row: usize, room: usize, cx: &Cx) {
        let Some(search) = &mut self.search else { return };
        let line = search.visible(room).nth(row).map(|(line, _)| line);
        if let Some(at) = line.and_then(|line| search.place(line)) {
            search.selected = at;
            self.open_found(cx);
        }
    }

    /// Opens the selected person's conversation, or the one of the selected message at that message.
    pub(crate) fn open_found(&mut self, cx: &Cx) {
        let Some(search) = &self.search else { return };
        if let Some(person) = search.people.get(search.selected) {
            let id = person.summary.id;
            self.overlays.pop();
            self.show_conversation(id);
            self.open(id, cx);
            self.focus = Focus::Thread;
        } else if let Some(at) = search.selected.checked_sub(search.people.len()).filter(|at| *at < search.hits.len()) {
            self.overlays.pop();
            self.open_hit(at, cx);
        }
    }

    /// Which hit is the next (or previous) one, or why none is; nothing when no search is being walked through.
    fn next_hit(&self, forward: bool) -> Option<Result<usize, String>> {
        let search = self.search.as_ref().filter(|_| self.searched().is_some())?;
        let to = match (search.at, forward) {
            (None, _) => Some(0),
            (Some(at), true) => Some(at + 1),
            (Some(at), false) => at.checked_sub(1),
        };
        let results = self.keymap.first_key("search");
        Some(match to.filter(|to| *to < search.hits.len()) {
            Some(to) => Ok(to),
            None if search.hits.is_empty() => Err(format!("No message holds these words: {results} changes them")),
            None if forward && search.more => Err("More hits are being read: try again in a moment".to_owned()),
            None if forward => Err(format!("This is the last hit: {results} shows them all")),
            None => Err(format!("This is the first hit: {results} shows them all")),
        })
    }

    pub(crate) fn need_next(&self, forward: bool) -> Result<(), String> {
        self.next_hit(forward).map_or_else(|| self.need_unread(forward), |hit| hit.map(|_| ()))
    }

    /// Goes to the next (or previous) hit; without a search, to the nearest unread conversation.
    pub(crate) fn go_next(&mut self, forward: bool, cx: &Cx) {
        match self.next_hit(forward) {
            Some(Ok(at)) => self.open_hit(at, cx),
            Some(Err(_)) => {}
            None => self.go_unread(forward, cx),
        }
    }

    /// Opens a hit and says which it is.
    pub(crate) fn open_hit(&mut self, at: usize, cx: &Cx) {
        let Some(search) = &mut self.search else { return };
        let Some(row) = search.hits.get(at) else { return };
        let (conversation, message, count) = (row.hit.conversation, row.hit.message, search.hits.len());
        let more = if search.more { "+" } else { "" };
        search.at = Some(at);
        search.selected = search.people.len() + at;
        let query = search.wanted(at);
        self.show_conversation(conversation);
        self.open_message(conversation, message, cx);
        self.load_more(query);
        let [next, previous, end] =
            ["conversation.next_unread", "conversation.previous_unread", "back"].map(|name| self.keymap.first_key(name));
        let words = format!("Hit {} of {count}{more} · {next} next, {previous} previous, {end} ends the search", at + 1);
        self.say(&words, cx);
    }

    /// The list's selection follows, where the list holds it.
    fn show_conversation(&mut self, id: ConversationId) {
        if self.list.find(id).is_some() {
            self.list.select(id);
        }
    }
}

fn named(name: &str, handle: &str) -> Safe {
    let name = if name.trim().is_empty() { handle } else { name };
    Safe::line(if name.trim().is_empty() { "(no name)" } else { name })
}
