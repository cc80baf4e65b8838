//! What a key costs on a bad line. Bytes are the same on every machine, so these are budgets, not measurements.

use frontdesk::domain::conversation::Priority;
use frontdesk::domain::id::AgentId;
use frontdesk::domain::time::Span;
use frontdesk::term::{Caps, Screen, caps};
use frontdesk::ui::{self, look::Depth};

use super::desk::{Desk, ME, customer};

const NAMES: [&str; 6] = ["Andi Pratama", "Søren Lindqvist", "佐藤 花子", "+62 813 1111 2222", "Leila Haddad", "Chiara Rossi"];
const WORDS: [&str; 5] = [
    "besok jam 7 malam masih ada lapangan untuk dua jam?",
    "The tracking page still says \"in transit\" since Monday",
    "返金をお願いします。注文番号は 88213 です",
    "Re: Invoice 2026-118: the amount is wrong, please check",
    "I have booked court 2 for you, Saturday at seven",
];

/// A list as it looks at work: names, words, flags and ages of many lengths.
fn at_work(count: i64) -> Desk {
    let mut desk = Desk::empty((120, 40));
    for n in 1..=count {
        let mut row = customer(n, &format!("{} {n}", NAMES[n as usize % 6]), WORDS[n as usize % 5], n * 7);
        row.unread = u32::from(n % 3 == 0);
        row.waiting_since = (n % 3 == 0).then_some(row.last_at);
        row.assignee = [None, Some(ME), Some(AgentId(8))][n as usize % 3];
        if row.assignee == Some(AgentId(8)) {
            row.assignee_name = "rio".to_owned();
        }
        row.window = (n % 4 == 0).then_some(Span::hours(24));
        row.priority = if n % 11 == 0 { Priority::High } else { Priority::None };
        desk.rows.push(row);
    }
    desk.start();
    desk
}

struct Line {
    desk: Desk,
    screen: Screen,
}

impl Line {
    fn open(mut desk: Desk, depth: (caps::Depth, Depth)) -> Self {
        let (columns, rows) = desk.app.size();
        desk.look.depth = depth.1;
        let mut line = Self { desk, screen: Screen::new(columns, rows, Caps { depth: depth.0, ..Caps::default() }) };
        line.paint();
        line
    }

    fn paint(&mut self) -> usize {
        let desk = &self.desk;
        self.screen.paint(|canvas| ui::draw(&desk.app, &desk.cx, &desk.look, canvas)).len()
    }

    fn key(&mut self, key: &str) -> usize {
        self.desk.key_now(key);
        self.desk.answer_all();
        self.paint()
    }
}

const DEPTHS: [(caps::Depth, Depth); 3] =
    [(caps::Depth::Sixteen, Depth::Sixteen), (caps::Depth::Indexed, Depth::Indexed), (caps::Depth::True, Depth::True)];

#[test]
fn moving_the_selection_costs_at_most_sixty_bytes() {
    for depth in DEPTHS {
        let mut line = Line::open(at_work(300), depth);
        for n in 0..16 {
            let bytes = line.key(if n < 8 { "j" } else { "k" });
            assert!(bytes <= 60, "{bytes} bytes for key {n} at {depth:?}");
        }
    }
}

#[test]
fn walking_down_the_list_costs_at_most_two_hundred_bytes_a_key() {
    for depth in DEPTHS {
        let mut line = Line::open(at_work(1_000), depth);
        let bytes: usize = (0..400).map(|_| line.key("j")).sum();
        assert!(bytes <= 200 * 400, "{} bytes a key at {depth:?}", bytes / 400);
    }
}

#[test]
fn a_page_costs_at_most_2800_bytes() {
    for depth in DEPTHS {
        let mut line = Line::open(at_work(1_000), depth);
        for _ in 0..10 {
            let bytes = line.key("ctrl-d");
            assert!(bytes <= 2_800, "{bytes} bytes at {depth:?}");
        }
    }
}
