//! Writing: drafts are kept, nothing is sent by accident, what failed comes back.

use frontdesk::app::effect::{Effect, Write};
use frontdesk::app::msg::{Input, Msg};
use frontdesk::domain::id::{AgentId, ConversationId, MessageId};
use frontdesk::domain::message::Direction;
use frontdesk::domain::time::Span;
use frontdesk::term::{Caps, Screen};
use frontdesk::ui;

use super::desk::{Desk, check, said};

const SMALL: (u16, u16) = (80, 24);

#[test]
fn a_reply_is_sent_once_marks_the_conversation_read_and_is_on_the_screen_at_once() {
    let mut desk = Desk::open(SMALL);
    desk.turn(Msg::Input(Input::Focus(false)));
    desk.keys("r 'Bisa'");
    desk.wait(Span::secs(1));
    desk.answer_all();
    let before = desk.writes.len();
    desk.key_now("ctrl-x");
    assert!(matches!(&desk.writes[before], Write::Reply { text, .. } if text == "Bisa"));
    assert!(matches!(&desk.writes[before + 1], Write::MarkRead { .. }));
    desk.shows("Bisa").shows("·").shows_no("reply to Andi");
    desk.answer_all();
    desk.shows("◷ 5s");
    assert_eq!(desk.screen().matches("Bisa").count(), 1);
}

#[test]
fn a_held_reply_counts_down_and_is_taken_back_with_its_words() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'Bisa' ctrl-x");
    desk.wait(Span::millis(2_500));
    desk.shows("◷ 3s");
    desk.keys("z").shows("Taken back").shows("reply to Andi").shows("▏Bisa").shows_no("◷");
    assert!(
        matches!(desk.writes.iter().rev().find(|write| matches!(write, Write::TakeBack { .. })), Some(Write::TakeBack { message: MessageId(id) }) if *id >= 5_000)
    );
}

#[test]
fn a_reply_that_could_not_be_stored_comes_back_before_what_was_typed_since() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'Bisa'");
    desk.key_now("ctrl-x");
    let ticket = loop {
        if let Effect::Write { ticket, write: Write::Reply { .. } } = desk.next_asked() {
            break ticket;
        }
    };
    desk.keys("r 'dan'");
    desk.turn(Msg::Wrote { ticket, result: Err("Not sent: the disk is full. Make room and send it again".to_owned()) });
    desk.shows("Not sent: the disk is full").shows("▏Bisa").shows("▏dan");
}

#[test]
fn a_reply_that_fails_after_its_conversation_was_left_becomes_a_draft_there() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'Bisa'");
    desk.key_now("ctrl-x");
    let ticket = loop {
        if let Effect::Write { ticket, write: Write::Reply { .. } } = desk.next_asked() {
            break ticket;
        }
    };
    desk.keys("J");
    desk.turn(Msg::Wrote { ticket, result: Err("Not sent".to_owned()) });
    assert!(matches!(desk.writes.last(), Some(Write::PutBack { conversation, text, .. }) if conversation.0 == 1 && text == "Bisa"));
}

#[test]
fn every_reply_has_a_key_of_its_own() {
    let desk = check(SMALL, "r 'a' ctrl-x r 'b' ctrl-x", &["Typing", "Reply", "MarkRead", "Typing", "Reply"]);
    let keys: Vec<&String> = desk
        .writes
        .iter()
        .filter_map(|write| match write {
            Write::Reply { client_key, .. } => Some(client_key),
            _ => None,
        })
        .collect();
    assert!(keys.len() == 2 && keys[0] != keys[1] && !keys[0].is_empty(), "{keys:?}");
}

#[test]
fn a_draft_is_stored_when_typing_rests_and_comes_back() {
    let mut desk = Desk::open(SMALL);
    desk.keys("j j j r 'Dear'");
    assert!(!desk.writes.iter().any(|write| matches!(write, Write::SaveDraft { .. })), "not while typing");
    desk.wait(Span::secs(1));
    assert!(matches!(desk.writes.last(), Some(Write::SaveDraft { text, .. }) if text == "Dear"));
    let mut desk = Desk::open(SMALL);
    desk.draft = "Dear".to_owned();
    desk.keys("enter").shows("▏Dear");
}

#[test]
fn leaving_the_composer_or_the_conversation_stores_the_draft_at_once() {
    for keys in ["r 'x' esc", "r 'x' esc J", "r 'x' ctrl-c ctrl-c"] {
        let mut desk = Desk::open((120, 40));
        desk.keys(keys);
        assert!(desk.writes.iter().any(|write| matches!(write, Write::SaveDraft { text, .. } if text == "x")), "{keys}");
    }
}

#[test]
fn what_was_typed_before_the_draft_was_read_is_kept_after_it() {
    let mut desk = Desk::open(SMALL);
    desk.draft = "old".to_owned();
    desk.key_now("r");
    desk.key_now("n");
    desk.answer_all();
    desk.shows("▏old").shows("▏n");
}

