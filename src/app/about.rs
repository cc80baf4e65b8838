//! Which conversations an act is about. What a menu, a picker, the palette or the command line was opened for stays what it is about: rows come
//! and go below it, and the neighbour that took a row's place was never meant.

use super::App;
use super::focus::Focus;
use super::overlay::Overlay;
use crate::domain::conversation::Summary;
use crate::domain::id::ConversationId;

/// What was meant when something was asked.
#[derive(Debug)]
pub(super) struct About {
    /// The selected or open one.
    one: Option<ConversationId>,
    /// What acts are about.
    all: Vec<ConversationId>,
}

impl App {
    /// The conversation a single thing is about: the open one when the focus is in it, else the selected one.
    pub(crate) fn subject(&self) -> Option<&Summary> {
        match (&self.about, self.focus) {
            (Some(about), _) => about.one.and_then(|id| self.shown(id)),
            (None, Focus::List) => self.list.row().map(|row| &row.summary),
            (None, Focus::Queue) => None,
            (None, Focus::Thread | Focus::Compose) => self.thread.as_ref().and_then(|thread| thread.summary.as_ref()),
        }
    }

    /// What acts are about: in the list all marked conversations, else the selected one; in the thread the open one.
    pub(crate) fn subjects(&self) -> Vec<Summary> {
        match &self.about {
            Some(about) => about.all.iter().filter_map(|id| self.shown(*id)).cloned().collect(),
            None if self.focus == Focus::List && !self.marked.is_empty() => self.marked.summaries(),
            None => self.subject().cloned().into_iter().collect(),
        }
    }

    pub(crate) fn need_conversation(&self) -> Result<(), String> {
        self.subject().map(|_| ()).ok_or_else(|| self.nobody().to_owned())
    }

    /// One of the conversations an act would be about is like this.
    pub(crate) fn need_any(&self, right: impl Fn(&Summary) -> bool, why: &str) -> Result<(), String> {
        // Asked for every hint of every frame: nothing is copied.
        let met = match &self.about {
            Some(about) if about.all.iter().all(|id| self.shown(*id).is_none()) => return Err(self.nobody().to_owned()),
            Some(about) => about.all.iter().filter_map(|id| self.shown(*id)).any(right),
            None if self.focus == Focus::List && !self.marked.is_empty() => self.marked.any(&right),
            None => self.subject().map(right).ok_or_else(|| self.nobody())?,
        };
        if met { Ok(()) } else { Err(why.to_owned()) }
    }

    /// How many of those that were meant are not there any more.
    pub(super) fn gone(&self) -> usize {
        self.about.as_ref().map_or(0, |about| about.all.iter().filter(|id| self.shown(**id).is_none()).count())
    }

    /// Why there is nothing to act on.
    pub(super) fn nobody(&self) -> &'static str {
        if self.gone() > 0 { "It left this list meanwhile: nothing was changed" } else { "No conversation is selected" }
    }

    /// Remembers what is meant as long as something is asked that may be about it.
    pub(super) fn keep_about(&mut self) {
        let asks =
            |overlay: &Overlay| matches!(overlay, Overlay::Palette(_) | Overlay::Menu(_) | Overlay::Picker(_) | Overlay::Template(_));
        if !self.overlays.iter().any(asks) {
            self.about = None;
        } else if self.about.is_none() {
            let one = self.subject().map(|summary| summary.id);
            self.about = Some(About { one, all: self.subjects().iter().map(|summary| summary.id).collect() });
        }
    }

    /// The conversation as it is where the focus is.
    fn shown(&self, id: ConversationId) -> Option<&Summary> {
        match self.focus {
            Focus::List => self.list.find(id).or_else(|| self.marked.get(id)),
            Focus::Queue => None,
            Focus::Thread | Focus::Compose => {
                self.thread.as_ref().filter(|thread| thread.id == id).and_then(|thread| thread.summary.as_ref())
            }
        }
    }
}
