//! Acts of the queue's consoles: each is one question to the store with the version that was seen, answered with the ticket as it is now.
//! What an act was, and how it is taken back, is data ([`Ask`]).

use super::answers::Awaited;
use super::command;
use super::effect::{QueuePage, Write};
use super::focus::Focus;
use super::layout::Rect;
use super::motion::Motion;
use super::overlay::Overlay;
use super::pane::queue::{Kind, News, Undo};
use super::{App, Cx};
use crate::domain::id::{TicketId, VenueId};
use crate::domain::queue::look::{Answer, Ask, Desk, Place};
use crate::domain::queue::{self, Act, Counter, CounterState, State, Ticket};
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp};

/// An act may be taken back for so long.
const UNDO: Span = Span::secs(10);

/// What was asked, and the ticket as it was then.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The question.
    pub ask: Ask,
    /// What it is about, if it is a ticket that was shown.
    pub before: Option<Ticket>,
}

impl App {
    /// Shows the queue.
    pub(crate) fn go_queue(&mut self, cx: &Cx) {
        if self.focus == Focus::Compose {
            self.leave_composer(cx);
        }
        if self.focus != Focus::Queue {
            self.queue.opened();
        }
        self.save_drafts();
        self.focus = Focus::Queue;
        self.load_queue();
    }

    /// Shows the queue of another venue.
    pub(crate) fn go_venue(&mut self, venue: VenueId, cx: &Cx) {
        if self.queue.console.as_ref().is_none_or(|console| console.venue.id != venue) {
            self.queue.show_venue(venue);
        }
        self.go_queue(cx);
    }

    /// The queue was read.
    pub(super) fn know_queue(&mut self, page: QueuePage, cx: &Cx) {
        let acting = self.awaited.values().any(|awaited| matches!(awaited, Awaited::Queue(_)));
        let News { rings, ended, stale } = self.queue.take(page, cx.agent, acting);
        if stale {
            self.load_queue();
        }
        if self.focus != Focus::Queue {
            return;
        }
        if let Some(words) = self.queue.ended.clone().filter(|_| ended) {
            let next = self.keymap.first_key("queue.next");
            self.complain(&format!("{words}: {next} calls the next"), cx);
        }
        if rings {
            self.call_to_queue(cx);
        }
    }

    /// Our counter, or how to get one.
    pub(super) fn need_desk(&self) -> Result<&Desk, String> {
        self.need_console()?;
        let take = self.keymap.first_key("queue.take_counter");
        self.queue.desk().ok_or_else(|| format!("No counter is yours yet: {take} takes one"))
    }

    pub(super) fn need_console(&self) -> Result<&queue::look::Console, String> {
        let missing = if self.queue.loaded { "There is no venue yet: `frontdesk venue add` makes one" } else { "The queue is being read" };
        self.queue.console.as_ref().ok_or_else(|| missing.to_owned())
    }

    pub(super) fn need_ticket(&self) -> Result<&Ticket, String> {
        self.need_console()?;
        self.queue.selected().ok_or_else(|| "No ticket is selected".to_owned())
    }

    /// Our counter, open.
    pub(super) fn need_open(&self) -> Result<&Desk, String> {
        let desk = self.need_desk()?;
        let again = self.keymap.first_key("queue.break");
        match desk.counter.state {
            CounterState::Open => Ok(desk),
            CounterState::Break => Err(format!("Counter {} is on break: {again} opens it again", desk.counter.name)),
            CounterState::Closed => Err(format!("Counter {} is closed: {again} opens it", desk.counter.name)),
        }
    }

    pub(crate) fn can_call_next(&self) -> Result<(), String> {
        self.need_open()?;
        let calling = |awaited: &Awaited| matches!(awaited, Awaited::Queue(asked) if matches!(asked.ask, Ask::Next { .. }));
        if self.awaited.values().any(calling) { Err("The next one is being called already".to_owned()) } else { Ok(()) }
    }

    /// Calls the next one; asks what becomes of whoever is still there.
    pub(crate) fn call_next(&mut self) {
        let Ok(desk) = self.need_open() else { return };
        let (counter, there) = (desk.counter.id, desk.ticket.clone());
        let ends = self.queue.console.as_ref().is_some_and(|console| console.venue.rules.next_ends);
        match there {
            Some(ticket) if !ends => self.ask_finish(&ticket, counter),
            there => {
                let there = there.map(|ticket| (ticket.id, ticket.version));
                self.ask_queue(Ask::Next { counter, there, finish: None });
            }
        }
    }

    /// Whether this can be done to whoever is at the counter.
    pub(crate) fn can_act_here(&self, act: Act) -> Result<(), String> {
        self.need_console()?;
        let ticket = self.queue.present().ok_or("Nobody is at your counter")?;
        allowed(ticket, act)
    }

    /// Does it to whoever is at the counter.
    pub(crate) fn act_here(&mut self, act: Act) {
        if let Some((id, version)) = self.queue.present().map(|ticket| (ticket.id, ticket.version)) {
            self.ask_act(id, version, act);
        }
    }

