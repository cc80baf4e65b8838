//! The kiosk as a state machine: somebody chooses a service by its number, may give a phone number and a priority, and gets a ticket. Pure, as
//! [`super::App`] is.
//!
//! Whoever stands before it is a stranger, and another one comes next: what they typed goes after a while without keys, one press never makes two
//! tickets (every try of one visit carries the same key), nothing is printed before it is stored, and what leaves the kiosk is a word that
//! nobody types by chance.

use super::board::Setting;
use super::effect::{Effect, Loaded, Query, Write, Wrote};
use super::key;
use super::layout::{Rect, SMALLEST};
use super::msg::{Code, Cx, Input, Key, MouseAct, Msg};
use super::reach::{Reach, next_minute};
use crate::domain::hint::Hint;
use crate::domain::id::ServiceId;
use crate::domain::queue::Priority;
use crate::domain::queue::look::{Answer, Ask, Issue, Kiosk, Offer, Place};
use crate::domain::queue::signs::Tongue;
use crate::domain::time::{Span, Timestamp};

/// After so long without a key the next person is welcomed.
const IDLE: Span = Span::secs(15);
/// A key that comes so soon after the one that did it was pressed twice.
const TWICE: Span = Span::secs(3);
/// A touch so soon after another one is no wish of its own, whatever stands there by then.
const BOUNCE: Span = Span::millis(400);
/// Services on a page, and when there are more pages than one.
const PAGE: usize = 9;
const PAGE_OF_MORE: usize = 8;
/// The digits that a phone number has.
const PHONE: std::ops::RangeInclusive<usize> = 8..=15;
/// The word that leaves, and within which time its letters have to come.
const LEAVE: &str = "quit";
const LEAVE_WITHIN: Span = Span::secs(3);
/// The priorities somebody can ask for, in the order of the words for them.
pub(crate) const KINDS: [Priority; 3] = [Priority::Elder, Priority::Disabled, Priority::Pregnant];

/// Everything a kiosk knows.
#[derive(Debug)]
pub struct Stand {
    setting: Setting,
    prints: bool,
    pub(crate) kiosk: Option<Kiosk>,
    pub(crate) step: Step,
    tongue: Option<Tongue>,
    pub(crate) page: usize,
    pub(crate) reach: Reach,
    /// The last ticket could not be printed: staff see a mark.
    pub(crate) printer_broken: bool,
    idle_at: Option<Timestamp>,
    /// Until then a key is the second press of one that did something.
    deaf_until: Timestamp,
    /// Until then a touch is the second one of a pair.
    bounces_until: Timestamp,
    leaving: (usize, Timestamp),
    issuing: u64,
    printing: u64,
    tickets: u64,
    seq: u64,
    minute_at: Timestamp,
    pub(crate) light: bool,
    size: (u16, u16),
    dirty: bool,
    wake: Option<Timestamp>,
    out: Vec<Effect>,
}

/// How far somebody is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nobody, or somebody who reads what there is.
    #[default]
    Choose,
    /// A service was chosen.
    Details(Details),
    /// The ticket is being stored.
    Issuing(Details),
    /// It is theirs.
    Done {
        /// The ticket.
        place: Box<Place>,
        /// What became of the paper.
        paper: Paper,
    },
    /// There is none.
    Sorry {
        /// Why.
        why: String,
        /// What they wanted: it is tried again with the same key.
        details: Details,
    },
}

/// What somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Details {
    /// For what.
    pub(crate) service: ServiceId,
    /// How urgent.
    pub(crate) priority: Priority,
    /// What was typed of a phone number.
    pub(crate) phone: String,
    /// What was typed is none.
    pub(crate) wrong: bool,
    /// The same for every try.
    key: String,
}

/// What became of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paper {
    /// There is no printer.
    None,
    /// It is on its way.
    Printing,
    /// It is there.
    Printed,
    /// The printer does not work.
    Failed,
}

/// What can be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Press {
    /// One of the services, by its place in all of them.
    Service(usize),
    /// The next page of them.
    More,
    /// A priority, or none again.
    Priority(Priority),
    /// The ticket.
    Take,
    /// Back.
    Back,
    /// The other language.
    Tongue,
}

