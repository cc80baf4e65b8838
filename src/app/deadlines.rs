//! What time alone does: toasts go, drafts are stored, what is looked at becomes read. And when to wake for it.

use super::answers::Awaited;
use super::effect::Write;
use super::focus::Focus;
use super::{App, Cx};
use crate::domain::time::{Span, Timestamp};

/// Unread messages count as read when they were in view for so long.
const DWELL: Span = Span::millis(1_500);
const MINUTE: i64 = 60_000_000;

impl App {
    pub(super) fn pass_deadlines(&mut self, cx: &Cx) {
        if self.toast.as_ref().is_some_and(|toast| toast.until <= cx.now) {
            self.toast = None;
            self.dirty = true;
        }
        if self.quit_until.is_some_and(|until| until <= cx.now) {
            self.quit_until = None;
        }
        self.store_drafts(cx.now);
        if self.read_at.is_some_and(|at| at <= cx.now) && self.is_reading() {
            self.read_now();
        }
        self.read_at = if self.is_reading() { self.read_at.or(Some(cx.now.plus(DWELL))) } else { None };
    }

    /// Stores the drafts of the open conversation at once.
    pub(crate) fn save_drafts(&mut self) {
        self.store_drafts(Timestamp(i64::MAX));
    }

    /// The open conversation is read: here at once, in the store soon.
    pub(super) fn read_now(&mut self) {
        let Some(thread) = &mut self.thread else { return };
        let conversation = thread.id;
        thread.mark_read();
        self.read_at = None;
        self.list.change(conversation, |summary| summary.unread = 0);
        self.write(Write::MarkRead { conversation }, Awaited::Act);
    }

    /// Decides when the screen changes next by itself.
    pub(super) fn plan(&mut self, cx: &Cx) {
        let now = cx.now;
        let thread = self.thread.as_ref();
        let countdown = thread.filter(|_| !self.layout().thread.is_empty()).and_then(|thread| {
            thread.held(now).map(|(_, due)| Timestamp(due.0 - (due.since(now).0 - 1).div_euclid(1_000_000) * 1_000_000)).min()
        });
        // Ages and the clock are in minutes and change together, with the minute.
        let minute = Timestamp((now.0.div_euclid(MINUTE) + 1).saturating_mul(MINUTE));
        let times = [
            Some(minute),
            countdown,
            self.toast.as_ref().map(|toast| toast.until),
            thread.and_then(|thread| thread.composer.save_at()),
            self.read_at,
        ];
        self.wake = times.into_iter().flatten().min();
    }

    /// Unread messages are being looked at.
    fn is_reading(&self) -> bool {
        let unread = |thread: &super::Thread| thread.summary.as_ref().is_some_and(|summary| summary.unread > 0);
        let visible = !self.layout().thread.is_empty() && self.overlays.is_empty();
        let here = self.focus != Focus::List || self.size.0 >= super::layout::SIDE_BY_SIDE;
        self.window_focused
            && visible
            && here
            && self.thread.as_ref().is_some_and(|thread| thread.loaded && thread.is_at_end() && unread(thread))
    }

    fn store_drafts(&mut self, until: Timestamp) {
        let Some(thread) = &mut self.thread else { return };
        let conversation = thread.id;
        for (mode, text) in thread.composer.unsaved(until) {
            if mode == super::effect::Mode::Reply {
                let draft = (!text.trim().is_empty()).then(|| text.clone());
                self.list.change(conversation, |summary| summary.draft = draft);
            }
            self.write(Write::SaveDraft { conversation, mode, text }, Awaited::Quiet);
        }
    }
}
