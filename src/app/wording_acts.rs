//! Our own message templates on the screen: read by everybody, written by who may.

use super::acts::Undo;
use super::answers::Awaited;
use super::effect::{Query, WordingPage, Write};
use super::overlay::{Overlay, WordingForm, WordingList, WordingRow};
use super::{App, Cx};
use crate::domain::text::Safe;
use crate::domain::wording::Wording;

impl App {
    /// Shows our own templates, and the provider's beside them.
    pub(crate) fn show_wordings(&mut self) {
        self.overlays.push(Overlay::Wordings(Box::default()));
        self.refresh(Query::Wordings);
    }

    /// They are here (again).
    pub(super) fn know_wordings(&mut self, page: WordingPage) -> bool {
        let Some(list) = self.wording_list() else { return false };
        list.take(page);
        true
    }

    fn wording_list(&mut self) -> Option<&mut WordingList> {
        self.overlays.iter_mut().find_map(|overlay| match overlay {
            Overlay::Wordings(list) => Some(&mut **list),
            _ => None,
        })
    }

    /// The list on top.
    fn wordings(&self) -> Option<&WordingList> {
        match self.overlays.last() {
            Some(Overlay::Wordings(list)) => Some(list),
            _ => None,
        }
    }

    /// Only some may write what everybody says.
    pub(crate) fn can_write_wordings(&self) -> Result<(), String> {
        let page = self.wordings().and_then(|list| list.page.as_ref()).ok_or("The templates are still being read")?;
        if page.may_edit {
            return Ok(());
        }
        Err("Only owners and admins change what everybody says to customers: you can read it".to_owned())
    }

    pub(crate) fn can_edit_wording(&self) -> Result<(), String> {
        match self.wordings().and_then(WordingList::chosen) {
            Some(WordingRow::Own(_)) => self.can_write_wordings(),
            Some(WordingRow::Provider(..)) => Err("The provider's templates are changed in its own console".to_owned()),
            None => Err("There is no template yet".to_owned()),
        }
    }

    fn chosen_wording(&self) -> Option<Wording> {
        match self.wordings()?.chosen()? {
            WordingRow::Own(wording) => Some(wording.clone()),
            WordingRow::Provider(..) => None,
        }
    }

    pub(crate) fn write_wording(&mut self) {
        self.overlays.push(Overlay::WordingForm(WordingForm::new(None)));
    }

    pub(crate) fn edit_wording(&mut self) {
        if let Some(wording) = self.chosen_wording() {
            self.overlays.push(Overlay::WordingForm(WordingForm::new(Some(wording))));
        }
    }

    /// Forgets the selected one; undo brings it back.
    pub(crate) fn remove_wording(&mut self, cx: &Cx) {
        let Some(wording) = self.chosen_wording() else { return };
        let undo = self.keymap.first_key("undo");
        self.say(&format!("{} is removed · {undo} undoes it", wording.name), cx);
        self.remember(Undo::Wording { now: None, before: Some(Box::new(wording.clone())) });
        self.write(Write::Wording { remove: Some(wording), keep: None }, Awaited::Wording(None));
    }

    /// Keeps what the form holds.
    pub(super) fn keep_wording(&mut self, cx: &Cx) {
        let others = self.wording_list().and_then(|list| list.page.as_ref()).map(|page| page.own.clone()).unwrap_or_default();
        let Some(Overlay::WordingForm(form)) = self.overlays.last_mut() else { return };
        let Some(wording) = form.finished(&others) else { return };
        let Some(Overlay::WordingForm(form)) = self.overlays.pop() else { return };
        let (before, undo) = (form.was.clone(), self.keymap.first_key("undo"));
        self.say(&format!("{} is kept · {undo} undoes it", wording.name), cx);
        self.remember(Undo::Wording { now: Some(Box::new(wording.clone())), before: before.clone().map(Box::new) });
        self.write(Write::Wording { remove: before, keep: Some(wording) }, Awaited::Wording(Some(form)));
    }

    /// What the form held was not stored: it comes back, and there is nothing to undo.
    pub(super) fn wording_refused(&mut self, form: Option<Box<WordingForm>>, problem: &str, cx: &Cx) {
        if let Some(at) = self.undo.iter().rposition(|undo| matches!(undo, Undo::Wording { .. })) {
            self.undo.remove(at);
        }
        self.complain(problem, cx);
        if let Some(mut form) = form.filter(|_| matches!(self.overlays.last(), Some(Overlay::Wordings(_)))) {
            form.problem = Some(Safe::line(problem));
            self.overlays.push(Overlay::WordingForm(form));
        }
    }

    /// Takes a change back.
    pub(super) fn undo_wording(&mut self, now: Option<Wording>, before: Option<Wording>) {
        self.write(Write::Wording { remove: now, keep: before }, Awaited::Wording(None));
    }

    /// They may have changed: they are read again where they are shown.
    pub(super) fn wordings_changed(&mut self) {
        if self.wording_list().is_some() {
            self.refresh(Query::Wordings);
        }
    }
}
