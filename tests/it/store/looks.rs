//! Looks for news: where the next one begins.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk::channel::{Account, Connector, FetchError, ReceiveError};
use frontdesk::domain::inbound::Batch;
use frontdesk::domain::outbound::{Accepted, Order, SendError};
use frontdesk::domain::time::Span;
use frontdesk::sync::{Line, receive};
use futures_util::future::BoxFuture;

use crate::support::bench::{on_each_engine, telegram};
use crate::support::pushed::{Fake, line};

/// A provider that has nothing to tell but how far it was looked at; it remembers where each look began.
#[derive(Default)]
struct Silent(Mutex<Vec<Option<String>>>);

impl Connector for Silent {
    fn check(&self) -> BoxFuture<'_, Result<Account, ReceiveError>> {
        Box::pin(std::future::ready(Ok(Account::default())))
    }

    fn receive<'a>(&'a self, cursor: Option<&'a str>, _patience: Span) -> BoxFuture<'a, Result<Batch, ReceiveError>> {
        let mut looks = self.0.lock().unwrap();
        looks.push(cursor.map(str::to_owned));
        if looks.len() > 1 {
            return Box::pin(std::future::pending());
        }
        Box::pin(std::future::ready(Ok(Batch { items: Vec::new(), cursor: Some("7".to_owned()), caught_up: true })))
    }

    fn send<'a>(&'a self, _order: &'a Order) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(std::future::pending())
    }

    fn fetch<'a>(&'a self, _reference: &'a str, _into: &'a Path, _limit: u64) -> BoxFuture<'a, Result<(), FetchError>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_look_that_brings_nothing_but_gets_on_is_where_the_next_one_begins() {
    on_each_engine(|bench| async move {
        let silent = Arc::new(Silent::default());
        let line = Line { registered: telegram(), connector: silent.clone(), ..line(&bench, &Fake::new()) };
        let cancel = line.cancel.clone();
        let looking = tokio::spawn(async move { receive::run(&line).await });
        let come_true = async {
            while silent.0.lock().unwrap().len() < 2 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), come_true).await.expect("there was no second look");
        assert_eq!(*silent.0.lock().unwrap(), [None, Some("7".to_owned())]);
        cancel.cancel();
        looking.await.unwrap();
    })
    .await;
}
