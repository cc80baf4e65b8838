//! The built program at a terminal, from its first screen to the shell's prompt.

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::{Desk, Spawn};

/// A home of its own, so that nothing of the machine's user is read and whatever is left behind is seen.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(home.0.path().join("tmp")).unwrap();
        home
    }

    fn spawn(&self, arguments: &[&str]) -> Spawn {
        let home = self.0.path();
        Spawn::frontdesk(arguments)
            .env("HOME", home)
            .env("TMPDIR", home.join("tmp"))
            .env("FRONTDESK_DATA_DIR", home.join("data"))
            .env("TZ", "UTC")
    }

    /// A small demo whose customers are slow, so that the screen stands still.
    fn demo(&self) -> Desk {
        let desk = self.spawn(&["demo", "--people", "6", "--pace", "0.1"]).start();
        desk.wait("a list with conversations", |screen| screen.contains("Unassigned") && screen.contains(" T "));
        desk
    }

    fn temporary(&self) -> Vec<std::path::PathBuf> {
        std::fs::read_dir(self.0.path().join("tmp")).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

/// Leaves by the command line, as a person would.
fn quit(desk: &mut Desk) {
    desk.keys(":");
    desk.shows("command line");
    desk.keys("q\r");
    assert_eq!(desk.exit_code(), 0, "{}", desk.screen());
    assert!(desk.is_restored(), "{}", desk.screen());
}

#[test]
fn a_kept_demo_goes_on_with_its_drafts_and_nobody_twice() {
    let home = Home::new();
    let folder = home.0.path().join("kept");
    let arguments = ["demo", "--people", "4", "--pace", "0.01", "--keep", folder.to_str().unwrap()];
    let mut desk = home.spawn(&arguments).start();
    desk.wait("a list with conversations", |screen| screen.contains("Unassigned") && screen.contains(" T "));
    desk.keys("r");
    desk.shows("reply to");
    desk.keys("my unfinished words");
    desk.shows("my unfinished words");
    desk.keys("\x03\x03");
    assert_eq!(desk.exit_code(), 0);
    let mut desk = home.spawn(&arguments).start();
    desk.shows("draft: my unfinished words");
    let screen = desk.shows("✓ Harbour Courts");
    let mut names: Vec<&str> = screen.lines().filter_map(|row| row.split(" T ").nth(1)?.split("  ").next()).collect();
    let rows = names.len();
    names.sort_unstable();
    names.dedup();
    assert!(rows > 0 && names.len() == rows, "{screen}");
    quit(&mut desk);
}

#[test]
fn the_first_run_says_what_to_do_and_offers_the_form() {
    let home = Home::new();
    let mut desk = home.spawn(&[]).start();
    let screen = desk.shows("Welcome");
    assert!(screen.contains("frontdesk demo"), "{screen}");
    desk.keys("\r");
    desk.shows("Bot token");
    desk.keys("\x1b");
    desk.wait("the form closed", |screen| screen.contains("Welcome"));
    quit(&mut desk);
}

#[test]
fn a_signal_to_end_gives_the_terminal_back_and_takes_the_demo_away() {
    let home = Home::new();
    let mut desk = home.demo();
    assert!(!desk.is_restored());
    kill_process(Pid::from_raw(desk.process_id() as i32).unwrap(), Signal::TERM).unwrap();
    assert_eq!(desk.exit_code(), 0, "{}", desk.screen());
    assert!(desk.is_restored(), "{}", desk.screen());
    assert_eq!(home.temporary(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_resized_terminal_is_painted_anew() {
    let home = Home::new();
    let mut desk = home.demo();
    // The emulator starts empty, so what it shows was painted after the resize.
    desk.resize(120, 40);
    desk.wait("list and thread side by side", |screen| screen.contains("Unass.") && screen.contains("opens the selected conversation"));
    desk.resize(50, 10);
    desk.shows("Please make it 60x15 or");
    desk.resize(80, 24);
    desk.shows("Unassigned");
    quit(&mut desk);
}

#[test]
fn without_a_terminal_the_program_says_so_in_one_sentence() {
    let home = Home::new();
    let script = format!("exec {} </dev/null", env!("CARGO_BIN_EXE_frontdesk"));
    let mut desk = Spawn::program("/bin/sh", &["-c", &script])
        .env("HOME", home.0.path())
        .env("FRONTDESK_DATA_DIR", home.0.path().join("data"))
        .size(200, 24)
        .start();
    assert_ne!(desk.exit_code(), 0);
    let screen = desk.screen();
    assert!(screen.contains("standard input and output have to be a terminal"), "{screen}");
    assert!(!desk.bytes().contains(&0x1b), "{screen}");
}
