//! Canned replies, and colleagues in notes: offered while one writes, inserted where the cursor stands.

use super::acts::Undo;
use super::answers::Awaited;
use super::effect::Write;
use super::focus::Focus;
use super::msg::{Code, Key};
use super::overlay::{CannedForm, Menu, MenuChoice, MenuRow, Overlay, Picker, PickerRow, Purpose};
use super::{App, Cx};
use crate::domain::canned::{Canned, Facts, next_blank};
use crate::domain::conversation::Summary;
use crate::domain::id::ConversationId;
use crate::domain::text::Safe;

/// How much of a text its row holds, in columns; what is further on is found all the same.
const SHOWN: usize = 2_000;
/// The value of the row that makes a new one.
const NEW: i64 = -1;

impl App {
    /// After a key was typed into the composer: `/` offers canned replies and, in a note, `@` colleagues, where a word begins.
    pub(super) fn offer_words(&mut self, key: Key) {
        if key.ctrl || key.alt || self.focus != Focus::Compose || !self.overlays.is_empty() {
            return;
        }
        let Some(composer) = self.thread.as_ref().map(|thread| &thread.composer) else { return };
        let begins = |mark: char| {
            composer
                .field()
                .before_cursor()
                .strip_suffix(mark)
                .is_some_and(|before| before.is_empty() || before.ends_with(char::is_whitespace))
        };
        match key.code {
            // Who has none is not offered any, but the next time may be different.
            Code::Char('/') if begins('/') && self.canned.as_ref().is_some_and(Vec::is_empty) => self.load_canned(),
            Code::Char('/') if begins('/') => self.ask_canned(true),
            Code::Char('@') if composer.is_note() && begins('@') => {
                self.overlays.push(Overlay::Picker(Picker::new(
                    Purpose::Mention,
                    "mention",
                    Vec::new(),
                    "No colleague has these letters.",
                )));
                self.load_agents();
            }
            _ => {}
        }
    }

    /// Offers the canned replies; `typed` when a slash stands before the cursor for it.
    pub(crate) fn ask_canned(&mut self, typed: bool) {
        let rows = self.canned.as_deref().map(canned_rows).unwrap_or_default();
        let nothing = "Nothing has these letters: Esc goes on writing.";
        self.overlays.push(Overlay::Picker(Picker::new(Purpose::Canned { typed }, "canned replies", rows, nothing)));
        self.load_canned();
    }

    /// The canned replies as they are now.
    pub(super) fn know_canned(&mut self, all: Vec<Canned>, cx: &Cx) {
        let rows = canned_rows(&all);
        let none = all.is_empty();
        self.canned = Some(all);
        match self.overlays.last_mut() {
            Some(Overlay::Picker(picker)) if picker.purpose == Purpose::ManageCanned => picker.refill(with_new(rows)),
            Some(Overlay::Picker(picker)) if matches!(picker.purpose, Purpose::Canned { .. }) => {
                picker.refill(rows);
                if none {
                    self.leave_words(cx);
                    let key = self.keymap.first_key("compose.keep_canned");
                    self.say(&format!("There are no canned replies yet: {key} keeps what you wrote as one"), cx);
                }
            }
            _ => {}
        }
    }

    /// Whether the key ends the offer rather than being typed into it: a second slash or a blank where nothing is found goes into the text, and
    /// Backspace takes the mark itself away.
    pub(super) fn ends_offer(&mut self, key: Key, cx: &Cx) -> bool {
        let Some(Overlay::Picker(picker)) = self.overlays.last() else { return false };
        if !matches!(picker.purpose, Purpose::Canned { typed: true } | Purpose::Mention) || key.ctrl || key.alt {
            return false;
        }
        let (empty, found) = (picker.field.text().is_empty(), !picker.rows.is_empty());
        match key.code {
            Code::Char('/') if empty => {
                self.leave_words(cx);
            }
            Code::Char(' ') if empty || !found => {
                self.leave_words(cx);
                self.insert(0, " ", cx);
            }
            Code::Backspace if empty => {
                self.leave_words(cx);
                self.insert(1, "", cx);
            }
            _ => return false,
        }
        true
    }

    /// Closes the offer on top; what was typed into it was meant for the text after all.
    pub(super) fn leave_words(&mut self, cx: &Cx) -> bool {
        let offers = |overlay: &Overlay| matches!(overlay, Overlay::Picker(picker) if matches!(picker.purpose, Purpose::Canned { typed: true } | Purpose::Mention));
        if !self.overlays.last().is_some_and(offers) {
            return false;
        }
        if let Some(Overlay::Picker(picker)) = self.overlays.pop() {
            self.insert(0, &picker.field.text(), cx);
        }
        true
    }