    pub(crate) fn can_recall(&self) -> Result<(), String> {
        self.can_act_here(Act::Recall)
    }

    pub(crate) fn can_see_ticket(&self) -> Result<(), String> {
        self.need_ticket().map(|_| ())
    }

    /// Shows what is known of the selected ticket.
    pub(crate) fn show_ticket(&mut self) {
        if let Some(id) = self.queue.selected().map(|ticket| ticket.id) {
            self.overlays.push(Overlay::Ticket(id));
        }
    }

    pub(crate) fn can_open_ticket(&self) -> Result<(), String> {
        let ticket = self.need_ticket()?;
        ticket.conversation.map(|_| ()).ok_or_else(|| format!("{} has no conversation", ticket.label))
    }

    /// Goes to the conversation of the selected ticket.
    pub(crate) fn open_ticket(&mut self, cx: &Cx) {
        let Some(id) = self.queue.selected().and_then(|ticket| ticket.conversation) else { return };
        self.open_conversation(id, cx);
        let back = self.keymap.first_key("go.queue");
        self.say(&format!("{back} goes back to the queue"), cx);
    }

    /// Enter in what is known of a ticket.
    pub(super) fn leave_ticket(&mut self, cx: &Cx) {
        if let Some(Overlay::Ticket(id)) = self.overlays.pop() {
            self.queue.select(id);
            if self.can_open_ticket().is_ok() {
                self.open_ticket(cx);
            }
        }
    }

    /// Shows the next line, or the one before.
    pub(crate) fn turn_department(&mut self, by: isize) {
        self.queue.turn_scope(by);
    }

    /// Shows the other console.
    pub(crate) fn turn_console(&mut self, cx: &Cx) {
        self.queue.turn_kind();
        self.say(if self.queue.kind() == Kind::Supervisor { "All lines and counters" } else { "One counter and its line" }, cx);
    }

    pub(crate) fn can_undo_in_queue(&self, cx: &Cx) -> Result<(), String> {
        let fresh = self.queue.undo.as_ref().is_some_and(|undo| cx.now < undo.until);
        if fresh {
            Ok(())
        } else {
            Err(format!("There is nothing to undo: an act of the queue can be taken back for {} seconds", UNDO.0 / 1_000_000))
        }
    }

    /// Takes the last act of the queue back.
    pub(crate) fn undo_in_queue(&mut self) {
        if let Some(undo) = self.queue.undo.take() {
            self.ask_queue(undo.ask);
        }
    }

    /// Moves the selection.
    pub(super) fn move_in_queue(&mut self, motion: Motion) {
        let page = usize::from(self.size.1);
        self.queue.motion(motion, page);
    }

    /// A click: selects what stands there; shows it when it is selected already.
    pub(super) fn click_queue(&mut self, place: Rect, column: u16, row: u16) {
        let before = self.queue.selected().map(|ticket| ticket.id);
        let Some(id) = self.queue.ticket_at(place, column, row) else { return };
        self.queue.select(id);
        if before == Some(id) {
            self.show_ticket();
        }
    }

    /// Goes to the next column, where there are columns.
    pub(crate) fn step_column(&mut self, right: bool, cx: &Cx) {
        if !self.queue.step_column(right) {
            self.refuse("There is nobody in that direction", cx);
        }
    }

    /// A question to the store that a menu, a form or a key asks.
    pub(super) fn ask_queue(&mut self, ask: Ask) {
        let about = match &ask {
            Ask::Act { ticket, .. } | Ask::Prefer { ticket, .. } => Some(*ticket),
            Ask::Next { .. } | Ask::Issue(_) | Ask::Counter { .. } => None,
        };
        let no_show = |id| self.queue.no_shows.iter().find(|ticket| ticket.id == id);
        let before = about.and_then(|id| self.queue.ticket(id).or_else(|| no_show(id))).cloned();
        self.write(Write::Queue(Box::new(ask.clone())), Awaited::Queue(Box::new(Asked { ask, before })));
    }

    /// One act on one ticket.
    pub(super) fn ask_act(&mut self, ticket: TicketId, version: i64, act: Act) {
        self.ask_queue(Ask::Act { ticket, version: Some(version), act, counter: None, service: None });
    }

    /// The store answered.
    pub(super) fn queue_answered(&mut self, ticket: u64, asked: &Asked, answer: Answer, cx: &Cx) {
        match answer {
            Answer::Ticket(place) => {
                self.overlays.retain(|overlay| !matches!(overlay, Overlay::TicketForm(form) if form.ticket == Some(ticket)));
                self.queue.settle_ticket(&place.ticket, place.version);
                self.queue.undo = taken_back(asked, &place, cx.now);
                let words = self.words_of(asked, &place, cx);
                let undo = match &self.queue.undo {
                    Some(_) => format!(" · {} takes it back", self.keymap.first_key("undo")),
                    None => String::new(),
                };
                self.say(&format!("{words}{undo}"), cx);
            }
            Answer::Nobody => self.say("Nobody waits", cx),
            Answer::Busy(there) => {
                let here = self.focus == Focus::Queue;
                if let Ask::Next { counter, .. } = asked.ask
                    && here
                {
                    self.queue.settle_ticket(&there, 0);
                    self.ask_finish(&there, counter);
                }
            }
            Answer::Counter(counter) => {
                self.queue.settle_counter(&counter, cx.agent);
                self.say(&words_of_counter(&counter), cx);
            }
        }
        self.load_queue();
    }

