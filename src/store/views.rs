//! What the workspace saved to see again under a number.

use super::Store;
use super::db::{Conn, args};
use super::error::Result;
use super::events::Event;
use crate::domain::conversation::Tab;
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, WorkspaceId};
use crate::domain::list::{Sort, View};

#[derive(sqlx::FromRow)]
struct Row {
    place: i64,
    name: String,
    tab: String,
    sort: String,
    filter: String,
}

const VIEWS: &str = "SELECT place, name, tab, sort, filter FROM views WHERE workspace_id = $1 ORDER BY place";
const SAVE: &str = "INSERT INTO views (workspace_id, place, name, tab, sort, filter, saved_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
     ON CONFLICT (workspace_id, place) DO UPDATE SET name = excluded.name, tab = excluded.tab, sort = excluded.sort, filter = excluded.filter, \
     saved_at = excluded.saved_at";
const DROP: &str = "DELETE FROM views WHERE workspace_id = $1 AND place = $2";

impl Store {
    /// The saved views by their numbers.
    pub async fn views(&self, conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<View>> {
        let rows: Vec<Row> = conn.rows(VIEWS, args![workspace]).await?;
        let view = |row: Row| View {
            place: row.place,
            name: row.name,
            // A list that a later version knows is everything here.
            tab: Tab::of(&row.tab).unwrap_or_default(),
            sort: Sort::of(&row.sort),
            filter: row.filter,
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// Saves a view under its number, in place of what was saved there.
    pub async fn save_view(&self, workspace: WorkspaceId, agent: AgentId, view: &View) -> Result<()> {
        let mut tx = self.begin().await?;
        let values = args![workspace, view.place, &view.name, view.tab.name(), view.sort.name(), &view.filter, self.now()];
        tx.run(SAVE, values).await?;
        let detail = format!("{} {}", view.place, view.name);
        self.log(&mut tx, workspace, &[Event { kind: "view.saved", agent: Some(agent), detail: &detail, ..Event::default() }]).await?;
        tx.hint(Hint::Everything);
        self.commit(tx).await
    }

    /// Forgets the view under this number.
    pub async fn drop_view(&self, workspace: WorkspaceId, agent: AgentId, place: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        if tx.run(DROP, args![workspace, place]).await? > 0 {
            let detail = place.to_string();
            self.log(&mut tx, workspace, &[Event { kind: "view.dropped", agent: Some(agent), detail: &detail, ..Event::default() }])
                .await?;
            tx.hint(Hint::Everything);
        }
        self.commit(tx).await
    }
}
