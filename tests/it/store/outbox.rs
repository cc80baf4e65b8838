//! Replies: a row before a request, one order at a time in a conversation, and nothing decided twice.

use frontdesk::domain::conversation::Status;
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::id::{ConversationId, MessageId};
use frontdesk::domain::time::{Clock, Span};
use frontdesk::store::Error;
use frontdesk::store::inbound::NewMessage;
use frontdesk::store::outbox::{Claim, Ending};
use frontdesk::store::replies::Change;
use frontdesk::sync::compose::{self, Draft};

use crate::support::bench::{Bench, later, on_each_engine, said};

const LEASE: Span = Span::minutes(15);

async fn customer(bench: &Bench, chat: &str) -> ConversationId {
    bench.ingest(vec![said(chat, 1, "hi")]).await;
    bench.list().await.into_iter().find(|row| row.name.ends_with(chat)).unwrap().id
}

async fn write(bench: &Bench, to: ConversationId, key: &str, text: &str) -> MessageId {
    let draft = Draft {
        client_key: key.into(),
        conversation: to,
        text: text.into(),
        reply_to: None,
        files: Vec::new(),
        delay: None,
        at: None,
        template: None,
        spot: None,
    };
    compose::send(&bench.store, bench.workspace, bench.agent, &draft).await.unwrap()
}

async fn claim(bench: &Bench) -> Vec<Claim> {
    bench.store.claim(&bench.channel, LEASE, 16).await.unwrap()
}

async fn state(bench: &Bench, to: ConversationId, message: MessageId) -> Delivery {
    bench.thread(to).await.into_iter().find(|m| m.id == message).unwrap().delivery
}

#[tokio::test]
async fn the_same_client_key_twice_is_one_reply() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let first = write(&bench, to, "k", "yes").await;
        assert_eq!(write(&bench, to, "k", "yes").await, first);
        assert_eq!(bench.thread(to).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_clock_set_back_a_day_delays_no_reply_by_a_day() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let message = write(&bench, to, "k", "yes").await;
        bench.clock.advance(Span::hours(-24));
        bench.store.rebase(&bench.channel).await.unwrap();
        assert_eq!(bench.store.next_due(&bench.channel).await.unwrap(), Some(bench.clock.now().plus(Span::secs(5))));
        let second = write(&bench, to, "l", "and another").await;
        later(&bench, Span::secs(5));
        assert_eq!(claim(&bench).await[0].message, message, "the order in the conversation stays");
        assert_ne!(message, second);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_gives_one_id_twice_keeps_nothing_from_being_written_down() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        for key in ["a", "b"] {
            let message = write(&bench, to, key, key).await;
            later(&bench, Span::secs(5));
            let claims = claim(&bench).await;
            assert!(!bench.store.part_sent(&bench.channel, &claims[0], 0, Some("1000")).await.unwrap());
            assert_eq!(state(&bench, to, message).await, Delivery::Sent);
        }
    })
    .await;
}

#[tokio::test]
async fn a_reply_behind_one_that_waits_is_not_due() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        write(&bench, to, "a", "first").await;
        write(&bench, to, "b", "second").await;
        let now = later(&bench, Span::secs(5));
        assert_eq!(bench.store.due(now).await.unwrap(), 2);
        let claims = claim(&bench).await;
        let ending = Ending::Later { at: now.plus(Span::minutes(1)), failed: true };
        bench.store.attempt_ended(&bench.channel, &claims[0], &ending, "no connection").await.unwrap();
        assert_eq!(bench.store.due(now).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_reaction_of_ours_stands_under_the_agents_name_and_one_that_failed_can_be_discarded() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let theirs = bench.thread(to).await[0].id;
        let react = |emoji| bench.store.queue_change(bench.workspace, bench.agent, theirs, Change::React(emoji));
        react("👍").await.unwrap();
        let claims = claim(&bench).await;
        bench.store.change_done(&bench.channel, &claims[0]).await.unwrap();
        assert_eq!(bench.thread(to).await[0].reactions[0].actor, "Ayu");
        react("🦖").await.unwrap();
        let claims = claim(&bench).await;
        bench.store.attempt_ended(&bench.channel, &claims[0], &Ending::Failed, "no such reaction").await.unwrap();
        assert_eq!(bench.list().await[0].mark, Some(Delivery::Failed));
        bench.store.resend(bench.workspace, bench.agent, theirs).await.unwrap();
        let claims = claim(&bench).await;
        assert_eq!((claims.len(), claims[0].action.as_str()), (1, "react"));
        bench.store.attempt_ended(&bench.channel, &claims[0], &Ending::Failed, "no such reaction").await.unwrap();
        bench.store.discard(bench.workspace, bench.agent, theirs).await.unwrap();
        assert_eq!(bench.list().await[0].mark, None);
        assert_eq!(bench.thread(to).await[0].delivery, Delivery::Received);
    })
    .await;
}