#[test]
fn a_pasted_newline_never_sends_and_is_shown_without_control_characters() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r");
    desk.turn(Msg::Input(Input::Paste("one\r\ntwo\x1b[31m\u{202e}\n".to_owned())));
    desk.answer_all();
    desk.shows("▏one").shows("▏two␛[31m");
    assert!(!desk.writes.iter().any(|write| matches!(write, Write::Reply { .. })));
}

#[test]
fn letters_typed_while_leaving_the_composer_are_no_commands() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'x' esc");
    let before = desk.writes.len();
    desk.key_now("e");
    assert_eq!(desk.writes.len(), before, "e right after Esc is swallowed");
    desk.wait(Span::millis(151));
    desk.key_now("e");
    assert!(matches!(desk.writes.last(), Some(Write::Act { .. })));
}

#[test]
fn reply_and_note_keep_their_own_texts() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'to you' alt-p 'to us'").shows("NOTE: only colleagues").shows("to us").shows_no("to you");
    desk.keys("alt-l").shows("reply to Andi").shows("to you").shows_no("to us");
    desk.keys("alt-p ctrl-x");
    assert!(matches!(desk.writes.last(), Some(Write::Note { text, .. }) if text == "to us"), "{:?}", desk.writes);
    desk.shows("note, only for colleagues");
}

#[test]
fn a_text_longer_than_the_channel_takes_says_how_many_messages_it_needs() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r");
    desk.turn(Msg::Input(Input::Paste("word ".repeat(1_000))));
    desk.shows("5000/4096: needs 2 messages");
}

#[test]
fn a_quote_is_sent_with_the_reply() {
    let desk = check(SMALL, "enter k > 'ya' ctrl-x", &["Typing", "Reply { client_key:", "MarkRead"]);
    assert!(desk.writes.iter().any(|write| matches!(write, Write::Reply { reply_to: Some(MessageId(105)), .. })), "{:?}", desk.writes);
}

#[test]
fn nothing_is_sent_when_nothing_is_typed() {
    check(SMALL, "r ctrl-x", &[]).shows("Nothing is typed yet");
    check(SMALL, "r enter enter ctrl-x", &[]).shows("Nothing is typed yet");
}

#[test]
fn who_types_without_a_pause_has_the_draft_stored_all_the_same() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'one long thought that takes a while to write'");
    let stored = desk.writes.iter().filter(|write| matches!(write, Write::SaveDraft { .. })).count();
    assert!((2..=4).contains(&stored), "{stored}");
}

#[test]
fn a_draft_that_could_not_be_stored_says_so_until_it_is() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'Dear'").shows_no("draft not saved");
    desk.wait(Span::secs(1));
    let ticket = loop {
        if let Effect::Write { ticket, write: Write::SaveDraft { .. } } = desk.next_asked() {
            break ticket;
        }
    };
    desk.turn(Msg::Wrote { ticket, result: Err("The draft was not stored: the disk is full. Make room".to_owned()) });
    desk.shows("draft not saved").shows("the disk is full");
    desk.wait(Span::secs(6));
    assert!(matches!(desk.writes.last(), Some(Write::SaveDraft { text, .. }) if text == "Dear"), "it is tried again");
    desk.answer_all();
    desk.shows_no("draft not saved");
}

#[test]
fn a_typed_character_is_at_most_ten_bytes_on_the_line() {
    let mut desk = Desk::open((120, 40));
    desk.turn(Msg::Input(Input::Focus(false)));
    desk.keys("r 'H'");
    let mut screen = Screen::new(120, 40, Caps::default());
    let mut paint = |desk: &Desk| screen.paint(|frame| ui::draw(&desk.app, &desk.cx, &desk.look, frame)).len();
    paint(&desk);
    for (n, letter) in "alo kak, besok jam 7 malam masih ada satu lapangan".chars().enumerate() {
        // A thoughtful person: now and then a draft is stored in between.
        desk.wait(Span::millis(if n % 9 == 0 { 1_500 } else { 120 }));
        desk.answer_all();
        let idle = paint(&desk);
        desk.key_now(&if letter == ' ' { "space".to_owned() } else { letter.to_string() });
        let bytes = paint(&desk);
        assert!(idle == 0 && bytes <= 10, "{letter:?} is {bytes} bytes, the pause before it {idle}");
        desk.answer_all();
    }
}

#[test]
fn what_was_sent_comes_back_by_going_up_and_what_was_typed_by_going_down() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'first' ctrl-x r 'second' ctrl-x r up").shows("▏second");
    desk.keys("up").shows("▏first").shows_no("▏second");
    desk.keys("up").shows("▏first");
    desk.keys("down").shows("▏second");
    desk.keys("down").shows_no("▏second");
    desk.keys("'own' up").shows("▏own");
    desk.keys("ctrl-u up 'x' ctrl-x");
    assert!(matches!(&desk.writes[..], [.., Write::Reply { text, .. }] if text == "secondx"), "{:?}", desk.writes.last());
}

