//! The list of conversations: pages by key, a bounded window of them, a selection that stays on its conversation.

use crate::app::effect::Query;
use crate::app::motion::Motion;
use crate::domain::conversation::{Counts, ListKey, Summary, Tab};
use crate::domain::id::ConversationId;
use crate::domain::text::Safe;

/// Rows asked for at a time.
pub const PAGE: u32 = 100;
/// Rows kept; beyond that whole pages are let go at the far end and asked for again when the selection comes back.
const KEPT: usize = 600;
/// As much of a last message as any list shows, in bytes.
const PREVIEW_BYTES: usize = 600;

/// The list's state.
#[derive(Debug, Default)]
pub struct List {
    /// Which tab is shown.
    pub tab: Tab,
    /// How many each tab holds.
    pub counts: Counts,
    /// The rows, newest first: a window of the whole list.
    pub rows: Vec<Row>,
    /// Something was read for this tab.
    pub loaded: bool,
    /// Why nothing could be read.
    pub problem: Option<Safe>,
    /// The first row on the screen.
    pub top: usize,
    /// Rows on the screen.
    pub shown: usize,
    selected: Option<ConversationId>,
    /// Selected as soon as it is there: what an undo brings back may be read before it is back.
    expected: Option<ConversationId>,
    /// There are rows after the last one.
    more: bool,
    /// Pages let go above: the key each of them begins after.
    above: Vec<Option<ListKey>>,
    /// The window begins after this one; without one it begins at the top.
    edge: Option<ListKey>,
}

/// One row, ready to paint.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it shows.
    pub summary: Summary,
    /// The customer's name.
    pub name: Safe,
    /// The last message or the draft.
    pub preview: Safe,
}

impl Row {
    /// Makes a row's texts safe to paint.
    pub fn of(summary: Summary) -> Self {
        let title = if summary.name.trim().is_empty() { &summary.handle } else { &summary.name };
        let name = Safe::line(head(if title.trim().is_empty() { "(no name)" } else { title }));
        let preview = Safe::line(head(summary.draft.as_deref().unwrap_or(&summary.preview)));
        Self { summary, name, preview }
    }
}

impl List {
    /// The selected row's place, if it is loaded.
    pub fn cursor(&self) -> Option<usize> {
        let selected = self.selected?;
        self.rows.iter().position(|row| row.summary.id == selected)
    }

    /// The selected row.
    pub fn row(&self) -> Option<&Row> {
        self.cursor().and_then(|at| self.rows.get(at))
    }

    /// The row of a conversation.
    pub fn find(&self, id: ConversationId) -> Option<&Summary> {
        self.rows.iter().map(|row| &row.summary).find(|summary| summary.id == id)
    }

    /// Selects a conversation and brings it into view.
    pub fn select(&mut self, id: ConversationId) {
        if self.selected.is_some() && self.find(id).is_none() {
            self.expected = Some(id);
            return;
        }
        self.selected = Some(id);
        self.expected = None;
        self.reveal();
    }

    /// Moves the selection; asks for the next page when its end comes near, or for a page let go above.
    pub fn motion(&mut self, motion: Motion) -> Option<Query> {
        if motion == Motion::Top && !self.above.is_empty() {
            *self = Self { tab: self.tab, counts: self.counts, shown: self.shown, ..Self::default() };
            return Some(self.first_page());
        }
        let from = self.cursor().unwrap_or(self.top);
        let to = if self.selected.is_none() { from } else { motion.from(from, self.rows.len(), self.shown) };
        if let Some(row) = self.rows.get(to) {
            self.select(row.summary.id);
        }
        self.wanted(to)
    }

    /// Scrolls without moving the selection.
    pub fn scroll(&mut self, down: bool, by: usize) -> Option<Query> {
        let last = self.rows.len().saturating_sub(self.shown);
        self.top = if down { (self.top + by).min(last) } else { self.top.saturating_sub(by) };
        let edge = if down { self.top + self.shown } else { self.top };
        self.wanted(edge)
    }

    /// The page that row `at` needs next, if any.
    pub fn wanted(&self, at: usize) -> Option<Query> {
        let near = self.shown.max(10) * 2;
        if self.more && at + near >= self.rows.len() {
            let after = self.rows.last().map(|row| row.summary.key());
            return Some(Query::List { tab: self.tab, after, limit: PAGE });
        }
        match self.above.last() {
            // Half as much again: conversations may have been reopened in between since the page was let go.
            Some(after) if at < near => Some(Query::List { tab: self.tab, after: *after, limit: PAGE + PAGE / 2 }),
            _ => None,
        }
    }

