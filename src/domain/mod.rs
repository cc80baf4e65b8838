//! Pure rules. Nothing here reads a clock, an environment, a file or a socket: time, ids and randomness come in as arguments,
//! so every rule can be tested as a function.
//!
//! Reading order: [`time`], [`when`] and [`past`] (times as people type them) and [`id`], then [`text`] (a stranger's words made safe to show),
//! [`channel`] (what a provider can do), [`contact`], [`conversation`], [`agent`] and [`act`] (what an agent is, and decides about one),
//! [`message`], [`delivery`] (what became of a reply), [`inbound`] (what a connector hands in), [`split`], [`template`] (wordings a provider
//! approved), [`wording`] (our own), [`bulk`] (one to many), [`phone`], [`pace`] (how often one may
//! send), [`optout`], [`near`] (names that were mistyped), [`notice`] (how people are told what we begin), [`push`] (on a device), [`queue`]
//! (who is next), [`search`] (how words are compared), [`link`], [`file_name`] and [`picture`]
//! (what a stranger's message leads to).

pub mod act;
pub mod agent;
pub mod attachment;
pub mod bulk;
pub mod canned;
pub mod channel;
pub mod contact;
pub mod conversation;
pub mod delivery;
pub mod file_name;
pub mod filter;
pub mod hint;
pub mod id;
pub mod inbound;
pub mod lease;
pub mod link;
pub mod list;
pub mod message;
pub mod near;
pub mod notice;
pub mod optout;
pub mod outbound;
pub mod pace;
pub mod past;
pub mod phone;
pub mod picture;
pub mod push;
pub mod queue;
pub mod search;
pub mod split;
pub mod template;
pub mod text;
pub mod time;
pub mod when;
pub mod window;
pub mod wording;