impl Stand {
    /// A kiosk of `size` (columns, rows) that has loaded nothing yet. `prints` says that there is a command that prints.
    pub fn new(setting: Setting, prints: bool, size: (u16, u16)) -> Self {
        Self {
            setting,
            prints,
            kiosk: None,
            step: Step::Choose,
            tongue: None,
            page: 0,
            reach: Reach::default(),
            printer_broken: false,
            idle_at: None,
            deaf_until: Timestamp(i64::MIN),
            bounces_until: Timestamp(i64::MIN),
            leaving: (0, Timestamp(i64::MIN)),
            issuing: 0,
            printing: 0,
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
            Msg::Input(input) => self.input(&input, cx),
            Msg::Changed(Hint::Queue(venue)) if venue == self.setting.venue => self.load(),
            Msg::Changed(Hint::Everything) => self.load(),
            Msg::Loaded { result: Ok(Loaded::Kiosk(kiosk)), .. } => {
                self.dirty |= self.reach.answered() || self.kiosk.as_ref() != Some(&kiosk);
                self.kiosk = Some(*kiosk);
            }
            Msg::Loaded { result: Err(_), .. } => {
                self.dirty |= self.reach.lost.is_none();
                self.reach.failed(cx.now);
            }
            Msg::Wrote { ticket, result } if ticket == self.issuing => self.issued(result, cx),
            Msg::Wrote { ticket, result } if ticket == self.printing => self.printed(result.is_ok()),
            Msg::Background { light } => {
                self.dirty |= self.light != light;
                self.light = light;
            }
            _ => {}
        }
        self.settle(cx);
        std::mem::take(&mut self.out)
    }

    /// When the kiosk next changes by itself.
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

    /// The language it speaks now.
    pub(crate) fn tongue(&self) -> Tongue {
        self.tongue.unwrap_or_else(|| self.usual_tongue())
    }

    /// The services on the page that is shown, with their places in all of them.
    pub(crate) fn offers(&self) -> impl Iterator<Item = (usize, &Offer)> {
        let offers = self.kiosk.as_ref().map_or(&[][..], |kiosk| &kiosk.offers);
        let page = self.page_size();
        offers.iter().enumerate().skip(self.page * page).take(page)
    }

    /// The service that was chosen.
    pub(crate) fn chosen(&self, service: ServiceId) -> Option<&Offer> {
        self.kiosk.as_ref()?.offers.iter().find(|offer| offer.line.service.id == service)
    }

    /// What can be pressed now, and where it stands.
    pub(crate) fn buttons(&self) -> Vec<(Rect, Press)> {
        let (w, h) = self.size;
        if w < SMALLEST.0 || h < SMALLEST.1 {
            return Vec::new();
        }
        let tongue = (Rect::new(0, h - 1, w, 1), Press::Tongue);
        match &self.step {
            Step::Choose => {
                let presses: Vec<Press> =
                    self.offers().map(|(at, _)| Press::Service(at)).chain(self.has_more().then_some(Press::More)).collect();
                let columns = (w / 40).clamp(2, 3);
                let rows = (presses.len() as u16).div_ceil(columns).max(1);
                // A row stays free between them where there is room.
                let tall = ((h - 6).saturating_sub(rows - 1) / rows).clamp(1, 8);
                let (tall, apart) = if tall < 3 { (((h - 6) / rows).max(1), 0) } else { (tall, 1) };
                let wide = (w - 2) / columns;
                let place = |n: usize| {
                    let (column, row) = (n as u16 % columns, n as u16 / columns);
                    Rect::new(1 + column * wide, 4 + row * (tall + apart), wide - 1, tall)
                };
                presses.into_iter().enumerate().map(|(n, press)| (place(n), press)).chain([tongue]).collect()
            }
            Step::Details(_) => {
                let wide = (w - 2) / 3;
                let top = if h < 20 { 8 } else { 11 };
                let kind = |n: usize| Rect::new(1 + n as u16 * wide, top, wide - 1, 3.min(h - top - 2));
                let kinds = KINDS.into_iter().enumerate().map(|(n, priority)| (kind(n), Press::Priority(priority)));
                let foot = [(Rect::new(0, h - 1, w / 2, 1), Press::Take), (Rect::new(w / 2, h - 1, w - w / 2, 1), Press::Back)];
                kinds.chain(foot).collect()
            }
            Step::Issuing(_) => Vec::new(),
            Step::Sorry { .. } => vec![(Rect::new(0, h - 1, w / 2, 1), Press::Take), (Rect::new(0, 0, w, h), Press::Back)],
            Step::Done { .. } => vec![(Rect::new(0, 0, w, h), Press::Back)],
        }
    }

    /// There are more services than fit on a page.
    pub(crate) fn has_more(&self) -> bool {
        self.page_size() == PAGE_OF_MORE
    }

    fn page_size(&self) -> usize {
        let count = self.kiosk.as_ref().map_or(0, |kiosk| kiosk.offers.len());
        if count > PAGE { PAGE_OF_MORE } else { PAGE }
    }

    fn usual_tongue(&self) -> Tongue {
        self.setting.tongue.or_else(|| self.kiosk.as_ref().map(|kiosk| Tongue::at(kiosk.venue.zone))).unwrap_or_default()
    }