    /// The store refused: what the screen showed may be old.
    pub(super) fn queue_refused(&mut self, ticket: u64, problem: &str, cx: &Cx) {
        let form = self.overlays.iter_mut().find_map(|overlay| match overlay {
            Overlay::TicketForm(form) if form.ticket == Some(ticket) => Some(form),
            _ => None,
        });
        match form {
            Some(form) => {
                form.ticket = None;
                form.problem = Some(Safe::line(problem));
            }
            None => self.complain(problem, cx),
        }
        self.load_queue();
    }

    fn words_of(&self, asked: &Asked, place: &Place, cx: &Cx) -> String {
        let ticket = &place.ticket;
        let (label, zone) = (&ticket.label, self.queue.console.as_ref().map_or(cx.zone, |console| console.venue.zone));
        let counter = if place.counter.is_empty() { "the counter" } else { &format!("counter {}", place.counter) };
        match &asked.ask {
            Ask::Issue(_) if place.known => format!("{label} was there already"),
            Ask::Issue(_) => match place.position {
                Some(position) => format!("{label} for {}: number {position} in line", place.service),
                None => format!("{label} for {}", place.service),
            },
            Ask::Prefer { priority, .. } => format!("{label}: {}", priority.name()),
            Ask::Next { .. } => format!("{label} is called to {counter}"),
            Ask::Counter { .. } => String::new(),
            Ask::Act { act, .. } => match act {
                Act::Call => format!("{label} is called to {counter}"),
                Act::Recall => format!("{label} is called again ({})", ticket.recalls),
                Act::Start => format!("{label} is being served"),
                Act::Serve => format!("{label} is served"),
                Act::Park(_) => match ticket.parked_until {
                    Some(until) => format!("{label} is parked until {}", until.hhmm(zone)),
                    None => format!("{label} is parked"),
                },
                Act::Transfer => format!("{label} waits for {} now", place.service),
                Act::NoShow => format!("{label} did not come"),
                Act::Cancel | Act::Expire => format!("{label} is cancelled"),
                Act::Return(_) | Act::Reinstate | Act::Undo => match place.position {
                    Some(position) => format!("{label} waits again, as number {position}"),
                    None => format!("{label} waits again"),
                },
            },
        }
    }

    /// Why a command of the queue cannot run now, if it is not the queue that is shown.
    pub(super) fn not_in_queue(&self, command: &command::Command) -> Option<String> {
        let elsewhere = command.context == super::focus::Context::Queue && self.focus != Focus::Queue;
        elsewhere.then(|| format!("Only in the queue: {} goes there", self.keymap.first_key("go.queue")))
    }
}

pub(super) fn allowed(ticket: &Ticket, act: Act) -> Result<(), String> {
    ticket.state.after(act).map(|_| ()).map_err(|refused| format!("{}: {refused}", ticket.label))
}

fn words_of_counter(counter: &Counter) -> String {
    let state = match counter.state {
        CounterState::Closed => "closed",
        CounterState::Open => "open",
        CounterState::Break => "on break",
    };
    format!("Counter {} is {state}", counter.name)
}

/// How an act is taken back, where that loses nothing.
fn taken_back(asked: &Asked, place: &Place, now: Timestamp) -> Option<Undo> {
    let ticket = &place.ticket;
    let (id, version) = (ticket.id, Some(ticket.version));
    let act = |act| Some(Ask::Act { ticket: id, version, act, counter: None, service: None });
    let ask = match (&asked.ask, &asked.before) {
        (Ask::Next { .. } | Ask::Act { act: Act::Call, .. }, _) if ticket.state == State::Called => act(Act::Undo),
        (Ask::Act { act: Act::Park(_), .. }, _) if ticket.state == State::Parked => act(Act::Return(queue::Place::Arrival)),
        (Ask::Act { act: Act::NoShow, .. }, _) if ticket.state == State::NoShow => act(Act::Reinstate),
        (Ask::Act { act: Act::Transfer, .. }, Some(before)) if before.service != ticket.service => {
            Some(Ask::Act { ticket: id, version, act: Act::Transfer, counter: None, service: Some(before.service) })
        }
        (Ask::Prefer { .. }, Some(before)) if before.priority != ticket.priority => {
            Some(Ask::Prefer { ticket: id, version, priority: before.priority })
        }
        _ => None,
    }?;
    Some(Undo { ask, until: now.plus(UNDO) })
}
