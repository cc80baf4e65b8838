//! The loop over a fake screen, with time standing still.

use super::*;

use std::sync::Mutex;

use ratatui::style::Style;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::app::effect::{Loaded, Wrote};
use crate::app::msg::{Code, Input};
use crate::domain::conversation::ListKey;
use crate::domain::id::{AttachmentId, ConversationId};
use crate::domain::list::{Listing, Page};
use crate::domain::search::Order;
use crate::domain::text::Safe;
use crate::domain::time::Span;
use crate::term::line::{LineEnds, Straight, line};
use crate::term::pictures::Placed;
use crate::term::{Links, TermIn, TermOut};

/// Follows tokio's clock, so that pausing the one pauses the other.
#[derive(Debug)]
struct FollowingClock(Instant);

impl Clock for FollowingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_795_168_800).plus(Span::from_duration(self.0.elapsed()))
    }
}

/// A screen that shows what was typed and how often it heard of a change.
#[derive(Debug, Default)]
struct Probe {
    typed: String,
    changes: u64,
    heard: Arc<Mutex<Vec<Msg>>>,
    wake_at: Option<Timestamp>,
    woken: u64,
    dirty: bool,
    seq: u64,
}

impl View for Probe {
    fn start(&mut self, _: &Cx) -> Vec<Effect> {
        Vec::new()
    }

    fn update(&mut self, msg: Msg, cx: &Cx) -> Vec<Effect> {
        self.heard.lock().unwrap().push(msg.clone());
        self.dirty = true;
        let mut effects = Vec::new();
        match msg {
            Msg::Input(Input::Key(key)) => {
                self.seq += 1;
                match key.code {
                    Code::Char('L') => effects.push(Effect::Load { seq: self.seq, query: Query::Status }),
                    Code::Char(c @ ('A' | 'B')) => {
                        self.typed.push(c);
                        let ahead = Query::List {
                            listing: Listing::default(),
                            page: Page::Before(ListKey { rank: 0, id: ConversationId(1) }),
                            limit: 1,
                        };
                        effects.push(Effect::Load { seq: self.seq, query: if c == 'A' { ahead } else { Query::Status } });
                    }
                    Code::Char('F') => {
                        self.typed.push('F');
                        let query = Query::Search { typed: String::new(), order: Order::Newest, after: None, limit: 1 };
                        effects.push(Effect::Load { seq: self.seq, query });
                    }
                    Code::Char('W') => {
                        effects.push(Effect::Write { ticket: self.seq, write: Write::MarkRead { conversation: ConversationId(1) } });
                    }
                    Code::Char('D') => {
                        effects.push(Effect::Write { ticket: self.seq, write: Write::SaveFile { file: AttachmentId(1), open: false } });
                    }
                    Code::Char('E') => effects.push(Effect::Edit("words".to_owned())),
                    Code::Char('X') => effects.push(Effect::Cancel((1..self.seq).collect())),
                    Code::Char('C') => effects.push(Effect::Copy(Safe::line("foo"))),
                    Code::Char('S') => effects.push(Effect::Suspend),
                    Code::Char('Q') => effects.push(Effect::Quit),
                    Code::Char('P') => panic!("a fault of ours"),
                    Code::Char('t') => self.wake_at = Some(cx.now.plus(Span::millis(20))),
                    Code::Char('T') => self.wake_at = Some(cx.now.plus(Span::secs(60))),
                    Code::Char(c) => self.typed.push(c),
                    Code::Esc => self.typed.push_str("<esc>"),
                    _ => {}
                }
            }
            Msg::Changed(_) => self.changes += 1,
            Msg::Woke => {
                self.wake_at = None;
                self.woken += 1;
            }
            _ => {}
        }
        effects
    }

    fn wake_at(&self) -> Option<Timestamp> {
        self.wake_at
    }

    fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    fn draw(&self, _: &Cx, frame: &mut ratatui::Frame<'_>) -> (Links, Vec<Placed>) {
        let buffer = frame.buffer_mut();
        let text = format!("{} {} {}", self.typed, self.changes, self.woken);
        buffer.set_string(0, 0, text, Style::new());
        buffer.set_string(0, 1, format!("{}x{}", buffer.area.width, buffer.area.height), Style::new());
        (Links::new(), Vec::new())
    }
}

/// Every piece of work waits until it is let go.
#[derive(Clone, Debug)]
struct Gate {
    open: Arc<Semaphore>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Driver for Gate {
    fn load(&self, seq: u64, _: Query) -> BoxFuture<'static, Msg> {
        self.log.lock().unwrap().push(format!("load {seq}"));
        let gate = self.clone();
        Box::pin(async move {
            gate.open.acquire().await.unwrap().forget();
            Msg::Loaded { seq, result: Ok(Loaded::Status(Box::default())) }
        })
    }

