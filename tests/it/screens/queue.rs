//! The queue's consoles: what each key asks of the store, what is told, and what is read when.

use frontdesk::app::effect::{Effect, Query, QueuePage, Write, Wrote};
use frontdesk::app::msg::{Input, Msg};
use frontdesk::app::{App, Setup};
use frontdesk::config::Notify;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::{CounterId, ServiceId, TicketId, VenueId};
use frontdesk::domain::queue::look::{Answer, Ask, Finish, Happened};
use frontdesk::domain::queue::{Act, CounterState, Place, Priority, State, Ticket};
use frontdesk::domain::time::Span;

use super::desk::{Desk, NOW, ago, setup};
use super::queue_store::{CS, SER, TEL, clinic, free, ticket, watched};

const SMALL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (160, 45);

/// A desk in its queue, and keys.
pub fn with(size: (u16, u16), queue: QueuePage, keys: &str) -> Desk {
    let mut desk = Desk::open(size);
    desk.queue = queue;
    desk.keys(&format!("g q {keys}"));
    desk
}

/// What was asked of the queue.
fn asked(desk: &Desk) -> Vec<Ask> {
    let ask = |write: &Write| if let Write::Queue(ask) = write { Some((**ask).clone()) } else { None };
    desk.writes.iter().filter_map(ask).collect()
}

/// The last of it.
fn last(desk: &Desk) -> Ask {
    asked(desk).pop().unwrap_or_else(|| panic!("nothing was asked:\n{}", desk.screen()))
}

fn act(id: i64, version: i64, act: Act) -> Ask {
    Ask::Act { ticket: TicketId(id), version: Some(version), act, counter: None, service: None }
}

/// At 80 columns, in the clinic, these keys ask this.
#[track_caller]
fn check(queue: QueuePage, keys: &str, want: impl std::borrow::Borrow<Ask>) -> Desk {
    let desk = with(SMALL, queue, keys);
    assert_eq!(&last(&desk), want.borrow(), "{keys}");
    desk
}

fn loads(desk: &Desk) -> usize {
    let of_queue = |effect: &&Effect| matches!(effect, Effect::Load { query: Query::Queue { .. }, .. });
    desk.asked.iter().filter(of_queue).count()
}

/// The console changes, and this screen is told.
fn change(desk: &mut Desk, how: impl FnOnce(&mut frontdesk::domain::queue::look::Console)) {
    let console = desk.queue.console.as_mut().unwrap();
    console.version += 1;
    how(console);
    desk.turn(Msg::Changed(Hint::Queue(VenueId(1))));
    desk.answer_all();
}

#[test]
fn every_verb_asks_with_the_version_that_was_seen() {
    check(clinic(), "r", act(42, 2, Act::Recall)).shows("SER-042 is called again");
    check(clinic(), "s", act(42, 2, Act::Start)).shows("SER-042 is being served").shows("SERVING  SER-042");
    check(clinic(), "e", act(42, 2, Act::Serve)).shows("SER-042 is served").shows("NOBODY HERE");
    check(clinic(), "x", act(42, 2, Act::NoShow)).shows("SER-042 did not come");
    check(clinic(), "b 1", act(42, 2, Act::Park(Some(NOW.plus(Span::millis(600_600)))))).shows("parked until 14:40");
    check(clinic(), "b n", act(42, 2, Act::Park(None)));
    check(clinic(), "b f", act(42, 2, Act::Return(Place::First))).shows("SER-042 waits again, as number 1");
    check(clinic(), "b l", act(42, 2, Act::Return(Place::Last)));
    check(clinic(), "j p u", Ask::Prefer { ticket: TicketId(9), version: Some(1), priority: Priority::Urgent }).shows("CS-009: urgent");
    let to_teller = Ask::Act { ticket: TicketId(42), version: Some(2), act: Act::Transfer, counter: None, service: Some(TEL) };
    check(clinic(), "t 2", to_teller).shows("SER-042 waits for Teller now");
    let here = Ask::Act { ticket: TicketId(12), version: Some(1), act: Act::Call, counter: Some(CounterId(3)), service: None };
    check(free(), "j a", here).shows("CALLED  TEL-112");
    let there = Ask::Act { ticket: TicketId(12), version: Some(1), act: Act::Call, counter: Some(CounterId(5)), service: None };
    check(free(), "j M 2", there).shows("TEL-112 is called to counter 5");
    check(free(), "B", Ask::Counter { counter: CounterId(3), state: CounterState::Break }).shows("You are on break");
    check(free(), "O 3 c", Ask::Counter { counter: CounterId(3), state: CounterState::Closed }).shows("NO COUNTER");
    check(watched(), "A enter", Ask::Counter { counter: CounterId(6), state: CounterState::Open });
    check(watched(), "A 6", Ask::Counter { counter: CounterId(6), state: CounterState::Open })
        .shows("Counter 6 is open")
        .shows("THIS COUNTER");
}

