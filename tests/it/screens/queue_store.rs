//! A clinic's queue for screen tests, and what a store would answer about it.

use chrono_tz::Tz;
use frontdesk::app::effect::QueuePage;
use frontdesk::domain::id::{AgentId, ConversationId, CounterId, DepartmentId, ServiceId, TicketId, VenueId};
use frontdesk::domain::queue::look::{Answer, Ask, Console, Day, Desk as Counters, Finish, Happened, Line, Place, Range, Waiter};
use frontdesk::domain::queue::{Act, Counter, CounterState, Department, Priority, Rules, Service, State, Ticket, Venue};
use frontdesk::domain::time::{Span, Timestamp};

use super::desk::{ME, ago};

pub const SER: ServiceId = ServiceId(1);
pub const TEL: ServiceId = ServiceId(2);
pub const CS: ServiceId = ServiceId(3);
pub const CAS: ServiceId = ServiceId(4);

pub fn ticket(id: i64, label: &str, service: ServiceId, name: &str, minutes: i64) -> Ticket {
    Ticket {
        id: TicketId(id),
        venue: VenueId(1),
        service,
        issued_for: service,
        label: label.to_owned(),
        number: id,
        day: 20_777,
        carried: false,
        state: State::Waiting,
        priority: Priority::Normal,
        arrived_at: ago(minutes),
        order_at: ago(minutes),
        first_called_at: None,
        called_at: None,
        recalls: 0,
        serving_at: None,
        ended_at: None,
        counter: None,
        parked_until: None,
        transfers: 0,
        phone: String::new(),
        name: name.to_owned(),
        note: String::new(),
        language: String::new(),
        contact: None,
        conversation: None,
        told: String::new(),
        version: 1,
    }
}

fn at_counter(counter: i64, state: State, since: Span, mut ticket: Ticket) -> Ticket {
    let since = super::desk::NOW.minus(since);
    (ticket.state, ticket.counter, ticket.version) = (state, Some(CounterId(counter)), 2);
    (ticket.first_called_at, ticket.called_at) = (Some(since), Some(since));
    ticket.serving_at = (state == State::Serving).then_some(since);
    ticket
}

fn waiter(ticket: Ticket, position: i64, range: (i64, i64), reach: &str) -> Waiter {
    let waits = ticket.state == State::Waiting;
    let estimate = waits.then_some(Range { from: range.0, to: range.1 });
    Waiter { ticket, position: waits.then_some(position), estimate, reach: reach.to_owned() }
}

fn waiting() -> Vec<Waiter> {
    let elder = Ticket { priority: Priority::Elder, told: "text".to_owned(), ..ticket(9, "CS-009", CS, "Joko", 24) };
    let moved = Ticket { service: SER, transfers: 1, ..ticket(12, "TEL-112", TEL, "Maya", 50) };
    let parked = Ticket { state: State::Parked, parked_until: Some(ago(-10)), ..ticket(46, "SER-046", SER, "PT Maju", 18) };
    let sari = Ticket {
        phone: "6281311112222".to_owned(),
        conversation: Some(ConversationId(1)),
        language: "id".to_owned(),
        ..ticket(43, "SER-043", SER, "Sari W.", 29)
    };
    vec![
        waiter(elder, 1, (2, 2), "WA"),
        waiter(moved, 2, (4, 4), ""),
        waiter(sari, 3, (6, 6), "WA"),
        waiter(ticket(44, "SER-044", SER, "", 27), 4, (8, 8), "no phone"),
        waiter(ticket(45, "SER-045", SER, "Tina", 20), 5, (10, 15), "WA closed"),
        waiter(ticket(47, "SER-047", SER, "Andi", 15), 6, (10, 15), "WA"),
        waiter(ticket(48, "SER-048", SER, "Rudi", 10), 7, (10, 15), "push"),
        waiter(ticket(118, "TEL-118", TEL, "Agus", 3), 1, (0, 0), "WA"),
        waiter(ticket(49, "SER-049", SER, "Nia", 6), 8, (15, 20), "WA"),
        waiter(parked, 0, (0, 0), ""),
    ]
}

