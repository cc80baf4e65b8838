//! Writing, and acts on single messages.

use super::acts::Undo;
use super::answers::Awaited;
use super::effect::{Effect, Mode, Write};
use super::field::FIELD_BYTES;
use super::focus::Focus;
use super::overlay::{Confirm, EMOJI, Irrevocable, Overlay};
use super::pane::composer::Along;
use super::{App, Cx};
use crate::domain::channel::Capabilities;
use crate::domain::delivery::Delivery;
use crate::domain::id::{ConversationId, MessageId};
use crate::domain::message::{Direction, Kind, Message};
use crate::domain::queue;
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp};

/// After the composer was left, letters are no commands for so long: they were meant for the text.
const SWALLOW: Span = Span::millis(150);

impl App {
    /// The selected message of the open thread, or its newest.
    pub(crate) fn selected_message(&self) -> Option<&Message> {
        self.thread.as_ref().and_then(|thread| thread.current()).map(|item| &item.message)
    }

    /// Opens the composer.
    pub(crate) fn compose(&mut self, mode: Mode, cx: &Cx) {
        if self.focus == Focus::List {
            let Some(id) = self.subject().map(|subject| subject.id) else { return };
            if self.thread.as_ref().is_none_or(|thread| thread.id != id) {
                self.open(id, cx);
            }
        }
        if let Some(thread) = &mut self.thread {
            thread.composer.show(mode, cx.unique, cx.now);
            self.focus = Focus::Compose;
        }
    }

    /// Goes back to the thread; drafts stay and are stored.
    pub(crate) fn leave_composer(&mut self, cx: &Cx) {
        self.save_drafts();
        if let Some(thread) = &mut self.thread {
            thread.composer.end_edit();
            thread.composer.quote = None;
        }
        self.focus = Focus::Thread;
        self.swallow_until = Some(cx.now.plus(SWALLOW));
    }

    pub(crate) fn can_send(&self, cx: &Cx) -> Result<(), String> {
        let thread = self.thread.as_ref().ok_or("No conversation is open")?;
        if thread.composer.is_empty() {
            return Err("Nothing is typed yet".to_owned());
        }
        if thread.composer.is_note() {
            return Ok(());
        }
        self.can_reply(cx)
    }

    /// Sends what is typed. It is on the screen at once; the store's answer replaces it.
    pub(crate) fn send(&mut self, cx: &Cx) {
        self.send_at(None, cx);
    }

    /// Sends what is typed, at a time that was chosen or after the undo delay.
    pub(super) fn send_at(&mut self, at: Option<Timestamp>, cx: &Cx) {
        let (agent_name, ticket) = (self.setup.agent_name.clone(), self.next_ticket + 1);
        let Some(thread) = &mut self.thread else { return };
        let conversation = thread.id;
        if let Some((message, text)) = thread.composer.end_edit() {
            self.focus = Focus::Thread;
            self.swallow_until = Some(cx.now.plus(SWALLOW));
            self.write(Write::EditSent { message, text: text.clone() }, Awaited::Edit { conversation, message, text });
            return;
        }
        let mode = thread.composer.mode;
        let along = thread.composer.take_along();
        let reply_to = along.quote.as_ref().map(|(id, _)| *id);
        let (client_key, text) = thread.composer.take(cx.unique);
        if !text.trim().is_empty() {
            self.written.add(mode, &text);
        }
        let mut ahead = ahead_of_store(ticket, conversation, mode, &text, &agent_name, cx);
        ahead.due_at = at;
        ahead.attachments = along.files.iter().enumerate().map(|(place, file)| file.ahead(place)).collect();
        let paths = along.files.iter().map(|file| file.path.clone()).collect();
        thread.add_ahead(ahead, ticket);
        let awaited = Awaited::Text { conversation, mode, text: text.clone(), along: along.clone() };
        let write = match mode {
            Mode::Reply => Write::Reply { client_key, conversation, text, reply_to, files: paths, at },
            Mode::Note => Write::Note { client_key, conversation, text },
        };
        // A reply's draft that waits behind the note is seen again.
        thread.composer.mode = Mode::Reply;
        let unread = thread.summary.as_ref().is_some_and(|summary| summary.unread > 0);
        if mode == Mode::Reply {
            self.list.change(conversation, |summary| summary.draft = None);
        }
        let ticket = self.write(write, awaited);
        if mode == Mode::Reply {
            self.remember(Undo::Send { ticket, message: None, along });
        }
        if unread && mode == Mode::Reply && at.is_none() {
            self.read_now();
        }
        self.focus = Focus::Thread;
        self.swallow_until = Some(cx.now.plus(SWALLOW));
    }

