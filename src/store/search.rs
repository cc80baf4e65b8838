//! Full-text search: the one place where the engines' own words stand, because FTS5 and tsvector share none.
//!
//! A search that nobody waits for any more stops: each runs on a connection whose statement is interrupted (SQLite) or cancelled (PostgreSQL)
//! when the search is dropped. Without that either would go on ranking a common word for half a second behind the back of the next keystroke.

use super::Store;
use super::db::{Conn, Searching, args};
use super::error::Result;
use crate::domain::conversation::Summary;
use crate::domain::id::{AgentId, ConversationId, MessageId, WorkspaceId};
use crate::domain::message::Direction;
use crate::domain::search::{Hit, Order, Query, Term, words};
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    conversation_id: i64,
    number: i64,
    provider: String,
    name: String,
    handle: String,
    direction: String,
    author: String,
    text: String,
    subject: String,
    at: i64,
}

/// The columns of a hit; `$1` is the workspace, `$2` the words.
macro_rules! hits {
    ($from:literal, $id:literal, $tail:literal) => {
        concat!(
            "SELECT m.id, m.conversation_id, c.number, ch.provider, p.name, i.handle, m.direction, m.author, m.text, m.subject, m.at FROM ",
            $from,
            " JOIN messages m ON m.id = ",
            $id,
            " JOIN conversations c ON c.id = m.conversation_id JOIN channels ch ON ch.id = m.channel_id \
             JOIN identities i ON i.id = c.identity_id JOIN contacts p ON p.id = c.contact_id \
             WHERE m.workspace_id = $1 AND m.delivery <> 'canceled' AND ",
            $tail
        )
    };
}

const NEWEST_LITE: &str = hits!("message_words f", "f.rowid", "f.message_words MATCH $2 AND f.rowid < $3 ORDER BY f.rowid DESC LIMIT $4");
const NEWEST_PG: &str =
    hits!("message_words f", "f.id", "f.words @@ CAST($2 AS tsquery) AND f.workspace_id = $1 AND f.id < $3 ORDER BY f.id DESC LIMIT $4");
const BEST_LITE: &str = hits!("message_words f", "f.rowid", "f.message_words MATCH $2 AND $3 = $3 ORDER BY f.rank LIMIT $4");
const BEST_PG: &str = hits!(
    "message_words f",
    "f.id",
    "f.words @@ CAST($2 AS tsquery) AND f.workspace_id = $1 AND $3 = $3 ORDER BY ts_rank(f.words, CAST($2 AS tsquery)) DESC, f.id DESC LIMIT $4"
);
const PEOPLE_LITE: &str = "SELECT c.id, c.last_at FROM identity_words f JOIN identities i ON i.id = f.rowid JOIN conversations c \
     ON c.id = (SELECT x.id FROM conversations x WHERE x.identity_id = i.id AND x.status <> 'merged' ORDER BY x.id DESC LIMIT 1) \
     WHERE f.identity_words MATCH $2 AND i.workspace_id = $1 ORDER BY f.rowid DESC LIMIT $3";
const PEOPLE_PG: &str = "SELECT c.id, c.last_at FROM identity_words f JOIN conversations c \
     ON c.id = (SELECT x.id FROM conversations x WHERE x.identity_id = f.id AND x.status <> 'merged' ORDER BY x.id DESC LIMIT 1) \
     WHERE f.words @@ CAST($2 AS tsquery) AND f.workspace_id = $1 ORDER BY f.id DESC LIMIT $3";
const NAMED_LITE: &str = "SELECT c.id FROM identity_words f JOIN conversations c ON c.identity_id = f.rowid \
     WHERE f.identity_words MATCH $2 AND c.workspace_id = $1 LIMIT $3";
const NAMED_PG: &str = "SELECT c.id FROM identity_words f JOIN conversations c ON c.identity_id = f.id \
     WHERE f.words @@ CAST($2 AS tsquery) AND f.workspace_id = $1 LIMIT $3";
const NUMBERED: &str = "SELECT id FROM conversations WHERE workspace_id = $1 AND number = $2 AND status <> 'merged'";
const FILES: &str = "SELECT message_id, name FROM attachments WHERE workspace_id = $1 AND name <> '' AND message_id IN";

/// The words of an index that begin as `$1` and stand before `$2`, at most `$3` less one; each is looked up behind the one before it, so
/// that no message is read.
macro_rules! endings {
    ($terms:literal) => {
        concat!(
            "WITH RECURSIVE found (term) AS (SELECT (SELECT v.term FROM ",
            $terms,
            " v WHERE v.term >= $1 ORDER BY v.term LIMIT 1) \
             UNION ALL SELECT (SELECT v.term FROM ",
            $terms,
            " v WHERE v.term >= found.term || char(1) ORDER BY v.term LIMIT 1) FROM found WHERE found.term < $2 LIMIT $3) \
             SELECT term FROM found WHERE term < $2"
        )
    };
}

