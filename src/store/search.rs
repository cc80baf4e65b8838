//! Full-text search: the one place where the engines' own words stand, because FTS5 and tsvector share none.

use super::Store;
use super::db::{Conn, args};
use super::error::Result;
use crate::domain::id::{ConversationId, MessageId, WorkspaceId};
use crate::domain::time::Timestamp;

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The message.
    pub message: MessageId,
    /// Where it is.
    pub conversation: ConversationId,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub author: String,
    /// Its text.
    pub text: String,
}

const SQLITE: &str = "SELECT m.id, m.conversation_id, m.at, m.author, m.text FROM messages_text f JOIN messages m ON m.id = f.rowid \
     WHERE messages_text MATCH $2 AND m.workspace_id = $1 AND m.delivery <> 'canceled' ORDER BY f.rowid DESC LIMIT $3";
const POSTGRES: &str = "SELECT m.id, m.conversation_id, m.at, m.author, m.text FROM messages m \
     WHERE m.words @@ to_tsquery('simple', $2) AND m.workspace_id = $1 AND m.delivery <> 'canceled' ORDER BY m.id DESC LIMIT $3";

impl Store {
    /// The newest messages that hold all of the words; the last word may be a beginning. Whatever is typed is words, never query syntax.
    pub async fn search(&self, conn: &mut Conn, workspace: WorkspaceId, words: &str, limit: u32) -> Result<Vec<Hit>> {
        let (sql, query) = if conn.is_postgres() { (POSTGRES, tsquery(words)) } else { (SQLITE, match_query(words)) };
        if query.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(i64, i64, i64, String, String)> = conn.rows(sql, args![workspace, &query, i64::from(limit)]).await?;
        let hit = |(message, conversation, at, author, text)| Hit {
            message: MessageId(message),
            conversation: ConversationId(conversation),
            at: Timestamp(at),
            author,
            text,
        };
        Ok(rows.into_iter().map(hit).collect())
    }
}

/// For FTS5: every token quoted (raw text failed for 19 of 26 ordinary inputs), the last one as a beginning.
fn match_query(words: &str) -> String {
    let tokens: Vec<String> = tokens(words).map(|token| format!("\"{token}\"")).collect();
    if tokens.is_empty() { String::new() } else { format!("{}*", tokens.join(" ")) }
}

/// For to_tsquery: the same.
fn tsquery(words: &str) -> String {
    let tokens: Vec<String> = tokens(words).map(|token| format!("'{token}'")).collect();
    if tokens.is_empty() { String::new() } else { format!("{}:*", tokens.join(" & ")) }
}

/// The runs of letters and digits in what was typed; everything else only separates.
fn tokens(words: &str) -> impl Iterator<Item = &str> {
    words.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_typed_becomes_quoted_words() {
        assert_eq!(match_query("c++ a-b \"x"), "\"c\" \"a\" \"b\" \"x\"*");
        assert_eq!(tsquery("it's 42 & !"), "'it' & 's' & '42':*");
        assert_eq!(match_query("\"\" -- *"), "");
    }
}
