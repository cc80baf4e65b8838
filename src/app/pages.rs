//! What was read for the screens of channels, templates and bulk sends.

use std::collections::BTreeMap;

use crate::domain::bulk::{Bulk, Counts};
use crate::domain::id::{ChannelId, ConversationId, MessageId, VenueId};
use crate::domain::outbound::Spot;
use crate::domain::queue::look::Console;
use crate::domain::template::Template;
use crate::domain::time::Timestamp;
use crate::domain::wording::Wording;

/// What is known about a channel beside its health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelAbout {
    /// Which.
    pub id: ChannelId,
    /// The account's name at the provider.
    pub account: String,
    /// Settings by field name.
    pub values: BTreeMap<String, String>,
    /// The secrets it has, by field name; never the secrets.
    pub secrets: Vec<String>,
    /// When something last came in.
    pub in_at: Option<Timestamp>,
    /// When something last left.
    pub out_at: Option<Timestamp>,
    /// What came in and is not read yet.
    pub incoming: u64,
    /// What waits to leave.
    pub outgoing: u64,
    /// When the credentials end, if the provider tells and they do.
    pub expires_at: Option<Timestamp>,
    /// The path the provider calls, after our own address, without what may be a secret in it; nothing for one that is asked.
    pub webhook: Option<String>,
}

/// The templates of a conversation's channel, and what decides which of them are for its customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplatePage {
    /// Which conversation.
    pub conversation: ConversationId,
    /// All of the channel's, those too that may not be used now.
    pub templates: Vec<Template>,
    /// The customer's language; empty when nobody knows.
    pub language: String,
    /// When they said that they want no advertising.
    pub opted_out_at: Option<Timestamp>,
    /// The provider lets them have no more advertising for now.
    pub capped: bool,
}

/// When one of our messages got where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageTimes {
    /// Which message.
    pub message: MessageId,
    /// What happened to it, and when, in the order of things.
    pub times: [(&'static str, Option<Timestamp>); 5],
}

/// Our own templates, with the provider's beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordingPage {
    /// Ours, by name, language and kind.
    pub own: Vec<Wording>,
    /// The providers', each with the name of its channel.
    pub provider: Vec<(String, Template)>,
    /// This agent may change ours.
    pub may_edit: bool,
}

/// One bulk send, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkProgress {
    /// The bulk send.
    pub bulk: Bulk,
    /// How many of its people are how far.
    pub counts: Counts,
}

/// Somebody who is to get a template with many others.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkPerson {
    /// Their conversation.
    pub conversation: ConversationId,
    /// Their name.
    pub name: String,
    /// The template's values for them, by label.
    pub values: Vec<(String, String)>,
    /// The place over its text.
    pub spot: Option<Spot>,
}

/// A venue's queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuePage {
    /// Every venue, by name.
    pub venues: Vec<(VenueId, String)>,
    /// The one that is shown; `None` while there is none.
    pub console: Option<Console>,
}
