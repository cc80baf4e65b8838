//! What a provider tells of our own messages: how far they got, and what a failure says about more than the one message.

use super::Store;
use super::changes::Target;
use super::channels::Channel;
use super::db::{Tx, args};
use super::error::{Error, Result};
use super::events::Event;
use super::outbox::{Claim, Ending};
use super::replies::json;
use super::standing::{refresh_mark, refresh_preview};
use super::words;
use crate::domain::channel::Health;
use crate::domain::delivery::Delivery;
use crate::domain::hint::Hint;
use crate::domain::id::{ChannelId, ConversationId, MessageId, WorkspaceId};
use crate::domain::inbound::Cause;
use crate::domain::optout;
use crate::domain::outbound::Special;
use crate::domain::template::Filled;
use crate::domain::time::{Span, Timestamp};
use crate::domain::window;

/// How far a message of ours got, as the provider tells it.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// How far.
    pub state: Delivery,
    /// Why it failed; else empty.
    pub reason: &'a str,
    /// What follows from that for more than this message.
    pub cause: Cause,
    /// When.
    pub at: Timestamp,
}

const DELIVERY: &str = "SELECT delivery FROM messages WHERE workspace_id = $1 AND id = $2";
const PART_STATES: &str = "SELECT place, state FROM parts WHERE workspace_id = $1 AND message_id = $2 ORDER BY place";
const SET_PART_STATE: &str = "UPDATE parts SET state = $4, settled_at = $5 WHERE workspace_id = $1 AND message_id = $2 AND place = $3";
const SET_DELIVERY: &str = "UPDATE messages SET delivery = $3, reason = $4 WHERE workspace_id = $1 AND id = $2";
/// Each state keeps the first time it was told of, in whatever order they come.
const NOTE_TIME: &str = "UPDATE messages SET \
     sent_at = CASE WHEN $3 = 'sent' AND (sent_at IS NULL OR sent_at > $4) THEN $4 ELSE sent_at END, \
     delivered_at = CASE WHEN $3 = 'delivered' AND (delivered_at IS NULL OR delivered_at > $4) THEN $4 ELSE delivered_at END, \
     read_at = CASE WHEN $3 = 'read' AND (read_at IS NULL OR read_at > $4) THEN $4 ELSE read_at END, \
     played_at = CASE WHEN $3 = 'played' AND (played_at IS NULL OR played_at > $4) THEN $4 ELSE played_at END, \
     failed_at = CASE WHEN $3 = 'failed' AND (failed_at IS NULL OR failed_at > $4) THEN $4 ELSE failed_at END \
     WHERE workspace_id = $1 AND id = $2";
/// A reply that the provider took and could not deliver asks for a decision like one that it did not take.
const FAIL_ORDER: &str = "UPDATE outbox SET state = 'failed', reason = $3, updated_at = $4 \
     WHERE workspace_id = $1 AND message_id = $2 AND action = 'send' AND state = 'done'";
/// Proof that it arrived leaves nothing to decide.
const SETTLE_ORDER: &str = "UPDATE outbox SET state = 'done', reason = '', updated_at = $3 \
     WHERE workspace_id = $1 AND message_id = $2 AND action = 'send' AND state IN ('uncertain', 'failed')";
const CLOSE_WINDOW: &str = "UPDATE conversations SET window_closed_at = $3 WHERE workspace_id = $1 AND id = $2 \
     AND window_length IS NOT NULL AND COALESCE(window_closed_at, -1) < $3";
/// The limit is on the person, whichever of their addresses it was told of.
const CAP: &str = "UPDATE identities SET capped_at = $3 WHERE workspace_id = $1 \
     AND channel_id = (SELECT c.channel_id FROM conversations c WHERE c.id = $2) \
     AND contact_id = (SELECT c.contact_id FROM conversations c WHERE c.id = $2) AND COALESCE(capped_at, -1) < $3";
/// Whoever wrote later than that can be reached. Somebody who has never written is only not reached by this message: nothing of theirs would ever
/// say that they can be again.
const LOSE: &str = "UPDATE identities SET reachable = FALSE WHERE workspace_id = $1 AND reachable \
     AND id = (SELECT c.identity_id FROM conversations c WHERE c.id = $2 AND c.last_inbound_at < $3)";
const BEGIN_OUTAGE: &str = "UPDATE channels SET health = $3, note = $4, outage = $4, outage_at = $5 \
     WHERE workspace_id = $1 AND id = $2 AND NOT paused AND removed_at IS NULL AND COALESCE(outage_at, -1) < $5";
/// What is noted of the channel besides stays.
const END_OUTAGE: &str = "UPDATE channels SET health = CASE WHEN health = $4 AND note = outage THEN 'up' ELSE health END, \
     note = CASE WHEN health = $4 AND note = outage THEN '' ELSE note END, outage_at = NULL \
     WHERE workspace_id = $1 AND id = $2 AND outage_at < $3";
