//! Who syncs, as it says itself: besides the lock, for people to read.

use frontdesk::channel::http::Client;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::lease::{Holder, Program, SILENT};
use frontdesk::domain::time::{Clock, Span};
use frontdesk::store::Store;
use frontdesk::sync::{Engine, Options, Role};

use crate::support::bench::{later, on_each_engine};

fn program(kind: &str, pid: u32) -> Program {
    Program { kind: kind.to_owned(), host: "desk-1".to_owned(), pid }
}

fn engine(store: &Store, program: &Program) -> Engine {
    let http = Client::new().unwrap();
    let options = Options { http, download_limit: 0, journal_retention: Span::hours(24), program: program.clone(), push: None };
    Engine::start(store.clone(), options)
}

#[tokio::test]
async fn the_holder_says_who_it_is_and_takes_its_name_away_when_it_ends() {
    on_each_engine(|bench| async move {
        let (store, serve, screen) = (&bench.store, program("serve", 1), program("screen", 2));
        assert_eq!(store.holder().await.unwrap(), None);
        store.take_lease(&serve).await.unwrap();
        let since = bench.clock.now();
        later(&bench, Span::secs(20));
        store.beat(&serve).await.unwrap();
        let now = bench.clock.now();
        assert_eq!(store.holder().await.unwrap(), Some(Holder { program: serve.clone(), since, beat_at: now }));
        // Another's end takes nothing away, and nobody is told of a beat.
        store.end_lease(&screen).await.unwrap();
        let mut hints = store.changes();
        store.beat(&serve).await.unwrap();
        assert!(hints.try_recv().is_err());
        assert!(!store.holder().await.unwrap().unwrap().is_silent(bench.clock.now()));
        later(&bench, Span(SILENT.0 + 1));
        assert!(store.holder().await.unwrap().unwrap().is_silent(bench.clock.now()));
        store.end_lease(&serve).await.unwrap();
        assert_eq!(hints.recv().await.unwrap(), Hint::Status);
        assert_eq!(store.holder().await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn whoever_takes_over_is_named_in_place_of_the_one_that_ended() {
    on_each_engine(|bench| async move {
        let other = bench.second().await;
        let named = async || other.holder().await.unwrap().map(|holder| holder.program.kind);
        let until = async |kind: Option<&str>| {
            let come_true = async {
                while named().await.as_deref() != kind {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(std::time::Duration::from_secs(20), come_true).await.expect("it never came true");
        };
        let first = engine(&bench.store, &program("serve", 1));
        until(Some("serve")).await;
        let second = engine(&other, &program("screen", 2));
        second.status().wait_for(|status| status.role == Role::Standby).await.unwrap();
        assert_eq!(named().await.as_deref(), Some("serve"));
        first.stop().await;
        until(Some("screen")).await;
        second.stop().await;
        assert_eq!(named().await, None);
    })
    .await;
}
