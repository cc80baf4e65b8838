//! How long somebody waits: their place among all whom their counters serve, the counters that are open, and how long serving takes. What is
//! said is a range that is rounded outward; while no counter is open nothing is said.

use std::collections::BTreeSet;
use std::fmt;

use super::Rules;
use super::look::Range;
use super::order::{self, Standing};
use crate::domain::id::{CounterId, ServiceId};
use crate::domain::time::{Span, Timestamp};

/// The expected time counts as much as so many people who were served.
pub const PRIOR: i64 = 5;
/// So many of those who were served last are looked at.
pub const SAMPLES: usize = 20;
/// Serving somebody takes longer than this; what does not was a slip of a key.
const SHORTEST: Span = Span::secs(20);
/// Serving somebody takes no more than so many times what is expected; what does was left open.
const OUTLIER: i64 = 5;
/// What ranges are rounded to, in minutes.
const STEP: i64 = 5;
/// Of a line no more are looked at one by one: the place of whoever stands behind them is that by urgency alone.
pub const SEEN: usize = super::look::Console::MOST as usize;

/// A counter, as far as somebody who waits is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Which.
    pub counter: CounterId,
    /// Somebody works there.
    pub open: bool,
    /// It has somebody.
    pub busy: bool,
    /// What it serves.
    pub services: BTreeSet<ServiceId>,
}

/// The counters that serve something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Staff {
    /// How many are open.
    pub open: i64,
    /// How many of those have nobody.
    pub free: i64,
}

/// Somebody's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Among all whom the counters serve that may call them. This is what people are told.
    pub all: i64,
    /// Among those who wait for the same. Nobody is called sooner than this says: the counters may call only these.
    pub own: i64,
}

/// The counters that serve `service`.
pub fn staff(posts: &[Post], service: ServiceId) -> Staff {
    posts
        .iter()
        .filter(|post| post.open && post.services.contains(&service))
        .fold(Staff::default(), |staff, post| Staff { open: staff.open + 1, free: staff.free + i64::from(!post.busy) })
}

/// The services whose people stand before or behind those of `service`, itself among them: what the counters serve that serve it, the open ones
/// or, while none is, all.
pub fn shared(posts: &[Post], service: ServiceId) -> BTreeSet<ServiceId> {
    let able = || posts.iter().filter(|post| post.services.contains(&service));
    let open = able().any(|post| post.open);
    let mut services: BTreeSet<ServiceId> = able().filter(|post| post.open || !open).flat_map(|post| &post.services).copied().collect();
    services.insert(service);
    services
}

/// Where everybody stands who waits, in the order in which they would be called, of the first [`SEEN`] of them. `waiting` are those of the
/// services of [`shared`], of each class of each service at least the first [`SEEN`]; `streak` says how many urgent people were called in a row.
pub fn positions(
    mut waiting: Vec<(ServiceId, Standing)>,
    streak: i64,
    rules: &Rules,
    now: Timestamp,
) -> Vec<(ServiceId, Standing, Position)> {
    let line = |waiting: &[(ServiceId, Standing)], rules: &Rules| {
        let standings: Vec<Standing> = waiting.iter().map(|(_, standing)| *standing).collect();
        order::line(&standings, streak, rules, now)
    };
    if waiting.len() > SEEN {
        let by_urgency = Rules { streak: 0, ..rules.clone() };
        waiting = line(&waiting, &by_urgency).into_iter().take(SEEN).map(|at| waiting[at]).collect();
    }
    let mut own = std::collections::BTreeMap::new();
    let line = line(&waiting, rules).into_iter().zip(1..);
    line.map(|(at, all)| {
        let (service, standing) = waiting[at];
        let own = own.entry(service).and_modify(|n| *n += 1).or_insert(1);
        (service, standing, Position { all, own: *own })
    })
    .collect()
}

/// How long serving somebody takes, as things go: what was expected and what it took last, of which some are no measure. `served` are the
/// times of those who were served, the newest first.
pub fn mean(expected: Span, served: impl IntoIterator<Item = Span>) -> Span {
    let samples = served.into_iter().filter(|took| is_measure(*took, expected)).take(SAMPLES);
    let (sum, count) =
        samples.fold((expected.0.saturating_mul(PRIOR), PRIOR), |(sum, count), took| (sum.saturating_add(took.0), count + 1));
    Span(sum / count)
}

