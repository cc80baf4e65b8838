//! The process's own tty, and the only place that touches it: raw mode, size, signals, the bytes in and out. One process has one tty, so what
//! is true of it (whether we have taken it over) is the one thing here that is global; the panic hook needs it too.
//!
//! A thread reads and a thread writes, because neither can be done to a tty without blocking on every system. The reader also waits on a
//! socket pair, by which it is stopped at once and without taking a byte it will not deliver; the writer holds at most one frame, and gets
//! only what the tty did not take at once from the session ([`Shortcut`]).

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, TryLockError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Signal, kill_current_process_group};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::caps::Caps;
use super::editor;
use super::line::{Line, LineEnds, Straight, TermIn, TermOut, line};
use super::modes;

/// Bytes read at once.
const CHUNK: usize = 4096;
/// How long a stop from the keyboard may take to reach us before the terminal is taken back: a shell without job control never stops us.
const STOP_PAUSE: Duration = Duration::from_millis(300);

/// What we have of the tty, and the right to write to it.
static OURS: Mutex<Taken> = Mutex::new(Taken { ours: false, keyboard: false, lines: false, mouse: false, torn: false });

/// It was given back for good: an editor that ends later, or a shell that resumes us, finds nobody who takes it over again. Beside the lock,
/// which a writer that hangs may hold.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// What we have of the tty.
#[derive(Debug)]
struct Taken {
    /// It shows our screen.
    ours: bool,
    /// It speaks kitty's keyboard protocol, which is put back with everything else.
    keyboard: bool,
    /// Line after line is written where the shell was, instead of a screen of our own.
    lines: bool,
    /// The mouse may be asked for.
    mouse: bool,
    /// The tty has the beginning of something whose rest is still to be written.
    torn: bool,
}

/// Who is being typed to: us, or for a while an editor of ours.
static TYPIST: Typist = Typist { lent: Mutex::new(false), back: Condvar::new() };

tokio::task_local! {
    /// Set while the session at this tty is polled; a panic there ends it.
    static SESSION: ();
}

/// Why there is no screen.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// Standard input or output is a file or a pipe.
    #[error(
        "The screen was not started: standard input and output have to be a terminal. Run frontdesk in one, without redirection, or use its other commands (see frontdesk --help)."
    )]
    NotATerminal,
    /// `TERM` says that the terminal cannot move its cursor.
    #[error(
        "The screen was not started: the terminal type (TERM) says that it cannot place its cursor. Set TERM to what the terminal is, for example xterm-256color."
    )]
    Dumb,
    /// The system refused.
    #[error("The screen was not started: the terminal could not be taken over ({0}). Try again in another terminal.")]
    Io(#[from] io::Error),
}

/// The tty, taken over. It is given back when this is dropped or [`Local::close`]d, and before the message of a panic.
#[derive(Debug)]
pub struct Local {
    wake_reader: UnixStream,
    signals: JoinHandle<()>,
    caps: Caps,
    size: (u16, u16),
}

impl Local {
    /// Takes the tty over and answers the line to it. SIGTERM, SIGINT, SIGHUP and the loss of the terminal cancel `cancel`; a changed size and a
    /// resume come as input.
    ///
    /// Must be called within a tokio runtime.
    pub fn open(cancel: &CancellationToken) -> Result<(Self, Line), LocalError> {
        Self::take(cancel, false)
    }

    /// As [`Local::open`], for a program that writes line after line where the shell was.
    pub fn open_lines(cancel: &CancellationToken) -> Result<(Self, Line), LocalError> {
        Self::take(cancel, true)
    }

