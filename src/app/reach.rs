//! Whether the database answers, for screens that stand alone for weeks: since when it does not, and when it is asked again.

use crate::domain::time::{Span, Timestamp};

/// The longest time between two tries.
const LONGEST: Span = Span::secs(15);

/// See the module.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reach {
    /// Since when nothing is answered.
    pub(crate) lost: Option<Timestamp>,
    tries: u32,
    retry_at: Option<Timestamp>,
}

impl Reach {
    /// It did not answer. Each time it is left alone twice as long, from a second on.
    pub(crate) fn failed(&mut self, now: Timestamp) {
        self.lost.get_or_insert(now);
        let pause = Span::secs(1_i64 << self.tries.min(8)).min(LONGEST);
        self.tries = self.tries.saturating_add(1);
        self.retry_at = Some(now.plus(pause));
    }

    /// It answered; says whether it had not before.
    pub(crate) fn answered(&mut self) -> bool {
        std::mem::take(self).lost.is_some()
    }

    /// When it is to be asked again.
    pub(crate) const fn retry_at(&self) -> Option<Timestamp> {
        self.retry_at
    }

    /// The clock may have been set back: no try is further away than the longest pause.
    pub(crate) fn keep_near(&mut self, now: Timestamp) {
        self.retry_at = self.retry_at.map(|at| at.min(now.plus(LONGEST)));
    }

    /// It is asked again now; the answer says when next.
    pub(crate) fn begins_to_try(&mut self, now: Timestamp) -> bool {
        self.retry_at.take_if(|at| *at <= now).is_some()
    }
}

/// When the minute that is shown ends.
pub(crate) const fn next_minute(now: Timestamp) -> Timestamp {
    let minute = Span::minutes(1).0;
    Timestamp((now.0.div_euclid(minute) + 1) * minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_again_after_ever_longer_pauses_and_the_first_failure_is_remembered() {
        let (mut reach, start) = (Reach::default(), Timestamp::from_secs(1_000));
        let mut now = start;
        let mut pauses = Vec::new();
        for _ in 0..7 {
            reach.failed(now);
            let at = reach.retry_at().unwrap();
            pauses.push(at.since(now).0 / 1_000_000);
            assert!(!reach.begins_to_try(Timestamp(at.0 - 1)) && reach.begins_to_try(at) && !reach.begins_to_try(at));
            now = at;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 15, 15, 15]);
        assert_eq!(reach.lost, Some(start));
        assert!(reach.answered() && !reach.answered());
    }

    #[test]
    fn a_minute_ends_after_now() {
        assert_eq!(next_minute(Timestamp::from_secs(61)), Timestamp::from_secs(120));
        assert_eq!(next_minute(Timestamp::from_secs(120)), Timestamp::from_secs(180));
    }
}