#[test]
fn space_calls_the_next_one_and_selects_whoever_was_called() {
    let desk = check(free(), "j j space", Ask::Next { counter: CounterId(3), there: None, finish: None });
    desk.shows("CALLED  CS-009").shows("CS-009 is called to counter 3 · z takes it back");
    let mut desk = desk;
    desk.keys("s");
    assert_eq!(last(&desk), act(9, 2, Act::Start));
}

#[test]
fn k_03_whoever_is_still_there_is_asked_about_before_the_next_is_called() {
    let desk = with(SMALL, clinic(), "space");
    desk.shows("SER-042 is still here").shows("served: call the next").shows("park it").shows("nobody came");
    assert_eq!(asked(&desk), []);
    for (key, finish) in [("e", Finish::Serve), ("b", Finish::Park), ("x", Finish::NoShow)] {
        let want = Ask::Next { counter: CounterId(3), there: Some((TicketId(42), 2)), finish: Some(finish) };
        check(clinic(), &format!("space {key}"), want).shows("CALLED  CS-009");
    }
    let desk = with(SMALL, clinic(), "space esc");
    assert_eq!(asked(&desk), []);
    desk.shows("CALLED  SER-042");
    let desk = with(SMALL, clinic(), "s space");
    desk.shows("is still here").shows_no("nobody came");
}

#[test]
fn k_03_a_venue_may_end_the_present_one_without_asking() {
    let mut queue = clinic();
    queue.console.as_mut().unwrap().venue.rules.next_ends = true;
    check(queue, "space", Ask::Next { counter: CounterId(3), there: Some((TicketId(42), 2)), finish: None });
}

#[test]
fn k_03_a_screen_that_did_not_know_of_somebody_at_its_counter_asks_when_the_store_says_so() {
    let mut desk = with(SMALL, free(), "");
    desk.queue = clinic();
    desk.keys("space").shows("SER-042 is still here");
}

#[test]
fn k_07_after_the_last_recall_something_else_is_offered() {
    let mut queue = clinic();
    queue.console.as_mut().unwrap().counters[2].ticket.as_mut().unwrap().recalls = 3;
    let desk = with(SMALL, queue.clone(), "r");
    desk.shows("SER-042 was called again 3 times, as often as allowed").shows("a no-show");
    assert_eq!(asked(&desk), []);
    check(queue.clone(), "r x", act(42, 2, Act::NoShow));
    check(queue, "r f", act(42, 2, Act::Return(Place::First)));
}

#[test]
fn k_08_a_no_show_is_taken_back_within_the_venues_time() {
    check(clinic(), "x E", act(42, 3, Act::Reinstate)).shows("SER-042 waits again");
    let mut desk = with(SMALL, clinic(), "x");
    desk.wait(Span::minutes(16));
    desk.keys("E").shows("nobody a no-show in the last 15 minutes");
    with(SMALL, clinic(), "E").shows("nobody a no-show in the last 15 minutes");
}

#[test]
fn k_12_a_closed_department_is_no_place_to_move_to() {
    with(SMALL, clinic(), "t").shows("move SER-042 to").shows("TEL  Teller").shows_no("CAS  Cashier").shows_no("SER  Service");
}

