//! `frontdesk demo`, built and driven at a real pty, as README's first command does it.

use super::Spawn;

#[test]
fn the_demo_is_read_answered_and_left_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let demo = Spawn::frontdesk(&["demo", "--people", "6", "--seed", "7"]).env("TMPDIR", dir.path()).env("HOME", dir.path());
    let mut desk = demo.size(120, 40).start();
    desk.shows("Unass");
    desk.wait("a conversation in the list", |screen| screen.lines().skip(2).any(|line| line.contains(" T ")));
    desk.keys("\r");
    desk.keys("r");
    desk.shows("reply to");
    desk.keys("I have written this at a real terminal.");
    desk.keys("\x18");
    desk.wait("the reply in the thread", |screen| screen.contains("I have written this") && !screen.contains("reply to"));
    // Letters right after a reply are swallowed, lest they act as commands; Ctrl-K is none.
    desk.keys("\x0bquit");
    desk.shows("> quit");
    desk.keys("\r");
    assert_eq!(desk.exit_code(), 0);
    assert!(desk.is_restored());
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
}
