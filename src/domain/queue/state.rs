//! What may become of a ticket: one table, in which every pair that is not there is refused.

use super::Place;
use crate::domain::time::Timestamp;

/// Where a ticket is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Its holder waits. A transferred ticket waits again, in another line.
    #[default]
    Waiting,
    /// It was called to a counter.
    Called,
    /// Its holder is being served.
    Serving,
    /// It is put aside for a while.
    Parked,
    /// Done.
    Served,
    /// Nobody came.
    NoShow,
    /// Its holder or an operator gave it up.
    Cancelled,
    /// The day ended first.
    Expired,
}

/// What is done to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Call it to a counter.
    Call,
    /// Call it again.
    Recall,
    /// Its holder is there.
    Start,
    /// Its holder is done.
    Serve,
    /// Put it aside; without an instant until somebody calls it.
    Park(Option<Timestamp>),
    /// Back into the line.
    Return(Place),
    /// Into the line of another service.
    Transfer,
    /// Nobody came.
    NoShow,
    /// They came after all.
    Reinstate,
    /// Give it up.
    Cancel,
    /// The day is over.
    Expire,
    /// The call was a mistake: back to where it stood.
    Undo,
}

/// What cannot be done, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a ticket that {} cannot be {}", .state.is(), .act.done())]
pub struct Illegal {
    /// What the ticket is.
    pub state: State,
    /// What was to be done.
    pub act: Act,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] =
        [Self::Waiting, Self::Called, Self::Serving, Self::Parked, Self::Served, Self::NoShow, Self::Cancelled, Self::Expired];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Called => "called",
            Self::Serving => "serving",
            Self::Parked => "parked",
            Self::Served => "served",
            Self::NoShow => "no-show",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The state of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether its holder still counts on it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Called | Self::Serving | Self::Parked)
    }

    const fn is(self) -> &'static str {
        match self {
            Self::Waiting => "is waiting",
            Self::Called => "is called",
            Self::Serving => "is being served",
            Self::Parked => "is parked",
            Self::Served => "was served",
            Self::NoShow => "is a no-show",
            Self::Cancelled => "was cancelled",
            Self::Expired => "expired at the end of its day",
        }
    }

    /// What `act` makes of a ticket in this state. A call that is taken back leaves a ticket waiting, or parked when it was called from there.
    pub const fn after(self, act: Act) -> Result<Self, Illegal> {
        use State::{Called, Cancelled, Expired, NoShow, Parked, Served, Serving, Waiting};
        Ok(match (self, act) {
            (Waiting | Parked, Act::Call) | (Called, Act::Recall) => Called,
            (Called, Act::Start) => Serving,
            (Called | Serving, Act::Serve) => Served,
            (Waiting | Called | Serving, Act::Park(_)) => Parked,
            (Called | Serving | Parked, Act::Return(_))
            | (Waiting | Called | Serving | Parked, Act::Transfer)
            | (NoShow, Act::Reinstate)
            | (Called, Act::Undo) => Waiting,
            (Called, Act::NoShow) => NoShow,
            (Waiting | Called | Parked, Act::Cancel) => Cancelled,
            (Waiting | Called | Parked, Act::Expire) => Expired,
            (state, act) => return Err(Illegal { state, act }),
        })
    }
}

impl Act {
    /// The name in the log and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Recall => "recall",
            Self::Start => "start",
            Self::Serve => "serve",
            Self::Park(_) => "park",
            Self::Return(_) => "return",
            Self::Transfer => "transfer",
            Self::NoShow => "no-show",
            Self::Reinstate => "reinstate",
            Self::Cancel => "cancel",
            Self::Expire => "expire",
            Self::Undo => "undo",
        }
    }

    const fn done(self) -> &'static str {
        match self {
            Self::Call => "called",
            Self::Recall => "called again",
            Self::Start => "begun",
            Self::Serve => "served",
            Self::Park(_) => "parked",
            Self::Return(_) => "put back into the line",
            Self::Transfer => "transferred",
            Self::NoShow => "made a no-show",
            Self::Reinstate => "reinstated",
            Self::Cancel => "cancelled",
            Self::Expire => "ended with the day",
            Self::Undo => "called back",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: states; columns: acts. `-` is refused.
    const TABLE: [(State, &str); 8] = [
        //                 call recall start serve park return transfer no-show reinstate cancel expire undo
        (State::Waiting, "called - - - parked - waiting - - cancelled expired -"),
        (State::Called, "- called serving served parked waiting waiting no-show - cancelled expired waiting"),
        (State::Serving, "- - - served parked waiting waiting - - - - -"),
        (State::Parked, "called - - - - waiting waiting - - cancelled expired -"),
        (State::Served, "- - - - - - - - - - - -"),
        (State::NoShow, "- - - - - - - - waiting - - -"),
        (State::Cancelled, "- - - - - - - - - - - -"),
        (State::Expired, "- - - - - - - - - - - -"),
    ];

    #[test]
    fn k_17_every_pair_of_state_and_act_is_decided_and_the_rest_refused_with_the_present_state() {
        let acts = [
            Act::Call,
            Act::Recall,
            Act::Start,
            Act::Serve,
            Act::Park(None),
            Act::Return(Place::First),
            Act::Transfer,
            Act::NoShow,
            Act::Reinstate,
            Act::Cancel,
            Act::Expire,
            Act::Undo,
        ];
        for (state, row) in TABLE {
            for (act, want) in acts.into_iter().zip(row.split(' ')) {
                let got = state.after(act);
                match want {
                    "-" => assert_eq!(got, Err(Illegal { state, act })),
                    name => assert_eq!(got.map(State::name), Ok(name), "{state:?} {act:?}"),
                }
            }
        }
        let refused = State::Waiting.after(Act::Serve).unwrap_err();
        assert_eq!(refused.to_string(), "a ticket that is waiting cannot be served");
    }
}
