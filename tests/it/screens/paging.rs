//! Pages come by key, rows move underneath, and what is looked at stays where it is.

use frontdesk::app::effect::{Effect, Query, Slot};
use frontdesk::app::msg::Msg;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::{ConversationId, MessageId};
use frontdesk::domain::message::{Direction, Place, Quote};

use super::desk::{Desk, NOW, customer, long_talk, said};

const SMALL: (u16, u16) = (80, 24);

fn many(count: i64) -> Desk {
    let mut desk = Desk::empty(SMALL);
    desk.rows = (1..=count).map(|n| customer(n, &format!("Customer {n}"), "hello", n)).collect();
    desk.start();
    desk
}

#[test]
fn a_long_list_scrolls_to_its_end_and_back_page_by_page() {
    let mut desk = many(2_000);
    for _ in 0..260 {
        desk.keys("ctrl-d");
    }
    desk.shows("▌  P Customer 2000");
    for _ in 0..260 {
        desk.keys("ctrl-u");
    }
    desk.shows("▌  P Customer 1 ");
    let shown: Vec<String> = desk.screen().lines().skip(3).take(19).map(|row| row[..25.min(row.len())].to_owned()).collect();
    for (n, row) in shown.iter().enumerate() {
        assert!(row.contains(&format!("Customer {}", n + 1)), "{row} stands in row {n}");
    }
}

#[test]
fn every_row_passes_by_once_while_scrolling_through_pages_let_go() {
    let mut desk = many(1_500);
    let selected = |desk: &Desk| {
        desk.screen().lines().find_map(|row| row.strip_prefix('▌')?.split("Customer ").nth(1)?.split(' ').next()?.parse::<i64>().ok())
    };
    for n in 2..=1_000 {
        desk.keys("j");
        if n % 97 == 0 {
            assert_eq!(selected(&desk), Some(n));
        }
    }
    for n in (1..1_000).rev() {
        desk.keys("k");
        if n % 97 == 0 {
            assert_eq!(selected(&desk), Some(n));
        }
    }
    desk.keys("j j j g g");
    assert_eq!(selected(&desk), Some(1));
}

#[test]
fn the_selection_stays_on_its_conversation_when_another_one_rises() {
    let mut desk = many(300);
    desk.keys("ctrl-d ctrl-d ctrl-d ctrl-d ctrl-d");
    let row = |desk: &Desk| desk.screen().lines().enumerate().find(|(_, row)| row.starts_with('▌')).map(|(y, row)| (y, row.to_owned()));
    let name = row(&desk);
    desk.row(ConversationId(290)).last_at = NOW;
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(290))));
    desk.answer_all();
    assert_eq!(row(&desk), name, "neither selection nor scroll moved:\n{}", desk.screen());
}

#[test]
fn at_the_top_a_new_conversation_appears_and_the_selection_stays() {
    let mut desk = Desk::open(SMALL);
    desk.keys("j");
    desk.rows.push(customer(9, "Newcomer", "hi", 0));
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(9))));
    desk.answer_all();
    desk.shows("   P Newcomer").shows("▌● P Søren");
}

#[test]
fn an_answer_that_is_not_the_newest_is_dropped() {
    let mut desk = Desk::open(SMALL);
    desk.key_now("tab");
    let Effect::Load { seq, query } = desk.next_asked() else { panic!("a read comes first") };
    desk.key_now("tab");
    let late = desk.read(&query);
    desk.app.take_dirty();
    desk.turn(Msg::Loaded { seq, result: Ok(late) });
    assert!(!desk.app.take_dirty(), "nothing changed on the screen");
    desk.answer_all();
    desk.shows("▌Mine 1");
}

#[test]
fn a_burst_of_hints_costs_one_read_per_answer() {
    let mut desk = Desk::open(SMALL);
    for n in 0..1_000 {
        desk.turn(Msg::Changed(Hint::Conversation(ConversationId(n % 8 + 1))));
    }
    assert_eq!(desk.asked.len(), 1, "{:?}", desk.asked);
    desk.answer_all();
    assert!(desk.asked.is_empty());
}

