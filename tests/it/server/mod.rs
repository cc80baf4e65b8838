//! The listener that providers call, and the way of what they bring from there to a message.

mod account;
mod journal;
mod kill;
mod meta;
mod pigeon;
mod replay;
mod serve;
mod webhooks;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use frontdesk::channel::http::Client;
use frontdesk::config::SecretSource;
use frontdesk::server::http::{self, Limits, Setup};
use frontdesk::store::Store;
use frontdesk::store::channels::{Channel, NewChannel};
use frontdesk::sync::status::Reporter;
use frontdesk::sync::{EngineStatus, Line, Role, journal as process};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::bench::Bench;
use pigeon::{Loft, PIGEONS};

/// The word that pigeons are known by.
const WORD: &str = "coo";

/// A listener over a bench's database, with a channel that only calls.
struct Loop {
    bench: Arc<Bench>,
    channel: Channel,
    status: Arc<watch::Sender<EngineStatus>>,
    address: SocketAddr,
    cancel: CancellationToken,
    served: JoinHandle<()>,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Loop {
    async fn open(bench: &Arc<Bench>) -> Self {
        Self::within(bench, Limits::default()).await
    }

    async fn within(bench: &Arc<Bench>, limits: Limits) -> Self {
        let channel = add(bench, "Loft", WORD).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let status = Arc::new(watch::Sender::new(EngineStatus { role: Role::Active, ..EngineStatus::default() }));
        let mut setup = Setup::new(bench.store.clone(), Client::new().unwrap(), status.subscribe());
        setup.providers = PIGEONS;
        setup.limits = limits;
        let cancel = CancellationToken::new();
        let served = tokio::spawn(http::serve(listener, setup, cancel.clone()));
        Self { bench: Arc::clone(bench), channel, status, address, cancel, served }
    }

    fn path(&self) -> String {
        format!("/webhooks/{}", self.channel.id.0)
    }

    /// A signed call.
    async fn call(&self, body: &str) -> Answer {
        self.ask("POST", &self.path(), &format!("x-word: {WORD}\r\n"), body.as_bytes()).await
    }

    async fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        ask(self.address, method, path, headers, body).await
    }

    /// The rows of the journal: how many wait, and how many there are.
    async fn rows(&self) -> (u64, usize) {
        let store = &self.bench.store;
        let waiting = store.backlog(&self.channel).await.unwrap().waiting;
        let all = store.payloads_since(&self.channel, frontdesk::domain::time::Timestamp(0), 0, 100_000, u64::MAX).await.unwrap();
        (waiting, all.len())
    }

    /// Processes what came.
    async fn drain(&self) {
        drain_telling(&self.bench, &self.channel, &self.status).await;
    }

    async fn stop(self) -> Arc<Bench> {
        self.cancel.cancel();
        self.served.await.unwrap();
        self.bench
    }
}

/// Connects a channel of pigeons whose word is in a file.
async fn add(bench: &Bench, name: &str, word: &str) -> Channel {
    let file = bench.dir.path().join(format!("{name}.word"));
    std::fs::write(&file, word).unwrap();
    let secrets = [("word".to_owned(), SecretSource::File(file).encode())].into();
    let new = NewChannel { provider: "pigeon".into(), name: name.into(), secrets, account_key: name.into(), ..NewChannel::default() };
    bench.store.add_channel(bench.workspace, Some(bench.agent), &new).await.unwrap();
    bench.store.channel_named(bench.workspace, name).await.unwrap()
}

/// What processes a channel's journal.
fn line(store: &Store, channel: &Channel, status: &Arc<watch::Sender<EngineStatus>>, cancel: &CancellationToken) -> Line {
    Line {
        store: store.clone(),
        channel: channel.clone(),
        registered: &PIGEONS[0],
        connector: Arc::new(Loft),
        status: Reporter::new(store.clone(), channel.clone(), Arc::clone(status)),
        pace: Arc::default(),
        files: Arc::default(),
        look: Arc::default(),
        intake: Arc::default(),
        download_limit: 0,
        cancel: cancel.clone(),
    }
}

/// Processes a channel's journal until nothing waits.
async fn drain(bench: &Bench, channel: &Channel) {
    drain_telling(bench, channel, &Arc::new(watch::Sender::new(EngineStatus::default()))).await;
}

async fn drain_telling(bench: &Bench, channel: &Channel, status: &Arc<watch::Sender<EngineStatus>>) {
    let cancel = CancellationToken::new();
    let line = line(&bench.store, channel, status, &cancel);
    let mut seen = status.subscribe();
    let task = tokio::spawn(async move { process::run(&line).await });
    let id = channel.id;
    seen.wait_for(|status| status.channels.get(&id).is_some_and(|at| at.drained)).await.unwrap();
    cancel.cancel();
    task.await.unwrap();
}

/// One request on a connection of its own.
async fn ask(address: SocketAddr, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: desk\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    answer(&mut stream).await
}

/// What comes on a connection until it is closed.
async fn answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let reading = stream.read_to_end(&mut bytes);
    tokio::time::timeout(Duration::from_secs(30), reading).await.expect("an answer in time").unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

/// The head of the next answer on a connection that stays open; its body is empty.
async fn next(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap().to_ascii_lowercase()
}
