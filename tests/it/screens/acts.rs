//! Acts on conversations and messages: what they ask of the store, and what is on the screen before it answers.

use frontdesk::app::effect::{Effect, Write};
use frontdesk::app::msg::{Input, MouseAct, Msg};
use frontdesk::domain::attachment::{Attachment, FileKind, Stored};
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::{AttachmentId, ConversationId};

use super::desk::{Desk, check};

const SMALL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (120, 40);

#[test]
fn resolving_in_the_list_takes_the_row_out_and_selects_the_next() {
    let desk = check(SMALL, "e", &["conversation: ConversationId(1), act: Status(Resolved, None)"]);
    desk.shows("▌● P Søren Lindqvist").shows("Resolved Andi Pratama · z undoes it").shows_no("besok jam 7");
}

#[test]
fn resolving_in_the_thread_opens_the_next_conversation() {
    let desk = check(SMALL, "enter e", &["conversation: ConversationId(1), act: Status(Resolved, None)"]);
    desk.shows("Søren Lindqvist  @søren");
}

#[test]
fn undo_takes_back_the_last_act_first() {
    let desk = check(
        SMALL,
        "j A e z z",
        &[
            "conversation: ConversationId(2), act: Assign(Some((AgentId(7), \"ayu\")))",
            "conversation: ConversationId(2), act: Status(Resolved, None)",
            "conversation: ConversationId(2), act: Status(Open, None)",
            "conversation: ConversationId(2), act: Assign(None)",
        ],
    );
    desk.shows("▌● P Søren Lindqvist");
}

#[test]
fn assigning_offers_colleagues_by_a_few_letters_and_is_undone() {
    let rio = "conversation: ConversationId(1), act: Assign(Some((AgentId(8), \"rio\")))";
    check(SMALL, "a", &[]).shows("assign to").shows("rio").shows("you, has it").shows("nobody");
    check(SMALL, "a 'ri' enter", &[rio]).shows("Andi Pratama is with rio now · z undoes it");
    check(SMALL, "a 'ri' enter z", &[rio, "conversation: ConversationId(1), act: Assign(Some((AgentId(7), \"ayu\")))"]).shows("Undone");
    check(SMALL, "a 'xyz' enter", &[]).shows("No colleague has these letters");
}

#[test]
fn a_priority_is_one_letter_of_a_menu_and_is_undone() {
    let high = "conversation: ConversationId(1), act: Priority(High)";
    check(SMALL, "p", &[]).shows("u  urgent").shows("0  none");
    check(SMALL, "p h", &[high]).shows("The priority of Andi Pratama is high now · z undoes it");
    check(SMALL, "p j enter", &[high]);
    check(SMALL, "p h z", &[high, "conversation: ConversationId(1), act: Priority(None)"]);
    check(SMALL, "p esc", &[]).shows_no("urgent");
}

#[test]
fn what_cannot_be_done_says_why_and_asks_nothing() {
    check(SMALL, "z", &[]).shows("There is nothing to undo");
    check(SMALL, "E", &[]).shows("It is open already");
    check(SMALL, "A", &[]).shows("It is yours already");
    check(SMALL, "j j j j r", &[]).shows("The provider cannot reach this customer");
    check(SMALL, "j j j r 'x' esc", &["Typing", "SaveDraft"]);
    check(SMALL, "enter s", &[]).shows("Only for a reply that failed or is uncertain");
}

#[test]
fn a_closed_window_refuses_a_reply_but_not_a_note() {
    let mut desk = Desk::open(SMALL);
    desk.row(ConversationId(1)).window = Some(frontdesk::domain::time::Span::minutes(1));
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.keys("r").shows("The reply window closed 1m ago").shows_no("reply to Andi");
    desk.keys("c").shows("NOTE: only colleagues");
}

#[test]
fn unread_is_toggled_and_walked() {
    check(SMALL, "u", &["conversation: ConversationId(1), act: Unread(0)"]);
    check(SMALL, "G u", &["conversation: ConversationId(8), act: Unread(1)"]);
    check(SMALL, "n n", &[]).shows("▌● P 佐藤 花子");
    check(SMALL, "n n N", &[]).shows("▌● P Søren");
    check(SMALL, "N", &[]).shows("There is no unread conversation above");
}

#[test]
fn a_stuck_reply_is_sent_again_or_settled() {
    let stuck = |keys: &str, want: &str| {
        let mut desk = Desk::open(SMALL);
        desk.messages[5].direction = frontdesk::domain::message::Direction::Out;
        desk.messages[5].delivery = Delivery::Uncertain;
        desk.keys(keys);
        assert_eq!(format!("{:?}", desk.writes), want);
    };
    stuck("enter s", "[]");
    stuck("enter s y", "[Resend { message: MessageId(106) }]");
    stuck("enter S", "[MarkSent { message: MessageId(106) }]");
}

