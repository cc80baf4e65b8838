//! Which conversation is meant, and what is done with it that the store need not know.

use super::effect::{Effect, Mode};
use super::focus::Focus;
use super::{App, Cx};
use crate::domain::conversation::Summary;
use crate::domain::text::Safe;
use crate::domain::time::age;
use crate::domain::window::{self, Window};

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

    /// What `copy` copies.
    pub(crate) fn copied(&self) -> Result<Safe, String> {
        if self.focus == Focus::Thread {
            let message = self.selected_message().ok_or("No message is selected")?;
            return Ok(Safe::block(&message.text));
        }
        let subject = self.subject().ok_or("No conversation is selected")?;
        let text = if subject.handle.is_empty() { &subject.name } else { &subject.handle };
        if text.is_empty() { Err("This customer has no address to copy".to_owned()) } else { Ok(Safe::line(text)) }
    }

    pub(crate) fn copy(&mut self, cx: &Cx) {
        if let Ok(text) = self.copied() {
            self.say("Copied", cx);
            self.effect(Effect::Copy(text));
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