#[test]
fn a_hint_reads_only_what_is_on_the_screen() {
    let mut desk = Desk::open(SMALL);
    desk.keys("enter");
    let slots = |desk: &mut Desk, hint| {
        desk.turn(Msg::Changed(hint));
        let slots: Vec<Slot> = desk
            .asked
            .iter()
            .filter_map(|effect| match effect {
                Effect::Load { query, .. } => Some(query.slot()),
                _ => None,
            })
            .collect();
        desk.answer_all();
        slots
    };
    assert_eq!(slots(&mut desk, Hint::Conversation(ConversationId(2))), [Slot::List]);
    assert_eq!(slots(&mut desk, Hint::Conversation(ConversationId(1))), [Slot::List, Slot::Thread]);
    assert_eq!(slots(&mut desk, Hint::Status), [Slot::Status]);
    assert_eq!(slots(&mut desk, Hint::Everything), [Slot::List, Slot::Thread, Slot::Status, Slot::Views]);
}

#[test]
fn older_messages_load_above_without_moving_what_is_read() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(400);
    desk.keys("enter");
    while !desk.asked.iter().any(|effect| matches!(effect, Effect::Load { query: Query::Thread { place: Place::Before(_), .. }, .. })) {
        desk.wait(frontdesk::domain::time::Span::millis(200));
        desk.key_now("ctrl-u");
        if desk.asked.is_empty() {
            desk.answer_all();
        }
    }
    let body =
        |desk: &Desk| desk.screen().lines().skip(3).take(19).filter(|row| row.contains("line ")).map(str::to_owned).collect::<Vec<_>>();
    let before = body(&desk);
    desk.answer_all();
    assert_eq!(body(&desk), before);
}

#[test]
fn a_thread_longer_than_its_window_is_walked_to_its_first_message_and_back() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(1_500);
    desk.keys("enter");
    for _ in 0..450 {
        desk.keys("ctrl-u");
    }
    desk.shows("line 0");
    for _ in 0..450 {
        desk.keys("ctrl-d");
    }
    desk.shows("line 1499");
}

#[test]
fn every_message_passes_by_once_while_walking_through_windows_let_go() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(1_500);
    desk.keys("enter g g");
    let selected = |desk: &Desk| {
        let rows = desk.screen().lines().filter(|row| row.starts_with('▌')).map(str::to_owned).collect::<Vec<_>>();
        rows.iter().find_map(|row| row.split("line ").nth(1)?.split(' ').next()?.parse::<i64>().ok())
    };
    assert_eq!(selected(&desk), Some(0));
    for n in 1..1_400 {
        desk.keys("j");
        assert_eq!(selected(&desk), Some(n), "{}", desk.screen());
    }
    for n in (200..1_399).rev() {
        desk.keys("k");
        assert_eq!(selected(&desk), Some(n), "{}", desk.screen());
    }
}

#[test]
fn the_first_and_the_newest_message_are_one_command_away() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(20_000);
    desk.keys("enter g g").shows("line 0").shows("more ↓");
    desk.keys("j j").shows("line 2");
    desk.keys("G").shows("line 19999").shows_no("more ↓");
}

#[test]
fn far_from_the_end_what_is_looked_at_is_read_again_and_new_messages_are_counted() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(2_000);
    desk.turn(Msg::Input(frontdesk::app::msg::Input::Focus(false)));
    desk.keys("enter g g").shows("line 1\n");
    desk.messages[1].text = "changed meanwhile".to_owned();
    desk.messages.push(said(9_000, ConversationId(1), Direction::In, "Andi", "halo", NOW));
    desk.row(ConversationId(1)).unread = 3;
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(1))));
    desk.answer_all();
    desk.shows("changed meanwhile").shows("line 0").shows("1 new ↓").shows_no("halo");
    desk.keys("G").shows("halo").shows_no("1 new");
}

#[test]
fn more_new_messages_than_a_page_do_not_move_what_is_read_further_up() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(100);
    desk.keys("enter ctrl-u ctrl-u ctrl-u");
    let before: Vec<String> = desk.screen().lines().skip(3).take(18).map(str::to_owned).collect();
    for n in 0..200 {
        desk.messages.push(said(9_000 + n, ConversationId(1), Direction::In, "Andi", &format!("halo {n}"), NOW));
    }
    desk.row(ConversationId(1)).unread = 202;
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(1))));
    desk.answer_all();
    let after: Vec<String> = desk.screen().lines().skip(3).take(18).map(str::to_owned).collect();
    assert_eq!(before, after);
    desk.shows("200 new ↓");
    desk.keys("G").shows("halo 199");
}

