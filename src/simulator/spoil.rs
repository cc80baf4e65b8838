//! What a fault does to a request and to its answer, whichever provider is played.

use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::fault::{Draw, Fault};
use super::listener::Line;

/// How much of a 100 MB answer is handed over at a time.
const LUMP: usize = 1_000_000;

/// What goes wrong before anything is done; `too_many` is how this provider asks to wait.
pub(super) async fn before(draw: &Draw, line: &Line, too_many: impl FnOnce(u32) -> Response) -> Option<Response> {
    if draw.delay > Duration::ZERO {
        tokio::time::sleep(draw.delay).await;
    }
    match draw.outcome? {
        Fault::DropBefore => Some(cut(line)),
        Fault::ErrorBefore(code) => Some(proxy_page(code)),
        Fault::TooMany(wait) => Some(too_many(wait)),
        Fault::Hang => std::future::pending().await,
        _ => None,
    }
}

/// What goes wrong once it is done; `body` would have been the answer.
pub(super) async fn spoil(fault: Fault, line: &Line, body: Bytes) -> Response {
    match fault {
        Fault::ErrorAfter(code) => proxy_page(code),
        Fault::Garbage => {
            ([(header::CONTENT_TYPE, "application/json")], Bytes::from_static(b"\x00\xff<<{\"ok\":tru\x1b[2J")).into_response()
        }
        Fault::HangAfter => std::future::pending().await,
        Fault::CloseMidBody => {
            let line = line.clone();
            let half = body.slice(..body.len() / 2);
            let first = stream::once(async move { Ok::<_, std::io::Error>(half) });
            // The half is flushed before the next piece is asked for; asking for that cuts the connection.
            let rest = stream::once(async move {
                tokio::task::yield_now().await;
                line.cut();
                Err(std::io::ErrorKind::ConnectionAborted.into())
            });
            ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(first.chain(rest))).into_response()
        }
        Fault::HugeBody => {
            let lump = Bytes::from(vec![b' '; LUMP]);
            let head = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{\"ok\":true,\"result\":\""))]);
            let body = head.chain(stream::iter((0..100).map(move |_| Ok(lump.clone()))));
            ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(body)).into_response()
        }
        _ => cut(line),
    }
}

/// The connection closes without an answer; what is returned here is never written.
pub(super) fn cut(line: &Line) -> Response {
    line.cut();
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// What a proxy in front of a server that is down answers.
pub(super) fn proxy_page(code: u16) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY);
    let page = format!("<html>\r\n<head><title>{status}</title></head>\r\n<body><center><h1>{status}</h1></center></body>\r\n</html>\r\n");
    (status, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}