    /// The query for the newest rows.
    pub const fn first_page(&self) -> Query {
        Query::List { tab: self.tab, after: None, limit: PAGE }
    }

    /// What has to be read again when anything may have changed: the newest rows, and those on the screen when they are others.
    pub fn reload(&self) -> Vec<Query> {
        let mut queries = vec![self.first_page()];
        if self.top + self.shown > PAGE as usize || !self.above.is_empty() {
            let from = self.top.saturating_sub(self.shown);
            let after = from.checked_sub(1).and_then(|before| self.rows.get(before)).map(|row| row.summary.key()).or(self.edge);
            if after.is_some() {
                queries.push(Query::List { tab: self.tab, after, limit: PAGE });
            }
        }
        queries
    }

    /// There are rows that are not loaded.
    pub const fn is_partial(&self) -> bool {
        self.more || !self.above.is_empty()
    }

    /// Shows another tab, empty until it is read.
    pub fn turn(&mut self, tab: Tab) {
        *self = Self { tab, counts: self.counts, shown: self.shown, ..Self::default() };
    }

    /// Takes an answer: the rows after `after`, and whether there are more. What the answer covers replaces what was there.
    pub fn apply(&mut self, after: Option<ListKey>, rows: Vec<Summary>, more: bool, counts: Counts) {
        self.counts = counts;
        self.loaded = true;
        self.problem = None;
        if after.is_none() && self.above.len() > 1 {
            // The newest rows are above the window: only the counts are news.
            return;
        }
        let anchor = self.anchor();
        if self.above.last() == Some(&after) {
            self.above.pop();
            self.edge = after;
        }
        let last = rows.last().map(Summary::key);
        let old_last = self.rows.last().map(|row| row.summary.key());
        let covered = |key: ListKey| {
            after.is_none_or(|after| order(after, key).is_lt()) && (!more || last.is_some_and(|last| order(key, last).is_le()))
        };
        let reaches_end = match (last, old_last) {
            (Some(last), Some(old)) => order(last, old).is_ge(),
            _ => true,
        };
        self.rows.retain(|row| !covered(row.summary.key()) && !rows.iter().any(|new| new.id == row.summary.id));
        self.rows.extend(rows.into_iter().map(Row::of));
        self.rows.sort_by(|a, b| order(a.summary.key(), b.summary.key()));
        if reaches_end || !more {
            self.more = more;
        }
        self.restore(anchor);
        self.trim();
    }

