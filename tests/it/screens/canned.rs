//! Canned replies while one writes, and where they are written; colleagues mentioned in notes.

use frontdesk::app::effect::{Effect, Write};
use frontdesk::app::msg::{Input, Msg};
use frontdesk::domain::canned::Canned;

use super::desk::Desk;

const SMALL: (u16, u16) = (80, 24);

/// A desk with a few canned replies, and keys.
fn with(keys: &str) -> Desk {
    let mut desk = Desk::open(SMALL);
    for (shortcut, text) in [
        ("hello", "Halo kak {{first_name}}, ini {{agent}}."),
        ("order", "Order {{order}} leaves {{day}}."),
        ("prices", "Weekdays are cheaper."),
        ("shello", "x"),
    ] {
        desk.canned.push(Canned::new(shortcut, text).unwrap());
    }
    desk.keys(keys);
    desk
}

/// The text the composer sends.
#[track_caller]
fn sends(keys: &str, want: &str) {
    let desk = with(&format!("{keys} ctrl-x"));
    let sent = desk.writes.iter().rev().find_map(|write| match write {
        Write::Reply { text, .. } | Write::Note { text, .. } => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(sent, Some(want), "{keys}");
}

#[test]
fn a_slash_where_a_word_begins_offers_canned_replies() {
    with("r /").shows("canned replies").shows("/hello").shows("/prices");
    with("r 'and/or'").shows_no("canned replies");
    insta::assert_snapshot!("canned_replies_are_offered_while_one_writes", with("r 'Ok' space / 'he'").screen());
}

#[test]
fn a_chosen_one_takes_the_place_of_the_slash_with_what_is_known_filled_in() {
    sends("r / 'hel' enter", "Halo kak Andi, ini ayu.");
    sends("r 'Ok' space / 'hel' enter space / 'pri' enter", "Ok Halo kak Andi, ini ayu. Weekdays are cheaper.");
    sends("r alt-c 'pri' enter", "Weekdays are cheaper.");
    sends("r / 'cheaper' enter", "Weekdays are cheaper.");
    sends("r 'a' enter / 'pri' enter alt-z 'b'", "a\n/b");
}

#[test]
fn blanks_are_typed_over_one_after_the_other() {
    sends("r / 'ord' enter '88' tab 'today'", "Order 88 leaves today.");
    sends("r / 'ord' enter backspace tab 'today'", "Order  leaves today.");
    sends("r / 'ord' enter left '88'", "Order {{order}88} leaves {{day}}.");
    with("r 'x' tab").shows("There is no {{blank}} left");
}

#[test]
fn the_blank_of_a_reply_is_selected_whatever_ends_its_lines() {
    let mut desk = Desk::open(SMALL);
    let text = "Halo\r\n\0{{name}}\r\n{{order}} is here.".to_owned();
    desk.canned.push(Canned { shortcut: "old".to_owned(), text });
    "Andi\r\nPratama".clone_into(&mut desk.rows[0].name);
    desk.keys("r 'a {{b}}' space / 'old' enter '88' ctrl-x");
    let sent = |write: &Write| matches!(write, Write::Reply { text, .. } if text == "a {{b}} Halo\nAndi\nPratama\n88 is here.");
    assert!(desk.writes.iter().any(sent), "{:?}", desk.writes);
}

#[test]
fn a_reply_without_blanks_selects_no_blank_beside_it() {
    sends("r 'a {{b}}' space / 'pri' enter '!'", "a {{b}} Weekdays are cheaper.!");
    sends("r space '{{b}}' ctrl-a / 'pri' enter '!'", "Weekdays are cheaper.! {{b}}");
}

#[test]
fn a_slash_that_was_only_a_slash_stays_easy_to_type() {
    sends("r / / 'x'", "/x");
    sends("r / esc 'x'", "/x");
    sends("r / 'etc' esc '/hosts'", "/etc/hosts");
    sends("r / space 'x'", "/ x");
    sends("r / 'zzz' space 'x'", "/zzz x");
    sends("r / backspace 'x'", "x");
}

#[test]
fn several_lines_pasted_after_a_slash_are_text_and_stay_several() {
    let mut desk = with("r / 'x'");
    desk.turn(Msg::Input(Input::Paste("etc\nusr".to_owned())));
    desk.shows_no("canned replies");
    desk.keys("ctrl-x");
    let sent = |write: &Write| matches!(write, Write::Reply { text, .. } if text == "/xetc\nusr");
    assert!(desk.writes.iter().any(sent), "{:?}", desk.writes);
    let mut one = with("r /");
    one.turn(Msg::Input(Input::Paste("pri".to_owned())));
    one.shows("canned replies").shows("/prices");
}

#[test]
fn who_has_no_canned_replies_is_told_once_how_to_make_one() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r /").shows("There are no canned replies yet").shows_no("canned replies ─");
    desk.keys("'x' space / 'y' ctrl-x");
    assert!(desk.writes.iter().any(|write| matches!(write, Write::Reply { text, .. } if text == "/x /y")), "{:?}", desk.writes);
}

#[test]
fn what_is_typed_is_kept_as_a_canned_reply_under_a_shortcut() {
    let mut desk = with("r 'Until tomorrow!' alt-k 'bye'");
    insta::assert_snapshot!("a_canned_reply_is_a_shortcut_and_words", desk.screen());
    desk.keys("ctrl-x").shows("/bye is kept");
    assert!(desk.canned.iter().any(|canned| canned.shortcut == "bye" && canned.text == "Until tomorrow!"));
    with("r 'x' alt-k 'hello' ctrl-x").shows("Not kept yet: there is a /hello already");
    with("r 'x' alt-k ctrl-x").shows("Not kept yet: the shortcut is missing");
    with("r 'x' alt-k esc").shows_no("new canned reply");
}

#[test]
fn a_reply_whose_shortcut_a_colleague_took_is_not_lost_and_its_undo_leaves_the_colleagues_alone() {
    let mut desk = with("ctrl-k 'canned replies' enter 'new' enter 'bye' tab 'Until soon'");
    desk.key_now("ctrl-x");
    let ticket = loop {
        if let Effect::Write { ticket, write: Write::Canned { .. } } = desk.next_asked() {
            break ticket;
        }
    };
    desk.turn(Msg::Wrote { ticket, result: Err("Not kept: there is a /bye already, by a colleague".to_owned()) });
    desk.answer_all();
    desk.shows("Not kept: there is a /bye already").shows("Until soon");
    let before = desk.writes.len();
    desk.keys("esc z");
    assert!(!desk.writes[before..].iter().any(|write| matches!(write, Write::Canned { .. })), "{:?}", desk.writes);
}

#[test]
fn canned_replies_are_changed_and_removed_and_both_are_undone() {
    let shortcuts = |keys: &str| {
        let desk = with(keys);
        desk.canned.iter().map(|canned| format!("{}={}", canned.shortcut, canned.text)).collect::<Vec<_>>()
    };
    let prices = |rows: Vec<String>| rows.into_iter().find(|row| row.contains("prices"));
    let open = "ctrl-k 'canned replies' enter 'pri' enter";
    assert_eq!(prices(shortcuts(&format!("{open} e '!' ctrl-x"))).unwrap(), "prices=Weekdays are cheaper.!");
    assert_eq!(prices(shortcuts(&format!("{open} e '!' ctrl-x z"))).unwrap(), "prices=Weekdays are cheaper.");
    assert_eq!(prices(shortcuts(&format!("{open} e tab '2' ctrl-x"))).unwrap(), "prices2=Weekdays are cheaper.");
    assert_eq!(prices(shortcuts(&format!("{open} x"))), None);
    assert_eq!(prices(shortcuts(&format!("{open} x z"))).unwrap(), "prices=Weekdays are cheaper.");
    with("ctrl-k 'canned replies' enter 'new' enter 'bye' tab 'Bye' enter '!' ctrl-x").shows("/bye is kept");
}

#[test]
fn an_at_sign_in_a_note_offers_colleagues() {
    sends("c @ 'ri' enter 'please look'", "@rio please look");
    sends("c 'mail' @ 'x'", "mail@x");
    with("r @").shows_no("mention");
}
