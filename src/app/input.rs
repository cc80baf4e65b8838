//! Turns caused by the person: keys, text pasted, the mouse, the window.

use super::answers::Awaited;
use super::effect::{Mode, Write};
use super::field::{FIELD_BYTES, Field};
use super::focus::Focus;
use super::key;
use super::keymap::Found;
use super::layout::Rect;
use super::motion::Motion;
use super::msg::{Code, Input, Key, MouseAct};
use super::overlay::{Overlay, PaletteKind, Purpose, TemplatePicker};
use super::{App, Cx};
use crate::domain::id::ConversationId;

/// Rows the wheel moves by.
const WHEEL: usize = 3;

impl App {
    pub(super) fn input(&mut self, input: Input, cx: &Cx) {
        // A word about what just happened goes when the person goes elsewhere, so that the keys of the new place are seen.
        let (word, place) = (self.toast.take(), self.place());
        self.take_input(input, cx);
        if self.toast.is_none() && self.place() == place {
            self.toast = word;
        } else {
            self.keep_problem(word);
        }
    }

    /// What the person looks at: the pane, how much floats, the open conversation.
    fn place(&self) -> (Focus, usize, Option<ConversationId>) {
        (self.focus, self.overlays.len(), self.thread.as_ref().map(|thread| thread.id))
    }

    fn take_input(&mut self, input: Input, cx: &Cx) {
        match input {
            Input::Key(key) => self.key(key::normal(key), cx),
            Input::Paste(text) => {
                self.chord.clear();
                // Several lines are no letters of an offer that stands over the text: they are meant for the text.
                if text.contains(['\n', '\r']) {
                    self.leave_words(cx);
                }
                let mut whole = true;
                let paste = |field: &mut Field| {
                    whole = field.paste(&text);
                    true
                };
                let deaf = self.is_deaf(cx.now);
                match self.thread.as_mut().filter(|_| deaf) {
                    Some(thread) => {
                        thread.composer.change(cx.now, paste);
                    }
                    None => self.edit(cx, paste),
                }
                if !whole {
                    self.complain(&format!("Not all of it was pasted: a text takes up to {} kB", FIELD_BYTES / 1024), cx);
                }
            }
            Input::PasteCut => self.complain("Not all of it was pasted: the terminal's paste was too long, and its end is missing", cx),
            Input::Mouse { act, column, row } => self.mouse(act, column, row, cx),
            Input::Resize { columns, rows } => self.size = (columns, rows),
            Input::Focus(focused) => {
                self.window_focused = focused;
                if !focused {
                    self.look_away(cx);
                }
            }
        }
    }

    fn key(&mut self, key: Key, cx: &Cx) {
        let typing = self.typing();
        let key = self.keymap.latin(key, typing);
        let letter = matches!(key.code, Code::Char(_)) && !key.ctrl && !key.alt;
        if letter && !typing && self.swallow_until.is_some_and(|until| cx.now < until) {
            return;
        }
        if let (Some(Overlay::Menu(menu)), Code::Char(c), true) = (self.overlays.last(), key.code, letter)
            && let Some(choice) = menu.letter(c)
        {
            self.chord.clear();
            self.overlays.pop();
            return self.choose(&choice, cx);
        }
        if self.ends_offer(key, cx) || self.completes_path(key) || self.typed_too_late(key, cx) {
            return;
        }
        self.chord.push(key);
        match self.keymap.find(self.chain(), &self.chord) {
            Found::Command(command) => {
                self.chord.clear();
                self.run_command(command, cx);
            }
            Found::Begun => {}
            Found::Nothing => {
                let alone = self.chord.len() == 1;
                self.chord.clear();
                if matches!(self.overlays.last(), Some(Overlay::Confirm(_) | Overlay::BulkAsk(_))) || (alone && self.opened_by(key)) {
                    self.overlays.pop();
                } else if alone && self.recalls(key, cx) {
                    // An earlier text took the place of the empty one.
                } else if alone && typing && !(key.code == Code::Char(' ') && self.form_turns()) {
                    self.edit(cx, |field| field.key(key));
                    self.offer_words(key);
                }
            }
        }
    }

    /// The key was meant for the reply whose window closed just now: it goes into the draft.
    fn typed_too_late(&mut self, key: Key, cx: &Cx) -> bool {
        let deaf = key.code != Code::Esc && self.is_deaf(cx.now);
        if let Some(thread) = self.thread.as_mut().filter(|_| deaf) {
            thread.composer.change(cx.now, |field| field.key(key));
        }
        deaf
    }

