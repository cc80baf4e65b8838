//! Lists: tabs and what stands beside them, order, filter, and windows far from the top.

use frontdesk::app::effect::{Effect, Query};
use frontdesk::app::msg::Msg;
use frontdesk::domain::conversation::{Priority, Status};
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::{AgentId, ConversationId};
use frontdesk::domain::list::Page;
use frontdesk::domain::message::Direction;
use frontdesk::domain::time::Span;
use insta::assert_snapshot;

use super::desk::{Desk, NOW, ago, check, customer};

const SMALL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (120, 40);

fn many(count: i64, size: (u16, u16)) -> Desk {
    let mut desk = Desk::empty(size);
    desk.rows = (1..=count).map(|n| customer(n, &format!("Customer {n}"), "hello", n)).collect();
    desk.start();
    desk
}

/// A desk with something in every list.
fn busy(size: (u16, u16)) -> Desk {
    let mut desk = Desk::empty(size);
    desk.rows = super::desk::customers();
    desk.messages = super::desk::talk();
    let rows = &mut desk.rows;
    rows[1].priority = Priority::Urgent;
    rows[1].labels = vec!["refund".to_owned(), "vip".to_owned()];
    rows[3].assignee = Some(AgentId(8));
    rows[3].assignee_name = "rio".to_owned();
    rows[3].priority = Priority::High;
    let mut later = customer(20, "Budi Santoso", "your turn is next, counter 3", 180);
    (later.status, later.snoozed_until) = (Status::Snoozed, Some(NOW.plus(Span::minutes(150))));
    let mut monday = customer(21, "Ana Lima", "obrigada", 400);
    (monday.status, monday.snoozed_until) = (Status::Snoozed, Some(NOW.plus(Span::hours(67))));
    let mut reply = customer(22, "Jo Park", "see you then", 500);
    reply.status = Status::Snoozed;
    let mut done = customer(23, "Marco Bianchi", "grazie", 600);
    done.status = Status::Resolved;
    let mut unwanted = customer(24, "Lucky Prize", "you have won", 700);
    unwanted.status = Status::Spam;
    rows.extend([later, monday, reply, done, unwanted]);
    desk.start();
    desk
}

#[test]
fn a_row_tells_priority_labels_and_whose_it_is() {
    assert_snapshot!("rows_of_one_line", busy(SMALL).screen());
    assert_snapshot!("rows_of_two_lines", busy(WIDE).screen());
    assert_snapshot!("rows_on_a_wide_screen", busy((200, 60)).screen());
}

#[test]
fn what_became_of_our_last_words_stands_beside_a_flag_that_says_something_else() {
    for size in [SMALL, WIDE, (60, 15)] {
        let mut desk = Desk::empty(size);
        desk.rows = super::desk::customers();
        (desk.rows[0].preview_direction, desk.rows[0].mark) = (Direction::Out, Some(Delivery::Delivered));
        desk.rows[0].preview = "Yes, court 2 is yours from seven, the racket waits at the desk for you".to_owned();
        desk.start();
        let screen = desk.screen();
        let row: Vec<&str> = screen.lines().skip_while(|line| !line.contains("Andi")).take(if size == WIDE { 2 } else { 1 }).collect();
        let row: String = row.iter().map(|line| line.chars().take(if size == WIDE { 44 } else { 80 }).collect::<String>()).collect();
        assert!(row.contains("◔ 2h") && row.contains("you: ") && row.contains("✓✓"), "{screen}");
    }
}

#[test]
fn snoozed_ones_tell_when_they_come_back_the_next_first() {
    let mut desk = busy(SMALL);
    desk.keys("g s");
    assert_snapshot!(desk.screen());
    desk.keys("g i").shows("▌All 8").shows_no("Later");
    desk.keys("g s esc").shows("▌All 8");
}

