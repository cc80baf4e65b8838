//! The list of conversations: pages by key, a bounded window of them, a selection that stays on its conversation.

use crate::app::effect::Query;
use crate::app::motion::Motion;
use crate::domain::conversation::{Counts, ListKey, Summary, Tab};
use crate::domain::filter::Filter;
use crate::domain::id::ConversationId;
use crate::domain::list::{Listing, Page, Sort};
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;

/// Rows asked for at a time.
pub const PAGE: u32 = 100;
/// Rows kept; beyond that whole pages are let go at the far end and asked for again when the selection comes back.
const KEPT: usize = 1_000;
/// Rows of the page before that stay in view when the list goes on by a page.
const CONTEXT: usize = 3;
/// As much of a last message as any list shows, in bytes.
const PREVIEW_BYTES: usize = 600;

/// The list's state.
#[derive(Debug, Default)]
pub struct List {
    /// Which list is shown.
    pub tab: Tab,
    /// In which order.
    pub sort: Sort,
    /// Which of its rows.
    pub filter: Filter,
    /// The filter as it was typed.
    pub typed: String,
    /// How many each list holds.
    pub counts: Counts,
    /// The rows in their order: a window of the whole list.
    pub rows: Vec<Row>,
    /// Something was read for this list.
    pub loaded: bool,
    /// Why nothing could be read.
    pub problem: Option<Safe>,
    /// The first row on the screen.
    pub top: usize,
    /// Rows on the screen.
    pub shown: usize,
    /// The screen cannot scroll these rows cheaply: at the edge it goes on by most of a page.
    pub jumps: bool,
    /// How many conversations rose above what was last seen at the top; [`PAGE`] stands for any number from there on.
    pub risen: usize,
    selected: Option<ConversationId>,
    /// Selected as soon as it is there: what an undo brings back may be read before it is back.
    expected: Option<ConversationId>,
    /// There are rows before the first one.
    above: bool,
    /// There are rows after the last one.
    below: bool,
    /// This page is to take the place of what is shown.
    awaits: Option<Page>,
    /// What is shown until then are rows of another order or filter.
    foreign: bool,
    /// The first row when the top was last on the screen.
    seen: Option<ListKey>,
    /// The conversation whose row keeps its place while others come and go, and the key of that place.
    held: Option<(ConversationId, ListKey)>,
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

    const fn key(&self) -> ListKey {
        self.summary.key()
    }
}

impl List {
    /// What is shown, as the store is asked for it.
    pub fn listing(&self) -> Listing {
        Listing { tab: self.tab, sort: self.sort, filter: self.filter.clone() }
    }

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

    /// There are rows after the last one that is loaded.
    pub const fn goes_on(&self) -> bool {
        self.below
    }

    /// Who waits longest stands first.
    pub fn is_by_waiting(&self) -> bool {
        self.sort == Sort::Waiting && self.tab.has_sort()
    }

    /// Selects a conversation and brings it into view.
    pub fn select(&mut self, id: ConversationId) {
        // Whoever moves on does not want to be taken elsewhere any more.
        self.awaits = self.awaits.filter(|_| self.foreign);
        if self.selected.is_some() && self.find(id).is_none() {
            self.expected = Some(id);
            return;
        }
        self.selected = Some(id);
        self.expected = None;
        self.reveal();
    }

    /// Keeps the row of the open conversation where it stands, whatever is written in it, until another one is opened or selected: whoever reads
    /// and answers must not lose the place, and a list whose rows move costs a screenful on a bad line.
    pub fn hold(&mut self, open: Option<ConversationId>) {
        let kept = self.held.map(|(id, _)| id);
        if kept == open || (open.is_none() && kept == self.selected) {
            return;
        }
        self.release();
        self.held = open.and_then(|id| self.rows.iter().find(|row| row.summary.id == id)).map(|row| (row.summary.id, row.key()));
    }

    /// Moves the selection; asks for the next page when an end of the window comes near, and for the list's own ends.
    pub fn motion(&mut self, motion: Motion) -> Option<Query> {
        match motion {
            Motion::Top if self.above => return Some(self.await_page(Page::Top)),
            Motion::Bottom if self.below => return Some(self.await_page(Page::End)),
            _ => {}
        }
        let from = self.cursor().unwrap_or(self.top);
        let to = if self.selected.is_none() { from } else { motion.from(from, self.rows.len(), self.shown) };
        if let Some(row) = self.rows.get(to) {
            self.select(row.summary.id);
        }
        self.wanted()
    }

