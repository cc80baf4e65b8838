//! What customers ask of the queue by message, until it is answered, and what has to be known to answer.

use super::super::Store;
use super::super::db::{Conn, Tx, Value, args};
use super::super::error::Result;
use super::super::inbound::Fresh;
use crate::domain::hint::Hint;
use crate::domain::id::{ContactId, ConversationId, MessageId, ServiceId, TicketId, WorkspaceId};
use crate::domain::message::{Direction, Kind};
use crate::domain::phone::spellings;
use crate::domain::queue::words;
use crate::domain::time::Timestamp;

/// A message that asks something of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which.
    pub message: MessageId,
    /// Whose.
    pub workspace: WorkspaceId,
    /// Where.
    pub conversation: ConversationId,
    /// Its words.
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
}

/// Whom a conversation is with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The contact.
    pub contact: ContactId,
    /// Their name; may be empty.
    pub name: String,
    /// Their language; empty when it is not known.
    pub language: String,
    /// Their number, in digits with its country code; empty where chats have none.
    pub phone: String,
    /// What the workspace is called.
    pub organization: String,
    /// The language it writes in.
    pub own: String,
}

/// Something that people can queue for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// Which.
    pub service: ServiceId,
    /// What it is called.
    pub name: String,
    /// What its numbers begin with.
    pub prefix: String,
    /// Nobody is taken for it now.
    pub closed: bool,
}

#[derive(sqlx::FromRow)]
struct PartyRow {
    contact_id: i64,
    name: String,
    language: String,
    handle: String,
    organization: String,
    own: String,
}

const ANY_SERVICE: &str = "SELECT 1 FROM services WHERE workspace_id = $1 LIMIT 1";
const ADD_ASKS: &str = "INSERT INTO queue_asks (message_id, workspace_id, conversation_id) VALUES";
/// In every workspace: who syncs the database looks after all of them.
const ASKS: &str = "SELECT a.message_id, a.workspace_id, a.conversation_id, m.text, m.at FROM queue_asks a JOIN messages m ON m.id = a.message_id \
     ORDER BY a.message_id LIMIT $1";
const TAKE_ASK: &str = "DELETE FROM queue_asks WHERE workspace_id = $1 AND message_id = $2";
/// Who asked and got an answer waits for none; whatever else they wrote since still does.
const ANSWERED: &str = "UPDATE conversations SET unread = CASE WHEN unread > 0 THEN unread - 1 ELSE 0 END, waiting_since = CASE WHEN waiting_since = \
     (SELECT a.at FROM messages a WHERE a.id = $3) THEN (SELECT MIN(m.at) FROM messages m WHERE m.conversation_id = $2 AND m.direction = 'in' AND m.id > $3) \
     ELSE waiting_since END WHERE workspace_id = $1 AND id = $2";
const PARTY: &str = "SELECT c.contact_id, p.name, p.language, i.handle, w.name AS organization, w.language AS own FROM conversations c \
     JOIN contacts p ON p.id = c.contact_id JOIN identities i ON i.id = c.identity_id JOIN workspaces w ON w.id = c.workspace_id \
     WHERE c.workspace_id = $1 AND c.id = $2";
const HOUSE: &str = "SELECT name, language FROM workspaces WHERE id = $1";
/// The chat of a number, the one in which they wrote last.
const CHAT_OF_PHONE: &str = "SELECT c.id, c.contact_id FROM identity_keys k JOIN identities i ON i.id = k.identity_id JOIN channels ch ON ch.id = i.channel_id \
     JOIN conversations c ON c.id = (SELECT x.id FROM conversations x WHERE x.identity_id = i.id ORDER BY x.id DESC LIMIT 1) \
     WHERE k.workspace_id = $1 AND ch.removed_at IS NULL AND c.last_inbound_at IS NOT NULL AND i.handle LIKE '+%' AND k.chat_key IN";
const LAST_WRITER: &str = " ORDER BY c.last_inbound_at DESC";
const OFFERED: &str = "SELECT s.id, s.name, s.prefix, d.closed FROM services s JOIN departments d ON d.id = s.department_id \
     WHERE s.workspace_id = $1 ORDER BY d.name_key, s.name_key";
const OPEN_OF: &str = "SELECT id FROM tickets WHERE workspace_id = $1 AND conversation_id = $2 \
     AND state IN ('waiting', 'called', 'serving', 'parked') ORDER BY id";

/// The queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 2] = [("any service", ANY_SERVICE), ("asks", ASKS)];

/// So much is answered at a time.
const ASKS_AT_ONCE: i64 = 50;

