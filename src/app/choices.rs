//! Acts that ask something first: whom, how soon, until when, which labels.

use super::overlay::{Menu, MenuChoice, MenuRow, Overlay, Picker, PickerRow, Purpose};
use super::{App, Cx};
use crate::domain::act::{Act, LABEL_CHARS, same_label};
use crate::domain::conversation::{Priority, Status, Summary};
use crate::domain::id::AgentId;
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp};
use crate::domain::when;

/// Columns of a title that a customer's name may take.
const NAMED: usize = 24;

impl App {
    /// Asks who is to have the conversation.
    pub(crate) fn ask_assignee(&mut self) {
        let title = self.titled("assign to");
        self.overlays.push(Overlay::Picker(Picker::new(Purpose::Assign, &title, Vec::new(), "No colleague has these letters.")));
        self.load_agents();
    }

    /// Everybody who can be given a conversation is known: the picker that asked offers them, and nobody.
    pub(super) fn offer_agents(&mut self, agents: &[(AgentId, String)], cx: &Cx) -> bool {
        if let Some(picker) = self.picker(Purpose::Mention) {
            let row = |(agent, name): &(AgentId, String)| PickerRow {
                title: Safe::line(name),
                detail: Safe::default(),
                on: None,
                value: agent.0,
            };
            picker.refill(agents.iter().filter(|(agent, _)| *agent != cx.agent).map(row).collect());
            return true;
        }
        let now = self.in_common(|subject| subject.assignee).flatten();
        let assigned = self.subjects().iter().any(|subject| subject.assignee.is_some());
        let Some(picker) = self.picker(Purpose::Assign) else { return false };
        let detail = |agent: AgentId| match (agent == cx.agent, Some(agent) == now) {
            (true, true) => "you, has it",
            (true, false) => "you",
            (false, true) => "has it",
            (false, false) => "",
        };
        let row = |(agent, name): &(AgentId, String)| PickerRow {
            title: Safe::line(name),
            detail: Safe::lit(detail(*agent)),
            on: None,
            value: agent.0,
        };
        let nobody = PickerRow { title: Safe::lit("nobody"), detail: Safe::default(), on: None, value: 0 };
        picker.refill(agents.iter().map(row).chain(assigned.then_some(nobody)).collect());
        true
    }

    /// Asks how soon somebody should look at the conversation.
    pub(crate) fn ask_priority(&mut self) {
        let now = self.in_common(|subject| subject.priority);
        let row = |(key, priority): (char, Priority)| MenuRow {
            key,
            title: Safe::lit(priority.name()),
            detail: Safe::lit(if Some(priority) == now { "now" } else { "" }),
            choice: MenuChoice::Priority(priority),
        };
        let letters =
            [('u', Priority::Urgent), ('h', Priority::High), ('m', Priority::Medium), ('l', Priority::Low), ('0', Priority::None)];
        let title = self.titled("priority");
        self.overlays.push(Overlay::Menu(Menu::new(&title, letters.into_iter().map(row).collect())));
    }

    /// Asks until when the conversation is to be out of sight.
    pub(crate) fn ask_snooze(&mut self, cx: &Cx) {
        let row = |key, title, at: Option<Timestamp>, choice| MenuRow {
            key,
            title: Safe::lit(title),
            detail: at.map(|at| Safe::line(&when::words(at, cx.now, cx.zone))).unwrap_or_default(),
            choice,
        };
        let at = |key, title, at: Timestamp| row(key, title, Some(at), MenuChoice::Snooze(Some(at)));
        let rows = vec![
            row('n', "until the customer writes", None, MenuChoice::Snooze(None)),
            at('h', "for an hour", cx.now.plus(Span::hours(1))),
            at('t', "until tomorrow", when::at_time(1, when::MORNING, cx.now, cx.zone)),
            at('w', "until Monday", when::next_monday(cx.now, cx.zone)),
            row('d', "until a date and time …", None, MenuChoice::SnoozeUntil),
        ];
        let title = format!("{} · a message wakes earlier", self.titled("snooze"));
        self.overlays.push(Overlay::Menu(Menu::new(&title, rows)));
    }

    /// Asks for a date and time, answered while it is typed.
    fn ask_snooze_until(&mut self, cx: &Cx) {
        let picker = Picker::new(Purpose::SnoozeUntil, &self.titled("snooze until"), Vec::new(), "");
        self.overlays.push(Overlay::Picker(picker));
        self.offer_times(cx);
    }

    /// The times that what is typed may mean; where it means none, why.
    pub(super) fn offer_times(&mut self, cx: &Cx) {
        let Some(Overlay::Picker(picker)) = self.overlays.last_mut() else { return };
        let typed = picker.typed();
        let row = |at: Timestamp| PickerRow {
            title: Safe::line(&when::words(at, cx.now, cx.zone)),
            detail: Safe::line(&when::distance(at, cx.now)),
            on: None,
            value: at.0,
        };
        let times = when::suggest(&typed, cx.now, cx.zone).into_iter().map(row).collect();
        let refused = when::parse(&typed, cx.now, cx.zone).err().map(|refused| refused.words(cx.now, cx.zone));
        picker.offer(times, &refused.unwrap_or_default());
    }