    /// Scrolls without moving the selection.
    pub fn scroll(&mut self, down: bool, by: usize) -> Option<Query> {
        let last = self.rows.len().saturating_sub(self.shown);
        self.top = if down { (self.top + by).min(last) } else { self.top.saturating_sub(by) };
        self.look();
        self.wanted()
    }

    /// The page that is needed next, if any: near the screen the window never ends before the list does.
    pub fn wanted(&self) -> Option<Query> {
        if self.awaits.is_some() {
            return None;
        }
        let near = self.shown + 10;
        match (self.rows.first(), self.rows.last()) {
            (_, Some(end)) if self.below && self.top + self.shown + near >= self.rows.len() => {
                Some(self.query(Page::After(self.place(end))))
            }
            (Some(begin), _) if self.above && self.top < near => Some(self.query(Page::Before(self.place(begin)))),
            _ => None,
        }
    }

    /// The query for one page of what is shown.
    pub fn query(&self, page: Page) -> Query {
        Query::List { listing: self.listing(), page, limit: PAGE }
    }

    /// Asks for a page that takes the place of what is shown.
    pub fn await_page(&mut self, page: Page) -> Query {
        self.awaits = Some(page);
        self.query(page)
    }

    /// What has to be read again when anything may have changed: the top, and the rows on the screen when they are others.
    pub fn reload(&self) -> Vec<Query> {
        let mut queries = vec![self.query(Page::Top)];
        if self.awaits.is_none() && (self.top + self.shown > PAGE as usize || self.above) {
            let from = self.top.saturating_sub(self.shown);
            queries.extend(self.rows.get(from).map(|row| self.query(Page::After(self.place(row).or_above()))));
        }
        queries
    }

    /// There are rows that are not loaded.
    pub const fn is_partial(&self) -> bool {
        self.above || self.below
    }

    /// Shows another list, empty until it is read. The order stays.
    pub fn turn(&mut self, tab: Tab) {
        *self = Self { tab, sort: self.sort, counts: self.counts, shown: self.shown, jumps: self.jumps, ..Self::default() };
    }

    /// Shows the same list in another order, or other rows of it; what is there stays until they are read.
    pub fn rearrange(&mut self, sort: Sort, filter: Filter) -> Query {
        (self.sort, self.filter) = (sort, filter);
        (self.seen, self.risen, self.foreign) = (None, 0, true);
        self.await_page(Page::Top)
    }

    /// The instant a row tells the age of: what its order is about.
    pub fn instant(&self, row: &Row) -> Timestamp {
        match self.tab {
            Tab::Drafts => Timestamp(row.summary.rank),
            _ if self.is_by_waiting() => row.summary.waiting_since.unwrap_or(row.summary.last_at),
            _ => row.summary.last_at,
        }
    }

    /// Takes an answer: a page, and whether there are more rows beyond it. What it covers replaces what was there. Says whether it counts.
    pub fn apply(&mut self, page: Page, rows: Vec<Summary>, more: bool, counts: Counts) -> bool {
        self.counts = counts;
        self.loaded = true;
        self.problem = None;
        match page {
            _ if self.awaits == Some(page) => {
                self.awaits = None;
                self.foreign = false;
                if !rows.is_empty() || !matches!(page, Page::Unread { .. }) {
                    self.replace(page, rows, more);
                }
            }
            _ if self.awaits.is_some() || matches!(page, Page::End | Page::Unread { .. }) => return false,
            // All that was in the window has risen above it: there is nothing to stay beside.
            Page::Top if self.above && self.rows.is_empty() => self.replace(page, rows, more),
            Page::Top if self.above => {
                let keys: Vec<ListKey> = rows.iter().filter(|row| !self.is_held(row.id)).map(Summary::key).collect();
                self.count_risen(&keys);
                // The rest of that page is far from the window; this one stands in it.
                if let Some(summary) = rows.into_iter().find(|row| self.is_held(row.id)) {
                    self.change(summary.id, |shown| *shown = summary);
                }
            }
            _ => {
                self.merge(page, rows, more);
                if page == Page::Top {
                    let keys: Vec<ListKey> = self.rows.iter().take(PAGE as usize).map(|row| self.place(row)).collect();
                    self.count_risen(&keys);
                }
            }
        }
        true
    }