/// Whether a time says something about how long serving takes: it is neither a slip of a key nor was it left open.
pub fn is_measure(took: Span, expected: Span) -> bool {
    (SHORTEST..=Span(expected.0.saturating_mul(OUTLIER))).contains(&took)
}

/// How long it takes until whoever has this place is called; `None` while no counter is open.
pub fn minutes(position: i64, free: i64, active: i64, mean: Span) -> Option<Span> {
    if active <= 0 {
        return None;
    }
    Some(Span((position - free).max(0).saturating_mul(mean.0) / active))
}

/// What is said of a wait.
pub const fn range(wait: Span) -> Range {
    between(wait, wait)
}

/// What is said of a wait of at least `least` and at most `most`.
const fn between(least: Span, most: Span) -> Range {
    let step = Span::minutes(STEP).0;
    let from = least.0.div_euclid(step);
    let to = most.0.div_euclid(step) + if most.0.rem_euclid(step) > 0 { 1 } else { 0 };
    Range { from: from * STEP, to: to * STEP }
}

/// How long somebody at this place waits. When the counters serve others as well, it may be as short as if they called only people of this
/// service, and as long as if every one of them called everybody else first.
pub fn estimate(position: Position, staff: Staff, mean: Span) -> Option<Range> {
    let wait = |position| minutes(position, staff.free, staff.open, mean);
    Some(between(wait(position.own)?, wait(position.all)?))
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (_, ..=0) => f.write_str("now"),
            (from, to) if from == to || to == STEP => write!(f, "~{to} min"),
            (from, to) => write!(f, "~{from}-{to} min"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::TicketId;

    const SER: ServiceId = ServiceId(1);
    const CS: ServiceId = ServiceId(2);
    const TEL: ServiceId = ServiceId(3);
    const FIVE: Span = Span::minutes(5);

    fn post(id: i64, open: bool, busy: bool, services: &[ServiceId]) -> Post {
        Post { counter: CounterId(id), open, busy, services: services.iter().copied().collect() }
    }

    #[test]
    fn e_01_each_open_counter_shortens_the_wait() {
        assert_eq!(minutes(1, 0, 3, Span::minutes(6)), Some(Span::minutes(2)));
        assert_eq!(minutes(5, 0, 3, Span::minutes(6)), Some(Span::minutes(10)));
    }

    #[test]
    fn e_02_whoever_a_free_counter_waits_for_is_called_now() {
        assert_eq!(minutes(1, 1, 3, Span::minutes(6)), Some(Span::ZERO));
        assert_eq!(range(Span::ZERO).to_string(), "now");
    }

    #[test]
    fn e_03_free_counters_take_the_first_ones_away() {
        assert_eq!(minutes(5, 2, 3, Span::minutes(6)), Some(Span::minutes(6)));
    }

    #[test]
    fn e_04_while_no_counter_is_open_no_number_is_said() {
        assert_eq!(minutes(1, 0, 0, FIVE), None);
        assert_eq!(estimate(Position { all: 1, own: 1 }, Staff::default(), FIVE), None);
        let closed = [post(1, false, false, &[SER])];
        assert_eq!(staff(&closed, SER), Staff::default());
        assert_eq!(staff(&[], SER), Staff::default());
    }

    #[test]
    fn e_05_a_range_is_rounded_outward_to_five_minutes() {
        let wait = minutes(10, 0, 4, FIVE).unwrap();
        assert_eq!(wait, Span::secs(750));
        assert_eq!(range(wait), Range { from: 10, to: 15 });
        assert_eq!(range(wait).to_string(), "~10-15 min");
    }

    #[test]
    fn e_06_the_mean_leans_on_what_is_expected_until_there_is_a_history() {
        assert_eq!(mean(FIVE, []), FIVE);
        assert_eq!(mean(FIVE, [Span::minutes(7); 5]), Span::minutes(6));
        assert_eq!(mean(FIVE, [Span::minutes(10); 20]), Span::minutes(9));
        let older = [Span::minutes(10); 20].into_iter().chain([Span::minutes(1); 20]);
        assert_eq!(mean(FIVE, older), Span::minutes(9), "only the last ones count");
    }

    #[test]
    fn e_07_a_service_that_was_left_open_overnight_changes_no_mean_and_neither_does_a_slip_of_a_key() {
        let served = [Span::minutes(7); 5];
        for odd in [Span::hours(3), Span::minutes(26), Span::secs(19)] {
            assert_eq!(mean(FIVE, std::iter::once(odd).chain(served)), mean(FIVE, served), "{odd:?}");
        }
        let last = std::iter::repeat_n(Span::hours(3), 30).chain(served);
        assert_eq!(mean(FIVE, last), Span::minutes(6), "they take nobody's place among the last ones");
        assert_ne!(mean(FIVE, std::iter::once(Span::secs(20)).chain(served)), mean(FIVE, served));
    }

    #[test]
    fn a_wait_in_words_is_never_shorter_than_it_is() {
        let check = |seconds: i64, words: &str| assert_eq!(range(Span::secs(seconds)).to_string(), words, "{seconds} s");
        check(0, "now");
        check(1, "~5 min");
        check(120, "~5 min");
        check(300, "~5 min");
        check(301, "~5-10 min");
        check(600, "~10 min");
        check(900 + 1, "~15-20 min");
        check(5_400, "~90 min");
        let wide = Range { from: 0, to: 15 };
        assert_eq!(wide.to_string(), "~0-15 min");
    }

    #[test]
    fn counters_that_serve_two_lines_make_one_of_them_while_they_are_open() {
        let posts =
            [post(1, true, true, &[SER]), post(2, true, false, &[CS]), post(3, true, true, &[SER, CS]), post(4, false, false, &[SER, TEL])];
        assert_eq!(staff(&posts, SER), Staff { open: 2, free: 0 });
        assert_eq!(staff(&posts, CS), Staff { open: 2, free: 1 });
        assert_eq!(shared(&posts, SER), BTreeSet::from([SER, CS]));
        assert_eq!(shared(&posts, TEL), BTreeSet::from([SER, TEL]), "no counter is open that serves it: each that could counts");
        assert_eq!(shared(&[], TEL), BTreeSet::from([TEL]));
    }

    #[test]
    fn a_wait_lies_between_that_of_the_own_line_and_that_of_all_of_them() {
        let place = Position { all: 10, own: 2 };
        assert_eq!(estimate(place, Staff { open: 2, free: 0 }, FIVE), Some(Range { from: 5, to: 25 }));
        assert_eq!(estimate(place, Staff { open: 2, free: 2 }, FIVE), Some(Range { from: 0, to: 20 }));
    }

    #[test]
    fn e_11_a_place_is_that_in_the_order_of_calls_among_all_lines() {
        let now = Timestamp::from_secs(1_795_168_800);
        let standing = |id: i64, class: i64, ago: i64| {
            let at = now.minus(Span::minutes(ago));
            Standing { ticket: TicketId(id), class, order_at: at }
        };
        let waiting = [(SER, standing(1, 2, 30)), (CS, standing(2, 1, 24)), (SER, standing(3, 2, 20)), (CS, standing(4, 2, 25))];
        let places = positions(waiting.to_vec(), 0, &Rules::default(), now);
        let told: Vec<(i64, i64, i64)> = places.iter().map(|(_, one, place)| (one.ticket.0, place.all, place.own)).collect();
        assert_eq!(told, [(2, 1, 1), (1, 2, 1), (4, 3, 2), (3, 4, 2)]);
        let many: Vec<(ServiceId, Standing)> = (0..2_000).map(|n| (SER, standing(n, n % 3, n))).collect();
        let places = positions(many, 0, &Rules { streak: 0, promote_minutes: 0, ..Rules::default() }, now);
        assert_eq!(places.len(), SEEN);
        assert_eq!(places[0].1.ticket, TicketId(1_998), "the most urgent class, and in it the first");
    }
}
