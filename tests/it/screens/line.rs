//! The palette and the command line: what they find, complete, run and say.

use insta::assert_snapshot;

use frontdesk::app::effect::{Effect, Query};
use frontdesk::app::msg::{MouseAct, Msg};

use super::desk::{Desk, check, customer};

const SMALL: (u16, u16) = (80, 24);

#[test]
fn somebody_who_is_on_no_list_is_found_by_name_and_opened() {
    let mut desk = Desk::open(SMALL);
    desk.elsewhere.push(customer(77, "Zoë Quartz", "long ago", 60 * 24 * 90));
    desk.keys("ctrl-k 'Zo'").shows("Zoë Quartz").shows("#77");
    desk.keys("esc : 'open Zoë'").shows("Zoë Quartz");
    desk.key_now("enter");
    let asked = format!("{:?}", desk.asked);
    assert!(asked.contains("Numbered(77)"), "{asked}");
    desk.asked.clear();
    desk.keys(": 'open Xy' enter").shows("Nobody is found by Xy");
}

#[test]
fn the_palette_finds_commands_conversations_tabs_and_colleagues() {
    let rio = r#"ConversationId(1), act: Assign(Some((AgentId(8), "rio")))"#;
    check(SMALL, "ctrl-k 'rio'", &[]).shows("colleagues 1").shows("▌Assign to rio");
    check(SMALL, "ctrl-k 'rio' enter", &[rio]);
    check(SMALL, "ctrl-k 'soren' enter", &[]).shows("Søren Lindqvist  @søren");
    check(SMALL, "ctrl-k '@leila' enter", &[]).shows("Leila Haddad  @leila");
    check(SMALL, "ctrl-k '#4' enter", &[]).shows("Leila Haddad  @leila");
    check(SMALL, "ctrl-k 'unatt' enter", &[]).shows("▌Unatt");
    check(SMALL, "ctrl-k 'xyzxyz' enter", &[]).shows("Nothing here has these letters.");
}

#[test]
fn the_palette_offers_first_what_was_used_lately() {
    let desk = check(SMALL, "ctrl-k 'reopen' esc ctrl-k 'channels' enter esc ctrl-k", &[]);
    desk.shows("used lately 1").shows("▌Channels and their health");
}

#[test]
fn a_found_section_says_how_many_match() {
    assert_snapshot!(Desk::open(SMALL).keys("ctrl-k 'an'").screen());
}

#[test]
fn a_click_runs_a_row_of_the_palette_and_none_its_headings() {
    let mut desk = Desk::open(SMALL);
    desk.keys("ctrl-k 'rio'");
    let (x, y) = desk.find("colleagues 1").unwrap();
    desk.mouse(MouseAct::Press, x, y);
    desk.shows("colleagues 1");
    desk.mouse(MouseAct::Press, x, y + 1);
    desk.shows("is with rio now");
}

#[test]
fn the_command_line_runs_a_command_with_what_stands_after_it() {
    let rio = r#"ConversationId(1), act: Assign(Some((AgentId(8), "rio")))"#;
    check(SMALL, ": 'assign rio' enter", &[rio]);
    check(SMALL, ": 'assign ri' enter", &[rio]);
    check(SMALL, "j : 'assign me' enter", &[r#"ConversationId(2), act: Assign(Some((AgentId(7), "ayu")))"#]);
    check(SMALL, ": 'assign nobody' enter", &["ConversationId(1), act: Assign(None)"]);
    check(SMALL, ": 'priority high' enter", &["ConversationId(1), act: Priority(High)"]);
    check(SMALL, ": 'label vip' enter", &[r#"ConversationId(1), act: Label("vip", true)"#]);
    check(SMALL, ": 'snooze tomorrow 9' enter", &["ConversationId(1), act: Status(Snoozed, Some("]);
    check(SMALL, ": 'filter leila' enter", &[]).shows("Leila Haddad").shows_no("Chiara Rossi");
    check(SMALL, ": 'tab mine' enter", &[]).shows("▌Mine 1");
    check(SMALL, ": 'open 4' enter", &[]).shows("Leila Haddad  @leila");
    check(SMALL, ": 'open leila' enter", &[]).shows("Leila Haddad  @leila");
}

#[test]
fn what_a_line_cannot_do_is_said_on_the_line_and_stays_typed() {
    check(SMALL, ": 'assign zed' enter", &[]).shows("No colleague is called zed").shows(": assign zed");
    check(SMALL, ": 'snooze 30 feb' enter", &[]).shows(": snooze 30 feb");
    check(SMALL, ": 'reopen' enter", &[]).shows("It is open already").shows(": reopen");
    check(SMALL, ": 'resolve it' enter", &[]).shows("Nothing may stand after resolve");
    check(SMALL, ": 'qqqq' enter", &[]).shows("There is no such command");
    check(SMALL, ": 'assign zed' enter backspace", &[]).shows_no("No colleague is called");
}

#[test]
fn tab_completes_a_name_and_then_what_may_stand_after_it() {
    check(SMALL, ": 'prio' tab", &[]).shows(": priority ").shows("urgent");
    check(SMALL, ": 'prio' tab tab", &[]).shows(": priority urgent");
    check(SMALL, ": 'prio' tab tab tab", &[]).shows(": priority high");
    check(SMALL, ": 'prio' tab tab tab shift-tab", &[]).shows(": priority urgent");
    check(SMALL, ": 'prio' tab tab enter", &["ConversationId(1), act: Priority(Urgent)"]);
}

#[test]
fn the_arrows_find_earlier_lines_that_begin_with_what_is_typed() {
    let keys = ": 'priority high' enter : 'tab all' enter : ";
    let writes = ["ConversationId(1), act: Priority(High)"];
    check(SMALL, &format!("{keys} up"), &writes).shows(": tab all");
    check(SMALL, &format!("{keys} up up"), &writes).shows(": priority high");
    check(SMALL, &format!("{keys} up up down"), &writes).shows(": tab all");
    check(SMALL, &format!("{keys} 'pr' up"), &writes).shows(": priority high");
    check(SMALL, &format!("{keys} 'pr' up down"), &writes).shows_no("priority high").shows(": pr");
}

#[test]
fn the_command_line_says_what_a_command_takes() {
    assert_snapshot!(Desk::open(SMALL).keys(": 'assign '").screen());
}

#[test]
fn a_number_that_is_not_on_the_list_is_looked_up() {
    let mut desk = Desk::open(SMALL);
    desk.keys(": 'open 42'");
    desk.key_now("enter");
    let asked = std::iter::from_fn(|| desk.asked.pop_front());
    let Some(Effect::Load { seq, .. }) = asked.filter(|effect| matches!(effect, Effect::Load { query: Query::Numbered(42), .. })).last()
    else {
        panic!("it is not asked for")
    };
    desk.turn(Msg::Loaded { seq, result: Err("There is no conversation #42".to_owned()) });
    desk.shows("There is no conversation #42");
}