    fn input(&mut self, input: &Input, cx: &Cx) {
        match *input {
            Input::Key(key) => self.key(key::normal(key), cx),
            Input::Mouse { act: MouseAct::Press, column, row } => {
                let hit = self.buttons().into_iter().find(|(place, _)| place.contains(column, row));
                let twice = cx.now < self.bounces_until || (self.is_over() && cx.now < self.deaf_until);
                if let Some((_, press)) = hit.filter(|_| !twice) {
                    self.press(press, cx);
                }
            }
            Input::Resize { columns, rows } => {
                self.size = (columns, rows);
                self.dirty = true;
            }
            // Nobody pastes here, and a wheel turns nothing.
            _ => {}
        }
    }

    fn key(&mut self, key: Key, cx: &Cx) {
        if key.ctrl || key.alt {
            if key.code == Code::Char('l') && key.ctrl {
                self.out.push(Effect::Redraw);
            }
            return;
        }
        if self.leaves(key, cx) {
            return self.out.push(Effect::Quit);
        }
        let press = match (&self.step, key.code) {
            (Step::Choose, Code::Char(digit @ '1'..='9')) => self.digit(digit),
            (Step::Choose, Code::Char('0') | Code::Tab) => Some(Press::Tongue),
            (Step::Choose, Code::PageDown | Code::Right) if self.has_more() => Some(Press::More),
            (Step::Details(_), Code::Enter) => Some(Press::Take),
            (Step::Details(_), Code::Esc) => Some(Press::Back),
            (Step::Details(_), code) => return self.type_details(code, cx),
            // A second press of what brought us here is no wish to leave.
            _ if cx.now < self.deaf_until => None,
            (Step::Sorry { .. }, Code::Enter) => Some(Press::Take),
            (Step::Done { .. } | Step::Sorry { .. }, Code::Enter | Code::Esc | Code::Char('0'..='9')) => Some(Press::Back),
            _ => None,
        };
        if let Some(press) = press {
            self.press(press, cx);
        }
    }

    fn digit(&self, digit: char) -> Option<Press> {
        let n = digit.to_digit(10)? as usize;
        if self.has_more() && n == PAGE {
            return Some(Press::More);
        }
        self.offers().nth(n - 1).map(|(at, _)| Press::Service(at))
    }

    fn press(&mut self, press: Press, cx: &Cx) {
        self.dirty = true;
        self.idle_at = Some(cx.now.plus(IDLE));
        self.bounces_until = cx.now.plus(BOUNCE);
        match press {
            Press::Service(at) => {
                let Some(kiosk) = self.kiosk.as_ref().filter(|_| self.reach.lost.is_none()) else { return };
                let Some(offer) = kiosk.offers.get(at).filter(|offer| !offer.closed) else { return };
                let details = Details {
                    service: offer.line.service.id,
                    priority: Priority::Normal,
                    phone: String::new(),
                    wrong: false,
                    key: format!("kiosk-{:x}", cx.unique),
                };
                self.step = Step::Details(details);
                self.deaf_until = cx.now.plus(TWICE);
            }
            Press::More => {
                let count = self.kiosk.as_ref().map_or(0, |kiosk| kiosk.offers.len());
                self.page = (self.page + 1) % count.div_ceil(self.page_size()).max(1);
            }
            Press::Tongue => self.tongue = Some(self.tongue().other()),
            Press::Priority(priority) => {
                if let Step::Details(details) = &mut self.step {
                    details.priority = if details.priority == priority { Priority::Normal } else { priority };
                }
            }
            Press::Take => self.take(),
            // What was refused can be corrected.
            Press::Back => match &self.step {
                Step::Sorry { details, .. } => self.step = Step::Details(details.clone()),
                _ => self.welcome(),
            },
        }
    }

    fn type_details(&mut self, code: Code, cx: &Cx) {
        let words = self.tongue().words();
        let deaf = cx.now < self.deaf_until;
        let Step::Details(details) = &mut self.step else { return };
        let is =
            |c: char| KINDS.into_iter().zip(words.kinds).find(|(_, (letter, _))| letter.eq_ignore_ascii_case(&c)).map(|(kind, _)| kind);
        match code {
            // A number begins with 0 or +: another digit at once is the key of the service, pressed twice.
            Code::Char('1'..='9') if details.phone.is_empty() && deaf => return,
            Code::Char(c @ ('0'..='9' | '+')) if details.phone.len() <= *PHONE.end() && (c != '+' || details.phone.is_empty()) => {
                details.phone.push(c);
                details.wrong = false;
            }
            Code::Backspace | Code::Delete => {
                details.phone.pop();
                details.wrong = false;
            }
            Code::Char('*') => {
                let at = KINDS.iter().position(|kind| *kind == details.priority).map_or(0, |at| at + 1);
                details.priority = KINDS.get(at).copied().unwrap_or_default();
            }
            Code::Char(c) => match is(c) {
                Some(priority) => return self.press(Press::Priority(priority), cx),
                None => return,
            },
            _ => return,
        }
        self.dirty = true;
        self.idle_at = Some(cx.now.plus(IDLE));
    }