    fn take(cancel: &CancellationToken, lines: bool) -> Result<(Self, Line), LocalError> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(LocalError::NotATerminal);
        }
        let caps = Caps::from_env(&environment());
        if !caps.addressable && !lines {
            return Err(LocalError::Dumb);
        }
        let size = size()?;
        let (mut line, ends) = line();
        let LineEnds { input, output } = ends;
        let waiting = Arc::<AtomicUsize>::default();
        // Without it everything goes through the slot.
        line.straight = own_tty().ok().map(|tty| Box::new(Shortcut { tty, waiting: Arc::clone(&waiting) }) as Box<dyn Straight>);
        let (wake_reader, woken) = UnixStream::pair()?;
        let signals = tokio::spawn(watch_signals(Signals::new()?, input.clone(), cancel.clone()));
        restore_before_panics();
        // Whatever fails from here on gives the tty back, because the guard is dropped.
        let local = Self { wake_reader, signals, caps, size };
        {
            let mut taken = lock();
            (taken.lines, taken.mouse) = (lines, caps.mouse);
            CLOSED.store(false, Ordering::SeqCst);
        }
        enter()?;
        let (resumed, gone) = (input.clone(), cancel.clone());
        thread::Builder::new().name("tty-in".to_owned()).spawn(move || {
            if read(&input, &woken) == Ended::Gone {
                gone.cancel();
            }
        })?;
        thread::Builder::new().name("tty-out".to_owned()).spawn(move || write(output, &resumed, &waiting))?;
        Ok((local, line))
    }

    /// Runs the session at this tty. A panic in it gives the tty back before its message is printed; a panic elsewhere in the process, which
    /// others catch and report, is logged and leaves the screen alone.
    pub async fn hold<F: Future>(&self, session: F) -> F::Output {
        SESSION.scope((), session).await
    }

    /// What it can do, judged from the process's environment.
    pub const fn caps(&self) -> Caps {
        self.caps
    }

    /// Its size in columns and rows when it was opened; changes come as input.
    pub const fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Gives the tty back. What was typed and not yet read is left to the shell.
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.signals.abort();
        // The reader's end of the pair becomes readable when this one is shut.
        let _ = self.wake_reader.shutdown(std::net::Shutdown::Both);
        close();
    }
}

fn environment() -> BTreeMap<String, String> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

#[expect(clippy::disallowed_methods, reason = "this module is the one that may ask the process's own tty")]
fn size() -> io::Result<(u16, u16)> {
    let (columns, rows) = crossterm::terminal::size()?;
    // Some serial lines do not know their size and say 0.
    Ok(if columns == 0 || rows == 0 { (80, 24) } else { (columns, rows) })
}

fn enter() -> io::Result<()> {
    let mut taken = lock();
    if CLOSED.load(Ordering::SeqCst) {
        return Err(io::ErrorKind::NotConnected.into());
    }
    // A shell that had the terminal meanwhile set its own modes; crossterm would take raw mode for granted.
    crossterm::terminal::disable_raw_mode()?;
    crossterm::terminal::enable_raw_mode()?;
    taken.ours = true;
    end_what_was_cut(&mut taken)?;
    send(if taken.lines { modes::ENTER_LINES } else { modes::ENTER }.as_bytes())?;
    if taken.mouse {
        send(modes::MOUSE.as_bytes())?;
    }
    // Each screen of a terminal keeps its own keyboard, so this follows the change of screens.
    if taken.keyboard { send(modes::KEYBOARD_ON.as_bytes()) } else { Ok(()) }
}

/// So that what follows is not taken for the rest of a sequence.
fn end_what_was_cut(taken: &mut Taken) -> io::Result<()> {
    if std::mem::take(&mut taken.torn) { send(modes::CUT.as_bytes()) } else { Ok(()) }
}

/// Gives the tty back for good. Whoever is taking it over at this moment has the lock, and is undone; whoever comes later is refused.
fn close() {
    CLOSED.store(true, Ordering::SeqCst);
    leave();
}

/// Gives the tty back, once.
fn leave() {
    // A writer that hangs in a dead terminal must not keep us from ending: after a while the modes of the tty are restored, unsaid.
    let mut guard = None;
    for _ in 0..50 {
        match OURS.try_lock() {
            Ok(ours) => guard = Some(ours),
            Err(TryLockError::Poisoned(poisoned)) => guard = Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(10)),
        }
        if guard.is_some() {
            break;
        }
    }
    match guard {
        Some(mut taken) if taken.ours => {
            taken.ours = false;
            let _ = end_what_was_cut(&mut taken);
            if taken.keyboard {
                let _ = send(modes::KEYBOARD_OFF.as_bytes());
            }
            let _ = send(if taken.lines { modes::LEAVE_LINES } else { modes::LEAVE }.as_bytes());
        }
        Some(_) => return,
        None => {}
    }
    let _ = crossterm::terminal::disable_raw_mode();
}

