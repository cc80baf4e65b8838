//! What is being read. In each slot only the newest question counts; a hint that comes while an answer is awaited asks again when it is
//! there, so a burst of changes costs one read per answer.

use std::collections::BTreeMap;

use super::App;
use super::effect::{Effect, Query, Slot};
use super::focus::Focus;

/// The state of all slots.
#[derive(Debug, Default)]
pub struct Loads {
    last: u64,
    slots: BTreeMap<Slot, Asked>,
}

#[derive(Debug)]
struct Asked {
    seq: u64,
    query: Query,
    again: bool,
}

impl Loads {
    /// Asks now; an earlier question's answer no longer counts.
    fn ask(&mut self, query: Query) -> Effect {
        self.last += 1;
        self.slots.insert(query.slot(), Asked { seq: self.last, query: query.clone(), again: false });
        Effect::Load { seq: self.last, query }
    }

    /// Asks unless the same question awaits its answer; then it is asked once more after that.
    fn refresh(&mut self, query: Query) -> Option<Effect> {
        match self.slots.get_mut(&query.slot()) {
            Some(asked) if asked.query == query => {
                asked.again = true;
                None
            }
            _ => Some(self.ask(query)),
        }
    }

    /// The question this answers and whether to ask it again; nothing for an answer that no longer counts.
    pub fn answered(&mut self, seq: u64) -> Option<(Query, bool)> {
        let slot = self.slots.iter().find(|(_, asked)| asked.seq == seq).map(|(slot, _)| *slot)?;
        self.slots.remove(&slot).map(|asked| (asked.query, asked.again))
    }

    /// The answers of these slots no longer count.
    fn forget(&mut self, slots: &[Slot]) {
        for slot in slots {
            self.slots.remove(slot);
        }
    }

    fn is_asked(&self, query: &Query) -> bool {
        self.slots.get(&query.slot()).is_some_and(|asked| asked.query == *query)
    }
}

impl App {
    pub(super) fn reload_list(&mut self) {
        for query in self.list.reload() {
            let effect = self.loads.refresh(query);
            self.out.extend(effect);
        }
    }

    pub(super) fn reload_thread(&mut self) {
        let query = self.thread.as_ref().map(super::pane::thread::Thread::in_view);
        let effect = query.and_then(|query| self.loads.refresh(query));
        self.out.extend(effect);
    }

    pub(super) fn refresh(&mut self, query: Query) {
        let effect = self.loads.refresh(query);
        self.out.extend(effect);
    }

    pub(crate) fn load_status(&mut self) {
        let effect = self.loads.refresh(Query::Status);
        self.out.extend(effect);
    }

    pub(crate) fn load_agents(&mut self) {
        let effect = self.loads.refresh(Query::Agents);
        self.out.extend(effect);
    }

    pub(super) fn load_canned(&mut self) {
        let effect = self.loads.refresh(Query::Canned);
        self.out.extend(effect);
    }

    /// Finds the conversation that people call by this number.
    pub(crate) fn load_numbered(&mut self, number: i64) {
        let effect = self.loads.ask(Query::Numbered(number));
        self.effect(effect);
    }

    /// Reads the queue, while it is shown.
    pub(super) fn load_queue(&mut self) {
        if self.focus == Focus::Queue {
            let effect = self.loads.refresh(self.queue.query());
            self.out.extend(effect);
        }
    }

    pub(super) fn load_details(&mut self) {
        let effect = self.details_query().and_then(|query| self.loads.refresh(query));
        self.out.extend(effect);
    }

    pub(crate) fn load_labels(&mut self) {
        let effect = self.loads.refresh(Query::Labels);
        self.out.extend(effect);
    }

    pub(super) fn load_versions(&mut self, query: Query) {
        let effect = self.loads.refresh(query);
        self.out.extend(effect);
    }

    pub(super) fn load_folder(&mut self, typed: String) {
        let effect = self.loads.refresh(Query::Folder { typed });
        self.out.extend(effect);
    }

    pub(super) fn load_views(&mut self) {
        let effect = self.loads.refresh(Query::Views);
        self.out.extend(effect);
    }

    /// Looks for people in place of those that were looked for before; for nobody without words.
    pub(super) fn load_people(&mut self, typed: Option<String>) {
        self.loads.forget(&[Slot::People]);
        if let Some(typed) = typed {
            let effect = self.loads.ask(Query::People { typed });
            self.effect(effect);
        }
    }

    /// Asks for a further page, unless it is on its way.
    pub(super) fn load_more(&mut self, query: Option<Query>) {
        if let Some(query) = query.filter(|query| !self.loads.is_asked(query)) {
            let effect = self.loads.ask(query);
            self.effect(effect);
        }
    }

    /// Asks for a picture, one after the other.
    pub(super) fn load_picture(&mut self, query: Option<Query>) {
        if let Some(query) = query.filter(|query| !self.loads.slots.contains_key(&query.slot())) {
            let effect = self.loads.ask(query);
            self.effect(effect);
        }
    }

    /// Asks for what takes the place of the list that is shown; answers about that one no longer count.
    pub(super) fn load_list(&mut self, query: Query) {
        self.loads.forget(&[Slot::List, Slot::MoreList, Slot::Elsewhere]);
        let effect = self.loads.ask(query);
        self.effect(effect);
    }

    /// Shows another conversation.
    pub(super) fn load_thread(&mut self) {
        self.loads.forget(&[Slot::Thread, Slot::MoreThread]);
        self.reload_thread();
    }

    /// Asks in place of whatever was asked in that slot.
    pub(super) fn ask_anew(&mut self, query: Query) {
        self.loads.forget(&[Slot::Search, Slot::MoreSearch]);
        let effect = self.loads.ask(query);
        self.effect(effect);
    }

    /// Nothing is looked for any more.
    pub(super) fn forget_search(&mut self) {
        self.loads.forget(&[Slot::Search, Slot::MoreSearch]);
    }

    /// Carries out what an answer's slot still wants.
    pub(super) fn ask_again(&mut self, query: &Query) {
        match query {
            Query::List { .. } => self.reload_list(),
            Query::Thread { .. } => self.reload_thread(),
            Query::Status => self.load_status(),
            Query::Agents => self.load_agents(),
            // What is typed is asked anew, never again; a number by a person who will ask again if it matters; a picture by the next turn that
            // lacks it.
            Query::Search { .. } | Query::People { .. } | Query::Numbered(_) | Query::Picture { .. } => {}
            Query::Canned => self.load_canned(),
            Query::Folder { typed } => self.load_folder(typed.clone()),
            Query::News => self.load_news(),
            Query::Views => self.load_views(),
            Query::Labels => self.load_labels(),
            Query::Details { .. } => self.load_details(),
            Query::Versions { .. } => self.load_versions(query.clone()),
            Query::Queue { .. } => self.load_queue(),
            Query::Templates { .. }
            | Query::Times { .. }
            | Query::Channels
            | Query::Wordings
            | Query::Forecast { .. }
            | Query::Bulks
            | Query::Board { .. }
            | Query::Kiosk { .. } => {
                self.refresh(query.clone());
            }
        }
    }
}
