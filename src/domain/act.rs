//! What an agent decides about a conversation, as data: it can be shown before it is stored, done to many, repeated, and undone by its
//! exact opposite.

use super::conversation::{Priority, Status, Summary};
use super::id::{AgentId, ConversationId};
use super::time::Timestamp;

/// Conversations one act may be about, at most: they are changed together or not at all.
pub const MOST: usize = 500;
/// A label is at most so many characters long.
pub const LABEL_CHARS: usize = 40;

/// One thing about a conversation, and how it is to be from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Resolved, open again, spam; snoozed until an instant, or without one until the customer writes.
    Status(Status, Option<Timestamp>),
    /// With somebody known by this name, or with nobody.
    Assign(Option<(AgentId, String)>),
    /// How soon somebody should look at it.
    Priority(Priority),
    /// Has a label, or has it not.
    Label(String, bool),
    /// So many of its messages are unread.
    Unread(u32),
}

/// An act on one conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub conversation: ConversationId,
    /// What to do.
    pub act: Act,
    /// Only while this still holds: what is undone must not undo what somebody else did since.
    pub only_if: Option<Act>,
}

impl Act {
    /// It is so already.
    pub fn holds(&self, of: &Summary) -> bool {
        match self {
            Self::Status(status, until) => of.status == *status && of.snoozed_until == *until,
            Self::Assign(to) => of.assignee == to.as_ref().map(|(agent, _)| *agent),
            Self::Priority(priority) => of.priority == *priority,
            Self::Label(name, on) => has_label(of, name) == *on,
            Self::Unread(count) => of.unread == *count,
        }
    }

    /// What would make it again what it is now.
    #[must_use]
    pub fn inverse(&self, now: &Summary) -> Self {
        match self {
            Self::Status(..) => Self::Status(now.status, now.snoozed_until),
            Self::Assign(_) => Self::Assign(now.assignee.map(|agent| (agent, now.assignee_name.clone()))),
            Self::Priority(_) => Self::Priority(now.priority),
            Self::Label(name, _) => Self::Label(name.clone(), has_label(now, name)),
            Self::Unread(_) => Self::Unread(now.unread),
        }
    }

    /// Changes what is shown of it.
    pub fn apply(&self, to: &mut Summary) {
        match self {
            Self::Status(status, until) => (to.status, to.snoozed_until) = (*status, *until),
            Self::Assign(whom) => {
                to.assignee = whom.as_ref().map(|(agent, _)| *agent);
                to.assignee_name = whom.as_ref().map(|(_, name)| name.clone()).unwrap_or_default();
            }
            Self::Priority(priority) => to.priority = *priority,
            Self::Label(name, on) => {
                to.labels.retain(|label| !same_label(label, name));
                if *on {
                    to.labels.push(name.clone());
                    to.labels.sort_by_key(|label| label.to_lowercase());
                }
            }
            Self::Unread(count) => to.unread = *count,
        }
    }
}

impl Step {
    /// An act on one conversation, whatever was done to it meanwhile.
    pub const fn new(conversation: ConversationId, act: Act) -> Self {
        Self { conversation, act, only_if: None }
    }

    /// What takes this step back, from what the conversation is like before it.
    #[must_use]
    pub fn inverse(&self, before: &Summary) -> Self {
        Self { conversation: self.conversation, act: self.act.inverse(before), only_if: Some(self.act.clone()) }
    }
}

/// Two names of one label: case does not count.
pub fn same_label(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

fn has_label(summary: &Summary, name: &str) -> bool {
    summary.labels.iter().any(|label| same_label(label, name))
}
