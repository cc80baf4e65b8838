//! The connected accounts: one row each, and below them everything about the selected one.

use super::canvas::Canvas;
use super::marks::{Mark, of_health};
use super::theme::Meaning;
use crate::app::effect::ChannelAbout;
use crate::app::layout::Rect;
use crate::app::overlay::Channels;
use crate::app::{App, Cx};
use crate::domain::channel::ChannelStatus;
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp, age};
use crate::domain::when;

/// Columns of the titles.
const TITLE: usize = 10;
/// Credentials that end so soon are worth a warning.
const ENDS_SOON: Span = Span::hours(7 * 24);

pub(super) fn paint(app: &App, cx: &Cx, list: Channels, place: Rect, canvas: &mut Canvas<'_>) {
    let room = usize::from(place.w);
    if app.status.channels.is_empty() {
        let key = app.keymap.first_key("channels.create");
        canvas.say(place.x, place.y, room, &format!("No channel is connected yet: {key} adds one."), Meaning::Muted);
        return;
    }
    // Half of the room at most, so that what is wrong with one can be read.
    let shown = usize::from(place.h / 2).clamp(1, app.status.channels.len());
    let first = (list.selected + 1).saturating_sub(shown);
    for (n, channel) in app.status.channels.iter().enumerate().skip(first).take(shown) {
        paint_row(app, cx, channel, n == list.selected, Rect { y: place.y + (n - first) as u16, h: 1, ..place }, canvas);
    }
    let Some(channel) = app.status.channels.get(list.selected) else { return };
    let mut y = place.y + shown as u16;
    canvas.rule(place.x, y, place.w, Mark::Horizontal, Meaning::Rule);
    for (title, words, meaning) in facts(app, cx, channel) {
        for (n, row) in words.wrap(room.saturating_sub(TITLE)).iter().enumerate() {
            y += 1;
            if y >= place.y + place.h {
                return;
            }
            canvas.say(place.x, y, TITLE, if n == 0 { title } else { "" }, Meaning::Muted);
            canvas.put(place.x + TITLE as u16, y, room - TITLE, row, meaning);
        }
    }
}

fn paint_row(app: &App, cx: &Cx, channel: &ChannelStatus, chosen: bool, place: Rect, canvas: &mut Canvas<'_>) {
    let room = usize::from(place.w);
    if chosen {
        canvas.mark(place.x - 1, place.y, Mark::Cursor, Meaning::Accent);
    }
    let (mark, meaning, word) = of_health(channel.health);
    canvas.mark(place.x, place.y, mark, meaning);
    let provider = app.provider(&channel.provider).map_or(channel.provider.as_str(), |provider| provider.title);
    let name = Safe::line(&channel.name).fit(room / 2);
    let used = canvas.put(place.x + 2, place.y, room / 2, &name, if chosen { Meaning::Selected } else { Meaning::Name });
    let ago = channel.synced_at.map(|at| format!(" · last answer {}", age(at, cx.now, cx.zone))).unwrap_or_default();
    let words = format!("{provider} · {word}{ago}");
    canvas.say(place.x + 4 + used as u16, place.y, room.saturating_sub(used + 4), &words, Meaning::Muted);
}

/// Everything about a channel, in words.
fn facts(app: &App, cx: &Cx, channel: &ChannelStatus) -> Vec<(&'static str, Safe, Meaning)> {
    let (_, meaning, word) = of_health(channel.health);
    let meaning = if meaning == Meaning::Good { Meaning::Text } else { meaning };
    let health = if channel.note.is_empty() { word.to_owned() } else { format!("{word}: {}", channel.note) };
    let mut facts = vec![("health", Safe::line(&health), meaning)];
    if let Some(holder) = &app.status.holder {
        let meaning = if holder.is_silent(cx.now) { Meaning::Warn } else { Meaning::Text };
        facts.push(("sync", Safe::line(&holder.words(cx.now)), meaning));
    }
    let Some(about) = app.about_channel(channel) else { return facts };
    let mut fact = |title, words: &str, meaning| facts.push((title, Safe::line(words), meaning));
    if !about.account.is_empty() {
        fact("account", &about.account, Meaning::Text);
    }
    fact(
        "came in",
        &way(about.in_at, "wait to be read", about.incoming, cx),
        if about.incoming > 0 { Meaning::Warn } else { Meaning::Text },
    );
    fact("went out", &way(about.out_at, "wait to leave", about.outgoing, cx), Meaning::Text);
    if let Some((words, meaning)) = token(about, cx) {
        fact("token", &words, meaning);
    }
    if let Some(path) = &about.webhook {
        fact("webhook", path, Meaning::Accent);
        let key = app.keymap.first_key("channels.copy");
        fact("", &format!("{key} copies all of it, to stand after your server's address in the provider's settings"), Meaning::Muted);
    }
    facts
}

/// When something last went that way, and what has not gone yet.
fn way(at: Option<Timestamp>, waits: &str, count: u64, cx: &Cx) -> String {
    let last = at.map_or_else(|| "nothing yet".to_owned(), |at| format!("last {}", when::words(at, cx.now, cx.zone)));
    if count == 0 { last } else { format!("{last} · {count} {waits}") }
}

/// When the credentials end.
fn token(about: &ChannelAbout, cx: &Cx) -> Option<(String, Meaning)> {
    let end = about.expires_at?;
    let day = when::words(end, cx.now, cx.zone);
    Some(match end.since(cx.now) {
        left if left.0 <= 0 => (format!("ended {day}: put a new one into its settings"), Meaning::Danger),
        left if left < ENDS_SOON => (format!("ends {day}: put a new one into its settings before"), Meaning::Warn),
        _ => (format!("ends {day}"), Meaning::Text),
    })
}
