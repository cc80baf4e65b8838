//! Lists of conversations: pages by key in both directions, and what each list holds.
//!
//! A filter that lets many rows through is answered by walking the list in its order; one that lets few through would walk far, so those few
//! are looked up by what they have in common, and put in order here.

use super::Store;
use super::conversations::{Row, summaries};
use super::db::{Conn, Value, args};
use super::error::Result;
use crate::domain::conversation::{Counts, ListKey, Priority, Summary, Tab};
use crate::domain::filter::{Assignee, Filter};
use crate::domain::id::{AgentId, ConversationId, WorkspaceId};
use crate::domain::list::{Listing, Page, Sort};
use crate::domain::search::Query;

/// One list, read in both directions.
struct Texts {
    /// The rows after a key, in the list's order.
    down: &'static str,
    /// The rows before a key, the nearest first.
    up: &'static str,
    /// Those of some conversations that are in it; their ids follow.
    few: &'static str,
}

/// What the words of a filter are looked for in: name, address (also without its blanks and dashes), number.
macro_rules! haystack {
    ($word:literal) => {
        concat!(
            " AND (",
            $word,
            " = '' OR (' ' || p.name_key || ' ' || LOWER(i.handle) || ' ' || REPLACE(REPLACE(i.handle, ' ', ''), '-', '') || ' #' || c.number) LIKE ",
            $word,
            " ESCAPE '\\')"
        )
    };
}

/// A filter's conditions; what does not filter is 0, -1 or empty, so that a list has one text, filtered or not.
macro_rules! filtered {
    () => {
        concat!(
            " AND ($6 = 0 OR c.unread > 0) AND ($7 = 0 OR c.waiting_since IS NOT NULL) AND ($8 = 0 OR c.mark IN ('uncertain', 'failed')) \
             AND ($9 = -1 OR c.priority = $9) AND ($10 = 0 OR ($10 = 1 AND c.assignee_id = $2) OR ($10 = 2 AND c.assignee_id IS NULL) \
             OR ($10 = 3 AND a.name_key LIKE $11 ESCAPE '\\')) \
             AND ($12 = '' OR EXISTS (SELECT 1 FROM conversation_labels fc JOIN labels fl ON fl.id = fc.label_id \
             WHERE fc.conversation_id = c.id AND fl.name_key LIKE $12 ESCAPE '\\')) \
             AND ($13 = '' OR ch.name_key LIKE $13 ESCAPE '\\' OR ch.provider LIKE $13 ESCAPE '\\')",
            haystack!("$14"),
            haystack!("$15"),
            haystack!("$16")
        )
    };
}

/// A list: what it is ordered by (higher first), and which conversations are in it.
macro_rules! texts {
    ($rank:literal, $which:literal) => {
        texts!("LEFT JOIN drafts d ON d.conversation_id = c.id AND d.agent_id = $2 AND d.mode = 'reply'", $rank, "c.id", $which)
    };
    ($drafts:literal, $rank:literal, $id:literal, $which:literal) => {
        Texts {
            down: concat!(
                summaries!($rank, $drafts, $which),
                " AND (",
                $rank,
                ", ",
                $id,
                ") < ($3, $4)",
                filtered!(),
                " ORDER BY ",
                $rank,
                " DESC, ",
                $id,
                " DESC LIMIT $5"
            ),
            up: concat!(
                summaries!($rank, $drafts, $which),
                " AND (",
                $rank,
                ", ",
                $id,
                ") > ($3, $4)",
                filtered!(),
                " ORDER BY ",
                $rank,
                ", ",
                $id,
                " LIMIT $5"
            ),
            // Every parameter is named, whether it is needed or not: they are the same for all texts.
            few: concat!(summaries!(by id, $rank, $drafts, $which), filtered!(), " AND $3 = $3 AND $4 = $4 AND $5 = $5 AND c.id IN"),
        }
    };
}

