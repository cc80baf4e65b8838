//! The process's own tty, taken over and given back on every way out. The program at the pty is this test binary, told by a variable to be
//! [`at_the_tty`] instead of a test.

use frontdesk::term::local::Local;
use frontdesk::term::{Line, Screen, TermIn, TermOut};
use ratatui::style::Style;
use tokio_util::sync::CancellationToken;

use super::{Desk, Spawn};

const ROLE: &str = "FRONTDESK_TEST_AT_THE_TTY";

/// Frames that no terminal takes all at once.
const LONG: usize = 500;

fn long(n: usize) -> String {
    format!("\r\n<{n} {}>", "x".repeat(4_000))
}

/// As a session sends: past the slot what the terminal takes at once.
async fn out(line: &mut Line, out: TermOut) -> Result<(), ()> {
    let slot = line.output.reserve().await.map_err(|_| ())?;
    if let Some(rest) = line.straight.as_mut().expect("a terminal here has a way past the slot").offer(out) {
        slot.send(rest);
    }
    Ok(())
}

/// Shows what is typed. `q` leaves, `p` panics in the session, `o` panics beside it, `z` suspends,
/// `k` turns kitty's keyboard protocol on, `l` writes [`LONG`] long lines at once, with that
/// in their middle.
async fn session(line: &mut Line, mut screen: Screen, cancel: CancellationToken) -> &'static str {
    let mut text = "typed: ".to_owned();
    loop {
        let shown = format!("{text} at {:?}", screen.size());
        let bytes = screen.paint(|frame| frame.buffer_mut().set_string(0, 0, &shown, Style::new()));
        if !bytes.is_empty() && out(line, TermOut::Bytes(bytes)).await.is_err() {
            return "the terminal is gone";
        }
        let input = tokio::select! {
            input = line.input.recv() => input,
            () = cancel.cancelled() => return "cancelled",
        };
        match input {
            None => return "the terminal is gone",
            Some(TermIn::Resize(columns, rows)) => screen.resize(columns, rows),
            Some(TermIn::Resumed) => {
                screen.forget();
                text.push_str("<resumed>");
            }
            Some(TermIn::Edited(edited)) => text.push_str(&edited.unwrap_or_else(|why| why)),
            Some(TermIn::Bytes(bytes)) => {
                for byte in bytes {
                    match byte {
                        b'q' => return "left",
                        b'p' => panic!("a fault in the session"),
                        b'o' => assert!(tokio::spawn(async { panic!("a fault beside the session") }).await.is_err()),
                        b'k' => out(line, TermOut::Keyboard).await.unwrap(),
                        b'e' => out(line, TermOut::Edit("words".to_owned())).await.unwrap(),
                        b'l' => {
                            for n in 0..LONG {
                                if n == LONG / 2 {
                                    out(line, TermOut::Keyboard).await.unwrap();
                                }
                                out(line, TermOut::Bytes(long(n).into_bytes())).await.unwrap();
                            }
                        }
                        b'z' => out(line, TermOut::Suspend).await.unwrap(),
                        other => text.push(char::from(other)),
                    }
                }
            }
        }
    }
}

#[test]
fn at_the_tty() {
    if std::env::var_os(ROLE).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let cancel = CancellationToken::new();
        let (local, mut line) = match Local::open(&cancel) {
            Ok(opened) => opened,
            Err(error) => {
                println!("{error}");
                return;
            }
        };
        let screen = Screen::new(local.size().0, local.size().1, local.caps());
        let end = local.hold(session(&mut line, screen, cancel)).await;
        local.close();
        println!("goodbye: {end}");
        // As a program that has other things to end: it goes when nobody is left at the tty.
        let Line { mut input, output, .. } = line;
        drop(output);
        while input.recv().await.is_some() {}
    });
}

