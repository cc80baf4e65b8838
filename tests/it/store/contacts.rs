//! What is known about a customer beside one conversation.

use frontdesk::domain::act::{Act, Step};
use frontdesk::domain::conversation::{Status, Tab};
use frontdesk::domain::inbound::Inbound;
use frontdesk::domain::time::{Clock, Span};
use frontdesk::store::channels::NewChannel;
use frontdesk::sync::ingest;

use crate::support::bench::{NOON, item, on_each_engine, said, telegram};

#[tokio::test]
async fn a_contacts_addresses_other_conversations_and_notes_are_told() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi")]).await;
        let id = bench.list().await[0].id;
        let new = NewChannel { provider: "telegram".into(), name: "Arena".into(), account_key: "2".into(), ..NewChannel::default() };
        bench.store.add_channel(bench.workspace, Some(bench.agent), &new).await.unwrap();
        let arena = bench.store.channel_named(bench.workspace, "arena").await.unwrap();
        let batch = frontdesk::domain::inbound::Batch { items: vec![said("9", 5, "me again")], cursor: None, caught_up: true };
        ingest::ingest(&bench.store, &arena, telegram(), &batch).await.unwrap();
        let other = bench.list().await.into_iter().find(|row| row.id != id).unwrap();
        // The same person under another address, as after a merge.
        let mut tx = bench.store.begin().await.unwrap();
        for sql in [
            "UPDATE identities SET contact_id = (SELECT contact_id FROM conversations WHERE id = $1)",
            "UPDATE conversations SET contact_id = (SELECT contact_id FROM conversations AS c WHERE c.id = $1)",
        ] {
            tx.run(sql, &[id.into()]).await.unwrap();
        }
        bench.store.commit(tx).await.unwrap();
        bench.store.set_status(bench.workspace, bench.agent, other.id, Status::Resolved).await.unwrap();
        for n in 1..=4 {
            bench.store.add_note(bench.workspace, bench.agent, &format!("n{n}"), id, &format!("note {n}")).await.unwrap();
        }
        let mut conn = bench.store.read().await.unwrap();
        let details = bench.store.details(&mut conn, bench.workspace, id).await.unwrap();
        assert_eq!(details.identities.iter().map(|one| one.handle.as_str()).collect::<Vec<_>>(), ["7", "9"]);
        let earlier: Vec<_> = details.earlier.iter().map(|one| (one.id, one.status, one.preview.as_str())).collect();
        assert_eq!(earlier, [(other.id, Some(Status::Resolved), "me again")]);
        assert_eq!(details.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>(), ["note 4", "note 3", "note 2"]);
        let spy = bench.store.ensure_workspace("other").await.unwrap();
        let nothing = bench.store.details(&mut conn, spy, id).await.unwrap();
        assert!(nothing.identities.is_empty() && nothing.earlier.is_empty() && nothing.notes.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_thread_that_joins_another_brings_its_drafts_and_labels_and_is_no_earlier_one() {
    on_each_engine(|bench| async move {
        let (store, workspace, agent) = (&bench.store, bench.workspace, bench.agent);
        bench.ingest(vec![said("-7", 1, "hi"), said("-1007", 2, "me again")]).await;
        let rows = bench.list().await;
        let (young, old) = (rows[0].id, rows[1].id);
        store.save_draft(workspace, agent, old, "reply", "begun here").await.unwrap();
        store.save_draft(workspace, agent, young, "reply", "and there").await.unwrap();
        store.save_draft(workspace, agent, young, "note", "a note").await.unwrap();
        let tomorrow = bench.clock.now().plus(Span::hours(20));
        let steps = [Step::new(young, Act::Label("vip".into(), true)), Step::new(old, Act::Status(Status::Snoozed, Some(tomorrow)))];
        store.act(workspace, agent, &steps).await.unwrap();
        bench.ingest(vec![item("moved", vec![Inbound::Moved { from: "-7".into(), to: "-1007".into(), at: NOON }])]).await;
        let row = bench.list().await.remove(0);
        assert_eq!((row.id, row.status, row.snoozed_until), (old, Status::Open, None));
        assert_eq!((row.draft.as_deref(), row.labels.as_slice()), (Some("begun here\nand there"), ["vip".to_owned()].as_slice()));
        let mut conn = store.read().await.unwrap();
        assert_eq!(store.draft(&mut conn, workspace, agent, old, "note").await.unwrap(), "a note");
        // Whoever still had the other one open goes on writing there.
        store.save_draft(workspace, agent, young, "reply", "lost").await.unwrap();
        let (drafts, _) = store.list(&mut conn, workspace, agent, Tab::Drafts, None, 10).await.unwrap();
        assert_eq!(store.counts(&mut conn, workspace, agent).await.unwrap().drafts, drafts.len() as u64);
        assert!(store.details(&mut conn, workspace, old).await.unwrap().earlier.is_empty());
    })
    .await;
}
