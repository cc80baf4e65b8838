//! How a customer is told something that we begin ("your turn", "your table is ready"): by which way, and how often.

use std::collections::VecDeque;

use super::time::{Span, Timestamp};
use super::window::Window;

/// The way a notice takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Free words in their chat: the window is open.
    Text,
    /// An approved template in their chat.
    Template,
    /// A push message to their device.
    Push,
    /// The display alone: whoever works there sees that nobody was told.
    Display,
}

/// What can be used to reach somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways {
    /// The reply window of their chat; `None` when they have no chat with us.
    pub window: Option<Window>,
    /// An approved template says this.
    pub template: bool,
    /// Their device takes push messages.
    pub push: bool,
}

/// At most one message to somebody in this span.
pub const PACE: Span = Span::secs(6);

/// By which way to tell somebody. Whoever never wrote to us gets nothing in their chat, not even a template: they begin.
pub const fn route(ways: Ways) -> Route {
    match ways.window {
        Some(Window::Open(_) | Window::Unlimited) => Route::Text,
        Some(Window::Closed(Some(_))) if ways.template => Route::Template,
        _ if ways.push => Route::Push,
        _ => Route::Display,
    }
}

impl Route {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Template => "template",
            Self::Push => "push",
            Self::Display => "display",
        }
    }

    /// Whether the operator has to be told that the customer was not.
    pub const fn is_untold(self) -> bool {
        matches!(self, Self::Display)
    }
}

/// What waits to be told to one person: at most one message in [`PACE`], in the order in which things happened. News of something replace
/// older news of the same that were not told yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting<S, T> {
    notices: VecDeque<(S, T)>,
    next_at: Timestamp,
}

impl<S, T> Default for Waiting<S, T> {
    fn default() -> Self {
        Self { notices: VecDeque::new(), next_at: Timestamp(0) }
    }
}

impl<S: PartialEq, T> Waiting<S, T> {
    /// Something happened to a subject (a ticket, a booking); what was said of it before is superseded.
    pub fn push(&mut self, subject: S, notice: T) {
        self.notices.retain(|(known, _)| *known != subject);
        self.notices.push_back((subject, notice));
    }

    /// What to tell now; else when to ask again, `None` when nothing waits.
    pub fn next(&mut self, now: Timestamp) -> Result<T, Option<Timestamp>> {
        if self.notices.is_empty() {
            return Err(None);
        }
        // A clock that was set back makes nobody wait longer.
        self.next_at = self.next_at.min(now.plus(PACE));
        if now < self.next_at {
            return Err(Some(self.next_at));
        }
        self.next_at = now.plus(PACE);
        self.notices.pop_front().map(|(_, notice)| notice).ok_or(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    #[test]
    fn t_08_a_notice_takes_the_first_way_there_is() {
        let check = |window, template, push, want| assert_eq!(route(Ways { window: Some(window), template, push }), want);
        let closed = Window::Closed(Some(NOW));
        check(Window::Open(NOW), true, true, Route::Text);
        check(Window::Unlimited, false, false, Route::Text);
        check(closed, true, true, Route::Template);
        check(closed, true, false, Route::Template);
        check(closed, false, true, Route::Push);
        check(closed, false, false, Route::Display);
        assert!(Route::Display.is_untold() && !Route::Push.is_untold());
    }

    #[test]
    fn t_09_whoever_never_wrote_gets_nothing_in_their_chat() {
        for window in [None, Some(Window::Closed(None))] {
            assert_eq!(route(Ways { window, template: true, push: false }), Route::Display);
            assert_eq!(route(Ways { window, template: true, push: true }), Route::Push);
        }
    }

    #[test]
    fn t_13_five_events_in_ten_seconds_are_at_most_one_message_in_six_without_what_was_superseded() {
        let mut waiting = Waiting::default();
        let mut told = Vec::new();
        let events = [(0, "a", "a third"), (1, "a", "a second"), (2, "b", "b called"), (3, "a", "a next"), (9, "b", "b recalled")];
        for second in 0..30 {
            let now = NOW.plus(Span::secs(second));
            for (_, subject, notice) in events.iter().filter(|(at, ..)| *at == second) {
                waiting.push(*subject, *notice);
            }
            if let Ok(notice) = waiting.next(now) {
                told.push((second, notice));
            }
        }
        assert_eq!(told, [(0, "a third"), (6, "b called"), (12, "a next"), (18, "b recalled")]);
        assert_eq!(waiting.next(NOW), Err(None));
    }

    #[test]
    fn t_13_news_of_the_same_thing_are_told_once_and_in_the_order_of_what_happened() {
        let mut waiting = Waiting::default();
        waiting.push(1, "first");
        assert_eq!(waiting.next(NOW), Ok("first"));
        for (subject, notice) in [(1, "old"), (2, "other"), (1, "new")] {
            waiting.push(subject, notice);
        }
        assert_eq!(waiting.next(NOW), Err(Some(NOW.plus(PACE))));
        assert_eq!(waiting.next(NOW.plus(PACE)), Ok("other"));
        assert_eq!(waiting.next(NOW.plus(Span::secs(12))), Ok("new"));
    }
}
