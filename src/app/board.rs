//! The public display as a state machine: who is called, one after the other, for weeks. Pure, as [`super::App`] is.
//!
//! Calls are known by their numbers. What is new in an answer waits in a queue and is shown in order, each for a while, so that two calls in one
//! second are both seen. Everything kept here is bounded.

use std::collections::{BTreeSet, VecDeque};

use super::effect::{Effect, Loaded, Query, Write};
use super::key;
use super::msg::{Code, Cx, Input, Key, Msg};
use super::reach::{Reach, next_minute};
use crate::domain::hint::Hint;
use crate::domain::id::{DepartmentId, TicketId, VenueId};
use crate::domain::queue::State;
use crate::domain::queue::look::{Announcement, Board};
use crate::domain::queue::signs::Tongue;
use crate::domain::time::{Span, Timestamp};

/// How long a call is shown before the next one that waits.
const HOLD: Span = Span::secs(4);
/// How long the display is reversed, and how long not, while it flashes.
const FLASH: Span = Span::millis(400);
/// How often it flashes.
const FLASHES: i64 = 3;
/// Calls that may wait to be shown; of more the oldest are seen among the previous calls only.
const WAITING: usize = 20;
/// Calls that may wait to be said; more than that are not said, and a mark tells it.
const TO_SAY: u32 = 12;
/// Numbers of calls that are remembered.
const REMEMBERED: usize = 4 * Board::CALLS as usize;
/// How often it is looked up where messages can be sent to.
const NUMBER: Span = Span::hours(1);

/// What a display is for.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Which venue.
    pub venue: VenueId,
    /// Which department; all without.
    pub department: Option<DepartmentId>,
    /// The language; by the venue's zone without.
    pub tongue: Option<Tongue>,
    /// There is a command that says calls aloud.
    pub speaks: bool,
}

/// Everything the public display knows.
#[derive(Debug)]
pub struct Display {
    setting: Setting,
    pub(crate) board: Option<Board>,
    pub(crate) shown: Option<Shown>,
    waiting: VecDeque<Announcement>,
    seen: BTreeSet<i64>,
    /// No call with a number as low as this is new.
    floor: i64,
    pub(crate) reach: Reach,
    /// Why the first answer has not come.
    pub(crate) problem: Option<String>,
    /// The last call could not be said.
    pub(crate) mute: bool,
    /// Where messages can be sent to; empty when nowhere.
    pub(crate) number: String,
    number_seq: u64,
    number_at: Timestamp,
    saying: u32,
    tickets: u64,
    seq: u64,
    minute_at: Timestamp,
    pub(crate) light: bool,
    size: (u16, u16),
    dirty: bool,
    wake: Option<Timestamp>,
    out: Vec<Effect>,
}

/// The call that is shown large.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// Which.
    pub(crate) call: Announcement,
    /// Since when; nothing when it was there before the display was.
    since: Option<Timestamp>,
    /// It is shown reversed now.
    pub(crate) reversed: bool,
}

impl Shown {
    /// It is called just now: its holder is looked for.
    pub(crate) fn is_fresh(&self) -> bool {
        self.since.is_some() && self.call.state == State::Called
    }

    /// The flash as it is at `now`, and when it turns.
    fn flash(&self, now: Timestamp) -> (bool, Option<Timestamp>) {
        let Some(since) = self.since else { return (false, None) };
        let turns = (now.since(since).0 / FLASH.0).max(0);
        let on = turns < 2 * FLASHES;
        (on && turns % 2 == 0, on.then(|| since.plus(Span((turns + 1) * FLASH.0))))
    }
}

impl Display {
    /// A display of `size` (columns, rows) that has loaded nothing yet.
    pub fn new(setting: Setting, size: (u16, u16)) -> Self {
        Self {
            setting,
            board: None,
            shown: None,
            waiting: VecDeque::new(),
            seen: BTreeSet::new(),
            floor: i64::MIN,
            reach: Reach::default(),
            problem: None,
            mute: false,
            number: String::new(),
            number_seq: 0,
            number_at: Timestamp(i64::MIN),
            saying: 0,
            tickets: 0,
            seq: 0,
            minute_at: Timestamp(i64::MIN),
            light: false,
            size,
            dirty: true,
            wake: None,
            out: Vec::new(),
        }
    }

    /// The first things to do.
    pub fn start(&mut self, cx: &Cx) -> Vec<Effect> {
        self.settle(cx);
        std::mem::take(&mut self.out)
    }

