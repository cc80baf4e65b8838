//! What became of a reply. A state only rises, a late receipt never takes anything back, and what is not known is said.

use super::time::{Span, Timestamp};

/// How far a message got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It came in: there is nothing to deliver. Also notes and system lines.
    #[default]
    Received,
    /// Written down, waiting for its turn, its undo delay or its appointed time.
    Queued,
    /// A request is on its way to the provider.
    Sending,
    /// The provider took it.
    Sent,
    /// The customer's device has it.
    Delivered,
    /// The customer has seen it.
    Read,
    /// The customer has listened to it.
    Played,
    /// The request left and no answer came: it may have arrived. An agent decides.
    Uncertain,
    /// It will not be delivered; the reason is kept.
    Failed,
    /// Taken back before it left.
    Canceled,
}

/// Attempts after which a reply that could not even be handed over fails for good: about four hours at [`backoff`]'s waits.
pub const MAX_ATTEMPTS: u32 = 12;

/// How long a reply is tried that the provider goes on refusing for now: what comes a day late answers nobody any more, and holds back whatever
/// was written after it.
pub const GIVE_UP: Span = Span::hours(24);

/// Whether a reply that has been refused since then is to be tried no more.
pub fn given_up(refused_since: Option<Timestamp>, now: Timestamp) -> bool {
    refused_since.is_some_and(|since| now.since(since) >= GIVE_UP)
}

impl Delivery {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Received,
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Played,
        Self::Uncertain,
        Self::Failed,
        Self::Canceled,
    ];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Uncertain => "uncertain",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// The state of that name; an unknown one is [`Delivery::Uncertain`], the state that asks a person.
    pub fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.name() == name).unwrap_or(Self::Uncertain)
    }

    /// Where a provider's receipt takes a message: never down. A receipt is proof of arrival, so it also settles `Uncertain`;
    /// `Failed` is final but for proof that the message did arrive, and a failure told after the message arrived is not believed.
    #[must_use]
    pub const fn after_receipt(self, told: Self) -> Self {
        match (self, told) {
            (Self::Queued | Self::Sending | Self::Sent | Self::Uncertain, Self::Failed) => Self::Failed,
            (_, Self::Sent | Self::Delivered | Self::Read | Self::Played) if told.rank() > self.rank() => told,
            _ => self,
        }
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Received | Self::Canceled => u8::MAX,
            Self::Queued | Self::Sending | Self::Uncertain => 0,
            Self::Sent => 1,
            Self::Failed => 2,
            Self::Delivered => 3,
            Self::Read => 4,
            Self::Played => 5,
        }
    }

    /// The state of a message made of parts: the one that most needs a person, else the one least far along.
    pub fn of_parts(parts: impl IntoIterator<Item = Self>) -> Self {
        let order = |state: Self| match state {
            Self::Uncertain => 0,
            Self::Failed => 1,
            Self::Sending => 2,
            Self::Queued => 3,
            Self::Sent => 4,
            Self::Delivered => 5,
            Self::Read => 6,
            Self::Played => 7,
            Self::Received => 8,
            Self::Canceled => 9,
        };
        parts.into_iter().min_by_key(|state| order(*state)).unwrap_or_default()
    }
}

/// How long to wait before attempt `attempt + 1`: full jitter below `min(1 h, 2^attempt s)`, never under a quarter of that, never under
/// what the provider told us. `jitter` is drawn uniformly from 0 to 1.
pub fn backoff(attempt: u32, told: Option<Span>, jitter: f64) -> Span {
    let ceiling = Span::secs(1_i64 << attempt.min(12)).0.min(Span::hours(1).0);
    let drawn = (ceiling as f64 * jitter.clamp(0.25, 1.0)) as i64;
    Span(drawn.max(told.map_or(0, |span| span.0)))
}

#[cfg(test)]
mod tests {
    use super::Delivery::{Canceled, Delivered, Failed, Played, Queued, Read, Received, Sent, Uncertain};
    use super::*;

    #[test]
    fn a_receipt_never_lowers_a_state() {
        for from in Delivery::ALL {
            for told in [Sent, Delivered, Read, Played] {
                let to = from.after_receipt(told);
                assert!(to.rank() >= from.rank(), "{from:?} told {told:?} became {to:?}");
            }
        }
        assert_eq!(Read.after_receipt(Delivered), Read);
        assert_eq!(Played.after_receipt(Read), Played);
        assert_eq!(Delivered.after_receipt(Failed), Delivered);
        assert_eq!(Canceled.after_receipt(Sent), Canceled);
        assert_eq!(Received.after_receipt(Read), Received);
    }

    #[test]
    fn proof_of_arrival_settles_what_was_uncertain_or_failed() {
        assert_eq!(Uncertain.after_receipt(Sent), Sent);
        assert_eq!(Uncertain.after_receipt(Read), Read);
        assert_eq!(Failed.after_receipt(Sent), Failed);
        assert_eq!(Failed.after_receipt(Delivered), Delivered);
    }

    #[test]
    fn a_reply_is_as_far_as_its_neediest_part() {
        assert_eq!(Delivery::of_parts([Sent, Queued]), Queued);
        assert_eq!(Delivery::of_parts([Sent, Uncertain, Failed]), Uncertain);
        assert_eq!(Delivery::of_parts([Read, Delivered]), Delivered);
        assert_eq!(Delivery::of_parts([]), Received);
    }

    #[test]
    fn a_reply_is_given_up_when_it_has_been_refused_for_a_day() {
        let since = Timestamp::from_secs(1_000_000);
        assert!(!given_up(None, since.plus(Span::hours(1_000))));
        assert!(!given_up(Some(since), since.plus(Span(GIVE_UP.0 - 1))));
        assert!(given_up(Some(since), since.plus(GIVE_UP)));
        assert!(!given_up(Some(since), since.minus(Span::hours(48))), "a clock that was set back gives nothing up");
    }

    #[test]
    fn waits_double_up_to_an_hour_and_respect_what_the_provider_said() {
        assert_eq!(backoff(0, None, 1.0), Span::secs(1));
        assert_eq!(backoff(3, None, 0.5), Span::secs(4));
        assert_eq!(backoff(3, None, 0.0), Span::secs(2));
        assert_eq!(backoff(40, None, 1.0), Span::hours(1));
        assert_eq!(backoff(0, Some(Span::secs(30)), 1.0), Span::secs(30));
    }
}
