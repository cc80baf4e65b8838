//! Going from one thing to another.

use super::answers::Awaited;
use super::effect::Effect;
use super::focus::Focus;
use super::motion::Motion;
use super::overlay::{EMOJI, Overlay, WordingField};
use super::pane::thread::Thread;
use super::{App, Cx, command};
use crate::domain::conversation::Tab;
use crate::domain::id::{ConversationId, MessageId};
use crate::domain::time::Span;

/// The second Ctrl-C must follow within so long.
const QUIT_TWICE: Span = Span::secs(2);

impl App {
    /// Runs a command by its name.
    pub(crate) fn run(&mut self, name: &str, cx: &Cx) {
        if let Some(command) = command::find(name) {
            self.run_command(command, cx);
        }
    }

    /// Whether a command by its name can run.
    pub(crate) fn enabled(&self, name: &str, cx: &Cx) -> Result<(), String> {
        command::find(name).map_or(Ok(()), |command| (command.enabled)(self, cx))
    }

    pub(super) fn run_command(&mut self, command: &'static command::Command, cx: &Cx) {
        match self.refusal(command, cx) {
            Some(why) => self.refuse(&why, cx),
            None => self.run_now(command, cx),
        }
    }

    /// Runs a command that can run now.
    pub(super) fn run_now(&mut self, command: &'static command::Command, cx: &Cx) {
        (command.run)(self, cx);
        self.tick_tour(command.name, cx);
    }

    pub(crate) fn interrupt(&mut self, cx: &Cx) {
        if self.quit_until.is_some_and(|until| cx.now < until) {
            self.save_drafts();
            self.effect(Effect::Quit);
        } else {
            self.quit_until = Some(cx.now.plus(QUIT_TWICE));
            let again = self.keymap.first_key("app.interrupt");
            self.say(&format!("Press {again} again to quit"), cx);
        }
    }

    /// Moves whatever has the focus.
    pub(crate) fn motion(&mut self, motion: Motion) {
        let channels = self.status.channels.len();
        let page = usize::from(self.size.1);
        match self.overlays.last_mut() {
            Some(Overlay::Palette(palette)) => palette.selected = motion.from(palette.selected, palette.rows.len(), page),
            Some(Overlay::Picker(picker)) => picker.selected = motion.from(picker.selected, picker.rows.len(), page),
            Some(Overlay::Menu(menu)) => menu.selected = motion.from(menu.selected, menu.rows.len(), page),
            Some(Overlay::Info(_)) => self.move_in_details(motion, page),
            Some(Overlay::Versions(versions)) => versions.top = motion.from(versions.top, page, page),
            Some(Overlay::Channels(list)) => list.selected = motion.from(list.selected, channels, page),
            Some(Overlay::React(react)) => react.selected = motion.from(react.selected, EMOJI.len(), EMOJI.len()),
            Some(Overlay::Template(picker)) => picker.selected = motion.from(picker.selected, picker.rows.len(), page),
            Some(Overlay::TemplateForm(form)) => form.step(matches!(motion, Motion::Down | Motion::PageDown)),
            Some(Overlay::Form(form)) => form.step(matches!(motion, Motion::Down | Motion::PageDown)),
            Some(Overlay::TicketForm(form)) => form.step(matches!(motion, Motion::Down | Motion::PageDown)),
            Some(Overlay::Wordings(list)) => list.selected = motion.from(list.selected, list.count(), page),
            Some(Overlay::Bulks(list)) => list.selected = motion.from(list.selected, list.bulks.as_ref().map_or(0, Vec::len), page),
            Some(Overlay::Ticket(_) | Overlay::Confirm(_) | Overlay::Canned(_) | Overlay::WordingForm(_) | Overlay::BulkAsk(_)) => {}
            Some(Overlay::Search) => self.search_motion(motion, page),
            Some(Overlay::Filter(_)) | None => self.move_in_pane(motion),
        }
    }

