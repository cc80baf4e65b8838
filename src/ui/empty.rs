//! What stands where there is nothing: it says what to do next.

use super::canvas::Canvas;
use super::marks::Mark;
use super::theme::Meaning;
use crate::app::App;
use crate::app::layout::{Rect, SMALLEST};
use crate::app::pane::thread::Thread;
use crate::domain::conversation::Tab;
use crate::domain::text::Safe;

/// The screen is too small.
pub(super) fn too_small(place: Rect, canvas: &mut Canvas<'_>) {
    let words = format!("This window is {}x{}. Please make it {}x{} or larger.", place.w, place.h, SMALLEST.0, SMALLEST.1);
    paragraph(&words, place, Meaning::Text, canvas);
}

/// No conversation in the list.
pub(super) fn list(app: &App, place: Rect, canvas: &mut Canvas<'_>) {
    let inside = Rect::new(place.x + 2, place.y + 1, place.w.saturating_sub(4), place.h.saturating_sub(1));
    if let Some(problem) = &app.list.problem {
        canvas.mark(place.x + 1, inside.y, Mark::Needs, Meaning::Danger);
        wrapped(problem, Rect { x: inside.x + 1, ..inside }, Meaning::Text, canvas);
        return;
    }
    if app.is_first_run() {
        return first_run(app, inside, canvas);
    }
    if app.list.loaded && !app.list.filter.is_empty() {
        let all = app.keymap.first_key("back");
        let words = format!("Nothing in {} is {}. {all} shows all of it again.", app.list.tab.title(), app.list.filter.meaning());
        return paragraph(&words, inside, Meaning::Muted, canvas);
    }
    let words = match (app.list.loaded, app.list.tab) {
        (false, _) => "…".to_owned(),
        (true, Tab::Mine) => "Nothing is assigned to you. Tab shows what nobody has taken yet.".to_owned(),
        (true, Tab::Unassigned) => "Nothing waits to be taken: every open conversation is assigned.".to_owned(),
        (true, Tab::All) => "All done. New messages appear here by themselves.".to_owned(),
        (true, Tab::Unattended) => "No customer waits for an answer.".to_owned(),
        (true, Tab::Snoozed) => beside(app, "Nothing is snoozed, and no reply leaves later."),
        (true, Tab::Drafts) => beside(app, "You have begun no reply or note that is not sent."),
        (true, Tab::Resolved) => beside(app, "Nothing is resolved yet."),
        (true, Tab::Spam) => beside(app, "Nothing is marked as spam."),
    };
    paragraph(&words, inside, Meaning::Muted, canvas);
}

/// A list beside the tabs says how to get back to them.
fn beside(app: &App, words: &str) -> String {
    format!("{words} {} goes back to the inbox.", app.keymap.first_key("go.inbox"))
}

/// Something could not be read.
pub(super) fn problem(words: &Safe, place: Rect, canvas: &mut Canvas<'_>) {
    canvas.mark(place.x, place.y, Mark::Needs, Meaning::Danger);
    wrapped(words, Rect { x: place.x + 2, w: place.w.saturating_sub(2), ..place }, Meaning::Text, canvas);
}

/// Nothing is set up yet.
fn first_run(app: &App, place: Rect, canvas: &mut Canvas<'_>) {
    let key = app.keymap.first_key("open");
    let providers: Vec<&str> = app.setup.providers.iter().map(|provider| provider.title).collect();
    let rows = [
        ("Welcome.".to_owned(), Meaning::Name),
        (String::new(), Meaning::Text),
        (format!("{key}  connects a channel ({}).", providers.join(", ")), Meaning::Text),
        ("You need the account's token; it is tried at once.".to_owned(), Meaning::Muted),
        (String::new(), Meaning::Text),
        ("To look around first, quit and run".to_owned(), Meaning::Text),
        ("    frontdesk demo".to_owned(), Meaning::Accent),
        ("It needs no account and leaves nothing behind.".to_owned(), Meaning::Muted),
        (String::new(), Meaning::Text),
        (format!("{} keys   {} commands", app.keymap.first_key("help"), app.keymap.first_key("palette")), Meaning::Muted),
    ];
    for (n, (words, meaning)) in rows.iter().take(usize::from(place.h)).enumerate() {
        canvas.say(place.x, place.y + n as u16, usize::from(place.w), words, *meaning);
    }
}

/// No conversation is open beside the list.
pub(super) fn thread(app: &App, place: Rect, canvas: &mut Canvas<'_>) {
    if app.list.rows.is_empty() {
        return;
    }
    let words = format!("{} opens the selected conversation.", app.keymap.first_key("open"));
    paragraph(&words, Rect::new(place.x + 2, place.y + 1, place.w.saturating_sub(4), place.h.saturating_sub(1)), Meaning::Muted, canvas);
}

/// No message in the open conversation.
pub(super) fn messages(thread: &Thread, place: Rect, canvas: &mut Canvas<'_>) {
    let inside = Rect::new(place.x + 1, place.y + 1, place.w.saturating_sub(2), place.h.saturating_sub(1));
    if let Some(problem) = &thread.problem {
        canvas.mark(inside.x, inside.y, Mark::Needs, Meaning::Danger);
        wrapped(problem, Rect { x: inside.x + 2, w: inside.w.saturating_sub(2), ..inside }, Meaning::Text, canvas);
    } else if thread.loaded {
        paragraph("No message yet.", inside, Meaning::Muted, canvas);
    } else {
        paragraph("…", inside, Meaning::Muted, canvas);
    }
}

fn paragraph(words: &str, place: Rect, meaning: Meaning, canvas: &mut Canvas<'_>) {
    wrapped(&Safe::line(words), place, meaning, canvas);
}

fn wrapped(words: &Safe, place: Rect, meaning: Meaning, canvas: &mut Canvas<'_>) {
    for (n, row) in words.wrap(usize::from(place.w)).iter().take(usize::from(place.h)).enumerate() {
        canvas.put(place.x, place.y + n as u16, usize::from(place.w), row, meaning);
    }
}