#[tokio::test]
async fn discarding_the_rest_of_a_reply_leaves_nothing_queued() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let message = write(&bench, to, "a", &"x".repeat(5_000)).await;
        let now = later(&bench, Span::secs(5));
        let claims = claim(&bench).await;
        assert!(bench.store.part_sent(&bench.channel, &claims[0], 0, Some("9")).await.unwrap());
        let ending = Ending::Later { at: now.plus(Span::minutes(1)), failed: true };
        bench.store.attempt_ended(&bench.channel, &claims[0], &ending, "no connection").await.unwrap();
        bench.store.discard(bench.workspace, bench.agent, message).await.unwrap();
        assert_eq!(state(&bench, to, message).await, Delivery::Failed);
    })
    .await;
}

#[tokio::test]
async fn a_reply_is_held_for_the_undo_delay_and_then_claimed_once() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let message = write(&bench, to, "k", "yes").await;
        assert!(claim(&bench).await.is_empty());
        assert_eq!(bench.store.next_due(&bench.channel).await.unwrap(), Some(bench.clock.now().plus(Span::secs(5))));
        later(&bench, Span::secs(5));
        let claims = claim(&bench).await;
        assert_eq!(claims.iter().map(|claim| claim.message).collect::<Vec<_>>(), [message]);
        assert!(claim(&bench).await.is_empty(), "a claimed order is nobody else's");
        assert_eq!(state(&bench, to, message).await, Delivery::Sending);
    })
    .await;
}

#[tokio::test]
async fn a_held_reply_can_be_taken_back_and_its_text_is_a_draft_again() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let message = write(&bench, to, "k", "yes").await;
        assert_eq!(bench.list().await[0].preview, "yes");
        let (_, text) = bench.store.take_back(bench.workspace, bench.agent, message).await.unwrap();
        assert_eq!(text, "yes");
        let rows = bench.list().await;
        assert_eq!((rows[0].draft.as_deref(), rows[0].preview.as_str(), rows[0].mark), (Some("yes"), "hi", None));
        assert_eq!(bench.thread(to).await.len(), 1);
        later(&bench, Span::minutes(1));
        assert!(claim(&bench).await.is_empty(), "what was taken back never leaves");
    })
    .await;
}

