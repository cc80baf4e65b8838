//! The public display: what it shows, in which order, for how long, and what it costs.

use chrono_tz::Tz;
use frontdesk::app::board::{Display, Setting};
use frontdesk::app::effect::{Effect, Loaded, Query, Write, Wrote};
use frontdesk::app::msg::{Input, Msg};
use frontdesk::app::{Cx, key};
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::TicketId;
use frontdesk::domain::queue::State;
use frontdesk::domain::queue::look::{Announcement, Board};
use frontdesk::domain::queue::signs::Tongue;
use frontdesk::domain::time::{Span, Timestamp};
use frontdesk::term::{Caps, Screen, caps};
use frontdesk::ui;
use frontdesk::ui::look::{Depth, Look};
use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

use super::clinic::{CLINIC, board, call, kiosk, text_of};
use super::desk::{ME, NOW};

/// A display, the store as it would answer, and what was asked of it.
struct Wall {
    display: Display,
    cx: Cx,
    look: Look,
    board: Board,
    /// The store does not answer.
    down: bool,
    /// Every call that was to be said, and whether saying works.
    said: Vec<String>,
    mute: bool,
    loads: usize,
    quit: bool,
}

impl Wall {
    fn hang(size: (u16, u16)) -> Self {
        Self::hang_with(size, board(), None)
    }

    fn hang_with(size: (u16, u16), board: Board, tongue: Option<Tongue>) -> Self {
        let setting = Setting { venue: CLINIC, department: None, tongue, speaks: true };
        let mut wall = Self {
            display: Display::new(setting, size),
            cx: Cx { now: NOW, zone: Tz::UTC, agent: ME, unique: 1 },
            look: Look::new(Depth::Sixteen, false),
            board,
            down: false,
            said: Vec::new(),
            mute: false,
            loads: 0,
            quit: false,
        };
        let effects = wall.display.start(&wall.cx);
        wall.carry_out(effects);
        wall
    }

