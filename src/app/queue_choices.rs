//! Acts of the queue that ask something first: whom, where to, until when, at which counter. What a row of a menu means is the question it asks
//! the store, with the version that was seen.

use super::answers::Awaited;
use super::effect::Write;
use super::overlay::{Confirm, Irrevocable, Menu, MenuChoice, MenuRow, Overlay, Picker, Purpose, TicketForm};
use super::queue_acts::{Asked, allowed};
use super::{App, Cx};
use crate::domain::id::{CounterId, TicketId};
use crate::domain::queue::look::{Ask, Desk, Finish};
use crate::domain::queue::{self, Act, CounterState, Priority, State, Ticket};
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp};

/// The letters of menus that have as many rows as there are things.
const LETTERS: &str = "123456789acdfghilmnoprstuvwxyz";

impl App {
    /// Calls again whoever does not come; who was called often enough is something else from then on.
    pub(crate) fn recall(&mut self) {
        let Some(ticket) = self.queue.present().cloned() else { return };
        let most = self.queue.console.as_ref().map_or(i64::MAX, |console| console.venue.rules.recalls);
        if ticket.recalls < most {
            return self.act_here(Act::Recall);
        }
        let row = |(key, title, act)| act_row(key, title, "", &ticket, act);
        let rows = [
            ('x', "nobody came: a no-show", Act::NoShow),
            ('f', "back into the line, first", Act::Return(queue::Place::First)),
            ('l', "back into the line, last", Act::Return(queue::Place::Last)),
        ];
        let times = if most == 1 { "once".to_owned() } else { format!("{most} times") };
        let title = format!("{} was called again {times}, as often as allowed", ticket.label);
        self.overlays.push(Overlay::Menu(Menu::new(&title, rows.map(row).into())));
    }

    /// Somebody is still at the counter: what becomes of them?
    pub(super) fn ask_finish(&mut self, ticket: &Ticket, counter: CounterId) {
        let row = |(key, title, finish)| MenuRow {
            key,
            title: Safe::lit(title),
            detail: Safe::default(),
            choice: MenuChoice::Queue(Box::new(Ask::Next { counter, there: Some((ticket.id, ticket.version)), finish: Some(finish) })),
        };
        let called = ticket.state == State::Called;
        let mut rows = vec![('e', "served: call the next", Finish::Serve), ('b', "park it: call the next", Finish::Park)];
        rows.extend(called.then_some(('x', "nobody came: call the next", Finish::NoShow)));
        let title = format!("{} is still here", ticket.label);
        self.overlays.push(Overlay::Menu(Menu::new(&title, rows.into_iter().map(row).collect())));
    }

    pub(crate) fn can_transfer(&self) -> Result<(), String> {
        allowed(self.need_ticket()?, Act::Transfer)?;
        let console = self.need_console()?;
        if console.lines.len() > 1 { Ok(()) } else { Err("There is no other service".to_owned()) }
    }

    /// Asks to which service the selected ticket goes.
    pub(crate) fn ask_transfer(&mut self) {
        let (Some(ticket), Some(console)) = (self.queue.selected(), &self.queue.console) else { return };
        let open = |line: &&queue::look::Line| {
            let department = console.departments.iter().find(|department| department.id == line.service.department);
            line.service.id != ticket.service && !department.is_some_and(|department| department.closed)
        };
        let row = |(line, key): (&queue::look::Line, char)| MenuRow {
            key,
            title: Safe::line(&format!("{}  {}", line.service.prefix, line.service.name)),
            detail: Safe::line(&if line.open == 0 { "no counter open".to_owned() } else { format!("{} wait", line.waiting) }),
            choice: MenuChoice::Queue(Box::new(Ask::Act {
                ticket: ticket.id,
                version: Some(ticket.version),
                act: Act::Transfer,
                counter: None,
                service: Some(line.service.id),
            })),
        };
        let rows: Vec<MenuRow> = console.lines.iter().filter(open).zip(LETTERS.chars()).map(row).collect();
        let title = format!("move {} to", ticket.label);
        self.offer(&title, rows);
    }

    pub(crate) fn can_park(&self) -> Result<(), String> {
        let ticket = self.need_ticket()?;
        allowed(ticket, Act::Park(None)).or_else(|why| allowed(ticket, Act::Return(queue::Place::Arrival)).map_err(|_| why))
    }

