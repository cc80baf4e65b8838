//! The lists: which one is shown, in which order, which of its rows; and going about in them.

use super::effect::Query;
use super::focus::Focus;
use super::overlay::{FilterLine, Overlay};
use super::{App, Cx};
use crate::domain::conversation::{Counts, Summary, Tab};
use crate::domain::filter::{self, Filter};
use crate::domain::list::{Page, Sort};

/// A tab's title and its columns in the row of tabs.
#[derive(Clone, Debug)]
pub(crate) struct TabTitle {
    pub(crate) tab: Tab,
    /// In ASCII, so that bytes are columns.
    pub(crate) text: String,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

impl App {
    /// A page of the list came.
    pub(super) fn listed(&mut self, page: Page, rows: Vec<Summary>, more: bool, counts: Counts, cx: &Cx) {
        let nothing = rows.is_empty();
        if self.list.apply(page, rows, more, counts)
            && let Page::Unread { down, .. } = page
        {
            match self.list.row().map(|row| row.summary.id).filter(|_| !nothing) {
                Some(id) => self.go_to(id, cx),
                None => self.complain(no_unread(down), cx),
            }
        }
        self.tell_title();
        let wanted = self.list.wanted();
        self.load_more(wanted);
    }

    pub(crate) fn go_inbox(&mut self, cx: &Cx) {
        self.go_list(Tab::All, cx);
    }

    /// Shows a list from its top, all of it.
    pub(crate) fn go_list(&mut self, tab: Tab, cx: &Cx) {
        self.focus_list(cx);
        if self.list.tab != tab || !self.list.filter.is_empty() {
            self.show_tab(tab);
        }
    }

    pub(crate) fn turn_tab(&mut self, by: isize) {
        if self.focus == Focus::Queue {
            return self.turn_department(by);
        }
        let tabs = Tab::TABS.len() as isize;
        let to = match Tab::TABS.iter().position(|tab| *tab == self.list.tab) {
            Some(at) => (at as isize + by).rem_euclid(tabs),
            // From a list beside the tabs: to the first of them or to the last.
            None if by > 0 => 0,
            None => tabs - 1,
        };
        self.show_tab(Tab::TABS[to as usize]);
        if self.size.0 < super::layout::SIDE_BY_SIDE {
            self.focus = Focus::List;
        }
    }

    pub(crate) fn show_tab(&mut self, tab: Tab) {
        self.list.turn(tab);
        let query = self.list.query(Page::Top);
        self.load_list(query);
    }

    pub(crate) fn need_sort(&self) -> Result<(), String> {
        if self.list.tab.has_sort() { Ok(()) } else { Err(format!("{} has an order of its own", self.list.tab.title())) }
    }

    /// Shows the list in another order or with another filter. Marks go: they may be on rows it does not hold, where nobody would see them.
    fn rearrange(&mut self, sort: Sort, filter: Filter) {
        self.marked.clear();
        let query = self.list.rearrange(sort, filter);
        self.load_list(query);
    }

    pub(crate) fn toggle_sort(&mut self, cx: &Cx) {
        let sort = self.list.sort.other();
        self.rearrange(sort, self.list.filter.clone());
        let word = match sort {
            Sort::Latest => "The latest first",
            Sort::Waiting => "Who waits longest first",
        };
        self.say(word, cx);
    }

    /// Opens the line in which a filter is typed; what filters now stands in it.
    pub(crate) fn ask_filter(&mut self, cx: &Cx) {
        self.focus_list(cx);
        self.overlays.push(Overlay::Filter(FilterLine::of(&self.list.typed)));
    }