    /// One turn. Never awaits, never fails.
    pub fn update(&mut self, msg: Msg, cx: &Cx) -> Vec<Effect> {
        match msg {
            Msg::Input(Input::Key(key)) => self.key(key::normal(key)),
            Msg::Input(Input::Resize { columns, rows }) => {
                self.size = (columns, rows);
                self.dirty = true;
            }
            Msg::Changed(Hint::Queue(venue)) if venue == self.setting.venue => self.load(),
            Msg::Changed(Hint::Everything) => self.load(),
            Msg::Loaded { result: Ok(Loaded::Board(board)), .. } => self.take_board(*board),
            Msg::Loaded { result: Ok(Loaded::Kiosk(kiosk)), .. } => {
                self.dirty |= self.number != kiosk.number;
                self.number = kiosk.number;
            }
            // Where messages go to is asked for again with the next board.
            Msg::Loaded { seq, result: Err(_) } if seq == self.number_seq => self.number_at = cx.now.plus(Span::minutes(1)),
            Msg::Loaded { result: Err(why), .. } => {
                self.dirty |= self.reach.lost.is_none();
                self.reach.failed(cx.now);
                self.problem = Some(why).filter(|_| self.board.is_none());
            }
            Msg::Wrote { result, .. } => {
                self.saying = self.saying.saturating_sub(1);
                self.dirty |= self.mute != result.is_err();
                self.mute = result.is_err();
            }
            Msg::Background { light } => {
                self.dirty |= self.light != light;
                self.light = light;
            }
            _ => {}
        }
        self.settle(cx);
        std::mem::take(&mut self.out)
    }

    /// When the display next changes by itself.
    pub const fn wake_at(&self) -> Option<Timestamp> {
        self.wake
    }

    /// Whether it has to be painted since this was last asked.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// Its size in columns and rows.
    pub const fn size(&self) -> (u16, u16) {
        self.size
    }

    /// How many things it keeps: for those who watch that it does not grow.
    pub fn kept(&self) -> usize {
        self.waiting.len() + self.seen.len() + self.out.capacity()
    }

    /// The language it speaks.
    pub(crate) fn tongue(&self) -> Tongue {
        self.setting.tongue.or_else(|| self.board.as_ref().map(|board| Tongue::at(board.venue.zone))).unwrap_or_default()
    }

    /// The calls before the one that is shown, the newest first, each ticket once.
    pub(crate) fn previous(&self) -> Vec<&Announcement> {
        let mut tickets: Vec<TicketId> = self.shown.iter().map(|shown| shown.call.ticket).collect();
        let mut calls = Vec::new();
        for call in self.board.iter().flat_map(|board| &board.calls) {
            let waits = self.waiting.iter().any(|waiting| waiting.id == call.id);
            if !waits && stands(call) && !tickets.contains(&call.ticket) {
                tickets.push(call.ticket);
                calls.push(call);
            }
        }
        calls
    }

    /// Only what leaves has a key, and what cleans a screen that somebody else wrote on.
    fn key(&mut self, key: Key) {
        match (key.code, key.ctrl, key.alt) {
            (Code::Esc | Code::Char('q'), false, false) => self.out.push(Effect::Quit),
            (Code::Char('l'), true, false) => self.out.push(Effect::Redraw),
            _ => {}
        }
    }

    fn load(&mut self) {
        let Setting { venue, department, .. } = self.setting;
        self.seq += 1;
        self.out.push(Effect::Load { seq: self.seq, query: Query::Board { venue, department } });
    }

    fn take_board(&mut self, board: Board) {
        let missed = self.reach.answered();
        self.problem = None;
        let first = self.board.is_none();
        self.dirty |= missed || self.board.as_ref().is_none_or(|old| !looks_alike(old, &board));
        self.follow(&board);
        let mut fresh = self.fresh(&board);
        // Whoever was called while nothing could be seen stands among the previous calls; the last one may still be on the way.
        let told = match () {
            () if first => 0,
            () if missed => usize::from(fresh.last().is_some_and(|call| call.state == State::Called)),
            () => fresh.len(),
        };
        if missed && told == 0 {
            self.shown = None;
        }
        self.waiting.extend(fresh.drain(fresh.len() - told..));
        let over = self.waiting.len().saturating_sub(WAITING);
        self.waiting.drain(..over);
        self.board = Some(board);
        if self.shown.is_none() {
            self.shown = self.previous().first().map(|call| Shown { call: (*call).clone(), since: None, reversed: false });
        }
    }

