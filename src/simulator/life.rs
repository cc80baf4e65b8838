//! Customers who act by themselves: they begin conversations, read and answer what an agent writes, react, edit, lose patience. One task
//! moves them all, by tokio's clock, so that a paused clock plays hours in an instant and the same seed plays the same scenes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::select_all;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::Simulator;
use super::cast::{Cast, Line, Persona, RACKET};
use super::files::Sample;
use super::seat::{Homes, Seat, photo};
use crate::domain::attachment::FileKind;

/// Seconds between one person's first conversation and the next person's.
const ARRIVALS: f64 = 9.0;
/// Seconds somebody waits for an answer before asking again, once.
const PATIENCE: f64 = 420.0;
/// Seconds between two conversations of one person, at least.
const REST: f64 = 300.0;

/// Customers who live as long as this is held.
#[derive(Debug)]
pub struct Life {
    /// Held for its drop, which ends the task.
    _task: AbortOnDropHandle<()>,
}

/// Sets the people of the cast living: they write to the bot at a pace of `pace` times the natural one (above 0; 1 when it is not).
pub fn animate(sim: &Simulator, bot: i64, cast: Cast, seed: u64, pace: f64) -> Life {
    animate_at(Homes { telegram: Some((sim.clone(), bot)), whatsapp: None }, cast, seed, pace)
}

/// The same, each of them where they live.
pub fn animate_at(homes: Homes, cast: Cast, seed: u64, pace: f64) -> Life {
    let pace = if pace.is_finite() && pace > 0.0 { pace } else { 1.0 };
    let actors = cast.people.iter().filter_map(|persona| {
        Some(Actor {
            persona: persona.clone(),
            seat: homes.seat(persona)?,
            dialogue: None,
            spoken: 0,
            last_said: None,
            last_heard: None,
            awaiting: false,
            nudged: false,
        })
    });
    let mut stage = Stage {
        actors: actors.collect(),
        heard: homes.heard((0, 0)).1,
        homes,
        cast,
        rng: fastrand::Rng::with_seed(seed ^ 0x11fe),
        pace,
        plans: BinaryHeap::new(),
        planned: 0,
    };
    Life { _task: AbortOnDropHandle::new(tokio::spawn(async move { stage.play().await })) }
}

struct Actor {
    persona: Persona,
    seat: Seat,
    /// Which dialogue, of those of the language, and the next line of it.
    dialogue: Option<(usize, usize)>,
    /// How many dialogues were begun.
    spoken: usize,
    last_said: Option<String>,
    last_heard: Option<String>,
    /// It is the agent's turn.
    awaiting: bool,
    nudged: bool,
}

/// What somebody will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Begin,
    /// Looks at what was written to them.
    Read,
    GoOn,
    /// Asks again, if that conversation still waits at that line.
    Nudge(usize, usize),
    Courtesy,
}

struct Stage {
    actors: Vec<Actor>,
    homes: Homes,
    cast: Cast,
    rng: fastrand::Rng,
    pace: f64,
    /// What will be done, soonest first; what is planned at the same instant is done in the order of planning.
    plans: BinaryHeap<Reverse<(Instant, u64, usize, Deed)>>,
    planned: u64,
    /// How much of the ledgers has been looked at.
    heard: (usize, usize),
}

impl Stage {
    async fn play(&mut self) {
        let mut order: Vec<usize> = (0..self.actors.len()).collect();
        self.rng.shuffle(&mut order);
        for (place, who) in order.into_iter().enumerate() {
            let wait = 1.5 + place as f64 * ARRIVALS * (0.4 + self.rng.f64() * 1.2);
            if !self.actors[who].persona.silent {
                self.plan(who, wait, Deed::Begin);
            }
        }
        let mut changes = self.homes.changes();
        loop {
            for changes in &mut changes {
                changes.borrow_and_update();
            }
            self.listen();
            let now = Instant::now();
            if let Some(Reverse((_, _, who, deed))) = self.plans.peek().copied().filter(|Reverse((at, ..))| *at <= now) {
                self.plans.pop();
                self.act(who, deed);
                continue;
            }
            let next = self.plans.peek().map(|Reverse((at, ..))| *at);
            tokio::select! {
                () = any(&mut changes) => {}
                () = until(next) => {}
            }
        }
    }

    fn plan(&mut self, who: usize, seconds: f64, deed: Deed) {
        self.planned += 1;
        let at = Instant::now() + Duration::from_secs_f64(seconds / self.pace);
        self.plans.push(Reverse((at, self.planned, who, deed)));
    }

    /// Notices what agents have written since the last look.
    fn listen(&mut self) {
        let (news, heard) = self.homes.heard(self.heard);
        self.heard = heard;
        for (heard, message) in news {
            let Some(who) = self.actors.iter().position(|actor| actor.seat.is(heard)) else { continue };
            let actor = &mut self.actors[who];
            actor.last_heard = Some(message);
            let reading = actor.persona.reading;
            if actor.seat.tells_of_reading() {
                self.plan(who, reading, Deed::Read);
            }
            let actor = &mut self.actors[who];
            // Several messages of the agent's in a row are read together.
            if std::mem::take(&mut actor.awaiting) {
                let typing = self.typing(who);
                self.plan(who, reading + typing, Deed::GoOn);
            } else if actor.dialogue.is_none() {
                self.plan(who, reading, Deed::Courtesy);
            }
        }
    }

    /// How long the next line takes to write, in seconds.
    fn typing(&self, who: usize) -> f64 {
        let actor = &self.actors[who];
        let letters = self.next_line(who).map_or(1, |line| match line {
            Line::Says(text) | Line::Photo(text) | Line::Edits(text) => text.chars().count(),
            _ => 8,
        });
        letters as f64 / actor.persona.typing
    }

