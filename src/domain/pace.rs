//! How often a provider lets us send: to one customer and from the whole account. Pure arithmetic over instants that are handed in, so that
//! whoever waits knows until when and holds up nobody else.

use std::collections::BTreeMap;

use super::channel::Rate;
use super::time::{Span, Timestamp};

/// What of an account's rates is used up, and what the provider has told us to wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    pair: Option<Rate>,
    account: Option<Rate>,
    /// When the account's burst is whole again.
    whole_at: Timestamp,
    /// The account rests until then.
    rests_until: Timestamp,
    chats: BTreeMap<String, Told>,
}

/// What is known of one chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Told {
    /// When its burst is whole again.
    whole_at: Timestamp,
    /// How often in a row the provider said that it is too much.
    waits: u32,
    /// Nothing leaves before.
    until: Timestamp,
}

/// Chats that are remembered; those that wait for nothing are forgotten first.
const CHATS: usize = 10_000;
/// The longest wait of our own is 4^6 s, a little over an hour.
const MOST_WAITS: u32 = 6;

impl Pace {
    /// The pace of an account whose provider sets these limits.
    pub const fn new(pair: Option<Rate>, account: Option<Rate>) -> Self {
        Self { pair, account, whole_at: Timestamp(0), rests_until: Timestamp(0), chats: BTreeMap::new() }
    }

    /// How many messages the account may send at once now; with none, when the next one may leave.
    pub fn room(&self, now: Timestamp) -> Result<usize, Timestamp> {
        if self.rests_until > now {
            return Err(self.rests_until);
        }
        let Some(rate) = self.account else { return Ok(usize::MAX) };
        let ready = ready_at(rate, self.whole_at, now);
        if ready > now {
            return Err(ready);
        }
        let free = now.since(ready).0 / rate.every.0.max(1) + 1;
        Ok(usize::try_from(free).unwrap_or(usize::MAX).min(rate.burst.max(1) as usize))
    }

    /// Uses up one message to a chat, or says when one may leave; then nothing is used up.
    pub fn take(&mut self, chat: &str, now: Timestamp) -> Result<(), Timestamp> {
        let mut told = self.chats.get(chat).copied().unwrap_or_default();
        // The account and the chat are waited for together: who comes back when it was said may send.
        let account = self.room(now).err().unwrap_or_default();
        let ready = self.pair.map_or(Timestamp(0), |rate| ready_at(rate, told.whole_at, now)).max(told.until).max(account);
        if ready > now {
            return Err(ready);
        }
        if let Some(rate) = self.pair {
            told.whole_at = spent(rate, told.whole_at, now);
            self.forget(now);
            self.chats.insert(chat.to_owned(), told);
        }
        if let Some(rate) = self.account {
            self.whole_at = spent(rate, self.whole_at, now);
        }
        Ok(())
    }

    /// The provider says that a chat gets too much: when to try again. Each time in a row it is four times as long as before, with some
    /// `jitter` (drawn from 0 to 1), never less than what the provider said.
    pub fn too_much(&mut self, chat: &str, told: Span, jitter: f64, now: Timestamp) -> Timestamp {
        self.forget(now);
        let known = self.chats.entry(chat.to_owned()).or_default();
        let own = Span::secs(1_i64 << (2 * known.waits.min(MOST_WAITS))).0 as f64;
        let wait = Span(((own * (1.0 + jitter.clamp(0.0, 1.0) / 4.0)) as i64).max(told.0));
        known.waits += 1;
        known.until = now.plus(wait);
        known.until
    }

    /// A message to this chat went through.
    pub fn went(&mut self, chat: &str) {
        if let Some(told) = self.chats.get_mut(chat) {
            (told.waits, told.until) = (0, Timestamp(0));
        }
    }

    /// The provider says that the whole account sends too much.
    pub fn rest(&mut self, until: Timestamp) {
        self.rests_until = self.rests_until.max(until);
    }

    fn forget(&mut self, now: Timestamp) {
        if self.chats.len() >= CHATS {
            self.chats.retain(|_, told| told.whole_at > now || told.until > now);
        }
    }
}

/// When one may leave, if the burst is whole again at `whole_at`. A clock that was set back makes nobody wait longer than for a whole burst.
fn ready_at(rate: Rate, whole_at: Timestamp, now: Timestamp) -> Timestamp {
    let burst = i64::from(rate.burst.max(1));
    let whole_at = whole_at.min(now.plus(Span(rate.every.0 * burst)));
    whole_at.minus(Span(rate.every.0 * (burst - 1)))
}

