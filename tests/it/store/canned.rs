//! Canned replies in the store.

use frontdesk::domain::canned::{Canned, MOST};

use crate::support::bench::on_each_engine;

fn canned(shortcut: &str, text: &str) -> Canned {
    Canned::new(shortcut, text).unwrap()
}

#[tokio::test]
async fn a_canned_reply_is_known_by_its_shortcut_in_any_case() {
    on_each_engine(|bench| async move {
        let (store, workspace, agent) = (&bench.store, bench.workspace, bench.agent);
        let change = async |remove: Option<&str>, keep: &[Canned]| store.change_canned(workspace, agent, remove, keep).await;
        let all = async || store.canned(&mut store.read().await.unwrap(), workspace).await.unwrap();
        change(None, &[canned("Über", "a"), canned("hello", "b")]).await.unwrap();
        change(None, &[canned("HELLO", "c")]).await.unwrap();
        assert_eq!(all().await, [canned("HELLO", "c"), canned("Über", "a")]);
        change(Some("hello"), &[canned("bye", "c")]).await.unwrap();
        change(Some("über"), &[]).await.unwrap();
        assert_eq!(all().await, [canned("bye", "c")]);
        assert!(change(Some("nothing"), &[]).await.is_err());
        let other = store.ensure_workspace("other").await.unwrap();
        assert!(store.canned(&mut store.read().await.unwrap(), other).await.unwrap().is_empty(), "each workspace has its own");
    })
    .await;
}

#[tokio::test]
async fn a_new_canned_reply_takes_no_colleagues_place() {
    on_each_engine(|bench| async move {
        let (store, workspace, agent) = (&bench.store, bench.workspace, bench.agent);
        let exchange = async |remove: Option<&str>, keep: &Canned| store.exchange_canned(workspace, agent, remove, Some(keep)).await;
        let all = async || store.canned(&mut store.read().await.unwrap(), workspace).await.unwrap();
        exchange(None, &canned("bye", "a")).await.unwrap();
        let refused = exchange(None, &canned("Bye", "b")).await.unwrap_err().to_string();
        assert!(refused.contains("there is a /Bye already"), "{refused}");
        exchange(Some("bye"), &canned("Bye", "c")).await.unwrap();
        exchange(None, &canned("hello", "d")).await.unwrap();
        assert!(exchange(Some("hello"), &canned("bye", "e")).await.is_err());
        assert_eq!(all().await, [canned("Bye", "c"), canned("hello", "d")], "what was refused changed nothing");
    })
    .await;
}

#[tokio::test]
async fn there_are_never_more_canned_replies_than_can_be_listed() {
    on_each_engine(|bench| async move {
        let many: Vec<Canned> = (0..=MOST).map(|n| canned(&format!("c{n}"), "x")).collect();
        assert!(bench.store.change_canned(bench.workspace, bench.agent, None, &many).await.is_err());
        let mut conn = bench.store.read().await.unwrap();
        assert!(bench.store.canned(&mut conn, bench.workspace).await.unwrap().is_empty(), "all or nothing");
    })
    .await;
}

#[tokio::test]
async fn the_log_tells_only_of_canned_replies_that_were_there_to_be_removed() {
    on_each_engine(|bench| async move {
        bench.store.change_canned(bench.workspace, bench.agent, Some("nothing"), &[canned("hello", "b")]).await.unwrap();
        let sql = "SELECT kind FROM events WHERE kind LIKE 'canned.%' ORDER BY id";
        let kinds: Vec<(String,)> = bench.store.read().await.unwrap().rows(sql, &[]).await.unwrap();
        assert_eq!(kinds, [("canned.saved".to_owned(),)]);
    })
    .await;
}
