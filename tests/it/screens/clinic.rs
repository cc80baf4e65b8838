//! A clinic for the screens the public sees: its services, its calls, who is next.

use chrono_tz::Tz;
use frontdesk::domain::id::{CounterId, DepartmentId, ServiceId, TicketId, VenueId};
use frontdesk::domain::queue::look::{Announcement, Board, Day, Kiosk, Line, NextInLine, Offer, Place, Range};
use frontdesk::domain::queue::{Priority, Rules, Service, State, Ticket, Venue};
use frontdesk::domain::time::Span;

use super::desk::{NOW, ago};

pub const CLINIC: VenueId = VenueId(1);

pub fn venue() -> Venue {
    Venue { id: CLINIC, name: "Klinik Sehat Senayan".into(), zone: Tz::Asia__Jakarta, day_starts: Span::ZERO, rules: Rules::default() }
}

/// A service, how many wait, how many counters are open, how long it takes.
pub fn line(id: i64, name: &str, prefix: &str, waiting: i64, open: i64, estimate: Option<(i64, i64)>) -> Line {
    Line {
        service: Service {
            id: ServiceId(id),
            department: DepartmentId(1),
            name: name.into(),
            prefix: prefix.into(),
            expected: Span::minutes(5),
        },
        waiting,
        parked: 0,
        open,
        free: 0,
        mean: Span::minutes(6),
        estimate: estimate.map(|(from, to)| Range { from, to }),
        day: Day::default(),
    }
}

pub fn lines() -> Vec<Line> {
    vec![
        line(1, "Service motor", "SER", 8, 3, Some((15, 20))),
        line(2, "Teller", "TEL", 1, 1, Some((0, 5))),
        line(3, "Customer service", "CS", 2, 1, Some((10, 10))),
        line(4, "Kasir", "KAS", 0, 0, None),
    ]
}

/// A call; the ticket's id is made of its label.
pub fn call(id: i64, label: &str, counter: &str, service: &str, minutes: i64) -> Announcement {
    let ticket = label.bytes().fold(0_i64, |sum, byte| sum * 31 + i64::from(byte)) & 0xffff_ffff;
    Announcement {
        id,
        ticket: TicketId(ticket),
        label: label.into(),
        counter: counter.into(),
        counter_id: CounterId(counter.len() as i64),
        service: service.into(),
        service_id: ServiceId(1),
        at: ago(minutes),
        recall: 0,
        state: State::Called,
        withdrawn: false,
    }
}

pub fn calls() -> Vec<Announcement> {
    let mut calls = vec![
        call(25, "SER-042", "3", "Service motor", 1),
        call(24, "SER-041", "1", "Service motor", 2),
        call(23, "TEL-117", "5", "Teller", 3),
        call(22, "CS-008", "2", "Customer service", 5),
        call(21, "SER-040", "4", "Service motor", 9),
        call(20, "SER-039", "1", "Service motor", 12),
    ];
    calls[4].recall = 2;
    for call in &mut calls[1..] {
        call.state = State::Served;
    }
    calls
}

pub fn board() -> Board {
    let next = |label: &str, service: &str, position, estimate: Option<(i64, i64)>, priority| NextInLine {
        label: label.into(),
        service: service.into(),
        position,
        estimate: estimate.map(|(from, to)| Range { from, to }),
        priority,
    };
    Board {
        venue: venue(),
        department: None,
        calls: calls(),
        next: vec![
            next("CS-009", "Customer service", 1, Some((0, 5)), Priority::Elder),
            next("TEL-112", "Service motor", 1, Some((0, 5)), Priority::Normal),
            next("SER-043", "Service motor", 2, Some((0, 5)), Priority::Normal),
            next("SER-044", "Service motor", 3, Some((5, 10)), Priority::Normal),
            next("TEL-118", "Teller", 1, Some((0, 5)), Priority::Normal),
            next("CS-010", "Customer service", 2, Some((10, 10)), Priority::Normal),
        ],
        lines: lines(),
        version: 7,
    }
}

pub fn kiosk(count: usize) -> Kiosk {
    let mut lines = lines();
    for n in lines.len()..count {
        lines.push(line(n as i64 + 1, &format!("Poli {}", n + 1), &format!("P{n}"), 0, 1, Some((0, 0))));
    }
    let offers = lines.into_iter().take(count).map(|line| Offer { closed: line.service.name == "Kasir", line }).collect();
    Kiosk { venue: venue(), offers, number: "+62 812-0000-1111".into() }
}

pub fn place(label: &str) -> Place {
    let ticket = Ticket {
        id: TicketId(51),
        venue: CLINIC,
        service: ServiceId(1),
        issued_for: ServiceId(1),
        label: label.into(),
        number: 51,
        day: 20_777,
        carried: false,
        state: State::Waiting,
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
        language: "id".into(),
        contact: None,
        conversation: None,
        told: String::new(),
        version: 0,
    };
    Place {
        venue: "Clinic".to_owned(),
        ticket,
        service: "Service motor".into(),
        department: "Bengkel".into(),
        position: Some(9),
        total: 9,
        estimate: Some(Range { from: 15, to: 20 }),
        serving: "SER-042".into(),
        counter: String::new(),
        known: false,
        version: 8,
    }
}

/// A screen's text, without the blanks at the ends of rows.
pub fn text_of(buffer: &ratatui::buffer::Buffer) -> String {
    let row = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..buffer.area.height).map(row).collect::<Vec<_>>().join("\n")
}
