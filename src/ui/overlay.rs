//! What floats: palette, help, details, channels, reactions, questions.

use super::canvas::Canvas;
use super::marks::Mark;
use super::theme::Meaning;
use super::{bulk, canned, channels, form, info, palette, queue, search, template, versions, wording};
use crate::app::field::Field;
use crate::app::layout::Rect;
use crate::app::overlay::{Confirm, EMOJI, Irrevocable, Menu, Overlay, Picker, React};
use crate::app::{App, Cx};
use crate::domain::text::Safe;

pub(super) fn paint(app: &App, cx: &Cx, overlay: &Overlay, place: Rect, canvas: &mut Canvas<'_>) {
    match overlay {
        Overlay::Palette(state) => palette::paint(state, place, canvas),
        Overlay::Picker(picker) => {
            let inside = canvas.frame(place, picker.title.as_str());
            paint_picker(picker, inside, canvas);
        }
        Overlay::Search => {
            let inside = canvas.frame(place, "search");
            search::paint(app, cx, inside, canvas);
        }
        Overlay::Canned(form) => {
            let inside = canvas.frame(place, if form.was.is_some() { "change a canned reply" } else { "new canned reply" });
            canned::paint(app, form, inside, canvas);
        }
        // It stands in the row of tabs, which the header paints.
        Overlay::Filter(_) => {}
        Overlay::Menu(menu) => {
            let inside = canvas.frame(place, menu.title.as_str());
            paint_menu(menu, inside, canvas);
        }
        Overlay::Info(details) => {
            let inside = canvas.frame(place, "details");
            info::paint(app, cx, inside, details.top, details.selected, canvas);
        }
        Overlay::Versions(state) => versions::paint(cx, state, canvas.frame(place, "versions"), canvas),
        Overlay::Wordings(list) => wording::list(app, list, canvas.frame(place, "templates"), canvas),
        Overlay::WordingForm(form) => {
            let inside = canvas.frame(place, if form.was.is_some() { "change a template" } else { "new template" });
            wording::form(app, form, inside, canvas);
        }
        Overlay::BulkAsk(ask) => bulk::ask(app, ask, canvas.frame(place, "send to many"), canvas),
        Overlay::Bulks(list) => bulk::list(app, cx, list, canvas.frame(place, "bulk sends"), canvas),
        Overlay::Template(picker) => {
            let inside = canvas.frame(place, picker.title.as_str());
            template::pick(picker, inside, place.h, canvas);
        }
        Overlay::TemplateForm(form) => {
            let title = Safe::line(&format!("{} · {} · to {}", form.template.name, form.template.language, form.name.fit(24)));
            let inside = canvas.frame(place, title.as_str());
            template::fill(form, inside, canvas);
        }
        Overlay::Channels(list) => channels::paint(app, cx, *list, canvas.frame(place, "channels"), canvas),
        Overlay::React(react) => paint_react(react, canvas.frame(place, "react"), canvas),
        Overlay::Form(state) => {
            let title = state.was.as_ref().map_or(Safe::lit("add a channel"), |(_, name, _)| Safe::lit("settings of ").then(&name.fit(40)));
            let inside = canvas.frame(place, title.as_str());
            form::paint(app, state, inside, canvas);
        }
        Overlay::Ticket(id) => {
            let title = app.queue.ticket(*id).map_or(Safe::lit("ticket"), |ticket| Safe::line(&ticket.label));
            let inside = canvas.frame(place, title.as_str());
            queue::details(app, cx, *id, inside, canvas);
        }
        Overlay::TicketForm(form) => queue::form(app, form, canvas.frame(place, "new ticket"), canvas),
        Overlay::Confirm(confirm) => paint_confirm(app, *confirm, place, canvas),
    }
}

/// The line that is typed, with the cursor in it.
pub(super) fn paint_typed(prompt: &str, field: &Field, place: Rect, canvas: &mut Canvas<'_>) {
    let room = usize::from(place.w);
    canvas.say(place.x, place.y, 2, prompt, Meaning::Accent);
    let view = field.view(room.saturating_sub(3));
    if let Some(row) = view.rows.get(view.cursor.0) {
        canvas.put(place.x + 2, place.y, room - 2, row, Meaning::Text);
    }
    canvas.cursor = Some((place.x + 2 + view.cursor.1 as u16, place.y));
}

