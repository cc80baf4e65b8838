//! Connected accounts: their settings, how they are doing, and where their provider's news were read up to.

use std::collections::BTreeMap;

use super::db::{Conn, Tx, args};
use super::error::{Error, Result};
use super::events::Event;
use super::{Store, name_key};
use crate::domain::channel::{ChannelStatus, Health};
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, ChannelId, WorkspaceId};
use crate::domain::message::Gap;
use crate::domain::time::{Span, Timestamp};

/// One connected account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Which.
    pub id: ChannelId,
    /// Whose.
    pub workspace: WorkspaceId,
    /// The provider's name.
    pub provider: String,
    /// What the workspace calls it.
    pub name: String,
    /// Settings by field name.
    pub settings: BTreeMap<String, String>,
    /// Where each secret is read from, by field name, as [`crate::config::SecretSource::encode`] writes it; never the secret.
    pub secrets: BTreeMap<String, String>,
    /// The account's name at the provider.
    pub account_name: String,
    /// How long a reply is held back.
    pub undo_delay: Span,
    /// An agent stopped it.
    pub paused: bool,
    /// How it is doing.
    pub health: Health,
    /// Why, and what to do.
    pub note: String,
    /// When the provider last answered.
    pub synced_at: Option<Timestamp>,
    /// When something last came in, to within seconds.
    pub in_at: Option<Timestamp>,
    /// When something last left, to within seconds.
    pub out_at: Option<Timestamp>,
    /// What the provider last said about the account.
    pub standing: Standing,
}

/// What a provider says about an account, besides who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// When the credentials end, if the provider tells and they do.
    pub expires_at: Option<Timestamp>,
    /// How many people the account's portfolio may begin to write to in 24 hours; `None` when not told or unlimited.
    pub reach: Option<u64>,
    /// What that limit is counted for; empty when the account stands alone.
    pub portfolio: String,
}

/// Which way something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From customers.
    In,
    /// To customers.
    Out,
}

/// A channel to be connected.
#[derive(Clone, Debug, Default)]
pub struct NewChannel {
    /// The provider's name.
    pub provider: String,
    /// What the workspace will call it.
    pub name: String,
    /// Settings by field name.
    pub settings: BTreeMap<String, String>,
    /// Where each secret is read from, by field name.
    pub secrets: BTreeMap<String, String>,
    /// The account's id at the provider; two channels never share one. Empty for a channel that is only an archive.
    pub account_key: String,
    /// The account's name at the provider.
    pub account_name: String,
    /// How long a reply is held back.
    pub undo_delay: Span,
    /// Starts stopped.
    pub paused: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    workspace_id: i64,
    provider: String,
    name: String,
    settings: String,
    secrets: String,
    account_name: String,
    undo_delay: i64,
    paused: bool,
    health: String,
    note: String,
    synced_at: Option<i64>,
    in_at: Option<i64>,
    out_at: Option<i64>,
    expires_at: Option<i64>,
    reach: Option<i64>,
    portfolio: String,
}

const ADD: &str = "INSERT INTO channels \
     (id, workspace_id, provider, name, name_key, settings, secrets, account_key, account_name, undo_delay, paused, health, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const OF_WORKSPACE: &str = "SELECT id, workspace_id, provider, name, settings, secrets, account_name, undo_delay, paused, health, note, synced_at, \
     in_at, out_at, expires_at, reach, portfolio FROM channels WHERE workspace_id = $1 AND removed_at IS NULL ORDER BY name_key";
/// These two are over all workspaces: one process syncs and tidies the whole database.
const OF_ALL: &str = "SELECT id, workspace_id, provider, name, settings, secrets, account_name, undo_delay, paused, health, note, synced_at, \
     in_at, out_at, expires_at, reach, portfolio FROM channels WHERE removed_at IS NULL ORDER BY id";
const OF_REMOVED: &str = "SELECT id, workspace_id, provider, name, settings, secrets, account_name, undo_delay, paused, health, note, synced_at, \
     in_at, out_at, expires_at, reach, portfolio FROM channels WHERE removed_at IS NOT NULL ORDER BY id";