#[test]
fn a_paste_that_was_cut_says_so() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r");
    desk.turn(Msg::Input(Input::Paste("x".repeat(300 * 1024))));
    desk.shows("Not all of it was pasted: a text takes up to 256 kB");
    desk.keys("alt-z");
    desk.turn(Msg::Input(Input::Paste("y".to_owned())));
    desk.turn(Msg::Input(Input::PasteCut));
    desk.shows("Not all of it was pasted: the terminal's paste was too long");
}

#[test]
fn counts_are_quiet_until_they_matter() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r");
    desk.turn(Msg::Input(Input::Paste("word ".repeat(600))));
    desk.shows_no("/4096");
    desk.turn(Msg::Input(Input::Paste("word ".repeat(100))));
    desk.shows("3500/4096");
}

#[test]
fn a_draft_is_discarded_with_x_and_brought_back_with_z() {
    let mut desk = Desk::open(SMALL);
    desk.keys("j j j r 'Dear' esc x").shows("Discarded the draft to").shows_no("▏Dear");
    assert!(matches!(desk.writes.last(), Some(Write::SaveDraft { text, .. }) if text.is_empty()));
    desk.keys("z").shows("▏Dear");
    assert!(matches!(desk.writes.last(), Some(Write::SaveDraft { text, .. }) if text == "Dear"));
    let mut desk = Desk::open((120, 40));
    desk.rows[0].draft = Some("Halo".to_owned());
    desk.turn(Msg::Changed(frontdesk::domain::hint::Hint::Everything));
    desk.answer_all();
    desk.keys("x").shows("Discarded the draft to Andi").shows_no("draft: Halo");
    desk.keys("z").shows("draft: Halo");
    desk.keys("j x").shows("There is no draft to discard");
}

#[test]
fn a_colleague_who_answers_meanwhile_is_named_above_the_words() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'Bisa'").shows_no("replied at");
    let mut theirs = said(7_000, ConversationId(1), Direction::Out, "rio", "Sudah saya jawab", desk.cx.now);
    theirs.agent = Some(AgentId(8));
    desk.messages.push(theirs);
    desk.turn(Msg::Changed(frontdesk::domain::hint::Hint::Everything));
    desk.answer_all();
    desk.shows("rio replied at 14:30").shows("▏Bisa");
    desk.keys("ctrl-x r").shows_no("replied at");
}

#[test]
fn a_window_that_closes_while_one_writes_says_so_and_keeps_the_words() {
    let mut desk = Desk::open(SMALL);
    desk.row(ConversationId(1)).window = Some(Span::minutes(4));
    desk.turn(Msg::Changed(frontdesk::domain::hint::Hint::Everything));
    desk.answer_all();
    desk.keys("r 'Bisa'").shows_no("window has closed");
    desk.wait(Span::minutes(5));
    desk.shows("the reply window has closed").shows("▏Bisa");
    desk.keys("ctrl-x").shows("The reply window closed").shows("▏Bisa");
}

#[test]
fn the_keys_below_count_down_how_long_a_reply_can_be_taken_back() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'Bisa' ctrl-x").shows("z take back (5s)");
    desk.wait(Span::millis(2_500));
    desk.shows("z take back (3s)");
}

#[test]
fn what_the_editor_leaves_is_in_the_composer_and_one_step_of_undo() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'Bisa' alt-e");
    assert!(matches!(&desk.others[..], [Effect::Edit(text)] if text == "Bisa"));
    desk.turn(Msg::Edited(Ok("Bisa kak.\nJam 7.".to_owned())));
    desk.shows("▏Bisa kak.").shows("▏Jam 7.");
    desk.keys("alt-z").shows_no("Jam 7.").shows("▏Bisa");
    desk.turn(Msg::Edited(Err("Nothing was changed: vi did not end well".to_owned())));
    desk.shows("Nothing was changed").shows("▏Bisa");
}

#[test]
fn a_discarded_draft_of_a_closed_conversation_does_not_replace_a_newer_one() {
    let mut desk = Desk::open(SMALL);
    desk.keys("j j j j j j x z").shows("Undone");
    assert!(
        matches!(desk.writes.last(), Some(Write::PutBack { text, .. }) if text == "Dear Ms Haddad, the replacement"),
        "{:?}",
        desk.writes
    );
}

#[test]
fn a_text_that_is_too_long_to_come_back_from_the_editor_is_cut_and_that_is_said() {
    let mut desk = Desk::open(SMALL);
    desk.keys("r 'Bisa' alt-e");
    desk.turn(Msg::Edited(Ok("x".repeat(255 * 1024))));
    desk.shows_no("end is missing");
    desk.turn(Msg::Edited(Ok("x".repeat(256 * 1024 + 1))));
    desk.shows("Its end is missing: a text takes up to 256 kB");
}
