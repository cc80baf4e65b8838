//! What the holder of a ticket is to be told: what is true of it now and was not said yet, each thing once. Nobody is told of what has passed
//! meanwhile, or that their place got worse.

use super::{Rules, State, Ticket};
use crate::domain::time::Span;

/// What holders are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// They have a ticket.
    Created,
    /// It is not long any more.
    Soon,
    /// They are called next.
    Next,
    /// They are called, or called again.
    Turn,
    /// Their ticket was moved to another service.
    Moved,
    /// Their ticket was cancelled.
    Cancelled,
}

/// Something that is told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Notice {
    /// What.
    pub kind: Kind,
    /// Which time: the instant of the call for [`Kind::Turn`], how often the ticket was moved for what is of one line, else 0.
    pub occasion: i64,
}

/// What settles is told so long after it became true, so that what follows at once is told instead.
pub const SETTLING: Span = Span::secs(3);

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Created, Self::Soon, Self::Next, Self::Turn, Self::Moved, Self::Cancelled];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Soon => "soon",
            Self::Next => "next",
            Self::Turn => "turn",
            Self::Moved => "moved",
            Self::Cancelled => "cancelled",
        }
    }

    /// The one of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it may be followed by something better within [`SETTLING`].
    pub const fn settles(self) -> bool {
        matches!(self, Self::Created | Self::Soon | Self::Next)
    }
}

impl Notice {
    /// Of a ticket, now.
    const fn of(kind: Kind, ticket: &Ticket) -> Self {
        let occasion = match (kind, ticket.called_at) {
            (Kind::Turn, Some(at)) => at.0,
            (Kind::Moved | Kind::Soon | Kind::Next, _) => ticket.transfers,
            _ => 0,
        };
        Self { kind, occasion }
    }

    /// Whether it says what is true no more, so that it is better not said. `position` is the ticket's place in its line.
    pub fn is_past(&self, ticket: &Ticket, position: Option<i64>, rules: &Rules) -> bool {
        let still = match self.kind {
            Kind::Created | Kind::Moved => matches!(ticket.state, State::Waiting | State::Parked),
            Kind::Soon => ticket.state == State::Waiting && is_soon(position, rules),
            Kind::Next => ticket.state == State::Waiting && position == Some(1),
            Kind::Turn => ticket.state == State::Called,
            Kind::Cancelled => ticket.state == State::Cancelled,
        };
        !still || Self::of(self.kind, ticket).occasion != self.occasion
    }

    /// Whether it can become true again, on the same occasion.
    pub const fn comes_back(&self) -> bool {
        matches!(self.kind, Kind::Soon | Kind::Next)
    }

    /// What need not be said any more once this is: it says that as well, or something better.
    pub fn covers(&self, ticket: &Ticket, position: Option<i64>, rules: &Rules) -> Vec<Self> {
        let of = |kind| Self::of(kind, ticket);
        let mut covered = match self.kind {
            // They tell the place, whatever it is.
            Kind::Created | Kind::Moved => {
                let mut covered = vec![of(Kind::Created)];
                covered.extend((ticket.transfers > 0).then(|| of(Kind::Moved)));
                covered.extend((position == Some(1) || is_soon(position, rules)).then(|| of(Kind::Soon)));
                covered.extend((position == Some(1)).then(|| of(Kind::Next)));
                covered
            }
            Kind::Next => vec![of(Kind::Soon)],
            Kind::Turn => vec![of(Kind::Created), of(Kind::Moved)],
            Kind::Soon | Kind::Cancelled => Vec::new(),
        };
        covered.retain(|notice| notice != self);
        covered
    }
}

/// Whether a place is one at which it is soon, and not yet the first.
fn is_soon(position: Option<i64>, rules: &Rules) -> bool {
    position.is_some_and(|place| (2..=rules.soon).contains(&place))
}

