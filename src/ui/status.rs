//! The two rows at the bottom: how things are, and what to press now.

use std::borrow::Cow;

use super::canvas::Canvas;
use super::marks::{Mark, held, of_health};
use super::theme::Meaning;
use crate::app::command::Command;
use crate::app::effect::Syncing;
use crate::app::focus::Focus;
use crate::app::layout::{Layout, Rect, SIDE_BY_SIDE};
use crate::app::overlay::{Overlay, TicketRow};
use crate::app::{App, Cx, command, key};
use crate::domain::channel::Health;
use crate::domain::text::Safe;
use crate::domain::time::{Span, age};

/// A channel that answers is written down every five minutes; after twice that something is wrong.
const STALE: Span = Span::minutes(11);
/// As much of a channel's note as the row shows.
const NOTE: usize = 60;

/// Channels on the left, what waits on the right.
pub(super) fn paint(app: &App, cx: &Cx, layout: &Layout, canvas: &mut Canvas<'_>) {
    let row = layout.status;
    let mut right = Vec::new();
    // What was said last stands below; what went wrong is not hidden by it.
    if let Some(problem) = &app.problem {
        let x = row.x + 1 + canvas.mark(row.x + 1, row.y, Mark::Needs, Meaning::Danger) as u16 + 1;
        canvas.put(x, row.y, usize::from(row.w - x - 1), &problem.text, Meaning::Danger);
        return;
    }
    right.extend(app.work_words(cx.now));
    if layout.list.is_empty() && app.list.counts.unattended > 0 {
        let whose = if app.focus == Focus::Queue { "waiting in the inbox" } else { "waiting" };
        right.push(format!("{} {whose}", app.list.counts.unattended));
    }
    match app.status.syncing {
        Syncing::Elsewhere => {
            let holder = app.status.holder.as_ref();
            right.push(holder.map_or_else(|| "another process syncs".to_owned(), |holder| holder.short(cx.now)));
        }
        Syncing::Unknown if app.status_known => right.push("sync is starting".to_owned()),
        Syncing::Unknown | Syncing::Here => {}
    }
    // Told only when it is worth a thought: an age that always moves would wake the screen.
    let stale = app.status.channels.iter().filter(|channel| channel.health == Health::Up).filter_map(|channel| channel.synced_at).min();
    if let Some(at) = stale.filter(|at| cx.now.since(*at) > STALE) {
        right.push(format!("last sync {} ago", age(at, cx.now, cx.zone)));
    }
    if app.status.queued > 0 {
        right.push(format!("outbox {}", app.status.queued));
    }
    let mut end = row.x + row.w - 1;
    let room = usize::from(row.w) / 2;
    end -= canvas.say_right(end, row.y, room, &right.join(" · "), Meaning::Muted) as u16;
    if app.status.uncertain > 0 {
        let words = format!("{} uncertain  ", app.status.uncertain);
        end -= canvas.say_right(end, row.y, room, &words, Meaning::Danger) as u16;
        end -= canvas.put_right(end, row.y, 2, &canvas.text_of(Mark::Uncertain).then(&Safe::lit(" ")), Meaning::Danger) as u16;
    }
    let mut x = row.x + 1;
    if app.status_known && app.status.channels.is_empty() {
        canvas.say(x, row.y, usize::from(end.saturating_sub(x)), "no channel yet", Meaning::Muted);
    }
    // Those that need a person come first, so that a narrow row still shows them.
    let mut channels: Vec<_> = app.status.channels.iter().collect();
    channels.sort_by_key(|channel| match channel.health {
        Health::NeedsAttention => 0,
        Health::Retrying => 1,
        _ => 2,
    });
    for channel in channels {
        let (mark, meaning, word) = of_health(channel.health);
        let name = Safe::line(&channel.name).fit(20);
        let words = match channel.health {
            Health::Up => name,
            // Where there is room, what to do is said right here.
            Health::NeedsAttention if row.w >= SIDE_BY_SIDE && !channel.note.is_empty() => {
                name.then(&Safe::line(&format!(": {} ({})", Safe::line(&channel.note).fit(NOTE), app.keymap.first_key("channels"))))
            }
            Health::NeedsAttention | Health::Retrying => {
                let silent = channel.synced_at.filter(|at| channel.health == Health::Retrying && cx.now.since(*at) > Span::minutes(1));
                let silent = silent.map(|at| format!(" for {}", age(at, cx.now, cx.zone))).unwrap_or_default();
                name.then(&Safe::line(&format!(": {word}{silent} ({})", app.keymap.first_key("channels"))))
            }
            _ => name.then(&Safe::line(&format!(": {word}"))),
        };
        let room = usize::from(end.saturating_sub(x + 2));
        if room < 8 {
            break;
        }
        x += canvas.mark(x, row.y, mark, meaning) as u16 + 1;
        x += canvas.put(x, row.y, room, &words, if meaning == Meaning::Good { Meaning::Muted } else { meaning }) as u16 + 2;
    }
}