    /// Asks for how long the selected ticket is put aside, or where it goes back into the line.
    pub(crate) fn ask_park(&mut self, cx: &Cx) {
        let Some(ticket) = self.queue.selected() else { return };
        let zone = self.queue.console.as_ref().map_or(cx.zone, |console| console.venue.zone);
        let mut rows = Vec::new();
        if allowed(ticket, Act::Park(None)).is_ok() {
            for (key, title, minutes) in [('1', "for 10 minutes", 10), ('3', "for 30 minutes", 30)] {
                let until = cx.now.plus(Span::minutes(minutes));
                rows.push(act_row(key, title, &until.hhmm(zone), ticket, Act::Park(Some(until))));
            }
            let choice = MenuChoice::ParkUntil(ticket.id, ticket.version);
            rows.push(MenuRow { key: 't', title: Safe::lit("until a time …"), detail: Safe::default(), choice });
            rows.push(act_row('n', "until somebody calls it", "", ticket, Act::Park(None)));
        }
        if allowed(ticket, Act::Return(queue::Place::First)).is_ok() {
            let places = [
                ('w', "back into the line, where it stood", queue::Place::Arrival),
                ('f', "back into the line, first", queue::Place::First),
                ('l', "back into the line, last", queue::Place::Last),
            ];
            rows.extend(places.map(|(key, title, place)| act_row(key, title, "", ticket, Act::Return(place))));
        }
        let title = format!("park {}", ticket.label);
        self.offer(&title, rows);
    }

    /// Asks for the time until which it is put aside.
    pub(super) fn ask_park_until(&mut self, ticket: TicketId, version: i64, cx: &Cx) {
        let title = self.queue.ticket(ticket).map_or_else(|| "park until".to_owned(), |ticket| format!("park {} until", ticket.label));
        self.overlays.push(Overlay::Picker(Picker::new(Purpose::Park { ticket, version }, &title, Vec::new(), "")));
        self.offer_times(cx);
    }

    /// A time was chosen.
    pub(super) fn park_until(&mut self, ticket: TicketId, version: i64, until: Timestamp) {
        self.ask_act(ticket, version, Act::Park(Some(until)));
    }

    pub(crate) fn can_prefer(&self) -> Result<(), String> {
        let ticket = self.need_ticket()?;
        if matches!(ticket.state, State::Waiting | State::Parked) {
            return Ok(());
        }
        Err(format!("{} is called already: its priority changes nothing", ticket.label))
    }

    /// Asks how urgent the selected ticket is.
    pub(crate) fn ask_prefer(&mut self) {
        let Some(ticket) = self.queue.selected() else { return };
        let row = |(key, priority): (char, Priority)| MenuRow {
            key,
            title: Safe::lit(priority.name()),
            detail: Safe::lit(if priority == ticket.priority { "now" } else { "" }),
            choice: MenuChoice::Queue(Box::new(Ask::Prefer { ticket: ticket.id, version: Some(ticket.version), priority })),
        };
        let letters = [
            ('u', Priority::Urgent),
            ('e', Priority::Elder),
            ('d', Priority::Disabled),
            ('p', Priority::Pregnant),
            ('n', Priority::Normal),
        ];
        let title = format!("priority of {}", ticket.label);
        self.offer(&title, letters.into_iter().map(row).collect());
    }

    pub(crate) fn can_call_chosen(&self) -> Result<(), String> {
        let ticket = self.need_ticket()?;
        allowed(ticket, Act::Call)?;
        let desk = self.need_open()?;
        match &desk.ticket {
            None => Ok(()),
            Some(there) => Err(format!("{} is still at your counter: end or park it first", there.label)),
        }
    }

    /// Calls the selected ticket to our counter, out of its turn.
    pub(crate) fn call_chosen(&mut self) {
        let (Some(ticket), Some(desk)) = (self.queue.selected(), self.queue.desk()) else { return };
        let ask = call(ticket, desk.counter.id);
        self.ask_queue(ask);
    }

    pub(crate) fn can_call_elsewhere(&self) -> Result<(), String> {
        allowed(self.need_ticket()?, Act::Call)?;
        let free = |desk: &Desk| desk.counter.state == CounterState::Open && desk.ticket.is_none();
        if self.need_console()?.counters.iter().any(free) { Ok(()) } else { Err("No open counter is free".to_owned()) }
    }

