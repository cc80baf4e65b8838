//! Our own message templates, kept for the whole workspace in its languages. Owners and admins change them; every change is in the log.

use super::db::{Conn, args};
use super::error::{Error, Result};
use super::events::Event;
use super::{Store, name_key};
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, WorkspaceId};
use crate::domain::wording::{Kind, MOST, StandIn, Wording, pick};

const LIST: &str =
    "SELECT name, language, kind, title, text, template FROM wordings WHERE workspace_id = $1 ORDER BY name_key, language, kind LIMIT $2";
const OF_NAME: &str =
    "SELECT name, language, kind, title, text, template FROM wordings WHERE workspace_id = $1 AND name_key = $2 ORDER BY language, kind";
const COUNT: &str = "SELECT COUNT(*) FROM wordings WHERE workspace_id = $1";
const SAVE: &str = "INSERT INTO wordings (id, workspace_id, name, name_key, language, kind, title, text, template, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (workspace_id, name_key, language, kind) DO UPDATE SET name = excluded.name, \
     title = excluded.title, text = excluded.text, template = excluded.template, updated_at = excluded.updated_at";
const REMOVE: &str = "DELETE FROM wordings WHERE workspace_id = $1 AND name_key = $2 AND language = $3 AND kind = $4";
const LANGUAGE: &str = "SELECT language FROM workspaces WHERE id = $1";
const SET_LANGUAGE: &str = "UPDATE workspaces SET language = $2 WHERE id = $1";

/// The query that lists, for the test that asks the planner about it.
pub const LOOKS: [(&str, &str); 1] = [("wordings", LIST)];

#[derive(sqlx::FromRow)]
struct Row {
    name: String,
    language: String,
    kind: String,
    title: String,
    text: String,
    template: Option<String>,
}

impl Row {
    fn wording(self) -> Result<Wording> {
        let stored = |detail: String| Error::Stored { what: "wording", detail };
        let stand_in: Option<StandIn> =
            self.template.map(|json| serde_json::from_str(&json)).transpose().map_err(|error| stored(error.to_string()))?;
        let kind = Kind::of(&self.kind).ok_or_else(|| stored(format!("kind {:?}", self.kind)))?;
        Ok(Wording { name: self.name, language: self.language, kind, title: self.title, text: self.text, stand_in })
    }
}

impl Store {
    /// All of them, by name, language and kind.
    pub async fn wordings(&self, conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<Wording>> {
        let rows: Vec<Row> = conn.rows(LIST, args![workspace, i64::from(MOST)]).await?;
        rows.into_iter().map(Row::wording).collect()
    }

    /// The one of that name and kind to use for somebody of this language: in it, else in the workspace's own, which is noted in the log of
    /// the program.
    pub async fn wording(&self, conn: &mut Conn, workspace: WorkspaceId, name: &str, kind: Kind, language: &str) -> Result<Wording> {
        let rows: Vec<Row> = conn.rows(OF_NAME, args![workspace, &name_key(name)]).await?;
        let mut all: Vec<Wording> = rows.into_iter().map(Row::wording).collect::<Result<_>>()?;
        all.retain(|wording| wording.kind == kind);
        let own = self.language(conn, workspace).await?;
        let (found, fallen) = pick(&all, |wording| &wording.language, language, &own).ok_or(Error::NotFound("message template"))?;
        if fallen {
            tracing::info!(%workspace, name, wanted = language, used = found.language, "a message template is missing in a language");
        }
        Ok(found.clone())
    }

    /// Keeps a checked wording, new or in the place of the one there was. Refused for those who only read.
    pub async fn save_wording(&self, workspace: WorkspaceId, agent: AgentId, wording: &Wording) -> Result<()> {
        let json = |error: serde_json::Error| Error::Stored { what: "wording", detail: error.to_string() };
        let template = wording.stand_in.as_ref().map(serde_json::to_string).transpose().map_err(json)?;
        let (key, kind) = (name_key(&wording.name), wording.kind.name());
        let mut tx = self.begin().await?;
        self.must_edit_wordings(&mut tx, workspace, agent).await?;
        let values = args![
            self.next_id(),
            workspace,
            &wording.name,
            &key,
            &wording.language,
            &kind,
            &wording.title,
            &wording.text,
            template.as_deref(),
            self.now(),
        ];
        tx.run(SAVE, values).await?;
        let (count,): (i64,) = tx.one("message templates", COUNT, args![workspace]).await?;
        if count > i64::from(MOST) {
            return Err(Error::Refused(format!("There would be more than {MOST} message templates: remove some first.")));
        }
        let detail = called(&wording.name, &wording.language, wording.kind);
        self.log(&mut tx, workspace, &[Event { kind: "wording.saved", agent: Some(agent), detail: &detail, ..Event::default() }]).await?;
        tx.hint(Hint::Status);
        self.commit(tx).await
    }

    /// Removes one. Refused for those who only read.
    pub async fn remove_wording(&self, workspace: WorkspaceId, agent: AgentId, name: &str, language: &str, kind: Kind) -> Result<()> {
        let mut tx = self.begin().await?;
        self.must_edit_wordings(&mut tx, workspace, agent).await?;
        if tx.run(REMOVE, args![workspace, &name_key(name), language, &kind.name()]).await? == 0 {
            return Err(Error::NotFound("message template"));
        }
        let detail = called(name, language, kind);
        self.log(&mut tx, workspace, &[Event { kind: "wording.removed", agent: Some(agent), detail: &detail, ..Event::default() }]).await?;
        tx.hint(Hint::Status);
        self.commit(tx).await
    }

    /// The language the workspace writes in when a customer's own is missing.
    pub async fn language(&self, conn: &mut Conn, workspace: WorkspaceId) -> Result<String> {
        let (language,): (String,) = conn.one("workspace", LANGUAGE, args![workspace]).await?;
        Ok(language)
    }

    /// Chooses that language. Refused for those who only read.
    pub async fn set_language(&self, workspace: WorkspaceId, agent: AgentId, language: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        self.must_edit_wordings(&mut tx, workspace, agent).await?;
        tx.run(SET_LANGUAGE, args![workspace, language]).await?;
        let event = Event { kind: "workspace.language", agent: Some(agent), detail: language, ..Event::default() };
        self.log(&mut tx, workspace, &[event]).await?;
        tx.hint(Hint::Status);
        self.commit(tx).await
    }

    async fn must_edit_wordings(&self, conn: &mut Conn, workspace: WorkspaceId, agent: AgentId) -> Result<()> {
        let role = self.role(conn, workspace, agent).await?;
        if role.may_edit_wordings() {
            return Ok(());
        }
        Err(Error::Refused(format!("Only owners and admins change message templates, and you are a {}: ask one of them.", role.name())))
    }
}

fn called(name: &str, language: &str, kind: Kind) -> String {
    format!("{name} {language} {}", kind.name())
}
