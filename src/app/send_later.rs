//! Replies that leave at a time somebody chooses.

use chrono::{Datelike, NaiveTime, Weekday};

use super::effect::Mode;
use super::overlay::{Menu, MenuChoice, MenuRow, Overlay, Picker, PickerRow, Purpose};
use super::{App, Cx};
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp};
use crate::domain::when;
use crate::domain::window::Window;

impl App {
    pub(crate) fn can_send_later(&self, cx: &Cx) -> Result<(), String> {
        let composer = self.thread.as_ref().map(|thread| &thread.composer).ok_or("No conversation is open")?;
        if composer.is_editing() || composer.mode == Mode::Note {
            return Err("Only replies can be sent later".to_owned());
        }
        self.can_send(cx)
    }

    /// Asks when the reply is to leave.
    pub(crate) fn ask_time(&mut self, cx: &Cx) {
        let row = |key, title: &'static str, at: Timestamp| MenuRow {
            key,
            title: Safe::lit(title),
            detail: Safe::line(&self.words_for(at, cx)),
            choice: MenuChoice::SendAt(at),
        };
        let at = |days: u64, hour: u32| {
            let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(when::MORNING);
            when::at_time(days, time, cx.now, cx.zone)
        };
        let evening = at(0, 18);
        let monday = u64::from(7 - cx.now.date(cx.zone).weekday().days_since(Weekday::Mon));
        let mut rows = vec![row('1', "in 1 hour", cx.now.plus(Span::hours(1)))];
        if evening.since(cx.now) > Span::minutes(30) {
            rows.push(row('e', "this evening", evening));
        }
        rows.push(row('t', "tomorrow morning", at(1, 9)));
        rows.push(row('m', "Monday morning", at(monday, 9)));
        rows.push(MenuRow { key: 'o', title: Safe::lit("another time"), detail: Safe::lit("is typed"), choice: MenuChoice::SendAtTyped });
        self.overlays.push(Overlay::Menu(Menu::new("send later", rows)));
    }

    /// Asks for a time in words.
    pub(super) fn ask_time_typed(&mut self, cx: &Cx) {
        let nothing = "No time to come: try 14:30, fri 9:00, 24 nov, in 3h.";
        self.overlays.push(Overlay::Picker(Picker::new(Purpose::SendAt, "send later", self.times("", cx), nothing)));
    }

    /// Rows that are made from what is typed.
    pub(super) fn refill_as_typed(&mut self, cx: &Cx) {
        let Some(Overlay::Picker(picker)) = self.overlays.last() else { return };
        if picker.purpose == Purpose::Attach {
            return self.look_for_file();
        }
        let typed = picker.typed();
        let rows = self.times(&typed, cx);
        if let Some(Overlay::Picker(picker)) = self.overlays.last_mut() {
            picker.refill(rows);
            picker.selected = 0;
        }
    }

    fn times(&self, typed: &str, cx: &Cx) -> Vec<PickerRow> {
        let row = |at: Timestamp| PickerRow {
            title: Safe::line(&when::words(at, cx.now, cx.zone)),
            detail: Safe::line(if self.closes_before(at, cx) { "after the window closes" } else { "" }),
            on: None,
            value: at.0,
        };
        when::suggest(typed, cx.now, cx.zone).into_iter().map(row).collect()
    }

    fn words_for(&self, at: Timestamp, cx: &Cx) -> String {
        let words = when::words(at, cx.now, cx.zone);
        if self.closes_before(at, cx) { format!("{words}, window closed") } else { words }
    }

    /// Whether the customer cannot be written to any more then, unless they write again before.
    fn closes_before(&self, at: Timestamp, cx: &Cx) -> bool {
        let summary = self.thread.as_ref().and_then(|thread| thread.summary.as_ref());
        let end = summary.map(|summary| summary.reply_window(cx.now));
        matches!(end, Some(Window::Open(end)) if at >= end)
    }

    /// Sends what is typed at that time.
    pub(super) fn send_later(&mut self, at: Timestamp, cx: &Cx) {
        if let Err(why) = self.can_send_later(cx) {
            return self.complain(&why, cx);
        }
        let closes = self.closes_before(at, cx);
        self.send_at(Some(at), cx);
        let (words, undo) = (when::words(at, cx.now, cx.zone), self.keymap.first_key("undo"));
        if closes {
            self.complain(
                &format!(
                    "Leaves {words}, after the reply window closes: it fails unless the customer writes before · {undo} takes it back"
                ),
                cx,
            );
        } else {
            self.say(&format!("Leaves {words} · {undo} takes it back"), cx);
        }
    }
}