fn paint_picker(picker: &Picker, place: Rect, canvas: &mut Canvas<'_>) {
    if place.is_empty() {
        return;
    }
    let room = usize::from(place.w);
    paint_typed("> ", &picker.field, place, canvas);
    if picker.rows.is_empty() {
        canvas.put(place.x, place.y + 2, room, &picker.nothing, Meaning::Muted);
    }
    let shown = usize::from(place.h.saturating_sub(2));
    let first = picker.first_shown(shown);
    for (n, row) in picker.rows.iter().enumerate().skip(first).take(shown) {
        let y = place.y + 2 + (n - first) as u16;
        let chosen = n == picker.selected;
        let mut x = place.x;
        if chosen {
            canvas.mark(place.x - 1, y, Mark::Cursor, Meaning::Accent);
        }
        if let Some(on) = row.on {
            x += canvas.say(x, y, 4, if on { "[x] " } else { "[ ] " }, if on { Meaning::Accent } else { Meaning::Muted }) as u16;
        }
        let room = usize::from((place.x + place.w).saturating_sub(x));
        let used = canvas.put(x, y, room, &row.title, if chosen { Meaning::Selected } else { Meaning::Text });
        canvas.put_right(place.x + place.w, y, room.saturating_sub(used + 2), &row.detail, Meaning::Muted);
    }
}

fn paint_menu(menu: &Menu, place: Rect, canvas: &mut Canvas<'_>) {
    for (n, row) in menu.rows.iter().enumerate().take(usize::from(place.h)) {
        let y = place.y + n as u16;
        let chosen = n == menu.selected;
        if chosen {
            canvas.mark(place.x - 1, y, Mark::Cursor, Meaning::Accent);
        }
        canvas.say(place.x, y, 2, row.key.encode_utf8(&mut [0; 4]), Meaning::Accent);
        let room = usize::from(place.w.saturating_sub(3));
        let used = canvas.put(place.x + 3, y, room, &row.title, if chosen { Meaning::Selected } else { Meaning::Text });
        canvas.put_right(place.x + place.w, y, room.saturating_sub(used + 2), &row.detail, Meaning::Muted);
    }
}

/// What would be done, to what, and the key that does it.
fn paint_confirm(app: &App, confirm: Confirm, place: Rect, canvas: &mut Canvas<'_>) {
    let key = app.keymap.first_key("confirm.yes");
    let said = |id| {
        let item = app.thread.as_ref().and_then(|thread| thread.items.iter().find(|item| item.message.id == id));
        item.map(|item| Safe::line(&item.message.text)).unwrap_or_default()
    };
    let (title, about, words) = match confirm.act {
        Irrevocable::Delete(id) => ("delete", said(id), format!("Delete it for the customer too? {key} deletes it")),
        Irrevocable::Resend(id) => ("send again", said(id), format!("The customer may get it twice. {key} sends it again")),
        Irrevocable::CancelTicket { ticket, .. } => {
            let about = app.queue.ticket(ticket).map_or_else(Safe::default, |ticket| {
                Safe::line(&ticket.label).then(&Safe::lit("  ")).then(&Safe::line(&ticket.name).fit(32))
            });
            ("cancel the ticket", about, format!("Its holder is not called any more, and is told so. {key} cancels it"))
        }
        Irrevocable::CancelBulk(_) => {
            let words = format!("Who has not been written to never is; what is on its way arrives. {key} calls it off");
            ("call the bulk send off", Safe::default(), words)
        }
        Irrevocable::RemoveChannel(id) => {
            let channel = app.status.channels.iter().find(|channel| channel.id == id);
            let name = channel.map(|channel| Safe::line(&channel.name).fit(40)).unwrap_or_default();
            let waits = channel.and_then(|channel| app.about_channel(channel)).map(|about| about.outgoing);
            let unsent = match waits {
                None => "what waits to leave is not sent".to_owned(),
                Some(0) => "nothing waits to leave".to_owned(),
                Some(1) => "1 reply that waits is not sent".to_owned(),
                Some(many) => format!("{many} replies that wait are not sent"),
            };
            let words = format!("Its conversations stay, nothing comes or goes; {unsent}. {key} removes it");
            ("remove the channel", name, words)
        }
    };
    let inside = canvas.frame(place, title);
    let room = usize::from(inside.w);
    canvas.put(inside.x, inside.y, room, &about, Meaning::Muted);
    for (n, row) in Safe::line(&words).wrap(room).iter().enumerate().take(2) {
        canvas.put(inside.x, inside.y + 1 + n as u16, room, row, Meaning::Text);
    }
}

fn paint_react(react: &React, place: Rect, canvas: &mut Canvas<'_>) {
    for (n, emoji) in EMOJI.iter().enumerate() {
        let x = place.x + 1 + n as u16 * 4;
        canvas.put(x, place.y + 1, 2, &Safe::lit(emoji), Meaning::Text);
        if n == react.selected {
            canvas.say(x - 1, place.y + 1, 1, "[", Meaning::Selected);
            canvas.say(x + 2, place.y + 1, 1, "]", Meaning::Selected);
        }
    }
}
