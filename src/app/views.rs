//! Saved views: tab, order and filter under a number, for the whole workspace.

use super::acts::Undo;
use super::answers::Awaited;
use super::effect::Write;
use super::overlay::{FilterLine, Menu, MenuChoice, MenuRow, Overlay};
use super::{App, Cx};
use crate::domain::filter::Filter;
use crate::domain::list::{Page, Sort, View};
use crate::domain::text::Safe;

/// The numbers there are.
const PLACES: std::ops::RangeInclusive<i64> = 1..=9;

impl App {
    fn view(&self, place: i64) -> Option<&View> {
        self.views.iter().find(|view| view.place == place)
    }

    pub(crate) fn need_view(&self, place: i64) -> Result<(), String> {
        self.view(place)
            .map(|_| ())
            .ok_or_else(|| format!("No view is saved under {place}: {} saves one", self.keymap.first_key("view.save")))
    }

    pub(crate) fn need_views(&self) -> Result<(), String> {
        if self.views.is_empty() { Err(format!("No view is saved: {} saves one", self.keymap.first_key("view.save"))) } else { Ok(()) }
    }

    /// Shows what is saved under this number.
    pub(crate) fn show_view(&mut self, place: i64, cx: &Cx) {
        let Some(view) = self.view(place).cloned() else { return };
        self.focus_list(cx);
        self.marked.clear();
        self.list.turn(view.tab);
        self.list.sort = view.sort;
        self.list.filter = Filter::parse(&view.filter);
        self.list.typed = view.filter;
        let query = self.list.query(Page::Top);
        self.load_list(query);
        self.say(&format!("View {place}: {}", view.name), cx);
    }

    /// Asks which number what is shown is to be saved under.
    pub(crate) fn ask_view_place(&mut self) {
        let row = |place: i64| MenuRow {
            key: digit(place),
            title: Safe::line(self.view(place).map_or("free", |view| &view.name)),
            detail: Safe::lit(if self.view(place).is_some() { "is replaced" } else { "" }),
            choice: MenuChoice::SaveView(place),
        };
        let menu = Menu::new("save this view as", PLACES.map(row).collect());
        self.overlays.push(Overlay::Menu(menu));
    }

    /// Asks for the name; what is shown says one.
    pub(crate) fn ask_view_name(&mut self, place: i64, cx: &Cx) {
        self.focus_list(cx);
        let list = &self.list;
        let mut name = list.tab.title().to_owned();
        if list.is_by_waiting() {
            name.push_str(", longest waiting");
        }
        if !list.filter.is_empty() {
            name = format!("{name}: {}", list.filter.meaning());
        }
        self.overlays.push(Overlay::Filter(FilterLine::naming(place, &name)));
    }

    /// Saves what is shown under a number and a name.
    pub(crate) fn save_view(&mut self, place: i64, name: &str, cx: &Cx) {
        let sort = if self.list.tab.has_sort() { self.list.sort } else { Sort::Latest };
        let name = if name.trim().is_empty() { self.list.tab.title() } else { name.trim() }.to_owned();
        let view = View { place, name: name.clone(), tab: self.list.tab, sort, filter: self.list.typed.trim().to_owned() };
        let before = self.view(place).cloned();
        self.store_view(place, Some(view));
        self.remember(Undo::View(place, before));
        let undo = self.keymap.first_key("undo");
        self.say(&format!("Saved: {place} shows {name} · {undo} undoes it"), cx);
    }

    /// Asks which saved view to show or to delete.
    pub(crate) fn ask_view(&mut self, title: &str, choice: impl Fn(i64) -> MenuChoice) {
        let row = |view: &View| MenuRow {
            key: digit(view.place),
            title: Safe::line(&view.name),
            detail: Safe::lit(view.tab.title()),
            choice: choice(view.place),
        };
        let menu = Menu::new(title, self.views.iter().map(row).collect());
        self.overlays.push(Overlay::Menu(menu));
    }

    pub(crate) fn delete_view(&mut self, place: i64, cx: &Cx) {
        let Some(view) = self.view(place).cloned() else { return };
        let undo = self.keymap.first_key("undo");
        self.say(&format!("Deleted the view {} · {undo} undoes it", view.name), cx);
        self.store_view(place, None);
        self.remember(Undo::View(place, Some(view)));
    }

    /// Shows and stores what is under a number.
    pub(super) fn store_view(&mut self, place: i64, view: Option<View>) {
        self.views.retain(|view| view.place != place);
        self.views.extend(view.clone());
        self.views.sort_by_key(|view| view.place);
        let write = view.map_or(Write::DropView { place }, |view| Write::SaveView { view });
        self.write(write, Awaited::Act);
    }
}

fn digit(place: i64) -> char {
    u32::try_from(place).ok().and_then(|place| char::from_digit(place, 10)).unwrap_or('0')
}
