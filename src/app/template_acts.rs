//! Messages made from templates, which may leave while the reply window is closed; and places on the map.

use super::acts::Undo;
use super::answers::Awaited;
use super::effect::{Mode, Query, TemplatePage, Write};
use super::focus::Focus;
use super::message_acts::ahead_of_store;
use super::overlay::{Overlay, TemplateForm, TemplatePicker, spot_of};
use super::pane::composer::{Along, new_key};
use super::{App, Cx};
use crate::domain::canned::Facts;
use crate::domain::id::ConversationId;
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp};
use crate::domain::window::Window;

/// Forms whose values are kept while a screen lives.
const KEPT: usize = 20;
/// Keys typed so soon after the picker opened by itself were meant for the text.
const DEAF: Span = Span::millis(1_200);
/// Columns of a title that a customer's name may take.
const NAMED: usize = 24;

/// What was typed into the forms of templates that were not sent.
#[derive(Debug, Default)]
pub(crate) struct Kept(Vec<(ConversationId, String, String, Vec<String>)>);

impl Kept {
    fn of(&self, form: &TemplatePicker) -> &[String] {
        let Some(template) = form.template() else { return &[] };
        let same = |(to, name, language, _): &&(ConversationId, String, String, Vec<String>)| {
            *to == form.to && *name == template.name && *language == template.language
        };
        self.0.iter().find(same).map_or(&[], |(.., typed)| typed)
    }

    fn keep(&mut self, form: &TemplateForm) {
        self.forget(form);
        if self.0.len() >= KEPT {
            self.0.remove(0);
        }
        self.0.push((form.to, form.template.name.clone(), form.template.language.clone(), form.typed()));
    }

    fn forget(&mut self, form: &TemplateForm) {
        self.0.retain(|(to, name, language, _)| *to != form.to || *name != form.template.name || *language != form.template.language);
    }
}

impl App {
    /// The conversation's channel has templates, and the customer can be reached.
    pub(crate) fn can_use_templates(&self) -> Result<(), String> {
        let subject = self.subject().ok_or_else(|| self.nobody())?;
        let Some(provider) = self.provider(&subject.provider) else {
            return Err("This conversation has no channel that could send a template".to_owned());
        };
        if !provider.capabilities.templates {
            return Err(format!("{} has no templates: write a reply", provider.title));
        }
        if subject.unreachable {
            return Err("The provider cannot reach this customer: nothing arrives until they write".to_owned());
        }
        Ok(())
    }

    /// What a closed window leaves to do: the key that picks a template, where there are any.
    pub(crate) fn template_key(&self) -> Option<String> {
        let command = if self.focus == Focus::Compose { "compose.template" } else { "conversation.template" };
        self.can_use_templates().ok().map(|()| self.keymap.first_key(command))
    }

    /// Asks which template is to be sent.
    pub(crate) fn ask_template(&mut self) {
        let Some((to, name)) = self.subject().map(|subject| (subject.id, subject.name.clone())) else { return };
        let title = format!("template · {}", Safe::line(&name).fit(NAMED));
        self.overlays.push(Overlay::Template(TemplatePicker::new(to, &title)));
        self.refresh(Query::Templates { conversation: to });
    }

    /// The window closed while somebody wrote: templates are offered in its place, once, and the draft stays.
    pub(super) fn offer_template_in_time(&mut self, cx: &Cx) {
        let Some(closed) = self.closed_while_writing(cx) else { return };
        if self.offered == Some(closed) {
            return;
        }
        self.offered = Some(closed);
        self.save_drafts();
        self.ask_template();
        if let Some(Overlay::Template(picker)) = self.overlays.last_mut() {
            picker.title = Safe::lit("the reply window closed: pick a template · your text stays as the draft");
            picker.deaf_until = Some(cx.now.plus(DEAF));
        }
        self.dirty = true;
    }

    /// When a reply is being written whose window closed since it was begun.
    fn closed_while_writing(&self, cx: &Cx) -> Option<(ConversationId, Timestamp)> {
        let thread = self.thread.as_ref().filter(|_| self.focus == Focus::Compose && self.overlays.is_empty())?;
        let composer = &thread.composer;
        let summary = thread.summary.as_ref().filter(|_| composer.mode == Mode::Reply && !composer.is_editing())?;
        self.can_use_templates().ok()?;
        match summary.reply_window(cx.now) {
            Window::Closed(Some(at)) => Some((thread.id, at)),
            Window::Closed(None) | Window::Open(_) | Window::Unlimited => None,
        }
    }

    /// When the window closes in which a reply is being written.
    pub(super) fn closes_while_writing(&self, now: Timestamp) -> Option<Timestamp> {
        let thread = self.thread.as_ref().filter(|_| self.focus == Focus::Compose)?;
        match thread.summary.as_ref()?.reply_window(now) {
            Window::Open(end) => Some(end),
            Window::Closed(_) | Window::Unlimited => None,
        }
    }

    /// Keys that are still meant for the text although the picker has opened over it.
    pub(super) fn is_deaf(&self, now: Timestamp) -> bool {
        matches!(self.overlays.last(), Some(Overlay::Template(picker)) if picker.deaf_until.is_some_and(|until| now < until))
    }

