//! What a provider can do and needs, as data. No other module asks which provider it is talking to.

use super::attachment::human_size;
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
    /// Which types of file can be sent; empty when any can.
    pub file_types: &'static [FileTypes],
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

/// Types of file that a provider takes alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileTypes {
    /// What a person calls them.
    pub title: &'static str,
    /// Their media types; one that ends in `*` is all that begin so.
    pub mimes: &'static [&'static str],
    /// The largest, in bytes.
    pub limit: u64,
}

impl FileTypes {
    /// Whether a media type is one of these.
    pub fn hold(&self, mime: &str) -> bool {
        self.mimes.iter().any(|known| known.strip_suffix('*').map_or(*known == mime, |stem| mime.starts_with(stem)))
    }
}

impl Provider {
    /// Whether a file of that name, media type and size can be sent; else why not, and what can.
    pub fn takes_file(&self, name: &str, mime: &str, size: u64) -> Result<(), String> {
        let (title, caps) = (self.title, self.capabilities);
        let large =
            |what: &str, limit: u64| Err(format!("{name} is {}, {title} takes {what} up to {}", human_size(size), human_size(limit)));
        match caps.file_types.iter().find(|types| types.hold(mime)) {
            Some(types) if size > types.limit => large(types.title, types.limit),
            None if !caps.file_types.is_empty() => {
                let taken: Vec<&str> = caps.file_types.iter().map(|types| types.title).collect();
                Err(format!("{name} is of a type that {title} does not take, only {}", taken.join(", ")))
            }
            None if size > caps.upload_limit => large("files", caps.upload_limit),
            _ => Ok(()),
        }
    }
}

impl Capabilities {
    /// A provider whose conversations allow nothing at all, to name what one does allow.
    pub const NONE: Self = Self {
        text_limit: 0,
        caption_limit: 0,
        upload_limit: 0,
        file_types: &[],
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

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Capabilities = Capabilities { text_limit: 10, upload_limit: 50_000_000, polls: true, ..Capabilities::NONE };
    const FEW: Capabilities = Capabilities {
        file_types: &[
            FileTypes { title: "pictures", mimes: &["image/jpeg", "image/png"], limit: 5_000_000 },
            FileTypes { title: "text", mimes: &["text/*"], limit: 90_000_000 },
        ],
        ..ANY
    };
    static LOFT: Provider = Provider { name: "loft", title: "Loft", letter: 'L', fields: &[], capabilities: &ANY };
    static PIGEON: Provider = Provider { capabilities: &FEW, name: "pigeon", title: "Pigeon", letter: 'P', fields: &[] };

    #[test]
    fn a_file_that_is_not_taken_is_refused_with_what_is() {
        let check = |provider: &Provider, mime: &str, size: u64, why: &str| {
            let got = provider.takes_file("a.x", mime, size);
            assert_eq!(got, if why.is_empty() { Ok(()) } else { Err(why.to_owned()) }, "{} {mime} {size}", provider.name);
        };
        check(&LOFT, "application/zip", 50_000_000, "");
        check(&LOFT, "application/zip", 60_000_000, "a.x is 60 MB, Loft takes files up to 50 MB");
        check(&PIGEON, "image/png", 5_000_000, "");
        check(&PIGEON, "image/png", 6_000_000, "a.x is 6.0 MB, Pigeon takes pictures up to 5.0 MB");
        check(&PIGEON, "image/pngx", 1, "a.x is of a type that Pigeon does not take, only pictures, text");
        check(&PIGEON, "text/csv", 50_000_000, "");
        check(&PIGEON, "", 1, "a.x is of a type that Pigeon does not take, only pictures, text");
    }
}
