//! The listener that providers call. It answers 200 only when what came is in the journal for good; whoever syncs, this process or another,
//! makes messages of it. Everything is bounded: connections, heads, bodies, the time of a request, what waits to be written. Past a bound the
//! answer is an error that makes the provider try again, so that nothing is lost.
//!
//! Reading order: this file (connections), `steady` (one that gets on), `answer` (which path does what), `doors` (the channels behind the
//! paths), `body`, `writer`, `figures`.

mod answer;
mod body;
mod doors;
mod figures;
mod steady;
mod writer;

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::channel::{REGISTRY, Registered, http::Client};
use crate::domain::hint::Hint;
use crate::store::Store;
use crate::sync::EngineStatus;
use answer::answer;
use body::Room;
use doors::Doors;
use figures::Figures;
use steady::Steady;
use writer::Entry;

/// What the listener works with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The database.
    pub store: Store,
    /// The one HTTP client of the process; connectors' settings hold it.
    pub http: Client,
    /// The engine of this process: whether somebody syncs, and how channels are.
    pub engine: watch::Receiver<EngineStatus>,
    /// Whose webhooks are taken.
    pub providers: &'static [Registered],
    /// Where it stops.
    pub limits: Limits,
}

/// The bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest body, in bytes. Meta puts up to 1,000 updates into one, at most 3 MiB.
    pub body: usize,
    /// All bodies together that are being read or wait to be written, in bytes.
    pub bodies: usize,
    /// How long a head may take, how long a body, how long a connection may be idle, and how long it may take nothing of an answer.
    pub request: Duration,
    /// Connections at once; more wait until one ends.
    pub connections: usize,
    /// Bodies that wait to be written.
    pub queue: usize,
}

/// The most bodies that are written in one commit.
const BATCH: usize = 512;
/// The largest head of a request.
const HEAD: usize = 32 * 1024;
/// The most header lines.
const HEADERS: usize = 100;
/// How long a stop waits for requests that are being answered, beyond the time they have anyway.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long to rest when no connection can be accepted because too many files are open.
const REST: Duration = Duration::from_millis(200);

/// What all requests share.
#[derive(Debug)]
struct Shared {
    setup: Setup,
    doors: Doors,
    figures: Figures,
    room: Room,
    queue: mpsc::Sender<Entry>,
}

impl Setup {
    /// For every provider, with the usual bounds.
    pub fn new(store: Store, http: Client, engine: watch::Receiver<EngineStatus>) -> Self {
        Self { store, http, engine, providers: REGISTRY, limits: Limits::default() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 3 * 1024 * 1024, bodies: 64 * 1024 * 1024, request: Duration::from_secs(10), connections: 1_024, queue: 4_096 }
    }
}

/// Serves until cancelled; then accepts no more, answers what is being asked, and ends when everything answered is written. Channels that
/// other processes change are noticed while the process has an engine or a watch of its store.
pub async fn serve(listener: TcpListener, setup: Setup, cancel: CancellationToken) {
    let (queue, entries) = mpsc::channel(setup.limits.queue);
    let writer = tokio::spawn(writer::run(setup.store.clone(), entries));
    let places = Arc::new(Semaphore::new(setup.limits.connections));
    let farewell = setup.limits.request + FAREWELL;
    let hints = setup.store.changes();
    let doors = Doors::new(&setup);
    let room = Room::new(setup.limits.bodies);
    let shared = Arc::new(Shared { setup, doors, figures: Figures::default(), room, queue });
    let hearing = tokio::spawn(hear(Arc::clone(&shared), hints, cancel.clone()));
    let mut connections = JoinSet::new();
    loop {
        let place = tokio::select! {
            () = cancel.cancelled() => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let stream = tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    if !is_of_one_connection(&error) {
                        tracing::warn!(%error, "no connection can be accepted; trying again");
                        tokio::time::sleep(REST).await;
                    }
                    continue;
                }
            },
        };
        let (shared, cancel) = (Arc::clone(&shared), cancel.clone());
        connections.spawn(async move {
            converse(stream, shared, cancel).await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
    // New ones are refused from here on.
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(farewell, ended).await.is_err() {
        connections.shutdown().await;
    }
    // Both end with the last sender of the queue.
    drop(shared);
    for task in [hearing, writer] {
        if let Err(error) = task.await {
            tracing::error!(%error, "a part of the listener stopped on an internal error");
        }
    }
}

/// Whether the trouble is the caller's and not ours.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// One connection, request after request.
async fn converse(stream: TcpStream, shared: Arc<Shared>, cancel: CancellationToken) {
    // Small answers leave at once; should the option fail, they only leave a little later.
    let _ = stream.set_nodelay(true);
    let limit = shared.setup.limits.request;
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(answer(&shared, request.map(Body::new)).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limit).max_buf_size(HEAD).max_headers(HEADERS);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(Steady::new(stream, limit)), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = cancel.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Notices that channels may have changed.
async fn hear(shared: Arc<Shared>, mut hints: Receiver<Hint>, cancel: CancellationToken) {
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            hint = hints.recv() => match hint {
                Ok(Hint::Status | Hint::Everything) | Err(RecvError::Lagged(_)) => shared.doors.doubt(),
                Ok(Hint::Conversation(_) | Hint::Queue(_) | Hint::Journal) => {}
                Err(RecvError::Closed) => return,
            },
        }
    }
}
