//! `frontdesk demo`, built and driven at a real pty, as README's first command does it.

use super::Spawn;

#[test]
fn the_demo_is_read_answered_and_left_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let demo = Spawn::frontdesk(&["demo", "--people", "6", "--seed", "7"]).env("TMPDIR", dir.path()).env("HOME", dir.path());
    let mut desk = demo.size(120, 40).start();
    desk.shows("Unass");
    desk.wait("a conversation in the list", |screen| screen.lines().skip(2).any(|line| of_a_channel(line).is_some()));
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

/// What follows the letter of one of the demo's channels in a row of the list.
fn of_a_channel(row: &str) -> Option<&str> {
    let (_, rest) = row.split_once(" T ").or_else(|| row.split_once(" W "))?;
    Some(rest)
}

/// What somebody who has read nothing does in the first two minutes, by what the screen says.
#[test]
fn in_the_demo_a_customer_is_answered_noted_assigned_snoozed_and_resolved_by_keys_and_z_takes_back() {
    let dir = tempfile::tempdir().unwrap();
    let demo = Spawn::frontdesk(&["demo", "--people", "8", "--pace", "0.1"]).env("TMPDIR", dir.path()).env("HOME", dir.path());
    let mut desk = demo.start();
    let screen =
        desk.wait("a selected conversation", |screen| screen.lines().any(|line| line.starts_with('▌') && of_a_channel(line).is_some()));
    let row = screen.lines().find(|line| line.starts_with('▌')).unwrap();
    let name = of_a_channel(row).unwrap().split("  ").next().unwrap().trim();
    let is_open = |screen: &str| screen.lines().nth(1).is_some_and(|header| header.trim_start().starts_with(name));
    desk.keys("\r");
    desk.wait("the open thread", is_open);

    desk.keys("c");
    desk.shows("NOTE: only colleagues see this");
    desk.keys("plays on Saturdays\x18");
    desk.wait("the note", |screen| screen.contains("plays on Saturdays") && !screen.contains("NOTE:"));
    desk.keys("\x0breply");
    desk.shows("> reply");
    desk.keys("\r");
    desk.shows(&format!("reply to {name}"));
    desk.keys("Good morning, yes.\x18");
    // Letters are no commands in the moment after a text was sent: by the next second of the countdown they are.
    desk.wait("the countdown of the undo delay", |screen| (1..=4).any(|left| screen.contains(&format!("z take back ({left}s)"))));

    desk.keys("a");
    desk.shows("assign to");
    desk.keys("maya");
    desk.shows("▌Maya");
    desk.keys("\r");
    desk.shows("assigned Maya");

    desk.keys("b");
    desk.shows("until tomorrow");
    desk.keys("t");
    desk.wait("the next conversation", |screen| screen.contains(&format!("Snoozed {name} until tomorrow")) && !is_open(screen));
    desk.keys("z");
    desk.wait("the snoozed conversation again", |screen| screen.contains(&format!("Undone: Snoozed {name}")) && is_open(screen));

    desk.keys("e");
    desk.wait("the next conversation", |screen| screen.contains(&format!("Resolved {name}")) && !is_open(screen));
    desk.keys("z");
    desk.wait("the resolved conversation again", |screen| screen.contains(&format!("Undone: Resolved {name}")) && is_open(screen));
    desk.wait("the reply gone out", |screen| screen.contains("Good morning, yes.") && !screen.contains("outbox"));

    desk.keys(":q\r");
    assert_eq!(desk.exit_code(), 0);
    assert!(desk.is_restored());
}

/// The clinic's operators are at work; somebody who has read nothing joins them.
#[test]
fn in_the_demo_the_clinics_free_counter_is_taken_and_somebody_is_called_and_served() {
    let dir = tempfile::tempdir().unwrap();
    let demo = Spawn::frontdesk(&["demo", "--people", "6", "--seed", "7"]).env("TMPDIR", dir.path()).env("HOME", dir.path());
    let mut desk = demo.size(120, 40).start();
    desk.shows("Unass");
    desk.keys("gq");
    desk.shows("Klinik Sehat Senayan");
    desk.shows("parked");
    desk.keys("A");
    desk.shows("work at");
    desk.keys("\r");
    desk.shows("Counter 2 is open");
    desk.keys(" ");
    desk.shows("CALLED");
    desk.keys("s");
    desk.shows("SERVING");
    desk.keys("e");
    desk.wait("the counter free again", |screen| screen.contains("Counter 2") && !screen.contains("SERVING"));
    desk.keys(":q\r");
    assert_eq!(desk.exit_code(), 0);
}