    /// Asks which labels the conversation is to have.
    pub(crate) fn ask_labels(&mut self) {
        let mut picker =
            Picker::new(Purpose::Labels, &self.titled("labels · a new name creates one"), Vec::new(), "No label yet: type a name.");
        picker.creates = Some("create the label");
        self.overlays.push(Overlay::Picker(picker));
        self.load_labels();
    }

    /// The labels there are: those that are on first.
    pub(super) fn offer_labels(&mut self, labels: &[String]) -> bool {
        let subjects = self.subjects();
        let is_on = |name: &str| !subjects.is_empty() && subjects.iter().all(|one| one.labels.iter().any(|label| same_label(label, name)));
        let Some(picker) = self.picker(Purpose::Labels) else { return false };
        let row = |(n, name): (usize, &String)| PickerRow {
            title: Safe::line(name),
            detail: Safe::default(),
            on: Some(is_on(name)),
            value: n as i64,
        };
        let mut rows: Vec<PickerRow> = labels.iter().enumerate().map(row).collect();
        rows.sort_by_key(|row| row.on != Some(true));
        picker.refill(rows);
        true
    }

    /// What a picker's row means.
    pub(crate) fn picked(&mut self, purpose: Purpose, row: &PickerRow, cx: &Cx) {
        match purpose {
            Purpose::Assign => {
                let to = (row.value != 0).then(|| (AgentId(row.value), row.title.as_str().to_owned()));
                self.act(Act::Assign(to), cx);
            }
            Purpose::Canned { typed } => self.insert_canned(row, typed, cx),
            Purpose::Attach => self.attach(row, cx),
            Purpose::SendAt => self.send_later(Timestamp(row.value), cx),
            Purpose::ManageCanned => self.ask_about_canned(row),
            Purpose::Mention => self.insert_mention(row, cx),
            Purpose::Theme => self.choose_theme(row.value, cx),
            Purpose::Park { ticket, version } => self.park_until(ticket, version, Timestamp(row.value)),
            Purpose::SnoozeUntil => self.act(Act::Status(Status::Snoozed, Some(Timestamp(row.value))), cx),
            Purpose::Labels => {
                let on = row.on != Some(true);
                // A known one by the name it is stored under, which may be another than the one that can be shown.
                let known = usize::try_from(row.value).ok().and_then(|at| self.memory.labels.get(at)).cloned();
                let name = known.unwrap_or_else(|| row.title.as_str().chars().take(LABEL_CHARS).collect());
                self.act(Act::Label(name, on), cx);
                if let Some(picker) = self.picker(Purpose::Labels) {
                    picker.turn(row, on);
                }
            }
        }
    }

    /// What a menu's row means.
    pub(crate) fn choose(&mut self, choice: &MenuChoice, cx: &Cx) {
        match choice {
            MenuChoice::Copy(text) => self.put_on_clipboard(text.clone(), cx),
            MenuChoice::Priority(priority) => self.act(Act::Priority(*priority), cx),
            MenuChoice::Snooze(until) => self.act(Act::Status(Status::Snoozed, *until), cx),
            MenuChoice::SnoozeUntil => self.ask_snooze_until(cx),
            MenuChoice::SendAt(at) => self.send_later(*at, cx),
            MenuChoice::SendAtTyped => self.ask_time_typed(cx),
            MenuChoice::EditCanned(canned) => self.edit_canned(canned),
            MenuChoice::RemoveCanned(canned) => self.remove_canned(canned, cx),
            MenuChoice::ShowView(place) => self.show_view(*place, cx),
            MenuChoice::SaveView(place) => self.ask_view_name(*place, cx),
            MenuChoice::DeleteView(place) => self.delete_view(*place, cx),
            MenuChoice::Held(held) => self.open_one(held, cx),
            MenuChoice::File(file, act) => self.act_on_file(*file, *act, cx),
            MenuChoice::OpenLink(url) => self.open_link(url),
            MenuChoice::CopyLink(url) => self.copy_link(url, cx),
            MenuChoice::Queue(ask) => self.ask_queue((**ask).clone()),
            MenuChoice::ParkUntil(ticket, version) => self.ask_park_until(*ticket, *version, cx),
            MenuChoice::Counter(counter) => self.ask_counter_state(*counter),
        }
    }

    /// What is asked, and about whom or how many.
    fn titled(&self, what: &str) -> String {
        match self.subjects().as_slice() {
            [] => what.to_owned(),
            [one] => format!("{what} · {}", Safe::line(&one.name).fit(NAMED)),
            many => format!("{what} · {} conversations", many.len()),
        }
    }

    /// What everything an act would be about has in common.
    fn in_common<T: PartialEq>(&self, of: impl Fn(&Summary) -> T) -> Option<T> {
        let mut values = self.subjects().into_iter().map(|subject| of(&subject));
        let first = values.next()?;
        values.all(|value| value == first).then_some(first)
    }

    /// The picker on top, if it asks this.
    fn picker(&mut self, purpose: Purpose) -> Option<&mut Picker> {
        match self.overlays.last_mut() {
            Some(Overlay::Picker(picker)) if picker.purpose == purpose => Some(picker),
            _ => None,
        }
    }
}