#[test]
fn a_sent_message_is_edited_and_deleted_only_after_a_yes() {
    check(
        SMALL,
        "enter k k k k w ' (per jam)' ctrl-x",
        &["EditSent { message: MessageId(102), text: \"Masih, Rp 100.000 per jam, 17–21 Rp 150.000. (per jam)\" }"],
    );
    check(SMALL, "enter k k k k x n", &[]).shows_no("for the customer too");
    check(SMALL, "enter k k k k x y", &["DeleteSent { message: MessageId(102) }"]);
    check(SMALL, "enter x", &[]).shows("Only for replies of ours");
}

#[test]
fn a_reaction_is_chosen_from_a_few() {
    check(SMALL, "enter + right enter", &["React { message: MessageId(106), emoji: Some(\"🙏\") }"]);
    check(SMALL, "enter + esc", &[]);
}

#[test]
fn copying_gives_the_message_or_the_address_made_safe() {
    let desk = check(SMALL, "enter y y", &[]);
    assert!(matches!(&desk.others[..], [Effect::Copy(text)] if text.as_str() == "2 jam ya"));
    let desk = check(SMALL, "y y", &[]);
    assert!(matches!(&desk.others[..], [Effect::Copy(text)] if text.as_str() == "@andi"));
    check(SMALL, "y", &[]).shows("n  the conversation's number");
    let desk = check(SMALL, "enter y n", &[]);
    assert!(matches!(&desk.others[..], [Effect::Copy(text)] if text.as_str() == "#1"));
}

#[test]
fn leaving_takes_two_interrupts_or_a_word() {
    let quits = |keys: &str| check(SMALL, keys, &[]).others.iter().any(|effect| matches!(effect, Effect::Quit));
    assert!(quits("ctrl-c ctrl-c"));
    assert!(quits(": 'q' enter"));
    assert!(!quits("ctrl-c"));
    let mut desk = Desk::open(SMALL);
    desk.keys("ctrl-c");
    desk.wait(frontdesk::domain::time::Span::secs(3));
    desk.keys("ctrl-c");
    assert!(desk.others.is_empty(), "the second one came too late");
}

#[test]
fn a_failed_act_says_so_and_reads_what_is_true() {
    let mut desk = Desk::open(SMALL);
    desk.key_now("e");
    let Effect::Write { ticket, .. } = desk.next_asked() else { panic!("a write comes first") };
    desk.turn(Msg::Wrote { ticket, result: Err("Not resolved: the disk is full. Make room and try again".to_owned()) });
    desk.answer_all();
    desk.shows("Not resolved: the disk is full").shows("Andi Pratama");
}

#[test]
fn the_mouse_selects_opens_turns_tabs_and_scrolls() {
    let mut desk = Desk::open(WIDE);
    desk.mouse(MouseAct::Press, 10, 6);
    desk.shows("▌● P Søren");
    desk.mouse(MouseAct::Press, 10, 6);
    desk.shows("Søren Lindqvist  @søren");
    let (x, y) = desk.find("Mine").unwrap();
    desk.mouse(MouseAct::Press, x, y);
    desk.shows("▌Mine 1").shows_no("Chiara");
    desk.mouse(MouseAct::WheelDown, 10, 6);
    desk.mouse(MouseAct::Press, 300, 300);
    assert!(desk.writes.is_empty());
}

#[test]
fn a_pasted_text_never_acts_as_keys() {
    let mut desk = Desk::open(SMALL);
    desk.turn(Msg::Input(Input::Paste("e\ne\r\ne".to_owned())));
    assert!(desk.writes.is_empty() && desk.asked.is_empty());
}

#[test]
fn a_channel_is_paused_and_added() {
    check(SMALL, ": 'channels' enter b", &["PauseChannel { channel: ChannelId(1) }"]);
    let mut desk = Desk::empty(SMALL);
    desk.start();
    desk.keys(": 'channels' enter C enter '1:token' enter enter");
    assert!(matches!(&desk.writes[..], [Write::AddChannel { provider: "pigeon", name, values, secrets }]
        if name == "Pigeon" && values["api-base"] == "https://loft.example" && secrets["token"].reveal() == "1:token"));
    desk.shows("Connected as @loft");
}

#[test]
fn a_form_keeps_what_was_typed_when_the_provider_refuses() {
    let mut desk = Desk::empty(SMALL);
    desk.start();
    desk.keys(": 'add' enter enter enter enter").shows("Not connected yet: Token is missing");
    desk.keys("'1:x' enter");
    desk.key_now("enter");
    let Effect::Write { ticket, .. } = desk.next_asked() else { panic!("a write comes first") };
    desk.shows("Asking the provider…").shows_no("1:x");
    desk.turn(Msg::Wrote { ticket, result: Err("Not connected: the provider does not know this token".to_owned()) });
    desk.shows("Not connected: the provider does not know this token").shows("▏ ***");
}