#[test]
fn a_reply_written_far_up_is_shown_at_the_end() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(2_000);
    desk.keys("enter g g r 'on my way'");
    desk.key_now("ctrl-x");
    desk.shows("on my way").shows_no("line 0");
    desk.answer_all();
    desk.shows("on my way").shows("line 1999").shows_no("more ↓");
}

#[test]
fn enter_goes_to_the_quoted_message_and_esc_back() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(3_000);
    desk.messages[2_999].quote = Some(Quote { id: Some(MessageId(1_100)), author: "Andi".to_owned(), text: "line 100".to_owned() });
    desk.keys("enter").shows("▌  │ Andi: line 100");
    desk.keys("enter").shows("▌  line 100\n").shows_no("line 2999");
    desk.keys("esc").shows("▌  │ Andi: line 100").shows_no("line 100\n ");
    desk.keys("enter backspace").shows("▌  │ Andi: line 100");
    desk.keys("backspace").shows("No quoted message was gone to");
    desk.messages[2_998].quote = Some(Quote { id: None, author: "Andi".to_owned(), text: "lost".to_owned() });
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(1))));
    desk.answer_all();
    desk.keys("k enter").shows("The quoted message is not stored here");
}

#[test]
fn a_message_that_cannot_be_gone_to_leaves_the_screen_where_it_is() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(3_000);
    desk.messages[2_999].quote = Some(Quote { id: Some(MessageId(1_100)), author: "Andi".to_owned(), text: "line 100".to_owned() });
    desk.keys("enter");
    desk.wait(frontdesk::domain::time::Span::millis(200));
    desk.key_now("enter");
    let Effect::Load { seq, query: Query::Thread { place: Place::Around(MessageId(1_100)), .. } } = desk.next_asked() else {
        panic!("the quoted one is asked for")
    };
    desk.turn(Msg::Loaded { seq, result: Err("There is no such message".to_owned()) });
    desk.shows("There is no such message").shows("line 2999");
    assert!(desk.asked.is_empty());
}

#[test]
fn new_messages_below_are_counted_until_they_are_seen() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(100);
    desk.keys("enter ctrl-u ctrl-u").shows_no("new ↓");
    for n in 0..3 {
        desk.messages.push(said(9_000 + n, ConversationId(1), Direction::In, "Andi", "halo", NOW));
    }
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(1))));
    desk.answer_all();
    desk.shows("3 new ↓");
    desk.keys("G").shows_no("new ↓").shows("halo");
}

#[test]
fn at_the_end_a_new_message_scrolls_in() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(100);
    desk.keys("enter");
    desk.messages.push(said(9_000, ConversationId(1), Direction::In, "Andi", "halo", NOW));
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(1))));
    desk.answer_all();
    desk.shows("halo");
}

#[test]
fn older_messages_that_cannot_be_read_are_not_asked_for_without_end() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(400);
    desk.keys("enter");
    while desk.asked.is_empty() {
        desk.wait(frontdesk::domain::time::Span::millis(200));
        desk.key_now("ctrl-u");
    }
    let Some(Effect::Load { seq, query: Query::Thread { place: Place::Before(_), .. } }) = desk.asked.pop_back() else {
        panic!("older ones are asked for")
    };
    desk.asked.clear();
    desk.turn(Msg::Loaded { seq, result: Err("The messages cannot be read".to_owned()) });
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    desk.shows("The messages cannot be read");
    desk.wait(frontdesk::domain::time::Span::millis(200));
    desk.key_now("ctrl-u");
    assert_eq!(desk.asked.len(), 1, "moving asks again");
}

#[test]
fn a_read_that_fails_says_why_instead_of_showing_nothing() {
    let mut desk = Desk::empty(SMALL);
    let effects = desk.app.start(&desk.cx);
    for effect in effects {
        if let Effect::Load { seq, query: Query::List { .. } } = effect {
            desk.turn(Msg::Loaded { seq, result: Err("The conversations cannot be read: the disk is gone".to_owned()) });
        }
    }
    desk.shows("The conversations cannot be read: the disk is gone");
}
