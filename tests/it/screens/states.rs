//! The states of the panes that no other test looks at, at the three sizes people have: each picture is named for the fact it holds.

use frontdesk::app::effect::Syncing;
use frontdesk::app::msg::Msg;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::lease::{Holder, Program, SILENT};
use frontdesk::domain::time::Span;
use insta::assert_snapshot;

use super::desk::Desk;

const SMALL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (120, 40);
const HUGE: (u16, u16) = (200, 60);

/// A picture of the screen after some keys.
macro_rules! looks {
    ($($(#[$doc:meta])* $name:ident: $size:expr, $keys:expr;)*) => {
        $(
            $(#[$doc])*
            #[test]
            fn $name() {
                assert_snapshot!(Desk::open($size).keys($keys).screen());
            }
        )*
    };
}

looks! {
    the_selected_row_has_a_marker_and_keeps_its_words: SMALL, "j j";
    the_thread_fills_what_the_list_leaves: WIDE, "j enter";
    a_huge_screen_keeps_the_thread_readable: HUGE, "enter";
    the_composer_takes_the_foot_of_the_thread_and_no_more: WIDE, "r 'one' enter 'two' enter 'three'";
    a_reply_on_a_huge_screen_names_its_recipient: HUGE, "r 'Bisa'";
    a_note_beside_the_list_says_so_in_its_rule: WIDE, "c 'pays cash'";
    a_quoted_reply_names_what_it_answers: SMALL, "enter k >";
    a_draft_waits_in_the_row_it_belongs_to: SMALL, "r 'later' esc q";
    a_priority_is_one_letter: SMALL, "p";
    a_colleague_is_chosen_by_letters: WIDE, "a 'r'";
    a_snooze_is_chosen_beside_the_thread: WIDE, "enter b";
    what_is_typed_as_a_time_is_read_at_once: SMALL, "b d 'fri 14:00'";
    labels_stand_over_the_thread: WIDE, "enter l";
    a_resolved_conversation_leaves_and_says_how_to_undo: SMALL, "e";
    nothing_is_undone_twice: SMALL, "e z z";
    a_refusal_says_why_in_one_line: SMALL, "j j j j r";
    longest_waiting_first_says_so_above_the_list: WIDE, "o";
    a_filter_that_finds_nothing_says_what_to_do: SMALL, "f 'nobody has this name' enter";
    an_empty_tab_on_a_wide_screen_says_what_to_do: WIDE, "g d";
    drafts_are_a_list_of_their_own: SMALL, "r 'later' esc q g d";
    the_palette_finds_people_and_commands: WIDE, "ctrl-k 'le'";
    the_command_line_completes_names: WIDE, ": 'assign '";
    the_search_stands_over_a_huge_screen: HUGE, "/";
    a_reaction_is_chosen_from_a_few: SMALL, "enter k k +";
    deleting_for_the_customer_asks_first: WIDE, "enter k k k k k x";
    channels_stand_over_a_wide_screen: WIDE, ": 'channels' enter";
    help_stands_beside_what_it_explains: WIDE, "?";
    themes_are_chosen_by_looking: SMALL, ": 'theme' enter";
    what_can_be_copied_is_offered: SMALL, "enter y";
}

#[test]
fn who_syncs_in_place_of_this_screen_is_named_and_asked_for_again_when_it_says_nothing() {
    let mut desk = Desk::open(SMALL);
    let now = desk.cx.now;
    let program = Program { kind: "serve".to_owned(), host: "desk-1".to_owned(), pid: 42 };
    desk.status.syncing = Syncing::Elsewhere;
    desk.status.holder = Some(Holder { program, since: now, beat_at: now });
    desk.turn(Msg::Changed(Hint::Status));
    desk.answer_all();
    desk.shows("serve on desk-1 syncs");
    desk.keys(": 'channels' enter").shows("serve on desk-1 (process 42) syncs; last beat");
    desk.keys("esc");
    let wakes = desk.app.wake_at().expect("it looks again");
    assert!(wakes <= now.plus(SILENT).plus(Span::secs(1)), "{wakes:?}");
    // Nothing tells of a beat, and nothing tells that there is none any more: it is looked for.
    desk.wait(Span::minutes(2));
    desk.answer_all();
    desk.shows("serve on desk-1 silent for 2m");
}