/// What just happened, or the likeliest keys.
pub(super) fn hints(app: &App, cx: &Cx, row: Rect, canvas: &mut Canvas<'_>) {
    let (mut x, y) = (row.x + 1, row.y);
    let mut end = row.x + row.w - 1;
    if !app.chord.is_empty() {
        end -= canvas.say_right(end, y, 12, &format!("{} …", key::show(&app.chord)), Meaning::Accent) as u16 + 1;
    }
    if let Some(toast) = &app.toast {
        if toast.problem {
            x += canvas.mark(x, y, Mark::Needs, Meaning::Danger) as u16 + 1;
        }
        canvas.put(x, y, usize::from(end.saturating_sub(x)), &toast.text, if toast.problem { Meaning::Danger } else { Meaning::Text });
        return;
    }
    if app.focus == Focus::List && app.overlays.is_empty() && !app.marked.is_empty() {
        x += canvas.say(x, y, 14, &format!("{} marked", app.marked.len()), Meaning::Name) as u16 + 2;
    }
    for (keys, word) in likely(app, cx) {
        let width = (keys.len() + 1 + word.len()) as u16;
        if x + width > end {
            break;
        }
        x += canvas.say(x, y, usize::from(width), &keys, Meaning::Accent) as u16 + 1;
        x += canvas.say(x, y, usize::from(width), &word, Meaning::Muted) as u16 + 2;
    }
}

/// What a command does in what floats on top, where a word says it better than the one it has elsewhere.
fn word_of(app: &App, command: &Command) -> &'static str {
    match (app.overlays.last(), command.name) {
        (Some(Overlay::Palette(_)), "field.accept") => "run",
        (Some(Overlay::Picker(picker)), "field.accept") if picker.turns() => "on or off",
        (Some(Overlay::Picker(picker)), "field.close") if picker.turns() => "done",
        (Some(Overlay::Menu(_)), "open") | (Some(Overlay::Picker(_) | Overlay::Template(_)), "field.accept") => "choose",
        (Some(Overlay::TemplateForm(form)), "field.accept") if form.at + 1 >= form.rows.len() => "send",
        (Some(Overlay::TicketForm(form)), "field.accept") if form.at == TicketRow::Name => "take the number",
        (Some(Overlay::TemplateForm(_) | Overlay::TicketForm(_)), "field.accept") => "next field",
        (Some(Overlay::TemplateForm(_)), "field.close") => "back, keep it",
        (Some(Overlay::Form(form)), "field.accept") if form.at + 1 < form.rows.len() => "next field",
        (Some(Overlay::Form(form)), "field.accept") if form.was.is_some() => "change",
        (Some(Overlay::Form(_)), "field.accept") => "connect",
        (Some(Overlay::BulkAsk(_)), "confirm.yes") => "begin",
        (Some(_), "back") => "close",
        (None, "compose.send") if app.composer_shown().is_some_and(|thread| thread.composer.is_note()) => "save note",
        (None, "compose.leave") if is_blank(app) => "leave",
        (None, "message.resend") if app.is_waiting_its_time() => "send now",
        _ => command.hint,
    }
}

/// The composer has nothing in it yet.
fn is_blank(app: &App) -> bool {
    app.composer_shown().is_some_and(|thread| thread.composer.is_empty())
}

/// The keys of the focused place that can be used now, with a word each, the nearest contexts first.
fn likely(app: &App, cx: &Cx) -> Vec<(String, Cow<'static, str>)> {
    let chain = app.chain();
    let mut out = Vec::new();
    // What will soon be too late stands first.
    if app.overlays.is_empty() && app.focus == Focus::Thread && app.can_take_back(cx) {
        let left = app.thread.as_ref().and_then(|thread| thread.held(cx.now).find_map(|(message, _)| held(message, cx.now, cx.zone)));
        out.push((app.keymap.first_key("undo"), left.map_or("take back".into(), |left| format!("take back ({left})").into())));
    }
    let walking = app.overlays.is_empty() && app.focus != Focus::Compose && app.searched().is_some();
    if walking {
        for (command, word) in [
            ("conversation.next_unread", "next hit"),
            ("conversation.previous_unread", "previous"),
            ("search", "what was found"),
            ("back", "end the search"),
        ] {
            out.push((app.keymap.first_key(command), word.into()));
        }
    }
    for context in chain {
        let here = command::all().filter(|command| command.context == *context && !command.hint.is_empty());
        // Enter closes what only shows something, but nobody calls that opening.
        let shows_only = match app.overlays.last() {
            Some(Overlay::Info(info)) => info.selected.is_none(),
            Some(Overlay::Ticket(id)) => app.queue.ticket(*id).is_none_or(|ticket| ticket.conversation.is_none()),
            // What Enter does there has a letter of its own.
            Some(Overlay::Versions(_) | Overlay::Channels(_) | Overlay::Wordings(_)) => true,
            _ => false,
        };
        // How to send is told before there is anything to send.
        let told = |command: &&Command| (command.enabled)(app, cx).is_ok() || (command.name == "compose.send" && is_blank(app));
        for command in here.filter(|command| !(shows_only && command.name == "open")).filter(told) {
            if let Some(keys) = app.keymap.keys_of(command.name).first() {
                out.push((keys.clone(), word_of(app, command).into()));
            }
        }
    }
    out
}
