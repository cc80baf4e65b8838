//! Push notices, as the queue needs them.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::channel::push::{PushError, Sender};
use crate::domain::push::Subscription;
use crate::domain::time::Span;

/// What became of a push notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The push service took it, as far as is known.
    Done,
    /// It did not, and may later; how long it asked to wait.
    Later(Option<Span>),
    /// It never will: the subscription has ended.
    Gone,
    /// It will not.
    Refused,
}

/// One push notice.
#[derive(Clone, Copy, Debug)]
pub struct Note<'a> {
    /// Where the browser takes it (`domain::push::Subscription`, as JSON).
    pub to: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Its words.
    pub body: &'a str,
    /// How long it waits for a device that is switched off.
    pub ttl: Span,
    /// It takes the place of an earlier one of the same topic.
    pub topic: &'a str,
}

/// Whatever carries push notices.
pub trait Push: std::fmt::Debug + Send + Sync {
    /// Pushes one.
    fn push<'a>(&'a self, note: Note<'a>) -> BoxFuture<'a, Pushed>;
}

impl Push for Sender {
    fn push<'a>(&'a self, note: Note<'a>) -> BoxFuture<'a, Pushed> {
        async move {
            let to = match Subscription::parse(note.to) {
                Ok(to) => to,
                Err(problem) => {
                    tracing::warn!(%problem, "a push notice leads nowhere");
                    return Pushed::Gone;
                }
            };
            match Self::push(self, &to, note.title, note.body, note.ttl, note.topic).await {
                // What is uncertain may have been shown; twice would be worse than once or never.
                Ok(()) | Err(PushError::Uncertain(_)) => Pushed::Done,
                Err(PushError::Gone) => Pushed::Gone,
                Err(PushError::Later { wait, .. }) => Pushed::Later(wait),
                Err(error @ PushError::Refused(_)) => {
                    tracing::warn!(%error, "a push notice was refused");
                    Pushed::Refused
                }
            }
        }
        .boxed()
    }
}