fn lock() -> MutexGuard<'static, Taken> {
    OURS.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn send(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

fn is_ours() -> bool {
    match OURS.try_lock() {
        Ok(taken) => taken.ours,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().ours,
        // Somebody is writing to it.
        Err(TryLockError::WouldBlock) => true,
    }
}

/// A panic's message belongs on the screen the person is left with, not on the one that goes away.
fn restore_before_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let session = SESSION.try_with(|()| ()).is_ok();
            if session {
                close();
            }
            if session || !is_ours() {
                tell(info);
            } else {
                tracing::error!("a fault of ours: {info}");
            }
        }));
    });
}

/// See [`TYPIST`].
struct Typist {
    lent: Mutex<bool>,
    back: Condvar,
}

impl Typist {
    fn lend(&self) {
        *self.state() = true;
    }

    fn take_back(&self) {
        *self.state() = false;
        self.back.notify_all();
    }

    fn is_lent(&self) -> bool {
        *self.state()
    }

    /// The right to read what is typed; after waiting for it there may be nothing to read any more.
    fn turn(&self) -> Option<MutexGuard<'_, bool>> {
        let mut lent = self.state();
        if !*lent {
            return Some(lent);
        }
        while *lent {
            lent = self.back.wait(lent).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        None
    }

    fn state(&self) -> MutexGuard<'_, bool> {
        self.lent.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Why nothing more is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// Nobody wants it.
    Unwanted,
    /// The terminal is gone.
    Gone,
}

/// Delivers what is typed until it is woken, nobody listens or the terminal is gone. It reads only what there is room for, so that nothing typed is lost.
fn read(input: &mpsc::Sender<TermIn>, woken: &UnixStream) -> Ended {
    let stdin = io::stdin();
    let mut buffer = [0; CHUNK];
    loop {
        let mut waiting = [PollFd::new(&stdin, PollFlags::IN), PollFd::new(woken, PollFlags::IN)];
        match poll(&mut waiting, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return Ended::Gone,
        }
        if !waiting[1].revents().is_empty() {
            return Ended::Unwanted;
        }
        if waiting[0].revents().is_empty() {
            continue;
        }
        // What is typed while an editor has the terminal is the editor's.
        let Some(ours) = TYPIST.turn() else { continue };
        let read = rustix::io::read(stdin.as_fd(), &mut buffer);
        drop(ours);
        match read {
            Ok(0) => return Ended::Gone,
            Ok(count) => {
                if input.blocking_send(TermIn::Bytes(buffer[..count].to_vec())).is_err() {
                    return Ended::Unwanted;
                }
            }
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            // The terminal is gone (EIO).
            Err(_) => return Ended::Gone,
        }
    }
}

/// The tty once more, so that writing to it without waiting is a matter of ours alone: the flag belongs to what was opened, and what the
/// shell gave us it shares with us.
fn own_tty() -> io::Result<File> {
    let name = rustix::termios::ttyname(io::stdout(), Vec::new())?;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    OpenOptions::new().write(true).custom_flags(flags.bits() as i32).open(std::ffi::OsStr::from_bytes(name.as_bytes()))
}

/// Writes without waiting. What the tty does not take is left to the thread that may wait.
#[derive(Debug)]
struct Shortcut {
    tty: File,
    /// What was handed to the thread and is not yet written, in the slot or in its hands; while there is any, nothing may overtake it.
    waiting: Arc<AtomicUsize>,
}

impl Straight for Shortcut {
    fn offer(&mut self, out: TermOut) -> Option<TermOut> {
        let rest = match out {
            TermOut::Bytes(bytes) if self.waiting.load(Ordering::SeqCst) == 0 => self.write(bytes),
            other => Some(other),
        };
        if rest.is_some() {
            self.waiting.fetch_add(1, Ordering::SeqCst);
        }
        rest
    }
}