#[test]
fn k_14_a_ticket_that_its_holder_cancelled_is_told_and_the_next_is_offered() {
    let mut desk = with(SMALL, clinic(), "");
    change(&mut desk, |console| {
        console.counters[2].ticket = None;
        let event = Happened {
            at: NOW,
            kind: "ticket.cancelled".to_owned(),
            label: "SER-042".to_owned(),
            detail: "by the customer, counter 3".to_owned(),
        };
        console.events.insert(0, event);
    });
    desk.shows("! SER-042 was cancelled by customer").shows("Space calls the next:").shows("CS-009  Joko");
    desk.keys("space").shows("CALLED  CS-009");
}

#[test]
fn k_17_what_a_tickets_state_forbids_is_refused_with_that_state() {
    let told = |keys: &str, words: &str| {
        let desk = with(SMALL, free(), keys);
        desk.shows(words);
        assert_eq!(asked(&desk), [], "{keys}");
    };
    told("r", "Nobody is at your counter");
    told("e", "Nobody is at your counter");
    let desk = with(SMALL, clinic(), "s x");
    desk.shows("SER-042: a ticket that is being served cannot be made a no-show");
    with(SMALL, clinic(), "a").shows("SER-042: a ticket that is called cannot be called");
    with(SMALL, clinic(), "j a").shows("SER-042 is still at your counter");
}

#[test]
fn what_has_changed_since_is_a_word_and_is_read_again() {
    let mut desk = with(SMALL, clinic(), "");
    desk.key_now("e");
    let Effect::Write { ticket, .. } = desk.next_asked() else { panic!("no write") };
    desk.turn(Msg::Wrote { ticket, result: Err("SER-042 has changed since: it was cancelled".to_owned()) });
    desk.shows("SER-042 has changed since");
    assert_eq!(loads(&desk), 1);
}

#[test]
fn pressing_twice_calls_once() {
    let mut desk = with(SMALL, free(), "");
    desk.key_now("space");
    desk.key_now("space");
    assert_eq!(asked(&desk).len(), 1);
    desk.shows("being called already");
    desk.answer_all();
    desk.shows("CALLED  CS-009");
}

#[test]
fn z_takes_the_last_call_back_for_ten_seconds() {
    check(free(), "space z", act(9, 2, Act::Undo)).shows("CS-009 waits again");
    let mut desk = with(SMALL, free(), "space");
    desk.wait(Span::secs(10));
    desk.keys("z").shows("nothing to undo");
}

#[test]
fn z_takes_back_a_no_show_a_park_a_transfer_and_a_priority() {
    check(clinic(), "x z", act(42, 3, Act::Reinstate));
    check(clinic(), "b n z", act(42, 3, Act::Return(Place::Arrival)));
    let back = Ask::Act { ticket: TicketId(42), version: Some(3), act: Act::Transfer, counter: None, service: Some(SER) };
    check(clinic(), "t 2 z", back);
    check(clinic(), "j p u z", Ask::Prefer { ticket: TicketId(9), version: Some(1), priority: Priority::Elder });
    with(SMALL, clinic(), "e z").shows("nothing to undo");
}

#[test]
fn giving_a_ticket_up_asks_first() {
    let desk = with(SMALL, clinic(), "j X");
    desk.shows("cancel the ticket").shows("CS-009  Joko");
    assert_eq!(asked(&desk), []);
    check(clinic(), "j X y", act(9, 1, Act::Cancel)).shows("CS-009 is cancelled");
    assert_eq!(asked(&with(SMALL, clinic(), "j X n")), []);
}

#[test]
fn a_time_is_typed_for_a_ticket_that_is_put_aside_until_then() {
    check(clinic(), "b t '15:10' enter", act(42, 2, Act::Park(Some(ago(-40)))));
}

#[test]
fn a_ticket_is_taken_at_the_desk() {
    let desk = with(SMALL, clinic(), "C space enter space enter '0812 3456' enter 'Ibu Rina' enter");
    let Ask::Issue(issue) = last(&desk) else { panic!("{:?}", last(&desk)) };
    assert_eq!((issue.service, issue.priority), (Some(TEL), Priority::Urgent));
    assert_eq!((issue.phone.as_str(), issue.name.as_str(), issue.source), ("0812 3456", "Ibu Rina", "desk"));
    assert!(!issue.key.is_empty());
    desk.shows("SER-900 for Teller: number 1 in line").shows_no("new ticket ");
    with(SMALL, clinic(), "C").shows("new ticket").shows("SER  Service motor").shows("Space: the next one").shows_no("Cashier");
}

