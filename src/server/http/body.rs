//! Bodies: within their own limit, a limit of time, and the room there is for all of them together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;

use super::figures::Refusal;

/// How much more than the limit is read and thrown away, so that whoever sends it hears the answer: one that closes in the middle of what is
/// being sent is not heard.
const DRAINED: usize = 16 * 1024 * 1024;

/// The room for all bodies.
#[derive(Clone, Debug)]
pub(super) struct Room {
    taken: Arc<AtomicUsize>,
    size: usize,
}

/// A part of the room, given back when dropped.
#[derive(Debug)]
pub(super) struct Hold {
    room: Room,
    bytes: usize,
}

impl Room {
    pub(super) fn new(size: usize) -> Self {
        Self { taken: Arc::default(), size }
    }

    fn hold(&self) -> Hold {
        Hold { room: self.clone(), bytes: 0 }
    }
}

impl Hold {
    /// Takes so much more; `false` when there is no room for it.
    fn grow(&mut self, bytes: usize) -> bool {
        let before = self.room.taken.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        before + bytes <= self.room.size
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.room.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Reads a body whole, with the room it takes.
pub(super) async fn read(room: &Room, headers: &HeaderMap, body: Body, limit: usize, time: Duration) -> Result<(Vec<u8>, Hold), Refusal> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|value| value.parse::<usize>().ok());
    let too_large = announced.is_some_and(|length| length > limit);
    // Whoever waits to be told to go on has not begun to send.
    if too_large && (headers.contains_key(header::EXPECT) || announced.is_some_and(|length| length > DRAINED)) {
        return Err(Refusal::TooLarge);
    }
    tokio::time::timeout(time, take(room, body, limit, announced.unwrap_or_default())).await.unwrap_or(Err(Refusal::Slow))
}

async fn take(room: &Room, body: Body, limit: usize, announced: usize) -> Result<(Vec<u8>, Hold), Refusal> {
    let mut hold = room.hold();
    let mut bytes = Vec::with_capacity(announced.min(limit).min(16 * 1024));
    let mut seen = 0;
    let mut stream = body.into_data_stream();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| Refusal::Broken)?;
        seen += piece.len();
        if seen > limit.max(DRAINED) {
            return Err(Refusal::TooLarge);
        }
        if seen > limit {
            bytes = Vec::new();
            continue;
        }
        if !hold.grow(piece.len()) {
            return Err(Refusal::Full);
        }
        bytes.extend_from_slice(&piece);
    }
    if seen > limit { Err(Refusal::TooLarge) } else { Ok((bytes, hold)) }
}
