//! What was asked about one conversation is done to that one, whatever the list does meanwhile.

use frontdesk::app::msg::{Input, Msg};
use frontdesk::domain::conversation::Status;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::{AgentId, ConversationId};

use super::desk::Desk;

const SMALL: (u16, u16) = (80, 24);

/// Asks something, lets a colleague take these conversations (or resolve them), and answers; what was asked of the store.
fn meanwhile(asked: &str, taken: &[i64], answered: &str) -> (Desk, String) {
    let mut desk = Desk::open(SMALL);
    desk.turn(Msg::Input(Input::Focus(false)));
    desk.keys("shift-tab").shows("▌Unassigned 7");
    desk.keys(asked);
    for id in taken {
        let row = desk.row(ConversationId(*id));
        (row.assignee, row.status) = (Some(AgentId(8)), Status::Resolved);
    }
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.keys(answered);
    let writes = format!("{:?}", desk.writes);
    (desk, writes)
}

#[test]
fn a_choice_is_about_the_row_it_was_opened_for_and_not_its_neighbour() {
    for (asked, answered) in [
        ("a", "'ri' enter"),
        ("p", "h"),
        ("b", "h"),
        ("b d 'tomorrow'", "enter"),
        ("l", "'vip' enter"),
        ("ctrl-k 'resolve'", "enter"),
        (": 'assign rio'", "enter"),
        (": 'label vip'", "enter"),
        (": 'snooze tomorrow'", "enter"),
        (": 'priority high'", "enter"),
    ] {
        let (desk, writes) = meanwhile(asked, &[2], answered);
        assert_eq!(writes, "[]", "{asked}");
        desk.shows("left this list meanwhile");
        let (_, writes) = meanwhile(asked, &[3], answered);
        assert!(writes.contains("conversation: ConversationId(2)") && !writes.contains("ConversationId(4)"), "{asked}: {writes}");
    }
}

#[test]
fn a_choice_about_marked_rows_is_about_those_that_are_left() {
    let (desk, writes) = meanwhile("v v a", &[2], "'ri' enter");
    assert!(writes.contains("ConversationId(3)") && !writes.contains("ConversationId(2)"), "{writes}");
    desk.shows("but 1 left this list meanwhile");
    let (desk, writes) = meanwhile("v v p", &[2, 3], "h");
    assert_eq!(writes, "[]", "the selected row was not meant");
    desk.shows("left this list meanwhile");
}

#[test]
fn what_is_asked_about_one_conversation_says_about_whom() {
    Desk::open(SMALL).keys("j a").shows("assign to · Søren Lindqvist");
    Desk::open(SMALL).keys("j p").shows("priority · Søren Lindqvist");
}
