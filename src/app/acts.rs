//! Acts on conversations: shown at once, stored in the background, taken back with one key, repeated with another. What an act is, and its
//! opposite, is data ([`Act`]): a new one needs an arm there, one in the store, and words here.

use super::answers::Awaited;
use super::effect::{Mode, Write};
use super::focus::Focus;
use super::pane::composer::Along;
use super::pane::item::Item;
use super::{App, Cx};
use crate::domain::act::{Act, Step};
use crate::domain::canned::Canned;
use crate::domain::conversation::{Status, Summary};
use crate::domain::delivery::Delivery;
use crate::domain::id::{ConversationId, MessageId};
use crate::domain::list::View;
use crate::domain::when;
use crate::domain::wording::Wording;

/// Acts that can still be undone, at most.
const UNDO: usize = 20;

/// How something is undone.
#[derive(Clone, Debug)]
pub(super) enum Undo {
    /// Acts on conversations, all of them by one key: from what the screen showed, until their write is answered with what the store had; and
    /// what was said of them.
    Acts { ticket: u64, steps: Vec<Step>, words: String },
    /// A discarded draft: its words, and what went with them.
    Draft { conversation: ConversationId, mode: Mode, text: String, along: Along },
    /// A canned reply: the shortcut it has now, and what it was.
    Canned { now: Option<String>, before: Option<Canned> },
    /// One of our own templates: what it is now, and what it was.
    Wording { now: Option<Box<Wording>>, before: Option<Box<Wording>> },
    /// This was saved under the number of a view.
    View(i64, Option<View>),
    /// A reply, known by its write until the store names it, and what goes with it.
    Send { ticket: u64, message: Option<MessageId>, along: Along },
}

impl Undo {
    pub(super) const fn is_send(&self, of: u64) -> bool {
        matches!(self, Self::Send { ticket, .. } if *ticket == of)
    }
}

impl App {
    /// Does it to everything it is about, for this screen at once.
    pub(crate) fn act(&mut self, act: Act, cx: &Cx) {
        let before: Vec<Summary> = self.subjects().into_iter().filter(|summary| !act.holds(summary)).collect();
        let steps: Vec<Step> = before.iter().map(|summary| Step::new(summary.id, act.clone())).collect();
        let whose = match before.as_slice() {
            [] if self.gone() > 0 => return self.complain(self.nobody(), cx),
            [] => return self.complain("It is so already", cx),
            [one] => one.name.clone(),
            many => format!("{} conversations", many.len()),
        };
        let words = words(&act, &whose, before.len() > 1, cx);
        let undo = steps.iter().zip(&before).map(|(step, summary)| step.inverse(summary)).collect();
        let ticket = self.carry_out(steps);
        self.remember(Undo::Acts { ticket, steps: undo, words: words.clone() });
        let undo = self.keymap.first_key("undo");
        match self.gone() {
            0 => self.say(&format!("{words} · {undo} undoes it"), cx),
            gone => self.complain(&format!("{words}, but {gone} left this list meanwhile · {undo} undoes it"), cx),
        }
        if let Act::Status(status, _) = act {
            self.leave(&before, status, cx);
        }
        self.last_act = Some(act);
    }

    /// Why the last act cannot be repeated.
    pub(crate) fn can_repeat(&self, cx: &Cx) -> Result<(), String> {
        let act = self.last_act.as_ref().ok_or("There is nothing to repeat yet")?;
        if matches!(act, Act::Status(_, Some(until)) if *until <= cx.now) {
            return Err("The time of the last snooze has passed".to_owned());
        }
        self.need_any(|summary| !act.holds(summary), "It is so already")
    }

    /// Does to the selection what was done last.
    pub(crate) fn repeat(&mut self, cx: &Cx) {
        if let Some(act) = self.last_act.clone() {
            self.act(act, cx);
        }
    }

    pub(crate) fn toggle_read(&mut self, cx: &Cx) {
        let subjects = self.subjects();
        let read = subjects.iter().any(|summary| summary.unread > 0);
        self.act(Act::Unread(u32::from(!read)), cx);
        let Some(thread) = self.thread.as_mut().filter(|thread| subjects.iter().any(|summary| summary.id == thread.id)) else { return };
        if read {
            thread.mark_read();
        } else {
            // Looking at it would mark it as read again at once.
            self.close_thread();
        }
    }

