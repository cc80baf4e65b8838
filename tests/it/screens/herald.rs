//! A provider like those that let one write freely for a day only, and then by approved templates: the screens of closed windows, and of
//! templates picked, filled and sent.

use frontdesk::app::Setup;
use frontdesk::app::effect::{Effect, Write};
use frontdesk::app::msg::{Input, Msg};
use frontdesk::domain::attachment::FileKind;
use frontdesk::domain::channel::{Capabilities, Field, FileTypes, Provider};
use frontdesk::domain::conversation::Summary;
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::ConversationId;
use frontdesk::domain::message::Direction;
use frontdesk::domain::template::{Button, Category, Fills, Header, Status, Template};
use frontdesk::domain::time::Span;

use super::desk::{Desk, ago, said, setup};

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (160, 45);

static CAPABILITIES: Capabilities = Capabilities {
    text_limit: 4096,
    caption_limit: 1024,
    upload_limit: 50_000_000,
    file_types: &[FileTypes { title: "JPEG pictures and PDF", mimes: &["image/jpeg", "application/pdf"], limit: 1_000_000 }],
    download_limit: 20_000_000,
    reply_to: true,
    react: true,
    receipts: true,
    wide_ids: true,
    read_receipts: true,
    location: true,
    templates: true,
    window: Some(Span::hours(24)),
    ..Capabilities::NONE
};

static HERALD: Provider = Provider {
    name: "herald",
    title: "Herald",
    letter: 'H',
    fields: &[Field { name: "token", title: "Token", help: "from the herald's console", secret: true, default: None }],
    capabilities: &CAPABILITIES,
};

fn template(name: &str, language: &str, body: &str) -> Template {
    Template {
        name: name.to_owned(),
        language: language.to_owned(),
        status: Status::Approved,
        body: body.to_owned(),
        ..Template::default()
    }
}

pub fn templates() -> Vec<Template> {
    vec![
        Template { category: Category::Marketing, ..template("autumn_offer", "en", "Courts are half price until {{1}}.") },
        Template {
            header: Header::Text("Hello {{first_name}}".to_owned()),
            footer: "Arena Satu".to_owned(),
            buttons: vec![Button { text: "See it".to_owned(), fills: Some(Fills::Url) }],
            ..template("booking_confirmed", "en_US", "Court {{court}} is yours on {{day}}.")
        },
        template("booking_confirmed", "id", "Lapangan {{1}} untuk {{2}} sudah dipesan."),
        Template { status: Status::Paused, reason: "customers reported it".to_owned(), ..template("come_back", "id", "Kangen?") },
        Template { status: Status::Pending, ..template("new_hours", "id", "Jam buka baru") },
        template("still_there", "id", "Masih di sana?"),
        Template { header: Header::File(FileKind::Photo), ..template("the_map", "id", "Denah lapangan") },
        Template { header: Header::Location, ..template("where_we_are", "id", "Kami di sini.") },
    ]
}

/// A desk whose first customer is on the herald and wrote so long ago.
pub fn wrote(size: (u16, u16), since: Span) -> Desk {
    let mut desk = Desk::open_with(Setup { providers: vec![&super::desk::PROVIDER, &HERALD], ..setup() }, size);
    desk.templates.templates = templates();
    desk.templates.language = "id".to_owned();
    let now = desk.cx.now;
    let row = first(&mut desk);
    row.provider = "herald".to_owned();
    row.window = Some(Span::hours(24));
    row.last_inbound_at = Some(now.minus(since));
    again(&mut desk);
    desk
}

pub fn closed(size: (u16, u16)) -> Desk {
    wrote(size, Span::hours(27))
}

fn first(desk: &mut Desk) -> &mut Summary {
    desk.row(ConversationId(1))
}

fn again(desk: &mut Desk) {
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
}

