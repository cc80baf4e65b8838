//! The public display and the kiosk over a real database: what operators do reaches the one, and what the other does is stored once.

use std::sync::Arc;

use frontdesk::app::board::{Display, Setting};
use frontdesk::app::effect::{Effect, Write};
use frontdesk::app::kiosk::Stand;
use frontdesk::app::msg::{Input, Msg};
use frontdesk::app::{Cx, key};
use frontdesk::config::{Program, Queue};
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::{AgentId, VenueId};
use frontdesk::domain::queue::Act;
use frontdesk::domain::time::{Clock, Span};
use frontdesk::session::{Devices, Driver, QueueDriver};

use crate::support::bench::{Bench, on_each_engine};
use crate::support::hall::Hall;

/// What the machines have in common.
trait Machine {
    fn begin(&mut self, cx: &Cx) -> Vec<Effect>;
    fn turn(&mut self, msg: Msg, cx: &Cx) -> Vec<Effect>;
}

impl Machine for Display {
    fn begin(&mut self, cx: &Cx) -> Vec<Effect> {
        self.start(cx)
    }

    fn turn(&mut self, msg: Msg, cx: &Cx) -> Vec<Effect> {
        self.update(msg, cx)
    }
}

impl Machine for Stand {
    fn begin(&mut self, cx: &Cx) -> Vec<Effect> {
        self.start(cx)
    }

    fn turn(&mut self, msg: Msg, cx: &Cx) -> Vec<Effect> {
        self.update(msg, cx)
    }
}

/// A machine with its driver on the bench's database.
struct Run<M> {
    machine: M,
    driver: QueueDriver,
    bench: Arc<Bench>,
    unique: i64,
    /// The writes that were asked for, in words.
    wrote: Vec<String>,
}

impl<M: Machine> Run<M> {
    async fn start(machine: M, hall: &Hall, queue: Queue) -> Self {
        let bench = Arc::clone(&hall.bench);
        let driver = QueueDriver { store: bench.store.clone(), workspace: bench.workspace, agent: None, devices: Devices(queue) };
        let mut run = Self { machine, driver, bench, unique: 1, wrote: Vec::new() };
        let cx = run.cx();
        let effects = run.machine.begin(&cx);
        run.carry_out(effects).await;
        run
    }

    fn cx(&mut self) -> Cx {
        self.unique += 1;
        Cx { now: self.bench.clock.now(), zone: chrono_tz::Tz::UTC, agent: AgentId(0), unique: self.unique }
    }

    async fn turn(&mut self, msg: Msg) {
        let cx = self.cx();
        let effects = self.machine.turn(msg, &cx);
        self.carry_out(effects).await;
    }

    async fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut effects = std::collections::VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            let msg = match effect {
                Effect::Load { seq, query } => self.driver.load(seq, query).await,
                Effect::Write { ticket, write } => {
                    self.wrote.push(match &write {
                        Write::Announce(call) => format!("say {} {} {}", call.label, call.counter, call.recall),
                        Write::Print(place) => format!("print {}", place.ticket.label),
                        _ => "issue".to_owned(),
                    });
                    self.driver.write(ticket, write).await
                }
                other => panic!("{other:?}"),
            };
            let cx = self.cx();
            effects.extend(self.machine.turn(msg, &cx));
        }
    }

    async fn keys(&mut self, text: &str) {
        for word in text.split_whitespace() {
            for key in key::parse(word).unwrap() {
                self.turn(Msg::Input(Input::Key(key))).await;
            }
        }
    }

    async fn later(&mut self, span: Span) {
        self.bench.clock.advance(span);
        self.turn(Msg::Woke).await;
    }
}

fn setting(venue: VenueId) -> Setting {
    Setting { venue, department: None, tongue: None, speaks: true }
}

fn program(text: &str, names: &[&str]) -> Option<Program> {
    Some(Program::parse(text, names).unwrap())
}

#[tokio::test]
async fn k_16_two_operators_calls_in_one_second_are_both_shown_and_said() {
    on_each_engine(async |bench: Arc<Bench>| {
        let hall = Hall::open(&bench, 2).await;
        hall.issue(hall.ser).await;
        hall.issue(hall.ser).await;
        let mut run = Run::start(Display::new(setting(hall.venue), (80, 24)), &hall, Queue::default()).await;
        hall.next(hall.counters[0]).await.unwrap();
        hall.next(hall.counters[1]).await.unwrap();
        run.turn(Msg::Changed(Hint::Queue(hall.venue))).await;
        assert_eq!(run.wrote, ["say SER-001 1 0"]);
        run.later(Span::secs(4)).await;
        assert_eq!(run.wrote, ["say SER-001 1 0", "say SER-002 2 0"]);
    })
    .await;
}

