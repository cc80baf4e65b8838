//! Taking in: whatever is repeated, reordered, split or broken, the stored result is the same.

use frontdesk::domain::attachment::{FileKind, Stored};
use frontdesk::domain::conversation::Status;
use frontdesk::domain::inbound::{Chat, InFile, InMessage, Inbound, Item};
use frontdesk::domain::message::Direction;
use frontdesk::domain::time::Span;

use crate::support::bench::{NOON, item, message, on_each_engine, said};

#[tokio::test]
async fn a_message_makes_a_contact_a_conversation_and_a_row_that_waits() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "is court 2 free?"), said("7", 2, "hello?")]).await;
        let rows = bench.list().await;
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].name.as_str(), rows[0].unread, rows[0].preview.as_str()), ("Customer 7", 2, "hello?"));
        assert_eq!(rows[0].waiting_since, Some(NOON.plus(Span::secs(1))));
        let texts: Vec<String> = bench.thread(rows[0].id).await.into_iter().map(|m| m.text).collect();
        assert_eq!(texts, ["is court 2 free?", "hello?"]);
    })
    .await;
}

#[tokio::test]
async fn a_repeated_batch_changes_nothing() {
    on_each_engine(|bench| async move {
        let batch = vec![said("7", 1, "a"), said("8", 2, "b"), said("7", 3, "c")];
        assert_eq!(bench.ingest(batch.clone()).await.new, 3);
        let before = bench.picture().await;
        assert_eq!(bench.ingest(batch).await.new, 0);
        assert_eq!(bench.picture().await, before);
    })
    .await;
}

#[tokio::test]
async fn the_same_message_in_another_payload_is_one_message() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "a")]).await;
        bench.ingest(vec![item("another key", vec![Inbound::Message(Box::new(message("7", 1, "a")))])]).await;
        assert_eq!(bench.thread(bench.list().await[0].id).await.len(), 1);
        assert_eq!(bench.list().await[0].unread, 1);
    })
    .await;
}

#[tokio::test]
async fn one_payload_that_cannot_be_read_is_kept_and_stops_nobody() {
    on_each_engine(|bench| async move {
        let broken = Item { key: "x".into(), body: "{{{".into(), events: Err("not JSON".into()) };
        let outcome = bench.ingest(vec![said("7", 1, "a"), broken, said("7", 2, "b")]).await;
        assert_eq!((outcome.new, outcome.dead), (3, 1));
        assert_eq!(bench.thread(bench.list().await[0].id).await.len(), 2);
        let dead = bench.store.dead_letters(bench.workspace, 10).await.unwrap();
        assert_eq!((dead[0].body.as_str(), dead[0].error.as_str()), ("{{{", "not JSON"));
    })
    .await;
}

#[tokio::test]
async fn text_with_nul_is_stored_without_it_and_without_loss_around_it() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "a\0b\u{1b}[2J\u{202e}")]).await;
        assert_eq!(bench.thread(bench.list().await[0].id).await[0].text, "ab\u{1b}[2J\u{202e}");
    })
    .await;
}

#[tokio::test]
async fn twenty_megabytes_of_text_are_stored_whole() {
    on_each_engine(|bench| async move {
        let giant = "spam ".repeat(4 << 20);
        bench.ingest(vec![said("7", 1, &giant), said("7", 2, "after")]).await;
        let thread = bench.thread(bench.list().await[0].id).await;
        assert_eq!((thread[0].text.len(), thread[1].text.as_str()), (giant.len(), "after"));
    })
    .await;
}

fn edited(id: i64, text: &str, at: i64) -> Item {
    let mut version = message("7", id, text);
    version.edited_at = Some(NOON.plus(Span::secs(at)));
    item(&format!("edit {id} {at}"), vec![Inbound::Edited(Box::new(version))])
}

