//! What fits where, from the smallest screen to the widest; 80, 120 and 160 columns are among the looks, too.

use frontdesk::app::Keymap;
use frontdesk::app::msg::Msg;
use frontdesk::config::Langmap;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::ConversationId;
use frontdesk::domain::message::Direction;

use super::desk::{Desk, NOW, said};

/// The columns of the rules between list, thread and panel.
fn columns(desk: &Desk) -> Vec<u16> {
    let buffer = desk.buffer();
    let y = buffer.area.height - 4;
    (0..buffer.area.width).filter(|x| buffer[(*x, y)].symbol() == "│").collect()
}

#[test]
fn the_smallest_screen_still_has_a_thread_and_a_composer() {
    let mut desk = Desk::open((60, 15));
    desk.keys("enter r 'Bisa, jam 19.00'").shows("2 jam ya").shows("reply to Andi").shows("▏Bisa, jam 19.00");
    desk.keys("esc esc").shows("Søren").shows("Chiara");
}

#[test]
fn a_hundred_columns_show_one_thing_at_a_time() {
    let mut desk = Desk::open((100, 24));
    desk.shows("Søren").shows_no("2 jam ya");
    desk.keys("enter").shows("2 jam ya").shows_no("Søren");
}

#[test]
fn more_columns_widen_list_and_panel_and_keep_the_threads_lines_readable() {
    let check = |width, want: &[u16]| {
        let mut desk = Desk::open((width, 30));
        desk.keys("enter").shows("Søren").shows("2 jam ya");
        assert_eq!(columns(&desk), want, "{width} columns");
        let long = desk.messages.len() as i64;
        desk.messages.push(said(9_000 + long, ConversationId(1), Direction::In, "Andi Pratama", &"word ".repeat(200), NOW));
        desk.turn(Msg::Changed(Hint::Everything));
        desk.answer_all();
        let longest = desk.screen().lines().filter_map(|row| row.find("word").map(|at| row[at..].matches("word").count())).max();
        assert!(longest.is_some_and(|words| words * 5 <= 120), "{width} columns: {longest:?} words on a row");
    };
    check(120, &[44]);
    check(160, &[44, 119]);
    check(200, &[57, 152]);
    check(300, &[90, 235]);
}

/// A desk whose keyboard has these letters, too.
fn desk(langmap: &str) -> Desk {
    let mut desk = Desk::open((80, 24));
    let keymap = Keymap::default().with_langmap(Langmap::parse(langmap).unwrap());
    desk.app = std::mem::replace(&mut desk.app, Desk::empty((1, 1)).app).with_keymap(keymap);
    desk
}

#[test]
fn letters_of_another_layout_are_commands_but_stay_letters_where_text_is_typed() {
    let mut desk = desk("russian");
    desk.keys("о enter").shows("Søren").shows("Esc back");
    desk.keys("к").shows("reply to");
    desk.keys("'Привет'").shows("Привет");
    desk.keys("alt-з").shows("NOTE");
    desk.keys("esc п ш").shows("Enter open");
    desk.keys("ctrl-k 'Л'").shows("> Л");
}

#[test]
fn letters_of_another_layout_mean_nothing_unless_they_are_asked_for() {
    let mut desk = desk("");
    desk.keys("enter к").shows_no("reply to");
}
