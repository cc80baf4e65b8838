//! Whether a conversation can be written to.

use super::effect::Mode;
use super::{App, Cx};
use crate::domain::time::age;
use crate::domain::window::Window;

impl App {
    /// Whether the customer can be written to now.
    pub(crate) fn can_reply(&self, cx: &Cx) -> Result<(), String> {
        let subject = self.subject().ok_or_else(|| self.nobody())?;
        if subject.unreachable {
            return Err("The provider cannot reach this customer: nothing arrives until they write. A private note still works".to_owned());
        }
        match (subject.reply_window(cx.now), self.template_key()) {
            (Window::Closed(Some(at)), Some(key)) => {
                Err(format!("The reply window closed {} ago: pick a template ({key})", age(at, cx.now, cx.zone)))
            }
            (Window::Closed(None), Some(key)) => Err(format!("The customer has not written yet: pick a template ({key})")),
            (Window::Closed(Some(at)), None) => Err(format!(
                "The reply window closed {} ago: the customer has to write first. A private note still works",
                age(at, cx.now, cx.zone)
            )),
            (Window::Closed(None), None) => Err("The customer has not written yet, so this channel allows no free reply".to_owned()),
            (Window::Open(_) | Window::Unlimited, _) => Ok(()),
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