    pub(crate) fn need_editor(&self) -> Result<(), String> {
        if self.setup.local { Ok(()) } else { Err("Your own editor is not on the machine this screen comes from".to_owned()) }
    }

    /// Gives what is typed to the person's own editor.
    pub(crate) fn open_editor(&mut self) {
        self.save_drafts();
        if let Some(text) = self.thread.as_ref().map(|thread| thread.composer.field().text()) {
            self.effect(Effect::Edit(text));
        }
    }

    /// The editor was left.
    pub(super) fn edited(&mut self, result: Result<String, String>, cx: &Cx) {
        let Some(thread) = self.thread.as_mut().filter(|_| self.focus == Focus::Compose) else { return };
        match result {
            Ok(text) if text == thread.composer.field().text() => {}
            Ok(text) => {
                let mut whole = true;
                thread.composer.change(cx.now, |field| {
                    whole = field.replace(&text);
                    true
                });
                if !whole {
                    self.complain(&format!("Its end is missing: a text takes up to {} kB", FIELD_BYTES / 1024), cx);
                }
            }
            Err(why) => self.complain(&why, cx),
        }
    }

    /// A failed or uncertain reply is selected; with `uncertain_only`, an uncertain one.
    pub(crate) fn need_stuck(&self, uncertain_only: bool) -> Result<(), String> {
        match self.selected_message().map(|message| message.delivery) {
            Some(Delivery::Uncertain) => Ok(()),
            Some(Delivery::Failed) if !uncertain_only => Ok(()),
            Some(Delivery::Queued) if !uncertain_only && self.is_waiting_its_time() => Ok(()),
            Some(_) if uncertain_only => Err("Only for a reply of which nobody knows whether it arrived".to_owned()),
            Some(_) => Err("Only for a reply that failed or is uncertain".to_owned()),
            None => Err("No message is selected".to_owned()),
        }
    }

    /// The selected reply is stored and has not left.
    pub fn is_waiting_its_time(&self) -> bool {
        let item = self.thread.as_ref().and_then(|thread| thread.current());
        item.is_some_and(|item| item.ticket.is_none() && item.message.delivery == Delivery::Queued && item.message.due_at.is_some())
    }

    /// Takes the selected reply back that has not left.
    pub(super) fn take_back_selected(&mut self) -> bool {
        let waits = self.is_waiting_its_time();
        if let Some(message) = self.selected_message().map(|message| message.id).filter(|_| waits) {
            self.take_back(message);
        }
        waits
    }

    /// Sends a stuck reply again; one that may have arrived only after a yes.
    pub(crate) fn resend(&mut self) {
        let Some((message, delivery)) = self.selected_message().map(|message| (message.id, message.delivery)) else { return };
        if self.is_waiting_its_time() {
            self.write(Write::SendNow { message }, Awaited::Act);
        } else if delivery == Delivery::Uncertain {
            self.overlays.push(Overlay::Confirm(Confirm { act: Irrevocable::Resend(message) }));
        } else {
            self.write(Write::Resend { message }, Awaited::Act);
        }
    }

    pub(crate) fn can_quote(&self, cx: &Cx) -> Result<(), String> {
        self.need_capability(|can| can.reply_to, "quote messages")?;
        let message = self.need_stored()?;
        if matches!(message.direction, Direction::Note | Direction::System) {
            return Err("The customer has not seen this message".to_owned());
        }
        self.can_reply(cx)
    }