    /// The key goes up (or down) beyond the composer's text, to what was sent before.
    fn recalls(&mut self, key: Key, cx: &Cx) -> bool {
        let older = match (key.code, key.ctrl) {
            (Code::Up, false) | (Code::Char('p'), true) => true,
            (Code::Down, false) | (Code::Char('n'), true) => false,
            _ => return false,
        };
        let Some(thread) = self.thread.as_mut().filter(|_| self.focus == Focus::Compose && self.overlays.is_empty()) else { return false };
        (key.alt || thread.composer.is_at_edge(older)) && thread.composer.recall(older, &self.written, cx.now)
    }

    /// The key is the one that opened the help or the details on top: pressed again it closes them.
    fn opened_by(&self, key: Key) -> bool {
        let opener = match self.overlays.last() {
            Some(Overlay::Palette(palette)) if matches!(palette.kind, PaletteKind::Keys(_)) && palette.field.is_blank() => "help",
            Some(Overlay::Info(_)) => "info",
            Some(Overlay::Ticket(_)) => "queue.details",
            _ => return false,
        };
        matches!(self.keymap.find(self.focus.chain(), &[key]), Found::Command(command) if command.name == opener)
    }

    /// Keys go into a text field.
    fn typing(&self) -> bool {
        match self.overlays.last() {
            Some(
                Overlay::Palette(_)
                | Overlay::Form(_)
                | Overlay::Picker(_)
                | Overlay::Canned(_)
                | Overlay::Filter(_)
                | Overlay::Search
                | Overlay::Template(_)
                | Overlay::TemplateForm(_)
                | Overlay::TicketForm(_)
                | Overlay::WordingForm(_),
            ) => true,
            Some(_) => false,
            None => self.focus == Focus::Compose,
        }
    }

    /// Changes the text field that has the focus, if one has.
    fn edit(&mut self, cx: &Cx, change: impl FnOnce(&mut Field) -> bool) {
        match self.overlays.last_mut() {
            Some(Overlay::Palette(palette)) => {
                change(&mut palette.field);
                one_line(&mut palette.field);
                palette.edited();
                let looked_for = palette.looks_for().map(str::to_owned);
                self.load_people(looked_for);
            }
            Some(Overlay::Search) => {
                let Some(search) = &mut self.search else { return };
                let before = search.field.text();
                change(&mut search.field);
                one_line(&mut search.field);
                if search.field.text() != before {
                    self.search_typed();
                }
            }
            Some(Overlay::Picker(picker)) => {
                change(&mut picker.field);
                one_line(&mut picker.field);
                match picker.purpose {
                    Purpose::SendAt | Purpose::Attach => self.refill_as_typed(cx),
                    purpose if purpose.asks_time() => self.offer_times(cx),
                    _ => picker.search(),
                }
            }
            Some(Overlay::Canned(form)) => {
                change(form.field());
                one_line(&mut form.shortcut);
            }
            Some(Overlay::Filter(line)) => {
                change(&mut line.field);
                one_line(&mut line.field);
                let text = line.field.text();
                if line.names.is_none() {
                    self.set_filter(&text);
                }
            }
            Some(Overlay::Form(form)) => {
                let trying = form.ticket.is_some();
                if let Some(row) = form.row().filter(|_| !trying) {
                    change(&mut row.field);
                    one_line(&mut row.field);
                }
            }
            Some(Overlay::TicketForm(form)) => {
                if let Some(field) = form.field() {
                    change(field);
                    one_line(field);
                }
            }
            Some(Overlay::WordingForm(form)) => {
                form.problem = None;
                if let Some(field) = form.field() {
                    change(field);
                }
                form.lines.iter_mut().for_each(one_line);
            }
            Some(Overlay::Template(picker)) => {
                change(&mut picker.field);
                one_line(&mut picker.field);
                picker.search();
            }
            Some(Overlay::TemplateForm(form)) => {
                if let Some(row) = form.rows.get_mut(form.at) {
                    change(&mut row.field);
                    row.problem = None;
                    // Several lines are pasted as several words: providers refuse line ends in values.
                    if row.field.text().contains('\n') {
                        row.field = Field::of(&row.field.text().replace('\n', " "));
                    }
                }
            }
            None if self.focus == Focus::Compose => {
                let provider = self.thread.as_ref().and_then(|thread| thread.summary.as_ref()).map(|summary| summary.provider.clone());
                let shows_typing = provider.and_then(|provider| self.capabilities(&provider)).is_some_and(|can| can.typing);
                let Some(thread) = &mut self.thread else { return };
                let changed = thread.composer.change(cx.now, change);
                let conversation = thread.id;
                if shows_typing && changed && thread.composer.typing(cx.now) {
                    self.write(Write::Typing { conversation }, Awaited::Nothing);
                }
            }
            _ => {}
        }
    }

