//! What is known about a customer beside one conversation.

use frontdesk::domain::conversation::Status;
use frontdesk::store::channels::NewChannel;
use frontdesk::sync::ingest;

use crate::support::bench::{on_each_engine, said, telegram};

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