#[test]
fn a_ticket_that_could_not_be_taken_leaves_the_form_as_it_is() {
    let mut desk = with(SMALL, clinic(), "C enter enter 'abc' enter");
    desk.key_now("enter");
    let Effect::Write { ticket, .. } = desk.next_asked() else { panic!("no write") };
    desk.turn(Msg::Wrote { ticket, result: Err("abc is no phone number".to_owned()) });
    desk.shows("! abc is no phone number").shows("phone     abc");
    let first = last(&desk);
    desk.answer_all();
    desk.keys("enter");
    assert_eq!(last(&desk), first, "the same key: one ticket");
}

#[test]
fn tab_goes_through_the_lines_and_the_counters_own_comes_first() {
    let mut desk = with(SMALL, clinic(), "");
    desk.shows("WAITING for this counter   CS 1 · SER 7").shows_no("TEL-118");
    desk.keys("tab").shows("WAITING everywhere").shows("TEL-118");
    desk.keys("tab tab").shows("WAITING Customer service").shows("CS-009").shows_no("TEL-118");
    desk.keys("shift-tab shift-tab shift-tab").shows("for this counter");
}

#[test]
fn our_counter_is_seen_beside_every_line_and_turning_to_one_reads_nothing() {
    let mut desk = with(SMALL, clinic(), "tab tab");
    desk.key_now("tab");
    assert_eq!(loads(&desk), 0);
    desk.shows("CALLED  SER-042").shows("THIS COUNTER");
    desk.turn(Msg::Changed(Hint::Queue(VenueId(1))));
    assert!(matches!(desk.next_asked(), Effect::Load { query: Query::Queue { department: None, .. }, .. }));
}

#[test]
fn the_selection_stays_on_its_ticket_while_rows_move() {
    let mut desk = with(SMALL, clinic(), "j j j");
    let selected = |desk: &Desk| desk.screen().lines().find(|row| row.contains('▌')).unwrap_or_default().to_owned();
    assert!(selected(&desk).contains("SER-043"), "{}", desk.screen());
    change(&mut desk, |console| {
        console.waiting.remove(0);
    });
    assert!(selected(&desk).contains("SER-043"), "{}", desk.screen());
    change(&mut desk, |console| console.waiting.retain(|waiter| waiter.ticket.label != "SER-043"));
    assert!(selected(&desk).contains("SER-044"), "the one that took its place\n{}", desk.screen());
}

#[test]
fn a_long_line_scrolls_with_the_selection() {
    let mut queue = clinic();
    let console = queue.console.as_mut().unwrap();
    let row = console.waiting[3].clone();
    console.waiting = (0..300)
        .map(|n| {
            let mut one = row.clone();
            one.ticket = ticket(1_000 + n, &format!("SER-{:03}", 100 + n), SER, "Somebody", 300 - n);
            one.position = Some(n + 1);
            one
        })
        .collect();
    let mut desk = with(SMALL, queue, "G");
    desk.shows("SER-399").shows_no("SER-100 ").shows("300");
    desk.keys("g g j").shows("SER-100").shows("292 more");
}

#[test]
fn nothing_is_read_unless_the_queue_is_shown() {
    let mut desk = Desk::open(SMALL);
    desk.queue = clinic();
    desk.turn(Msg::Changed(Hint::Queue(VenueId(1))));
    desk.turn(Msg::Changed(Hint::Everything));
    assert_eq!(loads(&desk), 0);
    desk.answer_all();
    desk.keys("g q");
    desk.turn(Msg::Changed(Hint::Queue(VenueId(2))));
    assert_eq!(loads(&desk), 0, "another venue");
    desk.turn(Msg::Changed(Hint::Queue(VenueId(1))));
    desk.turn(Msg::Changed(Hint::Queue(VenueId(1))));
    assert_eq!(loads(&desk), 1, "a burst is one question");
    desk.answer_all();
    desk.keys("g i");
    desk.turn(Msg::Changed(Hint::Queue(VenueId(1))));
    assert_eq!(loads(&desk), 0, "left");
}