    pub(crate) fn quote(&mut self, cx: &Cx) {
        let Some(quote) = self.selected_message().map(|message| (message.id, Safe::line(&message.text).fit(200))) else { return };
        self.compose(Mode::Reply, cx);
        if let Some(thread) = &mut self.thread {
            thread.composer.quote = Some(quote);
        }
    }

    pub(crate) fn can_react(&self) -> Result<(), String> {
        self.need_capability(|can| can.react, "react")?;
        let message = self.need_stored()?;
        match message.direction {
            Direction::In | Direction::Out if has_arrived(message) => Ok(()),
            Direction::In | Direction::Out => Err("It is not at the customer yet".to_owned()),
            Direction::Note | Direction::System => Err("The customer has not seen this message".to_owned()),
        }
    }

    pub(crate) fn can_edit(&self) -> Result<(), String> {
        self.need_capability(|can| can.edit, "change sent messages")?;
        let message = self.need_own()?;
        if message.kind == Kind::Text || !message.text.is_empty() { Ok(()) } else { Err("This message has no words to change".to_owned()) }
    }

    /// The mode whose draft waits: the open conversation's, or in the list the selected one's reply.
    fn waiting_draft(&self) -> Option<Mode> {
        match self.focus {
            Focus::Thread => {
                let thread = self.thread.as_ref().filter(|thread| thread.selected.is_none() && !thread.composer.is_empty())?;
                Some(thread.composer.mode)
            }
            _ => self.subject()?.draft.is_some().then_some(Mode::Reply),
        }
    }

    pub(crate) fn can_discard(&self) -> Result<(), String> {
        self.waiting_draft().map(|_| ()).ok_or_else(|| "There is no draft to discard".to_owned())
    }

    /// Empties the draft that waits.
    pub(crate) fn discard_draft(&mut self, cx: &Cx) {
        let (Some(mode), Some(subject)) = (self.waiting_draft(), self.subject()) else { return };
        let (conversation, name) = (subject.id, subject.name.clone());
        let stored = subject.draft.clone().unwrap_or_default();
        let (text, along) = match self.thread.as_mut().filter(|thread| thread.id == conversation) {
            Some(thread) => {
                let along = thread.composer.take_along();
                (thread.composer.discard(mode), along)
            }
            None => (stored, Along::default()),
        };
        if mode == Mode::Reply {
            self.list.change(conversation, |summary| summary.draft = None);
        }
        self.remember(Undo::Draft { conversation, mode, text, along });
        self.write(Write::SaveDraft { conversation, mode, text: String::new() }, Awaited::Draft(conversation, mode));
        let undo = self.keymap.first_key("undo");
        self.say(&format!("Discarded the draft to {name} · {undo} undoes it"), cx);
    }

    pub(crate) fn can_delete(&self) -> Result<(), String> {
        if self.can_discard().is_ok() {
            return Ok(());
        }
        if self.is_waiting_its_time() {
            return Ok(());
        }
        self.need_capability(|can| can.delete, "delete sent messages")?;
        self.need_own().map(|_| ())
    }

    pub(crate) fn edit_sent(&mut self) {
        let Some((message, text)) = self.selected_message().map(|message| (message.id, message.text.clone())) else { return };
        self.save_drafts();
        if let Some(thread) = &mut self.thread {
            thread.composer.begin_edit(message, &text);
            self.focus = Focus::Compose;
        }
    }

    /// Puts words that could not replace a sent message's back into the composer.
    pub(super) fn edit_again(&mut self, conversation: ConversationId, message: MessageId, text: &str, cx: &Cx) {
        match self.thread.as_mut().filter(|thread| thread.id == conversation && !thread.composer.is_editing()) {
            Some(thread) if self.focus != Focus::Compose => {
                thread.composer.begin_edit(message, text);
                self.focus = Focus::Compose;
            }
            // Something else is being written: the words are kept as a note's draft rather than mixed into a reply.
            _ => self.put_back(conversation, Mode::Note, text, Along::default(), cx),
        }
    }

