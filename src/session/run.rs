//! The loop. It sleeps until something happens: input, finished work, a hint, or a deadline that was asked for. Nothing ticks.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use futures_util::FutureExt;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::work::{Finished, Urgency, Work};
use super::{Driver, End, Pulse, Session, View, convert};
use crate::app::effect::{Query, Slot};
use crate::app::msg::Input;
use crate::app::{Cx, Effect, Msg};
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, IdSource};
use crate::domain::time::Clock;
use crate::term::caps::Notification;
use crate::term::input::{Decoder, Event, Reply};
use crate::term::{Line, Screen, TermIn, TermOut, modes};

/// The shortest time between two frames that the agent's own keys ask for.
const OWN: Duration = Duration::from_millis(8);
/// How long the frame of a key that asked for something waits for the answer: painted once with it, it costs a slow line half, and nothing
/// flashes by.
const PATIENCE: Duration = Duration::from_millis(3);
/// As [`PATIENCE`], when something is looked for: among a million messages that takes 3 to 4 ms, and what misses its frame waits for the next one.
const SEARCHING: Duration = Duration::from_millis(6);
/// The shortest time from the last frame to one that only the world asks for; also between two wake-ups the screen asks for.
pub(super) const BACKGROUND: Duration = Duration::from_millis(33);
/// Chunks of input taken in one turn.
const CHUNKS: usize = 64;
/// Hints taken in one turn; more at once are answered by loading everything.
const HINTS: usize = 64;
/// How long writes that were asked for may take after the end.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// Runs `view` until its end.
pub(super) async fn run<V: View, D: Driver>(session: Session<D>, view: V) -> End {
    let Session { agent, zone, clock, ids, caps, size, escape_pause, line, driver, hints, cancel, pulse, .. } = session;
    let mut turns = Turns {
        view,
        world: World { agent, zone, clock, ids },
        screen: Screen::new(size.0, size.1, caps),
        decoder: Decoder::new(escape_pause),
        clipboard: caps.clipboard,
        has_title: caps.title,
        notification: caps.notification,
        title: Vec::new(),
        answers: caps.answers,
        pictures: caps.pictures,
        told: convert::Told::default(),
        line,
        work: Work::new(driver),
        hints: Some(hints),
        cancel,
        pulse,
        batch: Vec::with_capacity(CHUNKS),
        due: None,
        painted: None,
        silent_at: None,
        woke: None,
        beside: Beside::default(),
        again: None,
        lent: false,
        quit: false,
    };
    let end = AssertUnwindSafe(turns.run()).catch_unwind().await.unwrap_or(End::Broke);
    if timeout(LAST_WRITES, turns.work.finish_writes()).await.is_err() {
        tracing::error!("a session ended before its last changes were stored: the database did not answer within five seconds");
    }
    end
}

/// What every turn may know of the world.
struct World {
    agent: AgentId,
    zone: Tz,
    clock: Arc<dyn Clock>,
    ids: Arc<IdSource>,
}

impl World {
    fn cx(&self) -> Cx {
        let now = self.clock.now();
        Cx { now, zone: self.zone, agent: self.agent, unique: self.ids.next(now) }
    }
}

/// What goes out besides frames, the newest of each.
#[derive(Default)]
struct Beside {
    copy: Option<Vec<u8>>,
    bell: bool,
    notification: Option<Vec<u8>>,
    title: Option<Vec<u8>>,
    suspend: bool,
    edit: Option<String>,
    ask: bool,
    keyboard: bool,
}

