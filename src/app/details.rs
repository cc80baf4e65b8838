//! What is known about the customer beside the conversation's row: read only while it is on the screen.

use super::effect::{MessageTimes, Query};
use super::motion::Motion;
use super::overlay::{Info, Overlay};
use super::{App, Cx};
use crate::domain::contact::Details;
use crate::domain::delivery::Delivery;
use crate::domain::id::{ConversationId, MessageId, VenueId};
use crate::domain::message::Direction;

/// The details of the conversation that is looked at.
#[derive(Debug, Default)]
pub struct Shown {
    /// Of which they were asked for last; asked once, so that what cannot be read is not asked for over and over.
    asked: Option<ConversationId>,
    page: Option<Details>,
    /// The message whose times were asked for last, as far as it had got then.
    timed: Option<(MessageId, Delivery)>,
    times: Option<MessageTimes>,
}

impl Shown {
    /// Those of a conversation, if they are here.
    pub fn of(&self, id: ConversationId) -> Option<&Details> {
        self.page.as_ref().filter(|details| details.conversation == id)
    }

    /// When a message got where, if that is here.
    pub fn times_of(&self, id: MessageId) -> Option<&MessageTimes> {
        self.times.as_ref().filter(|times| times.message == id)
    }

    pub(super) const fn take_times(&mut self, times: MessageTimes) {
        self.times = Some(times);
    }
}

impl App {
    /// Asks for the details when they come into view, and for others when another conversation is looked at.
    pub(super) fn follow_details(&mut self) {
        let wanted = self.details_subject();
        if wanted != self.details.asked {
            self.details.asked = wanted;
            self.load_details();
        }
        let timed = self.message_timed();
        if timed != self.details.timed {
            self.details.timed = timed;
            if let Some((message, _)) = timed {
                self.refresh(Query::Times { message });
            }
        }
    }

    /// The message of ours whose times are on the screen: asked again when it has got further.
    fn message_timed(&self) -> Option<(MessageId, Delivery)> {
        let open = self.thread.as_ref().is_some_and(|thread| Some(thread.id) == self.details.asked);
        let message = self.selected_message().filter(|message| open && message.id.0 > 0 && message.direction == Direction::Out)?;
        let left = !matches!(message.delivery, Delivery::Queued | Delivery::Sending | Delivery::Canceled);
        left.then_some((message.id, message.delivery))
    }

    /// Something about this conversation (or anything) changed.
    pub(super) fn details_changed(&mut self, id: Option<ConversationId>) {
        if self.details.asked.is_some() && (id.is_none() || id == self.details.asked) {
            self.load_details();
        }
    }

    /// People were called at a venue: whoever is shown to hold a ticket there may stand elsewhere in the line.
    pub(super) fn line_moved(&mut self, venue: VenueId) {
        let ticket = self.details.page.as_ref().and_then(|details| details.ticket.as_ref());
        if ticket.is_some_and(|place| place.ticket.venue == venue) {
            self.details_changed(None);
        }
    }

    pub(super) fn take_details(&mut self, details: Details) -> bool {
        let wanted = self.details.asked == Some(details.conversation);
        if wanted {
            self.details.page = Some(details);
        }
        wanted
    }

    /// The query for the details that are wanted.
    pub(super) fn details_query(&self) -> Option<Query> {
        self.details.asked.map(|conversation| Query::Details { conversation })
    }

    /// The conversation whose details are on the screen.
    fn details_subject(&self) -> Option<ConversationId> {
        let shown = !self.layout().info.is_empty() || matches!(self.overlays.last(), Some(Overlay::Info(_)));
        self.subject().filter(|_| shown).map(|subject| subject.id)
    }

    /// Opens the details on top of everything.
    pub(crate) fn show_details(&mut self) {
        self.overlays.push(Overlay::Info(Info::default()));
    }

    /// The contact's other conversations, as far as they are listed.
    fn others(&self) -> Vec<ConversationId> {
        let details = self.subject().and_then(|subject| self.details.of(subject.id));
        details.map(|details| details.earlier.iter().map(|earlier| earlier.id).collect()).unwrap_or_default()
    }

    /// Moves in the details: over the contact's other conversations, else by rows.
    pub(super) fn move_in_details(&mut self, motion: Motion, page: usize) {
        let others = self.others();
        let Some(Overlay::Info(info)) = self.overlays.last_mut() else { return };
        let at = info.selected.and_then(|id| others.iter().position(|other| *other == id));
        let next = match motion {
            Motion::Down => others.get(at.map_or(0, |at| at + 1)),
            Motion::Up => at.and_then(|at| at.checked_sub(1)).and_then(|at| others.get(at)),
            _ => None,
        };
        match (next, motion) {
            (Some(id), _) => info.selected = Some(*id),
            (None, Motion::Up) if at.is_some() => info.selected = None,
            (None, _) => info.top = motion.from(info.top, page, page),
        }
    }

    /// Opens the selected one of the contact's other conversations, or just closes the details.
    pub(super) fn leave_details(&mut self, cx: &Cx) {
        let Some(Overlay::Info(info)) = self.overlays.pop() else { return };
        if let Some(id) = info.selected {
            self.open(id, cx);
            self.focus = super::focus::Focus::Thread;
        }
    }
}
