//! The driver's part of bulk sends from the screen.

use super::driver::DeskDriver;
use crate::app::effect::{BulkPerson, BulkProgress};
use crate::channel::registered;
use crate::domain::bulk::{Forecast, Limit, Person};
use crate::domain::id::{BulkId, ChannelId, ConversationId};
use crate::domain::template::{Given, Template};
use crate::store::bulks::NewBulk;
use crate::store::{Error, Result};
use crate::sync::bulk::manner;

/// As many bulk sends as the list shows.
const LISTED: u32 = 50;
/// From so many failures in a hundred on it pauses by itself.
const FAILURES: Limit = Limit::Percent(10);

impl DeskDriver {
    /// What will happen if these get a template.
    pub(super) async fn forecast(
        &self,
        channel: ChannelId,
        (name, language): (&str, &str),
        conversations: Vec<ConversationId>,
    ) -> Result<Forecast> {
        let channel = self.channel(channel).await?;
        let mut conn = self.store.read().await?;
        let known = self.store.templates(&mut conn, self.workspace, channel.id).await?;
        let template = crate::sync::templates::find(&known, name, language)?;
        let mut people = Vec::with_capacity(conversations.len());
        for conversation in conversations {
            let to = self.store.recipient(&mut conn, self.workspace, conversation).await?;
            people.push(Person { key: to.chat, ..Person::default() });
        }
        let row =
            registered(&channel.provider).ok_or_else(|| Error::Refused("This version does not know the channel's provider.".to_owned()))?;
        self.store.forecast(&mut conn, &channel, template, &people, manner(row.provider.capabilities)).await
    }

    /// Begins a bulk send to the people of these conversations.
    pub(super) async fn start_bulk(&self, channel: ChannelId, template: &Template, people: Vec<BulkPerson>) -> Result<BulkId> {
        let mut conn = self.store.read().await?;
        let mut list = Vec::with_capacity(people.len());
        for BulkPerson { conversation, name, values, spot } in people {
            let to = self.store.recipient(&mut conn, self.workspace, conversation).await?;
            list.push(Person { key: to.chat, name, given: Given { values, media: None, spot } });
        }
        drop(conn);
        let new = NewBulk { channel, name: &template.name, template, limit: FAILURES, people: &list, left: &[] };
        self.store.start_bulk(self.workspace, self.agent, &new).await
    }

    /// The newest bulk sends and how far each is.
    pub(super) async fn bulks(&self) -> Result<Vec<BulkProgress>> {
        let mut conn = self.store.read().await?;
        let mut found = Vec::new();
        for bulk in self.store.bulks(&mut conn, self.workspace, None, LISTED).await? {
            let counts = self.store.bulk_counts(&mut conn, self.workspace, bulk.id).await?;
            found.push(BulkProgress { bulk, counts });
        }
        Ok(found)
    }
}
