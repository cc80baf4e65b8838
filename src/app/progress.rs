//! Changes that take long: how many are stored, and how those that have not begun are called off.

use super::answers::Awaited;
use super::effect::Effect;
use super::{App, Cx};
use crate::domain::time::{Span, Timestamp};

/// Work that is done sooner is not worth a word.
const LONG: Span = Span::millis(500);

/// Changes that were asked for together and are not all stored yet.
#[derive(Debug, Default)]
pub(crate) struct Busy {
    since: Option<Timestamp>,
    done: usize,
    total: usize,
}

impl App {
    /// A change was asked for.
    pub(super) fn begin_work(&mut self, awaited: &Awaited) {
        if is_work(awaited) {
            self.busy.get_or_insert_default().total += 1;
        }
    }

    /// A change was answered.
    pub(super) fn end_work(&mut self, awaited: &Awaited) {
        if !self.awaited.values().any(is_work) {
            self.busy = None;
        } else if let Some(busy) = self.busy.as_mut().filter(|_| is_work(awaited)) {
            busy.done += 1;
        }
    }

    /// Work counts from the turn in which it was asked for.
    pub(super) fn time_work(&mut self, cx: &Cx) {
        if let Some(busy) = &mut self.busy {
            busy.since.get_or_insert(cx.now);
        }
    }

    /// When work that goes on becomes worth a word.
    pub(super) fn work_shows_at(&self, now: Timestamp) -> Option<Timestamp> {
        Some(self.busy.as_ref()?.since?.plus(LONG)).filter(|at| *at > now)
    }

    /// What the status line says of work that takes long.
    pub(crate) fn work_words(&self, now: Timestamp) -> Option<String> {
        let busy = self.busy.as_ref().filter(|busy| busy.since.is_some_and(|since| since.plus(LONG) <= now))?;
        let words = if busy.total == 1 { "storing …".to_owned() } else { format!("storing {} of {} …", busy.done + 1, busy.total) };
        let cancel = self.can_cancel().map(|()| format!(" ({} cancels)", self.keymap.first_key("app.cancel"))).unwrap_or_default();
        Some(words + &cancel)
    }

    pub(crate) fn can_cancel(&self) -> Result<(), String> {
        // The oldest has begun: whether it is stored is not ours to say any more.
        if self.acts().nth(1).is_some() { Ok(()) } else { Err("Nothing waits that could be called off".to_owned()) }
    }

    /// Calls off the acts that have not begun; each is answered as one that was not done.
    pub(crate) fn cancel_work(&mut self) {
        let tickets = self.acts().collect();
        self.effect(Effect::Cancel(tickets));
    }

    fn acts(&self) -> impl Iterator<Item = u64> {
        self.awaited.iter().filter(|(_, awaited)| matches!(awaited, Awaited::Act | Awaited::TakenBack { .. })).map(|(ticket, _)| *ticket)
    }
}

/// Somebody looks for what comes of it.
const fn is_work(awaited: &Awaited) -> bool {
    matches!(awaited, Awaited::Act | Awaited::TakenBack { .. } | Awaited::Text { .. } | Awaited::Edit { .. } | Awaited::Special { .. })
}