    fn mouse(&mut self, act: MouseAct, column: u16, row: u16, cx: &Cx) {
        let layout = self.layout();
        if layout.too_small {
            return;
        }
        if let Some(overlay) = self.overlays.last() {
            let place = overlay.place(&layout);
            match act {
                MouseAct::Press if !place.contains(column, row) => {
                    self.back(cx);
                }
                MouseAct::Press => self.click_overlay(place, row, cx),
                MouseAct::WheelUp => self.motion(Motion::Up),
                MouseAct::WheelDown => self.motion(Motion::Down),
                MouseAct::Drag | MouseAct::Release => {}
            }
            return;
        }
        match act {
            MouseAct::Press if layout.tabs.contains(column, row) => {
                if let Some(tab) = self.tab_at(column - layout.tabs.x, usize::from(layout.tabs.w)) {
                    self.focus_list(cx);
                    self.show_tab(tab);
                }
            }
            MouseAct::Press if layout.status.contains(column, row) => self.run("channels", cx),
            MouseAct::Press if layout.queue.contains(column, row) => self.click_queue(layout.queue, column, row),
            MouseAct::WheelUp | MouseAct::WheelDown if !layout.queue.is_empty() => {
                self.move_in_queue(if act == MouseAct::WheelDown { Motion::Down } else { Motion::Up });
            }
            MouseAct::Press if layout.list.contains(column, row) => {
                let at = self.list.top + usize::from((row - layout.list.y) / layout.row_height);
                let Some(id) = self.list.rows.get(at).map(|row| row.summary.id) else { return };
                self.focus_list(cx);
                if self.list.row().is_some_and(|row| row.summary.id == id) {
                    self.open_selected(cx);
                } else {
                    self.list.select(id);
                }
            }
            MouseAct::Press if layout.thread.contains(column, row) => {
                if self.focus == Focus::Compose {
                    self.leave_composer(cx);
                }
                if let Some(thread) = &mut self.thread {
                    thread.selected = thread.message_at(usize::from(row - layout.thread.y)).or(thread.selected);
                    self.focus = Focus::Thread;
                }
            }
            MouseAct::Press if layout.compose.contains(column, row) && self.focus != Focus::Compose => {
                let mode = self.thread.as_ref().map_or(Mode::Reply, |thread| thread.composer.mode);
                self.compose(mode, cx);
            }
            MouseAct::WheelUp | MouseAct::WheelDown => {
                let down = act == MouseAct::WheelDown;
                let query = if layout.list.contains(column, row) {
                    self.list.scroll(down, WHEEL)
                } else {
                    self.thread.as_mut().and_then(|thread| thread.scroll(down, WHEEL))
                };
                self.load_more(query);
            }
            _ => {}
        }
    }

    fn click_overlay(&mut self, place: Rect, row: u16, cx: &Cx) {
        let at = usize::from(row - place.y);
        match self.overlays.last_mut() {
            // Below the frame and the line that is typed.
            Some(Overlay::Palette(palette)) => {
                let on_row = at >= 3 && palette.select_at(at - 3, palette.room(place.h));
                if on_row {
                    self.accept_selected(cx);
                }
            }
            Some(Overlay::Picker(picker)) if at >= 3 => {
                let first = picker.first_shown(usize::from(place.h).saturating_sub(4));
                if first + at - 3 < picker.rows.len() {
                    picker.selected = first + at - 3;
                    self.accept(cx);
                }
            }
            Some(Overlay::Template(picker)) if at >= 3 && at - 3 < TemplatePicker::room(place.h) => {
                let chosen = picker.first_shown(place.h) + at - 3;
                if chosen < picker.rows.len() {
                    picker.selected = chosen;
                }
            }
            Some(Overlay::Search) if at >= 3 => self.click_search(at - 3, usize::from(place.h).saturating_sub(4), cx),
            Some(Overlay::Menu(menu)) if at >= 1 && at <= menu.rows.len() => {
                menu.selected = at - 1;
                self.open_selected(cx);
            }
            Some(Overlay::Channels(channels)) if at >= 1 => {
                channels.selected = (at - 1).min(self.status.channels.len().saturating_sub(1));
            }
            _ => {}
        }
    }
}

/// A pasted or typed line feed has no place in a field of one line.
fn one_line(field: &mut Field) {
    let text = field.text();
    if text.contains('\n') {
        *field = Field::of(&text.replace('\n', ""));
    }
}