struct Turns<V, D> {
    view: V,
    world: World,
    screen: Screen,
    decoder: Decoder,
    clipboard: bool,
    answers: bool,
    /// The terminal is asked how it takes pictures.
    pictures: bool,
    told: convert::Told,
    has_title: bool,
    notification: Notification,
    /// The title that was set last, for when the terminal comes back with another one.
    title: Vec<u8>,
    line: Line,
    work: Work<D>,
    /// `None` once nobody sends any more.
    hints: Option<broadcast::Receiver<Hint>>,
    cancel: CancellationToken,
    pulse: watch::Sender<Pulse>,
    batch: Vec<TermIn>,
    /// When the frame that is wanted may be painted.
    due: Option<Instant>,
    painted: Option<Instant>,
    /// When the decoder takes what it holds for all there is.
    silent_at: Option<Instant>,
    woke: Option<Instant>,
    beside: Beside,
    /// In this slot an answer came, and nothing that the agent did meanwhile is missing in it.
    again: Option<Slot>,
    /// Somebody else has the terminal.
    lent: bool,
    quit: bool,
}

impl<V: View, D: Driver> Turns<V, D> {
    async fn run(&mut self) -> End {
        let output = self.line.output.clone();
        let effects = self.view.start(&self.world.cx());
        self.carry_out(effects, Urgency::Own);
        self.beside.ask = self.answers;
        self.want_frame(Urgency::Own);
        while !self.quit {
            self.tell_pulse();
            let alarm = self.alarm();
            tokio::select! { biased;
                slot = output.reserve(), if self.has_output() => match slot {
                    Ok(slot) => if let Some(out) = self.output().and_then(|out| self.go_straight(out)) { slot.send(out) },
                    Err(_) => return End::HungUp,
                },
                count = self.line.input.recv_many(&mut self.batch, CHUNKS) => {
                    if count == 0 {
                        return End::HungUp;
                    }
                    self.take_input();
                }
                Some(Finished { msg, urgency, again }) = self.work.next() => {
                    self.again = again;
                    self.turn(msg, urgency);
                    self.again = None;
                }
                hints = next_hints(&mut self.hints) => {
                    for hint in hints {
                        self.turn(Msg::Changed(hint), Urgency::Background);
                    }
                }
                () = sleep_to(alarm) => self.take_alarm(),
                () = self.cancel.cancelled() => return End::Cancelled,
            }
        }
        End::Quit
    }

    /// One turn of the state machine.
    fn turn(&mut self, msg: Msg, urgency: Urgency) {
        let typed = matches!(msg, Msg::Input(_));
        let effects = self.view.update(msg, &self.world.cx());
        // What is read ahead is on no screen yet.
        let shows = |query: &Query| !matches!(query.slot(), Slot::MoreList | Slot::MoreThread | Slot::MoreSearch | Slot::Picture);
        let patience = |query: &Query| if query.slot() == Slot::Search { SEARCHING } else { PATIENCE };
        let asked = effects.iter().filter_map(|effect| match effect {
            Effect::Load { query, .. } if typed && shows(query) => Some(patience(query)),
            _ => None,
        });
        let patience = asked.max().unwrap_or_default();
        self.carry_out(effects, urgency);
        if self.view.take_dirty() {
            self.want_frame_after(urgency, patience);
        }
    }

    fn carry_out(&mut self, effects: Vec<Effect>, urgency: Urgency) {
        for effect in effects {
            match effect {
                Effect::Load { seq, query } => {
                    let again = self.again.is_some_and(|slot| slot.asks_again(query.slot()));
                    let urgency = if again { Urgency::Background } else { urgency };
                    self.work.load(seq, query, urgency);
                }
                Effect::Write { ticket, write } => self.work.write(ticket, write, urgency),
                Effect::Copy(text) if self.clipboard => self.beside.copy = modes::copy(text.as_str()),
                Effect::Call { text, bell, desktop } => {
                    self.beside.bell |= bell;
                    self.beside.notification = desktop.then(|| modes::notification(self.notification, text.as_str())).flatten();
                }
                Effect::Cancel(tickets) => self.work.cancel(&tickets),
                Effect::Title(text) if self.has_title => {
                    self.title = modes::title(text.as_str());
                    self.beside.title = Some(self.title.clone());
                }
                Effect::Copy(_) | Effect::Title(_) => {}
                Effect::Redraw => {
                    self.screen.forget();
                    self.want_frame(Urgency::Own);
                }
                Effect::Suspend => self.beside.suspend = true,
                Effect::Edit(text) => self.beside.edit = Some(text),
                Effect::Quit => self.quit = true,
            }
        }
    }