    /// Asks to which counter the selected ticket is called.
    pub(crate) fn ask_call_elsewhere(&mut self) {
        let (Some(ticket), Some(console)) = (self.queue.selected(), &self.queue.console) else { return };
        let free = |desk: &&Desk| desk.counter.state == CounterState::Open && desk.ticket.is_none();
        let row = |(desk, key): (&Desk, char)| MenuRow {
            key,
            title: Safe::line(&format!("counter {}", desk.counter.name)),
            detail: self.about_counter(desk),
            choice: MenuChoice::Queue(Box::new(call(ticket, desk.counter.id))),
        };
        let rows = console.counters.iter().filter(free).zip(LETTERS.chars()).map(row).collect();
        let title = format!("call {} to", ticket.label);
        self.offer(&title, rows);
    }

    pub(crate) fn need_counters(&self) -> Result<(), String> {
        if self.need_console()?.counters.is_empty() {
            Err("There is no counter yet: `frontdesk counter add` makes one".to_owned())
        } else {
            Ok(())
        }
    }

    /// Asks at which counter we work from now on.
    pub(crate) fn ask_take_counter(&mut self) {
        let Some(console) = &self.queue.console else { return };
        let mine = self.queue.desk().map(|desk| desk.counter.id);
        let row = |(desk, key): (&Desk, char)| MenuRow {
            key,
            title: Safe::line(&format!("counter {}", desk.counter.name)),
            detail: if mine == Some(desk.counter.id) { Safe::lit("yours") } else { self.about_counter(desk) },
            choice: MenuChoice::Queue(Box::new(Ask::Counter { counter: desk.counter.id, state: CounterState::Open })),
        };
        // Whoever looks for a place wants one at which nobody works; each keeps its letter.
        let mut desks: Vec<(&Desk, char)> = console.counters.iter().zip(LETTERS.chars()).collect();
        desks.sort_by_key(|(desk, _)| desk.counter.state != CounterState::Closed);
        let rows = desks.into_iter().map(row).collect();
        self.offer("work at", rows);
    }

    /// Asks which counter is to be opened, left or closed.
    pub(crate) fn ask_counters(&mut self) {
        let Some(console) = &self.queue.console else { return };
        let row = |(desk, key): (&Desk, char)| MenuRow {
            key,
            title: Safe::line(&format!("counter {}", desk.counter.name)),
            detail: self.about_counter(desk),
            choice: MenuChoice::Counter(desk.counter.id),
        };
        let rows = console.counters.iter().zip(LETTERS.chars()).map(row).collect();
        self.offer("open, leave or close", rows);
    }

    /// Asks what a counter is to be.
    pub(super) fn ask_counter_state(&mut self, counter: CounterId) {
        let Some(desk) = self.queue.console.as_ref().and_then(|console| console.counters.iter().find(|desk| desk.counter.id == counter))
        else {
            return;
        };
        let there = desk.ticket.as_ref().map(|ticket| format!("{} goes back into the line, first", ticket.label)).unwrap_or_default();
        let row = |(key, title, state, detail): (char, &'static str, CounterState, &str)| MenuRow {
            key,
            title: Safe::lit(title),
            detail: if desk.counter.state == state { Safe::lit("now") } else { Safe::line(detail) },
            choice: MenuChoice::Queue(Box::new(Ask::Counter { counter, state })),
        };
        let rows = [
            ('o', "open: you work there", CounterState::Open, ""),
            ('b', "on break", CounterState::Break, ""),
            ('c', "closed", CounterState::Closed, there.as_str()),
        ];
        let title = format!("counter {}", desk.counter.name);
        let rows = rows.into_iter().map(row).collect();
        self.offer(&title, rows);
    }

    pub(crate) fn can_break(&self) -> Result<(), String> {
        self.need_desk().map(|_| ())
    }

    /// Leaves our counter for a while, or comes back.
    pub(crate) fn turn_break(&mut self) {
        let Some(counter) = self.queue.desk().map(|desk| &desk.counter) else { return };
        let state = if counter.state == CounterState::Open { CounterState::Break } else { CounterState::Open };
        self.ask_queue(Ask::Counter { counter: counter.id, state });
    }

    fn about_counter(&self, desk: &Desk) -> Safe {
        let serves: Vec<&str> = desk.counter.services.iter().map(|service| self.queue.prefix(*service)).collect();
        let state = match desk.counter.state {
            CounterState::Closed => "closed",
            CounterState::Break => "on break",
            CounterState::Open => "open",
        };
        let who = if desk.agent.is_empty() { String::new() } else { format!(" · {}", desk.agent) };
        let there = desk.ticket.as_ref().map(|ticket| format!(" · {}", ticket.label)).unwrap_or_default();
        Safe::line(&format!("{} · {state}{who}{there}", serves.join(", ")))
    }