    /// Changes a row at once, before the store says so.
    pub fn change(&mut self, id: ConversationId, change: impl FnOnce(&mut Summary)) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.summary.id == id) {
            change(&mut row.summary);
            *row = Row::of(row.summary.clone());
        }
    }

    /// Takes a row out at once; the selection goes to the one that takes its place.
    pub fn remove(&mut self, id: ConversationId) {
        let anchor = self.anchor();
        self.rows.retain(|row| row.summary.id != id);
        self.restore(anchor);
    }

    /// The conversation `by` rows from this one.
    pub fn neighbour(&self, id: ConversationId, by: isize) -> Option<ConversationId> {
        let at = self.rows.iter().position(|row| row.summary.id == id)?;
        self.rows.get(at.checked_add_signed(by)?).map(|row| row.summary.id)
    }

    /// The nearest unread conversation after (or before) the selected one.
    pub fn unread(&self, forward: bool) -> Option<ConversationId> {
        let at = self.cursor();
        let unread = |row: &&Row| row.summary.unread > 0;
        let found = if forward {
            self.rows.iter().skip(at.map_or(0, |at| at + 1)).find(unread)
        } else {
            self.rows.iter().take(at.unwrap_or(0)).rev().find(unread)
        };
        found.map(|row| row.summary.id)
    }

    /// Fits the window to the screen.
    pub fn resize(&mut self, shown: usize) {
        if shown == self.shown {
            return;
        }
        let visible = self.cursor().is_some_and(|at| (self.top..self.top + self.shown.max(1)).contains(&at));
        self.shown = shown;
        self.top = self.top.min(self.rows.len().saturating_sub(shown));
        if visible {
            self.reveal();
        }
    }

    fn reveal(&mut self) {
        if let Some(at) = self.cursor() {
            if at < self.top {
                self.top = at;
            } else if at >= self.top + self.shown.max(1) {
                self.top = at + 1 - self.shown.max(1);
            }
        }
    }

    /// What must stay where it is on the screen while rows change: the selection when it is visible, else the first visible row.
    fn anchor(&self) -> Anchor {
        let cursor = self.cursor();
        let visible = cursor.filter(|at| (self.top..self.top + self.shown.max(1)).contains(at));
        let at = visible.unwrap_or(self.top);
        Anchor {
            id: self.rows.get(at).map(|row| row.summary.id),
            offset: at - self.top,
            cursor,
            at_top: self.top == 0,
            visible: visible.is_some(),
        }
    }

    fn restore(&mut self, mut anchor: Anchor) {
        if let Some(id) = self.expected.filter(|id| self.find(*id).is_some()) {
            self.selected = Some(id);
            self.expected = None;
            anchor.visible = true;
        }
        if self.cursor().is_none() {
            // The selected conversation left the list: the one that took its place is selected.
            let at = anchor.cursor.unwrap_or(0).min(self.rows.len().saturating_sub(1));
            self.selected = self.rows.get(at).map(|row| row.summary.id);
        }
        let kept = anchor.id.filter(|_| !anchor.at_top).and_then(|id| self.rows.iter().position(|row| row.summary.id == id));
        if let Some(at) = kept {
            self.top = at.saturating_sub(anchor.offset);
        }
        self.top = self.top.min(self.rows.len().saturating_sub(self.shown.max(1)));
        if anchor.visible {
            self.reveal();
        }
    }

    /// Lets whole pages go at the end that is far from the screen.
    fn trim(&mut self) {
        let page = PAGE as usize;
        while self.rows.len() > KEPT {
            let middle = self.top + self.shown / 2;
            if middle > self.rows.len() / 2 {
                self.above.push(self.edge);
                self.edge = self.rows.get(page - 1).map(|row| row.summary.key());
                self.rows.drain(..page);
                self.top = self.top.saturating_sub(page);
            } else {
                self.rows.truncate(self.rows.len() - page);
                self.more = true;
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Anchor {
    id: Option<ConversationId>,
    offset: usize,
    cursor: Option<usize>,
    at_top: bool,
    visible: bool,
}

/// The list's order: later first, then the higher id.
fn order(a: ListKey, b: ListKey) -> std::cmp::Ordering {
    b.last_at.cmp(&a.last_at).then(b.id.cmp(&a.id))
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(PREVIEW_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::conversation::{Priority, Status};
    use crate::domain::id::ChannelId;
    use crate::domain::message::Direction;
    use crate::domain::time::Timestamp;

    fn rows(ids: &[i64]) -> Vec<Summary> {
        let row = |id: &i64| Summary {
            id: ConversationId(*id),
            number: *id,
            channel: ChannelId(1),
            provider: String::new(),
            name: format!("customer {id}"),
            handle: String::new(),
            status: Status::Open,
            assignee: None,
            assignee_name: String::new(),
            unread: 0,
            preview: String::new(),
            preview_direction: Direction::In,
            mark: None,
            draft: None,
            last_at: Timestamp(1_000 - id),
            waiting_since: None,
            last_inbound_at: None,
            window: None,
            unreachable: false,
            priority: Priority::None,
            labels: Vec::new(),
            snoozed_until: None,
        };
        ids.iter().map(row).collect()
    }

    #[test]
    fn a_conversation_that_is_not_back_yet_is_selected_when_it_is() {
        let mut list = List { shown: 10, ..List::default() };
        list.apply(None, rows(&[1, 2, 3, 4, 5]), false, Counts::default());
        list.select(ConversationId(3));
        list.remove(ConversationId(3));
        list.select(ConversationId(3));
        list.apply(None, rows(&[1, 2, 4, 5]), false, Counts::default());
        assert_eq!(list.row().map(|row| row.summary.id), Some(ConversationId(4)), "the selection stays where it was");
        list.apply(None, rows(&[1, 2, 3, 4, 5]), false, Counts::default());
        assert_eq!(list.row().map(|row| row.summary.id), Some(ConversationId(3)));
    }
}