    fn take_input(&mut self) {
        let mut events = Vec::new();
        let mut size = None;
        for chunk in std::mem::take(&mut self.batch) {
            match chunk {
                TermIn::Bytes(bytes) => self.decoder.feed(&bytes, &mut events),
                TermIn::Resize(columns, rows) => size = Some((columns, rows)),
                TermIn::Resumed => {
                    self.lent = false;
                    self.beside.title = Some(self.title.clone()).filter(|title| !title.is_empty());
                    // It may be attached to another terminal now.
                    self.beside.ask = self.answers;
                    self.screen.forget();
                    self.want_frame(Urgency::Own);
                }
                TermIn::Edited(result) => self.turn(Msg::Edited(result), Urgency::Own),
            }
        }
        self.silent_at = self.decoder.patience().and_then(|pause| Instant::now().checked_add(pause));
        self.take_events(events);
        // Of several sizes only the last is of interest.
        if let Some((columns, rows)) = size {
            self.screen.resize(columns, rows);
            let (columns, rows) = self.screen.size();
            self.turn(Msg::Input(Input::Resize { columns, rows }), Urgency::Own);
            self.want_frame(Urgency::Own);
        }
    }

    fn take_events(&mut self, events: Vec<Event>) {
        for event in events {
            let cut = matches!(event, Event::Paste { cut: true, .. });
            if let Event::Reply(reply) = event {
                self.beside.keyboard |= reply == Reply::Keyboard;
                if let Some(pictured) = self.told.take(reply).filter(|_| self.pictures) {
                    self.screen.take_pictures(convert::way(pictured.way));
                    self.turn(Msg::Pictures(pictured), Urgency::Own);
                }
                if let Some(msg) = convert::background(reply) {
                    self.turn(msg, Urgency::Own);
                }
            } else if let Some(input) = convert::input(event) {
                self.turn(Msg::Input(input), Urgency::Own);
            }
            if cut {
                self.beside.bell = true;
                self.turn(Msg::Input(Input::PasteCut), Urgency::Own);
            }
        }
    }

    fn take_alarm(&mut self) {
        let now = Instant::now();
        if self.silent_at.is_some_and(|at| at <= now) {
            self.silent_at = None;
            let mut events = Vec::new();
            self.decoder.give_up(&mut events);
            self.take_events(events);
        }
        // By the clock the screen asked by: an instant counted from a later look at the time would never have come.
        let wanted = self.view.wake_at().is_some_and(|at| at <= self.world.clock.now());
        if wanted && self.woke.is_none_or(|woke| woke + BACKGROUND <= now) {
            self.woke = Some(now);
            self.turn(Msg::Woke, Urgency::Background);
        }
    }

    /// The nearest deadline.
    fn alarm(&self) -> Option<Instant> {
        // A frame that is due already waits for the output, not for the time.
        let due = self.due.filter(|due| *due > Instant::now() && !self.lent);
        [due, self.silent_at, self.wakes_at()].into_iter().flatten().min()
    }

    /// When the screen wants to be woken; not before [`BACKGROUND`] after the last time, even if it asks for the past.
    fn wakes_at(&self) -> Option<Instant> {
        let at = self.view.wake_at()?;
        let wanted = Instant::now().checked_add(at.since(self.world.clock.now()).duration())?;
        Some(self.woke.map_or(wanted, |woke| wanted.max(woke + BACKGROUND)))
    }

    fn want_frame(&mut self, urgency: Urgency) {
        self.want_frame_after(urgency, Duration::ZERO);
    }

