//! Pages come by key, rows move underneath, and what is looked at stays where it is.

use frontdesk::app::effect::{Effect, Query, Slot};
use frontdesk::app::msg::Msg;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::ConversationId;
use frontdesk::domain::message::Direction;

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
    let (_, before) = desk.find("▌").unwrap();
    let row = |desk: &Desk| desk.screen().lines().nth(usize::from(before)).unwrap().to_owned();
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
    desk.shows("Nothing is resolved yet.");
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
    assert_eq!(slots(&mut desk, Hint::Everything), [Slot::List, Slot::Thread, Slot::Status]);
}

#[test]
fn older_messages_load_above_without_moving_what_is_read() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(400);
    desk.keys("enter");
    while !desk.asked.iter().any(|effect| matches!(effect, Effect::Load { query: Query::Thread { before: Some(_), .. }, .. })) {
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
fn a_thread_of_five_thousand_messages_is_walked_to_its_first() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(5_000);
    desk.keys("enter");
    for _ in 0..200 {
        desk.keys("g g");
    }
    desk.shows("line 0");
    desk.keys("G").shows("line 4999");
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
    desk.key_now("g g");
    let Some(Effect::Load { seq, query: Query::Thread { before: Some(_), .. } }) = desk.asked.pop_back() else {
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