const MESSAGE_ENDINGS: &str = endings!("message_terms");
const PEOPLE_ENDINGS: &str = endings!("identity_terms");

/// What a connection for searches on SQLite has besides: the lists of the words in the two indexes, which are views of them and hold nothing.
pub(super) const TERMS: &str = "CREATE VIRTUAL TABLE temp.message_terms USING fts5vocab (main, message_words, instance); \
     CREATE VIRTUAL TABLE temp.identity_terms USING fts5vocab (main, identity_words, instance)";

/// As many words that begin as what is typed are looked for one by one. FTS5 reads the messages of a word from the newest on and stops when a page
/// is full; of a beginning it gathers all messages first, 20 ms of a common one among a million, which is less only where many words share it.
const ENDINGS: usize = 64;

/// Of so many people with a matching name, the newest, those who wrote last are shown.
const PEOPLE: i64 = 40;

/// The queries of this file on SQLite with their names, for the test that asks the planner about them.
pub const LISTS: [(&str, &str); 4] = [("search", NEWEST_LITE), ("best search", BEST_LITE), ("people", PEOPLE_LITE), ("named", NAMED_LITE)];

impl Store {
    /// Messages that hold all of the words, and whether there are more; in the order they came in, those after `after`. Stops when it is dropped.
    pub async fn find_messages(
        &self,
        workspace: WorkspaceId,
        query: &Query,
        order: Order,
        after: Option<MessageId>,
        limit: u32,
    ) -> Result<(Vec<Hit>, bool)> {
        if query.is_empty() {
            return Ok((Vec::new(), false));
        }
        let mut conn = self.db.search().await?;
        let (sql, words) = match (conn.is_postgres(), order) {
            (false, Order::Newest) => (NEWEST_LITE, spelt_out(&mut conn, MESSAGE_ENDINGS, query.terms()).await?),
            (false, Order::Best) => (BEST_LITE, match_query(query.terms())),
            (true, Order::Newest) => (NEWEST_PG, tsquery(query.terms())),
            (true, Order::Best) => (BEST_PG, tsquery(query.terms())),
        };
        let after = after.unwrap_or(MessageId(i64::MAX));
        let mut rows: Vec<Row> = conn.rows(sql, args![workspace, &words, after, i64::from(limit) + 1]).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let excerpts = excerpts(&mut conn, workspace, query, &rows).await?;
        conn.finish();
        let hits = rows.into_iter().zip(excerpts).map(|(row, excerpt)| row.hit(excerpt)).collect();
        Ok((hits, more && order == Order::Newest))
    }

    /// Conversations of people whose name, address or number begins with the words, and the one of that number; who wrote last stands first.
    pub async fn find_people(&self, workspace: WorkspaceId, agent: AgentId, query: &Query, limit: usize) -> Result<Vec<Summary>> {
        let terms = query.people_terms();
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        let mut conn = self.db.search().await?;
        let (sql, words) = if conn.is_postgres() {
            (PEOPLE_PG, tsquery(&terms))
        } else {
            (PEOPLE_LITE, spelt_out(&mut conn, PEOPLE_ENDINGS, &terms).await?)
        };
        let mut found: Vec<(i64, i64)> = conn.rows(sql, args![workspace, &words, PEOPLE]).await?;
        found.sort_by_key(|(id, last_at)| std::cmp::Reverse((*last_at, *id)));
        if let Some(number) = query.conversation_number()
            && let Some((id,)) = conn.row::<(i64,)>(NUMBERED, args![workspace, number]).await?
        {
            found.retain(|(other, _)| *other != id);
            found.insert(0, (id, i64::MAX));
        }
        let ids: Vec<ConversationId> = found.into_iter().take(limit).map(|(id, _)| ConversationId(id)).collect();
        let mut rows = self.summaries(&mut conn, workspace, agent, &ids).await?;
        conn.finish();
        rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
        Ok(rows)
    }
}

impl Store {
    /// At most `limit` conversations, in any order, of people whose name, address or number begins with the words, and the one of that number.
    pub(super) async fn named(&self, conn: &mut Conn, workspace: WorkspaceId, query: &Query, limit: i64) -> Result<Vec<i64>> {
        let terms = query.people_terms();
        let mut found: Vec<(i64,)> = Vec::new();
        if !terms.is_empty() {
            let (sql, words) = if conn.is_postgres() { (NAMED_PG, tsquery(&terms)) } else { (NAMED_LITE, match_query(&terms)) };
            found = conn.rows(sql, args![workspace, &words, limit]).await?;
        }
        if let Some(number) = query.conversation_number() {
            found.extend(conn.row::<(i64,)>(NUMBERED, args![workspace, number]).await?);
        }
        let mut ids: Vec<i64> = found.into_iter().map(|(id,)| id).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }
}

