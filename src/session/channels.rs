//! The driver's part of the screen of channels: what is known about the accounts, and what an agent does to them.

use std::collections::BTreeMap;

use super::driver::DeskDriver;
use crate::app::effect::{ChannelAbout, Wrote};
use crate::channel::registered;
use crate::config::{Secret, SecretSource};
use crate::domain::id::ChannelId;
use crate::store::channels::Channel;
use crate::store::{Error, Result};
use crate::sync::compose::{self, NewAccount};
use crate::sync::supervisor::sources_of;

impl DeskDriver {
    /// Every account with more than its health.
    pub(super) async fn accounts(&self) -> Result<Vec<ChannelAbout>> {
        let pulses = self.store.pulses(&mut self.store.read().await?, self.workspace).await?;
        let about = |channel: Channel| {
            let pulse = pulses.iter().find(|pulse| pulse.channel == channel.id);
            let called = registered(&channel.provider).is_some_and(|row| row.webhook.is_some());
            ChannelAbout {
                id: channel.id,
                account: channel.account_name,
                values: channel.settings,
                secrets: channel.secrets.into_keys().collect(),
                in_at: pulse.and_then(|pulse| pulse.in_at),
                out_at: pulse.and_then(|pulse| pulse.out_at),
                incoming: pulse.map_or(0, |pulse| pulse.incoming),
                outgoing: pulse.map_or(0, |pulse| pulse.outgoing),
                expires_at: pulse.and_then(|pulse| pulse.expires_at),
                // What stands after it may be a secret: it is read only when it is to be copied.
                webhook: called.then(|| format!("/webhooks/{}", channel.id)),
            }
        };
        Ok(self.store.channels(self.workspace).await?.into_iter().map(about).collect())
    }

    /// The whole path that a channel's provider calls.
    pub(super) async fn webhook(&self, id: ChannelId) -> Result<Wrote> {
        let channel = self.channel(id).await?;
        let row = registered(&channel.provider);
        let called = || Error::Refused("Not copied: this channel's provider is asked for news, it calls no webhook.".to_owned());
        let (row, webhook) = row.and_then(|row| row.webhook.as_ref().map(|webhook| (row, webhook))).ok_or_else(called)?;
        let settings = compose::settings(&self.store, &self.http, row, &channel.settings, &sources(&channel)?).await;
        let settings = settings.map_err(|error| Error::Refused(format!("Not copied: {error}")))?;
        Ok(Wrote::Webhook { path: format!("/webhooks/{id}{}", (webhook.path)(&settings)) })
    }

    /// Asks the provider whether a channel still works.
    pub(super) async fn test_channel(&self, id: ChannelId) -> Result<Wrote> {
        let channel = self.channel(id).await?;
        let sources = sources(&channel)?;
        let account = compose::test(&self.store, &self.http, &channel.provider, &channel.settings, &sources).await?;
        Ok(Wrote::Works { account: account.name, advice: account.advice })
    }

    /// Gives a channel other settings and secrets, after the provider said that they are of the same account.
    pub(super) async fn edit_channel(
        &self,
        id: ChannelId,
        values: BTreeMap<String, String>,
        secrets: &BTreeMap<String, Secret>,
    ) -> Result<Wrote> {
        let channel = self.channel(id).await?;
        let key = self.store.account_key(&mut self.store.read().await?, self.workspace, id).await?;
        // What the form does not show stays as it is.
        let values: BTreeMap<String, String> = channel.settings.clone().into_iter().chain(values).collect();
        let mut sources = sources(&channel)?;
        let mut replaced: Vec<SecretSource> =
            secrets.iter().filter(|(_, secret)| secret.is_empty()).filter_map(|(field, _)| sources.remove(field)).collect();
        let new = compose::keep_secrets(&self.secrets, || self.store.next_id(), secrets).await?;
        replaced.extend(new.iter().filter_map(|(field, source)| sources.insert(field.clone(), source.clone())));
        let tried = match compose::test(&self.store, &self.http, &channel.provider, &values, &sources).await {
            Ok(account) if account.key != key => Err(Error::Refused(format!(
                "Not changed: these settings are of another account ({}). Add that one as a channel of its own.",
                account.name
            ))),
            tried => tried,
        };
        let changed = match tried {
            Ok(account) => {
                let encoded = sources.iter().map(|(name, source)| (name.clone(), source.encode())).collect();
                self.store.reconnect(Some(self.agent), &channel, &values, &encoded).await.map(|()| account)
            }
            Err(error) => Err(error),
        };
        match &changed {
            Ok(_) => compose::forget_secrets(&self.secrets, replaced.iter()).await,
            Err(_) => compose::forget_secrets(&self.secrets, new.values()).await,
        }
        changed.map(|account| Wrote::Channel { id, account: account.name })
    }

    /// Connects another account.
    pub(super) async fn add_channel(
        &self,
        provider: &str,
        name: String,
        values: BTreeMap<String, String>,
        secrets: &BTreeMap<String, Secret>,
    ) -> Result<Wrote> {
        let secrets = compose::keep_secrets(&self.secrets, || self.store.next_id(), secrets).await?;
        let new = NewAccount { provider: provider.to_owned(), name, values, secrets, undo_delay: self.undo_delay };
        let connected = compose::connect(&self.store, &self.http, self.workspace, self.agent, &new).await;
        if connected.is_err() {
            compose::forget_secrets(&self.secrets, new.secrets.values()).await;
        }
        connected.map(|(id, account)| Wrote::Channel { id, account: account.name })
    }

    pub(super) async fn channel(&self, id: ChannelId) -> Result<Channel> {
        let found = self.store.channels(self.workspace).await?.into_iter().find(|channel| channel.id == id);
        found.ok_or(Error::NotFound("channel"))
    }
}

fn sources(channel: &Channel) -> Result<BTreeMap<String, SecretSource>> {
    sources_of(channel).map_err(Error::Refused)
}
