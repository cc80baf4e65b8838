//! Turns of palette and command line: what they offer, what Enter, Tab and the arrows do in them, and what is remembered of them.

use super::command::Command;
use super::focus::Focus;
use super::overlay::{Found, Overlay, Palette, PaletteKind};
use super::{App, Cx};
use crate::domain::conversation::Summary;
use crate::domain::id::{AgentId, ConversationId};
use crate::domain::text::Safe;

/// Lines of the command line kept to be found again.
const LINES: usize = 50;
/// Commands the palette offers first because they were used lately.
const LATELY: usize = 5;

/// What is kept for palette and command line while a screen lives.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Lines that ran, the oldest first.
    pub(crate) lines: Vec<String>,
    /// What was run from here, the latest first.
    pub(crate) lately: Vec<&'static Command>,
    /// Everybody who can be given a conversation, by name.
    pub(crate) agents: Vec<(AgentId, String)>,
    /// The labels there are.
    pub(crate) labels: Vec<String>,
    /// The newest conversations of the people whom the open palette found in the store.
    pub(crate) people: Vec<Summary>,
}

impl App {
    /// Opens the palette, or the command line with `text` in it.
    pub(crate) fn open_palette(&mut self, kind: PaletteKind, text: &str, cx: &Cx) {
        self.memory.people.clear();
        let palette = Palette::new(kind, text, self, cx);
        self.overlays.push(Overlay::Palette(palette));
        if !matches!(kind, PaletteKind::Keys(_)) {
            self.load_agents();
            self.load_labels();
        }
    }

    /// Something the palette offers has come: it offers it too. Says whether one is open.
    pub(super) fn refill_palette(&mut self, cx: &Cx) -> bool {
        let Some(Overlay::Palette(mut palette)) = self.overlays.pop_if(|top| matches!(top, Overlay::Palette(_))) else { return false };
        palette.refill(self, cx);
        self.overlays.push(Overlay::Palette(palette));
        true
    }

    /// Enter: in the palette runs the selected row; in the command line what is typed, else the selected completion.
    pub(super) fn accept_found(&mut self, cx: &Cx) {
        let Some(Overlay::Palette(palette)) = self.overlays.last() else { return };
        match palette.typed_command().filter(|_| palette.kind == PaletteKind::Line) {
            Some((command, "")) if !palette.is_completed() => {
                self.run_found(&Found { command, word: None }, cx);
            }
            // More words than a command's name may be those of a title.
            Some((command, word)) if command.argument.is_none() && !word.is_empty() && palette.row().is_some() => self.accept_selected(cx),
            Some((command, word)) => {
                let typed = Found { command, word: Some(word.to_owned()) };
                let selected = palette.row().map(|row| row.found.clone());
                let chosen = palette.is_completed();
                // What is typed may be no choice at all but right; or only a few letters of the choice that is selected.
                match selected {
                    Some(selected) if chosen || !self.run_found(&typed, cx) => {
                        self.run_found(&selected, cx);
                    }
                    Some(_) => {}
                    None => {
                        self.run_found(&typed, cx);
                    }
                }
            }
            None => self.accept_selected(cx),
        }
    }

    /// Runs the selected row.
    pub(super) fn accept_selected(&mut self, cx: &Cx) {
        let Some(Overlay::Palette(palette)) = self.overlays.last_mut() else { return };
        match palette.row().map(|row| row.found.clone()) {
            Some(found) => {
                self.run_found(&found, cx);
            }
            None if palette.kind == PaletteKind::Line && palette.field.is_blank() => {
                self.overlays.pop();
            }
            None if palette.kind == PaletteKind::Line => {
                palette.problem = Some(Safe::lit("There is no such command: Tab completes, Esc closes"));
            }
            None => {}
        }
    }

    /// Runs what was found and remembers it. What cannot run is said where it was typed, and stays there. Says whether it ran.
    fn run_found(&mut self, found: &Found, cx: &Cx) -> bool {
        let Some(Overlay::Palette(mut palette)) = self.overlays.pop_if(|top| matches!(top, Overlay::Palette(_))) else { return false };
        let problem = match (&found.word, found.command.argument) {
            (None, _) => {
                let refusal = self.refusal(found.command, cx);
                if refusal.is_none() {
                    self.run_now(found.command, cx);
                }
                refusal
            }
            (Some(word), Some(argument)) => (argument.enabled)(self, cx).and_then(|()| (argument.run)(self, cx, word)).err(),
            (Some(_), None) => Some(format!("Nothing may stand after {}", found.command.word())),
        };
        if let Some(problem) = problem {
            palette.problem = Some(Safe::line(&problem));
            self.overlays.push(Overlay::Palette(palette));
            return false;
        }
        let line = palette.field.text().trim().to_owned();
        if palette.kind == PaletteKind::Line && !line.is_empty() && self.memory.lines.last() != Some(&line) {
            if self.memory.lines.len() >= LINES {
                self.memory.lines.remove(0);
            }
            self.memory.lines.push(line);
        }
        self.memory.lately.retain(|command| command.name != found.command.name);
        self.memory.lately.insert(0, found.command);
        self.memory.lately.truncate(LATELY);
        true
    }

    /// Tab in the command line.
    pub(crate) fn complete_line(&mut self, forward: bool) {
        if let Some(Overlay::Palette(palette)) = self.overlays.last_mut() {
            palette.complete(forward);
        }
    }

    /// Up in the command line.
    pub(crate) fn earlier_line(&mut self) {
        if let Some(Overlay::Palette(palette)) = self.overlays.last_mut() {
            palette.earlier(&self.memory.lines);
        }
    }

    /// Down in the command line.
    pub(crate) fn later_line(&mut self) {
        if let Some(Overlay::Palette(palette)) = self.overlays.last_mut() {
            palette.later(&self.memory.lines);
        }
    }

    /// Opens the conversation of that number, from the list when it is there, else when the store has found it.
    pub(crate) fn open_number(&mut self, number: i64, cx: &Cx) {
        match self.list.rows.iter().map(|row| &row.summary).find(|summary| summary.number == number).map(|summary| summary.id) {
            Some(id) => self.open_conversation(id, cx),
            None => self.load_numbered(number),
        }
    }

    /// Opens a conversation that was looked for.
    pub(super) fn open_conversation(&mut self, id: ConversationId, cx: &Cx) {
        if self.list.find(id).is_some() {
            self.list.select(id);
        }
        self.open(id, cx);
        self.focus = Focus::Thread;
    }
}