const ALL: Texts = texts!("c.last_at", "c.active");
const MINE: Texts = texts!("c.last_at", "c.active AND c.assignee_id IS NOT NULL AND c.assignee_id = $2");
const UNASSIGNED: Texts = texts!("c.last_at", "c.active AND c.assignee_id IS NULL");
const UNATTENDED: Texts = texts!("c.last_at", "c.active AND c.waiting_since IS NOT NULL");
const ALL_WAITING: Texts = texts!("COALESCE(-c.waiting_since, c.last_at - 9000000000000000000)", "c.active");
const MINE_WAITING: Texts =
    texts!("COALESCE(-c.waiting_since, c.last_at - 9000000000000000000)", "c.active AND c.assignee_id IS NOT NULL AND c.assignee_id = $2");
const UNASSIGNED_WAITING: Texts =
    texts!("COALESCE(-c.waiting_since, c.last_at - 9000000000000000000)", "c.active AND c.assignee_id IS NULL");
/// Whoever does not wait ranks below -4 * 10^18: the bound ends the walk over the index of all.
const UNATTENDED_WAITING: Texts = texts!(
    "COALESCE(-c.waiting_since, c.last_at - 9000000000000000000)",
    "c.active AND c.waiting_since IS NOT NULL AND COALESCE(-c.waiting_since, c.last_at - 9000000000000000000) > -4000000000000000000"
);
const LATER: Texts = texts!(
    "COALESCE(-COALESCE(c.snoozed_until, c.scheduled_at), c.last_at - 9000000000000000000)",
    "(c.status = 'snoozed' OR c.scheduled_at IS NOT NULL) AND c.status <> 'merged'"
);
const RESOLVED: Texts = texts!("c.last_at", "c.status = 'resolved'");
const SPAM: Texts = texts!("c.last_at", "c.status = 'spam'");
/// A conversation with both a reply and a note begun stands there once, with the reply.
const DRAFTS: Texts = texts!(
    "JOIN drafts d ON d.conversation_id = c.id AND d.agent_id = $2 AND d.workspace_id = $1",
    "d.updated_at",
    "d.conversation_id",
    "c.status <> 'merged' AND (d.mode = 'reply' OR NOT EXISTS (SELECT 1 FROM drafts e \
     WHERE e.conversation_id = d.conversation_id AND e.agent_id = d.agent_id AND e.mode = 'reply'))"
);

const UNREAD: &str = "SELECT c.id FROM conversations c WHERE c.workspace_id = $1 AND c.unread > 0 ORDER BY c.id LIMIT $2";
const FAILED: &str =
    "SELECT c.id FROM conversations c WHERE c.workspace_id = $1 AND c.mark IN ('uncertain', 'failed') ORDER BY c.id LIMIT $2";
const OF_PRIORITY: &str =
    "SELECT c.id FROM conversations c WHERE c.workspace_id = $1 AND c.priority > 0 AND c.priority = $3 ORDER BY c.id LIMIT $2";
const LABELLED: &str = "SELECT DISTINCT cl.conversation_id AS id FROM labels l JOIN conversation_labels cl ON cl.label_id = l.id \
     WHERE l.workspace_id = $1 AND l.name_key LIKE $3 ESCAPE '\\' LIMIT $2";

/// A filter that lets through no more is answered from those it lets through.
const FEW: usize = 1_000;

