//! What a provider can do and needs, as data. No other module asks which provider it is talking to.

use super::time::{Span, Timestamp};

/// What one provider's conversations allow. What it cannot do is `false` or `None` here, and the screen says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The longest text of one message, in UTF-16 code units (never fewer than the characters a provider counts).
    pub text_limit: usize,
    /// The longest caption of a file, in UTF-16 code units.
    pub caption_limit: usize,
    /// The largest file that can be sent, in bytes.
    pub upload_limit: u64,
    /// The largest file that can be fetched, in bytes.
    pub download_limit: u64,
    /// Replies may quote a message.
    pub reply_to: bool,
    /// Own messages can be edited.
    pub edit: bool,
    /// Own messages can be deleted for everyone.
    pub delete: bool,
    /// Reactions can be given.
    pub react: bool,
    /// The customer can be shown that somebody types.
    pub typing: bool,
    /// The provider reports delivery and reading; without it `sent` is the last thing we know.
    pub receipts: bool,
    /// A repeated send is recognised by the provider, so a lost answer may be retried.
    pub idempotent: bool,
    /// How long the provider keeps messages for us while we are away; `None` when it keeps them for good.
    pub retention: Option<Span>,
    /// News can be asked for; without it they only come to a webhook.
    pub polls: bool,
    /// The provider's ids of messages are unique in the whole account, not only in a chat.
    pub wide_ids: bool,
    /// The customer can be shown that we have read.
    pub read_receipts: bool,
    /// A place on the map can be sent.
    pub location: bool,
    /// Messages can be made from templates that the provider approved; they may leave while the reply window is closed.
    pub templates: bool,
    /// How long after a customer's message we may write freely, for chats that we begin; `None` when always.
    pub window: Option<Span>,
    /// How often one customer may be written to; `None` when the provider sets no limit.
    pub pair_rate: Option<Rate>,
    /// How often the account may send; `None` when the provider sets no limit.
    pub account_rate: Option<Rate>,
}

impl Capabilities {
    /// A provider whose conversations allow nothing at all, to name what one does allow.
    pub const NONE: Self = Self {
        text_limit: 0,
        caption_limit: 0,
        upload_limit: 0,
        download_limit: 0,
        reply_to: false,
        edit: false,
        delete: false,
        react: false,
        typing: false,
        receipts: false,
        idempotent: false,
        retention: None,
        polls: false,
        wide_ids: false,
        read_receipts: false,
        location: false,
        templates: false,
        window: None,
        pair_rate: None,
        account_rate: None,
    };
}

/// So many at once, then one in each span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many may leave without a wait after a rest; at least 1.
    pub burst: u32,
    /// One more after each of these.
    pub every: Span,
}

/// One setting a channel of some provider needs: the form, the command line and the check are made from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name in `settings` and on the command line (`api-base`).
    pub name: &'static str,
    /// What the form calls it.
    pub title: &'static str,
    /// One line of help: where to find it.
    pub help: &'static str,
    /// A secret is given by file, environment variable or command, and never shown.
    pub secret: bool,
    /// Used when nothing is given; `None` makes the field required.
    pub default: Option<&'static str>,
}

/// What the rest of the program knows of a provider.
#[derive(Clone, Copy, Debug)]
pub struct Provider {
    /// The name in the database and on the command line (`telegram`).
    pub name: &'static str,
    /// The name people know (`Telegram`).
    pub title: &'static str,
    /// The letter that marks its conversations in the list.
    pub letter: char,
    /// Its settings, in the order a form asks for them.
    pub fields: &'static [Field],
    /// What its conversations allow.
    pub capabilities: &'static Capabilities,
}

/// How a channel is doing, as its row in the database and the status line say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Health {
    /// Nobody has tried since the channel was added, or no process syncs.
    #[default]
    Unknown,
    /// The first answer is awaited.
    Connecting,
    /// The provider answers.
    Up,
    /// It does not, and will be tried again.
    Retrying,
    /// The provider refuses our credentials or another program uses them; a person has to act.
    NeedsAttention,
    /// Stopped by an agent.
    Paused,
}

/// One connected account, as the screen shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelStatus {
    /// Which.
    pub id: super::id::ChannelId,
    /// The provider's name (see [`Provider::name`]).
    pub provider: String,
    /// What the workspace calls it.
    pub name: String,
    /// How it is doing.
    pub health: Health,
    /// Why, and what to do, when it is not [`Health::Up`]. Our words and the provider's; sanitise before showing.
    pub note: String,
    /// When the provider last answered.
    pub synced_at: Option<Timestamp>,
}

impl Health {
    /// Every state, in the order of the numbers they have nowhere: the store writes names.
    pub const ALL: [Self; 6] = [Self::Unknown, Self::Connecting, Self::Up, Self::Retrying, Self::NeedsAttention, Self::Paused];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Connecting => "connecting",
            Self::Up => "up",
            Self::Retrying => "retrying",
            Self::NeedsAttention => "attention",
            Self::Paused => "paused",
        }
    }

    /// The state of that name; an unknown name is [`Health::Unknown`].
    pub fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|health| health.name() == name).unwrap_or_default()
    }
}
