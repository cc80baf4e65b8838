//! The kiosk: what a stranger can do there, and what they cannot.

use chrono_tz::Tz;
use frontdesk::app::board::Setting;
use frontdesk::app::effect::{Effect, Loaded, Write, Wrote};
use frontdesk::app::kiosk::Stand;
use frontdesk::app::msg::{Input, MouseAct, Msg};
use frontdesk::app::{Cx, key};
use frontdesk::domain::hint::Hint;
use frontdesk::domain::queue::Priority;
use frontdesk::domain::queue::look::{Answer, Ask, Issue, Kiosk, Place};
use frontdesk::domain::queue::signs::Tongue;
use frontdesk::domain::time::Span;
use frontdesk::ui;
use frontdesk::ui::look::{Depth, Look};
use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::clinic::{CLINIC, kiosk, place, text_of};
use super::desk::{ME, NOW};

/// A kiosk, the store and the printer as they would answer, and what was asked of them.
struct Booth {
    stand: Stand,
    cx: Cx,
    look: Look,
    kiosk: Kiosk,
    answer: Result<Place, String>,
    /// The store does not answer reads.
    down: bool,
    /// Writes wait until somebody answers them.
    slow: bool,
    paper: Result<(), String>,
    issued: Vec<Issue>,
    waiting: Vec<(u64, Write)>,
    printed: Vec<String>,
    quit: bool,
}

impl Booth {
    fn open(size: (u16, u16)) -> Self {
        Self::open_with(size, kiosk(4), None)
    }

    fn open_with(size: (u16, u16), kiosk: Kiosk, tongue: Option<Tongue>) -> Self {
        let setting = Setting { venue: CLINIC, department: None, tongue, speaks: false };
        let mut booth = Self {
            stand: Stand::new(setting, true, size),
            cx: Cx { now: NOW, zone: Tz::UTC, agent: ME, unique: 1 },
            look: Look::new(Depth::Sixteen, false),
            kiosk,
            answer: Ok(place("SER-051")),
            down: false,
            slow: false,
            paper: Ok(()),
            issued: Vec::new(),
            waiting: Vec::new(),
            printed: Vec::new(),
            quit: false,
        };
        let effects = booth.stand.start(&booth.cx);
        booth.carry_out(effects);
        booth
    }

    fn turn(&mut self, msg: Msg) {
        self.cx.unique += 1;
        let effects = self.stand.update(msg, &self.cx);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Load { seq, .. } => {
                    let answer = Ok(Loaded::Kiosk(Box::new(self.kiosk.clone())));
                    self.turn(Msg::Loaded { seq, result: if self.down { Err("no answer".into()) } else { answer } });
                }
                Effect::Write { ticket, write } if self.slow => self.waiting.push((ticket, write)),
                Effect::Write { ticket, write } => self.answer(ticket, write),
                Effect::Quit => self.quit = true,
                other => panic!("{other:?}"),
            }
        }
    }

    fn answer(&mut self, ticket: u64, write: Write) {
        let result = match write {
            Write::Queue(ask) => {
                let Ask::Issue(issue) = *ask else { panic!("a kiosk only issues") };
                self.issued.push(issue);
                self.answer.clone().map(|place| Wrote::Queue(Answer::Ticket(Box::new(place))))
            }
            Write::Print(place) => {
                self.printed.push(place.ticket.label.clone());
                self.paper.clone().map(|()| Wrote::Done)
            }
            other => panic!("{other:?}"),
        };
        self.turn(Msg::Wrote { ticket, result });
    }

    /// Everything that waits is answered.
    fn answer_all(&mut self) {
        for (ticket, write) in std::mem::take(&mut self.waiting) {
            self.answer(ticket, write);
        }
    }

    /// Keys with blanks between them, 500 ms apart.
    fn keys(&mut self, text: &str) -> &mut Self {
        for word in text.split_whitespace() {
            self.wait(Span::millis(500));
            for key in key::parse(word).unwrap() {
                self.turn(Msg::Input(Input::Key(key)));
            }
        }
        self
    }

    fn touch(&mut self, text: &str) {
        let screen = self.screen();
        let (row, line) = screen.lines().enumerate().find(|(_, line)| line.contains(text)).unwrap_or_else(|| panic!("{text}:\n{screen}"));
        let column = line[..line.find(text).unwrap()].chars().count() as u16;
        self.turn(Msg::Input(Input::Mouse { act: MouseAct::Press, column, row: row as u16 }));
    }

    fn wait(&mut self, span: Span) {
        let until = self.cx.now.plus(span);
        while let Some(at) = self.stand.wake_at().filter(|at| *at <= until) {
            assert!(at > self.cx.now, "woken for the past");
            self.cx.now = at;
            self.turn(Msg::Woke);
        }
        self.cx.now = until;
    }

    fn screen(&self) -> String {
        let (columns, rows) = self.stand.size();
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| ui::draw_kiosk(&self.stand, &self.cx, &self.look, frame)).unwrap();
        text_of(terminal.backend().buffer())
    }

    #[track_caller]
    fn shows(&self, text: &str) -> &Self {
        assert!(self.screen().contains(text), "{text:?} is not on the screen:\n{}", self.screen());
        self
    }
}