/// A desk whose newest message carries two files and two links and was edited twice.
fn laden() -> Desk {
    let mut desk = Desk::open(SMALL);
    let file = |id, name: &str, kind, stored| Attachment {
        id: AttachmentId(id),
        kind,
        name: name.to_owned(),
        mime: String::new(),
        size: Some(81_000),
        seconds: None,
        stored,
        hash: None,
    };
    let newest = &mut desk.messages[5];
    newest.text = "2 jam ya, see https://bank.example@evil.example/login and leila@example.org".to_owned();
    newest.attachments = vec![file(1, "invoice.pdf", FileKind::Document, Stored::Here), file(2, "", FileKind::Photo, Stored::Failed)];
    newest.edited_at = Some(super::desk::ago(1));
    newest.versions = 2;
    desk.versions = vec![(super::desk::ago(3), "1 jam".to_owned()), (super::desk::ago(2), "2 jam".to_owned())];
    desk
}

fn asked(mut desk: Desk, keys: &str, want: &[&str]) -> Desk {
    desk.turn(Msg::Input(Input::Focus(false)));
    desk.keys(keys);
    let got: Vec<String> = desk.writes.iter().map(|write| format!("{write:?}")).collect();
    assert_eq!(got.len(), want.len(), "{got:#?}");
    assert!(got.iter().zip(want).all(|(got, want)| got.contains(want)), "{got:#?}");
    desk
}

#[test]
fn enter_on_a_message_offers_what_it_holds() {
    let desk = asked(laden(), "enter enter", &[]);
    insta::assert_snapshot!(desk.screen());
    asked(laden(), "enter enter j j enter", &[]).shows("o  open").shows("evil.example");
    check(SMALL, "enter enter", &[]).shows("There is nothing to open here: r replies");
}

#[test]
fn a_file_is_saved_opened_located_or_fetched_again() {
    asked(laden(), "enter d 1 o", &["SaveFile { file: AttachmentId(1), open: true }"]);
    asked(laden(), "enter d enter s", &["SaveFile { file: AttachmentId(1), open: false }"]);
    asked(laden(), "enter d 1 y", &["LocateFile { file: AttachmentId(1) }"]);
    asked(laden(), "enter d 2 f", &["FetchFile { file: AttachmentId(2) }"]).shows("Fetching it");
    check(SMALL, "enter d", &[]).shows("This message has no file");
}

#[test]
fn the_files_of_an_album_are_offered_together() {
    let mut desk = laden();
    desk.messages[4].attachments =
        vec![Attachment { id: AttachmentId(3), name: "court.jpg".to_owned(), ..desk.messages[5].attachments[0].clone() }];
    desk.messages[4].album = "a".to_owned();
    desk.messages[5].album = "a".to_owned();
    asked(desk, "enter d", &[]).shows("1  court.jpg").shows("2  invoice.pdf").shows("3  photo");
}

#[test]
fn a_link_shows_where_it_really_leads_before_it_is_opened_or_copied() {
    asked(laden(), "enter O 1", &[]).shows("evil.example");
    asked(laden(), "enter O 1 o", &["OpenLink { url: Url(\"https://bank.example@evil.example/login\") }"]);
    let desk = asked(laden(), "enter O 2 y", &[]);
    assert!(matches!(&desk.others[..], [Effect::Copy(text)] if text.as_str() == "mailto:leila@example.org"));
    check(SMALL, "enter O", &[]).shows("This message has no link");
}

#[test]
fn what_an_edited_message_read_before_is_shown_with_what_changed() {
    let mut desk = laden();
    desk.messages[5].deleted_at = Some(super::desk::ago(0));
    insta::assert_snapshot!(asked(desk, "enter W", &[]).screen());
    asked(laden(), "enter W esc", &[]).shows_no("written");
    check(SMALL, "enter W", &[]).shows("This message was not edited since it came here");
}

#[test]
fn a_file_that_could_not_be_saved_says_why() {
    let mut desk = laden();
    desk.keys("enter d 1");
    desk.wait(frontdesk::domain::time::Span::millis(200));
    desk.key_now("s");
    let Effect::Write { ticket, .. } = desk.asked.pop_back().expect("it is asked for") else { panic!("a write") };
    desk.turn(Msg::Wrote { ticket, result: Err("Not saved in /downloads: the disk is full".to_owned()) });
    desk.shows("Not saved in /downloads: the disk is full");
}
