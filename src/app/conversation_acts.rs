//! Acts on a conversation, shown at once, stored in the background, taken back with one key.

use super::answers::Awaited;
use super::effect::{Mode, Write};
use super::focus::Focus;
use super::overlay::{Menu, MenuChoice, MenuRow, Overlay, Picker, PickerRow, Purpose};
use super::pane::item::Item;
use super::{App, Cx};
use crate::domain::conversation::{Priority, Status, Summary, Tab};
use crate::domain::delivery::Delivery;
use crate::domain::id::{AgentId, ConversationId, MessageId};
use crate::domain::text::Safe;
use crate::domain::time::age;
use crate::domain::window::{self, Window};

/// Acts that can still be undone, at most.
const UNDO: usize = 20;

/// How an act is undone.
#[derive(Clone, Debug)]
pub(super) enum Undo {
    /// It had this status.
    Status(ConversationId, Status),
    /// It was assigned so.
    Assign(ConversationId, Option<(AgentId, String)>),
    /// It had this priority.
    Priority(ConversationId, Priority),
    /// A reply, known by its write until the store names it.
    Send(u64, Option<MessageId>),
}

impl Undo {
    pub(super) const fn is_send(&self, of: u64) -> bool {
        matches!(self, Self::Send(ticket, _) if *ticket == of)
    }
}

impl App {
    /// The conversation acts are about: the open one when the focus is in it, else the selected one.
    pub(crate) fn subject(&self) -> Option<&Summary> {
        match self.focus {
            Focus::List => self.list.row().map(|row| &row.summary),
            Focus::Thread | Focus::Compose => self.thread.as_ref().and_then(|thread| thread.summary.as_ref()),
        }
    }

    pub(crate) fn need_conversation(&self) -> Result<(), String> {
        self.subject().map(|_| ()).ok_or_else(|| "No conversation is selected".to_owned())
    }

    pub(crate) fn need_status(&self, right: impl Fn(Status) -> bool, why: &str) -> Result<(), String> {
        let subject = self.subject().ok_or("No conversation is selected")?;
        if right(subject.status) { Ok(()) } else { Err(why.to_owned()) }
    }

    pub(crate) fn need_assignee(&self, right: impl Fn(Option<AgentId>) -> bool, why: &str) -> Result<(), String> {
        let subject = self.subject().ok_or("No conversation is selected")?;
        if right(subject.assignee) { Ok(()) } else { Err(why.to_owned()) }
    }

    /// Whether the customer can be written to now.
    pub(crate) fn can_reply(&self, cx: &Cx) -> Result<(), String> {
        let subject = self.subject().ok_or("No conversation is selected")?;
        if subject.unreachable {
            return Err("The customer has blocked this account or left: nothing can be delivered. A private note still works".to_owned());
        }
        match window::policy(subject.window, subject.last_inbound_at, cx.now) {
            Window::Closed(Some(at)) => Err(format!(
                "The reply window closed {} ago: the customer has to write first. A private note still works",
                age(at, cx.now, cx.zone)
            )),
            Window::Closed(None) => Err("The customer has not written yet, so this channel allows no free reply".to_owned()),
            Window::Open(_) | Window::Unlimited => Ok(()),
        }
    }

    pub(crate) fn set_status(&mut self, status: Status, cx: &Cx) {
        let Some(subject) = self.subject() else { return };
        let (id, before, name) = (subject.id, subject.status, subject.name.clone());
        self.remember(Undo::Status(id, before));
        self.store_status(id, status);
        let undo = self.keymap.first_key("undo");
        if status == Status::Resolved {
            self.say(&format!("Resolved {name} · {undo} undoes it"), cx);
            self.leave_for_next(id, cx);
        } else {
            self.say(&format!("Reopened {name} · {undo} undoes it"), cx);
            if self.list.tab == Tab::Resolved {
                self.list.remove(id);
            }
        }
    }

    /// Gives the conversation to somebody known by this name, or to nobody.
    pub(crate) fn assign(&mut self, to: Option<(AgentId, String)>, cx: &Cx) {
        let Some(subject) = self.subject() else { return };
        let (id, name) = (subject.id, subject.name.clone());
        let before = subject.assignee.map(|agent| (agent, subject.assignee_name.clone()));
        self.remember(Undo::Assign(id, before));
        let whose = match &to {
            Some((agent, _)) if *agent == cx.agent => "is yours".to_owned(),
            Some((_, agent)) => format!("is with {agent}"),
            None => "is unassigned".to_owned(),
        };
        self.store_assignee(id, to);
        let undo = self.keymap.first_key("undo");
        self.say(&format!("{name} {whose} now · {undo} undoes it"), cx);
    }