    fn write(&self, ticket: u64, write: Write) -> BoxFuture<'static, Msg> {
        self.log.lock().unwrap().push(format!("begin {ticket}"));
        let gate = self.clone();
        Box::pin(async move {
            // A large copy to a slow disk.
            if matches!(write, Write::SaveFile { .. }) {
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
            gate.open.acquire().await.unwrap().forget();
            gate.log.lock().unwrap().push(format!("end {ticket}"));
            Msg::Wrote { ticket, result: Ok(Wrote::Done) }
        })
    }
}

struct Rig {
    ends: LineEnds,
    hints: broadcast::Sender<Hint>,
    gate: Gate,
    heard: Arc<Mutex<Vec<Msg>>>,
    pulse: watch::Receiver<Pulse>,
    cancel: CancellationToken,
    done: tokio::task::JoinHandle<End>,
    terminal: vt100::Parser,
}

/// Takes so many bytes of each frame at once.
#[derive(Debug)]
struct Takes(usize, Arc<Mutex<Vec<u8>>>);

impl Straight for Takes {
    fn offer(&mut self, out: TermOut) -> Option<TermOut> {
        let TermOut::Bytes(mut bytes) = out else { return Some(out) };
        let rest = bytes.split_off(self.0.min(bytes.len()));
        self.1.lock().unwrap().extend(bytes);
        (!rest.is_empty()).then_some(TermOut::Bytes(rest))
    }
}

impl Rig {
    fn new() -> Self {
        Self::with(None)
    }

    fn with(straight: Option<Takes>) -> Self {
        let (mut line, ends) = line();
        line.straight = straight.map(|straight| Box::new(straight) as Box<dyn Straight>);
        let (hints, receiver) = broadcast::channel(64);
        let gate = Gate { open: Arc::new(Semaphore::new(0)), log: Arc::default() };
        let (pulse_tx, pulse) = watch::channel(Pulse::default());
        let cancel = CancellationToken::new();
        let session = Session {
            look: Look::default(),
            agent: AgentId(1),
            zone: Tz::UTC,
            clock: Arc::new(FollowingClock(Instant::now())),
            ids: Arc::new(IdSource::new(1)),
            caps: Caps::default(),
            size: (40, 5),
            escape_pause: crate::term::input::ESCAPE_PAUSE,
            line,
            driver: gate.clone(),
            hints: receiver,
            cancel: cancel.clone(),
            pulse: pulse_tx,
        };
        let probe = Probe::default();
        let heard = Arc::clone(&probe.heard);
        let terminal = vt100::Parser::new(5.try_into().unwrap(), 40.try_into().unwrap(), 0);
        Self { ends, hints, gate, heard, pulse, cancel, done: tokio::spawn(run::run(session, probe)), terminal }
    }

    async fn type_bytes(&self, bytes: &[u8]) {
        self.ends.input.send(TermIn::Bytes(bytes.to_vec())).await.unwrap();
    }

    /// The next bytes that go out, also shown to the terminal.
    async fn out(&mut self) -> Vec<u8> {
        match self.ends.output.recv().await {
            Some(TermOut::Bytes(bytes)) => {
                self.terminal.process(&bytes);
                bytes
            }
            other => panic!("wanted bytes, got {other:?}"),
        }
    }

    /// Reads frames until the first row is `row`.
    async fn shows(&mut self, row: &str) {
        while self.terminal.screen().contents().lines().next() != Some(row) {
            self.out().await;
        }
    }

    /// Waits until the loop has woken again and has nothing left to do.
    async fn idle(&mut self) -> Pulse {
        *self.pulse.wait_for(|pulse| pulse.idle).await.unwrap()
    }

    /// The reads that were answered.
    fn answers(&self) -> Vec<u64> {
        let heard = self.heard.lock().unwrap();
        let seq = |msg: &Msg| match msg {
            Msg::Loaded { seq, .. } => Some(*seq),
            _ => None,
        };
        heard.iter().filter_map(seq).collect()
    }

