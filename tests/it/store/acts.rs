//! What agents decide about conversations, and what a clock decides about snoozed ones.

use frontdesk::domain::act::{Act, MOST, Step};
use frontdesk::domain::conversation::{Priority, Status, Summary, Tab};
use frontdesk::domain::id::ConversationId;
use frontdesk::domain::message::Direction;
use frontdesk::domain::time::{Clock, Span};
use frontdesk::store::acts::Acted;

use crate::support::bench::{Bench, on_each_engine, said};

async fn act(bench: &Bench, steps: &[Step]) -> Acted {
    bench.store.act(bench.workspace, bench.agent, steps).await.unwrap()
}

async fn row(bench: &Bench, id: ConversationId) -> Summary {
    bench.store.summary(&mut bench.store.read().await.unwrap(), bench.workspace, bench.agent, id).await.unwrap()
}

/// The conversation's lines in the log, but for arrivals.
async fn log(bench: &Bench, id: ConversationId) -> Vec<(String, String)> {
    let sql = "SELECT kind, detail FROM events WHERE conversation_id = $1 AND kind <> 'message.in' ORDER BY id";
    bench.store.read().await.unwrap().rows(sql, &[id.into()]).await.unwrap()
}

#[tokio::test]
async fn every_act_is_undone_by_its_inverse_and_leaves_a_line_in_the_log_each_time() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi"), said("7", 2, "anybody?")]).await;
        let id = bench.list().await[0].id;
        let tomorrow = bench.clock.now().plus(Span::hours(24));
        let acts = [
            Act::Status(Status::Resolved, None),
            Act::Status(Status::Snoozed, Some(tomorrow)),
            Act::Status(Status::Snoozed, None),
            Act::Status(Status::Spam, None),
            Act::Assign(Some((bench.agent, "Ayu".to_owned()))),
            Act::Priority(Priority::High),
            Act::Label("vip".to_owned(), true),
            Act::Unread(0),
        ];
        for (n, act) in acts.into_iter().enumerate() {
            let before = row(&bench, id).await;
            let step = Step::new(id, act.clone());
            let undo = vec![step.inverse(&before)];
            for (changed, undo) in [(1, undo), (0, Vec::new())] {
                let acted = self::act(&bench, std::slice::from_ref(&step)).await;
                assert_eq!(acted, Acted { changed, refused: Vec::new(), undo }, "{act:?}");
            }
            let mut shown = before.clone();
            act.apply(&mut shown);
            assert_eq!(row(&bench, id).await, shown, "what is shown ahead of the store is what it stores");
            self::act(&bench, &[step.inverse(&before)]).await;
            assert_eq!(row(&bench, id).await, before, "{act:?}");
            assert_eq!(log(&bench, id).await.len(), (n + 1) * 2, "{act:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn undoing_leaves_alone_what_a_colleague_changed_since() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi")]).await;
        let id = bench.list().await[0].id;
        let before = row(&bench, id).await;
        let step = Step::new(id, Act::Priority(Priority::High));
        act(&bench, std::slice::from_ref(&step)).await;
        act(&bench, &[Step::new(id, Act::Priority(Priority::Urgent))]).await;
        let undone = act(&bench, &[step.inverse(&before)]).await;
        assert_eq!((undone.changed, undone.refused.len()), (0, 1));
        assert_eq!(row(&bench, id).await.priority, Priority::Urgent);
    })
    .await;
}