#[test]
fn a_kiosk_offers_its_services_by_number() {
    assert_snapshot!(Booth::open((80, 24)).screen());
}

#[test]
fn a_kiosk_asks_for_a_phone_and_a_priority_and_needs_neither() {
    assert_snapshot!(Booth::open((80, 24)).keys("1 l 0 8 1 2").screen());
}

#[test]
fn a_kiosk_shows_the_ticket_large_and_how_to_be_told() {
    assert_snapshot!(Booth::open((80, 24)).keys("1 Enter").screen());
}

#[test]
fn a_kiosk_speaks_english_to_those_who_ask() {
    assert_snapshot!(Booth::open((80, 24)).keys("0").screen());
}

#[test]
fn a_large_kiosk_uses_its_room() {
    let mut booth = Booth::open_with((160, 45), kiosk(9), None);
    assert_snapshot!("a_large_kiosk_offers", booth.screen());
    assert_snapshot!("a_large_kiosk_shows_the_ticket", booth.keys("1 Enter").screen());
}

#[test]
fn every_step_fits_every_size() {
    for (columns, rows) in [(60, 15), (64, 16), (80, 18), (80, 24), (100, 30), (160, 45), (300, 100), (30, 8)] {
        for count in [1, 4, 9, 20] {
            let mut booth = Booth::open_with((columns, rows), kiosk(count), Some(Tongue::English));
            booth.look = Look::new(Depth::None, true);
            let mut seen = vec![(booth.screen(), vec!["Welcome", "SERVICE MOTOR", "8 wait", "[1]"])];
            booth.keys("1");
            seen.push((booth.screen(), vec!["You chose", "WhatsApp number", "elderly", "[Enter] take a ticket", "[Esc] back"]));
            booth.paper = Err("no paper".into());
            booth.keys("Enter");
            seen.push((booth.screen(), vec!["YOUR TICKET", "position 9", "now", "SER-042", "QUEUE SER-051", "photograph"]));
            for (screen, wanted) in seen {
                let wanted = if columns < 60 { vec!["make"] } else { wanted };
                for text in wanted {
                    assert!(screen.contains(text), "{text} with {count} at {columns}x{rows}:\n{screen}");
                }
                assert!(screen.is_ascii());
            }
        }
    }
}

#[test]
fn q_06_nothing_is_shown_as_theirs_or_printed_before_it_is_stored() {
    let mut booth = Booth::open((80, 24));
    booth.slow = true;
    booth.keys("1 Enter");
    booth.shows("Sebentar");
    assert!(booth.printed.is_empty() && matches!(booth.waiting[..], [(_, Write::Queue(_))]));
    booth.slow = false;
    booth.answer_all();
    assert_eq!(booth.printed, ["SER-051"]);
    booth.shows("Silakan ambil tiket Anda");
}