#[test]
fn drafts_resolved_and_spam_have_lists_of_their_own() {
    let mut desk = busy(SMALL);
    desk.keys("g d").shows("▌Drafts 1").shows("draft: Dear Ms Haddad");
    desk.keys(": 'go to what is res' enter").shows("▌Resolved 1").shows("Marco Bianchi").shows_no("Drafts 1");
    desk.keys(": 'go to spam' enter").shows("▌Spam 1").shows("Lucky Prize");
    desk.keys("tab").shows("▌Mine 1");
}

#[test]
fn every_empty_list_says_what_to_do_next() {
    let mut desk = Desk::empty(SMALL);
    desk.start();
    for (keys, words) in [
        ("g s", "Nothing is snoozed, and no reply leaves later. g i goes back"),
        ("g d", "You have begun no reply or note that is not sent. g i goes back"),
        (": 'resolved' enter", "Nothing is resolved yet. g i goes back"),
        (": 'go to spam' enter", "Nothing is marked as spam. g i goes back"),
        ("tab tab", "Nothing waits to be taken"),
        ("tab tab", "No customer waits for an answer."),
    ] {
        desk.keys(keys).shows(words);
    }
    desk.keys("g i f 'xyz' enter").shows("Nothing in All is named xyz. Esc shows all of it again.");
    desk.keys("esc").shows("All done.");
}

#[test]
fn who_waits_longest_stands_first_on_request() {
    let mut desk = busy(SMALL);
    desk.row(ConversationId(3)).waiting_since = Some(ago(300));
    desk.keys("o").shows("▌● P 佐藤").shows("5h").shows("longest waiting first");
    desk.keys("tab shift-tab").shows("longest waiting first");
    desk.keys("o").shows("▌● P Andi").shows_no("longest waiting");
    desk.keys("g s o").shows("Later has an order of its own");
}

#[test]
fn a_filter_answers_while_it_is_typed_and_esc_takes_it_away() {
    let mut desk = busy(SMALL);
    desk.keys("f 'lei'").shows("\\ lei").shows("Leila").shows("1 found").shows_no("Andi");
    desk.keys("enter").shows("▌All 8   lei").shows("1 found");
    desk.keys("esc").shows("Andi").shows_no("found");
    desk.keys("f 'is:un'").shows("is:unread").shows("Leila");
    desk.keys("tab").shows("3 found").shows_no("Leila");
    desk.keys("esc").shows("Leila").shows_no("found");
    desk.keys("f 'label:vi' enter").shows("Søren").shows_no("Andi");
    assert_snapshot!(desk.screen());
}

#[test]
fn a_filter_is_opened_again_with_what_was_typed() {
    check(SMALL, "f 'lei' enter f 'l'", &[]).shows("\\ leil").shows("Leila").shows_no("Andi");
}

#[test]
fn rows_of_the_old_filter_stay_until_those_of_the_new_are_there() {
    let mut desk = busy(SMALL);
    desk.keys("f");
    desk.key_now("x");
    desk.shows("Andi").shows("Leila");
    desk.key_now("j");
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.shows("Nothing in All is named xj");
}

#[test]
fn the_real_end_of_the_list_is_one_key_away_and_so_is_its_top() {
    let mut desk = many(5_000, SMALL);
    desk.keys("G").shows("▌  P Customer 5000").shows("Customer 4982");
    for _ in 0..300 {
        desk.keys("k");
    }
    desk.shows("▌  P Customer 4700");
    desk.keys("G").shows("▌  P Customer 5000");
    desk.keys("g g").shows("▌  P Customer 1 ").shows("Customer 19");
}

#[test]
fn moving_on_takes_back_the_wish_to_go_elsewhere() {
    let mut desk = many(5_000, SMALL);
    desk.key_now("G");
    desk.key_now("j");
    desk.answer_all();
    desk.shows("▌  P Customer 2 ");
}

#[test]
fn the_next_unread_is_found_beyond_the_rows_that_are_loaded() {
    let mut desk = many(5_000, SMALL);
    desk.row(ConversationId(3_000)).unread = 1;
    desk.row(ConversationId(4_000)).unread = 1;
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.keys("n").shows("▌● P Customer 3000").shows("Customer 3018");
    desk.keys("k k").shows("▌  P Customer 2998");
    desk.keys("G N").shows("▌● P Customer 4000");
    desk.keys("N").shows("▌● P Customer 3000");
    desk.keys("N").shows("There is no unread conversation above").shows("▌● P Customer 3000");
}