/// The template that was sent last: name, language, values.
fn sent(desk: &Desk) -> Option<(String, String, Vec<String>)> {
    desk.writes.iter().rev().find_map(|write| match write {
        Write::Template { name, language, values, .. } => {
            Some((name.clone(), language.clone(), values.iter().map(|(label, value)| format!("{label}={value}")).collect()))
        }
        _ => None,
    })
}

/// A closed window, keys, and the values that are sent then.
#[track_caller]
fn sends(keys: &str, name: &str, values: &[&str]) {
    let mut desk = closed(SMALL);
    desk.keys(keys);
    let (got, _, with) = sent(&desk).expect("a template is sent");
    assert_eq!((got.as_str(), with.iter().map(String::as_str).collect::<Vec<_>>()), (name, values.to_vec()), "{keys}");
}

#[test]
fn what_is_left_of_a_window_is_told_in_list_header_and_composer_and_counts_down() {
    let mut desk = wrote(LARGE, Span::minutes(21 * 60));
    desk.shows("◔ 3h");
    desk.keys("r").shows("window 2h 59m");
    insta::assert_snapshot!("an_open_window_counts_down_in_three_places", desk.screen());
    desk.wait(Span::minutes(1));
    desk.shows("window 2h 58m").shows("◔ 2h");
    assert!(!wrote(LARGE, Span::hours(19)).screen().contains('◔'), "five hours are no matter of urgency");
}

#[test]
fn a_reply_to_a_closed_window_is_refused_with_the_key_that_helps() {
    closed(SMALL).keys("r").shows("The reply window closed 3h ago: pick a template (t)");
    closed(SMALL).keys("enter r").shows("The reply window closed 3h ago: pick a template (t)");
    closed(SMALL).shows("○").shows_no("✗");
    let mut desk = closed(SMALL);
    desk.draft = "half a thought".to_owned();
    desk.keys("enter alt-t").shows_no("template ·");
    // A channel without templates says what it said before.
    let mut other = Desk::open(SMALL);
    other.row(ConversationId(1)).window = Some(Span::minutes(1));
    again(&mut other);
    other.keys("r").shows("the customer has to write first");
    other.keys("t").shows("Pigeon has no templates: write a reply");
}

#[test]
fn a_window_that_closes_while_one_writes_offers_templates_and_keeps_the_draft() {
    let mut desk = wrote(SMALL, Span::minutes(24 * 60 - 1));
    desk.keys("r 'Besok masih ada'");
    desk.wait(Span::millis(56_900));
    desk.answer_all();
    desk.shows("the reply window closed: pick a template").shows("booking_confirmed");
    insta::assert_snapshot!("a_window_that_closes_while_one_writes_turns_into_the_picker", desk.screen());
    // What is typed on without looking belongs to the draft, and chooses nothing.
    desk.key_now("!");
    desk.key_now("enter");
    desk.shows("the reply window closed");
    desk.turn(Msg::Input(Input::Paste(" Jam 7".to_owned())));
    desk.shows("booking_confirmed");
    desk.keys("esc").shows("Besok masih ada!").shows(" Jam 7").shows("window closed: Alt-T picks a template");
    desk.wait(Span::minutes(5));
    desk.shows_no("pick a template ·");
    desk.keys("ctrl-x").shows("pick a template (Alt-T)");
    assert!(!desk.writes.iter().any(|write| matches!(write, Write::Reply { .. })));
}

#[test]
fn a_reply_that_failed_for_its_window_offers_a_template() {
    let mut desk = closed(SMALL);
    let mut failed = said(900, ConversationId(1), Direction::Out, "ayu", "Masih ada kak", ago(1));
    failed.delivery = Delivery::Failed;
    failed.reason = "the reply window is closed".to_owned();
    desk.messages.push(failed);
    desk.keys("enter").shows("the reply window is closed  t picks a template");
    desk.keys("t").shows("booking_confirmed");
}