#[test]
fn q_06_what_could_not_be_stored_is_not_printed() {
    let mut booth = Booth::open((80, 24));
    booth.answer = Err("The database is full.".into());
    booth.keys("1 Enter").shows("Maaf, tiket tidak dapat diambil").shows("The database is full");
    assert!(booth.printed.is_empty());
}

#[test]
fn q_09_a_key_pressed_twice_is_one_ticket() {
    let mut booth = Booth::open((80, 24));
    booth.keys("1 1 Enter Enter Enter").shows("TIKET ANDA");
    assert_eq!((booth.issued.len(), booth.printed.len()), (1, 1));
    assert_eq!(booth.issued[0].phone, "", "the second press is no phone number");
    // Also while the first is still being stored.
    let mut booth = Booth::open((80, 24));
    booth.slow = true;
    booth.keys("1 Enter Enter 1 Enter");
    assert_eq!(booth.waiting.len(), 1);
}

#[test]
fn q_09_every_try_of_one_visit_has_the_same_key_and_every_visit_another() {
    let mut booth = Booth::open((80, 24));
    booth.answer = Err("It is not certain that this was stored.".into());
    booth.keys("1 Enter");
    booth.answer = Ok(place("SER-051"));
    booth.wait(Span::secs(4));
    booth.keys("Enter").shows("TIKET ANDA");
    booth.wait(Span::secs(16));
    booth.keys("1 Enter");
    let keys: Vec<&str> = booth.issued.iter().map(|issue| issue.key.as_str()).collect();
    assert_eq!(keys.len(), 3);
    assert!(keys[0] == keys[1] && keys[1] != keys[2] && !keys[0].is_empty(), "{keys:?}");
}

#[test]
fn a_ticket_that_was_there_already_says_so() {
    let mut booth = Booth::open((80, 24));
    booth.answer = Ok(Place { known: true, ..place("SER-051") });
    booth.keys("1 Enter").shows("sudah diambil");
}

#[test]
fn what_was_typed_goes_after_fifteen_seconds_without_a_key() {
    let mut booth = Booth::open((80, 24));
    booth.keys("0 1 0 8 1 2 3").shows("08123").shows("You chose");
    booth.wait(Span::millis(14_900));
    booth.shows("08123");
    booth.wait(Span::millis(200));
    booth.shows("Selamat datang");
    assert!(!booth.keys("1").screen().contains("08123"));
    booth.keys("Enter").shows("TIKET ANDA");
    booth.wait(Span::secs(16));
    booth.shows("Selamat datang");
}

#[test]
fn a_ticket_is_asked_for_as_it_was_chosen() {
    let check = |keys: &str, want: (i64, Priority, &str, &str)| {
        let mut booth = Booth::open((80, 24));
        booth.keys(keys);
        let issue = booth.issued.pop().unwrap_or_else(|| panic!("{keys}:\n{}", booth.screen()));
        let got = (issue.service.unwrap().0, issue.priority, issue.phone.as_str(), issue.language.as_str());
        assert_eq!(got, want, "{keys}");
        assert_eq!(issue.source, "kiosk");
    };
    check("1 Enter", (1, Priority::Normal, "", "id"));
    check("3 l Enter", (3, Priority::Elder, "", "id"));
    check("2 h h Enter", (2, Priority::Normal, "", "id"));
    check("0 2 p Enter", (2, Priority::Pregnant, "", "en"));
    check("2 * * Enter", (2, Priority::Disabled, "", "id"));
    check("1 0 8 1 2 3 4 5 6 7 8 9 Backspace Enter", (1, Priority::Normal, "0812345678", "id"));
    check("1 + 6 2 8 1 2 3 4 5 6 7 8 9 Enter", (1, Priority::Normal, "+628123456789", "id"));
}

#[test]
fn a_phone_number_that_is_none_is_said_before_anything_is_asked() {
    let mut booth = Booth::open((80, 24));
    booth.keys("1 0 8 1 Enter").shows("Ini bukan nomor telepon");
    assert!(booth.issued.is_empty());
    booth.keys("Backspace Backspace Backspace Enter").shows("TIKET ANDA");
}