const FALLBACK: &str = "SELECT id, channel_id, fallback FROM outbox WHERE workspace_id = $1 AND message_id = $2 AND action = 'send' \
     AND fallback IS NOT NULL AND state = 'failed'";
const FAILED_PARTS: &str = "SELECT place FROM parts WHERE workspace_id = $1 AND message_id = $2 AND state = 'failed' ORDER BY place";
const OTHER_PARTS: &str = "SELECT text FROM parts WHERE workspace_id = $1 AND message_id = $2 AND state <> 'failed' ORDER BY place";
const DROP_PARTS: &str = "DELETE FROM parts WHERE workspace_id = $1 AND message_id = $2 AND state = 'failed' AND place > $3";
const TURN_PART: &str = "UPDATE parts SET state = 'queued', text = $4, special = $5, attachment_id = NULL, external_id = NULL, settled_at = NULL \
     WHERE workspace_id = $1 AND message_id = $2 AND place = $3";
const TURN_ORDER: &str = "UPDATE outbox SET state = 'ready', fallback = NULL, failures = 0, reason = '', next_try_at = $3, updated_at = $3 \
     WHERE workspace_id = $1 AND id = $2";
const TURN_MESSAGE: &str = "UPDATE messages SET delivery = 'queued', text = $3, reason = '', failed_at = NULL, sent_at = NULL \
     WHERE workspace_id = $1 AND id = $2";

/// How old the news may be that nothing can be sent: what is delivered late, or read again, tells nothing of now.
const NEWS: Span = Span::minutes(15);

impl Store {
    /// A receipt for one of our messages, or for one part of it: states only rise, and each keeps its own first time. What a failure says
    /// about more than the message is noted as well.
    pub async fn take_receipt(&self, tx: &mut Tx, channel: &Channel, target: Target, receipt: &Receipt<'_>) -> Result<()> {
        let workspace = channel.workspace;
        let (before,): (String,) = tx.one("message", DELIVERY, args![workspace, target.message]).await?;
        let before = Delivery::of(&before);
        if before == Delivery::Received {
            return Ok(());
        }
        let mut alone = true;
        let after = match target.part {
            None => before.after_receipt(receipt.state),
            Some(place) => {
                let parts: Vec<(i64, String)> = tx.rows(PART_STATES, args![workspace, target.message]).await?;
                alone = parts.len() == 1;
                let mut states: Vec<Delivery> = Vec::with_capacity(parts.len());
                for (n, state) in parts {
                    let state = Delivery::of(&state);
                    let told = if n == place { state.after_receipt(receipt.state) } else { state };
                    if told != state {
                        tx.run(SET_PART_STATE, args![workspace, target.message, place, told.name(), receipt.at]).await?;
                    }
                    states.push(told);
                }
                Delivery::of_parts(states)
            }
        };
        // Of several parts, the message is where its last one is.
        if alone || after == receipt.state {
            tx.run(NOTE_TIME, args![workspace, target.message, receipt.state.name(), receipt.at]).await?;
        }
        if after != before {
            let reason = match (after, receipt.cause) {
                (Delivery::Failed, Cause::WindowClosed) => window::CLOSED,
                (Delivery::Failed, Cause::OptedOut) => optout::REASON,
                (Delivery::Failed, _) => receipt.reason,
                _ => "",
            };
            tx.run(SET_DELIVERY, args![workspace, target.message, after.name(), reason]).await?;
            match after {
                Delivery::Failed => {
                    tx.run(FAIL_ORDER, args![workspace, target.message, reason, self.now()]).await?;
                    tx.hint(Hint::Status);
                }
                Delivery::Sent | Delivery::Delivered | Delivery::Read | Delivery::Played => {
                    tx.run(SETTLE_ORDER, args![workspace, target.message, self.now()]).await?;
                }
                _ => {}
            }
            refresh_mark(tx, workspace, target.conversation).await?;
            tx.hint(Hint::Conversation(target.conversation));
        }
        let trouble = Health::NeedsAttention.name();
        let arrives = matches!(receipt.state, Delivery::Sent | Delivery::Delivered | Delivery::Read | Delivery::Played);
        if arrives && tx.run(END_OUTAGE, args![workspace, channel.id, receipt.at, trouble]).await? > 0 {
            tx.hint(Hint::Status);
        }
        if receipt.state == Delivery::Failed {
            self.take_cause(tx, channel, target, receipt).await?;
        }
        Ok(())
    }