/// Four departments, six counters; ayu is at the third and has called Budi.
pub fn clinic() -> QueuePage {
    let department = |id: i64, name: &str, closed| Department { id: DepartmentId(id), venue: VenueId(1), name: name.to_owned(), closed };
    let line =
        |id: ServiceId, name: &str, prefix: &str, (waiting, parked, open, free): (i64, i64, i64, i64), range: Option<(i64, i64)>| Line {
            service: Service {
                id,
                department: DepartmentId(id.0),
                name: name.to_owned(),
                prefix: prefix.to_owned(),
                expected: Span::minutes(5),
            },
            waiting,
            parked,
            open,
            free,
            mean: Span::secs(348),
            estimate: range.map(|(from, to)| Range { from, to }),
            day: Day {
                issued: 50,
                served: 41,
                no_shows: 2,
                wait: Span::minutes(18),
                longest: Span::minutes(50),
                promised: Some(83),
                error: None,
            },
        };
    let counter = |id: i64, services: &[ServiceId], agent: Option<(i64, &str)>, ticket: Option<Ticket>| Counters {
        counter: Counter {
            id: CounterId(id),
            venue: VenueId(1),
            name: id.to_string(),
            services: services.to_vec(),
            state: if agent.is_some() { CounterState::Open } else { CounterState::Closed },
            agent: agent.map(|(id, _)| AgentId(id)),
            version: 1,
        },
        agent: agent.map(|(_, name)| name.to_owned()).unwrap_or_default(),
        ticket,
        served: 20 - id,
        no_shows: id % 3,
        mean: Span::secs(353 - 5 * id),
        longest: Span::secs(842),
    };
    let called = Ticket {
        phone: "6281200001111".to_owned(),
        recalls: 1,
        note: "plat B 1234 XY".to_owned(),
        told: "text".to_owned(),
        ..ticket(42, "SER-042", SER, "Budi Santoso", 38)
    };
    let counters = vec![
        counter(1, &[SER], Some((8, "rio")), Some(at_counter(1, State::Serving, Span::secs(191), ticket(41, "SER-041", SER, "Ana", 60)))),
        counter(2, &[CS], Some((9, "dewi")), Some(at_counter(2, State::Serving, Span::secs(340), ticket(8, "CS-008", CS, "Eko", 60)))),
        counter(3, &[SER, CS], Some((ME.0, "ayu")), Some(at_counter(3, State::Called, Span::secs(72), called))),
        counter(4, &[SER], Some((10, "tono")), Some(at_counter(4, State::Serving, Span::secs(860), ticket(40, "SER-040", SER, "Uli", 70)))),
        counter(5, &[TEL], Some((11, "mira")), None),
        counter(6, &[TEL, CAS], None, None),
    ];
    let event = |seconds: i64, kind: &str, label: &str, detail: &str| Happened {
        at: super::desk::NOW.minus(Span::secs(seconds)),
        kind: kind.to_owned(),
        label: label.to_owned(),
        detail: detail.to_owned(),
    };
    let console = Console {
        venue: Venue {
            id: VenueId(1),
            name: "Klinik Sehat Senayan".to_owned(),
            zone: Tz::Asia__Jakarta,
            day_starts: Span(0),
            rules: Rules::default(),
        },
        departments: vec![
            department(4, "Cashier", true),
            department(3, "Customer service", false),
            department(1, "Service", false),
            department(2, "Teller", false),
        ],
        lines: vec![
            line(CAS, "Cashier", "CAS", (0, 0, 0, 0), None),
            line(CS, "Customer service", "CS", (1, 0, 2, 0), Some((5, 10))),
            line(SER, "Service motor", "SER", (7, 1, 3, 0), Some((15, 20))),
            line(TEL, "Teller", "TEL", (1, 0, 1, 1), Some((0, 0))),
        ],
        counters,
        waiting: waiting(),
        more: false,
        events: vec![
            event(72, "ticket.called", "SER-042", "3"),
            event(70, "notice.sent", "SER-042", "WA your_turn"),
            event(118, "ticket.served", "SER-039", "1"),
            event(170, "ticket.no-show", "SER-038", "4"),
            event(185, "ticket.transferred", "TEL-112", "Teller -> Service motor"),
        ],
        day: Day {
            issued: 120,
            served: 87,
            no_shows: 4,
            wait: Span::minutes(18),
            longest: Span::minutes(50),
            promised: Some(83),
            error: None,
        },
        version: 100,
    };
    QueuePage { venues: vec![(VenueId(1), "Klinik Sehat Senayan".to_owned())], console: Some(console) }
}

/// The clinic with nobody at our counter.
pub fn free() -> QueuePage {
    let mut page = clinic();
    page.console.as_mut().unwrap().counters[2].ticket = None;
    page
}

/// The clinic in which no counter is ours.
pub fn watched() -> QueuePage {
    let mut page = clinic();
    let desk = &mut page.console.as_mut().unwrap().counters[2];
    (desk.counter.agent, desk.agent) = (Some(AgentId(12)), "sri".to_owned());
    page
}