#[tokio::test]
async fn what_is_put_back_stands_before_the_draft_and_is_answered_alone() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let (store, workspace, agent) = (&bench.store, bench.workspace, bench.agent);
        let message = write(&bench, to, "k", "yes").await;
        store.save_draft(workspace, agent, to, "reply", "and no").await.unwrap();
        let (_, text) = store.take_back(workspace, agent, message).await.unwrap();
        assert_eq!((text.as_str(), bench.list().await[0].draft.as_deref()), ("yes", Some("yes\nand no")));
        for _ in 0..2 {
            store.put_back(workspace, agent, to, "reply", "well").await.unwrap();
            assert_eq!(bench.list().await[0].draft.as_deref(), Some("well\nyes\nand no"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_reply_that_is_leaving_cannot_be_taken_back() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let message = write(&bench, to, "k", "yes").await;
        later(&bench, Span::secs(5));
        claim(&bench).await;
        let refused = bench.store.take_back(bench.workspace, bench.agent, message).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn replies_of_one_conversation_leave_one_after_the_other_and_others_beside_them() {
    on_each_engine(|bench| async move {
        let (a, b) = (customer(&bench, "7").await, customer(&bench, "8").await);
        let first = write(&bench, a, "1", "one").await;
        later(&bench, Span::millis(1));
        let second = write(&bench, a, "2", "two").await;
        let other = write(&bench, b, "3", "three").await;
        later(&bench, Span::secs(6));
        let claims = claim(&bench).await;
        let mut claimed: Vec<MessageId> = claims.iter().map(|claim| claim.message).collect();
        claimed.sort();
        assert_eq!(claimed, [first, other]);
        let of_first = claims.iter().find(|claim| claim.message == first).unwrap();
        // A retry keeps its place: the second waits behind it.
        let ending = Ending::Later { at: bench.clock.now().plus(Span::minutes(1)), failed: true };
        bench.store.attempt_ended(&bench.channel, of_first, &ending, "no network").await.unwrap();
        assert!(claim(&bench).await.is_empty());
        later(&bench, Span::minutes(2));
        let again = claim(&bench).await;
        assert_eq!(again.iter().map(|claim| claim.message).collect::<Vec<_>>(), [first]);
        assert!(!bench.store.part_sent(&bench.channel, &again[0], 0, Some("500")).await.unwrap());
        assert_eq!(claim(&bench).await[0].message, second);
    })
    .await;
}

#[tokio::test]
async fn what_a_dead_process_was_sending_is_uncertain_and_never_claimed_again() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let message = write(&bench, to, "k", "yes").await;
        later(&bench, Span::secs(5));
        claim(&bench).await;
        assert_eq!(bench.store.recover(&bench.channel).await.unwrap(), 1);
        assert_eq!(state(&bench, to, message).await, Delivery::Uncertain);
        assert_eq!(bench.list().await[0].mark, Some(Delivery::Uncertain));
        later(&bench, Span::hours(100));
        assert!(claim(&bench).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_uncertain_reply_is_sent_again_only_when_the_agent_says_so() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let message = write(&bench, to, "k", "yes").await;
        later(&bench, Span::secs(5));
        claim(&bench).await;
        bench.store.recover(&bench.channel).await.unwrap();
        bench.store.resend(bench.workspace, bench.agent, message).await.unwrap();
        assert_eq!(claim(&bench).await[0].message, message);
    })
    .await;
}

#[tokio::test]
async fn marking_an_uncertain_part_as_sent_lets_the_rest_follow() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let message = write(&bench, to, "k", &"word ".repeat(1_500)).await;
        later(&bench, Span::secs(5));
        claim(&bench).await;
        bench.store.recover(&bench.channel).await.unwrap();
        bench.store.mark_sent(bench.workspace, bench.agent, message).await.unwrap();
        let claims = claim(&bench).await;
        let parts = bench.store.claimed_parts(&bench.channel, message).await.unwrap();
        assert_eq!(parts.iter().map(|part| part.state).collect::<Vec<_>>(), [Delivery::Sent, Delivery::Sending]);
        assert!(!bench.store.part_sent(&bench.channel, &claims[0], 1, Some("9")).await.unwrap());
        assert_eq!(state(&bench, to, message).await, Delivery::Sent);
    })
    .await;
}

#[tokio::test]
async fn a_claim_that_was_taken_away_changes_nothing() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let message = write(&bench, to, "k", "yes").await;
        later(&bench, Span::secs(5));
        let stale = claim(&bench).await.remove(0);
        bench.store.recover(&bench.channel).await.unwrap();
        assert!(!bench.store.still_ours(&bench.channel, &stale).await.unwrap());
        bench.store.part_sent(&bench.channel, &stale, 0, Some("500")).await.unwrap();
        assert_eq!(state(&bench, to, message).await, Delivery::Uncertain);
        bench.store.resend(bench.workspace, bench.agent, message).await.unwrap();
        let again = claim(&bench).await.remove(0);
        assert!(!bench.store.part_sent(&bench.channel, &stale, 0, Some("500")).await.unwrap());
        let parts = bench.store.claimed_parts(&bench.channel, message).await.unwrap();
        assert_eq!((parts[0].state, parts[0].external_id.as_deref()), (Delivery::Sending, None), "the new claim's part is not settled");
        bench.store.part_sent(&bench.channel, &again, 0, Some("501")).await.unwrap();
        assert_eq!(state(&bench, to, message).await, Delivery::Sent);
    })
    .await;
}

#[tokio::test]
async fn a_part_written_down_twice_skips_none_of_those_behind_it() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let message = write(&bench, to, "k", &"x".repeat(9_000)).await;
        later(&bench, Span::secs(5));
        let claim = claim(&bench).await.remove(0);
        for place in 0..3 {
            for _ in 0..2 {
                let more = bench.store.part_sent(&bench.channel, &claim, place, Some(&format!("9{place}"))).await.unwrap();
                assert_eq!(more, place < 2);
                let parts = bench.store.claimed_parts(&bench.channel, message).await.unwrap();
                let sent = parts.iter().filter(|part| part.state == Delivery::Sent).count() as i64;
                let sending = parts.iter().filter(|part| part.state == Delivery::Sending).count();
                assert_eq!((sent, sending), (place + 1, usize::from(more)));
            }
        }
        assert_eq!(state(&bench, to, message).await, Delivery::Sent);
    })
    .await;
}