#[tokio::test]
async fn edits_leave_the_same_versions_in_any_order() {
    on_each_engine(|bench| async move {
        let mut items = vec![said("7", 1, "first"), edited(1, "second", 50), edited(1, "third", 60)];
        bench.ingest(items.clone()).await;
        let straight = bench.picture().await;
        assert!(straight.contains("\"third\"") && straight.contains(":first\"") && straight.contains(":second\""), "{straight}");
        for turn in 0..6 {
            let other = crate::support::bench::Bench::open(None).await;
            items.rotate_left(1);
            if turn == 3 {
                items.swap(0, 1);
            }
            for one in &items {
                other.ingest(vec![one.clone()]).await;
            }
            assert_eq!(other.picture().await, straight, "turn {turn}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_edit_of_a_message_nobody_saw_is_shown_as_the_message() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![edited(1, "now", 50)]).await;
        let thread = bench.thread(bench.list().await[0].id).await;
        assert_eq!(thread[0].text, "now");
        assert!(thread[0].edited_at.is_some());
    })
    .await;
}

/// A reaction as the provider really sends it: an orphan is read again from its payload.
fn reaction(update: i64, emoji: &str) -> Item {
    let new = if emoji.is_empty() { String::new() } else { format!(r#"{{"type":"emoji","emoji":"{emoji}"}}"#) };
    let body = format!(
        r#"{{"update_id":{update},"message_reaction":{{"chat":{{"id":7,"type":"private","first_name":"Leila"}},"message_id":1,
        "user":{{"id":7,"is_bot":false,"first_name":"Leila"}},"date":{},"old_reaction":[],"new_reaction":[{new}]}}}}"#,
        NOON.secs() + update,
    );
    (crate::support::bench::telegram().map)(&format!("{update}:x"), &body)
}

#[tokio::test]
async fn a_reaction_that_comes_before_its_message_waits_for_it() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![reaction(5, "👍")]).await;
        assert!(bench.list().await.is_empty());
        bench.ingest(vec![said("7", 1, "hi")]).await;
        let thread = bench.thread(bench.list().await[0].id).await;
        assert_eq!(thread[0].reactions.iter().map(|r| r.emoji.as_str()).collect::<Vec<_>>(), ["👍"]);
    })
    .await;
}

/// A deletion as the provider sends it, without a time.
fn deletion(targets: &[i64]) -> Item {
    let body = format!(
        r#"{{"update_id":9,"deleted_business_messages":{{"business_connection_id":"b","chat":{{"id":7,"type":"private"}},"message_ids":{targets:?}}}}}"#
    );
    (crate::support::bench::telegram().map)("9:x", &body)
}

#[tokio::test]
async fn a_deletion_of_several_messages_waits_for_each_of_them_and_has_a_time() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![deletion(&[1, 2])]).await;
        bench.ingest(vec![said("biz:b:7", 1, "typo")]).await;
        bench.ingest(vec![said("biz:b:7", 3, "kept"), said("other", 2, "of somebody else")]).await;
        let id = bench.list().await.into_iter().find(|row| row.name == "Customer biz:b:7").unwrap().id;
        let gone = |thread: Vec<frontdesk::domain::message::Message>| thread.iter().map(|m| m.deleted_at).collect::<Vec<_>>();
        assert_eq!(gone(bench.thread(id).await), [Some(NOON), None]);
        bench.ingest(vec![said("biz:b:7", 2, "typo again")]).await;
        assert_eq!(gone(bench.thread(id).await), [Some(NOON), Some(NOON), None]);
    })
    .await;
}

