//! A program at a real pseudo-terminal: typed to like a person, looked at through a terminal emulator.

mod demo;
mod keys;
mod local;
mod multiplexers;
mod pictures;
mod program;
mod queue;

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long a screen may take to show what is waited for; a machine that is busy with other tests is slow.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that runs at a terminal of its own. It is killed when this is dropped.
pub struct Desk {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

struct Seen {
    terminal: vt100::Parser,
    bytes: Vec<u8>,
    ended: bool,
}

/// What to run: our own program, unless told otherwise.
pub struct Spawn {
    command: CommandBuilder,
    columns: u16,
    rows: u16,
}

impl Spawn {
    /// frontdesk with these arguments, at 80×24, with nothing in its environment but a terminal type and a UTF-8 locale.
    pub fn frontdesk(arguments: &[&str]) -> Self {
        Self::program(env!("CARGO_BIN_EXE_frontdesk"), arguments)
    }

    /// Any program.
    pub fn program(program: impl AsRef<Path>, arguments: &[&str]) -> Self {
        let mut command = CommandBuilder::new(program.as_ref());
        command.env_clear();
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        Self { command, columns: 80, rows: 24 }
    }

    /// Adds a variable to its environment.
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it in this folder.
    pub fn dir(mut self, dir: &Path) -> Self {
        self.command.cwd(dir);
        self
    }

    /// The size of its terminal.
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        (self.columns, self.rows) = (columns, rows);
        self
    }

    /// Starts it.
    pub fn start(self) -> Desk {
        let pair = native_pty_system().openpty(size(self.columns, self.rows)).unwrap();
        let child = pair.slave.spawn_command(self.command).unwrap();
        // The last slave end must be the program's own, or its end would not be seen.
        drop(pair.slave);
        let keys = pair.master.take_writer().unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let terminal = emulator(self.columns, self.rows);
        let seen = Arc::new((Mutex::new(Seen { terminal, bytes: Vec::new(), ended: false }), Condvar::new()));
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                let count = reader.read(&mut buffer).unwrap_or(0);
                let Ok(mut seen) = shared.0.lock() else { return };
                seen.terminal.process(&buffer[..count]);
                seen.bytes.extend_from_slice(&buffer[..count]);
                seen.ended = count == 0;
                shared.1.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        Desk { child, master: pair.master, keys, seen }
    }
}

impl Desk {
    /// Types; `\x1b[A` and the like are keys as a terminal sends them.
    pub fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until the screen's text fulfils `wanted`; fails with a picture of the screen.
    pub fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        self.wait_seen(what, |seen| wanted(&seen.terminal.screen().contents()));
        self.screen()
    }

    /// Waits until `text` is on the screen.
    pub fn shows(&self, text: &str) -> String {
        self.wait(&format!("{text:?} on the screen"), |screen| screen.contains(text))
    }

    /// The screen's text as it is now.
    pub fn screen(&self) -> String {
        self.seen.0.lock().unwrap().terminal.screen().contents()
    }

    /// Everything the program has written, for a judge of bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().bytes.clone()
    }

    /// Waits until what the program has written fulfils `wanted`.
    pub fn wait_bytes(&self, what: &str, wanted: impl Fn(&[u8]) -> bool) {
        self.wait_seen(what, |seen| wanted(&seen.bytes));
    }

    /// Whether the terminal is as a shell expects it: main screen, cursor shown, no mouse, no bracketed paste.
    pub fn is_restored(&self) -> bool {
        let seen = self.seen.0.lock().unwrap();
        let screen = seen.terminal.screen();
        !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    }

    /// Changes the size of the terminal.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.seen.0.lock().unwrap().terminal = emulator(columns, rows);
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// Its process, for a signal.
    pub fn process_id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits for its end; answers the exit code.
    pub fn exit_code(&mut self) -> u32 {
        self.wait_seen("the end of the program", |seen| seen.ended);
        self.child.wait().unwrap().exit_code()
    }

    fn wait_seen(&self, what: &str, wanted: impl Fn(&Seen) -> bool) {
        let (seen, changed) = &*self.seen;
        let (seen, late) = changed.wait_timeout_while(seen.lock().unwrap(), PATIENCE, |seen| !wanted(seen) && !seen.ended).unwrap();
        let state = if late.timed_out() { "in time" } else { "before the program ended" };
        assert!(wanted(&seen), "no sign of {what} {state}; the screen:\n{}", picture(seen.terminal.screen()));
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn emulator(columns: u16, rows: u16) -> vt100::Parser {
    vt100::Parser::new(NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap(), 0)
}

fn picture(screen: &vt100::Screen) -> String {
    screen.rows(0, u16::MAX).fold(String::new(), |all, row| all + "|" + &row + "\n")
}

#[test]
fn a_program_at_a_pty_is_typed_to_and_its_screen_is_read() {
    let mut desk = Spawn::program("/bin/sh", &["-c", "stty size; read name; echo \"hello $name\"; exit 3"]).size(50, 10).start();
    desk.shows("10 50");
    desk.keys("Ada\n");
    desk.shows("hello Ada");
    assert_eq!(desk.exit_code(), 3);
    assert!(desk.is_restored());
}

#[test]
fn a_program_gets_its_folder_its_environment_and_signals() {
    let dir = tempfile::tempdir().unwrap();
    let script = "trap 'echo got it; exit 4' TERM; echo \"$WHO in $(pwd)\"; while :; do read line; done";
    let mut desk = Spawn::program("/bin/sh", &["-c", script]).env("WHO", "Ada").dir(dir.path()).size(200, 5).start();
    desk.shows(&format!("Ada in {}", dir.path().display()));
    let pid = rustix::process::Pid::from_raw(desk.process_id() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    desk.keys("\n");
    assert_eq!(desk.exit_code(), 4);
    // The terminal's echo of the empty line may come before or after it; nothing else does.
    assert!(String::from_utf8(desk.bytes()).unwrap().trim_end().ends_with("got it"));
}

#[test]
fn a_resize_reaches_the_program_and_a_changed_mode_is_noticed() {
    let script = "trap 'stty size' WINCH; printf '\\033[?1049h\\033[?2004hready\\n'; while ! read line; do :; done; printf '\\033[?2004l\\033[?1049l'";
    let mut desk = Spawn::program("/bin/sh", &["-c", script]).start();
    desk.shows("ready");
    assert!(!desk.is_restored());
    desk.resize(61, 17);
    desk.shows("17 61");
    desk.keys("\n");
    assert_eq!(desk.exit_code(), 0);
    assert!(desk.is_restored());
}