impl Store {
    /// Notes which of these new messages ask something of the queue, when the workspace has one.
    pub async fn note_asks(&self, tx: &mut Tx, workspace: WorkspaceId, messages: &[Fresh<'_>]) -> Result<()> {
        let asks = |fresh: &&Fresh<'_>| {
            let message = fresh.message;
            // What one of a group says is not the group's wish.
            let alone = message.author_key.is_empty() || message.chat.keys().any(|key| key == message.author_key);
            message.direction == Direction::In && message.kind == Kind::Text && alone && words::parse(&message.text).is_some()
        };
        let mut values: Vec<Value<'_>> = Vec::new();
        for fresh in messages.iter().filter(asks) {
            values.extend_from_slice(args![fresh.id, workspace, fresh.conversation]);
        }
        if values.is_empty() || tx.row::<(i32,)>(ANY_SERVICE, args![workspace]).await?.is_none() {
            return Ok(());
        }
        tx.run_rows(ADD_ASKS, 3, &values, "").await.map(|_| ())
    }

    /// What waits to be answered, in every workspace, the oldest first.
    pub async fn queue_asks(&self, conn: &mut Conn) -> Result<Vec<Asked>> {
        let rows: Vec<(i64, i64, i64, String, i64)> = conn.rows(ASKS, args![ASKS_AT_ONCE]).await?;
        let asked = |(message, workspace, conversation, text, at): (i64, i64, i64, String, i64)| Asked {
            message: MessageId(message),
            workspace: WorkspaceId(workspace),
            conversation: ConversationId(conversation),
            text,
            at: Timestamp(at),
        };
        Ok(rows.into_iter().map(asked).collect())
    }

    /// Takes one to be answered; `false` when somebody else did.
    pub async fn take_ask(&self, tx: &mut Tx, ask: &Asked) -> Result<bool> {
        Ok(tx.run(TAKE_ASK, args![ask.workspace, ask.message]).await? > 0)
    }

    /// A message was answered by itself: its author waits for nobody because of it.
    pub async fn answered_by_itself(&self, tx: &mut Tx, ask: &Asked) -> Result<()> {
        tx.run(ANSWERED, args![ask.workspace, ask.conversation, ask.message]).await?;
        tx.hint(Hint::Conversation(ask.conversation));
        Ok(())
    }

    /// Whom a conversation is with.
    pub async fn party(&self, conn: &mut Conn, workspace: WorkspaceId, conversation: ConversationId) -> Result<Party> {
        let row: PartyRow = conn.one("conversation", PARTY, args![workspace, conversation]).await?;
        let digits = row.handle.strip_prefix('+').unwrap_or_default();
        let phone = if digits.bytes().all(|c| c.is_ascii_digit()) { digits } else { "" };
        Ok(Party {
            contact: ContactId(row.contact_id),
            name: row.name,
            language: row.language,
            phone: phone.to_owned(),
            organization: row.organization,
            own: row.own,
        })
    }

    /// Nobody we have a chat with.
    pub async fn nobody(&self, conn: &mut Conn, workspace: WorkspaceId) -> Result<Party> {
        let (organization, own): (String, String) = conn.one("workspace", HOUSE, args![workspace]).await?;
        Ok(Party { contact: ContactId(0), name: String::new(), language: String::new(), phone: String::new(), organization, own })
    }

    /// The chat of somebody with this number who has written to us, and whose it is.
    pub async fn chat_of_phone(&self, conn: &mut Conn, workspace: WorkspaceId, phone: &str) -> Result<Option<(ConversationId, ContactId)>> {
        let known = spellings(phone);
        let all = std::iter::once(known.canonical).chain(known.others);
        // Some providers' keys name their network behind the number.
        let keys: Vec<String> = all.flat_map(|digits| [format!("{digits}@c.us"), digits]).collect();
        let keys: Vec<Value<'_>> = keys.iter().map(|key| Value::Text(key)).collect();
        let rows: Vec<(i64, i64)> = conn.rows_in(CHAT_OF_PHONE, args![workspace], &keys, LAST_WRITER).await?;
        Ok(rows.first().map(|(conversation, contact)| (ConversationId(*conversation), ContactId(*contact))))
    }

    /// What people can queue for, anywhere in a workspace.
    pub async fn offered(&self, conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<Offered>> {
        let rows: Vec<(i64, String, String, bool)> = conn.rows(OFFERED, args![workspace]).await?;
        let offered = |(service, name, prefix, closed)| Offered { service: ServiceId(service), name, prefix, closed };
        Ok(rows.into_iter().map(offered).collect())
    }

    /// The open tickets of who writes in a conversation, the oldest first.
    pub async fn open_tickets(&self, conn: &mut Conn, workspace: WorkspaceId, conversation: ConversationId) -> Result<Vec<TicketId>> {
        let rows: Vec<(i64,)> = conn.rows(OPEN_OF, args![workspace, conversation]).await?;
        Ok(rows.into_iter().map(|(id,)| TicketId(id)).collect())
    }
}
