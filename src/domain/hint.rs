//! What may have changed. A hint carries no data: whoever shows the thing loads it again.

use super::id::{ConversationId, VenueId};

/// Something that a screen may show is different now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hint {
    /// This conversation: its row, its messages, its draft.
    Conversation(ConversationId),
    /// The state of the channels, or of the outbox as a whole.
    Status,
    /// The queue of this venue: its tickets, counters, services.
    Queue(VenueId),
    /// Payloads wait in the journal to be processed.
    Journal,
    /// Anything: another process wrote, or hints were missed.
    Everything,
}