    /// The no-shows that can still be taken back.
    fn no_shows(&self, cx: &Cx) -> Vec<&Ticket> {
        let minutes = self.queue.console.as_ref().map_or(0, |console| console.venue.rules.reinstate_minutes);
        let fresh = |ticket: &&Ticket| ticket.ended_at.is_some_and(|at| cx.now.since(at) <= Span::minutes(minutes));
        self.queue.no_shows.iter().rev().filter(fresh).collect()
    }

    pub(crate) fn can_reinstate(&self, cx: &Cx) -> Result<(), String> {
        let minutes = self.need_console()?.venue.rules.reinstate_minutes;
        if self.no_shows(cx).is_empty() {
            return Err(format!("You made nobody a no-show in the last {minutes} minutes"));
        }
        Ok(())
    }

    /// Takes a no-show back: the last one, or one of several.
    pub(crate) fn reinstate(&mut self, cx: &Cx) {
        let tickets: Vec<Ticket> = self.no_shows(cx).into_iter().cloned().collect();
        match tickets.as_slice() {
            [] => {}
            [one] => self.ask_act(one.id, one.version, Act::Reinstate),
            many => {
                let row = |(ticket, key): (&Ticket, char)| MenuRow {
                    title: Safe::line(&ticket.label),
                    ..act_row(key, "", &ticket.name, ticket, Act::Reinstate)
                };
                let rows = many.iter().zip(LETTERS.chars()).map(row).collect();
                self.offer("who came after all?", rows);
            }
        }
    }

    pub(crate) fn can_cancel_ticket(&self) -> Result<(), String> {
        allowed(self.need_ticket()?, Act::Cancel)
    }

    /// Asks whether the selected ticket is to be given up: that cannot be undone.
    pub(crate) fn ask_cancel_ticket(&mut self) {
        if let Some((ticket, version)) = self.queue.selected().map(|ticket| (ticket.id, ticket.version)) {
            self.overlays.push(Overlay::Confirm(Confirm { act: Irrevocable::CancelTicket { ticket, version } }));
        }
    }

    /// Whether there is something to take a ticket for.
    pub(crate) fn can_issue(&self) -> Result<(), String> {
        if self.need_console()?.lines.is_empty() {
            return Err("There is no service yet: `frontdesk service add` makes one".to_owned());
        }
        Ok(())
    }

    /// Opens the form of a new ticket.
    pub(crate) fn ask_issue(&mut self, cx: &Cx) {
        let Some(console) = &self.queue.console else { return };
        let first = self.queue.selected().map(|ticket| ticket.service).or_else(|| self.queue.desk()?.counter.services.first().copied());
        self.overlays.push(Overlay::TicketForm(TicketForm::new(console, first, cx.unique)));
    }

    /// Enter in the form: the next field, or the ticket.
    pub(super) fn accept_ticket(&mut self) {
        let Some(Overlay::TicketForm(form)) = self.overlays.last_mut() else { return };
        if form.ticket.is_some() || form.advance() {
            return;
        }
        let ask = Ask::Issue(form.issue());
        let ticket = self.write(Write::Queue(Box::new(ask.clone())), Awaited::Queue(Box::new(Asked { ask, before: None })));
        if let Some(Overlay::TicketForm(form)) = self.overlays.last_mut() {
            form.ticket = Some(ticket);
        }
    }

    fn offer(&mut self, title: &str, rows: Vec<MenuRow>) {
        self.overlays.push(Overlay::Menu(Menu::new(title, rows)));
    }
}

fn call(ticket: &Ticket, counter: CounterId) -> Ask {
    Ask::Act { ticket: ticket.id, version: Some(ticket.version), act: Act::Call, counter: Some(counter), service: None }
}

fn act_row(key: char, title: &'static str, detail: &str, ticket: &Ticket, act: Act) -> MenuRow {
    let ask = Ask::Act { ticket: ticket.id, version: Some(ticket.version), act, counter: None, service: None };
    MenuRow { key, title: Safe::lit(title), detail: Safe::line(detail), choice: MenuChoice::Queue(Box::new(ask)) }
}