#[tokio::test]
async fn a_picture_that_was_exchanged_for_another_is_kept_beside_it_in_any_order() {
    on_each_engine(|bench| async move {
        let picture = |reference: &str, size: u64| InFile {
            kind: FileKind::Photo,
            reference: reference.into(),
            name: String::new(),
            mime: "image/jpeg".into(),
            size: Some(size),
            seconds: None,
        };
        let mut first = message("7", 1, "the court");
        first.files = vec![picture("a", 10)];
        let mut caption = first.clone();
        (caption.edited_at, caption.text, caption.files) = (Some(NOON.plus(Span::secs(5))), "court 2".into(), vec![picture("a again", 10)]);
        let mut other = caption.clone();
        (other.edited_at, other.files) = (Some(NOON.plus(Span::secs(6))), vec![picture("b", 20)]);
        let items = [
            item("first", vec![Inbound::Message(Box::new(first))]),
            item("caption", vec![Inbound::Edited(Box::new(caption))]),
            item("other", vec![Inbound::Edited(Box::new(other))]),
        ];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let bench = crate::support::bench::Bench::open(None).await;
            for place in order {
                assert_eq!(bench.ingest(vec![items[place].clone()]).await.files, 1, "{order:?}");
            }
            let mut sizes: Vec<_> = bench.thread(bench.list().await[0].id).await[0].attachments.iter().map(|file| file.size).collect();
            sizes.sort();
            assert_eq!(sizes, [Some(10), Some(20)], "{order:?}");
        }
        bench.ingest(items.to_vec()).await;
        assert_eq!(bench.thread(bench.list().await[0].id).await[0].attachments.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_message_never_overwrites_its_own_edit_of_the_same_second() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![edited(1, "corrected", 1)]).await;
        bench.ingest(vec![said("7", 1, "mistyped")]).await;
        let thread = bench.thread(bench.list().await[0].id).await;
        assert_eq!(thread[0].text, "corrected");
        assert!(bench.picture().await.contains("mistyped"), "the first wording is kept beside it");
    })
    .await;
}

#[tokio::test]
async fn a_reaction_replaces_the_last_one_and_can_be_taken_back() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi"), reaction(5, "👍"), reaction(6, "🔥")]).await;
        let id = bench.list().await[0].id;
        assert_eq!(bench.thread(id).await[0].reactions[0].emoji, "🔥");
        bench.ingest(vec![reaction(4, "😡")]).await;
        assert_eq!(bench.thread(id).await[0].reactions[0].emoji, "🔥", "an older one that comes late is not believed");
        bench.ingest(vec![reaction(7, "")]).await;
        assert!(bench.thread(id).await[0].reactions.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_customer_who_writes_again_opens_a_resolved_conversation() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi")]).await;
        let id = bench.list().await[0].id;
        bench.store.set_status(bench.workspace, bench.agent, id, Status::Resolved).await.unwrap();
        assert!(bench.list().await.is_empty());
        bench.ingest(vec![said("7", 2, "one more thing")]).await;
        let rows = bench.list().await;
        assert_eq!((rows[0].id, rows[0].status), (id, Status::Open));
        assert_eq!(rows[0].waiting_since, Some(NOON.plus(Span::secs(2))), "the wait begins anew");
    })
    .await;
}

#[tokio::test]
async fn who_waits_is_told_by_when_things_were_written_and_not_by_when_they_came() {
    let echo = |n: i64| {
        let mut echo = message("7", n, "from the phone");
        echo.direction = Direction::Out;
        item(&format!("e{n}"), vec![Inbound::Message(Box::new(echo))])
    };
    on_each_engine(|bench| async move {
        // What we wrote before they did comes last.
        bench.ingest(vec![said("7", 10, "is court 2 free?")]).await;
        bench.ingest(vec![echo(5)]).await;
        bench.ingest(vec![echo(6), said("8", 1, "hi")]).await;
        let row = bench.list().await.into_iter().find(|row| row.preview == "is court 2 free?").unwrap();
        assert_eq!((row.unread, row.waiting_since), (1, Some(NOON.plus(Span::secs(10)))));
        bench.ingest(vec![echo(11)]).await;
        let to = row.id;
        let shown = async || bench.list().await.into_iter().find(|row| row.id == to).map(|row| (row.unread, row.waiting_since, row.status));
        assert_eq!(shown().await, Some((0, None, Status::Open)));
        // What stood above our own words on the phone was seen there: nobody waits, and what is resolved stays so.
        bench.store.set_status(bench.workspace, bench.agent, to, Status::Resolved).await.unwrap();
        bench.ingest(vec![said("7", 8, "old"), said("7", 7, "older")]).await;
        assert!(shown().await.is_none_or(|row| row == (0, None, Status::Resolved)));
        bench.ingest(vec![said("7", 12, "new")]).await;
        assert_eq!(shown().await, Some((1, Some(NOON.plus(Span::secs(12))), Status::Open)));
    })
    .await;
}