    /// A row of an offer was chosen.
    pub(super) fn insert_canned(&mut self, row: &PickerRow, typed: bool, cx: &Cx) {
        let Some(canned) = usize::try_from(row.value).ok().and_then(|at| self.canned.as_ref()?.get(at)).cloned() else { return };
        let text = canned.fill(&self.facts());
        self.insert(usize::from(typed), &text, cx);
    }

    /// A colleague was chosen.
    pub(super) fn insert_mention(&mut self, row: &PickerRow, cx: &Cx) {
        self.insert(0, &format!("{} ", row.title), cx);
    }

    /// Puts text in place of the last `erase` characters before the cursor. Its first blank is selected, to be typed over.
    fn insert(&mut self, erase: usize, text: &str, cx: &Cx) {
        let Some(thread) = &mut self.thread else { return };
        thread.composer.change(cx.now, |field| {
            let (from, whole) = (field.insert_instead(erase, text), field.text());
            // The field may have taken fewer characters than the text has, and there are blanks beside it.
            let inside = |(start, length): &(usize, usize)| *start >= from && start + length <= field.position();
            if let Some((start, length)) = next_blank(&whole, from).filter(inside) {
                field.select(start, length);
            }
            erase > 0 || !text.is_empty()
        });
    }

    pub(crate) fn need_blank(&self) -> Result<(), String> {
        let text = self.thread.as_ref().map(|thread| thread.composer.field().text()).unwrap_or_default();
        next_blank(&text, 0).map(|_| ()).ok_or_else(|| "There is no {{blank}} left in the text".to_owned())
    }

    /// Selects the next blank of the text.
    pub(crate) fn next_blank(&mut self, cx: &Cx) {
        let Some(thread) = &mut self.thread else { return };
        thread.composer.change(cx.now, |field| {
            if let Some((start, length)) = next_blank(&field.text(), field.position()) {
                field.select(start, length);
            }
            false
        });
    }

    /// What is known for the blanks of what is written in a conversation, and its customer's name.
    pub(super) fn facts_of(&self, conversation: ConversationId) -> (Facts, String) {
        let open = self.thread.as_ref().and_then(|thread| thread.summary.as_ref()).filter(|summary| summary.id == conversation);
        let summary = open.or_else(|| self.list.find(conversation));
        (self.facts_for(summary), summary.map(|summary| summary.name.clone()).unwrap_or_default())
    }

    /// What is known for a canned reply's blanks.
    fn facts(&self) -> Facts {
        self.facts_for(self.thread.as_ref().and_then(|thread| thread.summary.as_ref()))
    }

    pub(super) fn facts_for(&self, summary: Option<&Summary>) -> Facts {
        let channel = summary.and_then(|summary| self.status.channels.iter().find(|channel| channel.id == summary.channel));
        Facts {
            name: summary.map(|summary| summary.name.trim().to_owned()).unwrap_or_default(),
            agent: self.setup.agent_name.clone(),
            number: summary.map(|summary| summary.number.to_string()).unwrap_or_default(),
            channel: channel.map(|channel| channel.name.clone()).unwrap_or_default(),
        }
    }

    /// Offers all canned replies to be changed.
    pub(crate) fn manage_canned(&mut self) {
        let rows = with_new(self.canned.as_deref().map(canned_rows).unwrap_or_default());
        self.overlays.push(Overlay::Picker(Picker::new(
            Purpose::ManageCanned,
            "canned replies",
            rows,
            "No canned reply has these letters.",
        )));
        self.load_canned();
    }

    /// One of them was chosen to be changed.
    pub(super) fn ask_about_canned(&mut self, row: &PickerRow) {
        if row.value == NEW {
            return self.overlays.push(Overlay::Canned(CannedForm::new("")));
        }
        let Some(canned) = usize::try_from(row.value).ok().and_then(|at| self.canned.as_ref()?.get(at)).cloned() else { return };
        let choice =
            |key, title: &'static str, detail: &str, choice| MenuRow { key, title: Safe::lit(title), detail: Safe::line(detail), choice };
        let undo = format!("{} undoes it", self.keymap.first_key("undo"));
        let rows = vec![
            choice('e', "edit", "", MenuChoice::EditCanned(canned.clone())),
            choice('x', "remove", &undo, MenuChoice::RemoveCanned(canned.clone())),
        ];
        self.overlays.push(Overlay::Menu(Menu::new(&format!("/{}", canned.shortcut), rows)));
    }