    fn want_frame_after(&mut self, urgency: Urgency, patience: Duration) {
        let pause = match urgency {
            Urgency::Own => OWN,
            Urgency::Background => BACKGROUND,
        };
        let now = Instant::now();
        let soonest = now + patience;
        let at = self.painted.map_or(soonest, |painted| (painted + pause).max(soonest));
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    fn has_output(&self) -> bool {
        let due = self.due.is_some_and(|due| due <= Instant::now());
        let Beside { copy, bell, notification, title, suspend, edit, ask, keyboard } = &self.beside;
        let bytes = copy.is_some() || title.is_some() || notification.is_some();
        !self.lent && (due || bytes || *bell || *suspend || edit.is_some() || *ask || *keyboard)
    }

    /// What goes into the free slot; nothing when the terminal shows it already.
    fn output(&mut self) -> Option<TermOut> {
        if std::mem::take(&mut self.beside.keyboard) {
            return Some(TermOut::Keyboard);
        }
        let mut bytes = self.beside.copy.take().unwrap_or_default();
        bytes.extend(self.beside.title.take().into_iter().chain(self.beside.notification.take()).flatten());
        if std::mem::take(&mut self.beside.bell) {
            bytes.extend_from_slice(modes::BELL);
        }
        // What is meant for our terminal goes out before it is given away; a frame nobody would see, and a question whose answer another
        // program would read, wait until it comes back.
        if self.beside.suspend || self.beside.edit.is_some() {
            if !bytes.is_empty() {
                return Some(TermOut::Bytes(bytes));
            }
            self.lent = true;
            if std::mem::take(&mut self.beside.suspend) {
                return Some(TermOut::Suspend);
            }
            return self.beside.edit.take().map(TermOut::Edit);
        }
        if std::mem::take(&mut self.beside.ask) {
            bytes.extend_from_slice(modes::ASK);
            if self.pictures {
                bytes.extend_from_slice(modes::ASK_PICTURES);
            }
        }
        if self.due.is_some_and(|due| due <= Instant::now()) {
            self.due = None;
            let cx = self.world.cx();
            let frame = self.screen.paint(|canvas| self.view.draw(&cx, canvas));
            if !frame.is_empty() {
                self.painted = Some(Instant::now());
                self.pulse.send_modify(|pulse| pulse.frames += 1);
            }
            bytes.extend_from_slice(&frame);
        }
        (!bytes.is_empty()).then_some(TermOut::Bytes(bytes))
    }

    /// Past the slot, as much as the terminal takes at once; the rest is for the slot.
    fn go_straight(&mut self, out: TermOut) -> Option<TermOut> {
        match &mut self.line.straight {
            Some(straight) => straight.offer(out),
            None => Some(out),
        }
    }

    fn tell_pulse(&self) {
        let hinted = self.hints.as_ref().is_some_and(|hints| !hints.is_empty());
        let working = !self.work.is_empty() || self.due.is_some() || self.has_output();
        let idle = !hinted && !working && self.line.input.is_empty() && self.silent_at.is_none();
        self.pulse.send_modify(|pulse| {
            pulse.idle = idle;
            pulse.turns += 1;
        });
    }
}

/// Everything that is waiting, each thing once; missed hints are one hint that anything may have changed.
async fn next_hints(receiver: &mut Option<broadcast::Receiver<Hint>>) -> BTreeSet<Hint> {
    let Some(hints) = receiver else { return std::future::pending().await };
    let mut found = BTreeSet::new();
    match hints.recv().await {
        Ok(hint) => found.extend([hint]),
        Err(RecvError::Lagged(_)) => found.extend([Hint::Everything]),
        Err(RecvError::Closed) => {
            *receiver = None;
            return found;
        }
    }
    loop {
        match hints.try_recv() {
            Ok(hint) => found.extend([hint]),
            Err(TryRecvError::Lagged(_)) => found.extend([Hint::Everything]),
            Err(TryRecvError::Empty | TryRecvError::Closed) => break,
        }
    }
    if found.len() > HINTS || found.contains(&Hint::Everything) { BTreeSet::from([Hint::Everything]) } else { found }
}

async fn sleep_to(alarm: Option<Instant>) {
    match alarm {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
