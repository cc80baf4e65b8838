//! Where keys go.

/// The pane that takes keys while nothing floats above it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The list of conversations.
    #[default]
    List,
    /// The messages of the open one.
    Thread,
    /// The text field below them.
    Compose,
    /// The walk-in queue.
    Queue,
}

/// Where a command's keys work. A key is looked up in the contexts of the place the focus is in, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Everywhere, in text fields too.
    Always,
    /// Wherever no text is typed.
    Browse,
    /// In every pane, unless something floats above it.
    Global,
    /// In the inbox's list and thread.
    Inbox,
    /// In the list of conversations.
    List,
    /// In the open thread.
    Thread,
    /// In the composer.
    Compose,
    /// In the walk-in queue.
    Queue,
    /// In palette and forms.
    Field,
    /// In the search.
    Search,
    /// Where a canned reply is written.
    Canned,
    /// In the command line.
    Line,
    /// While the list is filtered.
    Filter,
    /// In the list of channels.
    Channels,
    /// In the list of our own templates.
    Templates,
    /// In the list of bulk sends.
    Bulks,
    /// Where a reaction is chosen.
    React,
    /// Where a yes is awaited.
    Confirm,
}

impl Context {
    /// Every context, in the order documents show them.
    pub const ALL: [Self; 18] = [
        Self::Inbox,
        Self::List,
        Self::Thread,
        Self::Compose,
        Self::Queue,
        Self::Global,
        Self::Browse,
        Self::Field,
        Self::Search,
        Self::Canned,
        Self::Line,
        Self::Filter,
        Self::Channels,
        Self::Templates,
        Self::Bulks,
        Self::React,
        Self::Confirm,
        Self::Always,
    ];

    /// The name of its table in the keymap file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Browse => "browse",
            Self::Global => "global",
            Self::Inbox => "inbox",
            Self::List => "list",
            Self::Thread => "thread",
            Self::Compose => "compose",
            Self::Queue => "queue",
            Self::Field => "field",
            Self::Search => "search",
            Self::Canned => "canned",
            Self::Line => "line",
            Self::Filter => "filter",
            Self::Channels => "channels",
            Self::Templates => "templates",
            Self::Bulks => "bulks",
            Self::React => "react",
            Self::Confirm => "confirm",
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Always => "Everywhere, even while typing",
            Self::Browse => "Wherever no text is typed",
            Self::Global => "In every pane",
            Self::Inbox => "In the list and the thread",
            Self::List => "In the list",
            Self::Thread => "In the thread",
            Self::Compose => "In the composer",
            Self::Queue => "In the queue",
            Self::Field => "In the palette and in forms",
            Self::Search => "In the search",
            Self::Canned => "Where a canned reply or a template is written",
            Self::Line => "In the command line",
            Self::Filter => "While the list is filtered",
            Self::Channels => "In the list of channels",
            Self::Templates => "In the list of templates",
            Self::Bulks => "In the list of bulk sends",
            Self::React => "While choosing a reaction",
            Self::Confirm => "When asked to confirm",
        }
    }
}

impl Focus {
    /// The contexts of this pane, the nearest first.
    pub const fn chain(self) -> &'static [Context] {
        match self {
            Self::List => &[Context::List, Context::Inbox, Context::Browse, Context::Global, Context::Always],
            Self::Thread => &[Context::Thread, Context::Inbox, Context::Browse, Context::Global, Context::Always],
            Self::Compose => &[Context::Compose, Context::Always],
            Self::Queue => &[Context::Queue, Context::Browse, Context::Global, Context::Always],
        }
    }
}

/// Every chain of contexts there is; within each, a key means one thing.
pub const CHAINS: [&[Context]; 15] = [
    Focus::List.chain(),
    Focus::Thread.chain(),
    Focus::Compose.chain(),
    Focus::Queue.chain(),
    FIELD,
    CANNED,
    LINE,
    FILTER,
    FLOATING,
    SEARCH,
    &[Context::Channels, Context::Browse, Context::Always],
    &[Context::Templates, Context::Browse, Context::Always],
    &[Context::Bulks, Context::Browse, Context::Always],
    &[Context::React, Context::Browse, Context::Always],
    &[Context::Confirm, Context::Always],
];

/// Of palette and forms.
pub const FIELD: &[Context] = &[Context::Field, Context::Always];
/// Of the search.
pub const SEARCH: &[Context] = &[Context::Search, Context::Always];
/// Of a canned reply's form.
pub const CANNED: &[Context] = &[Context::Canned, Context::Always];
/// Of the command line.
pub const LINE: &[Context] = &[Context::Line, Context::Always];
/// Of the line in which a filter is typed.
pub const FILTER: &[Context] = &[Context::Filter, Context::Always];
/// Of what floats and only shows something.
pub const FLOATING: &[Context] = &[Context::Browse, Context::Always];
