//! Nothing wakes an idle screen but what it asked for, and what is looked at becomes read.

use frontdesk::app::effect::Write;
use frontdesk::app::msg::{Input, Msg};
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::ConversationId;
use frontdesk::domain::time::Span;

use super::desk::{Desk, NOW};

fn reads(desk: &Desk) -> usize {
    desk.writes.iter().filter(|write| matches!(write, Write::MarkRead { .. })).count()
}

#[test]
fn an_idle_screen_wakes_with_the_minute_and_not_before() {
    let desk = Desk::open((120, 40));
    assert_eq!(desk.app.wake_at(), Some(NOW.plus(Span::minutes(1))));
}

#[test]
fn a_screen_without_young_ages_sleeps_until_one_of_them_changes() {
    let mut desk = Desk::open((80, 24));
    desk.rows.drain(..3);
    desk.rows.retain(|row| row.last_at < NOW.minus(Span::hours(1)));
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    // The youngest is 70 minutes old: `1h` until it is 120 minutes old.
    assert_eq!(desk.app.wake_at(), Some(NOW.plus(Span::minutes(50))));
    desk.rows.clear();
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    assert_eq!(desk.app.wake_at(), None);
}

#[test]
fn a_conversation_is_read_by_looking_at_it_for_a_while() {
    let mut desk = Desk::open((80, 24));
    desk.keys("enter");
    desk.wait(Span::millis(1_000));
    assert_eq!(reads(&desk), 0);
    desk.wait(Span::millis(600));
    assert_eq!(reads(&desk), 1);
    desk.wait(Span::minutes(3));
    assert_eq!(reads(&desk), 1, "once");
}

#[test]
fn passing_by_or_looking_elsewhere_reads_nothing() {
    let mut desk = Desk::open((80, 24));
    desk.keys("enter esc");
    desk.wait(Span::minutes(1));
    assert_eq!(reads(&desk), 0, "left before the time was over");
    let mut desk = Desk::open((80, 24));
    desk.turn(Msg::Input(Input::Focus(false)));
    desk.keys("enter");
    desk.wait(Span::minutes(1));
    assert_eq!(reads(&desk), 0, "the window is not looked at");
    desk.turn(Msg::Input(Input::Focus(true)));
    desk.wait(Span::secs(2));
    assert_eq!(reads(&desk), 1);
}

#[test]
fn a_toast_goes_by_itself() {
    let mut desk = Desk::open((80, 24));
    desk.keys("y y").shows("Copied");
    desk.wait(Span::secs(5));
    desk.shows_no("Copied");
}

#[test]
fn a_hint_for_something_else_paints_nothing_until_its_answer_is_there() {
    let mut desk = Desk::open((80, 24));
    desk.app.take_dirty();
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(77))));
    assert!(!desk.app.take_dirty());
    desk.answer_all();
    assert!(desk.app.take_dirty());
}

#[test]
fn the_unread_mark_stands_above_what_nobody_has_read_and_stays_while_it_is_read() {
    let mut desk = Desk::open((80, 24));
    desk.keys("enter").shows("new ────");
    desk.wait(Span::secs(3));
    desk.answer_all();
    desk.shows("new");
    let screen = desk.screen();
    let row = |text: &str| screen.lines().position(|row| row.contains(text)).unwrap();
    assert!(row("new ──") < row("besok jam 7"), "{screen}");
    assert!(row("new ──") > row("regular, pays cash"), "{screen}");
}
