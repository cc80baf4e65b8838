//! One template to many people, from the marked rows: asked with numbers before, watched afterwards.

use std::collections::BTreeMap;

use super::answers::Awaited;
use super::effect::{BulkPerson, BulkProgress, Query, Write};
use super::focus::Focus;
use super::overlay::{BulkAsk, BulkList, Confirm, Irrevocable, Overlay, TemplateForm, TemplatePicker};
use super::{App, Cx};
use crate::domain::bulk::{Forecast, State};
use crate::domain::canned::{VARIABLES, fill_in};
use crate::domain::id::ConversationId;
use crate::domain::template::{Filled, Header};

impl App {
    /// In the list a template is for all that are marked, as everything else there is.
    pub(crate) fn is_about_marked(&self) -> bool {
        self.focus == Focus::List && !self.marked.is_empty()
    }

    /// Marked conversations of one channel that has templates.
    pub(crate) fn can_send_to_marked(&self) -> Result<(), String> {
        if self.marked.is_empty() {
            let key = self.keymap.first_key("mark");
            return Err(format!("Mark the conversations first: {key} marks a row"));
        }
        let rows = self.marked.summaries();
        let Some(first) = rows.first() else { return Err(self.nobody().to_owned()) };
        if rows.iter().any(|row| row.channel != first.channel) {
            return Err("They are on different channels: mark those of one channel".to_owned());
        }
        match self.provider(&first.provider) {
            Some(provider) if provider.capabilities.templates => Ok(()),
            Some(provider) => Err(format!("{} has no templates", provider.title)),
            None => Err("These conversations have no channel that could send a template".to_owned()),
        }
    }

    /// Asks which template the marked are to get.
    pub(crate) fn ask_bulk(&mut self) {
        let many: Vec<ConversationId> = self.marked.summaries().iter().map(|row| row.id).collect();
        let Some(first) = many.first().copied() else { return };
        let mut picker = TemplatePicker::new(first, &format!("template to {} conversations", many.len()));
        picker.many = many;
        self.overlays.push(Overlay::Template(picker));
        self.refresh(Query::Templates { conversation: first });
    }

    /// The template of a bulk send is filled: asks the store what will happen, and the person whether to.
    pub(super) fn plan_bulk(&mut self, form: Box<TemplateForm>, filled: &Filled, cx: &Cx) {
        let Some(channel) = self.marked.get(form.to).map(|summary| summary.channel) else {
            return self.complain("The marked conversations left this list meanwhile: nothing was begun", cx);
        };
        if matches!(form.template.header, Header::File(_)) {
            return self.complain("A template with a file over it is sent to many by `frontdesk bulk`", cx);
        }
        let (mut people, mut left) = (Vec::new(), BTreeMap::<String, u64>::new());
        for id in &form.many {
            let Some(summary) = self.marked.get(*id) else { continue };
            let facts = self.facts_for(Some(summary));
            let values: Vec<(String, String)> = filled.values.iter().map(|(slot, value)| (slot.label(), fill_in(value, &facts))).collect();
            // Whose name nobody knows is not written to with a blank where it should be.
            let unknown = |name: &&&str| values.iter().any(|(_, value)| value.contains(&format!("{{{{{name}}}}}")));
            match VARIABLES.iter().find(unknown) {
                Some(name) => *left.entry(format!("{{{{{name}}}}} is not known")).or_default() += 1,
                None => people.push(BulkPerson { conversation: *id, name: summary.name.clone(), values, spot: filled.spot.clone() }),
            }
        }
        let ask = BulkAsk { channel, template: form.template, people, left: left.into_iter().collect(), forecast: None, problem: None };
        let (name, language) = (ask.template.name.clone(), ask.template.language.clone());
        let conversations = ask.people.iter().map(|person| person.conversation).collect();
        self.overlays.push(Overlay::BulkAsk(Box::new(ask)));
        self.refresh(Query::Forecast { channel, name, language, conversations });
    }

    /// What will happen is known.
    pub(super) fn know_forecast(&mut self, forecast: Forecast) -> bool {
        let Some(Overlay::BulkAsk(ask)) = self.overlays.last_mut() else { return false };
        ask.forecast = Some(forecast);
        true
    }

    /// The answer is yes: it begins, and its progress is shown.
    pub(super) fn begin_bulk(&mut self, cx: &Cx) {
        let Some(Overlay::BulkAsk(ask)) = self.overlays.pop_if(|top| matches!(top, Overlay::BulkAsk(_))) else { return };
        if ask.forecast.as_ref().is_none_or(|forecast| forecast.will == 0) {
            let why = if ask.forecast.is_none() { "It is still being counted: press again" } else { "Nobody of them can get it" };
            self.refuse(why, cx);
            if ask.forecast.is_none() {
                self.overlays.push(Overlay::BulkAsk(ask));
            }
            return;
        }
        self.marked.clear();
        let write = Write::StartBulk { channel: ask.channel, template: Box::new(ask.template), people: ask.people };
        self.write(write, Awaited::Bulk);
    }

    /// Shows the bulk sends.
    pub(crate) fn show_bulks(&mut self) {
        self.overlays.push(Overlay::Bulks(Box::default()));
        self.refresh(Query::Bulks);
    }

    /// They may have changed: they are read again where they are shown.
    pub(super) fn bulks_changed(&mut self) {
        if self.overlays.iter().any(|overlay| matches!(overlay, Overlay::Bulks(_))) {
            self.refresh(Query::Bulks);
        }
    }

    pub(super) fn know_bulks(&mut self, bulks: Vec<BulkProgress>, cx: &Cx) -> bool {
        let list = self.overlays.iter_mut().find_map(|overlay| match overlay {
            Overlay::Bulks(list) => Some(list),
            _ => None,
        });
        let Some(list) = list else { return false };
        list.take(bulks, cx.now);
        true
    }

    fn chosen_bulk(&self) -> Option<&BulkProgress> {
        match self.overlays.last() {
            Some(Overlay::Bulks(list)) => BulkList::chosen(list),
            _ => None,
        }
    }

    pub(crate) fn need_living_bulk(&self) -> Result<(), String> {
        match self.chosen_bulk() {
            Some(one) if one.bulk.state.is_over() => Err(format!("This one is {} already", one.bulk.state.name())),
            Some(_) => Ok(()),
            None => Err("There is no bulk send yet".to_owned()),
        }
    }

    pub(crate) fn hold_bulk(&mut self) {
        let Some((bulk, state)) = self.chosen_bulk().map(|one| (one.bulk.id, one.bulk.state)) else { return };
        let write = if state == State::Paused { Write::ResumeBulk { bulk } } else { Write::PauseBulk { bulk } };
        self.write(write, Awaited::Act);
    }

    pub(crate) fn ask_cancel_bulk(&mut self) {
        if let Some(bulk) = self.chosen_bulk().map(|one| one.bulk.id) {
            self.overlays.push(Overlay::Confirm(Confirm { act: Irrevocable::CancelBulk(bulk) }));
        }
    }
}