#[tokio::test]
async fn an_echo_of_our_own_words_elsewhere_ends_the_wait() {
    on_each_engine(|bench| async move {
        let mut echo = message("7", 2, "from the phone");
        echo.direction = Direction::Out;
        bench.ingest(vec![said("7", 1, "hi"), item("e", vec![Inbound::Message(Box::new(echo))])]).await;
        let rows = bench.list().await;
        assert_eq!((rows[0].unread, rows[0].waiting_since), (0, None));
    })
    .await;
}

fn moved(from: &str, to: &str) -> Item {
    item(&format!("{from}->{to}"), vec![Inbound::Moved { from: from.into(), to: to.into(), at: NOON }])
}

#[tokio::test]
async fn a_group_that_became_a_supergroup_stays_one_conversation_in_any_order() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("-5", 1, "old"), moved("-5", "-1005"), said("-1005", 1, "new")]).await;
        let rows = bench.list().await;
        assert_eq!(rows.len(), 1);
        assert_eq!(bench.thread(rows[0].id).await.len(), 2);
        // The new key's first message came before the news of the move.
        bench
            .ingest(vec![
                said("-6", 1, "old"),
                said("-1006", 2, "new"),
                moved("-6", "-1006"),
                said("-6", 3, "late"),
                said("-1006", 4, "last"),
            ])
            .await;
        let rows = bench.list().await;
        assert_eq!(rows.len(), 2);
        let joined = rows.iter().find(|row| row.preview == "last").unwrap();
        let texts: Vec<String> = bench.thread(joined.id).await.into_iter().map(|m| m.text).collect();
        assert_eq!(texts, ["old", "new", "late", "last"]);
    })
    .await;
}

#[tokio::test]
async fn a_customer_who_blocked_us_is_marked_and_one_we_never_met_makes_no_row() {
    on_each_engine(|bench| async move {
        let blocked = |chat: &str| {
            let chat = Box::new(Chat { key: chat.into(), name: "X".into(), ..Chat::default() });
            item(&format!("b{}", chat.key), vec![Inbound::Reachable { chat, reachable: false, at: NOON }])
        };
        bench.ingest(vec![said("7", 1, "hi"), blocked("7"), blocked("99")]).await;
        let rows = bench.list().await;
        assert_eq!(rows.len(), 1);
        assert!(rows[0].unreachable);
        bench.ingest(vec![said("7", 2, "here I am again")]).await;
        assert!(!bench.list().await[0].unreachable, "whoever writes can be reached");
        let again = Item { key: "b7 again".into(), ..blocked("7") };
        bench.ingest(vec![said("7", 3, "one last word"), again.clone()]).await;
        assert!(bench.list().await[0].unreachable, "the order within a batch counts");
        bench.ingest(vec![Item { key: "b7 once more".into(), ..again }, said("7", 4, "back")]).await;
        assert!(!bench.list().await[0].unreachable);
    })
    .await;
}

