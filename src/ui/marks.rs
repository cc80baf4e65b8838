//! Marks, in Unicode or ASCII, and the words they stand for.

use super::theme::Meaning;
use crate::app::HELD_FAR;
use crate::domain::channel::Health;
use crate::domain::delivery::Delivery;
use crate::domain::message::Message;
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp};
use crate::domain::when;
use chrono_tz::Tz;

/// A mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Cursor,
    Unread,
    Marked,
    Draft,
    Needs,
    Window,
    WindowClosed,
    Closed,
    Snoozed,
    Priority,
    Queued,
    Held,
    Sending,
    Sent,
    Delivered,
    Played,
    Uncertain,
    Failed,
    Canceled,
    Good,
    Retrying,
    Paused,
    Unknown,
    Down,
    Up,
    Quote,
    Edge,
    Horizontal,
    Double,
    Vertical,
    TopLeft,
    TopRight,
    BottomLeft,
    BottomRight,
}

impl Mark {
    /// How it looks.
    pub(super) const fn text(self, ascii: bool) -> Safe {
        let (fine, plain) = match self {
            Self::Cursor => ("▌", ">"),
            Self::Unread => ("●", "*"),
            Self::Marked => ("◆", "#"),
            Self::Draft => ("✎", "~"),
            Self::Needs => ("!", "!"),
            Self::Window => ("◔", "("),
            // Nothing is left of it. No cross: beside a reply that one would mean that it failed.
            Self::WindowClosed => ("○", "o"),
            Self::Snoozed => ("⏲", "@"),
            Self::Priority => ("⚑", "^"),
            Self::Closed | Self::Canceled => ("✕", "x"),
            Self::Queued | Self::Unknown => ("·", "."),
            Self::Held => ("◷", "@"),
            Self::Sending | Self::Up => ("↑", "^"),
            Self::Sent => ("✓", "v"),
            Self::Delivered => ("✓✓", "vv"),
            Self::Played => ("✓▸", "v>"),
            Self::Uncertain => ("?", "?"),
            Self::Failed => ("✗", "X"),
            Self::Good => ("✓", "+"),
            Self::Retrying => ("↻", "~"),
            Self::Paused => ("‖", "="),
            Self::Down => ("↓", "v"),
            Self::Edge => ("▏", "|"),
            Self::Horizontal => ("─", "-"),
            Self::Double => ("━", "="),
            Self::Vertical | Self::Quote => ("│", "|"),
            Self::TopLeft => ("┌", "+"),
            Self::TopRight => ("┐", "+"),
            Self::BottomLeft => ("└", "+"),
            Self::BottomRight => ("┘", "+"),
        };
        Safe::lit(if ascii { plain } else { fine })
    }
}

/// The mark of how far a message got.
pub(super) const fn of_delivery(delivery: Delivery) -> Option<(Mark, Meaning)> {
    match delivery {
        Delivery::Received => None,
        Delivery::Queued => Some((Mark::Queued, Meaning::Muted)),
        Delivery::Sending => Some((Mark::Sending, Meaning::Muted)),
        Delivery::Sent => Some((Mark::Sent, Meaning::Muted)),
        Delivery::Delivered => Some((Mark::Delivered, Meaning::Muted)),
        Delivery::Read => Some((Mark::Delivered, Meaning::Accent)),
        Delivery::Played => Some((Mark::Played, Meaning::Accent)),
        Delivery::Uncertain => Some((Mark::Uncertain, Meaning::Danger)),
        Delivery::Failed => Some((Mark::Failed, Meaning::Danger)),
        Delivery::Canceled => Some((Mark::Canceled, Meaning::Muted)),
    }
}

/// How far a message got, in words.
pub(super) fn delivery_words(message: &Message, undo: &str, now: Timestamp, zone: Tz) -> String {
    let words = match message.delivery {
        Delivery::Received => return String::new(),
        Delivery::Queued => match held(message, now, zone) {
            Some(left) if is_far(message, now) => return format!("to be sent {left}; {undo} takes it back"),
            Some(left) => return format!("held back for {left} more; {undo} takes it back"),
            None => "waiting to be sent",
        },
        Delivery::Sending => "being sent",
        Delivery::Sent => "sent: the provider has it",
        Delivery::Delivered => "delivered to the customer's device",
        Delivery::Read => "read by the customer",
        Delivery::Played => "listened to by the customer",
        Delivery::Uncertain => "uncertain: it may have arrived or not",
        Delivery::Failed => "failed: it did not arrive",
        Delivery::Canceled => "taken back before it was sent",
    };
    let (taken, all) = message.parts;
    if all > 1 { format!("{words} ({taken} of {all} parts)") } else { words.to_owned() }
}

/// The reply leaves so late that its time is told, not how long that is.
fn is_far(message: &Message, now: Timestamp) -> bool {
    message.due_at.is_some_and(|due| due.since(now) > HELD_FAR)
}

/// How long a reply is still held back (`4s`, `12m`), or when it leaves: `tomorrow 09:00`.
pub(super) fn held(message: &Message, now: Timestamp, zone: Tz) -> Option<String> {
    if let Some(due) = message.due_at.filter(|_| message.delivery == Delivery::Queued && is_far(message, now)) {
        return Some(when::words(due, now, zone));
    }
    let due = message.due_at.filter(|due| *due > now && message.delivery == Delivery::Queued)?;
    let seconds = due.since(now).0.saturating_add(999_999) / 1_000_000;
    Some(if seconds < 100 { format!("{seconds}s") } else { short(Span::secs(seconds)) })
}

/// A length of time in one short word, rounded down: `12m`, `3h`, `2d`.
pub(super) fn short(span: Span) -> String {
    let minutes = span.0.max(0) / 60_000_000;
    match minutes {
        0..60 => format!("{minutes}m"),
        60..2_880 => format!("{}h", minutes / 60),
        _ => format!("{}d", minutes / 1_440),
    }
}

/// A length of time with its minutes: `3h 04m`.
pub(super) fn long(span: Span) -> String {
    let minutes = span.0.max(0) / 60_000_000;
    if minutes < 60 { format!("{minutes}m") } else { format!("{}h {:02}m", minutes / 60, minutes % 60) }
}

/// A channel's health: its mark and its word.
pub(super) const fn of_health(health: Health) -> (Mark, Meaning, &'static str) {
    match health {
        Health::Unknown => (Mark::Unknown, Meaning::Muted, "not tried yet"),
        Health::Connecting => (Mark::Sending, Meaning::Muted, "connecting"),
        Health::Up => (Mark::Good, Meaning::Good, "connected"),
        Health::Retrying => (Mark::Retrying, Meaning::Warn, "trying again"),
        Health::NeedsAttention => (Mark::Needs, Meaning::Danger, "needs you"),
        Health::Paused => (Mark::Paused, Meaning::Muted, "paused"),
    }
}