    pub(crate) fn can_undo(&self, cx: &Cx) -> Result<(), String> {
        if self.focus == Focus::Queue {
            return self.can_undo_in_queue(cx);
        }
        match self.undo.last() {
            Some(Undo::Send { message: None, .. }) => Err("The reply is still being stored: try again in a moment".to_owned()),
            Some(_) => Ok(()),
            None => self.held_reply(cx).map(|_| ()).ok_or_else(|| "There is nothing to undo".to_owned()),
        }
    }

    /// Whether undo would now take a reply back that is still held.
    pub(crate) fn can_take_back(&self, cx: &Cx) -> bool {
        matches!(self.undo.last(), None | Some(Undo::Send { message: Some(_), .. })) && self.held_reply(cx).is_some()
    }

    /// The newest reply of this agent in the open thread that waits for its turn, from whichever session.
    fn held_reply(&self, cx: &Cx) -> Option<MessageId> {
        let waits = |item: &&Item| {
            let message = &item.message;
            item.ticket.is_none() && message.agent == Some(cx.agent) && message.delivery == Delivery::Queued && message.due_at.is_some()
        };
        self.thread.as_ref()?.items.iter().rev().find(waits).map(|item| item.message.id)
    }

    pub(crate) fn undo_last(&mut self, cx: &Cx) {
        if self.focus == Focus::Queue {
            return self.undo_in_queue();
        }
        // The undo of a reply goes when it is taken back, however that is asked for.
        let sent = match self.undo.last() {
            Some(Undo::Send { message, .. }) => *message,
            Some(_) => None,
            None => self.held_reply(cx),
        };
        if let Some(message) = sent {
            return self.take_back(message);
        }
        match self.undo.pop() {
            Some(Undo::Acts { steps, words, .. }) => {
                let first = steps.first().map(|step| step.conversation);
                // Whoever went on to the next one by this act is taken back to where it was done.
                let left = steps.len() == 1 && self.focus == Focus::Thread && matches!(steps[0].act, Act::Status(..));
                self.carry_out(steps);
                if let Some(id) = first.filter(|_| left || self.focus == Focus::List) {
                    self.list.select(id);
                }
                if let Some(id) = first.filter(|id| left && self.thread.as_ref().is_none_or(|thread| thread.id != *id)) {
                    self.open(id, cx);
                }
                self.reload_list();
                self.say(&format!("Undone: {words}"), cx);
            }
            Some(Undo::Draft { conversation, mode, text, along }) => {
                if mode == Mode::Reply {
                    self.list.change(conversation, |summary| summary.draft = Some(text.clone()));
                }
                self.put_back(conversation, mode, &text, along, cx);
                self.save_drafts();
                self.say("Undone: the draft is back", cx);
            }
            Some(Undo::Canned { now, before }) => {
                self.undo_canned(now, before);
                self.say("Undone: the canned reply is as it was", cx);
            }
            Some(Undo::Wording { now, before }) => {
                self.undo_wording(now.map(|one| *one), before.map(|one| *one));
                self.say("Undone: the template is as it was", cx);
            }
            Some(Undo::View(place, before)) => {
                self.store_view(place, before);
                self.say(&format!("Undone: view {place} is as it was"), cx);
            }
            Some(Undo::Send { .. }) | None => {}
        }
    }

    /// Takes a reply back that has not left. What went with it is known if it was sent from here.
    pub(super) fn take_back(&mut self, message: MessageId) {
        let sent = |undo: &Undo| matches!(undo, Undo::Send { message: Some(id), .. } if *id == message);
        let along = match self.undo.iter().position(sent).map(|at| self.undo.remove(at)) {
            Some(Undo::Send { along, .. }) => Some(along),
            _ => None,
        };
        let item = self.thread.as_ref().and_then(|thread| thread.items.iter().find(|item| item.message.id == message));
        let stored = item.map_or(0, |item| item.message.attachments.len());
        let files = along.as_ref().map_or(stored, |along| along.files.len());
        self.write(Write::TakeBack { message }, Awaited::TakenBack { along, files });
    }

    pub(super) fn remember(&mut self, undo: Undo) {
        if self.undo.len() >= UNDO {
            self.undo.remove(0);
        }
        self.undo.push(undo);
    }