#[tokio::test]
async fn a_thousand_messages_at_once_are_stored_once_and_in_the_providers_order() {
    on_each_engine(|bench| async move {
        let mut items: Vec<Item> = (1..=1_000).map(|n| said(&(n % 37).to_string(), n, &format!("m{n}"))).collect();
        fastrand::Rng::with_seed(5).shuffle(&mut items);
        bench.ingest(items).await;
        let rows = bench.list().await;
        assert_eq!(rows.len(), 37);
        assert_eq!(rows.iter().map(|row| u64::from(row.unread)).sum::<u64>(), 1_000);
        for row in rows {
            let seqs: Vec<i64> = bench.thread(row.id).await.iter().map(|m| m.key.seq).collect();
            assert!(seqs.is_sorted(), "{seqs:?}");
            assert_eq!(row.preview, format!("m{}", seqs.last().unwrap()));
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_could_not_be_fetched_can_be_asked_for_again_but_not_by_another_workspace() {
    on_each_engine(|bench| async move {
        let mut with_file = message("7", 1, "the court");
        with_file.files = vec![InFile {
            kind: FileKind::Photo,
            reference: "a".into(),
            name: String::new(),
            mime: "image/jpeg".into(),
            size: Some(10),
            seconds: None,
        }];
        bench.ingest(vec![item("first", vec![Inbound::Message(Box::new(with_file))])]).await;
        let waiting = bench.store.remote_files(&bench.channel, 10).await.unwrap().pop().unwrap();
        bench.store.settle_file(&bench.channel, &waiting, Stored::Failed, None).await.unwrap();
        assert!(bench.store.remote_files(&bench.channel, 10).await.unwrap().is_empty());
        let other = bench.store.ensure_workspace("other").await.unwrap();
        assert!(bench.store.fetch_again(other, waiting.id).await.is_err());
        bench.store.fetch_again(bench.workspace, waiting.id).await.unwrap();
        assert_eq!(bench.store.remote_files(&bench.channel, 10).await.unwrap()[0].id, waiting.id);
        bench.store.settle_file(&bench.channel, &waiting, Stored::TooLarge, None).await.unwrap();
        assert!(bench.store.fetch_again(bench.workspace, waiting.id).await.is_err());
        let mut conn = bench.store.read().await.unwrap();
        assert_eq!(bench.store.attachment(&mut conn, bench.workspace, waiting.id).await.unwrap().stored, Stored::TooLarge);
        assert!(bench.store.attachment(&mut conn, other, waiting.id).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn what_was_said_before_the_channel_was_connected_is_no_work_and_rings_nobody() {
    on_each_engine(|bench| async move {
        let old = |chat: &str, id: i64, direction: Direction| {
            let said = InMessage { past: true, direction, at: NOON.minus(Span::hours(2)), ..message(chat, id, "from before") };
            item(&format!("old {chat}/{id}"), vec![Inbound::Message(Box::new(said))])
        };
        bench.ingest(vec![old("7", 1, Direction::In), old("7", 2, Direction::Out), old("7", 3, Direction::In)]).await;
        let tab = frontdesk::domain::conversation::Tab::Resolved;
        let (rows, _) =
            bench.store.list(&mut bench.store.read().await.unwrap(), bench.workspace, bench.agent, tab, None, 10).await.unwrap();
        assert_eq!(rows.len(), 1, "a chat of which only the past is known is nobody's work");
        assert_eq!((rows[0].unread, rows[0].waiting_since, rows[0].status), (0, None, Status::Resolved));
        assert_eq!(bench.thread(rows[0].id).await.len(), 3);
        // They write for the first time since.
        bench.ingest(vec![said("7", 4, "hello")]).await;
        let row = &bench.list().await[0];
        assert_eq!((row.unread, row.waiting_since, row.status), (1, Some(NOON.plus(Span::secs(4))), Status::Open));
        // The rest of the past comes late, and takes nothing away.
        bench.ingest(vec![old("7", 5, Direction::In), old("7", 6, Direction::Out)]).await;
        let row = &bench.list().await[0];
        assert_eq!((row.unread, row.waiting_since, row.preview.as_str()), (1, Some(NOON.plus(Span::secs(4))), "hello"));
        // Who has blocked us is not reachable because of something they wrote before.
        let blocked = Inbound::Reachable { chat: Box::new(message("7", 1, "").chat), reachable: false, at: NOON };
        bench.ingest(vec![item("blocked", vec![blocked]), old("7", 7, Direction::In)]).await;
        assert!(bench.list().await[0].unreachable);
    })
    .await;
}
