//! A provider that only calls us: nothing is asked for but whether the account works.

use std::sync::Arc;
use std::time::Duration;

use frontdesk::channel::{Account, Connector, FetchError, ReceiveError};
use frontdesk::domain::channel::Health;
use frontdesk::domain::inbound::Batch;
use frontdesk::domain::outbound::{Accepted, Order, SendError};
use frontdesk::domain::time::{Span, Timestamp};
use frontdesk::sync::{EngineStatus, receive};
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::pigeon::Loft;
use super::{add, line};
use crate::support::bench::{Bench, on_each_engine};

/// Refuses once, then answers.
#[derive(Default)]
struct Moody(std::sync::atomic::AtomicU32);

impl Connector for Moody {
    fn check(&self) -> BoxFuture<'_, Result<Account, ReceiveError>> {
        let first = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        let expires_at = Some(Timestamp::from_secs(1_800_000_000));
        let account = Account { expires_at, reach: Some(250), portfolio: "lofts".into(), ..Account::default() };
        let refused = ReceiveError::NeedsAttention("the token was taken back: make another".into());
        Box::pin(std::future::ready(if first { Err(refused) } else { Ok(account) }))
    }

    fn receive<'a>(&'a self, cursor: Option<&'a str>, patience: Span) -> BoxFuture<'a, Result<Batch, ReceiveError>> {
        Loft.receive(cursor, patience)
    }

    fn send<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Loft.send(order)
    }

    fn fetch<'a>(&'a self, reference: &'a str, into: &'a std::path::Path, limit: u64) -> BoxFuture<'a, Result<(), FetchError>> {
        Loft.fetch(reference, into, limit)
    }
}

#[tokio::test]
async fn a_channel_that_only_calls_is_asked_whether_it_works_and_its_row_says_so() {
    on_each_engine(|bench| async move {
        let loft = add(&bench, "Loft", "coo").await;
        let (status, cancel) = (Arc::new(watch::Sender::new(EngineStatus::default())), CancellationToken::new());
        let mut line = line(&bench.store, &loft, &status, &cancel);
        line.connector = Arc::new(Moody::default());
        let (look, mut seen) = (Arc::clone(&line.look), status.subscribe());
        let task = tokio::spawn(async move { receive::run(&line).await });
        let id = loft.id;
        let health = |want: Health| move |status: &EngineStatus| status.channels.get(&id).is_some_and(|at| at.health == want);
        seen.wait_for(health(Health::NeedsAttention)).await.unwrap();
        row_says(&bench, Health::NeedsAttention, "the token was taken back: make another").await;
        look.notify_one();
        seen.wait_for(health(Health::Up)).await.unwrap();
        row_says(&bench, Health::Up, "").await;
        let row = bench.store.channel_named(bench.workspace, "Loft").await.unwrap();
        assert_eq!((row.standing.reach, row.standing.portfolio.as_str()), (Some(250), "lofts"));
        assert_eq!(row.standing.expires_at, Some(Timestamp::from_secs(1_800_000_000)));
        assert!(status.borrow().channels[&id].caught_up);
        cancel.cancel();
        task.await.unwrap();
    })
    .await;
}

/// The row is written after the watch was told.
async fn row_says(bench: &Bench, health: Health, note: &str) {
    let mut changes = bench.store.changes();
    let said = async {
        loop {
            let row = bench.store.channel_named(bench.workspace, "Loft").await.unwrap();
            if (row.health, row.note.as_str()) == (health, note) {
                return;
            }
            let _ = changes.recv().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), said).await.expect("the row says how the channel is");
}
