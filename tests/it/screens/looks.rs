//! How every pane looks, as text; colour is checked where it matters.

use frontdesk::app::{App, Setup};
use frontdesk::config::Notify;
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::id::ConversationId;
use frontdesk::domain::message::{Gap, Quote, Reaction};
use frontdesk::ui::look::Depth;
use insta::assert_snapshot;
use ratatui::style::{Color, Modifier};

use super::desk::{Desk, ago};

#[test]
fn the_list_fills_a_small_screen() {
    assert_snapshot!(Desk::open((80, 24)).screen());
}

#[test]
fn a_thread_takes_the_small_screens_place_of_the_list() {
    assert_snapshot!(Desk::open((80, 24)).keys("enter").screen());
}

#[test]
fn list_and_thread_stand_side_by_side() {
    assert_snapshot!(Desk::open((120, 40)).keys("enter").screen());
}

#[test]
fn a_wide_screen_has_room_for_details() {
    assert_snapshot!(Desk::open((160, 45)).keys("enter k").screen());
}

#[test]
fn a_reply_names_its_recipient() {
    assert_snapshot!(Desk::open((80, 24)).keys("r 'Bisa, jam 19.00'").screen());
}

#[test]
fn a_note_says_so_over_its_whole_length() {
    assert_snapshot!(Desk::open((80, 24)).keys("c 'pays cash'").screen());
}

#[test]
fn help_lists_the_keys_that_work_here() {
    assert_snapshot!(Desk::open((80, 24)).keys("enter ?").screen());
}

#[test]
fn the_palette_shows_keys_and_why_something_cannot_run() {
    assert_snapshot!(Desk::open((80, 24)).keys("ctrl-k 're'").screen());
}

#[test]
fn channels_tell_their_health_and_what_to_do() {
    assert_snapshot!(Desk::open((80, 24)).keys(": 'channels' enter").screen());
}

#[test]
fn an_empty_tab_says_what_to_do_next() {
    let mut desk = Desk::empty((80, 24));
    desk.start();
    desk.shows("All done. New messages appear here by themselves.");
    desk.keys("shift-tab shift-tab").shows("Nothing is assigned to you. Tab shows what nobody has taken yet.");
}

#[test]
fn the_first_run_offers_a_channel_or_the_demo() {
    let mut desk = Desk::empty((80, 24));
    desk.status.channels.clear();
    desk.status.queued = 0;
    desk.start();
    assert_snapshot!(desk.screen());
}

#[test]
fn the_form_is_made_from_what_the_provider_needs() {
    let mut desk = Desk::empty((80, 24));
    desk.status.channels.clear();
    desk.start();
    desk.keys("enter enter '123:secret' enter");
    assert_snapshot!(desk.screen());
}

#[test]
fn a_screen_too_small_says_so_kindly() {
    let desk = Desk::open((42, 8));
    assert_eq!(desk.screen().trim_end(), "This window is 42x8. Please make it 60x15\nor larger.");
}

#[test]
fn a_thread_tells_replies_reactions_edits_gaps_and_what_became_of_each_message() {
    let mut desk = Desk::open((80, 30));
    let talk = &mut desk.messages;
    talk[0].reactions = vec![Reaction { actor: "ayu".to_owned(), emoji: "👍".to_owned() }];
    talk[1].edited_at = Some(ago(60));
    talk[1].quote = Some(Quote { id: None, author: "Andi".to_owned(), text: "kak, court 2".to_owned() });
    talk[2].forwarded_from = "Court news".to_owned();
    let mut late = super::desk::said(107, ConversationId(1), frontdesk::domain::message::Direction::Out, "ayu", "Bisa", ago(1));
    late.delivery = Delivery::Uncertain;
    late.reason = "the provider hung up after the request had left".to_owned();
    late.parts = (1, 2);
    talk.push(late);
    desk.gaps = vec![Gap { from: ago(60 * 20), to: ago(30), lost_before: ago(40) }];
    desk.keys("enter");
    assert_snapshot!(desk.screen());
}

#[test]
fn marks_in_ascii_use_no_other_character() {
    let mut desk = Desk::open((120, 40));
    desk.rows.retain(|row| row.name.is_ascii() && row.preview.is_ascii());
    desk.messages.retain(|message| message.text.is_ascii());
    desk.look.ascii = true;
    desk.app = App::new(
        Setup { agent_name: "ayu".to_owned(), providers: Vec::new(), local: true, notify: Notify::default(), tour: false },
        (120, 40),
    );
    desk.start();
    for keys in ["enter", "r 'hi'", "esc ?", "esc i", "esc ctrl-k 're'", "esc : 'channels' enter"] {
        desk.keys(keys);
        let screen = desk.screen();
        assert!(screen.is_ascii(), "{keys}:\n{screen}");
    }
}

#[test]
fn without_colours_no_cell_is_coloured_and_the_screen_reads_the_same() {
    let mut desk = Desk::open((120, 40));
    desk.keys("enter c 'x'");
    let coloured = desk.screen();
    desk.look.depth = Depth::None;
    assert_eq!(desk.screen(), coloured);
    assert!(desk.buffer().content.iter().all(|cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset)));
}

#[test]
fn a_note_is_reversed_over_its_whole_rule_and_a_reply_is_not() {
    let reversed = |keys: &str, rule: &str| {
        let mut desk = Desk::open((80, 24));
        desk.keys(keys);
        let (_, y) = desk.find(rule).unwrap();
        let buffer = desk.buffer();
        (0..80).filter(|x| buffer[(*x, y)].modifier.contains(Modifier::REVERSED)).count()
    };
    assert_eq!(reversed("c", "NOTE: only colleagues"), 80);
    assert_eq!(reversed("r", "reply to Andi"), 0);
}

#[test]
fn unread_and_what_needs_a_person_differ_in_more_than_colour() {
    let desk = Desk::open((80, 24));
    let buffer = desk.buffer();
    let (x, y) = desk.find("Søren").unwrap();
    assert!(buffer[(x, y)].modifier.contains(Modifier::BOLD));
    assert_eq!(buffer[(1, y)].symbol(), "●");
    let (x, y) = desk.find("Leila").unwrap();
    assert!(!buffer[(x, y)].modifier.contains(Modifier::BOLD));
    let row = desk.screen().lines().find(|row| row.contains("Chiara")).unwrap().to_owned();
    assert!(row.contains('!'), "{row}");
}

#[test]
fn the_pane_with_the_focus_is_marked_without_colour() {
    let mut desk = Desk::open((120, 40));
    desk.look.depth = Depth::None;
    desk.keys("enter").shows("▏● P Andi").shows("│▌  2 jam ya");
    desk.keys("left").shows("▌● P Andi").shows_no("│▌  2 jam");
}

#[test]
fn ages_and_flags_stand_in_their_columns_whatever_the_name() {
    let desk = Desk::open((80, 24));
    let buffer = desk.buffer();
    for y in 3..11 {
        assert_eq!(buffer[(79, y)].symbol(), " ", "row {y}");
        assert_ne!(buffer[(78, y)].symbol(), " ", "row {y}: {}", desk.screen());
    }
}