    fn move_in_pane(&mut self, motion: Motion) {
        if self.focus == Focus::Queue {
            return self.move_in_queue(motion);
        }
        let query = match (self.focus, &mut self.thread) {
            (Focus::List, _) | (_, None) => self.list.motion(motion),
            (_, Some(thread)) => thread.motion(motion),
        };
        self.load_more(query);
    }

    pub(crate) fn can_open(&self, cx: &Cx) -> Result<(), String> {
        match (self.overlays.last(), self.focus) {
            (Some(Overlay::React(_) | Overlay::Info(_) | Overlay::Menu(_) | Overlay::Versions(_) | Overlay::Ticket(_)), _) => Ok(()),
            (Some(Overlay::Channels(_)), _) => self.can_edit_channel(),
            (Some(Overlay::Wordings(_)), _) => self.can_edit_wording(),
            (Some(_), _) => Err("There is nothing to open here".to_owned()),
            (None, Focus::List) if self.is_first_run() => self.enabled("channel.add", cx),
            (None, Focus::List) => self.need_conversation(),
            (None, Focus::Queue) => self.can_see_ticket(),
            (None, _) => self.can_open_message(),
        }
    }

    pub(crate) fn open_selected(&mut self, cx: &Cx) {
        match (self.overlays.last(), self.focus) {
            (Some(Overlay::React(_)), _) => self.react(),
            (Some(Overlay::Menu(menu)), _) => {
                let choice = menu.chosen();
                self.overlays.pop();
                if let Some(choice) = choice {
                    self.choose(&choice, cx);
                }
            }
            (Some(Overlay::Info(_)), _) => self.leave_details(cx),
            (Some(Overlay::Ticket(_)), _) => self.leave_ticket(cx),
            (Some(Overlay::Channels(_)), _) => self.edit_channel(),
            (Some(Overlay::Wordings(_)), _) => self.edit_wording(),
            (Some(_), _) => self.back(cx),
            (None, Focus::List) if self.is_first_run() => self.run("channel.add", cx),
            (None, Focus::List) => {
                if let Some(id) = self.subject().map(|subject| subject.id) {
                    self.open(id, cx);
                    self.focus = Focus::Thread;
                }
            }
            (None, Focus::Queue) => self.show_ticket(),
            (None, _) => self.open_held(cx),
        }
    }

    /// Opens a conversation with this message of it in view and selected.
    pub(crate) fn open_message(&mut self, conversation: ConversationId, message: MessageId, cx: &Cx) {
        self.open_at(conversation, Some(message), cx);
        self.focus = Focus::Thread;
    }

    /// Opens a conversation; the one that was open keeps its drafts.
    pub(super) fn open(&mut self, id: ConversationId, cx: &Cx) {
        self.open_at(id, None, cx);
    }

    fn open_at(&mut self, id: ConversationId, message: Option<MessageId>, cx: &Cx) {
        if let Some(thread) = self.thread.as_mut().filter(|thread| thread.id == id) {
            if let Some(message) = message {
                thread.go_to(message);
            }
            return;
        }
        self.save_drafts();
        let summary = self.list.find(id).cloned();
        let mut thread = Thread::new(id, summary, cx.now.date(cx.zone), cx.zone);
        if let Some(message) = message {
            thread.go_to(message);
        }
        self.thread = Some(thread);
        self.read_at = None;
        self.load_thread();
    }

    pub(super) fn close_thread(&mut self) {
        self.save_drafts();
        self.thread = None;
        self.focus = Focus::List;
    }

    pub(crate) fn can_go_back(&self) -> Result<(), String> {
        let elsewhere = self.searched().is_some()
            || !self.list.filter.is_empty()
            || !Tab::TABS.contains(&self.list.tab)
            || !self.marked.is_empty()
            || self.tour.is_some();
        let somewhere = !self.overlays.is_empty() || self.focus != Focus::List || self.thread.is_some() || elsewhere;
        if somewhere { Ok(()) } else { Err(format!("This is the inbox: {} twice quits", self.keymap.first_key("app.interrupt"))) }
    }

