//! Files that go with a reply, on the screen.

use frontdesk::app::effect::{Effect, Folder, FolderEntry, Write};
use frontdesk::app::msg::Msg;
use frontdesk::app::{App, Setup};

use super::desk::{Desk, check};

const SMALL: (u16, u16) = (80, 24);

/// What the agent's machine holds.
pub fn folder(typed: &str) -> Folder {
    let entry = |name: &str, folder, size| FolderEntry { name: name.to_owned(), folder, size };
    let entries = if typed == "~/" {
        vec![
            entry("Pictures", true, 0),
            entry(".hidden", false, 1),
            entry("film.mp4", false, 60_000_000),
            entry("invoice.pdf", false, 120_000),
        ]
    } else {
        vec![entry("court.jpg", false, 2_100_000)]
    };
    Folder { typed: typed.to_owned(), path: typed.replace('~', "/home/ayu").into(), entries }
}

#[test]
fn a_file_is_found_by_its_path_and_sent_with_the_reply() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'Here' ctrl-o").shows("attach a file").shows("Pictures/").shows("invoice.pdf").shows_no(".hidden");
    desk.keys("'inv' enter").shows("[invoice.pdf 120 kB]");
    desk.keys("ctrl-o 'Pic' tab").shows("court.jpg").shows("~/Pictures/");
    desk.keys("enter");
    insta::assert_snapshot!("attached_files_stand_above_the_words", desk.screen());
    desk.keys("ctrl-x");
    let files = desk.writes.iter().find_map(|write| match write {
        Write::Reply { files, text, .. } => Some((files.clone(), text.clone())),
        _ => None,
    });
    let (files, text) = files.unwrap();
    assert_eq!(files, [std::path::PathBuf::from("/home/ayu/invoice.pdf"), "/home/ayu/Pictures/court.jpg".into()]);
    assert_eq!(text, "Here");
    desk.shows_no("[invoice.pdf");
}

#[test]
fn folders_are_entered_by_enter_and_hidden_files_shown_to_who_types_a_dot() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r ctrl-o 'pic' enter").shows("~/Pictures/").shows("court.jpg");
    desk.keys("esc ctrl-o ctrl-u '~/.h'").shows(".hidden");
}

#[test]
fn a_file_is_enough_to_send_and_is_taken_off_again() {
    let desk = check(SMALL, "r ctrl-o 'inv' enter ctrl-x", &["Reply { client_key", "MarkRead"]);
    assert!(matches!(&desk.writes[0], Write::Reply { files, text, .. } if files.len() == 1 && text.is_empty()));
    check(SMALL, "r ctrl-o 'inv' enter alt-o", &[]).shows("invoice.pdf is not attached any more").shows_no("[invoice");
    check(SMALL, "r alt-o", &[]).shows("No file is attached");
}

#[test]
fn what_is_too_large_for_the_channel_is_refused_with_the_limit() {
    check(SMALL, "r ctrl-o 'film' enter", &[]).shows("Not attached: film.mp4 is 60 MB, Pigeon takes files up to 50 MB").shows_no("[film");
}

#[test]
fn files_stay_with_the_words_of_a_reply_that_could_not_be_stored() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'Here' ctrl-o 'inv' enter");
    desk.key_now("ctrl-x");
    let ticket = loop {
        if let Effect::Write { ticket, write: Write::Reply { .. } } = desk.next_asked() {
            break ticket;
        }
    };
    desk.turn(Msg::Wrote { ticket, result: Err("Not sent: the disk is full".to_owned()) });
    desk.shows("▏Here").shows("[invoice.pdf 120 kB]");
}

#[test]
fn on_a_server_files_and_editors_are_refused_with_a_reason() {
    let mut desk = Desk::open(SMALL);
    desk.app = App::new(
        Setup {
            agent_name: "ayu".to_owned(),
            providers: Vec::new(),
            local: false,
            notify: frontdesk::config::Notify::default(),
            tour: false,
        },
        SMALL,
    );
    desk.start();
    desk.keys("r ctrl-o").shows("Files are attached where frontdesk runs on your own machine");
    desk.keys("alt-e").shows("Your own editor is not on the machine");
}

#[test]
fn a_reply_that_is_taken_back_brings_its_files_and_its_quote_back() {
    let again = |keys: &str| {
        let desk = check_last(keys);
        desk.writes.into_iter().rev().find_map(|write| match write {
            Write::Reply { files, reply_to, text, .. } => Some((text, files.len(), reply_to.map(|id| id.0))),
            _ => None,
        })
    };
    assert_eq!(again("enter > 'Here' ctrl-o 'inv' enter ctrl-x z r ctrl-x"), Some(("Here".to_owned(), 1, Some(106))));
    assert_eq!(again("enter > ctrl-o 'inv' enter ctrl-x z r ctrl-x"), Some((String::new(), 1, Some(106))));
    assert_eq!(again("enter r 'Here' ctrl-o 'inv' enter ctrl-x k j x r ctrl-x"), Some(("Here".to_owned(), 1, None)));
    check_last("r 'Here' ctrl-o 'inv' enter ctrl-x z").shows("[invoice.pdf").shows("its words are in the composer again");
    // What was taken back by its own key is not there to be undone once more.
    check_last("enter r 'Here' ctrl-x k j x esc z").shows("There is nothing to undo");
}

#[test]
fn files_that_do_not_come_back_with_a_reply_are_said() {
    let mut desk = check_last("r 'Here' ctrl-o 'inv' enter ctrl-x q");
    desk.keys("z").shows("its files have to be attached again");
}

#[test]
fn a_discarded_draft_comes_back_with_its_files() {
    check_last("r 'Here' ctrl-o 'inv' enter esc x").shows_no("[invoice.pdf");
    check_last("r 'Here' ctrl-o 'inv' enter esc x z").shows("[invoice.pdf");
}

fn check_last(keys: &str) -> Desk {
    let mut desk = Desk::open(SMALL);
    desk.keys(keys);
    desk
}
