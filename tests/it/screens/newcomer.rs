//! What somebody needs who has read nothing: every state names its keys in words that fit it, and what was done is said by name.

use insta::assert_snapshot;

use super::desk::{Desk, check};

const SMALL: (u16, u16) = (80, 24);

/// The last row: what to press now.
fn hints(desk: &Desk) -> String {
    desk.screen().lines().last().unwrap_or_default().trim().to_owned()
}

#[test]
fn the_hints_of_what_floats_are_in_its_own_words() {
    let after = |keys: &str| hints(Desk::open(SMALL).keys(keys));
    assert_eq!(after("b"), "Enter choose  Esc close");
    assert_eq!(after("a"), "Enter choose  Down next  Esc close");
    assert_eq!(after("l"), "Enter on or off  Down next  Esc done");
    assert_eq!(after("?"), "Enter run  Down next  Esc close");
    assert_eq!(after("ctrl-k"), "Enter run  Down next  Esc close");
    assert_eq!(after("i"), "Esc close");
}

#[test]
fn at_80_columns_list_thread_composer_and_note_name_at_least_five_keys() {
    for keys in ["", "enter", "enter r", "enter c"] {
        let row = hints(Desk::open(SMALL).keys(keys));
        assert!(row.split("  ").count() >= 5, "{row}");
    }
}

#[test]
fn an_empty_composer_says_how_to_send_and_a_note_is_saved_not_sent() {
    assert!(hints(Desk::open(SMALL).keys("enter r")).starts_with("Ctrl-X send  Esc leave"));
    assert!(hints(Desk::open(SMALL).keys("enter c")).starts_with("Ctrl-X save note  Esc leave"));
    assert!(hints(Desk::open(SMALL).keys("enter c 'x'")).starts_with("Ctrl-X save note  Esc keep draft"));
}

#[test]
fn a_reply_that_is_held_back_can_be_sent_now_and_not_again() {
    let mut desk = Desk::open((120, 40));
    desk.keys("enter r 'Bisa' ctrl-x").shows("s send now").shows_no("send again");
}

#[test]
fn undo_says_what_it_took_back() {
    Desk::open(SMALL).keys("e z").shows("Undone: Resolved Andi Pratama");
    Desk::open(SMALL).keys("j A z").shows("Undone: Søren Lindqvist is yours now");
}

#[test]
fn undo_leads_back_to_the_thread_that_was_left_by_the_act() {
    let mut desk = Desk::open(SMALL);
    let header = |desk: &Desk| desk.screen().lines().nth(1).unwrap_or_default().to_owned();
    desk.keys("enter e");
    assert!(header(&desk).contains("Søren"), "{}", desk.screen());
    desk.keys("z");
    assert!(header(&desk).contains("Andi"), "{}", desk.screen());
    // Somebody who is in the list stays there.
    Desk::open(SMALL).keys("e z").shows("▌● P Andi Pratama");
}

#[test]
fn the_help_puts_what_cannot_be_done_now_last() {
    let mut desk = Desk::open((120, 40));
    desk.keys("enter ?").shows_no("Only for replies of ours");
    desk.keys("'edit'").shows("Not now").shows("Only for replies of ours");
}

#[test]
fn a_word_finds_the_commands_that_hold_it_and_letters_here_and_there_only_where_none_does() {
    let mut desk = Desk::open(SMALL);
    desk.keys("ctrl-k 'theme'").shows("Choose a theme").shows_no("Links of this message");
    Desk::open(SMALL).keys("ctrl-k 'asgn'").shows("▌Assign");
}

#[test]
fn the_command_line_offers_the_plain_names() {
    check(SMALL, ": 'hel'", &[]).shows("▌help");
    check(SMALL, ": 'the'", &[]).shows("▌theme NAME");
    check(SMALL, ": 'quit'", &[]).shows("▌q ");
}

#[test]
fn a_hit_says_how_to_go_on_and_how_to_end() {
    Desk::open(SMALL).keys("/ 'lapangan' enter").shows("n next, N previous, Esc ends the search");
}

#[test]
fn a_short_list_to_choose_from_is_a_short_window() {
    assert_snapshot!(Desk::open(SMALL).keys("a").screen());
}

#[test]
fn nothing_that_floats_hides_the_keys_of_a_small_screen() {
    for keys in ["?", "ctrl-k", ":", "i", "a", "l", "b", "/", "r 'x' ctrl-t", ": 'channels' enter"] {
        let mut desk = Desk::open((60, 15));
        let row = hints(desk.keys(keys));
        assert!(row.contains("Esc "), "{keys}: {row}");
    }
}