#[tokio::test]
async fn k_06_a_recall_is_said_again_by_the_command_that_was_set() {
    on_each_engine(async |bench: Arc<Bench>| {
        let hall = Hall::open(&bench, 1).await;
        hall.issue(hall.ser).await;
        let heard = bench.dir.path().join("heard");
        let script = format!("/bin/sh -c 'echo \"$0 $1\" >> {}' {{ticket}} {{counter}}", heard.display());
        let queue = Queue { announce: program(&script, &["ticket", "counter"]), ..Queue::default() };
        let mut run = Run::start(Display::new(setting(hall.venue), (80, 24)), &hall, queue).await;
        let called = hall.next(hall.counters[0]).await.unwrap();
        run.turn(Msg::Changed(Hint::Queue(hall.venue))).await;
        hall.act(&called, Act::Recall).await.unwrap();
        run.turn(Msg::Changed(Hint::Queue(hall.venue))).await;
        run.later(Span::secs(4)).await;
        assert_eq!(run.wrote, ["say SER-001 1 0", "say SER-001 1 1"]);
        assert_eq!(std::fs::read_to_string(heard).unwrap(), "SER-001 1\nSER-001 1\n");
    })
    .await;
}

#[tokio::test]
async fn q_06_a_ticket_is_on_paper_only_when_it_is_in_the_database() {
    on_each_engine(async |bench: Arc<Bench>| {
        let hall = Hall::open(&bench, 1).await;
        let paper = bench.dir.path().join("paper");
        let queue = Queue { print: program(&format!("/bin/sh -c 'cat >> {}'", paper.display()), &[]), ..Queue::default() };
        let mut run = Run::start(Stand::new(setting(hall.venue), true, (80, 24)), &hall, queue).await;
        // A department that closed meanwhile: nothing is issued, so nothing is printed.
        bench.store.close_department(bench.workspace, bench.agent, hall.clinic, true).await.unwrap();
        bench.store.close_department(bench.workspace, bench.agent, hall.cash, true).await.unwrap();
        run.keys("1 Enter").await;
        assert_eq!((run.wrote.as_slice(), paper.exists()), (["issue".to_owned()].as_slice(), false));
        for department in [hall.clinic, hall.cash] {
            bench.store.close_department(bench.workspace, bench.agent, department, false).await.unwrap();
        }
        run.later(Span::secs(16)).await;
        run.turn(Msg::Changed(Hint::Queue(hall.venue))).await;
        run.keys("1 Enter").await;
        let printed = std::fs::read_to_string(paper).unwrap();
        let stored: Vec<(String,)> = hall.rows("SELECT label FROM tickets WHERE workspace_id = $1").await;
        assert_eq!(stored.len(), 1);
        let spaced: Vec<String> = stored[0].0.chars().map(String::from).collect();
        assert!(printed.contains(&spaced.join(" ")), "{printed}");
    })
    .await;
}

#[tokio::test]
async fn q_09_a_key_pressed_twice_within_three_seconds_is_one_ticket() {
    on_each_engine(async |bench: Arc<Bench>| {
        let hall = Hall::open(&bench, 1).await;
        let mut run = Run::start(Stand::new(setting(hall.venue), false, (80, 24)), &hall, Queue::default()).await;
        run.keys("1 1 Enter Enter").await;
        run.later(Span::secs(2)).await;
        run.keys("Enter 1 Enter").await;
        assert_eq!(hall.rows::<(String,)>("SELECT label FROM tickets WHERE workspace_id = $1").await.len(), 1);
        // The next person gets another one.
        run.later(Span::secs(16)).await;
        run.keys("1 Enter").await;
        assert_eq!(hall.rows::<(String,)>("SELECT label FROM tickets WHERE workspace_id = $1").await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn q_09_the_same_telephone_gets_the_ticket_it_has() {
    on_each_engine(async |bench: Arc<Bench>| {
        let hall = Hall::open(&bench, 1).await;
        let mut run = Run::start(Stand::new(setting(hall.venue), false, (80, 24)), &hall, Queue::default()).await;
        for _ in 0..2 {
            run.keys("1 + 6 2 8 1 2 3 4 5 6 7 8 9 Enter").await;
            run.later(Span::secs(16)).await;
        }
        assert_eq!(run.wrote, ["issue", "issue"]);
        assert_eq!(hall.rows::<(String,)>("SELECT label FROM tickets WHERE workspace_id = $1").await.len(), 1);
    })
    .await;
}
