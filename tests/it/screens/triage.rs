//! Putting conversations away and telling them apart: snooze, spam, labels; on many at once, undone as one, repeated.

use frontdesk::app::effect::{Effect, Loaded, Write, Wrote};
use frontdesk::app::msg::Msg;
use frontdesk::domain::act::{Act, Step};
use frontdesk::domain::conversation::Status;
use frontdesk::domain::id::ConversationId;
use frontdesk::domain::time::Span;

use super::desk::{Desk, NOW, check};

const SMALL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (120, 40);

/// Fri 20 Nov 2026, 14:30, moved on by the keys before: seconds until an instant.
fn snoozed(desk: &Desk) -> Vec<Option<i64>> {
    let until = |write: &frontdesk::app::effect::Write| match write {
        frontdesk::app::effect::Write::Act { steps } => match &steps[0].act {
            Act::Status(Status::Snoozed, until) => until.map(|at| at.since(NOW).0 / 60_000_000),
            other => panic!("{other:?} is no snooze"),
        },
        other => panic!("{other:?} is no act"),
    };
    desk.writes.iter().map(until).collect()
}

#[test]
fn snoozing_offers_the_likeliest_times_by_a_letter_each() {
    let desk = check(SMALL, "b", &[]);
    desk.shows("until the customer writes").shows("tomorrow 09:00").shows("Mon 23 Nov 09:00").shows("today 15:30");
    let hour = 60;
    let until = |keys: &str| snoozed(&check(SMALL, keys, &["Snoozed"]))[0];
    assert_eq!(until("b n"), None);
    assert_eq!(until("b h"), Some(hour));
    assert_eq!(until("b t"), Some(18 * hour + 30));
    assert_eq!(until("b w"), Some((2 * 24 + 18) * hour + 30));
    check(SMALL, "b t", &["Snoozed"]).shows("Snoozed Andi Pratama until tomorrow 09:00 · z undoes it").shows_no("besok jam 7");
    check(SMALL, "enter b n", &["Snoozed"]).shows("Søren Lindqvist  @søren");
}

#[test]
fn a_snooze_until_a_date_shows_what_the_typed_words_mean() {
    check(SMALL, "b d", &[]).shows("snooze until").shows("tomorrow 09:00").shows("in 18 h");
    let desk = check(SMALL, "b d '24 nov 10:15'", &[]);
    desk.shows("Tue 24 Nov 10:15").shows("in 3 days").shows_no("tomorrow 09:00");
    check(SMALL, "b d 'nonsense' enter", &[]).shows("Not a time that can be read");
    check(SMALL, "b d 'today 9' enter", &[]).shows("it has passed");
    assert_eq!(snoozed(&check(SMALL, "b d 'mo' down enter", &["Snoozed"]))[0], Some((2 * 24 + 22) * 60 + 30));
}

#[test]
fn spam_leaves_the_list_and_comes_back_by_undo() {
    let spam = "conversation: ConversationId(1), act: Status(Spam, None), only_if: None";
    check(SMALL, "!", &[spam]).shows("Andi Pratama is spam now · z undoes it").shows_no("besok jam 7");
    check(SMALL, "! z", &[spam, "act: Status(Open, None), only_if: Some(Status(Spam, None))"]).shows("▌● P Andi Pratama");
}

#[test]
fn labels_are_turned_on_and_off_and_created_where_they_are_chosen() {
    let vip = "conversation: ConversationId(1), act: Label(\"vip\", true)";
    check(SMALL, "l", &[]).shows("[ ] refund").shows("[ ] vip");
    check(SMALL, "l 'vi' enter", &[vip]).shows("[x] vip");
    check(SMALL, "l 'vi' enter esc", &[vip]).shows_no("[x] vip");
    // What is on stands first.
    let desk = check(SMALL, "l 'vi' enter esc l", &[vip]);
    assert!(desk.find("[x] vip").unwrap().1 < desk.find("[ ] refund").unwrap().1);
    check(SMALL, "l 'vi' enter enter", &[vip, "Label(\"vip\", false)"]).shows("[ ] vip");
    check(SMALL, "l 'Refund'", &[]).shows_no("create the label");
    let desk = check(SMALL, "l 'late delivery'", &[]);
    desk.shows("create the label");
    let desk = check(SMALL, "l 'late delivery' enter", &["Label(\"late delivery\", true)"]);
    desk.shows("[x] late delivery").shows("[ ] refund").shows_no("create the label");
    check(SMALL, "l 'vi' enter esc z", &[vip, "Label(\"vip\", false)"]).shows("Undone");
}