#[test]
fn what_the_database_refuses_can_be_corrected() {
    let mut booth = Booth::open((80, 24));
    booth.answer = Err("That is no telephone number with its country code.".into());
    booth.keys("1 0 8 1 2 3 4 5 6 7 Enter").shows("country code");
    booth.wait(Span::secs(4));
    booth.keys("Esc").shows("081234567").shows("Anda memilih");
    booth.keys("Esc").shows("Selamat datang");
}

#[test]
fn a_closed_service_cannot_be_chosen() {
    let mut booth = Booth::open((80, 24));
    booth.shows("tutup");
    booth.keys("4 Enter").shows("Selamat datang");
    assert!(booth.issued.is_empty());
}

#[test]
fn more_than_nine_services_have_pages() {
    let mut booth = Booth::open_with((80, 24), kiosk(20), None);
    booth.shows("SERVICE MOTOR").shows("[9]").shows("LAYANAN LAIN");
    booth.keys("9").shows("POLI 9");
    booth.keys("9").shows("POLI 17");
    booth.keys("2 Enter");
    assert_eq!(booth.issued[0].service.unwrap().0, 18);
    booth.wait(Span::secs(16));
    booth.keys("9 9 9").shows("SERVICE MOTOR");
}

#[test]
fn a_broken_printer_is_said_kindly_and_the_number_stays_in_sight() {
    let mut booth = Booth::open((80, 24));
    booth.paper = Err("lp did not end well".into());
    booth.keys("1 Enter");
    assert_snapshot!(booth.screen());
    booth.wait(Span::secs(16));
    booth.shows("printer!");
    booth.paper = Ok(());
    booth.keys("1 Enter");
    booth.wait(Span::secs(16));
    assert!(!booth.screen().contains("printer!"));
}

#[test]
fn a_finger_chooses_and_its_bounce_does_nothing() {
    let mut booth = Booth::open((80, 24));
    booth.touch("SERVICE MOTOR");
    booth.shows("Anda memilih");
    booth.touch("lansia");
    booth.wait(Span::secs(1));
    booth.touch("disabilitas");
    booth.wait(Span::secs(1));
    booth.touch("ambil tiket");
    booth.touch("TIKET ANDA");
    booth.shows("TIKET ANDA");
    assert_eq!(booth.issued[0].priority, Priority::Disabled);
    booth.wait(Span::secs(4));
    booth.touch("TIKET ANDA");
    booth.shows("Selamat datang");
}

#[test]
fn no_key_that_a_customer_presses_leaves_the_kiosk() {
    let mut booth = Booth::open((80, 24));
    booth.keys("Esc Esc Esc Esc Esc Esc q : Enter ctrl-c ctrl-d ctrl-z ctrl-q alt-q q u i Tab F1 ? / g");
    booth.keys("1 q Esc u i t q u q i t Esc");
    booth.turn(Msg::Input(Input::Paste("quit\n1\n".into())));
    booth.shows("Selamat datang");
    assert!(!booth.quit && booth.issued.is_empty());
    booth.keys("q u");
    booth.wait(Span::secs(5));
    booth.keys("i t");
    assert!(!booth.quit);
    booth.keys("q q u i t");
    assert!(booth.quit);
}

#[test]
fn a_kiosk_without_a_connection_says_where_to_go_and_comes_back() {
    let mut booth = Booth::open((80, 24));
    booth.down = true;
    booth.turn(Msg::Changed(Hint::Everything));
    booth.shows("Maaf, mesin ini sedang tidak terhubung");
    booth.keys("1 Enter");
    assert!(booth.issued.is_empty());
    booth.down = false;
    booth.wait(Span::secs(20));
    booth.shows("SERVICE MOTOR");
}

#[test]
fn an_idle_kiosk_wakes_only_for_the_minute() {
    let mut booth = Booth::open((80, 24));
    booth.stand.take_dirty();
    assert_eq!(booth.stand.wake_at().unwrap().since(NOW), Span::secs(60 - NOW.secs() % 60));
    booth.turn(Msg::Changed(Hint::Queue(CLINIC)));
    assert!(!booth.stand.take_dirty());
}