/// What the holder is to be told now; `told` is what was told, or need not be. `position` is the ticket's place in its line.
pub fn due(ticket: &Ticket, position: Option<i64>, rules: &Rules, told: &[Notice]) -> Option<Notice> {
    let new = |kind: Kind| Some(Notice::of(kind, ticket)).filter(|notice| !told.contains(notice));
    match ticket.state {
        State::Called => new(Kind::Turn),
        State::Cancelled => new(Kind::Cancelled),
        State::Waiting => {
            let moved = || new(Kind::Moved).filter(|_| ticket.transfers > 0);
            let next = || new(Kind::Next).filter(|_| position == Some(1));
            // Whoever was told that they are next is not told that it is only soon.
            let soon = || new(Kind::Soon).filter(|_| is_soon(position, rules) && new(Kind::Next).is_some());
            new(Kind::Created).or_else(moved).or_else(next).or_else(soon)
        }
        State::Serving | State::Parked | State::Served | State::NoShow | State::Expired => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{ServiceId, TicketId, VenueId};
    use crate::domain::queue::Priority;
    use crate::domain::time::Timestamp;

    const NOW: Timestamp = Timestamp::from_secs(1_795_176_000);

    fn ticket(state: State) -> Ticket {
        Ticket {
            id: TicketId(1),
            venue: VenueId(1),
            service: ServiceId(1),
            issued_for: ServiceId(1),
            label: "SER-051".to_owned(),
            number: 51,
            day: 0,
            carried: false,
            state,
            priority: Priority::Normal,
            arrived_at: NOW,
            order_at: NOW,
            first_called_at: None,
            called_at: None,
            recalls: 0,
            serving_at: None,
            ended_at: None,
            counter: None,
            parked_until: None,
            transfers: 0,
            phone: String::new(),
            name: String::new(),
            note: String::new(),
            language: String::new(),
            contact: None,
            conversation: None,
            told: String::new(),
            version: 0,
        }
    }

    fn called(at: i64) -> Ticket {
        Ticket { called_at: Some(NOW.plus(Span::secs(at))), ..ticket(State::Called) }
    }

    /// Tells whatever is due in each of these situations, and gives what was told.
    fn told(situations: &[(Ticket, Option<i64>)]) -> Vec<Kind> {
        let (mut said, mut told) = (Vec::new(), Vec::new());
        for (ticket, position) in situations {
            if let Some(notice) = due(ticket, *position, &Rules::default(), &told) {
                told.extend(notice.covers(ticket, *position, &Rules::default()));
                told.push(notice);
                said.push(notice.kind);
            }
        }
        said
    }

    fn waiting(position: i64) -> (Ticket, Option<i64>) {
        (ticket(State::Waiting), Some(position))
    }

    #[test]
    fn e_08_each_place_is_told_once_and_never_that_it_got_worse() {
        assert_eq!(told(&[waiting(7), waiting(3), waiting(4), waiting(3), waiting(2)]), [Kind::Created, Kind::Soon]);
        assert_eq!(told(&[waiting(7), waiting(1), waiting(2), waiting(3), waiting(1)]), [Kind::Created, Kind::Next]);
    }

    #[test]
    fn e_09_whoever_is_called_before_anything_was_told_is_told_that_alone() {
        let back = Ticket { called_at: Some(NOW), ..ticket(State::Waiting) };
        assert_eq!(told(&[(called(2), None)]), [Kind::Turn]);
        assert_eq!(told(&[(called(2), None), (back, Some(9))]), [Kind::Turn], "and not afterwards that they have a ticket");
    }

    #[test]
    fn e_10_from_the_third_place_to_the_first_is_only_being_next() {
        assert_eq!(told(&[waiting(7), waiting(3), waiting(1)]), [Kind::Created, Kind::Soon, Kind::Next]);
        assert_eq!(told(&[waiting(7), waiting(1)]), [Kind::Created, Kind::Next]);
        assert_eq!(
            told(&[waiting(3), waiting(2), waiting(1)]),
            [Kind::Created, Kind::Next],
            "what they have says the place it was made at"
        );
        assert_eq!(told(&[waiting(1), waiting(1)]), [Kind::Created]);
    }

    #[test]
    fn k_06_each_call_is_told_once() {
        assert_eq!(told(&[(called(0), None), (called(0), None), (called(30), None), (called(30), None)]), [Kind::Turn, Kind::Turn]);
    }

    #[test]
    fn k_10_a_move_is_told_once_each_with_the_places_of_the_new_line() {
        let moved = |transfers, position| (Ticket { transfers, ..ticket(State::Waiting) }, Some(position));
        assert_eq!(told(&[waiting(7), moved(1, 6), moved(1, 3), moved(2, 6)]), [Kind::Created, Kind::Moved, Kind::Soon, Kind::Moved]);
        assert_eq!(told(&[moved(1, 6), moved(1, 6)]), [Kind::Created], "whoever knew nothing of it is told where it is now");
    }

    #[test]
    fn nothing_is_told_of_what_is_aside_or_over_but_that_it_was_cancelled() {
        for state in State::ALL {
            let want: &[Kind] = match state {
                State::Waiting => &[Kind::Created],
                State::Called => &[Kind::Turn],
                State::Cancelled => &[Kind::Cancelled],
                _ => &[],
            };
            assert_eq!(told(&[(ticket(state), None), (ticket(state), None)]), want, "{state:?}");
        }
    }

    #[test]
    fn what_is_not_true_any_more_is_past() {
        let rules = Rules::default();
        let past = |kind: Kind, (ticket, position): (Ticket, Option<i64>)| Notice { kind, occasion: 0 }.is_past(&ticket, position, &rules);
        assert!(!past(Kind::Soon, waiting(2)) && past(Kind::Soon, waiting(4)) && past(Kind::Soon, waiting(1)));
        assert!(!past(Kind::Next, waiting(1)) && past(Kind::Next, waiting(2)) && past(Kind::Next, (called(0), None)));
        assert!(!past(Kind::Created, waiting(9)) && past(Kind::Created, (ticket(State::Served), None)));
        let turn = Notice::of(Kind::Turn, &called(0));
        assert!(!turn.is_past(&called(0), None, &rules) && turn.is_past(&called(30), None, &rules));
        assert!(turn.is_past(&ticket(State::Serving), None, &rules) && turn.is_past(&ticket(State::NoShow), None, &rules));
        assert!(Kind::ALL.into_iter().all(|kind| Kind::of(kind.name()) == Some(kind)));
    }
}