const SET_PAUSED: &str =
    "UPDATE channels SET paused = $3, health = $4, note = '', outage_at = NULL WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL";
const RECONNECT: &str =
    "UPDATE channels SET settings = $3, secrets = $4, outage_at = NULL WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL";
const REMOVE: &str =
    "UPDATE channels SET removed_at = $3, secrets = '{}', paused = TRUE WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL";
/// A provider that answers may still send nothing for us.
const SET_HEALTH: &str = "UPDATE channels SET health = CASE WHEN $3 = 'up' AND outage_at IS NOT NULL THEN $6 ELSE $3 END, \
     note = CASE WHEN $3 = 'up' AND outage_at IS NOT NULL THEN outage ELSE $4 END, synced_at = COALESCE($5, synced_at) \
     WHERE workspace_id = $1 AND id = $2 AND NOT paused";
const SET_STANDING: &str = "UPDATE channels SET expires_at = $3, reach = $4, portfolio = $5 WHERE workspace_id = $1 AND id = $2 \
     AND (expires_at IS DISTINCT FROM $3 OR reach IS DISTINCT FROM $4 OR portfolio <> $5)";
const SET_IN: &str = "UPDATE channels SET in_at = $3 WHERE workspace_id = $1 AND id = $2";
const SET_OUT: &str = "UPDATE channels SET out_at = $3 WHERE workspace_id = $1 AND id = $2";
const CURSOR: &str = "SELECT value, seen_at FROM cursors WHERE workspace_id = $1 AND channel_id = $2";
const SET_CURSOR: &str = "INSERT INTO cursors (workspace_id, channel_id, value, seen_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (channel_id) DO UPDATE SET value = excluded.value, seen_at = excluded.seen_at";
const TOUCH: &str = "INSERT INTO cursors (workspace_id, channel_id, value, seen_at) VALUES ($1, $2, '', $3) \
     ON CONFLICT (channel_id) DO UPDATE SET seen_at = excluded.seen_at";
const ADD_GAP: &str = "INSERT INTO gaps (id, workspace_id, channel_id, from_at, to_at, lost_before) VALUES ($1, $2, $3, $4, $5, $6)";
const GAPS: &str =
    "SELECT from_at, to_at, lost_before FROM gaps WHERE workspace_id = $1 AND channel_id = $2 AND to_at >= $3 ORDER BY from_at";

impl Row {
    fn channel(self) -> Result<Channel> {
        Ok(Channel {
            id: ChannelId(self.id),
            workspace: WorkspaceId(self.workspace_id),
            provider: self.provider,
            name: self.name,
            settings: map_of(&self.settings)?,
            secrets: map_of(&self.secrets)?,
            account_name: self.account_name,
            undo_delay: Span(self.undo_delay),
            paused: self.paused,
            health: Health::of(&self.health),
            note: self.note,
            synced_at: self.synced_at.map(Timestamp),
            in_at: self.in_at.map(Timestamp),
            out_at: self.out_at.map(Timestamp),
            standing: Standing {
                expires_at: self.expires_at.map(Timestamp),
                reach: self.reach.map(|people| people as u64),
                portfolio: self.portfolio,
            },
        })
    }
}

fn map_of(json: &str) -> Result<BTreeMap<String, String>> {
    serde_json::from_str(json).map_err(|error| Error::Stored { what: "channel settings", detail: error.to_string() })
}

fn json_of(map: &BTreeMap<String, String>) -> Result<String> {
    serde_json::to_string(map).map_err(|error| Error::Stored { what: "channel settings", detail: error.to_string() })
}

