//! Carries out what the screens of a queue ask: the pane of the desk, the public display and the kiosk.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{Devices, Driver};
use crate::app::Msg;
use crate::app::effect::{Loaded, Query, QueuePage, Write, Wrote};
use crate::domain::id::{AgentId, WorkspaceId};
use crate::store::{Error, Result, Store};

/// A database that has not answered by then is taken for gone: a display has to say so.
const PATIENCE: Duration = Duration::from_secs(10);

/// The driver of a screen that shows nothing but a queue.
#[derive(Clone, Debug)]
pub struct QueueDriver {
    /// The database.
    pub store: Store,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Who works there; nobody at a display or a kiosk.
    pub agent: Option<AgentId>,
    /// What says calls and prints tickets.
    pub devices: Devices,
}

impl Driver for QueueDriver {
    fn load(&self, seq: u64, query: Query) -> BoxFuture<'static, Msg> {
        let desk = self.clone();
        let read = async move {
            let answer = tokio::time::timeout(PATIENCE, desk.read(query)).await;
            let result = match answer {
                Ok(result) => result.map_err(|error| error.to_string()),
                Err(_) => Err("the database does not answer".to_owned()),
            };
            Msg::Loaded { seq, result }
        };
        read.boxed()
    }

    fn write(&self, ticket: u64, write: Write) -> BoxFuture<'static, Msg> {
        let desk = self.clone();
        // Whoever stands before a kiosk is told in time; what was stored after all is found again by its key. Devices have limits of their own.
        let patience = if matches!(write, Write::Queue(_)) { PATIENCE } else { Duration::MAX };
        let change = async move {
            let result = match tokio::time::timeout(patience, desk.change(write)).await {
                Ok(result) => result.map_err(|error| error.to_string()),
                Err(_) => Err("the database does not answer".to_owned()),
            };
            Msg::Wrote { ticket, result }
        };
        change.boxed()
    }
}

impl QueueDriver {
    /// Reads what concerns a queue.
    pub(super) async fn read(&self, query: Query) -> Result<Loaded> {
        let mut conn = self.store.snapshot().await?;
        match query {
            Query::Queue { venue, department } => {
                let venues = self.store.venues(&mut conn, self.workspace).await?;
                let venue = venue.or_else(|| venues.first().map(|first| first.id));
                let console = match venue {
                    Some(venue) => Some(self.store.console(&mut conn, self.workspace, venue, department).await?),
                    None => None,
                };
                let venues = venues.into_iter().map(|venue| (venue.id, venue.name)).collect();
                Ok(Loaded::Queue(Box::new(QueuePage { venues, console })))
            }
            Query::Board { venue, department } => {
                Ok(Loaded::Board(Box::new(self.store.board(&mut conn, self.workspace, venue, department).await?)))
            }
            Query::Kiosk { venue } => Ok(Loaded::Kiosk(Box::new(self.store.kiosk(&mut conn, self.workspace, venue).await?))),
            _ => Err(Error::Refused("Nothing but a queue is shown here.".to_owned())),
        }
    }

    /// Changes what concerns a queue.
    pub(super) async fn change(&self, write: Write) -> Result<Wrote> {
        match write {
            Write::Queue(ask) => self.store.queue_ask(self.workspace, self.agent, &ask).await.map(Wrote::Queue),
            Write::Print(place) => {
                let mut conn = self.store.read().await?;
                // What the venue is called is worth a ticket less than the ticket.
                let kiosk = self.store.kiosk(&mut conn, self.workspace, place.ticket.venue).await.ok();
                drop(conn);
                self.devices.print(&place, kiosk.as_ref()).await.map(|()| Wrote::Done)
            }
            Write::Announce(call) => self.devices.say(&call).await.map(|()| Wrote::Done),
            _ => Err(Error::Refused("Nothing but a queue is changed here.".to_owned())),
        }
    }
}