#[tokio::test]
async fn taking_a_label_off_that_nobody_made_makes_none() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi")]).await;
        let id = bench.list().await[0].id;
        assert_eq!(act(&bench, &[Step::new(id, Act::Label("vip".to_owned(), false))]).await, Acted::default());
        assert!(bench.store.labels(&mut bench.store.read().await.unwrap(), bench.workspace).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn acts_on_many_happen_together_or_not_at_all() {
    on_each_engine(|bench| async move {
        bench.ingest((1..=30).map(|n| said(&format!("c{n}"), n, "x")).collect()).await;
        let mut steps: Vec<Step> = bench.list().await.iter().map(|row| Step::new(row.id, Act::Label("Late".to_owned(), true))).collect();
        assert_eq!(act(&bench, &steps).await.changed, 30);
        assert!(bench.list().await.iter().all(|row| row.labels == ["Late"]));
        steps.push(Step::new(ConversationId(1), Act::Status(Status::Resolved, None)));
        steps[0].act = Act::Status(Status::Resolved, None);
        assert!(bench.store.act(bench.workspace, bench.agent, &steps).await.is_err(), "one of them does not exist");
        assert_eq!(bench.list().await.len(), 30);
        let many = vec![steps[0].clone(); MOST + 1];
        assert!(bench.store.act(bench.workspace, bench.agent, &many).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_label_is_one_whatever_its_case_and_none_without_a_name() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi"), said("8", 1, "hi")]).await;
        let rows = bench.list().await;
        act(&bench, &[Step::new(rows[0].id, Act::Label("Réfund".to_owned(), true))]).await;
        act(&bench, &[Step::new(rows[1].id, Act::Label(" RÉFUND ".to_owned(), true))]).await;
        let labels = bench.store.labels(&mut bench.store.read().await.unwrap(), bench.workspace).await.unwrap();
        assert_eq!(labels, ["Réfund"]);
        for bad in ["", "  ", "two\nlines", &"x".repeat(41)] {
            let steps = [Step::new(rows[0].id, Act::Label(bad.to_owned(), true))];
            assert!(bench.store.act(bench.workspace, bench.agent, &steps).await.is_err(), "{bad:?}");
        }
        let other = bench.store.ensure_workspace("other").await.unwrap();
        assert!(bench.store.labels(&mut bench.store.read().await.unwrap(), other).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_customers_message_wakes_a_snoozed_conversation_and_leaves_spam_where_it_is() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi"), said("8", 1, "win a prize")]).await;
        let rows = bench.list().await;
        let (snoozed, spam) =
            (rows.iter().find(|row| row.name.ends_with('7')).unwrap().id, rows.iter().find(|row| row.name.ends_with('8')).unwrap().id);
        let until = bench.clock.now().plus(Span::hours(24));
        act(&bench, &[Step::new(snoozed, Act::Status(Status::Snoozed, Some(until))), Step::new(spam, Act::Status(Status::Spam, None))])
            .await;
        assert!(bench.list().await.is_empty());
        bench.ingest(vec![said("7", 2, "still there?"), said("8", 2, "win another")]).await;
        let listed = bench.list().await;
        assert_eq!(listed.iter().map(|row| (row.id, row.snoozed_until)).collect::<Vec<_>>(), [(snoozed, None)]);
        assert_eq!(log(&bench, snoozed).await.last().unwrap().1, "snoozed -> open");
        assert_eq!((bench.thread(spam).await.len(), row(&bench, spam).await.status), (2, Status::Spam));
        // Reopening brings it back.
        bench.store.set_status(bench.workspace, bench.agent, spam, Status::Open).await.unwrap();
        assert_eq!(bench.list().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_snoozed_conversation_comes_back_at_its_time_unread_and_on_top() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi"), said("8", 2, "later")]).await;
        let id = bench.list().await[1].id;
        let until = bench.clock.now().plus(Span::hours(2));
        act(&bench, &[Step::new(id, Act::Unread(0)), Step::new(id, Act::Status(Status::Snoozed, Some(until)))]).await;
        assert_eq!(bench.store.next_wake().await.unwrap(), Some(until));
        assert_eq!(bench.store.wake().await.unwrap(), 0);
        bench.clock.advance(Span::hours(2));
        assert_eq!(bench.store.wake().await.unwrap(), 1);
        assert_eq!((bench.store.wake().await.unwrap(), bench.store.next_wake().await.unwrap()), (0, None));
        let top = bench.list().await.remove(0);
        assert_eq!((top.id, top.status, top.unread, top.snoozed_until, top.preview.as_str()), (id, Status::Open, 1, None, "hi"));
        let last = bench.thread(id).await.pop().unwrap();
        assert_eq!((last.direction, last.text.as_str(), last.at), (Direction::System, "Back from snooze", until));
        assert_eq!(log(&bench, id).await.last().unwrap(), &("conversation.status".to_owned(), "snoozed -> open".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn one_without_a_time_waits_for_the_customer_alone() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi")]).await;
        let id = bench.list().await[0].id;
        act(&bench, &[Step::new(id, Act::Status(Status::Snoozed, None))]).await;
        bench.clock.advance(Span::hours(24 * 900));
        assert_eq!((bench.store.wake().await.unwrap(), bench.store.next_wake().await.unwrap()), (0, None));
        bench.ingest(vec![said("7", 2, "hello?")]).await;
        let mut conn = bench.store.read().await.unwrap();
        let (rows, _) = bench.store.list(&mut conn, bench.workspace, bench.agent, Tab::Unattended, None, 10).await.unwrap();
        assert_eq!(rows[0].id, id);
    })
    .await;
}

#[tokio::test]
async fn looking_for_what_comes_back_takes_no_turn_of_the_writer() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi")]).await;
        let _writing = bench.store.begin().await.unwrap();
        let woken = tokio::time::timeout(std::time::Duration::from_secs(5), bench.store.wake()).await;
        assert_eq!(woken.expect("it waits for the writer").unwrap(), 0);
    })
    .await;
}