impl Store {
    /// Connects an account. [`Error::Duplicate`] when the name or the account is connected already.
    pub async fn add_channel(&self, workspace: WorkspaceId, agent: Option<AgentId>, new: &NewChannel) -> Result<ChannelId> {
        let id = ChannelId(self.next_id());
        let (settings, secrets) = (json_of(&new.settings)?, json_of(&new.secrets)?);
        let health = if new.paused { Health::Paused } else { Health::Unknown };
        let key = name_key(&new.name);
        let mut tx = self.begin().await?;
        let values = args![
            id,
            workspace,
            &new.provider,
            new.name.trim(),
            &key,
            &settings,
            &secrets,
            &new.account_key,
            &new.account_name,
            new.undo_delay,
            new.paused,
            health.name(),
            self.now(),
        ];
        tx.run(ADD, values).await?;
        self.log(
            &mut tx,
            workspace,
            &[Event { kind: "channel.added", agent, channel: Some(id), detail: &new.provider, ..Event::default() }],
        )
        .await?;
        tx.hint(Hint::Status);
        self.commit(tx).await?;
        Ok(id)
    }

    /// A workspace's channels, by name.
    pub async fn channels(&self, workspace: WorkspaceId) -> Result<Vec<Channel>> {
        let rows: Vec<Row> = self.read().await?.rows(OF_WORKSPACE, args![workspace]).await?;
        rows.into_iter().map(Row::channel).collect()
    }

    /// The channels of every workspace, for the process that syncs them.
    pub async fn all_channels(&self) -> Result<Vec<Channel>> {
        let rows: Vec<Row> = self.read().await?.rows(OF_ALL, &[]).await?;
        rows.into_iter().map(Row::channel).collect()
    }

    /// The channels of every workspace that were disconnected: what came in through them is still tidied away.
    pub async fn removed_channels(&self) -> Result<Vec<Channel>> {
        let rows: Vec<Row> = self.read().await?.rows(OF_REMOVED, &[]).await?;
        rows.into_iter().map(Row::channel).collect()
    }

    /// The channel of that name.
    pub async fn channel_named(&self, workspace: WorkspaceId, name: &str) -> Result<Channel> {
        let key = name_key(name);
        let found = self.channels(workspace).await?.into_iter().find(|channel| name_key(&channel.name) == key);
        found.ok_or(Error::NotFound("channel"))
    }

    /// Stops a channel, or starts it again. The process that syncs notices by the hint.
    pub async fn pause_channel(&self, workspace: WorkspaceId, agent: Option<AgentId>, id: ChannelId, paused: bool) -> Result<()> {
        let health = if paused { Health::Paused } else { Health::Unknown };
        let mut tx = self.begin().await?;
        if tx.run(SET_PAUSED, args![workspace, id, paused, health.name()]).await? == 0 {
            return Err(Error::NotFound("channel"));
        }
        let kind = if paused { "channel.paused" } else { "channel.resumed" };
        self.log(&mut tx, workspace, &[Event { kind, agent, channel: Some(id), ..Event::default() }]).await?;
        tx.hint(Hint::Status);
        self.commit(tx).await
    }

    /// Gives an account other settings and secrets. Its news are read from their beginning: another server numbers them anew.
    pub async fn reconnect(
        &self,
        agent: Option<AgentId>,
        channel: &Channel,
        settings: &BTreeMap<String, String>,
        secrets: &BTreeMap<String, String>,
    ) -> Result<()> {
        let (settings, secrets) = (json_of(settings)?, json_of(secrets)?);
        let mut tx = self.begin().await?;
        if tx.run(RECONNECT, args![channel.workspace, channel.id, &settings, &secrets]).await? == 0 {
            return Err(Error::NotFound("channel"));
        }
        self.set_cursor(&mut tx, channel, "").await?;
        self.log(
            &mut tx,
            channel.workspace,
            &[Event { kind: "channel.reconnected", agent, channel: Some(channel.id), ..Event::default() }],
        )
        .await?;
        tx.hint(Hint::Status);
        self.commit(tx).await
    }

