//! Marked rows: acts in the list are about all of them.

use std::collections::BTreeMap;

use super::pane::list::List;
use super::{App, Cx};
use crate::domain::act::MOST;
use crate::domain::conversation::{Summary, Tab};
use crate::domain::id::ConversationId;

/// The marked conversations, as they were when last loaded: a mark outlives the rows being let go while one scrolls far.
#[derive(Debug, Default)]
pub struct Marked {
    rows: BTreeMap<ConversationId, Summary>,
    /// Where they stand.
    tab: Tab,
    /// Where a range begins.
    from: Option<ConversationId>,
}

impl Marked {
    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// None is.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// This one is.
    pub fn contains(&self, id: ConversationId) -> bool {
        self.rows.contains_key(&id)
    }

    /// This one as it is, if it is marked.
    pub fn get(&self, id: ConversationId) -> Option<&Summary> {
        self.rows.get(&id)
    }

    /// Marks no more.
    pub fn clear(&mut self) {
        *self = Self { tab: self.tab, ..Self::default() };
    }

    /// Marks it no more.
    pub fn remove(&mut self, id: ConversationId) {
        self.rows.remove(&id);
    }

    /// One of them is like this.
    pub fn any(&self, right: impl Fn(&Summary) -> bool) -> bool {
        self.rows.values().any(right)
    }

    /// All of them, in the list's order.
    pub fn summaries(&self) -> Vec<Summary> {
        let mut rows: Vec<Summary> = self.rows.values().cloned().collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.rank, row.id)));
        rows
    }

    /// Marks as many of these as may be; whether all of them are now.
    fn add<'a>(&mut self, rows: impl IntoIterator<Item = &'a Summary>) -> bool {
        for row in rows {
            if self.rows.len() >= MOST && !self.contains(row.id) {
                return false;
            }
            self.rows.insert(row.id, row.clone());
        }
        true
    }

    /// Follows the list: what is loaded is as the list has it, and what has left the rows it would be among is not marked any more.
    pub(super) fn follow(&mut self, list: &List) {
        if self.tab != list.tab {
            *self = Self { tab: list.tab, ..Self::default() };
        }
        if self.is_empty() || !list.loaded {
            return;
        }
        // In whichever order the list stands.
        let key = |summary: &Summary| (summary.rank, summary.id);
        let ends = list.rows.first().map(|row| key(&row.summary)).zip(list.rows.last().map(|row| key(&row.summary)));
        let loaded: BTreeMap<ConversationId, &Summary> = list.rows.iter().map(|row| (row.summary.id, &row.summary)).collect();
        self.rows.retain(|id, marked| match loaded.get(id) {
            Some(now) => {
                *marked = (*now).clone();
                true
            }
            None => list.is_partial() && ends.is_some_and(|(first, last)| key(marked) > first || key(marked) < last),
        });
    }
}

impl App {
    /// Marks the selected row, or marks it no more, and goes on to the next.
    pub(crate) fn mark(&mut self, cx: &Cx) {
        let Some(summary) = self.list.row().map(|row| row.summary.clone()) else { return };
        if self.marked.contains(summary.id) {
            self.marked.remove(summary.id);
        } else if !self.marked.add([&summary]) {
            self.say_full(cx);
        }
        self.marked.from = Some(summary.id);
        self.motion(super::motion::Motion::Down);
    }

    /// Where a range that ends at the selected row begins.
    pub(crate) fn range_start(&self) -> Result<usize, String> {
        let from = self.marked.from.and_then(|from| self.list.rows.iter().position(|row| row.summary.id == from));
        from.ok_or_else(|| format!("Mark where the range begins first: {} marks a row", self.keymap.first_key("mark")))
    }

    /// Marks everything from the row that was marked last up to the selected one.
    pub(crate) fn mark_range(&mut self, cx: &Cx) {
        let (Ok(from), Some(to)) = (self.range_start(), self.list.cursor()) else { return };
        let (first, last) = (from.min(to), from.max(to));
        let all = self.marked.add(self.list.rows.iter().skip(first).take(last - first + 1).map(|row| &row.summary));
        if !all {
            self.say_full(cx);
        }
    }

    /// Marks all loaded rows, or none when all are.
    pub(crate) fn mark_all(&mut self, cx: &Cx) {
        if !self.marked.is_empty() && self.list.rows.iter().all(|row| self.marked.contains(row.summary.id)) {
            self.marked.clear();
        } else if !self.marked.add(self.list.rows.iter().map(|row| &row.summary)) {
            self.say_full(cx);
        } else if self.list.is_partial() {
            self.say(&format!("Marked the {} that are loaded: there are more further down", self.marked.len()), cx);
        }
    }

    pub(crate) fn need_rows(&self) -> Result<(), String> {
        if self.focus != super::focus::Focus::List {
            return Err("Only in the list".to_owned());
        }
        if self.list.rows.is_empty() { Err("There is nothing to mark".to_owned()) } else { Ok(()) }
    }

    fn say_full(&mut self, cx: &Cx) {
        self.complain(&format!("{MOST} are marked: no more can be changed at once"), cx);
    }
}