    pub(super) fn edit_canned(&mut self, canned: &Canned) {
        self.overlays.push(Overlay::Canned(CannedForm::of(canned.clone())));
    }

    pub(super) fn remove_canned(&mut self, canned: &Canned, cx: &Cx) {
        self.remember(Undo::Canned { now: None, before: Some(canned.clone()) });
        self.write(Write::Canned { remove: Some(canned.shortcut.clone()), keep: None }, Awaited::Canned(None));
        let undo = self.keymap.first_key("undo");
        self.say(&format!("Removed /{} · {undo} undoes it", canned.shortcut), cx);
    }

    pub(crate) fn can_save_canned(&self) -> Result<(), String> {
        let written = self.thread.as_ref().is_some_and(|thread| !thread.composer.field().is_blank());
        if written { Ok(()) } else { Err("Write the words in the composer first".to_owned()) }
    }

    /// Asks for a shortcut for what stands in the composer.
    pub(crate) fn save_canned(&mut self) {
        let Some(text) = self.thread.as_ref().map(|thread| thread.composer.field().text()) else { return };
        self.overlays.push(Overlay::Canned(CannedForm::new(&text)));
        self.load_canned();
    }

    /// The form's other field takes the keys.
    pub(crate) fn turn_canned(&mut self) {
        if let Some(Overlay::Canned(form)) = self.overlays.last_mut() {
            form.in_text = !form.in_text;
        }
    }

    /// Stores what the form holds.
    pub(crate) fn keep_canned(&mut self, cx: &Cx) {
        let Some(Overlay::Canned(form)) = self.overlays.last_mut() else { return };
        let Some(canned) = form.finished(self.canned.as_deref().unwrap_or_default()) else { return };
        let before = form.was.clone();
        let Some(Overlay::Canned(form)) = self.overlays.pop() else { return };
        let remove = before.as_ref().map(|was| was.shortcut.clone());
        let undo = self.keymap.first_key("undo");
        self.say(&format!("/{} is kept · {undo} undoes it", canned.shortcut), cx);
        self.remember(Undo::Canned { now: Some(canned.shortcut.clone()), before });
        self.write(Write::Canned { remove, keep: Some(canned) }, Awaited::Canned(Some(form)));
    }

    /// What the form held was not stored: there is nothing to undo, and what was written is not lost.
    pub(super) fn not_kept(&mut self, mut form: Box<CannedForm>, problem: &str, cx: &Cx) {
        let shortcut = Canned::new(&form.shortcut.text(), &form.text.text()).map(|canned| canned.shortcut).ok();
        let this = |undo: &Undo| matches!(undo, Undo::Canned { now, before } if *now == shortcut && *before == form.was);
        if let Some(at) = self.undo.iter().rposition(this) {
            self.undo.remove(at);
        }
        self.complain(problem, cx);
        self.load_canned();
        // Who writes to a customer already is not interrupted; the words are in the composer, or were.
        if self.overlays.is_empty() && self.focus != Focus::Compose {
            form.problem = Some(Safe::line(problem));
            self.overlays.push(Overlay::Canned(form));
        }
    }

    /// Keeps what the form on top holds.
    pub(crate) fn keep_written(&mut self, cx: &Cx) {
        match self.overlays.last() {
            Some(Overlay::WordingForm(_)) => self.keep_wording(cx),
            _ => self.keep_canned(cx),
        }
    }

    /// Goes to the next field of the form on top.
    pub(crate) fn turn_written(&mut self) {
        match self.overlays.last_mut() {
            Some(Overlay::WordingForm(form)) => form.turn(),
            _ => self.turn_canned(),
        }
    }

    /// Takes a change to the canned replies back.
    pub(super) fn undo_canned(&mut self, now: Option<String>, before: Option<Canned>) {
        self.write(Write::Canned { remove: now, keep: before }, Awaited::Canned(None));
    }
}

fn canned_rows(all: &[Canned]) -> Vec<PickerRow> {
    let row = |(at, canned): (usize, &Canned)| PickerRow {
        title: Safe::line(&format!("/{}", canned.shortcut)),
        detail: Safe::line(&canned.text).fit(SHOWN),
        on: None,
        value: at as i64,
    };
    all.iter().enumerate().map(row).collect()
}

fn with_new(mut rows: Vec<PickerRow>) -> Vec<PickerRow> {
    rows.insert(0, PickerRow { title: Safe::lit("new"), detail: Safe::lit("write another one"), on: None, value: NEW });
    rows
}