impl Shortcut {
    /// Whoever gives the tty back or takes it over has the lock, and is not waited for. An error is met again by the thread, which tells it.
    fn write(&self, mut bytes: Vec<u8>) -> Option<TermOut> {
        if let Ok(mut taken) = OURS.try_lock()
            && taken.ours
        {
            let count = rustix::io::write(&self.tty, &bytes).unwrap_or(0);
            bytes.drain(..count);
            taken.torn = count > 0 && !bytes.is_empty();
        }
        (!bytes.is_empty()).then_some(TermOut::Bytes(bytes))
    }
}

/// Writes each frame when the tty takes it. While the tty is not ours, frames are dropped: whoever takes it back paints everything.
fn write(mut output: mpsc::Receiver<TermOut>, resumed: &mpsc::Sender<TermIn>, waiting: &AtomicUsize) {
    while let Some(out) = output.blocking_recv() {
        match out {
            TermOut::Bytes(bytes) => {
                let mut taken = lock();
                if taken.ours && send(&bytes).is_err() {
                    return;
                }
                taken.torn = false;
            }
            TermOut::Keyboard => {
                let mut taken = lock();
                let fresh = !std::mem::replace(&mut taken.keyboard, true);
                if fresh && taken.ours && send(modes::KEYBOARD_ON.as_bytes()).is_err() {
                    return;
                }
            }
            TermOut::Suspend => {
                leave();
                let _ = kill_current_process_group(Signal::TSTP);
                // The stop reaches some thread of the process within moments; then none runs until the shell resumes us.
                thread::sleep(STOP_PAUSE);
                if come_back(resumed).is_err() {
                    return;
                }
            }
            TermOut::Edit(text) => {
                leave();
                TYPIST.lend();
                let edited = editor::edit(&text);
                TYPIST.take_back();
                if come_back(resumed).is_err() || resumed.blocking_send(TermIn::Edited(edited)).is_err() {
                    return;
                }
            }
        }
        // Never below none: what did not come by the shortcut was not counted.
        let _ = waiting.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |waiting| waiting.checked_sub(1));
    }
}

/// Takes the tty over again, whose size may have changed and whose contents are unknown.
fn come_back(input: &mpsc::Sender<TermIn>) -> io::Result<()> {
    enter()?;
    let (columns, rows) = size()?;
    for news in [TermIn::Resize(columns, rows), TermIn::Resumed] {
        // Only a session that has ended does not listen.
        let _ = input.blocking_send(news);
    }
    Ok(())
}

struct Signals {
    size: tokio::signal::unix::Signal,
    resume: tokio::signal::unix::Signal,
    ends: [tokio::signal::unix::Signal; 3],
}

impl Signals {
    fn new() -> io::Result<Self> {
        let ends = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?];
        // SIGCONT has no name in tokio.
        let resume = signal(SignalKind::from_raw(Signal::CONT.as_raw()))?;
        Ok(Self { size: signal(SignalKind::window_change())?, resume, ends })
    }
}

/// Tells the session of sizes and of a stop from outside (`kill -STOP`, then `fg`), and ends it on a signal to end.
async fn watch_signals(mut signals: Signals, input: mpsc::Sender<TermIn>, cancel: CancellationToken) {
    let [terminate, interrupt, hangup] = &mut signals.ends;
    loop {
        tokio::select! {
            _ = signals.size.recv() => {
                if let Ok((columns, rows)) = size() && input.send(TermIn::Resize(columns, rows)).await.is_err() {
                    return;
                }
            }
            _ = signals.resume.recv() => {
                let input = input.clone();
                // While a suspend of our own is under way its thread comes back by itself.
                if is_ours() {
                    let _ = tokio::task::spawn_blocking(move || come_back(&input)).await;
                }
            }
            _ = terminate.recv() => cancel.cancel(),
            // An editor that has the terminal is interrupted by the same key.
            _ = interrupt.recv() => if !TYPIST.is_lent() { cancel.cancel() },
            _ = hangup.recv() => cancel.cancel(),
        }
    }
}
