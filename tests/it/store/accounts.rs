//! What the screen asks of channels and customers besides their rows, and what is left of a template that was taken back.

use frontdesk::domain::template::{Category, Given};
use frontdesk::domain::time::Span;
use frontdesk::sync::compose::{self, Draft, TemplateDraft};

use crate::support::bench::{on_each_engine, said};
use crate::support::pushed::{PROVIDER, template};

#[tokio::test]
async fn a_channel_tells_what_waits_and_whose_account_it_is() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi")]).await;
        let to = bench.list().await[0].id;
        let mut conn = bench.store.read().await.unwrap();
        let pulse = bench.store.pulses(&mut conn, bench.workspace).await.unwrap().remove(0);
        assert_eq!((pulse.channel, pulse.incoming, pulse.outgoing, pulse.expires_at), (bench.channel.id, 0, 0, None));
        let key = bench.store.account_key(&mut conn, bench.workspace, bench.channel.id).await.unwrap();
        assert!(!key.is_empty());
        assert_eq!(bench.store.customer_language(&mut conn, bench.workspace, to).await.unwrap(), "");
        drop(conn);
        let draft = Draft { text: "hello".into(), ..draft(to, "a") };
        compose::send_on(&bench.store, &PROVIDER, bench.workspace, bench.agent, &draft).await.unwrap();
        let mut conn = bench.store.read().await.unwrap();
        assert_eq!(bench.store.pulses(&mut conn, bench.workspace).await.unwrap()[0].outgoing, 1);
    })
    .await;
}

#[tokio::test]
async fn a_template_that_is_taken_back_leaves_the_draft_as_it_was() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi")]).await;
        let to = bench.list().await[0].id;
        bench.store.put_templates(&bench.channel, &[template("court", Category::Utility)]).await.unwrap();
        bench.store.save_draft(bench.workspace, bench.agent, to, "reply", "half a thought").await.unwrap();
        let values = vec![("1".to_owned(), "Ana".to_owned()), ("2".to_owned(), "4".to_owned())];
        let chosen = TemplateDraft { name: "court".into(), language: String::new(), given: Given { values, ..Given::default() } };
        let draft = Draft { template: Some(chosen), delay: Some(Span::secs(60)), ..draft(to, "a") };
        let id = compose::send_on(&bench.store, &PROVIDER, bench.workspace, bench.agent, &draft).await.unwrap();
        let (_, text) = bench.store.take_back(bench.workspace, bench.agent, id).await.unwrap();
        assert_eq!((text.as_str(), bench.list().await[0].draft.as_deref()), ("", Some("half a thought")));
    })
    .await;
}

fn draft(to: frontdesk::domain::id::ConversationId, key: &str) -> Draft {
    Draft {
        client_key: key.to_owned(),
        conversation: to,
        text: String::new(),
        reply_to: None,
        files: Vec::new(),
        delay: None,
        at: None,
        template: None,
        spot: None,
    }
}
