//! What fits where, from the smallest screen to the widest; 80, 120 and 160 columns are among the looks.

use frontdesk::app::Keymap;
use frontdesk::config::Langmap;
use insta::assert_snapshot;

use super::desk::Desk;

#[test]
fn the_smallest_screen_still_has_a_thread_and_a_composer() {
    assert_snapshot!(Desk::open((60, 15)).keys("enter r 'Bisa, jam 19.00'").screen());
}

#[test]
fn a_hundred_columns_show_one_thing_at_a_time() {
    assert_snapshot!(Desk::open((100, 24)).keys("enter").screen());
}

#[test]
fn two_hundred_columns_widen_list_and_panel() {
    assert_snapshot!(Desk::open((200, 30)).keys("enter r 'Bisa, jam 19.00'").screen());
}

#[test]
fn three_hundred_columns_keep_the_threads_lines_readable() {
    assert_snapshot!(Desk::open((300, 30)).keys("enter r 'Bisa, jam 19.00'").screen());
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