    /// The store carried acts out: only what it changed is undone, and becomes what it was there.
    pub(super) fn settle_undo(&mut self, ticket: u64, changed: Vec<Step>) {
        let Some(at) = self.undo.iter().position(|undo| matches!(undo, Undo::Acts { ticket: of, .. } if *of == ticket)) else { return };
        if changed.is_empty() {
            self.undo.remove(at);
        } else if let Some(Undo::Acts { steps, .. }) = self.undo.get_mut(at) {
            *steps = changed;
            for step in steps {
                if let Act::Assign(Some((agent, name))) = &mut step.act {
                    let known = self.memory.agents.iter().find(|(id, _)| id == agent);
                    *name = known.map(|(_, name)| name.clone()).unwrap_or_default();
                }
            }
        }
    }

    /// The store named a reply: from now on it can be taken back.
    pub(super) fn name_undo(&mut self, ticket: u64, id: MessageId) {
        if let Some(Undo::Send { message, .. }) = self.undo.iter_mut().find(|undo| undo.is_send(ticket)) {
            *message = Some(id);
        }
    }

    /// Shows and stores acts.
    fn carry_out(&mut self, steps: Vec<Step>) -> u64 {
        for step in &steps {
            self.list.change(step.conversation, |summary| step.act.apply(summary));
            let thread = self.thread.as_mut().filter(|thread| thread.id == step.conversation);
            if let Some(summary) = thread.and_then(|thread| thread.summary.as_mut()) {
                step.act.apply(summary);
            }
        }
        self.write(Write::Act { steps }, Awaited::Act)
    }

    /// Takes what has no place in this tab any more out of it, and goes on to what comes next.
    fn leave(&mut self, acted: &[Summary], status: Status, cx: &Cx) {
        if let ([one], false) = (acted, status.is_active()) {
            return self.leave_for_next(one.id, cx);
        }
        for summary in acted {
            if !self.list.tab.holds(status, summary.scheduled.is_some()) {
                self.list.remove(summary.id);
                self.marked.remove(summary.id);
            }
        }
        if !status.is_active() && self.thread.as_ref().is_some_and(|thread| acted.iter().any(|summary| summary.id == thread.id)) {
            self.close_thread();
        }
    }

    /// Goes from a conversation that is done to the next one.
    fn leave_for_next(&mut self, id: ConversationId, cx: &Cx) {
        let next = self.list.neighbour(id, 1).or_else(|| self.list.neighbour(id, -1));
        let leaves = self.list.find(id).is_some_and(|summary| !self.list.tab.holds(summary.status, summary.scheduled.is_some()));
        if leaves {
            self.list.remove(id);
            self.marked.remove(id);
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
}

/// What was done to whom, in a sentence without its end.
fn words(act: &Act, whose: &str, many: bool, cx: &Cx) -> String {
    let is = if many { "are" } else { "is" };
    match act {
        Act::Status(Status::Resolved, _) => format!("Resolved {whose}"),
        Act::Status(Status::Open, _) => format!("Reopened {whose}"),
        Act::Status(Status::Pending, _) => format!("{whose} {is} pending now"),
        Act::Status(Status::Spam, _) => format!("{whose} {is} spam now"),
        Act::Status(Status::Snoozed, Some(at)) => format!("Snoozed {whose} until {}", when::words(*at, cx.now, cx.zone)),
        Act::Status(Status::Snoozed, None) => format!("Snoozed {whose} until the customer writes"),
        Act::Assign(Some((agent, _))) if *agent == cx.agent => format!("{whose} {is} yours now"),
        Act::Assign(Some((_, agent))) => format!("{whose} {is} with {agent} now"),
        Act::Assign(None) => format!("{whose} {is} unassigned now"),
        Act::Priority(priority) => format!("The priority of {whose} is {} now", priority.name()),
        Act::Label(name, true) => format!("{whose} {} the label {name} now", if many { "have" } else { "has" }),
        Act::Label(name, false) => format!("{whose} {} the label {name} no more", if many { "have" } else { "has" }),
        Act::Unread(0) => format!("{whose} {is} read now"),
        Act::Unread(_) => format!("{whose} {is} unread now"),
    }
}