fn command() -> (String, [&'static str; 3]) {
    (std::env::current_exe().unwrap().to_str().unwrap().to_owned(), ["--exact", "pty::local::at_the_tty", "--nocapture"])
}

fn start() -> Desk {
    let (program, arguments) = command();
    let desk = Spawn::program(program, &arguments).env(ROLE, "1").start();
    desk.shows("typed:  at (80, 24)");
    assert!(!desk.is_restored());
    desk
}

#[test]
fn the_tty_is_given_back_when_the_session_is_left() {
    let mut desk = start();
    desk.keys("a");
    desk.shows("typed: a");
    desk.resize(70, 20);
    desk.shows("at (70, 20)");
    desk.keys("q");
    assert_eq!(desk.exit_code(), 0);
    assert!(desk.is_restored(), "{}", desk.screen());
    assert!(desk.screen().contains("goodbye: left"), "{}", desk.screen());
}

#[test]
fn the_tty_is_given_back_before_a_panic_is_told() {
    let mut desk = start();
    desk.keys("p");
    assert_eq!(desk.exit_code(), 101);
    assert!(desk.is_restored(), "{}", desk.screen());
    assert!(desk.screen().contains("a fault in the session"), "{}", desk.screen());
}

#[test]
fn a_panic_beside_the_session_leaves_the_screen_alone() {
    let mut desk = start();
    desk.keys("o");
    desk.keys("b");
    desk.shows("typed: b");
    assert!(!desk.is_restored());
    assert!(!desk.screen().contains("a fault"), "{}", desk.screen());
    desk.keys("q");
    assert_eq!(desk.exit_code(), 0);
}

#[test]
fn the_tty_is_given_back_on_a_signal_to_end() {
    use rustix::process::{Pid, Signal, kill_process};
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut desk = start();
        kill_process(Pid::from_raw(desk.process_id() as i32).unwrap(), signal).unwrap();
        assert_eq!(desk.exit_code(), 0, "{signal:?}");
        assert!(desk.is_restored(), "{signal:?}: {}", desk.screen());
        assert!(desk.screen().contains("goodbye: cancelled"), "{signal:?}: {}", desk.screen());
    }
}

#[test]
fn a_suspended_program_gives_the_tty_to_the_shell_and_takes_it_back() {
    let (program, arguments) = command();
    let script = format!("set -m; {program} {}; echo the shell has it; read line; fg %1 >/dev/null", arguments.join(" "));
    let mut desk = Spawn::program("/bin/sh", &["-c", &script]).env(ROLE, "1").start();
    desk.shows("typed: ");
    desk.keys("z");
    desk.shows("the shell has it");
    assert!(desk.is_restored());
    desk.keys("\n");
    desk.shows("<resumed>");
    assert!(!desk.is_restored());
    desk.keys("c");
    desk.shows("<resumed>c");
    desk.keys("q");
    desk.exit_code();
    assert!(desk.is_restored(), "{}", desk.screen());
}

#[test]
fn an_editor_has_the_tty_while_it_runs_and_its_text_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let editor = dir.path().join("my editor");
    let script = "#!/bin/sh\nstat -c 'mode %a' \"$2\"\necho \"editing $1\"\nread line\nprintf '%s\\n' \"$line\" >> \"$2\"\n";
    std::fs::write(&editor, script).unwrap();
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let (program, arguments) = command();
    let named = format!("'{}' --wait", editor.display());
    let mut desk = Spawn::program(program, &arguments).env(ROLE, "1").env("TMPDIR", dir.path()).env("EDITOR", named).start();
    desk.shows("typed: ");
    desk.keys("e");
    desk.shows("editing --wait");
    desk.shows("mode 600");
    assert!(desk.is_restored());
    desk.keys("more\n");
    desk.shows("<resumed>wordsmore");
    assert!(!desk.is_restored());
    desk.keys("x");
    desk.shows("morex");
    desk.keys("q");
    assert_eq!(desk.exit_code(), 0);
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["my editor"], "nothing of the text is left behind");
}

#[test]
fn an_editor_that_fails_changes_nothing_and_says_so() {
    let (program, arguments) = command();
    let mut desk = Spawn::program(program, &arguments).env(ROLE, "1").env("VISUAL", "false").start();
    desk.shows("typed: ");
    desk.keys("e");
    desk.shows("Nothing was changed: false did not end well");
    desk.keys("q");
    assert_eq!(desk.exit_code(), 0);
}