#[test]
fn what_rises_above_the_screen_is_counted_until_the_top_is_seen() {
    for start in ["ctrl-d ctrl-d ctrl-d", "G"] {
        let mut desk = many(2_000, SMALL);
        desk.keys(start).shows_no("new ↑");
        let screen = desk.screen();
        let row = screen.lines().find(|row| row.starts_with('▌')).unwrap().to_owned();
        for n in 900..903 {
            desk.row(ConversationId(n)).last_at = NOW;
            desk.turn(Msg::Changed(Hint::Conversation(ConversationId(n))));
            desk.answer_all();
        }
        desk.shows("3 new ↑").shows(&row);
        desk.keys("g g").shows_no("new ↑").shows("▌  P Customer 902");
    }
}

#[test]
fn side_by_side_the_row_below_the_tabs_tells_the_order_what_rose_and_what_a_filter_found() {
    let mut desk = many(500, WIDE);
    desk.keys("o").shows("Unatt. 0 ").shows("longest waiting first");
    desk.keys("ctrl-d ctrl-d ctrl-d ctrl-d");
    desk.row(ConversationId(400)).last_at = NOW;
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(400))));
    desk.answer_all();
    desk.shows("1 new ↑ · longest waiting first");
    desk.keys("o f 'customer 4' enter").shows("▌All 500   customer 4").shows("100+ found");
}

#[test]
fn side_by_side_the_list_goes_on_by_most_of_a_page_at_its_edge() {
    let mut desk = many(500, WIDE);
    let top = |desk: &Desk| desk.screen().lines().nth(4).unwrap().split_whitespace().nth(2).unwrap().to_owned();
    desk.keys(&"j ".repeat(16));
    let before = desk.screen();
    desk.keys("j");
    assert_ne!(before.lines().nth(4), desk.screen().lines().nth(4), "{}", top(&desk));
    let jumped = desk.screen();
    desk.keys("j j j");
    assert_eq!(jumped.lines().nth(4).map(|row| &row[3..20]), desk.screen().lines().nth(4).map(|row| &row[3..20]));
}

#[test]
fn only_the_shown_list_is_read_again() {
    let mut desk = busy(SMALL);
    desk.keys("g s");
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(20))));
    let Effect::Load { query: Query::List { listing, page, .. }, .. } = desk.next_asked() else { panic!("a list is read") };
    assert_eq!((listing.tab.title(), page), ("Later", Page::Top));
}

#[test]
fn a_view_is_saved_under_a_number_and_a_name_shown_and_deleted() {
    let mut desk = busy(SMALL);
    desk.keys("3").shows("No view is saved under 3: :view.save saves one");
    desk.keys("f 'label:vip' enter o ctrl-k 'save this' enter").shows("3  free");
    desk.keys("3").shows("name of view 3: All, longest waiting: label vip");
    assert_snapshot!("a_view_is_named_in_the_row_of_tabs", desk.screen());
    desk.keys("ctrl-u 'VIPs' enter").shows("Saved: 3 shows VIPs").shows("Søren");
    desk.keys("g i o").shows("Andi").shows_no("longest waiting");
    desk.keys("3").shows("View 3: VIPs").shows("label:vip").shows_no("Andi");
    desk.keys("g i : 'saved views' enter").shows("3  VIPs");
    desk.keys("esc : 'delete a saved' enter 3").shows("Deleted the view VIPs");
    desk.keys("3").shows("No view is saved under 3");
    desk.keys("z 3").shows("View 3: VIPs");
    desk.keys("ctrl-k 'save this' enter 3 ctrl-u 'others' enter z 3").shows("View 3: VIPs");
    desk.keys("ctrl-k 'save this' enter 4 esc 4").shows("No view is saved under 4");
}