fn spent(rate: Rate, whole_at: Timestamp, now: Timestamp) -> Timestamp {
    let most = now.plus(Span(rate.every.0 * i64::from(rate.burst.max(1))));
    whole_at.max(now).plus(rate.every).min(most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    const fn every(secs: i64, burst: u32) -> Rate {
        Rate { burst, every: Span::secs(secs) }
    }

    #[test]
    fn a_burst_leaves_at_once_and_then_one_every_six_seconds() {
        let mut pace = Pace::new(Some(every(6, 3)), None);
        for _ in 0..3 {
            pace.take("a", NOW).unwrap();
        }
        assert_eq!(pace.take("a", NOW), Err(NOW.plus(Span::secs(6))));
        assert_eq!(pace.take("b", NOW), Ok(()), "another chat does not wait");
        assert_eq!(pace.take("a", NOW.plus(Span::secs(6))), Ok(()));
        assert_eq!(pace.take("a", NOW.plus(Span::secs(6))), Err(NOW.plus(Span::secs(12))));
    }

    #[test]
    fn the_account_has_room_for_its_burst_and_rests_when_told() {
        let mut pace = Pace::new(None, Some(every(1, 2)));
        assert_eq!(pace.room(NOW), Ok(2));
        pace.take("a", NOW).unwrap();
        assert_eq!(pace.room(NOW), Ok(1));
        pace.take("b", NOW).unwrap();
        assert_eq!(pace.room(NOW), Err(NOW.plus(Span::secs(1))));
        pace.rest(NOW.plus(Span::minutes(1)));
        assert_eq!(pace.take("c", NOW.plus(Span::secs(30))), Err(NOW.plus(Span::minutes(1))));
        assert_eq!(pace.room(NOW.plus(Span::minutes(1))), Ok(2));
    }

    #[test]
    fn each_time_in_a_row_that_it_is_too_much_the_wait_is_four_times_as_long() {
        let mut pace = Pace::new(None, None);
        let mut wait = |told| pace.too_much("a", Span::secs(told), 0.0, NOW).since(NOW);
        assert_eq!([wait(0), wait(0), wait(0), wait(100)], [Span::secs(1), Span::secs(4), Span::secs(16), Span::secs(100)]);
        assert_eq!(pace.take("a", NOW.plus(Span::secs(99))), Err(NOW.plus(Span::secs(100))));
        pace.went("a");
        assert_eq!(pace.too_much("a", Span::ZERO, 1.0, NOW), NOW.plus(Span::millis(1_250)));
    }

    #[test]
    fn a_clock_that_was_set_back_a_day_makes_nobody_wait_a_day() {
        let mut pace = Pace::new(Some(every(6, 1)), Some(every(1, 1)));
        pace.take("a", NOW).unwrap();
        let before = NOW.minus(Span::hours(24));
        assert!(pace.take("a", before).unwrap_err() <= before.plus(Span::secs(6)));
    }

    proptest! {
        #[test]
        fn no_span_ever_holds_more_than_the_burst_and_its_share(
            burst in 1_u32..6, gaps in proptest::collection::vec((0_i64..9_000, 0_usize..3), 1..200),
        ) {
            let rate = Rate { burst, every: Span::secs(6) };
            let whole = Rate { burst: 4, every: Span::secs(2) };
            let mut pace = Pace::new(Some(rate), Some(whole));
            let (mut now, mut left) = (NOW, Vec::new());
            for (gap, chat) in gaps {
                now = now.plus(Span::millis(gap));
                match pace.take(["a", "b", "c"][chat], now) {
                    Ok(()) => left.push((now, chat)),
                    Err(at) => prop_assert!(at > now, "who has to wait waits for something"),
                }
            }
            let holds = |of: &[Timestamp], rate: Rate| of.iter().enumerate().all(|(first, from)| {
                of[first..].iter().enumerate().all(|(count, to)| {
                    count as i64 <= i64::from(rate.burst) - 1 + to.since(*from).0 / rate.every.0
                })
            });
            let all: Vec<Timestamp> = left.iter().map(|(at, _)| *at).collect();
            prop_assert!(holds(&all, whole));
            for chat in 0..3 {
                let one: Vec<Timestamp> = left.iter().filter(|(_, to)| *to == chat).map(|(at, _)| *at).collect();
                prop_assert!(holds(&one, rate));
            }
        }

        #[test]
        fn whoever_waits_until_the_time_that_was_said_may_send(burst in 1_u32..5, tries in 1_usize..40) {
            let mut pace = Pace::new(Some(every(6, burst)), Some(every(1, 3)));
            let mut now = NOW;
            for _ in 0..tries {
                if let Err(at) = pace.take("a", now) {
                    now = at;
                    prop_assert_eq!(pace.take("a", now), Ok(()));
                }
            }
        }
    }
}