/// Few rows, whatever the number of conversations: see migration 5. Those with a reply for later are few, and have an index of their own.
const COUNTS: &str = "SELECT \
     CAST(COALESCE(SUM(CASE WHEN status IN ('open', 'pending') AND assignee_id = $2 THEN number ELSE 0 END), 0) AS BIGINT) AS mine, \
     CAST(COALESCE(SUM(CASE WHEN status IN ('open', 'pending') AND assignee_id = 0 THEN number ELSE 0 END), 0) AS BIGINT) AS unassigned, \
     CAST(COALESCE(SUM(CASE WHEN status IN ('open', 'pending') THEN number ELSE 0 END), 0) AS BIGINT) AS open, \
     CAST(COALESCE(SUM(CASE WHEN status IN ('open', 'pending') AND waiting THEN number ELSE 0 END), 0) AS BIGINT) AS unattended, \
     CAST(COALESCE(SUM(CASE WHEN status IN ('open', 'pending') AND unread THEN number ELSE 0 END), 0) AS BIGINT) AS unread, \
     CAST(COALESCE(SUM(CASE WHEN status IN ('open', 'pending') AND unread AND assignee_id = $2 THEN number ELSE 0 END), 0) AS BIGINT) AS unread_mine, \
     CAST(COALESCE(SUM(CASE WHEN status = 'snoozed' THEN number ELSE 0 END), 0) AS BIGINT) + (SELECT COUNT(*) FROM conversations c \
     WHERE c.workspace_id = $1 AND c.scheduled_at IS NOT NULL AND c.status NOT IN ('snoozed', 'merged')) AS snoozed, \
     CAST(COALESCE(SUM(CASE WHEN status = 'resolved' THEN number ELSE 0 END), 0) AS BIGINT) AS resolved, \
     CAST(COALESCE(SUM(CASE WHEN status = 'spam' THEN number ELSE 0 END), 0) AS BIGINT) AS spam, \
     (SELECT COUNT(DISTINCT d.conversation_id) FROM drafts d JOIN conversations c ON c.id = d.conversation_id \
       WHERE d.workspace_id = $1 AND d.agent_id = $2 AND c.status <> 'merged') AS drafts \
     FROM tallies WHERE workspace_id = $1";

/// Every list query with its name, for the test that asks the planner about them.
pub const LISTS: [(&str, &str); 29] = [
    ("unread", UNREAD),
    ("failed", FAILED),
    ("of a priority", OF_PRIORITY),
    ("labelled", LABELLED),
    ("all", ALL.down),
    ("all, upwards", ALL.up),
    ("mine", MINE.down),
    ("mine, upwards", MINE.up),
    ("unassigned", UNASSIGNED.down),
    ("unassigned, upwards", UNASSIGNED.up),
    ("unattended", UNATTENDED.down),
    ("unattended, upwards", UNATTENDED.up),
    ("all, waiting", ALL_WAITING.down),
    ("all, waiting, upwards", ALL_WAITING.up),
    ("mine, waiting", MINE_WAITING.down),
    ("mine, waiting, upwards", MINE_WAITING.up),
    ("unassigned, waiting", UNASSIGNED_WAITING.down),
    ("unassigned, waiting, upwards", UNASSIGNED_WAITING.up),
    ("unattended, waiting", UNATTENDED_WAITING.down),
    ("unattended, waiting, upwards", UNATTENDED_WAITING.up),
    ("snoozed and scheduled", LATER.down),
    ("snoozed and scheduled, upwards", LATER.up),
    ("resolved", RESOLVED.down),
    ("resolved, upwards", RESOLVED.up),
    ("spam", SPAM.down),
    ("spam, upwards", SPAM.up),
    ("drafts", DRAFTS.down),
    ("drafts, upwards", DRAFTS.up),
    ("counts", COUNTS),
];

/// The beginnings of the queries that several ids follow, for the same test.
pub const BY_ID: [&str; 12] = [
    ALL.few,
    MINE.few,
    UNASSIGNED.few,
    UNATTENDED.few,
    ALL_WAITING.few,
    MINE_WAITING.few,
    UNASSIGNED_WAITING.few,
    UNATTENDED_WAITING.few,
    LATER.few,
    RESOLVED.few,
    SPAM.few,
    DRAFTS.few,
];

#[derive(sqlx::FromRow)]
struct CountsRow {
    mine: i64,
    unassigned: i64,
    open: i64,
    unattended: i64,
    unread: i64,
    unread_mine: i64,
    snoozed: i64,
    resolved: i64,
    spam: i64,
    drafts: i64,
}

impl CountsRow {
    fn counts(&self) -> Counts {
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        Counts {
            mine: count(self.mine),
            unassigned: count(self.unassigned),
            all: count(self.open),
            unattended: count(self.unattended),
            unread: count(self.unread),
            unread_mine: count(self.unread_mine),
            snoozed: count(self.snoozed),
            resolved: count(self.resolved),
            spam: count(self.spam),
            drafts: count(self.drafts),
        }
    }
}