#[test]
fn an_act_on_marked_rows_is_one_write_and_one_undo() {
    let desk = check(SMALL, "v v v", &[]);
    desk.shows("●◆P Andi Pratama").shows("3 marked").shows("▌  P Leila Haddad");
    let both = "Act { steps: [Step { conversation: ConversationId(1), act: Status(Resolved, None), only_if: None }, \
                Step { conversation: ConversationId(2), act: Status(Resolved, None), only_if: None }] }";
    let desk = check(SMALL, "v v e", &[both]);
    desk.shows("Resolved 2 conversations · z undoes it").shows("▌● P 佐藤 花子").shows_no("Andi Pratama").shows_no("marked");
    let desk = check(SMALL, "v v e z", &[both, "ConversationId(1), act: Status(Open, None)"]);
    desk.shows("Undone: Resolved 2 conversations").shows("▌● P Andi Pratama").shows("Søren");
}

#[test]
fn what_is_asked_about_marked_rows_says_how_many_and_what_they_have_in_common() {
    check(SMALL, "v v a", &[]).shows("assign to · 2 conversations").shows("nobody").shows_no("has it");
    check(SMALL, "j v v a", &[]).shows_no("nobody");
    check(SMALL, "v v p", &[]).shows("priority · 2 conversations").shows("none                                now");
    check(SMALL, "p h v v p", &["Priority(High)"]).shows_no(" now ");
    check(SMALL, "v v b", &[]).shows("snooze · 2 conversations");
    check(SMALL, "v v l", &[]).shows("labels · a new name creates one · 2 conversations");
}

#[test]
fn marks_stay_for_another_act_until_esc() {
    let desk = check(SMALL, "v v p h", &["Priority(High)"]);
    desk.shows("●◆P Andi Pratama").shows("The priority of 2 conversations is high now");
    check(SMALL, "v v p h l 'vip' enter esc", &["Priority(High)", "ConversationId(2), act: Label(\"vip\", true)"]);
    check(SMALL, "v v esc", &[]).shows_no("◆").shows_no("marked");
    check(SMALL, "v k v", &[]).shows_no("◆");
}

#[test]
fn a_range_and_all_rows_are_marked_by_a_key_each() {
    check(SMALL, "v j j V", &[]).shows("4 marked");
    check(SMALL, "V", &[]).shows("Mark where the range begins first: v marks a row");
    check(SMALL, "*", &[]).shows("8 marked");
    check(SMALL, "* *", &[]).shows_no("marked");
    check(SMALL, "enter v", &[]).shows("Only in the list");
    check(WIDE, "v enter e", &["Act { steps: [Step { conversation: ConversationId(2), act: Status(Resolved, None), only_if: None }] }"]);
    check(SMALL, "v tab shift-tab", &[]).shows_no("◆");
}

#[test]
fn what_is_marked_and_gone_is_acted_on_no_more() {
    let mut desk = Desk::open(SMALL);
    desk.keys("v v v").shows("3 marked");
    desk.row(ConversationId(2)).status = Status::Resolved;
    desk.turn(Msg::Changed(frontdesk::domain::hint::Hint::Everything));
    desk.answer_all();
    desk.shows("2 marked").shows_no("Søren");
}

