//! Our own message templates in the store.

use frontdesk::domain::wording::{Kind, StandIn, Wording};
use frontdesk::store::Value;

use crate::support::bench::{Bench, on_each_engine};

fn wording(name: &str, language: &str, text: &str) -> Wording {
    Wording { name: name.into(), language: language.into(), text: text.into(), ..Wording::default() }.checked().unwrap()
}

async fn all(bench: &Bench) -> Vec<Wording> {
    bench.store.wordings(&mut bench.store.read().await.unwrap(), bench.workspace).await.unwrap()
}

async fn become_a(bench: &Bench, role: &str) {
    let mut tx = bench.store.begin().await.unwrap();
    tx.run("UPDATE agents SET role = $1", &[Value::Text(role)]).await.unwrap();
    bench.store.commit(tx).await.unwrap();
}

#[tokio::test]
async fn a_wording_is_kept_for_each_language_and_kind_and_has_one_name_in_any_case() {
    on_each_engine(|bench| async move {
        let save = async |wording: &Wording| bench.store.save_wording(bench.workspace, bench.agent, wording).await.unwrap();
        let stand_in = StandIn { name: "queue_called".into(), fills: vec![("1".into(), "ticketNumber".into())] };
        save(&Wording { stand_in: Some(stand_in), ..wording("Called", "en", "Come, {{ticketNumber}}") }).await;
        save(&wording("called", "id", "Silakan")).await;
        let push = Wording { kind: Kind::Push, title: "Your turn".into(), ..wording("called", "en", "Come in") };
        save(&push).await;
        save(&wording("CALLED", "id", "Giliran Anda")).await;
        let kept = all(&bench).await;
        let rows: Vec<String> = kept.iter().map(|w| format!("{} {} {} {:?}", w.name, w.language, w.kind.name(), w.text)).collect();
        assert_eq!(
            rows,
            ["called en push \"Come in\"", "Called en whatsapp \"Come, {{ticketNumber}}\"", "CALLED id whatsapp \"Giliran Anda\""]
        );
        assert_eq!(kept[1].stand_in.as_ref().unwrap().fills, [("1".to_owned(), "ticketNumber".to_owned())], "the mapping is stored");
        bench.store.remove_wording(bench.workspace, bench.agent, "called", "en", Kind::Push).await.unwrap();
        assert!(bench.store.remove_wording(bench.workspace, bench.agent, "called", "en", Kind::Push).await.is_err());
        assert_eq!(all(&bench).await.len(), 2);
        let sql = "SELECT kind, detail FROM events WHERE kind LIKE 'wording.%' ORDER BY id";
        let log: Vec<(String, String)> = bench.store.read().await.unwrap().rows(sql, &[]).await.unwrap();
        assert_eq!(log.len(), 5, "every change is in the log: {log:?}");
        assert_eq!(log[4], ("wording.removed".to_owned(), "called en push".to_owned()));
        let other = bench.store.ensure_workspace("other").await.unwrap();
        assert!(
            bench.store.wordings(&mut bench.store.read().await.unwrap(), other).await.unwrap().is_empty(),
            "each workspace has its own"
        );
    })
    .await;
}

#[tokio::test]
async fn only_owners_and_admins_change_what_everybody_says() {
    on_each_engine(|bench| async move {
        let text = wording("called", "en", "Come in");
        for (role, may) in [("owner", true), ("admin", true), ("member", false), ("viewer", false), ("emperor", false)] {
            become_a(&bench, role).await;
            let saved = bench.store.save_wording(bench.workspace, bench.agent, &text).await;
            assert_eq!(saved.is_ok(), may, "{role}");
            assert_eq!(bench.store.set_language(bench.workspace, bench.agent, "en").await.is_ok(), may, "{role}");
        }
        become_a(&bench, "member").await;
        let refused = bench.store.remove_wording(bench.workspace, bench.agent, "called", "en", Kind::WhatsApp).await.unwrap_err();
        assert!(refused.to_string().contains("Only owners and admins change message templates, and you are a member"), "{refused}");
        assert_eq!(all(&bench).await.len(), 1, "members read");
    })
    .await;
}

#[tokio::test]
async fn t_15_a_language_that_is_missing_falls_back_to_the_workspaces_own() {
    on_each_engine(|bench| async move {
        for (language, text) in [("en", "Come in"), ("id", "Silakan")] {
            bench.store.save_wording(bench.workspace, bench.agent, &wording("called", language, text)).await.unwrap();
        }
        let find = async |language: &str| {
            let mut conn = bench.store.read().await.unwrap();
            bench.store.wording(&mut conn, bench.workspace, "Called", Kind::WhatsApp, language).await.map(|found| found.text)
        };
        assert_eq!(find("id").await.unwrap(), "Silakan");
        assert_eq!(find("pt-BR").await.unwrap(), "Come in");
        bench.store.set_language(bench.workspace, bench.agent, "id").await.unwrap();
        assert_eq!(find("pt-BR").await.unwrap(), "Silakan");
        bench.store.set_language(bench.workspace, bench.agent, "fr").await.unwrap();
        assert!(find("pt-BR").await.is_err(), "nobody is answered in a language that was not chosen");
    })
    .await;
}