#[test]
fn what_was_read_before_an_act_was_answered_does_not_undo_it_on_the_screen() {
    let mut desk = with(SMALL, free(), "");
    let old = desk.queue.clone();
    desk.turn(Msg::Changed(Hint::Queue(VenueId(1))));
    let Effect::Load { seq, .. } = desk.next_asked() else { panic!("no load") };
    desk.key_now("space");
    let Effect::Write { ticket, write: Write::Queue(ask) } = desk.next_asked() else { panic!("no write") };
    let answer = super::queue_store::ask(&mut desk.queue, &ask, NOW);
    desk.turn(Msg::Wrote { ticket, result: Ok(Wrote::Queue(answer)) });
    desk.turn(Msg::Loaded { seq, result: Ok(frontdesk::app::effect::Loaded::Queue(Box::new(old))) });
    desk.shows("CALLED  CS-009");
    desk.answer_all();
    desk.shows("CALLED  CS-009");
}

#[test]
fn the_clock_of_whoever_is_at_our_counter_counts_and_nothing_else_wakes_the_screen_before_the_minute() {
    let mut desk = with(SMALL, clinic(), "");
    desk.shows("01:12");
    desk.wait(Span::secs(3));
    desk.shows("01:15");
    let next = desk.app.wake_at().unwrap();
    assert!(next.since(desk.cx.now).0 <= 1_000_000, "{next:?}");
    for (size, console) in [(SMALL, free()), (WIDE, watched())] {
        let quiet = with(size, console, "");
        let next = quiet.app.wake_at().unwrap();
        assert!(next.since(quiet.cx.now) > Span::secs(20), "{next:?}");
    }
    let mut empty = free();
    empty.console.as_mut().unwrap().waiting.clear();
    empty.console.as_mut().unwrap().counters.iter_mut().for_each(|desk| desk.ticket = None);
    let mut desk = with(SMALL, empty, "");
    desk.wait(Span::secs(5));
    assert_eq!(desk.app.wake_at(), None);
    let mut away = with(SMALL, clinic(), "g i");
    away.rows.clear();
    away.turn(Msg::Changed(Hint::Everything));
    away.answer_all();
    assert_eq!(away.app.wake_at(), None, "the inbox has no clock");
}

fn calls(desk: &Desk) -> usize {
    desk.told.iter().filter(|effect| matches!(effect, Effect::Call { .. })).count()
}

fn empty_line() -> QueuePage {
    let mut queue = free();
    queue.console.as_mut().unwrap().waiting.clear();
    queue
}

fn comes(desk: &mut Desk, id: i64, service: ServiceId) {
    let mut one = clinic().console.unwrap().waiting[3].clone();
    one.ticket = ticket(id, "SER-200", service, "New", 0);
    change(desk, |console| console.waiting.push(one));
}

#[test]
fn somebody_who_comes_to_an_empty_line_rings_once() {
    let mut desk = with(SMALL, empty_line(), "");
    desk.turn(Msg::Input(Input::Focus(false)));
    comes(&mut desk, 201, SER);
    assert_eq!(calls(&desk), 1);
    desk.wait(Span::secs(20));
    comes(&mut desk, 202, SER);
    assert_eq!(calls(&desk), 1, "the line was not empty");
    change(&mut desk, |console| console.waiting.clear());
    desk.wait(Span::secs(20));
    comes(&mut desk, 202, SER);
    assert_eq!(calls(&desk), 1, "it is not new");
    let text =
        desk.told.iter().find_map(|effect| if let Effect::Call { text, .. } = effect { Some(text.as_str().to_owned()) } else { None });
    assert_eq!(text.as_deref(), Some("Somebody waits in the queue"));
}

