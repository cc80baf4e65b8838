//! One template to many people from the marked rows: asked with numbers, watched, paused and called off.

use frontdesk::app::effect::{BulkProgress, Write};
use frontdesk::app::msg::Msg;
use frontdesk::domain::bulk::{Bulk, Counts, Fate, Forecast, Limit, State};
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::{BulkId, ChannelId};
use frontdesk::domain::time::Span;

use super::desk::{Desk, ago};
use super::herald::{closed, templates};

const SMALL: (u16, u16) = (80, 24);

/// A desk whose customers are all on the herald, and keys.
fn with(keys: &str) -> Desk {
    let mut desk = closed(SMALL);
    for row in &mut desk.rows {
        row.provider = "herald".to_owned();
    }
    desk.forecast = Forecast { will: 6, begins: 5, room: Some(250), skipped: vec![("they want no advertising".to_owned(), 1)] };
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.keys(keys);
    desk
}

fn progress(state: State, waiting: u64, sent: u64) -> BulkProgress {
    let mut counts = Counts::default();
    counts.add(Fate::Waiting, waiting);
    counts.add(Fate::Sent, sent);
    counts.add(Fate::Skipped, 2);
    let bulk = Bulk {
        id: BulkId(1),
        channel: ChannelId(1),
        name: "autumn".to_owned(),
        template: templates().remove(0),
        state,
        reason: String::new(),
        waits_until: None,
        limit: Limit::Percent(10),
        created_at: ago(10),
        updated_at: ago(1),
        forgiven: (0, 0),
    };
    BulkProgress { bulk, counts }
}

#[test]
fn the_marked_get_a_template_after_the_numbers_were_told_and_a_yes() {
    let mut desk = with("* : 'bulk' enter 'booking en' enter");
    desk.shows("to 8 conversations").shows("{{first_name}}");
    desk.keys("'7' enter 'Saturday' enter 'x' enter");
    desk.shows("6 will get it").shows("1 will not: they want no advertising").shows("Court 7 is yours on Saturday.");
    insta::assert_snapshot!("a_bulk_send_tells_its_numbers_before_it_begins", desk.screen());
    desk.keys("y").shows("bulk sends");
    let Some(Write::StartBulk { people, .. }) = desk.writes.last() else { panic!("{:?}", desk.writes) };
    let named = |name: &str| people.iter().any(|person| person.values.iter().any(|(_, value)| value == name));
    assert!(named("Andi") && named("Søren"), "each is called by their own name: {people:?}");
}

#[test]
fn the_key_of_templates_is_about_all_marked_rows() {
    with("* t").shows("template to 8 conversations");
    // In an open thread it is about that one.
    with("* enter t").shows("template · Andi Pratama");
    let mut desk = with("");
    desk.rows[1].channel = ChannelId(2);
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.keys("* t").shows("They are on different channels");
}

#[test]
fn whose_name_nobody_knows_is_left_out_and_counted() {
    let mut desk = with("* : 'bulk' enter 'booking en' enter '7' enter 'Saturday' enter 'x' enter");
    desk.shows("1 will not: {{first_name}} is not known");
    desk.keys("n").shows_no("will get it");
    assert!(!desk.writes.iter().any(|write| matches!(write, Write::StartBulk { .. })), "anything but yes is no");
}

#[test]
fn a_bulk_send_needs_marked_rows_of_one_channel_with_templates() {
    with(": 'bulk' enter").shows("Mark the conversations first: v marks a row");
    let mut desk = with("");
    desk.rows[1].channel = ChannelId(2);
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.keys("* : 'bulk' enter").shows("They are on different channels");
    Desk::open(SMALL).keys("v : 'bulk' enter").shows("Pigeon has no templates");
}

#[test]
fn a_running_bulk_send_shows_its_pace_and_the_time_left() {
    let mut desk = with("");
    desk.bulks = vec![progress(State::Running, 90, 8)];
    desk.keys(": 'bulks' enter").shows("its pace is being measured");
    desk.wait(Span::secs(60));
    desk.bulks = vec![progress(State::Running, 60, 38)];
    desk.turn(Msg::Changed(Hint::Status));
    desk.answer_all();
    desk.shows("40/100").shows("a minute").shows("left");
    insta::assert_snapshot!("a_bulk_send_shows_how_far_it_is", desk.screen());
}

#[test]
fn a_bulk_send_is_paused_resumed_and_called_off_after_a_yes() {
    let asked = |state, keys: &str| {
        let mut desk = with("");
        desk.bulks = vec![progress(state, 90, 8)];
        desk.keys(&format!(": 'bulks' enter {keys}"));
        format!("{:?}", desk.writes.last())
    };
    assert!(asked(State::Running, "b").contains("PauseBulk"));
    assert!(asked(State::Paused, "b").contains("ResumeBulk"));
    assert!(asked(State::Running, "x y").contains("CancelBulk"));
    assert!(!asked(State::Running, "x n").contains("CancelBulk"));
    assert!(!asked(State::Done, "b").contains("Bulk {"));
}
