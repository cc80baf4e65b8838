//! The built program inside tmux and GNU screen, where people keep it running all day. `.ci/run` installs both; where one is missing, its test
//! has nothing to say.

use std::path::Path;
use std::process::Command;

use super::{Desk, Spawn};

fn is_here(program: &str) -> bool {
    Command::new(program).arg("-V").output().is_ok_and(|output| !output.stdout.is_empty())
}

/// A command line that runs the demo with a home of its own, for a shell.
fn demo(home: &Path) -> String {
    let home = home.display();
    let program = env!("CARGO_BIN_EXE_frontdesk");
    format!("env HOME={home} TMPDIR={home} FRONTDESK_DATA_DIR={home}/data TZ=UTC {program} demo --people 30 --pace 0.001")
}

/// The list is read, a conversation opened, a note begun and left, the program quit: what is on the screen is right all the time.
fn work(desk: &mut Desk) {
    desk.wait("a list with conversations", |screen| screen.contains("Unassigned") && screen.matches(" T ").count() > 5);
    let first = desk.screen();
    desk.keys("jjj");
    desk.wait("the mark on the fourth row", |screen| screen.lines().nth(6).is_some_and(|row| row.starts_with('▌')));
    // Nothing but the mark moved.
    let marked = |screen: &str| screen.lines().take(9).map(|row| row.trim_start_matches(['▌', ' ']).to_owned()).collect::<Vec<_>>();
    assert_eq!(marked(&first), marked(&desk.screen()));
    desk.keys("c");
    desk.shows("NOTE");
    desk.keys("seen in a multiplexer");
    desk.shows("seen in a multiplexer");
    // Longer than the multiplexer's own wait for the rest of a key.
    desk.keys("\x1b");
    desk.wait("the composer left", |screen| screen.contains("Esc back") || screen.contains("q back"));
    // Letters right after a text are swallowed, lest they act as commands; Ctrl-K is none.
    desk.keys("\x0bquit");
    desk.shows("> quit");
    desk.keys("\r");
}

#[test]
fn inside_tmux_the_screen_is_right_and_the_terminal_is_given_back() {
    if !is_here("tmux") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("tmux");
    let arguments = ["-S", socket.to_str().unwrap(), "-f", "/dev/null", "new-session", &demo(home.path())];
    let mut desk = Spawn::program("tmux", &arguments).env("HOME", home.path()).env("SHELL", "/bin/sh").size(80, 25).start();
    work(&mut desk);
    assert_eq!(desk.exit_code(), 0);
    assert!(desk.is_restored(), "{}", desk.screen());
    assert!(desk.screen().contains("[exited]"), "{}", desk.screen());
}

#[test]
fn inside_gnu_screen_the_screen_is_right_and_the_terminal_is_given_back() {
    if !is_here("screen") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let sockets = home.path().join("screens");
    std::fs::create_dir(&sockets).unwrap();
    std::fs::set_permissions(&sockets, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let script = demo(home.path());
    let mut desk = Spawn::program("screen", &["-U", "-c", "/dev/null", "/bin/sh", "-c", &script])
        .env("HOME", home.path())
        .env("SCREENDIR", &sockets)
        .env("SHELL", "/bin/sh")
        .size(80, 24)
        .start();
    work(&mut desk);
    assert_eq!(desk.exit_code(), 0);
    assert!(desk.is_restored(), "{}", desk.screen());
}