    fn log(&self) -> Vec<String> {
        self.gate.log.lock().unwrap().clone()
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_writes_no_bytes_and_never_wakes() {
    let mut rig = Rig::new();
    rig.shows(" 0 0").await;
    let before = rig.idle().await;
    tokio::time::sleep(Duration::from_hours(24)).await;
    assert_eq!(*rig.pulse.borrow(), before);
    assert!(rig.ends.output.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_thousand_changes_reach_a_slow_reader_in_few_frames() {
    let mut rig = Rig::new();
    let hints = rig.hints.clone();
    let changes = tokio::spawn(async move {
        for n in 0..1_000 {
            hints.send(Hint::Conversation(ConversationId(n))).unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let (mut frames, begin) = (0, Instant::now());
    while rig.terminal.screen().contents().lines().next() != Some(" 1000 0") {
        rig.out().await;
        frames += 1;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    changes.await.unwrap();
    assert!(frames <= 14, "{frames} frames");
    assert!(begin.elapsed() < Duration::from_secs(14), "the last state came after {:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_agents_own_keys_are_painted_before_what_the_world_does() {
    let mut rig = Rig::new();
    rig.shows(" 0 0").await;
    let painted = Instant::now();
    rig.hints.send(Hint::Status).unwrap();
    rig.shows(" 1 0").await;
    let background = painted.elapsed();
    assert!(background >= Duration::from_millis(30), "a change was painted after {background:?}");

    let painted = Instant::now();
    rig.hints.send(Hint::Status).unwrap();
    rig.type_bytes(b"k").await;
    rig.shows("k 2 0").await;
    let own = painted.elapsed();
    assert!(own <= Duration::from_millis(10), "a key was painted after {own:?}");
}

#[tokio::test(start_paused = true)]
async fn keys_typed_together_are_one_frame() {
    let mut rig = Rig::new();
    rig.shows(" 0 0").await;
    let before = rig.idle().await.frames;
    for key in [b"a", b"b", b"c"] {
        rig.type_bytes(key).await;
    }
    rig.shows("abc 0 0").await;
    assert_eq!(rig.pulse.borrow().frames, before + 1);
}

#[tokio::test(start_paused = true)]
async fn a_frame_goes_past_the_slot_as_far_as_the_terminal_takes_it_at_once() {
    let first_row = |taken: &Mutex<Vec<u8>>| {
        let mut terminal = vt100::Parser::new(5.try_into().unwrap(), 40.try_into().unwrap(), 0);
        terminal.process(&taken.lock().unwrap());
        terminal.screen().contents().lines().next().map(str::to_owned)
    };
    let check = async |takes, pieces| {
        let taken = Arc::default();
        let mut rig = Rig::with(Some(Takes(takes, Arc::clone(&taken))));
        rig.type_bytes(b"abc").await;
        for _ in 0..pieces {
            let rest = rig.ends.output.recv().await;
            let Some(TermOut::Bytes(rest)) = rest else { panic!("wanted bytes, got {rest:?}") };
            taken.lock().unwrap().extend(rest);
        }
        rig.idle().await;
        assert!(rig.ends.output.is_empty());
        assert_eq!(first_row(&taken).as_deref(), Some("abc 0 0"), "{takes} at once");
    };
    // A frame before the keys and one after them.
    check(7, 2).await;
    check(0, 2).await;
    check(usize::MAX, 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_frame_waits_a_moment_for_the_answer_its_key_asked_for_but_not_for_what_is_read_ahead() {
    let mut rig = Rig::new();
    rig.shows(" 0 0").await;
    let mut typed = String::new();
    // The key, whether the answer comes at once, and after how many milliseconds the frame comes.
    for (key, answered, after) in [("B", false, 3), ("B", true, 0), ("F", false, 6), ("A", false, 0), ("A", true, 0)] {
        rig.gate.open.add_permits(usize::from(answered));
        tokio::time::sleep(Duration::from_millis(20)).await;
        let begin = Instant::now();
        rig.type_bytes(key.as_bytes()).await;
        typed.push_str(key);
        rig.shows(&format!("{typed} 0 0")).await;
        assert_eq!(begin.elapsed().as_millis(), after, "{key} {answered}");
        rig.gate.open.add_permits(usize::from(!answered));
        rig.idle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_runs_once_per_slot_and_the_newest_replaces_the_one_that_waits() {
    let mut rig = Rig::new();
    rig.type_bytes(b"LLLL").await;
    rig.gate.open.add_permits(2);
    rig.shows(" 0 0").await;
    rig.idle().await;
    assert_eq!(rig.log(), ["load 1", "load 4"]);
    assert_eq!(rig.answers(), [1, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_search_is_given_up_for_the_next_one_which_waits_for_nothing() {
    let mut rig = Rig::new();
    rig.type_bytes(b"F").await;
    rig.type_bytes(b"F").await;
    rig.type_bytes(b"F").await;
    rig.gate.open.add_permits(1);
    rig.shows(" 0 0").await;
    rig.idle().await;
    assert_eq!(rig.log(), ["load 1", "load 2", "load 3"], "each began at once");
    assert_eq!(rig.answers(), [3]);
}

#[tokio::test(start_paused = true)]
async fn writes_are_carried_out_one_after_the_other_and_refused_when_too_many_wait() {
    let mut rig = Rig::new();
    rig.type_bytes(&[b'W'; 40]).await;
    rig.gate.open.add_permits(40);
    rig.shows(" 0 0").await;
    rig.idle().await;
    let answered = |ok: bool| -> Vec<u64> {
        let heard = rig.heard.lock().unwrap();
        heard
            .iter()
            .filter_map(|msg| match msg {
                Msg::Wrote { ticket, result } if result.is_ok() == ok => Some(*ticket),
                _ => None,
            })
            .collect()
    };
    assert_eq!(answered(true), (1..=33).collect::<Vec<_>>());
    assert_eq!(answered(false), (34..=40).collect::<Vec<_>>());
    let want: Vec<String> = (1..=33).flat_map(|n| [format!("begin {n}"), format!("end {n}")]).collect();
    assert_eq!(rig.log(), want);
}

#[tokio::test(start_paused = true)]
async fn writes_that_have_not_begun_can_be_called_off() {
    let mut rig = Rig::new();
    rig.type_bytes(b"WWWWX").await;
    rig.gate.open.add_permits(4);
    rig.shows(" 0 0").await;
    rig.idle().await;
    assert_eq!(rig.log(), ["begin 1", "end 1"]);
    let refused = rig.heard.lock().unwrap().iter().filter(|msg| matches!(msg, Msg::Wrote { result: Err(_), .. })).count();
    assert_eq!(refused, 3);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_being_saved_holds_up_no_reply() {
    let mut rig = Rig::new();
    rig.type_bytes(b"DDWW").await;
    rig.gate.open.add_permits(4);
    rig.shows(" 0 0").await;
    rig.idle().await;
    assert_eq!(rig.log(), ["begin 1", "begin 3", "end 3", "begin 4", "end 4", "end 1", "begin 2", "end 2"]);
}

#[tokio::test(start_paused = true)]
async fn files_that_wait_to_be_saved_can_be_called_off_and_one_that_is_saved_is_waited_for_at_the_end() {
    let rig = Rig::new();
    rig.type_bytes(b"DDXQ").await;
    rig.gate.open.add_permits(2);
    assert_eq!(rig.done.await.unwrap(), End::Quit);
    assert_eq!(*rig.gate.log.lock().unwrap(), ["begin 1", "end 1"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_asked_to_be_written_is_written_before_a_session_ends() {
    let rig = Rig::new();
    rig.type_bytes(b"WWQ").await;
    let gate = rig.gate.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        gate.open.add_permits(2);
    });
    assert_eq!(rig.done.await.unwrap(), End::Quit);
    assert_eq!(rig.gate.log.lock().unwrap().last().unwrap(), "end 2");
}

#[tokio::test(start_paused = true)]
async fn a_lone_escape_is_a_key_after_its_pause() {
    let mut rig = Rig::new();
    rig.shows(" 0 0").await;
    let begin = Instant::now();
    rig.type_bytes(b"\x1b").await;
    rig.shows("<esc> 0 0").await;
    assert!((Duration::from_millis(40)..Duration::from_millis(60)).contains(&begin.elapsed()));
    rig.type_bytes(b"\x1b[").await;
    rig.type_bytes(b"?62c").await;
    rig.type_bytes(b"x").await;
    rig.shows("<esc>x 0 0").await;
}

#[tokio::test(start_paused = true)]
async fn the_screen_is_woken_when_it_asked_and_not_again() {
    let mut rig = Rig::new();
    rig.type_bytes(b"T").await;
    let begin = Instant::now();
    rig.shows(" 0 1").await;
    assert_eq!(begin.elapsed().as_secs(), 60);
    let before = rig.idle().await;
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(*rig.pulse.borrow(), before);
}

/// A paused clock stands still within a turn, so it cannot tell whether a deadline that has just passed is seen.
#[tokio::test]
async fn the_screen_is_woken_in_real_time_too() {
    let mut rig = Rig::new();
    rig.type_bytes(b"t").await;
    tokio::time::timeout(Duration::from_secs(20), rig.shows(" 0 1")).await.expect("not woken");
}

#[tokio::test(start_paused = true)]
async fn hints_that_wait_together_are_told_once_and_lost_ones_mean_everything() {
    let mut rig = Rig::new();
    rig.shows(" 0 0").await;
    rig.idle().await;
    for _ in 0..10 {
        rig.hints.send(Hint::Status).unwrap();
    }
    rig.shows(" 1 0").await;
    for n in 0..200 {
        rig.hints.send(Hint::Conversation(ConversationId(n))).unwrap();
    }
    rig.shows(" 2 0").await;
    assert!(matches!(rig.heard.lock().unwrap().last(), Some(Msg::Changed(Hint::Everything))));
}

#[tokio::test(start_paused = true)]
async fn a_resize_paints_everything_at_the_last_size() {
    let mut rig = Rig::new();
    rig.shows(" 0 0").await;
    rig.ends.input.send(TermIn::Resize(60, 9)).await.unwrap();
    rig.ends.input.send(TermIn::Resize(50, 4)).await.unwrap();
    rig.terminal = vt100::Parser::new(4.try_into().unwrap(), 50.try_into().unwrap(), 0);
    rig.out().await;
    assert_eq!(rig.terminal.screen().contents().lines().collect::<Vec<_>>(), [" 0 0", "50x4"]);
}

#[tokio::test(start_paused = true)]
async fn a_suspended_session_writes_nothing_until_it_is_resumed_and_then_everything() {
    let mut rig = Rig::new();
    rig.shows(" 0 0").await;
    rig.type_bytes(b"S").await;
    loop {
        match rig.ends.output.recv().await {
            Some(TermOut::Suspend) => break,
            Some(TermOut::Bytes(_)) => {}
            other => panic!("wanted a suspend, got {other:?}"),
        }
    }
    rig.hints.send(Hint::Status).unwrap();
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert!(rig.ends.output.is_empty());
    rig.terminal.process(b"the shell's own words\x1b[H");
    rig.ends.input.send(TermIn::Resumed).await.unwrap();
    rig.shows(" 1 0").await;
}

#[tokio::test(start_paused = true)]
async fn a_copy_goes_out_with_the_next_frame() {
    let mut rig = Rig::new();
    rig.shows(" 0 0").await;
    rig.idle().await;
    rig.type_bytes(b"Cx").await;
    let out = String::from_utf8(rig.out().await).unwrap();
    assert!(out.starts_with("\x1b]52;c;Zm9v\x1b\\"), "{out:?}");
}

#[tokio::test(start_paused = true)]
async fn what_goes_out_in_the_turn_in_which_the_terminal_is_given_away_is_not_lost() {
    let mut rig = Rig::new();
    rig.shows(" 0 0").await;
    rig.idle().await;
    rig.type_bytes(b"CSE").await;
    assert_eq!(rig.ends.output.recv().await, Some(TermOut::Bytes(b"\x1b]52;c;Zm9v\x1b\\".to_vec())));
    assert_eq!(rig.ends.output.recv().await, Some(TermOut::Suspend));
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert!(rig.ends.output.is_empty());
    rig.ends.input.send(TermIn::Resumed).await.unwrap();
    assert_eq!(rig.ends.output.recv().await, Some(TermOut::Edit("words".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_terminal_is_asked_once_and_what_it_answers_is_never_a_key() {
    let mut rig = Rig::new();
    let first = rig.out().await;
    assert!(first.starts_with(b"\x1b]11;?\x1b\\\x1b[?u"), "{:?}", String::from_utf8_lossy(&first));
    rig.idle().await;
    rig.heard.lock().unwrap().clear();
    for byte in b"\x1b]11;rgb:fafa/fafa/fafa\x1b\\\x1b[?0u" {
        rig.type_bytes(&[*byte]).await;
    }
    loop {
        match rig.ends.output.recv().await {
            Some(TermOut::Keyboard) => break,
            Some(TermOut::Bytes(bytes)) => rig.terminal.process(&bytes),
            other => panic!("wanted the keyboard's protocol, got {other:?}"),
        }
    }
    rig.type_bytes(b"\x1b[?997;1n").await;
    rig.idle().await;
    let heard = format!("{:?}", rig.heard.lock().unwrap());
    assert_eq!(heard, "[Background { light: true }, Background { light: false }]");
    rig.type_bytes(b"k").await;
    rig.shows("k 0 0").await;
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_when_its_terminal_goes_or_it_is_cancelled_or_broken() {
    let Rig { ends, done, .. } = Rig::new();
    drop(ends.input);
    assert_eq!(done.await.unwrap(), End::HungUp);

    let rig = Rig::new();
    rig.cancel.cancel();
    assert_eq!(rig.done.await.unwrap(), End::Cancelled);

    let rig = Rig::new();
    rig.type_bytes(b"WP").await;
    rig.gate.open.add_permits(1);
    assert_eq!(rig.done.await.unwrap(), End::Broke);
    assert_eq!(rig.gate.log.lock().unwrap().last().unwrap(), "end 1");
}
