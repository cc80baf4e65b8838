//! Replies that leave at a chosen time, on the screen.

use frontdesk::app::effect::Write;
use frontdesk::app::msg::Msg;
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::{AgentId, ConversationId};
use frontdesk::domain::message::Direction;
use frontdesk::domain::time::{Span, Timestamp};

use super::desk::{Desk, NOW, check, said};

const SMALL: (u16, u16) = (80, 24);
/// Sat 21 Nov 2026, 9:00 in Jakarta.
const TOMORROW: Timestamp = Timestamp::from_secs(1_795_226_400);

fn at(desk: &Desk) -> Option<Timestamp> {
    desk.writes.iter().rev().find_map(|write| match write {
        Write::Reply { at, .. } => Some(*at),
        _ => None,
    })?
}

#[test]
fn a_reply_is_sent_later_by_one_letter_or_a_time_in_words() {
    insta::assert_snapshot!("send_later_offers_a_few_times", Desk::open(SMALL).keys("r 'Bisa' ctrl-t").screen());
    let times = |keys: &str| at(Desk::open(SMALL).keys(&format!("r 'Bisa' ctrl-t {keys}")));
    assert_eq!(times("t"), Some(TOMORROW));
    assert_eq!(times("e"), Some(NOW.plus(Span::minutes(210))));
    assert_eq!(times("m"), Some(TOMORROW.plus(Span::hours(48))));
    assert_eq!(times("o 'tomorrow 9:00' enter"), Some(TOMORROW));
    assert_eq!(times("esc"), None);
    Desk::open(SMALL).keys("r 'Bisa' ctrl-t o 'yesterday'").shows("No time to come");
}

#[test]
fn a_reply_that_waits_for_its_time_shows_it_and_is_taken_back_or_sent_now() {
    let mut desk = Desk::open(SMALL);
    desk.keys("j j j r 'Bisa' ctrl-t t").shows("◷ tomorrow 09:00").shows("Leaves tomorrow 09:00 · z takes it back");
    desk.keys("z").shows("Taken back").shows("▏Bisa").shows_no("◷ tomorrow");
    let mut desk = Desk::open(SMALL);
    desk.keys("j j j r 'Bisa' ctrl-t t k j x").shows("Taken back").shows("▏Bisa");
    let mut desk = Desk::open(SMALL);
    desk.keys("j j j r 'Bisa' ctrl-t t s");
    assert!(matches!(desk.writes.last(), Some(Write::SendNow { .. })), "{:?}", desk.writes.last());
}

#[test]
fn undo_takes_no_reply_back_that_a_colleague_wrote() {
    let mut desk = Desk::open(SMALL);
    let mut reply = said(900, ConversationId(1), Direction::Out, "rio", "Bisa", NOW);
    (reply.agent, reply.delivery, reply.due_at) = (Some(AgentId(8)), Delivery::Queued, Some(TOMORROW));
    desk.messages.push(reply);
    desk.keys("enter z").shows("There is nothing to undo").shows_no("take back");
    assert!(!desk.writes.iter().any(|write| matches!(write, Write::TakeBack { .. })), "{:?}", desk.writes);
    // What is selected and taken back is meant.
    desk.keys("k j x").shows("Taken back");
}

#[test]
fn only_a_written_reply_can_be_sent_later() {
    check(SMALL, "r ctrl-t", &[]).shows("Nothing is typed yet");
    check(SMALL, "c 'x' ctrl-t", &[]).shows("Only replies can be sent later");
}

#[test]
fn a_time_after_the_reply_window_is_warned_about() {
    let mut desk = Desk::open(SMALL);
    desk.row(ConversationId(1)).window = Some(Span::hours(4));
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.keys("r 'Bisa' ctrl-t").shows("tomorrow 09:00, window closed");
    desk.keys("t").shows("after the reply window closes");
}

#[test]
fn a_reply_that_waits_for_tomorrow_does_not_wake_the_screen_every_second() {
    let mut desk = check(SMALL, "r 'Bisa' ctrl-t t", &["Typing", "Reply"]);
    desk.wait(Span::secs(30));
    let next = desk.app.wake_at().unwrap();
    assert!(next.since(desk.cx.now) > Span::secs(2), "{next:?}");
}
