//! What is around the panes: calls and titles, the tour, problems that stand, long work, the help.

use frontdesk::app::effect::{Effect, Write};
use frontdesk::app::msg::{Input, Msg};
use frontdesk::domain::channel::Health;
use frontdesk::domain::conversation::Status;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::ConversationId;
use frontdesk::domain::time::Span;
use insta::assert_snapshot;

use super::desk::{Desk, NOW, ago, check, setup};

const SMALL: (u16, u16) = (80, 24);

/// The customer writes; the hint says so.
fn writes(desk: &mut Desk, id: i64) {
    desk.wait(Span::secs(1));
    let now = desk.cx.now;
    let row = desk.row(ConversationId(id));
    row.last_inbound_at = Some(now);
    row.last_at = now;
    row.unread += 1;
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(id))));
    desk.answer_all();
}

fn calls(desk: &Desk) -> Vec<String> {
    let text = |effect: &Effect| match effect {
        Effect::Call { text, .. } => Some(text.to_string()),
        _ => None,
    };
    desk.told.iter().filter_map(text).collect()
}

#[test]
fn a_new_message_calls_the_person_who_looks_elsewhere_and_names_nobody() {
    let mut desk = Desk::open(SMALL);
    writes(&mut desk, 2);
    assert_eq!(calls(&desk), Vec::<String>::new(), "the window has the focus");
    desk.turn(Msg::Input(Input::Focus(false)));
    writes(&mut desk, 3);
    assert_eq!(calls(&desk), ["New message: Pigeon"]);
    writes(&mut desk, 2);
    assert_eq!(calls(&desk).len(), 1, "once in a few seconds");
    desk.wait(Span::secs(5));
    writes(&mut desk, 2);
    assert_eq!(calls(&desk).len(), 2);
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.wait(Span::secs(10));
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    assert_eq!(calls(&desk).len(), 2, "nothing is told twice");
}

#[test]
fn a_message_of_the_second_in_which_one_looks_away_is_told_though_providers_tell_whole_seconds() {
    let mut desk = Desk::open(SMALL);
    desk.wait(Span::millis(400));
    desk.turn(Msg::Input(Input::Focus(false)));
    let row = desk.row(ConversationId(2));
    (row.last_inbound_at, row.unread) = (Some(NOW), 3);
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(2))));
    desk.answer_all();
    assert_eq!(calls(&desk), ["New message: Pigeon"]);
}

#[test]
fn calls_follow_the_settings() {
    let after = |change: fn(&mut frontdesk::config::Notify), id: i64| {
        let mut setup = setup();
        change(&mut setup.notify);
        let mut desk = Desk::open_with(setup, SMALL);
        desk.keys("enter");
        writes(&mut desk, id);
        calls(&desk).len()
    };
    assert_eq!(after(|_| (), 2), 0);
    assert_eq!(after(|notify| notify.only_unfocused = false, 2), 1);
    assert_eq!(after(|notify| notify.only_unfocused = false, 1), 0, "it is being read");
    assert_eq!(after(|notify| (notify.only_unfocused, notify.only_mine) = (false, true), 2), 0);
    assert_eq!(after(|notify| (notify.only_unfocused, notify.bell, notify.desktop) = (false, false, false), 2), 0);
}

#[test]
fn the_title_counts_who_waits_and_is_set_when_that_changes() {
    let titles = |desk: &Desk| -> Vec<String> {
        let title = |effect: &Effect| match effect {
            Effect::Title(title) => Some(title.to_string()),
            _ => None,
        };
        desk.told.iter().filter_map(title).collect()
    };
    let mut desk = Desk::open(SMALL);
    assert_eq!(titles(&desk), ["frontdesk (3)"]);
    desk.keys("e");
    assert_eq!(titles(&desk), ["frontdesk (3)", "frontdesk (2)"]);
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    assert_eq!(titles(&desk).len(), 2);
}

