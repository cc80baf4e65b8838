//! Who is next: the most urgent class, in it whoever stands first; and nobody waits for ever because more urgent people keep coming.

use super::Rules;
use crate::domain::id::TicketId;
use crate::domain::time::{Span, Timestamp};

/// What the order of somebody who waits depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whose.
    pub ticket: TicketId,
    /// The class of their priority ([`super::Priority::class`]).
    pub class: i64,
    /// By what they are ordered within it: when they came, unless they were put elsewhere.
    pub order_at: Timestamp,
}

/// The class of those whom no priority puts first.
const ORDINARY: i64 = super::Priority::CLASSES - 1;

impl Standing {
    /// The class they count as by now: whoever has stood there long counts as one more urgent. Going by the order, and not by the arrival,
    /// keeps the first of each class the first; and who was put last does not come first for it.
    fn class_at(&self, rules: &Rules, now: Timestamp) -> i64 {
        let long = rules.promote_minutes > 0 && now.since(self.order_at) > Span::minutes(rules.promote_minutes);
        if long { (self.class - 1).max(0) } else { self.class }
    }

    /// Ids rise with the order of issue, whatever the clock did.
    fn key(&self, rules: &Rules, now: Timestamp) -> (i64, Timestamp, TicketId) {
        (self.class_at(rules, now), self.order_at, self.ticket)
    }
}

/// Who is called next of those who wait, as an index; `streak` says how many urgent people were called in a row before. It is enough to give
/// the first of each class of each line.
pub fn next(waiting: &[Standing], streak: i64, rules: &Rules, now: Timestamp) -> Option<usize> {
    let first = |ordinary: bool| {
        let of = waiting.iter().enumerate().filter(|(_, one)| !ordinary || one.class == ORDINARY);
        of.min_by_key(|(_, one)| one.key(rules, now)).map(|(at, _)| at)
    };
    let turn = rules.streak > 0 && streak >= rules.streak;
    turn.then(|| first(true)).flatten().or_else(|| first(false))
}

/// How many urgent people will have been called in a row once this one is.
pub const fn streak_after(streak: i64, called: &Standing) -> i64 {
    if called.class == ORDINARY { 0 } else { streak + 1 }
}

/// Everybody who waits, in the order in which they would be called if nobody else came; as indexes.
pub fn line(waiting: &[Standing], mut streak: i64, rules: &Rules, now: Timestamp) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..waiting.len()).collect();
    sorted.sort_by_key(|&at| waiting[at].key(rules, now));
    if rules.streak <= 0 {
        return sorted;
    }
    let mut ordinary = sorted.iter().copied().filter(|&at| waiting[at].class == ORDINARY).peekable();
    let mut taken = vec![false; waiting.len()];
    let mut line = Vec::with_capacity(waiting.len());
    let mut rest = sorted.iter().copied().peekable();
    while line.len() < waiting.len() {
        while ordinary.next_if(|&at| taken[at]).is_some() {}
        while rest.next_if(|&at| taken[at]).is_some() {}
        let due = if streak >= rules.streak { ordinary.peek().or(rest.peek()) } else { rest.peek() };
        let Some(&at) = due else { break };
        taken[at] = true;
        streak = streak_after(streak, &waiting[at]);
        line.push(at);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_168_800);

    fn standing(id: i64, class: i64, minutes_ago: i64) -> Standing {
        let at = NOW.minus(Span::minutes(minutes_ago));
        Standing { ticket: TicketId(id), class, order_at: at }
    }

    #[test]
    fn k_05_after_three_urgent_people_in_a_row_comes_one_who_is_not() {
        let mut waiting: Vec<Standing> = (0..20).map(|n| standing(n, 1, 20)).collect();
        waiting.extend((20..24).map(|n| standing(n, 2, 10)));
        let classes: Vec<i64> = line(&waiting, 0, &Rules::default(), NOW).into_iter().map(|at| waiting[at].class).collect();
        assert_eq!(classes[..9], [1, 1, 1, 2, 1, 1, 1, 2, 1]);
        let never = Rules { streak: 0, promote_minutes: 0, ..Rules::default() };
        let classes: Vec<i64> = line(&waiting, 0, &never, NOW).into_iter().map(|at| waiting[at].class).collect();
        assert!(classes.is_sorted());
    }

    #[test]
    fn k_05_whoever_waits_longer_than_three_quarters_of_an_hour_counts_as_one_class_more_urgent() {
        let rules = Rules { streak: 0, ..Rules::default() };
        let (elder, long) = (standing(2, 1, 10), standing(1, 2, 46));
        assert_eq!(next(&[elder, long], 0, &rules, NOW), Some(1));
        assert_eq!(next(&[elder, standing(1, 2, 45)], 0, &rules, NOW), Some(0));
    }

    #[test]
    fn the_line_is_what_calling_next_again_and_again_gives() {
        let waiting: Vec<Standing> = (0..40).map(|n| standing(n, (n * 7 % 3).min(2), (n * 13) % 60)).collect();
        let rules = Rules::default();
        let mut left: Vec<usize> = (0..waiting.len()).collect();
        let (mut streak, mut called) = (0, Vec::new());
        while !left.is_empty() {
            let standings: Vec<Standing> = left.iter().map(|&at| waiting[at]).collect();
            let at = left.remove(next(&standings, streak, &rules, NOW).unwrap());
            streak = streak_after(streak, &waiting[at]);
            called.push(at);
        }
        assert_eq!(line(&waiting, 0, &rules, NOW), called);
    }
}