    /// Disconnects an account. Its conversations stay; where its secrets are is forgotten.
    pub async fn remove_channel(&self, workspace: WorkspaceId, agent: Option<AgentId>, id: ChannelId) -> Result<()> {
        let mut tx = self.begin().await?;
        if tx.run(REMOVE, args![workspace, id, self.now()]).await? == 0 {
            return Err(Error::NotFound("channel"));
        }
        self.log(&mut tx, workspace, &[Event { kind: "channel.removed", agent, channel: Some(id), ..Event::default() }]).await?;
        tx.hint(Hint::Everything);
        self.commit(tx).await
    }

    /// Notes how a channel is doing, for the screens of all processes. A paused channel stays paused.
    pub async fn set_health(&self, channel: &Channel, health: Health, note: &str, synced_at: Option<Timestamp>) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.run(SET_HEALTH, args![channel.workspace, channel.id, health.name(), note, synced_at, Health::NeedsAttention.name()]).await?;
        tx.hint(Hint::Status);
        self.commit(tx).await
    }

    /// Notes what the provider says about an account.
    pub async fn set_standing(&self, workspace: WorkspaceId, channel: ChannelId, standing: &Standing) -> Result<()> {
        let reach = standing.reach.map(|people| people as i64);
        let mut tx = self.begin().await?;
        if tx.run(SET_STANDING, args![workspace, channel, standing.expires_at, reach, &standing.portfolio]).await? > 0 {
            tx.hint(Hint::Status);
        }
        self.commit(tx).await
    }

    /// Notes when something last came in or left.
    pub async fn set_pulse(&self, channel: &Channel, way: Way, at: Timestamp) -> Result<()> {
        let sql = match way {
            Way::In => SET_IN,
            Way::Out => SET_OUT,
        };
        let mut tx = self.begin().await?;
        tx.run(sql, args![channel.workspace, channel.id, at]).await?;
        tx.hint(Hint::Status);
        self.commit(tx).await
    }

    /// Where the channel's news were read up to (empty before the first), and when the provider last answered.
    pub async fn cursor(&self, channel: &Channel) -> Result<Option<(String, Timestamp)>> {
        let row: Option<(String, i64)> = self.read().await?.row(CURSOR, args![channel.workspace, channel.id]).await?;
        Ok(row.map(|(value, seen)| (value, Timestamp(seen))))
    }

    /// Moves the cursor, in the transaction that stored what lies before it.
    pub async fn set_cursor(&self, tx: &mut Tx, channel: &Channel, value: &str) -> Result<()> {
        tx.run(SET_CURSOR, args![channel.workspace, channel.id, value, self.now()]).await.map(|_| ())
    }

    /// Notes that the provider answered, though it had nothing.
    pub async fn touch_cursor(&self, channel: &Channel) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.run(TOUCH, args![channel.workspace, channel.id, self.now()]).await?;
        self.commit(tx).await
    }

    /// Notes a time in which messages may have been lost.
    pub async fn add_gap(&self, channel: &Channel, gap: Gap) -> Result<()> {
        let mut tx = self.begin().await?;
        let values = args![self.next_id(), channel.workspace, channel.id, gap.from, gap.to, gap.lost_before];
        tx.run(ADD_GAP, values).await?;
        tx.hint(Hint::Everything);
        self.commit(tx).await
    }
}

/// The gaps of a channel that end at or after `since`, oldest first.
pub(super) async fn gaps(conn: &mut Conn, workspace: WorkspaceId, channel: ChannelId, since: Timestamp) -> Result<Vec<Gap>> {
    let rows: Vec<(i64, i64, i64)> = conn.rows(GAPS, args![workspace, channel, since]).await?;
    let gap = |(from, to, lost)| Gap { from: Timestamp(from), to: Timestamp(to), lost_before: Timestamp(lost) };
    Ok(rows.into_iter().map(gap).collect())
}

impl From<Channel> for ChannelStatus {
    fn from(channel: Channel) -> Self {
        Self {
            id: channel.id,
            provider: channel.provider,
            name: channel.name,
            health: channel.health,
            note: channel.note,
            synced_at: channel.synced_at,
        }
    }
}