/// A filter as the queries take it.
#[derive(Debug)]
struct Conditions {
    unread: bool,
    waiting: bool,
    failed: bool,
    priority: i64,
    whose: i64,
    assignee: String,
    label: String,
    channel: String,
    words: [String; crate::domain::filter::WORDS],
}

/// The conversations that one condition of a filter lets through.
#[derive(Debug)]
struct Few {
    ids: Vec<i64>,
    /// The condition was the filter's words: names need not be looked at again.
    are_named: bool,
}

impl Conditions {
    fn of(filter: &Filter, are_named: bool) -> Self {
        let begins = |name: &Option<String>| name.as_ref().map(|name| format!("{}%", escaped(name))).unwrap_or_default();
        let (whose, assignee) = match &filter.assignee {
            None => (0, String::new()),
            Some(Assignee::Me) => (1, String::new()),
            Some(Assignee::Nobody) => (2, String::new()),
            Some(Assignee::Named(name)) => (3, format!("{}%", escaped(name))),
        };
        let mut words = filter.words.iter().filter(|_| !are_named).map(|word| format!("% {}%", escaped(word)));
        Self {
            unread: filter.unread,
            waiting: filter.waiting,
            failed: filter.failed,
            priority: filter.priority.map_or(-1, Priority::rank),
            whose,
            assignee,
            label: begins(&filter.label),
            channel: begins(&filter.channel),
            words: std::array::from_fn(|_| words.next().unwrap_or_default()),
        }
    }
}

impl Store {
    /// A page of a list, the latest first, after `after`; and whether there are more.
    pub async fn list(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        agent: AgentId,
        tab: Tab,
        after: Option<ListKey>,
        limit: u32,
    ) -> Result<(Vec<Summary>, bool)> {
        let listing = Listing { tab, ..Listing::default() };
        self.page(conn, workspace, agent, &listing, after.map_or(Page::Top, Page::After), limit).await
    }

    /// A page of a list in its order, and whether there are more rows beyond it, where it was going to.
    pub async fn page(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        agent: AgentId,
        listing: &Listing,
        page: Page,
        limit: u32,
    ) -> Result<(Vec<Summary>, bool)> {
        let (down, key) = match page {
            Page::Top => (true, FIRST),
            Page::After(key) => (true, key),
            Page::End => (false, LAST),
            Page::Before(key) => (false, key),
            Page::Unread { from, down } => {
                let unread = Listing { filter: Filter { unread: true, ..listing.filter.clone() }, ..*listing };
                let (found, _) = self.part(conn, workspace, agent, &unread, (down, from), 1).await?;
                match found.first() {
                    Some(row) => (true, row.key().or_above()),
                    None => return Ok((Vec::new(), false)),
                }
            }
        };
        self.part(conn, workspace, agent, listing, (down, key), limit).await
    }

    /// Rows after (or before) a key.
    async fn part(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        agent: AgentId,
        listing: &Listing,
        (down, key): (bool, ListKey),
        limit: u32,
    ) -> Result<(Vec<Summary>, bool)> {
        let texts = texts_of(listing.tab, listing.sort);
        let few = self.few(conn, workspace, &listing.filter).await?;
        let when = Conditions::of(&listing.filter, few.as_ref().is_some_and(|few| few.are_named));
        let [first, second, third] = &when.words;
        let values = args![
            workspace,
            agent,
            key.rank,
            key.id,
            i64::from(limit) + 1,
            i64::from(when.unread),
            i64::from(when.waiting),
            i64::from(when.failed),
            when.priority,
            when.whose,
            &when.assignee,
            &when.label,
            &when.channel,
            first,
            second,
            third,
        ];
        if let Some(few) = few {
            let ids: Vec<Value<'_>> = few.ids.iter().map(|id| Value::from(*id)).collect();
            let rows: Vec<Row> = conn.rows_in(texts.few, values, &ids, "").await?;
            let rows = rows.into_iter().map(Row::summary).collect::<Result<_>>()?;
            return Ok(cut(rows, down, key, limit as usize));
        }
        let mut rows: Vec<Row> = conn.rows(if down { texts.down } else { texts.up }, values).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        if !down {
            rows.reverse();
        }
        Ok((rows.into_iter().map(Row::summary).collect::<Result<_>>()?, more))
    }