fn tour(size: (u16, u16)) -> Desk {
    let mut first = setup();
    first.tour = true;
    let mut desk = Desk::open_with(first, size);
    desk.turn(Msg::Input(Input::Focus(false)));
    desk
}

#[test]
fn the_first_session_names_five_keys_and_ticks_them_off() {
    assert_snapshot!(tour(SMALL).keys("j k enter").screen());
    let mut desk = tour(SMALL);
    desk.keys("j enter r 'Hi' ctrl-x e z ?").shows("keys that work here");
    assert!(desk.writes.iter().any(|write| matches!(write, Write::EndTour)));
    desk.keys("esc").shows_no("Try:");
    desk.keys(": 'tour' enter").shows("Try:");
}

#[test]
fn escape_ends_the_tour_for_good_where_there_is_nothing_else_to_leave() {
    let mut desk = tour(SMALL);
    desk.keys("enter esc").shows("Try:").shows("Esc ends it");
    assert!(desk.writes.is_empty());
    desk.keys("esc").shows_no("Try:");
    assert!(matches!(desk.writes[..], [Write::EndTour]));
    assert!(Desk::open(SMALL).screen().lines().all(|row| !row.contains("Try:")), "nobody else is shown it");
}

#[test]
fn what_went_wrong_stands_while_other_things_are_said() {
    let mut desk = Desk::open(SMALL);
    desk.key_now("e");
    let Effect::Write { ticket, .. } = desk.next_asked() else { panic!("a write comes first") };
    desk.turn(Msg::Wrote { ticket, result: Err("Not resolved: the disk is full. Make room and try again".to_owned()) });
    desk.answer_all();
    desk.keys("A").shows("Not resolved: the disk is full").shows("is yours");
    desk.keys("enter").shows("Not resolved: the disk is full").shows("r reply");
    desk.wait(Span::secs(9));
    desk.shows_no("Not resolved");
}

#[test]
fn long_work_says_how_far_it_is_and_what_has_not_begun_is_called_off() {
    let mut desk = Desk::open(SMALL);
    desk.key_now("e");
    desk.key_now("e");
    desk.key_now("e");
    desk.shows_no("storing");
    desk.wait(Span::millis(600));
    desk.shows("storing 1 of 3 … (Ctrl-G cancels)");
    desk.key_now("ctrl-g");
    assert!(matches!(&desk.others[..], [Effect::Cancel(tickets)] if tickets.len() == 3));
    desk.answer_all();
    desk.shows_no("storing");
    check(SMALL, "ctrl-g", &[]).shows("Nothing waits that could be called off");
}

#[test]
fn the_help_finds_a_key_by_letters_says_what_it_does_and_runs_it() {
    assert_snapshot!(Desk::open(SMALL).keys("? 'assign'").screen());
    check(SMALL, "j ? 'assign to me' enter", &["ConversationId(2), act: Assign(Some((AgentId(7)"]);
    check(SMALL, "? 'a' ?", &[]).shows("> a?").shows("Nothing here has these letters.");
}

#[test]
fn the_status_line_says_what_a_channel_needs_where_there_is_room() {
    let mut desk = Desk::open((120, 40));
    desk.shows("Arena: The loft refuses the token");
    desk.status.channels[1].health = Health::Retrying;
    desk.status.channels[1].synced_at = Some(ago(12));
    desk.status.channels[0].synced_at = Some(ago(30));
    desk.turn(Msg::Changed(Hint::Status));
    desk.answer_all();
    desk.shows("Arena: trying again for 12m (:channels)").shows("last sync 30m ago");
}

#[test]
fn a_thread_alone_on_the_screen_still_says_how_many_wait() {
    let mut desk = Desk::open(SMALL);
    desk.shows_no("3 waiting");
    desk.keys("enter").shows("3 waiting");
    desk.row(ConversationId(2)).status = Status::Resolved;
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.shows("2 waiting");
}

#[test]
fn the_tour_is_seen_at_every_size() {
    for size in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        tour(size).shows("Try:").shows("j move");
    }
}
