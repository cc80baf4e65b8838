//! The queue's consoles as they look, and with the names that strangers give themselves.

use frontdesk::domain::queue::look::Console;
use frontdesk::domain::queue::{CounterState, State};
use frontdesk::domain::time::Span;
use frontdesk::ui::look::{Depth, Look};

use super::desk::{Desk, NOW};
use super::queue::with;
use super::queue_store::{clinic, free, watched};

#[test]
fn an_operators_console_shows_the_counter_its_ticket_and_its_line() {
    for (w, h) in [(80, 24), (120, 40), (160, 45), (200, 60)] {
        let desk = with((w, h), clinic(), "");
        insta::assert_snapshot!(format!("an_operators_console_at_{w}x{h}"), desk.screen());
    }
}

#[test]
fn a_supervisors_console_shows_every_line_and_every_counter() {
    for (w, h) in [(80, 24), (120, 40), (160, 45), (200, 60)] {
        let desk = with((w, h), watched(), "");
        let mut desk = desk;
        if w == 80 {
            desk.keys("o");
            desk.wait(Span::secs(5));
        }
        desk.keys("l j");
        insta::assert_snapshot!(format!("a_supervisors_console_at_{w}x{h}"), desk.screen());
    }
}

#[test]
fn the_smallest_screen_has_both() {
    insta::assert_snapshot!("the_smallest_operators_console", with((60, 15), clinic(), "").screen());
    let mut desk = with((60, 15), clinic(), "o");
    desk.wait(Span::secs(5));
    insta::assert_snapshot!("the_smallest_supervisors_console", desk.screen());
}

#[test]
fn a_ticket_in_words() {
    insta::assert_snapshot!("what_is_known_of_a_ticket", with((80, 24), clinic(), "j j j i").screen());
    insta::assert_snapshot!("a_ticket_is_taken_in_a_form", with((80, 24), clinic(), "C enter space enter '0812'").screen());
}

#[test]
fn empty_states_say_what_to_do() {
    let mut queue = free();
    queue.console.as_mut().unwrap().waiting.clear();
    insta::assert_snapshot!("nobody_waits_and_nobody_is_there", with((80, 24), queue, "").screen());
    insta::assert_snapshot!("no_counter_is_ours", with((80, 24), watched(), "").screen());
    let nothing = frontdesk::app::effect::QueuePage { venues: Vec::new(), console: None };
    insta::assert_snapshot!("no_venue_yet", with((80, 24), nothing, "").screen());
}

#[test]
fn in_ascii_nothing_else_is_painted() {
    let mut desk = with((80, 24), clinic(), "j");
    desk.look = Look::new(Depth::None, true);
    let screen = desk.screen();
    assert!(screen.is_ascii(), "{screen}");
    desk.keys("o");
    assert!(desk.screen().is_ascii(), "{}", desk.screen());
}

/// The meaning of a text's first cell, told by its colour.
fn colour(desk: &Desk, text: &str) -> ratatui::style::Color {
    let (x, y) = desk.find(text).unwrap_or_else(|| panic!("{text} is not shown:\n{}", desk.screen()));
    desk.buffer()[(x, y)].fg
}

#[test]
fn what_needs_a_thought_has_a_colour_and_a_word() {
    let desk = with((80, 24), clinic(), "");
    assert_eq!(colour(&desk, "50m     ~4m"), colour(&desk, "WA closed"), "late, and not to be told");
    assert_ne!(colour(&desk, "50m     ~4m"), colour(&desk, "15m     10–15m"));
    let mut long = clinic();
    let ticket = long.console.as_mut().unwrap().counters[2].ticket.as_mut().unwrap();
    (ticket.state, ticket.serving_at) = (State::Serving, Some(NOW.minus(Span::minutes(20))));
    with((80, 24), long, "").shows("serving 20:00 !");
    with((160, 45), watched(), "").shows("14m serving !");
}

#[test]
fn t_08_whoever_only_the_display_tells_is_shown_as_not_notified() {
    let told = |way: &str| {
        let mut queue = clinic();
        let console = queue.console.as_mut().unwrap();
        way.clone_into(&mut console.waiting[3].ticket.told);
        way.clone_into(&mut console.counters[2].ticket.as_mut().unwrap().told);
        with((80, 24), queue, "")
    };
    let desk = told("display");
    desk.shows("+6281200001111  not notif").shows("not notified · n…");
    assert_eq!(colour(&desk, "not notified"), colour(&desk, "WA closed"));
    told("push").shows("+6281200001111  notified …");
    told("").shows_no("not notif");
}

#[test]
fn a_counter_that_is_left_or_closed_says_so() {
    let left = |state| {
        let mut queue = free();
        queue.console.as_mut().unwrap().counters[2].counter.state = state;
        queue
    };
    with((80, 24), left(CounterState::Break), "").shows("ON BREAK").shows("B opens the counter again");
    with((80, 24), left(CounterState::Break), "space").shows("Counter 3 is on break: B opens it again");
}

fn named(name: &str) -> impl Fn(&mut Console) {
    let name = name.to_owned();
    move |console| {
        for waiter in &mut console.waiting {
            waiter.ticket.name.clone_from(&name);
            waiter.ticket.note.clone_from(&name);
            waiter.reach.clone_from(&name);
            waiter.ticket.told.clone_from(&name);
        }
        for desk in &mut console.counters {
            desk.agent.clone_from(&name);
            desk.counter.name.clone_from(&name);
            if let Some(ticket) = &mut desk.ticket {
                ticket.name.clone_from(&name);
                ticket.note.clone_from(&name);
            }
        }
        for event in &mut console.events {
            event.detail.clone_from(&name);
        }
        console.departments.iter_mut().for_each(|department| department.name.clone_from(&name));
        console.lines.iter_mut().for_each(|line| line.service.name.clone_from(&name));
        console.venue.name.clone_from(&name);
    }
}

#[test]
fn wide_and_hostile_names_stay_in_their_columns() {
    for name in [
        "佐藤花子佐藤花子佐藤花子佐藤花子",
        "Eve\u{1b}[2J\u{202e}live\u{7}\n\u{9b}31m",
        "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
        "سلمى حداد",
        "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    ] {
        for (w, h) in [(60, 15), (80, 24), (160, 45)] {
            for keys in ["", "o", "i", "t", "A", "C", "j X", "b"] {
                let mut queue = clinic();
                named(name)(queue.console.as_mut().unwrap());
                let desk = with((w, h), queue, keys);
                let screen = desk.screen();
                let bad = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
                assert!(!screen.contains(bad), "{screen}");
                assert!(screen.lines().all(|row| unicode_width::UnicodeWidthStr::width(row) <= usize::from(w)), "{screen}");
                if keys.is_empty() {
                    // The frame on the right is where it was.
                    let framed = screen.lines().filter(|row| row.ends_with('│')).count();
                    assert!(framed >= usize::from(h) / 2, "{screen}");
                }
            }
        }
    }
}