    fn next_line(&self, who: usize) -> Option<Line> {
        let actor = &self.actors[who];
        let (dialogue, line) = actor.dialogue?;
        let dialogues = self.cast.dialogues(&actor.persona.person.language);
        dialogues.get(dialogue)?.lines.get(line).cloned()
    }

    fn act(&mut self, who: usize, deed: Deed) {
        match deed {
            Deed::Begin => self.begin(who),
            Deed::Read => self.actors[who].seat.read(),
            Deed::GoOn => self.go_on(who),
            Deed::Nudge(dialogue, line) => self.nudge(who, (dialogue, line)),
            Deed::Courtesy => self.courtesy(who),
        }
    }

    fn begin(&mut self, who: usize) {
        let count = self.cast.dialogues(&self.actors[who].persona.person.language).len();
        if count == 0 {
            return;
        }
        let actor = &mut self.actors[who];
        // Everybody begins somewhere else and then goes through all they know.
        actor.dialogue = Some(((who / 7 + actor.spoken) % count, 0));
        actor.spoken += 1;
        actor.nudged = false;
        self.go_on(who);
    }

    /// Says the next line, and plans the one after it.
    fn go_on(&mut self, who: usize) {
        // What an agent would say here was said by the agent, in other words.
        while let (Some(Line::Agent(_)), Some((_, line))) = (self.next_line(who), self.actors[who].dialogue.as_mut()) {
            *line += 1;
        }
        if let Some(line) = self.next_line(who) {
            self.speak(who, line);
            if let Some((_, line)) = self.actors[who].dialogue.as_mut() {
                *line += 1;
            }
        }
        match self.next_line(who) {
            Some(Line::Agent(_)) => {
                self.actors[who].awaiting = true;
                if let Some((dialogue, line)) = self.actors[who].dialogue {
                    let patience = PATIENCE * (0.7 + self.rng.f64());
                    self.plan(who, patience, Deed::Nudge(dialogue, line));
                }
            }
            Some(_) => {
                let pause = 0.8 + self.typing(who);
                self.plan(who, pause, Deed::GoOn);
            }
            None => {
                self.actors[who].dialogue = None;
                let rest = REST * (1.0 + self.rng.f64() * 3.0);
                self.plan(who, rest, Deed::Begin);
            }
        }
    }

    fn speak(&mut self, who: usize, line: Line) {
        let Actor { seat, last_said: said, last_heard: heard, .. } = &self.actors[who];
        let wrote = match line {
            Line::Says(text) => Some(seat.say(&text)),
            Line::Photo(caption) => Some(seat.file(FileKind::Photo, photo(), caption)),
            Line::Album(count) => seat.album(count),
            Line::Voice(seconds) => {
                // Nobody hears it, so its bytes are only as many as speech would take.
                let bytes = Bytes::from(std::iter::repeat_with(|| self.rng.u8(..)).take(seconds as usize * 2_000).collect::<Vec<u8>>());
                let sample = Sample { mime: "audio/ogg".to_owned(), bytes, seconds, ..Sample::default() };
                Some(seat.file(FileKind::Voice, sample, String::new()))
            }
            Line::File(name) => {
                let bytes = Bytes::from_static(b"%PDF-1.4\n% an empty page\n%%EOF\n");
                let sample = Sample { name, mime: "application/pdf".to_owned(), bytes, ..Sample::default() };
                Some(seat.file(FileKind::Document, sample, String::new()))
            }
            Line::Edits(text) => {
                if let Some(message) = said {
                    seat.edit(message, &text);
                }
                None
            }
            Line::Reacts(emoji) => {
                if let Some(message) = heard {
                    seat.react(message, &emoji);
                }
                None
            }
            Line::Location(latitude, longitude) => Some(seat.location(latitude, longitude)),
            Line::Sticker(emoji) => {
                let sample = Sample { name: emoji, mime: "image/webp".to_owned(), bytes: Bytes::from_static(RACKET), ..Sample::default() };
                Some(seat.file(FileKind::Sticker, sample, String::new()))
            }
            Line::Agent(_) => None,
        };
        if wrote.is_some() {
            self.actors[who].last_said = wrote;
        }
    }

    fn nudge(&mut self, who: usize, at: (usize, usize)) {
        let actor = &self.actors[who];
        if !actor.awaiting || actor.nudged || actor.dialogue != Some(at) {
            return;
        }
        let nudge = self.cast.manners(&actor.persona.person.language).map(|manners| manners.nudge.clone());
        if let Some(text) = nudge {
            self.speak(who, Line::Says(text));
            self.actors[who].nudged = true;
        }
    }

    /// All was said, and still the agent writes: a word or a thumb, or nothing.
    fn courtesy(&mut self, who: usize) {
        if self.actors[who].dialogue.is_some() {
            return;
        }
        let language = self.actors[who].persona.person.language.clone();
        let thanks = self.cast.manners(&language).map(|manners| manners.thanks.clone()).unwrap_or_default();
        match self.rng.u8(0..3) {
            0 => self.speak(who, Line::Reacts("👍".to_owned())),
            1 => {
                if let Some(text) = self.rng.choice(thanks) {
                    self.speak(who, Line::Says(text));
                }
            }
            _ => {}
        }
    }
}

/// Waits until one of them has changed.
async fn any(changes: &mut [watch::Receiver<u64>]) {
    if changes.is_empty() {
        return std::future::pending().await;
    }
    // Fails only when a provider is gone, and they are held here.
    let _ = select_all(changes.iter_mut().map(|changes| Box::pin(changes.changed()))).await;
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