#[test]
fn templates_are_in_the_customers_language_first_and_those_that_cannot_be_sent_last_with_the_reason() {
    let mut desk = closed(SMALL);
    desk.keys("t");
    insta::assert_snapshot!("a_template_is_picked_with_its_message_below", desk.screen());
    let order: Vec<u16> = ["still_there", "autumn_offer", "come_back"].iter().map(|name| desk.find(name).unwrap().1).collect();
    assert!(order.is_sorted(), "{order:?}");
    desk.shows("paused: customers reported it").shows("waiting for approval");
    desk.keys("'come' enter").shows("come_back cannot be sent now (paused: customers reported it): choose another");
    insta::assert_snapshot!("a_template_is_picked_on_a_large_screen", closed(LARGE).keys("t 'bo'").screen());
}

#[test]
fn a_channel_without_templates_yet_says_where_they_come_from() {
    let mut desk = closed(SMALL);
    desk.templates.templates.clear();
    desk.keys("t").shows("The provider has no template for this channel yet");
    closed(SMALL).keys("t 'zzzz'").shows("No template has these letters.");
    closed(SMALL).keys("t 'zzzz' enter").shows("No template has these letters.");
}

#[test]
fn the_places_of_a_template_are_filled_and_seen_in_the_message() {
    let mut desk = closed(SMALL);
    desk.keys("t 'booking en' enter");
    // The name is known; what comes after it is asked.
    desk.shows("Hello Andi").shows("Court {{court}} is yours");
    desk.keys("'7' enter 'Saturday'").shows("Court 7 is yours on Saturday.");
    insta::assert_snapshot!("the_values_of_a_template_are_typed_over_its_message", desk.screen());
    sends(
        "t 'booking en' enter '7' enter 'Saturday' enter 'abc' enter",
        "booking_confirmed",
        &["header.first_name=Andi", "court=7", "day=Saturday", "button.0=abc"],
    );
    sends("t 'still' enter enter", "still_there", &[]);
    sends("t 'booking id' enter '{{number}}' enter '{{first_name}} {{agent}}' enter", "booking_confirmed", &["1=1", "2=Andi ayu"]);
}

#[test]
fn a_sent_template_is_on_the_screen_at_once_and_is_taken_back_with_one_key() {
    let mut desk = closed(SMALL);
    desk.keys("enter t 'still' enter enter").shows("[still_there]").shows("takes it back");
    assert!(desk.keys("z").writes.iter().any(|write| matches!(write, Write::TakeBack { .. })));
}

#[test]
fn t_06_what_is_missing_or_unfit_is_said_at_its_own_place_before_anything_is_sent() {
    let mut desk = closed(SMALL);
    desk.keys("t 'booking id' enter '7' enter enter").shows("is missing");
    assert!(sent(&desk).is_none());
    desk.keys("'a     b' enter").shows("the provider refuses more than four blanks in a row");
    assert!(sent(&desk).is_none());
    desk.keys("backspace backspace backspace 'b' enter");
    assert!(sent(&desk).is_some());
}

#[test]
fn what_was_typed_into_a_template_is_there_when_it_is_picked_again() {
    let mut desk = closed(SMALL);
    desk.keys("t 'booking id' enter '7' esc").shows("booking_confirmed");
    desk.keys("enter").shows("Lapangan 7 untuk");
    desk.keys("esc esc t 'booking id' enter").shows("Lapangan 7 untuk");
}

#[test]
fn a_template_that_could_not_be_stored_comes_back_with_its_values() {
    let mut desk = closed(SMALL);
    desk.keys("t 'booking id' enter '7' enter 'Sabtu'");
    desk.key_now("enter");
    let ticket = loop {
        if let Effect::Write { ticket, write: Write::Template { .. } } = desk.next_asked() {
            break ticket;
        }
    };
    desk.turn(Msg::Wrote { ticket, result: Err("Not sent: the database is busy".to_owned()) });
    desk.answer_all();
    desk.shows("Not sent: the database is busy").shows("Lapangan 7 untuk Sabtu");
    let keys: Vec<String> = [1, 2]
        .map(|_| {
            let key = desk.writes.iter().rev().find_map(|write| match write {
                Write::Template { client_key, .. } => Some(client_key.clone()),
                _ => None,
            });
            desk.keys("enter");
            key.expect("a template")
        })
        .to_vec();
    assert_eq!(keys[0], keys[1], "it is the same message however often it is tried");
}