#[test]
fn whoever_looks_at_it_or_serves_something_else_is_not_rung_for() {
    let rung = |setup: Setup, service, focused| {
        let mut desk = Desk::open_with(setup, SMALL);
        desk.queue = empty_line();
        desk.keys("g q");
        desk.turn(Msg::Input(Input::Focus(focused)));
        comes(&mut desk, 201, service);
        calls(&desk)
    };
    assert_eq!(rung(setup(), SER, true), 0);
    assert_eq!(rung(setup(), TEL, false), 0);
    assert_eq!(rung(setup(), CS, false), 1);
    assert_eq!(rung(Setup { notify: Notify { only_unfocused: false, ..Notify::default() }, ..setup() }, SER, true), 1);
    assert_eq!(rung(Setup { notify: Notify { bell: false, desktop: false, ..Notify::default() }, ..setup() }, SER, false), 0);
}

#[test]
fn whoever_is_parked_does_not_keep_the_line_from_being_empty() {
    let mut queue = empty_line();
    let mut parked = clinic().console.unwrap().waiting[3].clone();
    parked.ticket = Ticket { state: State::Parked, ..ticket(200, "SER-199", SER, "Parked", 0) };
    queue.console.as_mut().unwrap().waiting.push(parked);
    let mut desk = with(SMALL, queue, "");
    desk.turn(Msg::Input(Input::Focus(false)));
    comes(&mut desk, 201, SER);
    assert_eq!(calls(&desk), 1);
}

#[test]
fn opening_the_queue_rings_for_nobody_who_waits_already() {
    let mut desk = with(SMALL, empty_line(), "g i");
    desk.turn(Msg::Input(Input::Focus(false)));
    desk.queue = clinic();
    desk.keys("g q");
    assert_eq!(calls(&desk), 0);
}

#[test]
fn without_a_counter_one_is_told_how_to_take_one() {
    let desk = with(SMALL, watched(), "");
    desk.shows("No counter is yours").shows("A takes one");
    with(SMALL, watched(), "space").shows("No counter is yours yet: A takes one");
    with(SMALL, watched(), "A").shows("work at").shows("counter 5").shows("TEL · open · mira").shows("TEL, CAS · closed");
}

#[test]
fn without_a_venue_or_a_service_the_commands_that_make_them_are_told() {
    let nothing = || QueuePage { venues: Vec::new(), console: None };
    with(SMALL, nothing(), "").shows("There is no venue yet").shows("frontdesk venue add");
    with(SMALL, nothing(), "space").shows("There is no venue yet: `frontdesk venue add` makes one");
    let mut queue = clinic();
    queue.console.as_mut().unwrap().lines.clear();
    with(SMALL, queue, "").shows("frontdesk service add");
}

#[test]
fn g_i_goes_back_to_the_inbox_and_the_header_tells_of_both() {
    let mut desk = with(SMALL, clinic(), "");
    desk.shows("Inbox 8   Queue 9").shows("Counter 3");
    desk.keys("g i").shows("Andi Pratama").shows("Inbox 8   Queue ");
    desk.keys("g q esc").shows("Andi Pratama");
    Desk::open(SMALL).shows_no("Queue");
}

#[test]
fn a_tickets_conversation_is_opened_from_it() {
    let mut desk = with(SMALL, clinic(), "j j j w");
    desk.shows("2 jam ya").shows("g q goes back to the queue");
    desk.keys("g q").shows("WAITING");
    with(SMALL, clinic(), "j j j enter").shows("+6281311112222").shows("opens the conversation");
    with(SMALL, clinic(), "j j j enter enter").shows("2 jam ya");
    with(SMALL, clinic(), "j w").shows("CS-009 has no conversation");
    with(SMALL, clinic(), "j i i").shows("CALLED  SER-042");
}

#[test]
fn acts_of_the_inbox_and_of_the_queue_are_refused_in_each_others_place() {
    let mut desk = with(SMALL, clinic(), ": 'resolve' enter");
    desk.shows("No conversation is selected");
    desk.keys("esc g i : 'recall' enter").shows("Only in the queue: g q goes there");
}

#[test]
fn the_command_line_shows_a_venues_queue_by_its_name() {
    let mut desk = with(SMALL, clinic(), "g i : 'queue klinik' enter");
    desk.shows("Klinik Sehat").shows("WAITING");
    desk.keys(": 'queue nowhere' enter").shows("No venue is called nowhere");
}