    fn turn(&mut self, msg: Msg) {
        let effects = self.display.update(msg, &self.cx);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Load { seq, query } => {
                    self.loads += 1;
                    let answer = match query {
                        Query::Board { .. } => Loaded::Board(Box::new(self.board.clone())),
                        Query::Kiosk { .. } => Loaded::Kiosk(Box::new(kiosk(4))),
                        other => panic!("{other:?}"),
                    };
                    let result = if self.down { Err("the database does not answer".to_owned()) } else { Ok(answer) };
                    self.turn(Msg::Loaded { seq, result });
                }
                Effect::Write { ticket, write: Write::Announce(call) } => {
                    self.said.push(format!("{} {} {}", call.label, call.counter, call.recall));
                    let result = if self.mute { Err("say-it did not end well".to_owned()) } else { Ok(Wrote::Done) };
                    self.turn(Msg::Wrote { ticket, result });
                }
                Effect::Quit => self.quit = true,
                other => panic!("{other:?}"),
            }
        }
    }

    /// These calls are made, the last one last, and the display hears of them at once.
    fn calls(&mut self, calls: Vec<Announcement>) {
        for call in calls {
            self.board.calls.insert(0, call);
            self.board.calls.truncate(Board::CALLS as usize);
        }
        self.board.version += 1;
        self.turn(Msg::Changed(Hint::Queue(CLINIC)));
    }

    /// Time passes; the display is woken whenever it asked to be.
    fn wait(&mut self, span: Span) {
        let until = self.cx.now.plus(span);
        while let Some(at) = self.display.wake_at().filter(|at| *at <= until) {
            assert!(at > self.cx.now, "woken for the past");
            self.cx.now = at;
            self.turn(Msg::Woke);
        }
        self.cx.now = until;
    }

    fn key(&mut self, word: &str) {
        for key in key::parse(word).unwrap() {
            self.turn(Msg::Input(Input::Key(key)));
        }
    }

    fn buffer(&self) -> Buffer {
        let (columns, rows) = self.display.size();
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| ui::draw_board(&self.display, &self.cx, &self.look, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    fn screen(&self) -> String {
        text_of(&self.buffer())
    }

    /// The heading of the call is shown reversed.
    fn is_reversed(&self) -> bool {
        let buffer = self.buffer();
        buffer[(0, 3)].modifier.contains(Modifier::REVERSED)
    }

    /// What stands in letters of a cell, which small displays show too large to be read as text.
    #[track_caller]
    fn shows(&self, text: &str) {
        assert!(self.screen().contains(text), "{text:?} is not on the screen:\n{}", self.screen());
    }

    #[track_caller]
    fn shows_no(&self, text: &str) {
        assert!(!self.screen().contains(text), "{text:?} is on the screen:\n{}", self.screen());
    }

    /// The ticket that is shown large, by what the same display without large letters would say.
    fn now_serving(&mut self) -> String {
        let size = self.display.size();
        self.look = Look::new(Depth::None, true);
        self.turn(Msg::Input(Input::Resize { columns: 60, rows: 15 }));
        let screen = self.screen();
        self.look = Look::new(Depth::Sixteen, false);
        self.turn(Msg::Input(Input::Resize { columns: size.0, rows: size.1 }));
        screen.lines().nth(3).unwrap_or_default().trim().to_owned()
    }
}

fn english(size: (u16, u16)) -> Wall {
    Wall::hang_with(size, board(), Some(Tongue::English))
}

#[test]
fn a_small_display_shows_the_call_the_calls_before_and_how_long_it_takes() {
    assert_snapshot!(english((80, 24)).screen());
}

#[test]
fn a_large_display_shows_who_is_next_for_what() {
    assert_snapshot!(english((160, 45)).screen());
}

#[test]
fn a_display_in_jakarta_speaks_indonesian() {
    assert_snapshot!(Wall::hang((80, 24)).screen());
}

#[test]
fn the_smallest_display_still_shows_the_ticket_large() {
    assert_snapshot!(english((60, 15)).screen());
}

#[test]
fn a_recalled_ticket_says_so_beside_flashing() {
    let mut wall = english((80, 24));
    let mut again = call(30, "SER-042", "3", "Service motor", 0);
    again.recall = 2;
    wall.calls(vec![again]);
    assert_snapshot!(wall.screen());
}

#[test]
fn every_size_is_painted_and_says_what_it_shows() {
    for (columns, rows) in
        [(60, 15), (61, 17), (76, 18), (80, 22), (100, 30), (119, 24), (120, 36), (160, 45), (200, 60), (300, 100), (20, 5)]
    {
        for ascii in [false, true] {
            let mut wall = english((columns, rows));
            wall.look = Look::new(Depth::None, ascii);
            let screen = wall.screen();
            let wanted: &[&str] =
                if columns < 60 { &["make"] } else { &["14:30", "NOW SERVING", "COUNTER", "TEL-117", "Service motor", "QUEUE to"] };
            for text in wanted {
                assert!(screen.contains(text), "{text} at {columns}x{rows}:\n{screen}");
            }
            assert!(!ascii || screen.is_ascii(), "{columns}x{rows}:\n{screen}");
        }
    }
}

#[test]
fn k_16_two_calls_within_a_second_are_both_shown_and_said_in_order() {
    let mut wall = english((80, 24));
    wall.calls(vec![call(30, "CS-009", "2", "Customer service", 0), call(31, "TEL-118", "5", "Teller", 0)]);
    assert_eq!(wall.now_serving(), "CS-009");
    assert_eq!(wall.said, ["CS-009 2 0"]);
    wall.wait(Span::millis(3_900));
    assert_eq!(wall.now_serving(), "CS-009");
    wall.wait(Span::millis(200));
    assert_eq!(wall.now_serving(), "TEL-118");
    assert_eq!(wall.said, ["CS-009 2 0", "TEL-118 5 0"]);
    wall.shows("CS-009      2");
}

#[test]
fn q_12_a_clock_that_is_set_back_holds_no_call_up() {
    let mut wall = english((80, 24));
    wall.cx.now = wall.cx.now.minus(Span::hours(2));
    wall.turn(Msg::Woke);
    let next = wall.display.wake_at().unwrap();
    assert!(next.since(wall.cx.now) <= Span::minutes(1), "the minute that is shown is that of the new time");
    wall.calls(vec![call(50, "SER-050", "1", "Service motor", 0)]);
    wall.wait(Span::secs(8));
    assert_eq!(wall.now_serving(), "SER-050");
}

#[test]
fn k_16_a_call_that_was_stored_late_is_shown_though_its_number_is_lower() {
    let mut wall = english((80, 24));
    wall.calls(vec![call(31, "TEL-118", "5", "Teller", 0)]);
    let late = call(30, "CS-009", "2", "Customer service", 0);
    wall.board.calls.insert(1, late);
    wall.turn(Msg::Changed(Hint::Everything));
    wall.wait(Span::secs(5));
    assert_eq!(wall.said, ["TEL-118 5 0", "CS-009 2 0"]);
    // And no old one comes back because a newer one went.
    wall.board.calls.retain(|call| call.id < 30);
    wall.turn(Msg::Changed(Hint::Everything));
    wall.wait(Span::secs(5));
    assert_eq!(wall.said.len(), 2);
}

#[test]
fn k_06_a_recall_flashes_and_is_said_again() {
    let mut wall = english((80, 24));
    let first = call(30, "SER-043", "1", "Service motor", 0);
    wall.calls(vec![first.clone()]);
    wall.wait(Span::secs(30));
    assert!(!wall.is_reversed());
    wall.calls(vec![Announcement { id: 31, recall: 1, ..first }]);
    assert!(wall.is_reversed());
    assert_eq!(wall.said, ["SER-043 1 0", "SER-043 1 1"]);
    wall.shows("recalled 1x");
}

#[test]
fn a_call_flashes_three_times_and_stands_still_then() {
    let mut wall = english((80, 24));
    wall.calls(vec![call(30, "SER-043", "1", "Service motor", 0)]);
    let mut seen = Vec::new();
    for _ in 0..8 {
        seen.push(wall.is_reversed());
        wall.wait(Span::millis(400));
    }
    assert_eq!(seen, [true, false, true, false, true, false, false, false]);
    wall.shows("PLEASE COME");
}

#[test]
fn a_ticket_that_was_called_by_mistake_or_did_not_come_leaves() {
    let mut wall = english((80, 24));
    wall.calls(vec![call(30, "SER-043", "1", "Service motor", 0)]);
    wall.board.calls[0].withdrawn = true;
    wall.turn(Msg::Changed(Hint::Queue(CLINIC)));
    assert_eq!(wall.now_serving(), "SER-042");
    wall.shows_no("SER-043      1");
    wall.board.calls[1].state = State::NoShow;
    wall.turn(Msg::Changed(Hint::Queue(CLINIC)));
    assert_eq!(wall.now_serving(), "SER-041");
}

#[test]
fn a_display_that_begins_calls_nobody_again() {
    let wall = english((80, 24));
    assert!(wall.said.is_empty() && !wall.is_reversed());
}

#[test]
fn a_lost_database_is_told_tried_again_and_what_was_missed_is_seen() {
    let mut wall = english((80, 24));
    wall.wait(Span::minutes(2));
    wall.down = true;
    wall.turn(Msg::Changed(Hint::Everything));
    wall.shows("no connection since 14:32");
    wall.shows("TEL-117");
    let before = wall.loads;
    wall.wait(Span::minutes(10));
    let tries = wall.loads - before;
    assert!((20..=60).contains(&tries), "{tries} tries in ten minutes");
    wall.shows("no connection since 14:32");
    wall.down = false;
    for (id, label) in [(30, "SER-043"), (31, "SER-044"), (32, "SER-045")] {
        wall.board.calls.insert(0, call(id, label, "1", "Service motor", 0));
    }
    wall.wait(Span::secs(16));
    wall.shows_no("no connection");
    assert_eq!(wall.said, ["SER-045 1 0"]);
    assert_eq!(wall.now_serving(), "SER-045");
    for missed in ["SER-044", "SER-043", "SER-042"] {
        wall.shows(missed);
    }
}

#[test]
fn a_display_that_never_got_an_answer_says_why() {
    let mut wall = english((80, 24));
    wall.display = Display::new(Setting { venue: CLINIC, department: None, tongue: None, speaks: false }, (80, 24));
    wall.down = true;
    let effects = wall.display.start(&wall.cx);
    wall.carry_out(effects);
    wall.shows("the database does not answer");
    wall.down = false;
    wall.wait(Span::secs(2));
    wall.shows("Service motor");
}

#[test]
fn a_voice_that_fails_is_marked_and_holds_nothing_up() {
    let mut wall = english((80, 24));
    wall.mute = true;
    wall.calls(vec![call(30, "SER-043", "1", "Service motor", 0)]);
    wall.shows("no sound");
    assert_eq!(wall.now_serving(), "SER-043");
    wall.mute = false;
    wall.wait(Span::secs(5));
    wall.calls(vec![call(31, "SER-044", "1", "Service motor", 0)]);
    wall.shows_no("no sound");
}

#[test]
fn nothing_but_q_and_esc_leaves() {
    let mut wall = english((80, 24));
    for word in ["a", ":", "Enter", "ctrl-c", "ctrl-z", "alt-q", "g q", "Space", "?"] {
        if word != "g q" {
            wall.key(word);
        }
        assert!(!wall.quit, "{word}");
    }
    wall.turn(Msg::Input(Input::Paste("q".into())));
    assert!(!wall.quit);
    for word in ["q", "Esc"] {
        wall.quit = false;
        wall.key(word);
        assert!(wall.quit, "{word}");
    }
}

#[test]
fn a_week_of_calls_keeps_no_more_than_a_day_does() {
    let mut wall = english((160, 45));
    let mut most = [0, 0];
    let mut id = 100;
    for hour in 0..7 * 24 {
        for _ in 0..40 {
            id += 1;
            wall.calls(vec![call(id, &format!("SER-{id}"), "1", "Service motor", 0)]);
            // Every now and then several at once, more than can be shown.
            if id % 97 == 0 {
                let rush: Vec<Announcement> =
                    (1..=30).map(|n| call(id + n, &format!("CS-{}", id + n), "2", "Customer service", 0)).collect();
                id += 30;
                wall.calls(rush);
            }
            wall.wait(Span::secs(89));
        }
        let day = usize::from(hour >= 24);
        most[day] = most[day].max(wall.display.kept());
    }
    assert!(most[1] <= most[0] && most[0] < 200, "{most:?}");
    assert!(wall.cx.now.since(NOW) > Span::hours(7 * 24 - 2));
}

/// A display at a terminal of that many colours.
struct Line {
    wall: Wall,
    screen: Screen,
}

impl Line {
    fn open(size: (u16, u16), depth: (caps::Depth, Depth)) -> Self {
        let mut wall = english(size);
        wall.look = Look::new(depth.1, false);
        let mut line = Self { wall, screen: Screen::new(size.0, size.1, Caps { depth: depth.0, ..Caps::default() }) };
        line.paint();
        line
    }

    fn paint(&mut self) -> usize {
        self.wall.display.take_dirty();
        let wall = &self.wall;
        self.screen.paint(|frame| ui::draw_board(&wall.display, &wall.cx, &wall.look, frame)).len()
    }

    /// Bytes until it stands still again.
    fn settle(&mut self) -> usize {
        let (mut bytes, until) = (self.paint(), self.wall.cx.now.plus(Span::secs(5)));
        while self.wall.cx.now < until {
            self.wall.wait(Span::millis(100));
            bytes += self.paint();
        }
        bytes
    }
}

const DEPTHS: [(caps::Depth, Depth); 3] =
    [(caps::Depth::None, Depth::None), (caps::Depth::Sixteen, Depth::Sixteen), (caps::Depth::True, Depth::True)];

#[test]
fn nothing_is_written_while_nothing_happens_but_the_minute() {
    for size in [(80, 24), (160, 45)] {
        for depth in DEPTHS {
            let mut line = Line::open(size, depth);
            let minute = Timestamp::from_secs(NOW.secs() / 60 * 60 + 60);
            line.wall.wait(Span(minute.since(line.wall.cx.now).0 - 1));
            assert!(!line.wall.display.take_dirty());
            line.wall.turn(Msg::Changed(Hint::Queue(CLINIC)));
            assert!(!line.wall.display.take_dirty(), "the same board again");
            assert_eq!(line.paint(), 0);
            line.wall.wait(Span::secs(1));
            let bytes = line.paint();
            assert!((1..=40).contains(&bytes), "{bytes} bytes for a minute");
        }
    }
}

#[test]
fn a_call_costs_less_than_four_hundred_bytes_besides_its_digits() {
    for size in [(80, 24), (160, 45)] {
        for depth in DEPTHS {
            let mut line = Line::open(size, depth);
            line.settle();
            // The same ticket under another number: what its digits cost, with all their flashing.
            let again = Announcement { id: 30, ..line.wall.board.calls[0].clone() };
            line.wall.calls(vec![again]);
            let digits = line.settle();
            let mut line = Line::open(size, depth);
            line.settle();
            let other = Announcement { ticket: TicketId(1), ..call(30, "SER-042", "3", "Service motor", 0) };
            line.wall.calls(vec![other]);
            let bytes = line.settle();
            assert!(bytes.saturating_sub(digits) < 400, "{bytes} bytes, {digits} of them for the digits, at {size:?} {depth:?}");
        }
    }
}