    /// A page that was awaited did not come: what is shown stays, unless it is something else than what was asked for.
    pub fn give_up(&mut self, page: Page) {
        if self.awaits == Some(page) {
            self.awaits = None;
            if std::mem::take(&mut self.foreign) {
                self.rows.clear();
            }
        }
    }

    fn replace(&mut self, page: Page, rows: Vec<Summary>, more: bool) {
        self.held = None;
        self.rows = rows.into_iter().map(Row::of).collect();
        (self.above, self.below) = match page {
            Page::Top => (false, more),
            Page::End => (more, false),
            Page::After(_) | Page::Before(_) | Page::Unread { .. } => (true, more),
        };
        let row = if page == Page::End { self.rows.last() } else { self.rows.first() };
        self.selected = row.map(|row| row.summary.id);
        self.expected = None;
        self.top = if page == Page::End { self.rows.len().saturating_sub(self.shown.max(1)) } else { 0 };
        self.reveal();
    }

    fn merge(&mut self, page: Page, rows: Vec<Summary>, more: bool) {
        let anchor = self.anchor();
        let (first, last) = (rows.first().map(Summary::key), rows.last().map(Summary::key));
        let (old_first, old_last) = (self.rows.first().map(|row| self.place(row)), self.rows.last().map(|row| self.place(row)));
        // Pages were let go meanwhile: rows that do not adjoin the window would leave a gap.
        let apart = match page {
            Page::After(key) => old_last.is_none_or(|end| order(key, end).is_gt()),
            Page::Before(key) => old_first.is_none_or(|begin| order(key, begin).is_lt()),
            Page::Top | Page::End | Page::Unread { .. } => false,
        };
        if apart {
            return;
        }
        let to_last = |key| !more || last.is_some_and(|last| order(key, last).is_le());
        let from_first = |key| !more || first.is_some_and(|first| order(first, key).is_le());
        let covered = |key| match page {
            Page::After(after) => order(after, key).is_lt() && to_last(key),
            Page::Before(before) => order(key, before).is_lt() && from_first(key),
            Page::Top | Page::End | Page::Unread { .. } => to_last(key),
        };
        self.rows.retain(|row| !covered(row.key()) && !rows.iter().any(|new| new.id == row.summary.id));
        self.rows.extend(rows.into_iter().map(Row::of));
        let held = self.held;
        self.rows.sort_by(|a, b| order(place(held, a), place(held, b)));
        let reaches = |new: Option<ListKey>, old: Option<ListKey>, beyond: std::cmp::Ordering| match (new, old) {
            (Some(new), Some(old)) => order(new, old) != beyond.reverse(),
            _ => true,
        };
        if let Page::Before(_) = page {
            if !more || reaches(first, old_first, std::cmp::Ordering::Less) {
                self.above = more;
            }
        } else if !more || reaches(last, old_last, std::cmp::Ordering::Greater) {
            self.below = more;
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

    /// The nearest unread conversation after (or before) the selected one, among the rows that are loaded.
    pub fn unread(&self, down: bool) -> Option<ConversationId> {
        let at = self.cursor();
        let unread = |row: &&Row| row.summary.unread > 0;
        let found = if down {
            self.rows.iter().skip(at.map_or(0, |at| at + 1)).find(unread)
        } else {
            self.rows.iter().take(at.unwrap_or(0)).rev().find(unread)
        };
        found.map(|row| row.summary.id)
    }

    /// Where to look for unread conversations beyond the rows that are loaded; nowhere when these are all.
    pub fn unread_beyond(&self, down: bool) -> Option<Page> {
        let row = if down { self.rows.last().filter(|_| self.below) } else { self.rows.first().filter(|_| self.above) };
        row.map(|row| Page::Unread { from: row.key(), down })
    }

    /// Fits the window to the screen.
    pub fn resize(&mut self, shown: usize, jumps: bool) {
        self.jumps = jumps;
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

    /// Brings the selection into view: at the edge by a row where the screen can scroll, else by most of a page.
    fn reveal(&mut self) {
        let shown = self.shown.max(1);
        let further = if self.jumps { shown.saturating_sub(CONTEXT) } else { 0 };
        if let Some(at) = self.cursor() {
            let last = self.rows.len().saturating_sub(shown);
            if at < self.top {
                self.top = at.saturating_sub(further);
            } else if at >= self.top + shown {
                self.top = (at + 1 - shown + further).min(last.max(at + 1 - shown));
            }
        }
        self.look();
    }

    /// At the top nothing is above what is seen.
    fn look(&mut self) {
        if self.top == 0 && !self.above {
            self.seen = self.rows.first().map(|row| self.place(row));
            self.risen = 0;
        }
    }

    fn is_held(&self, id: ConversationId) -> bool {
        self.held.is_some_and(|(held, _)| held == id)
    }

    /// The key of the place where a row stands.
    fn place(&self, row: &Row) -> ListKey {
        place(self.held, row)
    }

    /// The row that kept its place goes where it belongs; out of the window, if that is there.
    fn release(&mut self) {
        let Some((id, stood)) = self.held.take() else { return };
        let Some(at) = self.rows.iter().position(|row| row.summary.id == id && row.key() != stood) else { return };
        let anchor = self.anchor();
        let row = self.rows.remove(at);
        let to = self.rows.partition_point(|other| order(other.key(), row.key()).is_lt());
        if !(to == 0 && self.above || to == self.rows.len() && self.below) {
            self.rows.insert(to, row);
        }
        self.restore(anchor);
    }

    fn count_risen(&mut self, keys: &[ListKey]) {
        if let Some(seen) = self.seen {
            self.risen = keys.iter().filter(|key| order(**key, seen).is_lt()).count();
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
            at_top: self.top == 0 && !self.above,
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
        self.look();
    }

    /// Lets whole pages go at the end that is far from the screen.
    fn trim(&mut self) {
        let page = PAGE as usize;
        while self.rows.len() > KEPT {
            let middle = self.top + self.shown / 2;
            if middle > self.rows.len() / 2 {
                self.rows.drain(..page);
                self.above = true;
                self.top = self.top.saturating_sub(page);
            } else {
                self.rows.truncate(self.rows.len() - page);
                self.below = true;
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

/// The list's order: the higher rank first, then the higher id.
fn order(a: ListKey, b: ListKey) -> std::cmp::Ordering {
    b.rank.cmp(&a.rank).then(b.id.cmp(&a.id))
}

/// The key of the place where a row stands: its own, or the one it had when it was held there.
fn place(held: Option<(ConversationId, ListKey)>, row: &Row) -> ListKey {
    held.filter(|(id, _)| *id == row.summary.id).map_or_else(|| row.key(), |(_, key)| key)
}

fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(PREVIEW_BYTES)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::conversation::{Priority, Status};
    use crate::domain::id::ChannelId;
    use crate::domain::message::Direction;

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
            rank: 1_000 - id,
            waiting_since: None,
            last_inbound_at: None,
            window_closed_at: None,
            window: None,
            unreachable: false,
            priority: Priority::None,
            labels: Vec::new(),
            snoozed_until: None,
            scheduled: None,
        };
        ids.iter().map(row).collect()
    }

    #[test]
    fn a_window_whose_rows_have_all_risen_goes_to_the_top_with_them() {
        let mut list = List { shown: 10, ..List::default() };
        list.apply(Page::Top, rows(&[1, 2, 3]), true, Counts::default());
        let beyond = Page::After(ListKey { rank: 990, id: ConversationId(10) });
        list.await_page(beyond);
        list.apply(beyond, rows(&[11, 12, 13]), false, Counts::default());
        // All three have news now, and stand above whatever the window covers.
        list.apply(beyond, Vec::new(), false, Counts::default());
        assert!(list.rows.is_empty());
        list.apply(Page::Top, rows(&[1, 2, 3, 4]), false, Counts::default());
        let shown: Vec<i64> = list.rows.iter().map(|row| row.summary.id.0).collect();
        assert_eq!(shown, [1, 2, 3, 4]);
    }

    #[test]
    fn a_conversation_that_is_not_back_yet_is_selected_when_it_is() {
        let mut list = List { shown: 10, ..List::default() };
        list.apply(Page::Top, rows(&[1, 2, 3, 4, 5]), false, Counts::default());
        list.select(ConversationId(3));
        list.remove(ConversationId(3));
        list.select(ConversationId(3));
        list.apply(Page::Top, rows(&[1, 2, 4, 5]), false, Counts::default());
        assert_eq!(list.row().map(|row| row.summary.id), Some(ConversationId(4)), "the selection stays where it was");
        list.apply(Page::Top, rows(&[1, 2, 3, 4, 5]), false, Counts::default());
        assert_eq!(list.row().map(|row| row.summary.id), Some(ConversationId(3)));
    }
}