#[test]
fn h_and_l_select_in_the_lines_side_by_side_and_at_the_counters() {
    let mut desk = with(WIDE, watched(), "");
    desk.shows("SELECTED  CS-009");
    desk.keys("l").shows("SELECTED  TEL-112");
    desk.keys("l").shows("SELECTED  TEL-118");
    desk.keys("l").shows("SELECTED  SER-041");
    desk.keys("j j j").shows("SELECTED  SER-040");
    desk.keys("h h").shows("SELECTED  TEL-112");
    desk.keys("left left left").shows("There is nobody in that direction");
}

#[test]
fn a_supervisor_acts_on_the_ticket_of_any_counter() {
    let desk = with(WIDE, watched(), "l l l j j r");
    assert_eq!(last(&desk), act(42, 2, Act::Recall));
}

#[test]
fn o_shows_the_other_console_at_any_width() {
    let mut desk = with(SMALL, clinic(), "o");
    desk.shows("COUNTERS").shows("Customer service");
    desk.keys("o").shows("THIS COUNTER");
    let mut desk = with(WIDE, clinic(), "");
    desk.shows("THIS COUNTER");
    desk.keys("o").shows("COUNTERS").shows("SELECTED");
}

#[test]
fn a_queue_that_cannot_be_read_says_why() {
    let mut desk = Desk::open(SMALL);
    desk.key_now("g");
    desk.key_now("q");
    let Effect::Load { seq, .. } = desk.next_asked() else { panic!("no load") };
    desk.turn(Msg::Loaded { seq, result: Err("The database is locked".to_owned()) });
    desk.shows("! The database is locked");
}

#[test]
fn an_answer_that_nobody_waits_is_told() {
    with(SMALL, empty_line(), "space").shows("Nobody waits");
    let mut desk = with(SMALL, empty_line(), "");
    desk.key_now("space");
    let Effect::Write { ticket, .. } = desk.next_asked() else { panic!("no write") };
    desk.turn(Msg::Wrote { ticket, result: Ok(Wrote::Queue(Answer::Nobody)) });
    desk.shows("Nobody waits");
}

#[test]
fn a_click_selects_a_ticket_and_another_one_shows_it() {
    use frontdesk::app::msg::MouseAct;
    let mut desk = with(SMALL, clinic(), "");
    let (x, y) = desk.find("SER-045").unwrap();
    desk.mouse(MouseAct::Press, x, y);
    assert!(desk.screen().lines().any(|row| row.contains('▌') && row.contains("SER-045")), "{}", desk.screen());
    desk.mouse(MouseAct::Press, x, y);
    desk.shows("told      nothing yet");
    let mut desk = with(WIDE, watched(), "");
    let (x, y) = desk.find("TEL-118").unwrap();
    desk.mouse(MouseAct::Press, x, y);
    desk.shows("SELECTED  TEL-118");
}

#[test]
fn any_size_from_the_smallest_on_shows_both_consoles() {
    for w in [60, 61, 71, 72, 80, 99, 110, 119, 120, 139, 140, 160, 200, 300] {
        for h in [15, 16, 17, 18, 20, 24, 29, 30, 31, 40, 45, 60, 100] {
            let mut desk = with((w, h), clinic(), "");
            desk.shows("CALLED  SER-042").shows("CS-009");
            desk.keys("o").shows("CS-009");
            let _: &App = &desk.app;
        }
    }
}

#[test]
fn a_state_that_nobody_expects_is_painted_too() {
    let mut queue = clinic();
    let console = queue.console.as_mut().unwrap();
    console.departments.clear();
    console.waiting[0].ticket = Ticket { state: State::Expired, ..console.waiting[0].ticket.clone() };
    console.counters[2].ticket.as_mut().unwrap().called_at = None;
    with(WIDE, queue, "o").shows("There is no department yet");
}

#[test]
fn a_ticket_that_goes_back_as_its_operator_takes_a_break_was_not_taken_away() {
    let mut desk = with(SMALL, clinic(), "");
    change(&mut desk, |console| {
        let mine = console.counters.iter_mut().find(|desk| desk.counter.id == CounterId(3)).unwrap();
        mine.counter.state = CounterState::Break;
        mine.ticket = None;
    });
    desk.shows("You are on break").shows_no("was taken from your counter");
}