    /// Shows only the rows that this text lets through.
    pub(crate) fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.list.typed);
        let filter = Filter::parse(text);
        if filter != self.list.filter {
            self.rearrange(self.list.sort, filter);
        }
    }

    /// Enter in the line.
    pub(crate) fn accept_line(&mut self, cx: &Cx) {
        if let Some(Overlay::Filter(line)) = self.overlays.pop()
            && let Some(place) = line.names
        {
            self.save_view(place, &line.field.text(), cx);
        }
    }

    /// Esc in the line.
    pub(crate) fn leave_line(&mut self) {
        match self.overlays.pop() {
            Some(Overlay::Filter(line)) if line.names.is_some() => {}
            _ => self.clear_filter(),
        }
    }

    pub(crate) fn clear_filter(&mut self) {
        self.overlays.retain(|overlay| !matches!(overlay, Overlay::Filter(_)));
        self.set_filter("");
    }

    /// Types the rest of what was begun.
    pub(crate) fn complete_filter(&mut self) {
        let Some(Overlay::Filter(line)) = self.overlays.last_mut() else { return };
        if line.names.is_some() {
            return;
        }
        if let Some(rest) = filter::complete(&line.field.text()) {
            line.field.paste(rest);
            let text = line.field.text();
            self.set_filter(&text);
        }
    }

    pub(crate) fn need_unread(&self, down: bool) -> Result<(), String> {
        let known = match self.list.tab {
            Tab::All if self.list.filter.is_empty() => self.list.counts.unread,
            Tab::Mine if self.list.filter.is_empty() => self.list.counts.unread_mine,
            _ => u64::MAX,
        };
        let beyond = known > 0 && self.list.unread_beyond(down).is_some();
        if beyond || self.list.unread(down).is_some() { Ok(()) } else { Err(no_unread(down).to_owned()) }
    }

    /// Goes to the nearest unread conversation, also where no rows are loaded yet.
    pub(crate) fn go_unread(&mut self, down: bool, cx: &Cx) {
        if let Some(id) = self.list.unread(down) {
            return self.go_to(id, cx);
        }
        let query: Option<Query> = self.list.unread_beyond(down).map(|page| self.list.await_page(page));
        self.load_more(query);
    }

    /// The tab whose title stands at this column of the row of tabs.
    pub(super) fn tab_at(&self, column: u16, width: usize) -> Option<Tab> {
        let titles = self.tab_titles(width);
        titles.into_iter().find(|title| (title.from..title.to).contains(&usize::from(column))).map(|title| title.tab)
    }

    /// The tabs as they stand in a row of `width` columns, each with its count, shortened where there is no room; a list beside them has a title
    /// while it is shown. A filter leaves room for the shown one alone.
    pub(crate) fn tab_titles(&self, width: usize) -> Vec<TabTitle> {
        if !self.list.filter.is_empty() {
            return self.place_tabs(&[self.list.tab], 3, Tab::title);
        }
        let mut tabs = Tab::TABS.to_vec();
        if !tabs.contains(&self.list.tab) {
            tabs.push(self.list.tab);
        }
        let full = self.place_tabs(&tabs, 3, Tab::title);
        if full.last().is_some_and(|last| last.to < width) {
            return full;
        }
        let short = |tab: Tab| match tab {
            Tab::Unassigned => "Unass.",
            Tab::Unattended => "Unatt.",
            _ => tab.title(),
        };
        let titles = self.place_tabs(&tabs, 2, short);
        if titles.last().is_some_and(|last| last.to < width) {
            return titles;
        }
        // Whatever else has no room: what is shown has its title.
        let (shown, others): (Vec<Tab>, Vec<Tab>) = tabs.into_iter().partition(|tab| *tab == self.list.tab);
        let mut tabs = others;
        while !tabs.is_empty() {
            tabs.pop();
            let kept: Vec<Tab> = tabs.iter().chain(&shown).copied().collect();
            let titles = self.place_tabs(&kept, 2, short);
            if titles.last().is_some_and(|last| last.to < width) {
                return titles;
            }
        }
        self.place_tabs(&shown, 2, short)
    }

    fn place_tabs(&self, tabs: &[Tab], gap: usize, title: impl Fn(Tab) -> &'static str) -> Vec<TabTitle> {
        let mut from = 1;
        let place = |tab: &Tab| {
            let text = if self.list.loaded {
                format!("{} {}", title(*tab), short_count(self.list.counts.of(*tab)))
            } else {
                title(*tab).to_owned()
            };
            let to = from + text.len();
            let placed = TabTitle { tab: *tab, text, from, to };
            from = to + gap;
            placed
        };
        tabs.iter().map(place).collect()
    }
}

const fn no_unread(down: bool) -> &'static str {
    if down { "There is no unread conversation below" } else { "There is no unread conversation above" }
}

/// A count in at most four columns: `9999`, `12k`, `999k`, `2M`.
pub(crate) fn short_count(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..1_000_000 => format!("{}k", count / 1_000),
        _ => format!("{}M", count / 1_000_000),
    }
}