/// Does what is asked as a store would, without its refusals.
pub fn ask(page: &mut QueuePage, ask: &Ask, now: Timestamp) -> Answer {
    let console = page.console.as_mut().expect("a venue");
    console.version += 1;
    match ask {
        Ask::Next { counter, finish, .. } => next(console, *counter, *finish, now),
        Ask::Act { ticket, act, counter, service, .. } => {
            let mut one = take(console, *ticket);
            let service = service.unwrap_or(one.service);
            one.transfers += i64::from(service != one.service);
            one.service = service;
            apply(&mut one, *act, *counter, now);
            put(console, one)
        }
        Ask::Prefer { ticket, priority, .. } => {
            let mut one = take(console, *ticket);
            one.priority = *priority;
            put(console, one)
        }
        Ask::Issue(issue) => {
            let mut one = ticket(900, "SER-900", issue.service.expect("a service"), &issue.name, 0);
            (one.phone, one.priority) = (issue.phone.clone(), issue.priority);
            put(console, one)
        }
        Ask::Counter { counter, state } => {
            let desk = console.counters.iter_mut().find(|desk| desk.counter.id == *counter).expect("a counter");
            desk.counter.state = *state;
            desk.counter.agent = (*state != CounterState::Closed).then_some(ME);
            "ayu".clone_into(&mut desk.agent);
            Answer::Counter(desk.counter.clone())
        }
    }
}

fn next(console: &mut Console, counter: CounterId, finish: Option<Finish>, now: Timestamp) -> Answer {
    let desk = console.counters.iter().find(|desk| desk.counter.id == counter).expect("a counter");
    let (serves, there) = (desk.counter.services.clone(), desk.ticket.clone());
    match (there, finish) {
        (Some(there), None) => return Answer::Busy(Box::new(there)),
        (Some(there), Some(finish)) => {
            let mut there = take(console, there.id);
            let act = match finish {
                Finish::Serve => Act::Serve,
                Finish::Park => Act::Park(None),
                Finish::NoShow => Act::NoShow,
            };
            apply(&mut there, act, None, now);
            put(console, there);
        }
        (None, _) => {}
    }
    let waits = |waiter: &&Waiter| waiter.ticket.state == State::Waiting && serves.contains(&waiter.ticket.service);
    let Some(id) = console.waiting.iter().find(waits).map(|waiter| waiter.ticket.id) else { return Answer::Nobody };
    let mut one = take(console, id);
    apply(&mut one, Act::Call, Some(counter), now);
    put(console, one)
}

fn apply(ticket: &mut Ticket, act: Act, counter: Option<CounterId>, now: Timestamp) {
    ticket.state = ticket.state.after(act).expect("a legal act");
    ticket.version += 1;
    match act {
        Act::Call => {
            (ticket.called_at, ticket.first_called_at) = (Some(now), ticket.first_called_at.or(Some(now)));
            ticket.counter = counter;
        }
        Act::Recall => ticket.recalls += 1,
        Act::Start => ticket.serving_at = Some(now),
        Act::Park(until) => ticket.parked_until = until,
        Act::NoShow | Act::Serve | Act::Cancel => ticket.ended_at = Some(now),
        _ => {}
    }
}

fn take(console: &mut Console, id: TicketId) -> Ticket {
    for desk in &mut console.counters {
        if let Some(ticket) = desk.ticket.take_if(|ticket| ticket.id == id) {
            return ticket;
        }
    }
    let gone = || ticket(id.0, "SER-042", SER, "Budi Santoso", 38);
    let at = console.waiting.iter().position(|waiter| waiter.ticket.id == id);
    at.map_or_else(|| Ticket { state: State::NoShow, ..gone() }, |at| console.waiting.remove(at).ticket)
}

fn put(console: &mut Console, ticket: Ticket) -> Answer {
    let counter = ticket.counter.map(|counter| counter.to_string()).unwrap_or_default();
    let service = console.lines.iter().find(|line| line.service.id == ticket.service).expect("a service").service.name.clone();
    match ticket.state {
        State::Waiting | State::Parked => console.waiting.insert(0, waiter(ticket.clone(), 1, (5, 10), "")),
        State::Called | State::Serving => {
            let desk = console.counters.iter_mut().find(|desk| Some(desk.counter.id) == ticket.counter).expect("a counter");
            desk.ticket = Some(ticket.clone());
        }
        _ => {}
    }
    Answer::Ticket(Box::new(Place {
        venue: "Workshop".to_owned(),
        position: (ticket.state == State::Waiting).then_some(1),
        total: console.waiting.len() as i64,
        estimate: None,
        serving: String::new(),
        counter,
        known: false,
        version: console.version,
        service,
        department: String::new(),
        ticket,
    }))
}
