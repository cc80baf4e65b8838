//! What time alone does: toasts go, drafts are stored, what is looked at becomes read. And when to wake for it.

use super::answers::Awaited;
use super::effect::{Mode, Write};
use super::overlay::Overlay;
use super::{App, Cx};
use crate::domain::conversation::Summary;
use crate::domain::id::ConversationId;
use crate::domain::lease::SILENT;
use crate::domain::time::{Span, Timestamp, age_changes_at};
use crate::domain::window::Window;

/// Unread messages count as read when they were in view for so long.
const DWELL: Span = Span::millis(1_500);
const MINUTE: i64 = 60_000_000;
/// What is held back for longer is told by its time, not by how long that is.
pub(crate) const HELD_FAR: Span = Span::minutes(30);

/// When the rest of an open window, in minutes or hours, is one less.
fn window_changes_at(summary: &Summary, now: Timestamp) -> Option<Timestamp> {
    let Window::Open(end) = summary.reply_window(now) else { return None };
    let left = end.since(now).0;
    let unit = if left < 60 * MINUTE { MINUTE } else { 60 * MINUTE };
    Some(Timestamp(end.0 - left / unit * unit + 1))
}

/// When the words for how long a reply is still held back are others: its time turns into minutes, and those into seconds.
fn held_changes_at(due: Timestamp, now: Timestamp) -> Timestamp {
    const SECOND: i64 = 1_000_000;
    let left = due.since(now).0;
    let next = match left {
        _ if left > HELD_FAR.0 => HELD_FAR.0,
        _ if left > 99 * SECOND => ((left - 1) / MINUTE * MINUTE).max(99 * SECOND),
        _ => (left - 1).div_euclid(SECOND) * SECOND,
    };
    Timestamp(due.0 - next)
}

impl App {
    pub(super) fn pass_deadlines(&mut self, cx: &Cx) {
        if self.toast.as_ref().is_some_and(|toast| toast.until <= cx.now) {
            self.toast = None;
            self.dirty = true;
        }
        if self.problem.as_ref().is_some_and(|problem| problem.until <= cx.now) {
            self.problem = None;
            self.dirty = true;
        }
        if self.quit_until.is_some_and(|until| until <= cx.now) {
            self.quit_until = None;
        }
        if self.holder_is_due(cx.now) {
            self.holder_asked_at = Some(cx.now);
            self.load_status();
        }
        self.store_drafts(cx.now);
        self.offer_template_in_time(cx);
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
        let countdown = thread
            .filter(|_| !self.layout().thread.is_empty())
            .and_then(|thread| thread.held(now).map(|(_, due)| held_changes_at(due, now)).min());
        let times = [
            self.words_change_at(cx),
            countdown,
            self.toast.as_ref().map(|toast| toast.until),
            self.problem.as_ref().map(|problem| problem.until),
            self.work_shows_at(now),
            thread.and_then(|thread| thread.composer.save_at()),
            self.read_at,
            self.closes_while_writing(now),
            self.queue.changes_at(now).filter(|_| !self.layout().queue.is_empty()),
            self.holder_due_at(),
        ];
        self.wake = times.into_iter().flatten().min();
    }

    /// When it is worth asking whether another process that syncs is still at work. That it is, nobody is told.
    fn holder_due_at(&self) -> Option<Timestamp> {
        let holder = self.status.holder.as_ref()?;
        Some(holder.beat_at.max(self.holder_asked_at.unwrap_or(holder.beat_at)).plus(SILENT).plus(Span(1)))
    }

    fn holder_is_due(&self, now: Timestamp) -> bool {
        self.holder_due_at().is_some_and(|at| at <= now)
    }

    /// When an age, the rest of a window or the name of a day on the screen changes: with a minute of the clock, so that all of them
    /// change in one frame.
    fn words_change_at(&self, cx: &Cx) -> Option<Timestamp> {
        let (now, layout) = (cx.now, self.layout());
        let rows = self.list.rows.iter().skip(self.list.top).take(self.list.shown).filter(|_| !layout.list.is_empty());
        let ages = rows.clone().filter_map(|row| age_changes_at(self.list.instant(row), now)).min();
        let windows = rows.filter_map(|row| window_changes_at(&row.summary, now)).min();
        let thread = self.thread.as_ref().filter(|_| !layout.thread.is_empty());
        let soon = now.plus(Span(1));
        let open_window = thread.and_then(|thread| window_changes_at(thread.summary.as_ref()?, now)).map(|_| soon);
        let midnight = thread.and_then(|_| {
            let tomorrow = now.date(cx.zone).succ_opt()?.and_time(chrono::NaiveTime::MIN);
            Some(Timestamp(tomorrow.and_local_timezone(cx.zone).earliest()?.timestamp_micros()))
        });
        let details =
            matches!(self.overlays.last(), Some(Overlay::Info(_) | Overlay::Channels(_) | Overlay::Bulks(_))) || !layout.info.is_empty();
        let next = [ages, windows, open_window, midnight, details.then_some(soon)].into_iter().flatten().min()?;
        Some(Timestamp((next.0.max(soon.0) - 1).div_euclid(MINUTE).saturating_add(1).saturating_mul(MINUTE)))
    }

    /// Unread messages are being looked at.
    fn is_reading(&self) -> bool {
        let unread = |thread: &super::Thread| thread.summary.as_ref().is_some_and(|summary| summary.unread > 0);
        self.newest_in_sight().is_some_and(unread)
    }

    /// All of this conversation was read and its end is in sight: what comes is seen as it comes, and is marked as news nowhere.
    pub(crate) fn is_watched(&self, id: ConversationId) -> bool {
        let open = self.thread.as_ref().is_some_and(|thread| thread.id == id);
        open && self.newest_in_sight().is_some_and(super::Thread::is_caught_up)
    }

    /// The open thread, when its newest message is on the screen of a window that has the focus.
    fn newest_in_sight(&self) -> Option<&super::Thread> {
        let visible = self.window_focused && self.overlays.is_empty() && !self.layout().thread.is_empty();
        self.thread.as_ref().filter(|thread| visible && thread.loaded && thread.is_at_end())
    }

    fn store_drafts(&mut self, until: Timestamp) {
        let Some(thread) = &mut self.thread else { return };
        let conversation = thread.id;
        for (mode, text) in thread.composer.unsaved(until) {
            if mode == Mode::Reply {
                let draft = (!text.trim().is_empty()).then(|| text.clone());
                self.list.change(conversation, |summary| summary.draft = draft);
            }
            self.write(Write::SaveDraft { conversation, mode, text }, Awaited::Draft(conversation, mode));
        }
    }
}
