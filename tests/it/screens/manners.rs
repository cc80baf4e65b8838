//! Small things that a person who works here all day would miss.

use super::desk::Desk;

const SMALL: (u16, u16) = (80, 24);

#[test]
fn the_key_that_opened_the_help_or_the_details_closes_them() {
    let mut desk = Desk::open(SMALL);
    desk.keys("?").shows("keys that work here").shows_no("Enter open");
    desk.keys("?").shows_no("keys that work here");
    desk.keys("i").shows("─ details ").shows_no("Enter open");
    desk.keys("i").shows_no("─ details ");
}

#[test]
fn a_word_about_what_happened_stays_in_its_place_and_gives_way_to_the_keys_of_the_next() {
    let mut desk = Desk::open(SMALL);
    desk.keys("j A j").shows("yours now");
    desk.keys("enter").shows_no("yours now").shows("Esc back");
}

#[test]
fn the_palette_puts_a_title_that_begins_with_the_letters_first() {
    let mut desk = Desk::open(SMALL);
    desk.keys(": 'chan'");
    let row = |title| desk.find(title).map(|(_, row)| row);
    assert!(row("Channels and their health") < row("Contact, channel"), "{}", desk.screen());
}

#[test]
fn after_a_note_was_stored_the_replys_draft_is_seen_again() {
    let mut desk = Desk::open(SMALL);
    desk.keys("enter r 'later' alt-p 'ask Rio' ctrl-x").shows("ask Rio").shows("▏later").shows("reply to");
}

#[test]
fn a_conversation_that_is_nobodys_is_called_unassigned() {
    Desk::open(SMALL).keys("j enter").shows("unassigned");
}