#[test]
fn a_tty_that_was_given_back_is_not_taken_over_again_when_the_editor_ends() {
    use rustix::process::{Pid, Signal, kill_process};
    let (program, arguments) = command();
    let mut desk = Spawn::program(program, &arguments).env(ROLE, "1").env("EDITOR", "echo editing; read line; cat").start();
    desk.shows("typed: ");
    desk.keys("ke");
    desk.shows("editing");
    kill_process(Pid::from_raw(desk.process_id() as i32).unwrap(), Signal::TERM).unwrap();
    desk.shows("goodbye: cancelled");
    desk.keys("\n");
    assert_eq!(desk.exit_code(), 0);
    assert!(desk.is_restored(), "{}", desk.screen());
    assert_eq!(keyboard(&desk), (1, 1));
}

/// How often the keyboard's protocol was turned on and off.
fn keyboard(desk: &Desk) -> (usize, usize) {
    let bytes = String::from_utf8_lossy(&desk.bytes()).into_owned();
    (bytes.matches("\x1b[>5u").count(), bytes.matches("\x1b[<u").count())
}

#[test]
fn a_keyboard_whose_protocol_was_turned_on_is_put_back_on_every_way_out() {
    use rustix::process::{Pid, Signal, kill_process};
    let begin = || {
        let mut desk = start();
        assert_eq!(keyboard(&desk), (0, 0));
        desk.keys("kkx");
        desk.shows("typed: x");
        assert_eq!(keyboard(&desk), (1, 0));
        desk
    };
    for signal in [Signal::TERM, Signal::HUP] {
        let mut desk = begin();
        kill_process(Pid::from_raw(desk.process_id() as i32).unwrap(), signal).unwrap();
        desk.exit_code();
        assert_eq!(keyboard(&desk), (1, 1), "{signal:?}");
    }
    for key in ["q", "p"] {
        let mut desk = begin();
        desk.keys(key);
        desk.exit_code();
        assert_eq!(keyboard(&desk), (1, 1), "{key}");
    }
}

#[test]
fn what_a_slow_terminal_does_not_take_at_once_is_written_later_and_in_order() {
    let mut desk = start();
    desk.keys("l");
    desk.wait_bytes("the last line", |bytes| bytes.ends_with(long(LONG - 1).as_bytes()));
    let bytes = String::from_utf8_lossy(&desk.bytes()).into_owned();
    let want: String = (0..LONG).map(|n| if n == LONG / 2 { format!("\x1b[>5u{}", long(n)) } else { long(n) }).collect();
    assert!(bytes.contains(&want), "{} bytes of {}", bytes.len(), want.len());
    desk.keys("q");
    assert_eq!(desk.exit_code(), 0);
    assert!(desk.is_restored(), "{}", desk.screen());
}

#[test]
fn a_suspended_program_leaves_the_shell_its_keyboard_and_takes_it_again() {
    let (program, arguments) = command();
    let script = format!("set -m; {program} {}; echo the shell has it; read line; fg %1 >/dev/null", arguments.join(" "));
    let mut desk = Spawn::program("/bin/sh", &["-c", &script]).env(ROLE, "1").start();
    desk.shows("typed: ");
    desk.keys("kz");
    desk.shows("the shell has it");
    assert_eq!(keyboard(&desk), (1, 1));
    desk.keys("\n");
    desk.shows("<resumed>");
    assert_eq!(keyboard(&desk), (2, 1));
    desk.keys("q");
    desk.exit_code();
    assert_eq!(keyboard(&desk), (2, 2));
}

#[test]
fn without_a_terminal_it_says_so() {
    let (program, arguments) = command();
    let script = format!("{program} {} </dev/null", arguments.join(" "));
    let mut desk = Spawn::program("/bin/sh", &["-c", &script]).env(ROLE, "1").size(200, 24).start();
    assert_eq!(desk.exit_code(), 0);
    assert!(desk.screen().contains("standard input and output have to be a terminal"), "{}", desk.screen());
    assert!(!desk.bytes().contains(&0x1b));
}