    /// Asks who is to have the conversation.
    pub(crate) fn ask_assignee(&mut self) {
        let rows = Vec::new();
        self.overlays.push(Overlay::Picker(Picker::new(Purpose::Assign, "assign to", rows, "No colleague has these letters.")));
        self.load_agents();
    }

    /// Everybody who can be given a conversation is known: the picker that asked offers them, and nobody.
    pub(super) fn offer_agents(&mut self, agents: &[(AgentId, String)], cx: &Cx) -> bool {
        let now = self.subject().and_then(|subject| subject.assignee);
        let Some(Overlay::Picker(picker)) =
            self.overlays.last_mut().filter(|overlay| matches!(overlay, Overlay::Picker(picker) if picker.purpose == Purpose::Assign))
        else {
            return false;
        };
        let detail = |agent: AgentId| match (agent == cx.agent, Some(agent) == now) {
            (true, true) => "you, has it",
            (true, false) => "you",
            (false, true) => "has it",
            (false, false) => "",
        };
        let row = |(agent, name): &(AgentId, String)| PickerRow {
            title: Safe::line(name),
            detail: Safe::lit(detail(*agent)),
            on: None,
            value: agent.0,
        };
        let nobody = PickerRow { title: Safe::lit("nobody"), detail: Safe::default(), on: None, value: 0 };
        picker.refill(agents.iter().map(row).chain(now.map(|_| nobody)).collect());
        true
    }

    /// What a picker's row means.
    pub(crate) fn picked(&mut self, purpose: Purpose, row: &PickerRow, cx: &Cx) {
        match purpose {
            Purpose::Assign => {
                let to = (row.value != 0).then(|| (AgentId(row.value), row.title.as_str().to_owned()));
                self.assign(to, cx);
            }
            Purpose::Theme => self.choose_theme(row.value, cx),
        }
    }

    /// Asks how soon somebody should look at the conversation.
    pub(crate) fn ask_priority(&mut self) {
        let Some(now) = self.subject().map(|subject| subject.priority) else { return };
        let row = |(key, priority): (char, Priority)| MenuRow {
            key,
            title: Safe::lit(priority.name()),
            detail: Safe::lit(if priority == now { "now" } else { "" }),
            choice: MenuChoice::Priority(priority),
        };
        let letters =
            [('u', Priority::Urgent), ('h', Priority::High), ('m', Priority::Medium), ('l', Priority::Low), ('0', Priority::None)];
        self.overlays.push(Overlay::Menu(Menu::new("priority", letters.into_iter().map(row).collect())));
    }

    /// What a menu's row means.
    pub(crate) fn choose(&mut self, choice: &MenuChoice, cx: &Cx) {
        match choice {
            MenuChoice::Copy(text) => self.put_on_clipboard(text.clone(), cx),
            MenuChoice::Priority(priority) => self.set_priority(*priority, cx),
            MenuChoice::Held(held) => self.open_one(held, cx),
            MenuChoice::File(file, act) => self.act_on_file(*file, *act, cx),
            MenuChoice::OpenLink(url) => self.open_link(url),
            MenuChoice::CopyLink(url) => self.copy_link(url, cx),
        }
    }

    pub(crate) fn set_priority(&mut self, priority: Priority, cx: &Cx) {
        let Some(subject) = self.subject() else { return };
        let (id, before, name) = (subject.id, subject.priority, subject.name.clone());
        self.remember(Undo::Priority(id, before));
        self.store_priority(id, priority);
        let undo = self.keymap.first_key("undo");
        self.say(&format!("The priority of {name} is {} now · {undo} undoes it", priority.name()), cx);
    }

    fn store_priority(&mut self, conversation: ConversationId, priority: Priority) {
        self.change_shown(conversation, |summary| summary.priority = priority);
        self.write(Write::SetPriority { conversation, priority }, Awaited::Act);
    }

    /// Changes a conversation wherever it is shown, before the store says so.
    fn change_shown(&mut self, conversation: ConversationId, change: impl Fn(&mut Summary)) {
        self.list.change(conversation, &change);
        if let Some(summary) = self.thread.as_mut().filter(|thread| thread.id == conversation).and_then(|thread| thread.summary.as_mut()) {
            change(summary);
        }
    }