#[tokio::test]
async fn a_failed_reply_says_why_marks_its_row_and_can_be_discarded() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let message = write(&bench, to, "k", "yes").await;
        later(&bench, Span::secs(5));
        let claim = claim(&bench).await.remove(0);
        bench.store.attempt_ended(&bench.channel, &claim, &Ending::Failed, "blocked by the user").await.unwrap();
        let thread = bench.thread(to).await;
        let reply = thread.iter().find(|m| m.id == message).unwrap();
        assert_eq!((reply.delivery, reply.reason.as_str()), (Delivery::Failed, "blocked by the user"));
        assert_eq!(bench.list().await[0].mark, Some(Delivery::Failed));
        bench.store.discard(bench.workspace, bench.agent, message).await.unwrap();
        assert!(bench.store.outbox(bench.workspace, 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_paused_outbox_survives_a_resolve_and_an_answer_opens_the_conversation() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        bench.store.set_status(bench.workspace, bench.agent, to, Status::Resolved).await.unwrap();
        write(&bench, to, "k", "one more thing").await;
        let rows = bench.list().await;
        assert_eq!((rows[0].status, rows[0].waiting_since, rows[0].unread), (Status::Open, None, 0));
    })
    .await;
}

#[tokio::test]
async fn ten_processes_claiming_at_once_share_the_orders_without_a_double() {
    on_each_engine(|bench| async move {
        for n in 0..40 {
            let to = customer(&bench, &format!("c{n}")).await;
            write(&bench, to, &n.to_string(), "x").await;
        }
        later(&bench, Span::secs(6));
        let mut tasks = Vec::new();
        for _ in 0..10 {
            let (store, channel) = (bench.second().await, bench.channel.clone());
            tasks.push(tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claims = store.claim(&channel, LEASE, 3).await.unwrap();
                    if claims.is_empty() {
                        store.close().await;
                        return mine;
                    }
                    mine.extend(claims.into_iter().map(|claim| claim.id));
                }
            }));
        }
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.unwrap());
        }
        all.sort();
        let claimed = all.len();
        all.dedup();
        assert_eq!(all.len(), claimed, "an order was claimed twice");
    })
    .await;
}

#[tokio::test]
async fn imported_history_cannot_be_answered_and_says_so() {
    on_each_engine(|bench| async move {
        let archive = bench.store.ensure_archive(bench.workspace, "Telegram").await.unwrap();
        let old = crate::support::bench::message("7", 1, "old");
        bench.store.import(&archive, &[NewMessage { message: &old, subject: "" }]).await.unwrap();
        let to = bench.list().await[0].id;
        let draft = Draft {
            client_key: "k".into(),
            conversation: to,
            text: "x".into(),
            reply_to: None,
            files: Vec::new(),
            delay: None,
            at: None,
            template: None,
            spot: None,
        };
        let refused = compose::send(&bench.store, bench.workspace, bench.agent, &draft).await.unwrap_err().to_string();
        assert!(refused.contains("imported history"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_the_channel_does_not_take_is_refused_before_it_is_queued() {
    on_each_engine(|bench| async move {
        let to = customer(&bench, "7").await;
        let (plan, photo) = (bench.dir.path().join("plan.zip"), bench.dir.path().join("court.png"));
        std::fs::write(&plan, "zip").unwrap();
        std::fs::File::create(&photo).unwrap().set_len(6_000_000).unwrap();
        let check = async |path: &std::path::Path, says: &str| {
            let draft = Draft {
                client_key: "k".into(),
                conversation: to,
                text: "here".into(),
                reply_to: None,
                files: vec![path.to_owned()],
                delay: None,
                at: None,
                template: None,
                spot: None,
            };
            let provider = &frontdesk::channel::whatsapp::PROVIDER;
            let told = compose::send_on(&bench.store, provider, bench.workspace, bench.agent, &draft).await;
            assert_eq!(told.unwrap_err().to_string(), says);
            assert_eq!(bench.thread(to).await.len(), 1);
        };
        let taken = "JPEG and PNG pictures, MP4 and 3GP film, sound (MP3, M4A, AAC, AMR, OGG), PDF, text, Word, Excel and PowerPoint, WebP stickers";
        check(&plan, &format!("plan.zip is of a type that WhatsApp does not take, only {taken}.")).await;
        check(&photo, "court.png is 6.0 MB, WhatsApp takes JPEG and PNG pictures up to 5.0 MB.").await;
    })
    .await;
}