    /// The templates of a conversation's channel are here.
    pub(super) fn know_templates(&mut self, page: TemplatePage) -> bool {
        let asked = self.overlays.iter_mut().rev().find_map(|overlay| match overlay {
            Overlay::Template(picker) if picker.to == page.conversation => Some(picker),
            _ => None,
        });
        let Some(picker) = asked else { return false };
        picker.take(page);
        true
    }

    /// A template was chosen: its places are asked for.
    pub(super) fn accept_template(&mut self, cx: &Cx) {
        let Some(Overlay::Template(picker)) = self.overlays.last() else { return };
        let Some(template) = picker.template().cloned() else { return };
        if let Some(why) = picker.refusal() {
            return self.refuse(&format!("{} cannot be sent now ({why}): choose another", template.name), cx);
        }
        let before = self.kept.of(picker).to_vec();
        let (facts, name) = match picker.many.len() {
            0 => self.facts_of(picker.to),
            many => (Facts::default(), format!("{many} conversations")),
        };
        let form = TemplateForm::new(picker, &name, template, facts, &before, new_key(cx.unique));
        self.overlays.push(Overlay::TemplateForm(form));
    }

    /// Enter in the form: the next row, and from the last one on the template is sent.
    pub(super) fn accept_template_row(&mut self, cx: &Cx) {
        let Some(Overlay::TemplateForm(form)) = self.overlays.last_mut() else { return };
        if form.at + 1 < form.rows.len() {
            form.step(true);
            return;
        }
        let Some(filled) = form.finished() else { return };
        let Some(Overlay::TemplateForm(form)) = self.overlays.pop() else { return };
        // Where it was picked is not come back to.
        self.overlays.pop_if(|below| matches!(below, Overlay::Template(_)));
        self.kept.keep(&form);
        if !form.many.is_empty() {
            return self.plan_bulk(form, &filled, cx);
        }
        let values = filled.values.iter().map(|(slot, value)| (slot.label(), value.clone())).collect();
        let write = Write::Template {
            client_key: form.key.clone(),
            conversation: form.to,
            name: filled.name,
            language: filled.language,
            values,
            file: form.file().map(Into::into),
            spot: filled.spot,
        };
        let text = form.template.preview(&filled.values);
        self.send_special(form.to, &text, write, Some(form), cx);
    }

    /// The form is left: what is typed is there when the same template is picked again.
    pub(super) fn keep_template_form(&mut self, form: &TemplateForm) {
        self.kept.keep(form);
    }

    /// Sends what is no text of the composer. It is on the screen at once where its thread is open.
    fn send_special(&mut self, conversation: ConversationId, text: &str, write: Write, form: Option<Box<TemplateForm>>, cx: &Cx) {
        let (agent_name, ticket) = (self.setup.agent_name.clone(), self.next_ticket + 1);
        if let Some(thread) = self.thread.as_mut().filter(|thread| thread.id == conversation) {
            thread.add_ahead(ahead_of_store(ticket, conversation, Mode::Reply, text, &agent_name, cx), ticket);
        }
        let ticket = self.write(write, Awaited::Special { form });
        self.remember(Undo::Send { ticket, message: None, along: Along::default() });
        if self.focus == Focus::Compose {
            self.focus = Focus::Thread;
        }
        let undo = self.keymap.first_key("undo");
        self.say(&format!("Leaves after the undo delay · {undo} takes it back"), cx);
    }

    /// A template was stored: its form begins anew.
    pub(super) fn special_stored(&mut self, form: Option<&TemplateForm>) {
        if let Some(form) = form {
            self.kept.forget(form);
        }
    }

    /// It was not stored: the form comes back with what was typed, unless something else is being done.
    pub(super) fn special_refused(&mut self, form: Option<Box<TemplateForm>>, problem: &str, cx: &Cx) {
        self.complain(problem, cx);
        if let Some(mut form) = form.filter(|_| self.overlays.is_empty() && self.focus != Focus::Compose) {
            form.problem = Some(Safe::line(problem));
            self.overlays.push(Overlay::TemplateForm(form));
        }
    }

    pub(crate) fn can_send_location(&self, cx: &Cx) -> Result<(), String> {
        let subject = self.subject().ok_or_else(|| self.nobody())?;
        match self.provider(&subject.provider) {
            Some(provider) if provider.capabilities.location => self.can_reply(cx),
            Some(provider) => Err(format!("{} takes no places on the map: write the address", provider.title)),
            None => Err("This conversation has no channel that could send a place".to_owned()),
        }
    }

    /// Sends a place that was typed after the command.
    pub(crate) fn send_location(&mut self, typed: &str, cx: &Cx) -> Result<(), String> {
        let spot = spot_of(typed)?;
        let Some(conversation) = self.subject().map(|subject| subject.id) else { return Err(self.nobody().to_owned()) };
        let text = spot.words();
        self.send_special(conversation, &text, Write::Location { client_key: new_key(cx.unique), conversation, spot }, None, cx);
        Ok(())
    }
}