    pub(crate) fn toggle_read(&mut self, cx: &Cx) {
        let Some(subject) = self.subject() else { return };
        let (conversation, unread) = (subject.id, subject.unread > 0);
        let write = if unread { Write::MarkRead { conversation } } else { Write::MarkUnread { conversation } };
        self.list.change(conversation, |summary| summary.unread = u32::from(!unread));
        self.write(write, Awaited::Act);
        if unread {
            if let Some(thread) = self.thread.as_mut().filter(|thread| thread.id == conversation) {
                thread.mark_read();
            }
        } else if self.thread.as_ref().is_some_and(|thread| thread.id == conversation) {
            // Looking at it would mark it as read again at once.
            self.close_thread();
        }
        self.say(if unread { "Marked as read" } else { "Marked as unread" }, cx);
    }

    pub(crate) fn can_undo(&self) -> Result<(), String> {
        match self.undo.last() {
            Some(Undo::Send(_, None)) => Err("The reply is still being stored: try again in a moment".to_owned()),
            Some(_) => Ok(()),
            None => self.held_reply().map(|_| ()).ok_or_else(|| "There is nothing to undo".to_owned()),
        }
    }

    /// Whether undo would now take a reply back that is still held.
    pub(crate) fn can_take_back(&self) -> bool {
        matches!(self.undo.last(), None | Some(Undo::Send(_, Some(_)))) && self.held_reply().is_some()
    }

    /// The newest reply of this agent in the open thread that waits for its turn, from whichever session.
    fn held_reply(&self) -> Option<MessageId> {
        let waits = |item: &&Item| item.ticket.is_none() && item.message.delivery == Delivery::Queued && item.message.due_at.is_some();
        self.thread.as_ref()?.items.iter().rev().find(waits).map(|item| item.message.id)
    }

    pub(crate) fn undo_last(&mut self, cx: &Cx) {
        let undo = self.undo.pop().or_else(|| self.held_reply().map(|message| Undo::Send(0, Some(message))));
        match undo {
            Some(Undo::Status(id, before)) => {
                self.store_status(id, before);
                if self.focus == Focus::List {
                    self.list.select(id);
                }
                self.reload_list();
                self.say("Undone", cx);
            }
            Some(Undo::Assign(id, before)) => {
                self.store_assignee(id, before);
                self.say("Undone", cx);
            }
            Some(Undo::Priority(id, before)) => {
                self.store_priority(id, before);
                self.say("Undone", cx);
            }
            Some(Undo::Send(_, Some(message))) => {
                self.write(Write::TakeBack { message }, Awaited::Act);
            }
            Some(Undo::Send(_, None)) | None => {}
        }
    }

    pub(super) fn remember(&mut self, undo: Undo) {
        if self.undo.len() >= UNDO {
            self.undo.remove(0);
        }
        self.undo.push(undo);
    }

    /// The store named a reply: from now on it can be taken back.
    pub(super) fn name_undo(&mut self, ticket: u64, id: MessageId) {
        if let Some(Undo::Send(_, message)) = self.undo.iter_mut().find(|undo| undo.is_send(ticket)) {
            *message = Some(id);
        }
    }

    pub(super) fn remember_send(&mut self, ticket: u64) {
        self.remember(Undo::Send(ticket, None));
    }

    /// Shows and stores a status.
    fn store_status(&mut self, conversation: ConversationId, status: Status) {
        self.change_shown(conversation, |summary| summary.status = status);
        self.write(Write::SetStatus { conversation, status }, Awaited::Act);
    }

    fn store_assignee(&mut self, conversation: ConversationId, to: Option<(AgentId, String)>) {
        let (to, name) = to.map_or((None, String::new()), |(agent, name)| (Some(agent), name));
        self.change_shown(conversation, |summary| {
            summary.assignee = to;
            summary.assignee_name.clone_from(&name);
        });
        self.write(Write::Assign { conversation, to }, Awaited::Act);
    }

    /// Goes from a conversation that is done to the next one.
    fn leave_for_next(&mut self, id: ConversationId, cx: &Cx) {
        let next = self.list.neighbour(id, 1).or_else(|| self.list.neighbour(id, -1));
        if self.list.tab != Tab::Resolved {
            self.list.remove(id);
        }
        if let Some(next) = next {
            self.list.select(next);
        }
        if self.thread.as_ref().is_some_and(|thread| thread.id == id) {
            match next.filter(|_| self.focus != Focus::List) {
                Some(next) => self.open(next, cx),
                None => self.close_thread(),
            }
        }
    }

    pub(crate) fn need_mode(&self, mode: Mode, why: &str) -> Result<(), String> {
        let composer = self.thread.as_ref().map(|thread| &thread.composer).ok_or("No conversation is open")?;
        if composer.is_editing() {
            return Err("A sent message is being changed: finish that first".to_owned());
        }
        if composer.mode == mode { Ok(()) } else { Err(why.to_owned()) }
    }
}
