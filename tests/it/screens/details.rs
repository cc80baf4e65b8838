//! What is known about the customer, in the panel of wide screens and on top of narrow ones.

use frontdesk::app::effect::{Effect, Query};
use frontdesk::app::msg::Msg;
use frontdesk::domain::contact::{Earlier, Identity, Remark};
use frontdesk::domain::conversation::{Priority, Status};
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::{ChannelId, ConversationId, ServiceId, TicketId, VenueId};
use frontdesk::domain::queue::look::{Place, Range};
use frontdesk::domain::queue::{State, Ticket};

use super::desk::{Desk, ago};

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (160, 45);

/// A desk whose customers have two addresses, two other conversations, and notes.
fn known(size: (u16, u16)) -> Desk {
    let mut desk = Desk::open(size);
    let identity =
        |handle: &str, reachable| Identity { channel: ChannelId(1), provider: "pigeon".into(), handle: handle.into(), reachable };
    desk.details.identities = vec![identity("@andi", true), identity("+62 812 3456 789", false)];
    let earlier = |id, status, preview: &str| Earlier {
        id: ConversationId(id),
        number: id,
        status,
        last_at: ago(id * 5_000),
        preview: preview.into(),
    };
    desk.details.earlier = vec![earlier(4, Some(Status::Resolved), "see you on Saturday"), earlier(7, None, "terima kasih")];
    desk.details.notes =
        vec![Remark { author: "rio".into(), text: "regular, pays cash; prefers the clay court in the evening".into(), at: ago(60) }];
    let row = desk.row(ConversationId(1));
    row.priority = Priority::High;
    row.labels = vec!["regular".into(), "vip".into()];
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk
}

#[test]
fn a_ticket_in_a_queue_is_shown_beside_its_conversation() {
    let mut desk = known(LARGE);
    desk.details.ticket = Some(place());
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.shows("ticket SER-051").shows("Service motor · Care").shows("place 3 of 8 · ~10-15 min").shows_no("only the display");
    let told = |ticket: Ticket| Ticket { told: "display".to_owned(), ..ticket };
    desk.details.ticket = Some(Place { estimate: None, ticket: told(place().ticket), ..place() });
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.shows("place 3 of 8").shows("no counter").shows_no("10-15 min").shows("only the display");
    let called = Ticket { state: State::Called, ..place().ticket };
    desk.details.ticket = Some(Place { position: None, counter: "3".to_owned(), ticket: called, ..place() });
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.shows("called · counter 3");
}

fn place() -> Place {
    let ticket = Ticket {
        id: TicketId(1),
        venue: VenueId(1),
        service: ServiceId(1),
        issued_for: ServiceId(1),
        label: "SER-051".to_owned(),
        number: 51,
        day: 0,
        carried: false,
        state: State::Waiting,
        priority: frontdesk::domain::queue::Priority::Normal,
        arrived_at: ago(12),
        order_at: ago(12),
        first_called_at: None,
        called_at: None,
        recalls: 0,
        serving_at: None,
        ended_at: None,
        counter: None,
        parked_until: None,
        transfers: 0,
        phone: String::new(),
        name: String::new(),
        note: String::new(),
        language: String::new(),
        contact: None,
        conversation: Some(ConversationId(1)),
        told: String::new(),
        version: 0,
    };
    Place {
        venue: "Clinic".to_owned(),
        ticket,
        service: "Service motor".to_owned(),
        department: "Care".to_owned(),
        position: Some(3),
        total: 8,
        estimate: Some(Range { from: 10, to: 15 }),
        serving: String::new(),
        counter: String::new(),
        known: false,
        version: 0,
    }
}

fn asks_details(desk: &Desk) -> usize {
    desk.asked.iter().filter(|effect| matches!(effect, Effect::Load { query: Query::Details { .. }, .. })).count()
}

#[test]
fn the_panel_tells_addresses_state_other_conversations_and_notes() {
    insta::assert_snapshot!(known(LARGE).keys("enter").screen());
}

#[test]
fn a_narrow_screen_shows_the_details_on_top() {
    insta::assert_snapshot!(known(SMALL).keys("i").screen());
}

#[test]
fn another_conversation_of_the_contact_is_opened_from_the_details() {
    known((120, 40)).keys("i").shows_no("Enter open");
    known((120, 40)).keys("i j").shows("▌#4 · resolved").shows("Enter open");
    known(SMALL).keys("i j j").shows("▌#7 · merged");
    known(SMALL).keys("i j k").shows_no("▌#4");
    known(SMALL).keys("i j enter").shows("Leila Haddad  @leila");
    known(LARGE).keys("I j enter").shows("Leila Haddad  @leila");
    known(SMALL).keys("i enter").shows_no("details");
}

#[test]
fn details_are_asked_for_only_while_they_are_seen() {
    let mut desk = Desk::open(SMALL);
    desk.key_now("j");
    assert_eq!(asks_details(&desk), 0);
    desk.key_now("i");
    assert_eq!(asks_details(&desk), 1);
    desk.answer_all();
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(2))));
    assert_eq!(asks_details(&desk), 1, "it changed while it was looked at");
    desk.answer_all();
    desk.keys("esc");
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(2))));
    assert_eq!(asks_details(&desk), 0);
}

#[test]
fn details_that_cannot_be_read_are_not_asked_for_over_and_over() {
    let mut desk = Desk::open(LARGE);
    desk.key_now("j");
    let Effect::Load { seq, query: Query::Details { .. } } = desk.next_asked() else { panic!("the details come first") };
    desk.turn(Msg::Loaded { seq, result: Err("The disk is gone".to_owned()) });
    assert_eq!(asks_details(&desk), 0);
    desk.shows("The disk is gone");
    desk.keys("j");
    assert!(desk.asked.is_empty());
}

#[test]
fn waiting_and_a_closed_window_say_since_when() {
    let mut desk = Desk::open(LARGE);
    desk.row(ConversationId(1)).window = Some(frontdesk::domain::time::Span::minutes(1));
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.shows("closed today 14:29").shows("for 2m, since today 14:28");
    desk.row(ConversationId(1)).waiting_since = Some(ago(14 * 24 * 60));
    desk.turn(Msg::Changed(Hint::Everything));
    desk.answer_all();
    desk.shows("for 14d, since Fri 6 Nov");
}

#[test]
fn a_message_of_ours_tells_when_it_got_where_and_is_asked_again_when_it_got_further() {
    let mut desk = known(LARGE);
    desk.times[0].1 = Some(ago(60 * 24 + 25));
    desk.times[2].1 = Some(ago(60 * 24 + 20));
    // The reply of yesterday.
    desk.keys("enter k k k k").shows("sent      Thu 19 Nov 14:05").shows("read      Thu 19 Nov 14:10").shows_no("failed ");
    let asks = |desk: &Desk| desk.asked.iter().filter(|effect| matches!(effect, Effect::Load { query: Query::Times { .. }, .. })).count();
    desk.messages[1].delivery = frontdesk::domain::delivery::Delivery::Played;
    desk.turn(Msg::Changed(Hint::Conversation(ConversationId(1))));
    assert_eq!(asks(&desk), 0);
    desk.times[3].1 = Some(ago(5));
    desk.answer_all();
    desk.shows("played    Fri 20 Nov 14:25");
}