impl Row {
    fn hit(self, excerpt: String) -> Hit {
        Hit {
            message: MessageId(self.id),
            conversation: ConversationId(self.conversation_id),
            number: self.number,
            provider: self.provider,
            name: if self.name.trim().is_empty() { self.handle } else { self.name },
            direction: Direction::of(&self.direction),
            author: self.author,
            excerpt,
            at: Timestamp(self.at),
        }
    }
}

/// What is shown of each row: where the words stand in its text, its subject or the name of a file.
async fn excerpts(conn: &mut Searching, workspace: WorkspaceId, query: &Query, rows: &[Row]) -> Result<Vec<String>> {
    let of_words = |row: &Row| {
        let texts = [row.text.as_str(), row.subject.as_str()];
        texts.into_iter().find(|text| !query.marks(text).is_empty()).map(|text| query.excerpt(text))
    };
    let mut found: Vec<Option<String>> = rows.iter().map(of_words).collect();
    let bare: Vec<super::db::Value<'_>> =
        rows.iter().zip(&found).filter(|(_, found)| found.is_none()).map(|(row, _)| row.id.into()).collect();
    let files: Vec<(i64, String)> = conn.rows_in(FILES, args![workspace], &bare, "").await?;
    for (row, excerpt) in rows.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
        let mut names = files.iter().filter(|(message, _)| *message == row.id).map(|(_, name)| name.as_str());
        *excerpt = names.find(|name| !query.marks(name).is_empty()).map(|name| query.excerpt(name));
    }
    Ok(found.into_iter().zip(rows).map(|(found, row)| found.unwrap_or_else(|| query.excerpt(&row.text))).collect())
}

/// The word of the index that stands for all that a term may begin. A pair of letters is a word itself, and only its first letter begins it.
fn beginning(term: &Term) -> Option<String> {
    let is_pair = |word: &String| word.chars().nth(1).is_some() && words(word).first().is_some_and(|word| word.pair);
    term.beginning().filter(|_| !term.words.first().is_some_and(is_pair))
}

/// For FTS5: every word quoted; words of one term stand one after the other.
fn match_query(terms: &[Term]) -> String {
    terms.iter().map(phrase).collect::<Vec<_>>().join(" AND ")
}

fn phrase(term: &Term) -> String {
    match beginning(term) {
        Some(word) => format!("\"{word}\""),
        None => format!("\"{}\"{}", term.words.join(" "), if term.begins { "*" } else { "" }),
    }
}

/// As [`match_query`], with all words of the index in place of a beginning, unless they are many; it finds the same. (A word that comes into the
/// index just now is found by the next search.)
async fn spelt_out(conn: &mut Searching, endings: &'static str, terms: &[Term]) -> Result<String> {
    let mut parts = Vec::with_capacity(terms.len());
    for term in terms {
        let found: Vec<(String,)> = match term.words.as_slice() {
            [word] if term.begins && beginning(term).is_none() => {
                conn.rows(endings, args![word, &format!("{word}{}", char::MAX), ENDINGS as i64 + 1]).await?
            }
            _ => Vec::new(),
        };
        // Without any word the beginning itself finds nothing, which is quick.
        parts.push(if (1..=ENDINGS).contains(&found.len()) {
            let words: Vec<String> = found.iter().map(|(word,)| format!("\"{word}\"")).collect();
            format!("({})", words.join(" OR "))
        } else {
            phrase(term)
        });
    }
    Ok(parts.join(" AND "))
}

/// For PostgreSQL: the same as a `tsquery`.
fn tsquery(terms: &[Term]) -> String {
    let one = |term: &Term| {
        if let Some(word) = beginning(term) {
            return format!("'{word}'");
        }
        let words: Vec<String> = term.words.iter().map(|word| format!("'{word}'")).collect();
        format!("({}{})", words.join(" <-> "), if term.begins { ":*" } else { "" })
    };
    terms.iter().map(one).collect::<Vec<_>>().join(" & ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_typed_becomes_quoted_words() {
        let lite = |typed: &str| match_query(Query::of(typed).terms());
        let pg = |typed: &str| tsquery(Query::of(typed).terms());
        assert_eq!(lite("c++ a-b \"xyza"), "\"c\" AND \"a\" AND \"b\" AND \"xyza\"*");
        assert_eq!(lite("xy"), "\"\u{e000}xy\"", "short beginnings are words of the index");
        assert_eq!(pg("it's & !4251"), "('it') & ('s') & ('4251':*)");
        assert_eq!(pg("返"), "'\u{e000}返'");
        assert_eq!(lite("注文番号 *"), "\"注文 文番 番号\"");
        assert_eq!(pg("注文番"), "('注文' <-> '文番')");
        assert_eq!(lite("\"\" -- *"), "");
    }
}