#[test]
fn a_dot_repeats_the_last_act_on_the_selection() {
    check(SMALL, ".", &[]).shows("There is nothing to repeat yet");
    check(SMALL, "p h j .", &["ConversationId(1), act: Priority(High)", "ConversationId(2), act: Priority(High)"]);
    check(SMALL, "p h .", &["Priority(High)"]).shows("It is so already");
    check(SMALL, "e .", &["ConversationId(1), act: Status(Resolved", "ConversationId(2), act: Status(Resolved"]);
    check(SMALL, "l 'vip' enter esc j v v .", &["Label", "ConversationId(3), act: Label(\"vip\", true)"]);
    let mut desk = check(SMALL, "b h", &["Snoozed"]);
    desk.wait(Span::hours(2));
    desk.keys(".").shows("The time of the last snooze has passed");
}

#[test]
fn what_the_store_left_as_it_was_is_said_with_the_reason() {
    let mut desk = Desk::open(SMALL);
    desk.keys("v v");
    desk.key_now("e");
    let Effect::Write { ticket, .. } = desk.next_asked() else { panic!("a write comes first") };
    let why = "This customer has a newer open conversation: answer there.".to_owned();
    desk.turn(Msg::Wrote { ticket, result: Ok(Wrote::Acted { undo: Vec::new(), kept: Some((1, why)) }) });
    desk.answer_all();
    desk.shows("1 left unchanged: This customer has a newer open conversation").shows("Andi Pratama");
}

#[test]
fn undo_makes_it_what_it_was_in_the_store_and_leaves_alone_what_was_not_changed() {
    let acted = |keys: &str, result: Result<Wrote, String>| {
        let mut desk = Desk::open(SMALL);
        desk.keys(keys);
        let ticket = std::iter::from_fn(|| desk.asked.pop_front()).find_map(|asked| match asked {
            Effect::Write { ticket, .. } => Some(ticket),
            _ => None,
        });
        assert_eq!(ticket, None, "everything was answered");
        desk.wait(Span::millis(200));
        desk.key_now("e");
        let Some(Effect::Write { ticket, .. }) = desk.asked.pop_front() else { panic!("a write comes first") };
        desk.turn(Msg::Wrote { ticket, result });
        desk.answer_all();
        desk.keys("z");
        desk
    };
    let step = Step {
        conversation: ConversationId(2),
        act: Act::Status(Status::Pending, None),
        only_if: Some(Act::Status(Status::Resolved, None)),
    };
    let desk = acted("v v", Ok(Wrote::Acted { undo: vec![step], kept: None }));
    let last = format!("{:?}", desk.writes.last());
    assert!(last.contains("ConversationId(2), act: Status(Pending, None)") && !last.contains("ConversationId(1)"), "{last}");
    acted("", Ok(Wrote::Acted { undo: Vec::new(), kept: None })).shows("There is nothing to undo");
    acted("", Err("Called off".to_owned())).shows("There is nothing to undo");
}

#[test]
fn a_label_is_turned_under_the_name_it_is_stored_under_whatever_can_be_shown() {
    let mut desk = Desk::open(SMALL);
    desk.key_now("l");
    let Effect::Load { seq, .. } = desk.next_asked() else { panic!("the labels are asked for") };
    desk.turn(Msg::Loaded { seq, result: Ok(Loaded::Labels(vec!["vi\u{200d}p\u{202e}".to_owned()])) });
    desk.key_now("enter");
    let last = desk.writes.pop();
    assert!(matches!(&last, Some(Write::Act { steps }) if steps[0].act == Act::Label("vi\u{200d}p\u{202e}".to_owned(), true)), "{last:?}");
}

#[test]
fn marks_go_with_another_order_filter_or_view() {
    check(SMALL, "v v o", &[]).shows_no("marked");
    check(SMALL, "v v \\ 'is:unread' enter", &[]).shows_no("marked");
}

#[test]
fn marked_rows_are_told_from_the_selected_one() {
    insta::assert_snapshot!(check(SMALL, "j v v k", &[]).screen());
}

#[test]
fn the_snooze_menu_says_when_each_choice_comes_back() {
    insta::assert_snapshot!(check(WIDE, "b", &[]).screen());
}

#[test]
fn labels_are_chosen_from_a_list_with_boxes() {
    insta::assert_snapshot!(check(SMALL, "l 'v' enter 'x'", &["Label"]).screen());
}