    /// Writes something about the selected message.
    pub(crate) fn on_message(&mut self, write: impl Fn(MessageId) -> Write) {
        if let Some(id) = self.selected_message().map(|message| message.id) {
            self.write(write(id), Awaited::Act);
        }
    }

    /// The answer to a question is yes.
    pub(crate) fn confirm(&mut self, cx: &Cx) {
        if matches!(self.overlays.last(), Some(Overlay::BulkAsk(_))) {
            return self.begin_bulk(cx);
        }
        let Some(Overlay::Confirm(Confirm { act })) = self.overlays.pop() else { return };
        let (write, word) = match act {
            Irrevocable::CancelTicket { ticket, version } => return self.ask_act(ticket, version, queue::Act::Cancel),
            Irrevocable::Delete(message) => (Write::DeleteSent { message }, "Deleting it for the customer too"),
            Irrevocable::Resend(message) => (Write::Resend { message }, "Sending it again"),
            Irrevocable::CancelBulk(bulk) => (Write::CancelBulk { bulk }, "Calling it off"),
            Irrevocable::RemoveChannel(channel) => (Write::RemoveChannel { channel }, "Removing the channel"),
        };
        self.write(write, Awaited::Act);
        self.say(word, cx);
    }

    /// Gives the chosen reaction, or takes it back when it is ours already.
    pub(super) fn react(&mut self) {
        let Some(Overlay::React(react)) = self.overlays.pop() else { return };
        let Some(emoji) = EMOJI.get(react.selected) else { return };
        let given =
            self.thread.as_ref().and_then(|thread| thread.items.iter().find(|item| item.message.id == react.message)).is_some_and(|item| {
                item.message.reactions.iter().any(|given| given.actor == self.setup.agent_name && given.emoji == *emoji)
            });
        let emoji = (!given).then(|| (*emoji).to_owned());
        self.write(Write::React { message: react.message, emoji }, Awaited::Act);
    }

    fn need_capability(&self, can: impl Fn(&Capabilities) -> bool, what: &str) -> Result<(), String> {
        let summary = self.thread.as_ref().and_then(|thread| thread.summary.as_ref()).ok_or("No conversation is open")?;
        let Some(provider) = self.provider(&summary.provider) else {
            return Err("This version does not know the channel's provider".to_owned());
        };
        if can(provider.capabilities) { Ok(()) } else { Err(format!("On {} one cannot {what}", provider.title)) }
    }

    /// The selected message, if the store has it.
    fn need_stored(&self) -> Result<&Message, String> {
        let item = self.thread.as_ref().and_then(|thread| thread.current()).ok_or("No message is selected")?;
        if item.ticket.is_some() { Err("The message is still being stored: try again in a moment".to_owned()) } else { Ok(&item.message) }
    }

    /// The selected message, if it is a reply that is at the customer.
    fn need_own(&self) -> Result<&Message, String> {
        let message = self.need_stored()?;
        if message.direction != Direction::Out {
            return Err("Only for replies of ours".to_owned());
        }
        if message.deleted_at.is_some() {
            return Err("It is deleted already".to_owned());
        }
        if has_arrived(message) { Ok(message) } else { Err("It is not at the customer yet".to_owned()) }
    }
}

const fn has_arrived(message: &Message) -> bool {
    matches!(message.delivery, Delivery::Received | Delivery::Sent | Delivery::Delivered | Delivery::Read | Delivery::Played)
}

/// The message as it will be, under an id no stored one has.
pub(super) fn ahead_of_store(ticket: u64, conversation: ConversationId, mode: Mode, text: &str, author: &str, cx: &Cx) -> Message {
    let (direction, delivery) = match mode {
        Mode::Reply => (Direction::Out, Delivery::Queued),
        Mode::Note => (Direction::Note, Delivery::Received),
    };
    let bare = Message::words(MessageId(-(ticket as i64)), conversation, direction, text, cx.now);
    Message { author: author.to_owned(), agent: Some(cx.agent), delivery, parts: (0, 1), ..bare }
}