    /// The conversations that one of a filter's conditions lets through, when these are few.
    async fn few(&self, conn: &mut Conn, workspace: WorkspaceId, filter: &Filter) -> Result<Option<Few>> {
        let most = FEW as i64 + 1;
        let typed = Query::of(&filter.words.join(" "));
        // A single letter begins nearly every name, and signs alone are no words that anything is found by.
        if filter.words.iter().any(|word| word.chars().nth(1).is_some()) && !typed.is_empty() {
            let ids = self.named(conn, workspace, &typed, most).await?;
            if ids.len() <= FEW {
                return Ok(Some(Few { ids, are_named: true }));
            }
        }
        let label = filter.label.as_ref().map(|name| format!("{}%", escaped(name)));
        let priority = filter.priority.filter(|priority| *priority != Priority::None);
        let mut asked: Vec<(&'static str, Option<Value<'_>>)> = Vec::new();
        asked.extend(label.as_ref().map(|label| (LABELLED, Some(Value::from(label)))));
        asked.extend(priority.map(|priority| (OF_PRIORITY, Some(Value::from(priority.rank())))));
        asked.extend(filter.failed.then_some((FAILED, None)));
        asked.extend(filter.unread.then_some((UNREAD, None)));
        for (sql, condition) in asked {
            let values: Vec<Value<'_>> = args![workspace, most].iter().copied().chain(condition).collect();
            let ids: Vec<(i64,)> = conn.rows(sql, &values).await?;
            if ids.len() <= FEW {
                return Ok(Some(Few { ids: ids.into_iter().map(|(id,)| id).collect(), are_named: false }));
            }
        }
        Ok(None)
    }

    /// What each list holds.
    pub async fn counts(&self, conn: &mut Conn, workspace: WorkspaceId, agent: AgentId) -> Result<Counts> {
        let row: CountsRow = conn.one("counts", COUNTS, args![workspace, agent]).await?;
        Ok(row.counts())
    }
}

/// Before every row.
const FIRST: ListKey = ListKey { rank: i64::MAX, id: ConversationId(i64::MAX) };
/// After every row.
const LAST: ListKey = ListKey { rank: i64::MIN, id: ConversationId(i64::MIN) };

/// A page of rows that are all there, as walking would have found it.
fn cut(mut rows: Vec<Summary>, down: bool, key: ListKey, limit: usize) -> (Vec<Summary>, bool) {
    let place = |key: ListKey| (key.rank, key.id);
    rows.retain(|row| if down { place(row.key()) < place(key) } else { place(row.key()) > place(key) });
    rows.sort_by_key(|row| std::cmp::Reverse(place(row.key())));
    let more = rows.len() > limit;
    if down {
        rows.truncate(limit);
    } else {
        rows.drain(..rows.len().saturating_sub(limit));
    }
    (rows, more)
}

const fn texts_of(tab: Tab, sort: Sort) -> &'static Texts {
    match (tab, sort) {
        (Tab::All, Sort::Latest) => &ALL,
        (Tab::Mine, Sort::Latest) => &MINE,
        (Tab::Unassigned, Sort::Latest) => &UNASSIGNED,
        (Tab::Unattended, Sort::Latest) => &UNATTENDED,
        (Tab::All, Sort::Waiting) => &ALL_WAITING,
        (Tab::Mine, Sort::Waiting) => &MINE_WAITING,
        (Tab::Unassigned, Sort::Waiting) => &UNASSIGNED_WAITING,
        (Tab::Unattended, Sort::Waiting) => &UNATTENDED_WAITING,
        (Tab::Snoozed, _) => &LATER,
        (Tab::Resolved, _) => &RESOLVED,
        (Tab::Spam, _) => &SPAM,
        (Tab::Drafts, _) => &DRAFTS,
    }
}

/// No name is longer, and a pattern of tens of thousands of letters is an error on SQLite.
const PATTERN: usize = 1_000;

/// A text in which LIKE finds no sign of its own, as much of it as can matter.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(PATTERN) {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
