//! The provider's templates, as it last told them.

use std::collections::BTreeMap;

use super::Store;
use super::channels::Channel;
use super::db::{Conn, args};
use super::error::{Error, Result};
use crate::domain::hint::Hint;
use crate::domain::id::{ChannelId, WorkspaceId};
use crate::domain::template::{Status, Template};
use crate::domain::time::Timestamp;

const OF_CHANNEL: &str =
    "SELECT name, language, content, seen_at FROM templates WHERE workspace_id = $1 AND channel_id = $2 ORDER BY name, language";
const PUT: &str = "INSERT INTO templates (workspace_id, channel_id, name, language, content, seen_at) VALUES ($1, $2, $3, $4, $5, $6) \
     ON CONFLICT (channel_id, name, language) DO UPDATE SET content = excluded.content, seen_at = excluded.seen_at";
const FETCHED: &str = "UPDATE channels SET templates_at = $3 WHERE workspace_id = $1 AND id = $2";
const SEEN: &str = "UPDATE templates SET seen_at = $3 WHERE workspace_id = $1 AND channel_id = $2";

/// Why one is disabled that the provider does not name any more.
const GONE: &str = "the provider no longer has it";

impl Store {
    /// A channel's templates, by name and language, usable or not.
    pub async fn templates(&self, conn: &mut Conn, workspace: WorkspaceId, channel: ChannelId) -> Result<Vec<Template>> {
        let rows: Vec<(String, String, String, i64)> = conn.rows(OF_CHANNEL, args![workspace, channel]).await?;
        let template = |(_, _, content, seen): (String, String, String, i64)| {
            let read: Template =
                serde_json::from_str(&content).map_err(|error| Error::Stored { what: "template", detail: error.to_string() })?;
            Ok(Template { seen_at: Timestamp(seen), ..read })
        };
        rows.into_iter().map(template).collect()
    }

    /// Writes down what the provider has now: all of it. One that it no longer has stays, disabled, because messages were made from it.
    pub async fn put_templates(&self, channel: &Channel, templates: &[Template]) -> Result<()> {
        let (workspace, now) = (channel.workspace, self.now());
        let mut tx = self.begin().await?;
        let known: BTreeMap<(String, String), Template> = self
            .templates(&mut tx, workspace, channel.id)
            .await?
            .into_iter()
            .map(|template| ((template.name.clone(), template.language.clone()), undated(template)))
            .collect();
        let mut wanted: BTreeMap<(String, String), Template> = BTreeMap::new();
        for (key, old) in &known {
            let gone = if old.status == Status::Disabled { old.clone() } else { disabled(old) };
            wanted.insert(key.clone(), gone);
        }
        wanted.extend(templates.iter().map(|new| ((new.name.clone(), new.language.clone()), undated(new.clone()))));
        for (key, template) in wanted.iter().filter(|(key, template)| known.get(*key) != Some(template)) {
            let content = serde_json::to_string(template).map_err(|error| Error::Stored { what: "template", detail: error.to_string() })?;
            tx.run(PUT, args![workspace, channel.id, &key.0, &key.1, &content, now]).await?;
            tx.hint(Hint::Status);
        }
        tx.run(SEEN, args![workspace, channel.id, now]).await?;
        tx.run(FETCHED, args![workspace, channel.id, now]).await?;
        self.commit(tx).await
    }
}

/// The column says when it was seen.
fn undated(template: Template) -> Template {
    Template { seen_at: Timestamp(0), ..template }
}

fn disabled(template: &Template) -> Template {
    Template { status: Status::Disabled, reason: GONE.to_owned(), ..template.clone() }
}