#[test]
fn a_file_or_a_place_over_the_text_is_asked_for() {
    let mut desk = closed(SMALL);
    desk.keys("t 'map' enter enter").shows("the template shows").shows("photo");
    assert!(sent(&desk).is_none());
    desk.keys("'~/map.png' enter");
    assert!(desk.writes.iter().any(|write| matches!(write, Write::Template { file: Some(path), .. } if path.ends_with("map.png"))));
    let mut desk = closed(SMALL);
    desk.keys("t 'where' enter 'nowhere' enter").shows("degrees north, degrees east and a name");
    desk.keys("ctrl-u '-6.2 106.8 Arena' enter");
    let there = |write: &Write| matches!(write, Write::Template { spot: Some(spot), .. } if spot.name == "Arena" && spot.latitude < -6.0);
    assert!(desk.writes.iter().any(there), "{:?}", desk.writes);
}

#[test]
fn t_14_no_advertising_goes_to_who_wants_none_and_other_templates_do() {
    let mut desk = closed(SMALL);
    desk.templates.opted_out_at = Some(ago(600));
    desk.keys("t 'autumn'").shows("they want no advertising");
    desk.keys("enter").shows("autumn_offer cannot be sent now (they want no advertising)");
    desk.keys("esc t 'still' enter enter");
    assert_eq!(sent(&desk).unwrap().0, "still_there");
}

#[test]
fn a_place_is_sent_where_the_channel_takes_places() {
    let place = |size_since: Span, line: &str| {
        let mut desk = wrote(SMALL, size_since);
        desk.keys(&format!(": 'location {line}' enter"));
        desk
    };
    let desk = place(Span::hours(1), "-6.2 106.8 Arena Satu");
    assert!(desk.writes.iter().any(|write| matches!(write, Write::Location { spot, .. } if spot.name == "Arena Satu")));
    place(Span::hours(1), "here").shows("a place is degrees north, degrees east and a name");
    place(Span::hours(27), "-6.2 106.8").shows("pick a template");
    Desk::open(SMALL).keys(": 'location 1 2' enter").shows("Pigeon takes no places on the map");
}

#[test]
fn what_the_marks_of_our_messages_mean_stands_in_the_help() {
    let mut desk = wrote(SMALL, Span::hours(1));
    for (n, delivery) in [Delivery::Sent, Delivery::Delivered, Delivery::Read, Delivery::Played].into_iter().enumerate() {
        let n = n as i64;
        let mut message = said(900 + n, ConversationId(1), Direction::Out, "ayu", &format!("reply {n}"), ago(60 - 10 * n));
        message.delivery = delivery;
        desk.messages.push(message);
    }
    desk.keys("enter").shows("✓▸");
    desk.keys("?").shows("✓ sent").shows("✓✓ delivered").shows("✓▸ played");
}

#[test]
fn a_file_that_the_channel_does_not_take_is_refused_when_it_is_attached() {
    let attached = |name: &str| {
        let mut desk = wrote(SMALL, Span::hours(1));
        desk.keys(&format!("r ctrl-o '{name}' enter"));
        desk
    };
    attached("film").shows("Not attached: film.mp4 is of a type that Herald does not take, only JPEG pi").shows_no("[film");
    attached("~/Pictures/co").shows("Not attached: court.jpg is 2.1 MB, Herald takes JPEG pictures and PDF up to").shows_no("[court");
    attached("inv").shows("[invoice.pdf");
}