    /// What waits and what is shown become what they are now: somebody may have taken a call back.
    fn follow(&mut self, board: &Board) {
        let now = |call: &Announcement| board.calls.iter().find(|known| known.id == call.id).cloned();
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting = waiting.into_iter().map(|call| now(&call).unwrap_or(call)).filter(stands).collect();
        // What is not told of any more is of another day.
        self.shown = self.shown.take().and_then(|shown| {
            let call = now(&shown.call).filter(stands)?;
            Some(Shown { call, ..shown })
        });
    }

    /// The calls that were not there before, the oldest first. Their numbers need not come in order: whoever called first may be stored last.
    fn fresh(&mut self, board: &Board) -> Vec<Announcement> {
        if self.board.is_none() && board.calls.len() >= Board::CALLS as usize {
            self.floor = board.calls.iter().map(|call| call.id).min().unwrap_or(self.floor).saturating_sub(1);
        }
        let (floor, seen) = (self.floor, &mut self.seen);
        let mut fresh: Vec<Announcement> = board.calls.iter().filter(|call| call.id > floor && seen.insert(call.id)).cloned().collect();
        while self.seen.len() > REMEMBERED {
            self.floor = self.seen.pop_first().unwrap_or(self.floor);
        }
        fresh.retain(stands);
        fresh.sort_by_key(|call| call.id);
        fresh
    }

    /// The clock may have been set back: nothing is further away than it ever is, or the screen would stand still until the old time comes again.
    fn keep_near(&mut self, now: Timestamp) {
        let minute = next_minute(now);
        if self.minute_at > minute {
            self.minute_at = now;
        }
        self.number_at = self.number_at.min(now.plus(NUMBER));
        if let Some(since) = self.shown.as_mut().and_then(|shown| shown.since.as_mut()) {
            *since = now.min(*since);
        }
        self.reach.keep_near(now);
    }

    /// What has come due happens, and the next instant is found.
    fn settle(&mut self, cx: &Cx) {
        let now = cx.now;
        self.keep_near(now);
        let retries = self.reach.begins_to_try(now);
        if now >= self.minute_at {
            self.minute_at = next_minute(now);
            self.dirty = true;
            // Also how it is noticed that nobody answers, on a quiet day.
            if self.reach.retry_at().is_none() {
                self.load();
            }
        } else if retries {
            self.load();
        }
        if now >= self.number_at && self.reach.lost.is_none() {
            self.number_at = now.plus(NUMBER);
            self.seq += 1;
            self.number_seq = self.seq;
            self.out.push(Effect::Load { seq: self.seq, query: Query::Kiosk { venue: self.setting.venue } });
        }
        let held_until = self.shown.as_ref().and_then(|shown| shown.since).map(|since| since.plus(HOLD));
        if held_until.is_none_or(|until| until <= now)
            && let Some(call) = self.waiting.pop_front()
        {
            self.say(&call);
            self.shown = Some(Shown { call, since: Some(now), reversed: false });
            self.dirty = true;
        }
        let mut turns_at = None;
        if let Some(shown) = &mut self.shown {
            let (reversed, next) = shown.flash(now);
            self.dirty |= reversed != shown.reversed;
            shown.reversed = reversed;
            turns_at = next;
        }
        let held_until = self.shown.as_ref().and_then(|shown| shown.since).map(|since| since.plus(HOLD));
        let next_call = held_until.filter(|_| !self.waiting.is_empty());
        self.wake = [Some(self.minute_at), self.reach.retry_at(), next_call, turns_at].into_iter().flatten().min();
    }

    fn say(&mut self, call: &Announcement) {
        if !self.setting.speaks {
            return;
        }
        if self.saying >= TO_SAY {
            self.mute = true;
            return;
        }
        self.saying += 1;
        self.tickets += 1;
        self.out.push(Effect::Write { ticket: self.tickets, write: Write::Announce(call.clone()) });
    }
}

/// Somebody is meant by the call, or was until they were served.
fn stands(call: &Announcement) -> bool {
    !call.withdrawn && matches!(call.state, State::Called | State::Serving | State::Served)
}

fn looks_alike(old: &Board, new: &Board) -> bool {
    let Board { venue, department, calls, next, lines, version: _ } = old;
    (venue, department, calls, next, lines) == (&new.venue, &new.department, &new.calls, &new.next, &new.lines)
}
