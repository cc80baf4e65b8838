//! What floats above the panes; the topmost takes the keys.

mod bulk;
mod canned;
mod filter;
mod form;
mod menu;
mod palette;
mod picker;
mod template;
mod ticket;
mod versions;
mod wording;

pub use bulk::{BulkAsk, BulkList};
pub use canned::CannedForm;
pub use filter::FilterLine;
pub use form::{Form, FormRow, FormRowKind};
pub use menu::{Menu, MenuChoice, MenuRow};
pub use palette::{DOC_ROWS, Found, Palette, PaletteKind, PaletteLine, PaletteRow};
pub use picker::{Picker, PickerRow, Purpose};
pub use template::{Asks, TemplateForm, TemplatePicker, TemplateRow, spot_of};
pub use ticket::{TicketForm, TicketRow};
pub use versions::Versions;
pub use wording::{WordingField, WordingForm, WordingList, WordingRow};

use super::focus::{CANNED, Context, FIELD, FILTER, FLOATING, LINE, SEARCH};
use super::layout::{Layout, Rect};
use crate::domain::id::{BulkId, ChannelId, ConversationId, MessageId, TicketId};

/// Something that floats.
#[derive(Debug)]
pub enum Overlay {
    /// Commands and more by a few letters; the command line; the keys of a place.
    Palette(Box<Palette>),
    /// Contact, channel, message.
    Info(Info),
    /// The connected accounts.
    Channels(Channels),
    /// A few emoji.
    React(React),
    /// A channel's settings.
    Form(Box<Form>),
    /// A question whose answer cannot be undone.
    Confirm(Confirm),
    /// A few choices, each with its letter.
    Menu(Box<Menu>),
    /// One of many, found by a few letters.
    Picker(Box<Picker>),
    /// People and messages by words; what was found is the [`super::App`]'s, because its hits are walked through afterwards.
    Search,
    /// A canned reply that is written.
    Canned(Box<CannedForm>),
    /// The line in which a filter of the list is typed.
    Filter(Box<FilterLine>),
    /// What a message read before.
    Versions(Box<Versions>),
    /// Which template is to be sent.
    Template(Box<TemplatePicker>),
    /// The values of a template.
    TemplateForm(Box<TemplateForm>),
    /// Our own templates, with the provider's beside them.
    Wordings(Box<WordingList>),
    /// One of our own that is written.
    WordingForm(Box<WordingForm>),
    /// What will happen before many get a template.
    BulkAsk(Box<BulkAsk>),
    /// The bulk sends.
    Bulks(Box<BulkList>),
    /// What is known of a ticket.
    Ticket(TicketId),
    /// A ticket that is taken.
    TicketForm(Box<TicketForm>),
}

/// Details in words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Info {
    /// The first row shown.
    pub top: usize,
    /// Which of the contact's other conversations is selected.
    pub selected: Option<ConversationId>,
}

/// The list of channels.
#[derive(Clone, Copy, Debug, Default)]
pub struct Channels {
    /// The selected one.
    pub selected: usize,
}

/// The choice of a reaction.
#[derive(Clone, Copy, Debug)]
pub struct React {
    /// To what.
    pub message: MessageId,
    /// Which emoji is selected.
    pub selected: usize,
}

/// Whether to do what cannot be undone.
#[derive(Clone, Copy, Debug)]
pub struct Confirm {
    /// What.
    pub act: Irrevocable,
}

/// An act that cannot be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Irrevocable {
    /// Delete the message for the customer too.
    Delete(MessageId),
    /// Send a reply again that may have arrived.
    Resend(MessageId),
    /// Disconnect a channel.
    RemoveChannel(ChannelId),
    /// Call a bulk send off.
    CancelBulk(BulkId),
    /// Give a ticket up.
    CancelTicket {
        /// Which.
        ticket: TicketId,
        /// What was seen of it.
        version: i64,
    },
}

/// The reactions offered: all of them are among those Telegram lets bots give (core.telegram.org/bots/api#reactiontypeemoji).
pub const EMOJI: [&str; 8] = ["👍", "🙏", "🎉", "🔥", "👏", "😁", "🤔", "👎"];

impl Overlay {
    /// The contexts whose keys work while it is on top.
    pub fn chain(&self) -> &'static [Context] {
        match self {
            Self::Palette(palette) if palette.kind == PaletteKind::Line => LINE,
            Self::Palette(_) | Self::Form(_) | Self::Picker(_) | Self::Template(_) | Self::TemplateForm(_) | Self::TicketForm(_) => FIELD,
            Self::Canned(_) | Self::WordingForm(_) => CANNED,
            Self::Filter(_) => FILTER,
            Self::Info(_) | Self::Menu(_) | Self::Versions(_) | Self::Ticket(_) => FLOATING,
            Self::Search => SEARCH,
            Self::Channels(_) => &[Context::Channels, Context::Browse, Context::Always],
            Self::Wordings(_) => &[Context::Templates, Context::Browse, Context::Always],
            Self::Bulks(_) => &[Context::Bulks, Context::Browse, Context::Always],
            Self::React(_) => &[Context::React, Context::Browse, Context::Always],
            Self::Confirm(_) | Self::BulkAsk(_) => &[Context::Confirm, Context::Always],
        }
    }

    /// Where it stands.
    pub fn place(&self, layout: &Layout) -> Rect {
        let whole = layout.whole;
        match self {
            // Between the first row and the state, so that its keys can be read.
            Self::Search => Rect { y: whole.y + 1, h: whole.h.saturating_sub(3), ..whole },
            Self::Filter(_) => layout.tabs,
            _ => layout.floating(self.size()),
        }
    }

    /// The size it would like, in columns and rows, frame included.
    pub fn size(&self) -> (u16, u16) {
        match self {
            Self::Menu(menu) => menu.size(),
            Self::Picker(picker) => picker.size(),
            Self::Canned(_) => (70, 16),
            // They have places of their own.
            Self::Search | Self::Filter(_) => (0, 0),
            Self::Palette(_) | Self::Versions(_) => (76, 20),
            Self::Info(_) => (60, 30),
            Self::Ticket(_) => (64, 16),
            Self::TicketForm(_) => (64, 9),
            Self::Template(_) | Self::TemplateForm(_) => (90, 22),
            Self::Channels(_) | Self::Wordings(_) | Self::WordingForm(_) | Self::Bulks(_) => (84, 24),
            Self::BulkAsk(_) => (76, 16),
            Self::React(_) => (38, 5),
            Self::Form(_) => (72, 18),
            Self::Confirm(_) => (64, 5),
        }
    }
}