    /// One step back: what floats, the thread, the marks, the open conversation, the filter, a list beside the tabs.
    pub(crate) fn back(&mut self, cx: &Cx) {
        if self.leave_words(cx) {
            return;
        }
        match self.overlays.pop() {
            Some(Overlay::Search) => return self.end_search(),
            Some(Overlay::TemplateForm(form)) => return self.keep_template_form(&form),
            Some(_) => return,
            None => {}
        }
        if self.searched().is_some() && !matches!(self.focus, Focus::Compose | Focus::Queue) {
            return self.end_search();
        }
        match self.focus {
            Focus::Compose => self.leave_composer(cx),
            Focus::Queue => self.focus = Focus::List,
            Focus::Thread if self.can_retrace().is_ok() => self.retrace(),
            Focus::Thread if self.size.0 >= super::layout::SIDE_BY_SIDE => self.focus = Focus::List,
            Focus::List if !self.marked.is_empty() => self.marked.clear(),
            Focus::List if self.thread.is_none() && !self.list.filter.is_empty() => self.clear_filter(),
            Focus::List if self.thread.is_none() && !Tab::TABS.contains(&self.list.tab) => self.go_inbox(cx),
            Focus::List if self.thread.is_none() && self.tour.is_some() => self.end_tour(),
            Focus::Thread | Focus::List => self.close_thread(),
        }
    }

    pub(crate) fn focus_list(&mut self, cx: &Cx) {
        if self.focus == Focus::Compose {
            self.leave_composer(cx);
        }
        self.focus = Focus::List;
    }

    pub(crate) fn focus_thread(&mut self) {
        if self.thread.is_some() {
            self.focus = Focus::Thread;
        }
    }

    pub(crate) fn step_conversation(&mut self, by: isize, cx: &Cx) {
        let from = match (&self.thread, self.focus) {
            (Some(thread), Focus::Thread) => Some(thread.id),
            _ => self.list.row().map(|row| row.summary.id),
        };
        match from.and_then(|from| self.list.neighbour(from, by)) {
            Some(id) => self.go_to(id, cx),
            None => self.complain("There is no further conversation", cx),
        }
    }

    /// Selects a conversation, and opens it where one is open.
    pub(super) fn go_to(&mut self, id: ConversationId, cx: &Cx) {
        self.list.select(id);
        if self.thread.is_some() && !self.layout().thread.is_empty() {
            self.open(id, cx);
        }
        let query = self.list.wanted();
        self.load_more(query);
    }

    /// Enter in the palette or a form.
    pub(crate) fn accept(&mut self, cx: &Cx) {
        match self.overlays.last_mut() {
            Some(Overlay::Palette(_)) => self.accept_found(cx),
            Some(Overlay::Picker(picker)) => {
                let Some(row) = picker.row().cloned() else { return };
                let purpose = picker.purpose;
                if row.on.is_none() {
                    self.overlays.pop();
                }
                self.picked(purpose, &row, cx);
            }
            Some(Overlay::Template(_)) => self.accept_template(cx),
            Some(Overlay::TemplateForm(_)) => self.accept_template_row(cx),
            Some(Overlay::TicketForm(_)) => self.accept_ticket(),
            Some(Overlay::Form(form)) => {
                if form.ticket.is_some() {
                    return;
                }
                if form.at + 1 < form.rows.len() {
                    form.step(true);
                    return;
                }
                if let Some(write) = form.write() {
                    let ticket = self.write(write, Awaited::Channel);
                    if let Some(Overlay::Form(form)) = self.overlays.last_mut() {
                        form.ticket = Some(ticket);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether Space chooses the next provider instead of being typed.
    pub(super) fn form_turns(&mut self) -> bool {
        match self.overlays.last_mut() {
            Some(Overlay::Form(form)) if form.asks_provider() => {
                form.turn();
                true
            }
            Some(Overlay::TicketForm(form)) => form.turn(),
            Some(Overlay::WordingForm(form)) if form.at == WordingField::Kind => {
                form.turn_kind();
                true
            }
            _ => false,
        }
    }
}