    /// What a failure says about the chat or the account; each may be told again.
    async fn take_cause(&self, tx: &mut Tx, channel: &Channel, target: Target, receipt: &Receipt<'_>) -> Result<()> {
        let (workspace, conversation) = (channel.workspace, target.conversation);
        match receipt.cause {
            // A wish is more than a change of a row: it is said in the thread. Whoever takes the receipt sees to it.
            Cause::Other | Cause::OptedOut => {}
            Cause::WindowClosed => self.close_window(tx, workspace, target.message, conversation, receipt.at).await?,
            Cause::Capped => {
                tx.run(CAP, args![workspace, conversation, receipt.at]).await?;
            }
            Cause::Unreachable => {
                if tx.run(LOSE, args![workspace, conversation, receipt.at]).await? > 0 {
                    let event = Event {
                        kind: "contact.unreachable",
                        channel: Some(channel.id),
                        conversation: Some(conversation),
                        ..Event::default()
                    };
                    self.log(tx, workspace, &[event]).await?;
                    tx.hint(Hint::Conversation(conversation));
                }
            }
            Cause::Account => {
                let values = args![workspace, channel.id, Health::NeedsAttention.name(), receipt.reason, receipt.at];
                if self.now().since(receipt.at) < NEWS && tx.run(BEGIN_OUTAGE, values).await? > 0 {
                    tx.hint(Hint::Status);
                }
            }
        }
        Ok(())
    }

    /// A reply cannot leave because the window is closed: by our own reckoning, or as the provider says (`told`). It fails with the reason,
    /// unless it carries a template, which then leaves instead.
    pub async fn ended_by_window(&self, channel: &Channel, claim: &Claim, told: Option<Timestamp>) -> Result<()> {
        let mut tx = self.begin().await?;
        if self.end_attempt(&mut tx, channel, claim, &Ending::Failed, window::CLOSED).await? {
            match told {
                Some(at) => self.close_window(&mut tx, channel.workspace, claim.message, claim.conversation, at).await?,
                None => self.fall_back(&mut tx, channel.workspace, claim.message, claim.conversation).await?,
            }
        }
        self.commit(tx).await
    }

    /// The provider lets the customer have no more advertising for now.
    pub async fn ended_by_cap(&self, channel: &Channel, claim: &Claim, reason: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        if self.end_attempt(&mut tx, channel, claim, &Ending::Failed, reason).await? {
            tx.run(CAP, args![channel.workspace, claim.conversation, self.now()]).await?;
        }
        self.commit(tx).await
    }

    async fn close_window(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        message: MessageId,
        conversation: ConversationId,
        at: Timestamp,
    ) -> Result<()> {
        if tx.run(CLOSE_WINDOW, args![workspace, conversation, at]).await? > 0 {
            tx.hint(Hint::Conversation(conversation));
        }
        self.fall_back(tx, workspace, message, conversation).await
    }

    /// A failed reply that carries a template is sent again as that, once: what did not leave becomes the template.
    async fn fall_back(&self, tx: &mut Tx, workspace: WorkspaceId, message: MessageId, conversation: ConversationId) -> Result<()> {
        let Some((order, channel, stored)) = tx.row::<(i64, i64, String)>(FALLBACK, args![workspace, message]).await? else {
            return Ok(());
        };
        let filled: Filled =
            serde_json::from_str(&stored).map_err(|error| Error::Stored { what: "template", detail: error.to_string() })?;
        let places: Vec<(i64,)> = tx.rows(FAILED_PARTS, args![workspace, message]).await?;
        let Some((first,)) = places.first().copied() else { return Ok(()) };
        let known = self.templates(tx, workspace, ChannelId(channel)).await?;
        let template = known.iter().find(|known| known.name == filled.name && known.language == filled.language);
        let words = template.map_or_else(|| format!("[template] {}", filled.name), |template| template.preview(&filled.values));
        let mut shown: Vec<String> =
            tx.rows::<(String,)>(OTHER_PARTS, args![workspace, message]).await?.into_iter().map(|(text,)| text).collect();
        shown.push(words.clone());
        let special = json(&Special::Template(filled))?;
        tx.run(DROP_PARTS, args![workspace, message, first]).await?;
        tx.run(TURN_PART, args![workspace, message, first, &words, &special]).await?;
        tx.run(TURN_MESSAGE, args![workspace, message, &shown.join("\n")]).await?;
        tx.run(TURN_ORDER, args![workspace, order, self.now()]).await?;
        words::refresh_message(tx, workspace, message).await?;
        refresh_preview(tx, workspace, conversation).await?;
        refresh_mark(tx, workspace, conversation).await?;
        let event = Event { kind: "reply.fallback", conversation: Some(conversation), message: Some(message), ..Event::default() };
        self.log(tx, workspace, &[event]).await?;
        tx.hint(Hint::Conversation(conversation));
        tx.hint(Hint::Status);
        Ok(())
    }
}