    fn take(&mut self) {
        let language = self.tongue().code().to_owned();
        let (Step::Details(details) | Step::Sorry { details, .. }) = &mut self.step else { return };
        let digits = details.phone.trim_start_matches('+').len();
        if digits > 0 && !PHONE.contains(&digits) {
            details.wrong = true;
            return;
        }
        let details = details.clone();
        let issue = Issue {
            service: Some(details.service),
            priority: details.priority,
            phone: details.phone.clone(),
            name: String::new(),
            language,
            key: details.key.clone(),
            source: "kiosk",
        };
        self.step = Step::Issuing(details);
        self.idle_at = None;
        self.issuing = self.write(Write::Queue(Box::new(Ask::Issue(issue))));
    }

    /// Only what is stored is shown as theirs, and printed.
    fn issued(&mut self, result: Result<Wrote, String>, cx: &Cx) {
        let Step::Issuing(details) = &self.step else { return };
        let details = details.clone();
        self.dirty = true;
        self.idle_at = Some(cx.now.plus(IDLE));
        self.deaf_until = cx.now.plus(TWICE);
        self.step = match result {
            Ok(Wrote::Queue(Answer::Ticket(place))) => {
                if self.prints {
                    self.printing = self.write(Write::Print(place.clone()));
                }
                Step::Done { place, paper: if self.prints { Paper::Printing } else { Paper::None } }
            }
            Ok(_) => Step::Sorry { why: String::new(), details },
            Err(why) => Step::Sorry { why, details },
        };
    }

    fn printed(&mut self, well: bool) {
        self.dirty = true;
        self.printer_broken = !well;
        if let Step::Done { paper: paper @ Paper::Printing, .. } = &mut self.step {
            *paper = if well { Paper::Printed } else { Paper::Failed };
        }
    }

    /// The visit has come to its end.
    const fn is_over(&self) -> bool {
        matches!(self.step, Step::Done { .. } | Step::Sorry { .. })
    }

    /// For the next person: nothing of the last one is left.
    fn welcome(&mut self) {
        self.dirty = true;
        self.step = Step::Choose;
        self.tongue = None;
        self.page = 0;
        self.idle_at = None;
    }

    /// The word that leaves was typed.
    fn leaves(&mut self, key: Key, cx: &Cx) -> bool {
        let Code::Char(c) = key.code else {
            self.leaving.0 = 0;
            return false;
        };
        let (typed, since) = self.leaving;
        let late = cx.now.since(since) > LEAVE_WITHIN;
        let next = LEAVE.chars().nth(typed).filter(|_| !late || typed == 0) == Some(c);
        self.leaving = match () {
            () if next && typed > 0 => (typed + 1, since),
            () if LEAVE.starts_with(c) => (1, cx.now),
            () => (0, since),
        };
        self.leaving.0 == LEAVE.len()
    }

    fn write(&mut self, write: Write) -> u64 {
        self.tickets += 1;
        self.out.push(Effect::Write { ticket: self.tickets, write });
        self.tickets
    }

    fn load(&mut self) {
        self.seq += 1;
        self.out.push(Effect::Load { seq: self.seq, query: Query::Kiosk { venue: self.setting.venue } });
    }

    /// The clock may have been set back: nothing is further away than it ever is, or the screen would stand still until the old time comes again.
    fn keep_near(&mut self, now: Timestamp) {
        if self.minute_at > next_minute(now) {
            self.minute_at = now;
        }
        self.idle_at = self.idle_at.map(|at| at.min(now.plus(IDLE)));
        self.deaf_until = self.deaf_until.min(now.plus(TWICE));
        self.bounces_until = self.bounces_until.min(now.plus(BOUNCE));
        self.reach.keep_near(now);
    }

    /// What has come due happens, and the next instant is found.
    fn settle(&mut self, cx: &Cx) {
        let now = cx.now;
        self.keep_near(now);
        if self.idle_at.is_some_and(|at| at <= now) {
            self.welcome();
        }
        let retries = self.reach.begins_to_try(now);
        if now >= self.minute_at {
            self.minute_at = next_minute(now);
            self.dirty = true;
            if self.reach.retry_at().is_none() {
                self.load();
            }
        } else if retries {
            self.load();
        }
        self.wake = [Some(self.minute_at), self.reach.retry_at(), self.idle_at].into_iter().flatten().min();
    }
}
