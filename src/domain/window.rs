//! The reply window: on some channels one may write freely only for a while after the customer last wrote.

use super::time::{Span, Timestamp};

/// Whether a free-form reply may leave now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// This conversation's channel has no such rule.
    Unlimited,
    /// Open until this instant (not including it).
    Open(Timestamp),
    /// Closed since this instant; `None` when the customer has never written.
    Closed(Option<Timestamp>),
}

/// Why a reply did not leave, and what can be done.
pub const CLOSED: &str = "the reply window is closed: send a template (t) or wait until they write";

/// The window of a conversation whose channel allows replies for `length` after `last_inbound` (the provider's time of the customer's
/// last message). A window of 24 h that opened at 10:00:00 is closed at 10:00:00 the next day. `refused` is when the provider itself said
/// that it is closed: it knows better, until the customer writes again.
pub fn policy(length: Option<Span>, last_inbound: Option<Timestamp>, refused: Option<Timestamp>, now: Timestamp) -> Window {
    let Some(length) = length else { return Window::Unlimited };
    let Some(opened) = last_inbound else { return Window::Closed(None) };
    if let Some(refused) = refused.filter(|refused| *refused >= opened) {
        return Window::Closed(Some(refused.min(opened.plus(length))));
    }
    let ends = opened.plus(length);
    if now < ends { Window::Open(ends) } else { Window::Closed(Some(ends)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_window_closes_exactly_at_its_end() {
        let opened = Timestamp::from_secs(1_000_000);
        let day = Some(Span::hours(24));
        let end = opened.plus(Span::hours(24));
        assert_eq!(policy(day, Some(opened), None, Timestamp(end.0 - 1)), Window::Open(end));
        assert_eq!(policy(day, Some(opened), None, end), Window::Closed(Some(end)));
        assert_eq!(policy(day, None, None, end), Window::Closed(None));
        assert_eq!(policy(None, None, None, end), Window::Unlimited);
    }

    #[test]
    fn t_07_the_window_is_open_a_second_before_its_end_and_closed_at_it() {
        let (now, day) = (Timestamp::from_secs(1_000_000), Some(Span::hours(24)));
        let ago = |span: Span| policy(day, Some(now.minus(span)), None, now);
        assert_eq!(ago(Span::secs(24 * 3_600)), Window::Closed(Some(now)));
        assert_eq!(ago(Span::secs(24 * 3_600 - 1)), Window::Open(now.plus(Span::secs(1))));
    }

    proptest! {
        /// What we send, templates too, is no argument of the policy: only a customer's message opens, and each one renews.
        #[test]
        fn t_07_each_inbound_renews_the_window_and_nothing_else_does(
            length in 1_i64..200_000, first in 0_i64..1_000_000, gap in 0_i64..400_000, wait in 0_i64..400_000, refused in proptest::option::of(0_i64..2_000_000),
        ) {
            let (length, opened) = (Span::secs(length), Timestamp::from_secs(first));
            let again = opened.plus(Span::secs(gap));
            let now = again.plus(Span::secs(wait));
            let end = again.plus(length);
            let refused = refused.map(Timestamp::from_secs);
            match policy(Some(length), Some(again), refused, now) {
                Window::Open(until) => {
                    prop_assert!(until == end && now < end);
                    prop_assert!(refused.is_none_or(|at| at < again), "the provider knows better until they write again");
                }
                Window::Closed(since) => {
                    prop_assert!(now >= end || refused.is_some_and(|at| at >= again));
                    prop_assert!(since.is_some_and(|since| since <= end));
                }
                Window::Unlimited => prop_assert!(false),
            }
            // A later message never closes it earlier, and a window once closed by time stays closed without one.
            if let Window::Open(before) = policy(Some(length), Some(opened), None, now) {
                prop_assert_eq!(policy(Some(length), Some(again), None, now), Window::Open(before.plus(Span::secs(gap))));
            }
            if policy(Some(length), Some(again), None, now) == Window::Closed(Some(end)) {
                prop_assert_eq!(policy(Some(length), Some(again), None, now.plus(Span::secs(wait))), Window::Closed(Some(end)));
            }
        }
    }

    #[test]
    fn what_the_provider_says_closes_a_window_until_the_customer_writes_again() {
        let (opened, day) = (Timestamp::from_secs(1_000_000), Some(Span::hours(24)));
        let refused = opened.plus(Span::hours(2));
        let now = opened.plus(Span::hours(3));
        assert_eq!(policy(day, Some(opened), Some(refused), now), Window::Closed(Some(refused)));
        let again = opened.plus(Span::hours(4));
        assert_eq!(policy(day, Some(again), Some(refused), again), Window::Open(again.plus(Span::hours(24))));
    }
}
