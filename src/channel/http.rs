//! The one HTTP client of the process: where it may connect, how long it waits, how much it reads, and what its errors tell.
//!
//! No redirects and no proxy from the environment: a provider's answer must not choose whom we talk to. No retries: whether something may
//! be sent twice is decided by the outbox. No error holds a URL, because some providers put the account's token in it.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{ClientBuilder, RequestBuilder, Response, Url};

pub use super::reach::Reach;
use crate::domain::time::Span;

/// How long a connection may take to be made, with name lookup and TLS.
const CONNECT: Duration = Duration::from_secs(10);
/// Idle connections are dropped before the far side does, so that a request seldom meets one that is just being closed.
const IDLE: Duration = Duration::from_secs(20);
/// The longest wait a server may ask for; more is a mistake, and a person would rather see the error again.
const LONGEST_WAIT: Span = Span::hours(24);

/// The client. Cheap to clone; all clones share one pool of connections.
#[derive(Clone, Debug)]
pub struct Client(reqwest::Client);

/// The client could not be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("HTTPS cannot be used on this machine: {0}. Check that its root certificates are installed")]
pub struct SetupError(String);

/// Whether a failed request may have been carried out at the far side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Certainly not: no connection was made, so no byte of it left.
    No,
    /// Perhaps: it failed after the connection was made.
    Perhaps,
}

/// A request that got no complete answer. Its text holds no URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ClassifiedError {
    /// Whether the request may have been carried out.
    pub sent: Sent,
    /// What happened.
    pub problem: String,
}

/// A complete answer, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The `Retry-After` header, when it is a number of seconds; a day at most.
    pub retry_after: Option<Span>,
    /// The whole body.
    pub body: Bytes,
}

/// Where a provider's API begins: `https://` anywhere, `http://` on this machine only; without credentials, query and fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(Url);

impl Client {
    /// Sets the client up. Once per process: hand out clones.
    pub fn new() -> Result<Self, SetupError> {
        Self::build(|builder| builder)
    }

    /// A client for addresses that strangers gave us: it connects to nobody out of `reach`, whatever a name leads to. Addresses written as
    /// numbers are not looked up; ask [`Reach::covers`] first.
    pub fn for_strangers(reach: Reach) -> Result<Self, SetupError> {
        Self::build(|builder| builder.dns_resolver(reach))
    }

    fn build(set: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Result<Self, SetupError> {
        // An error only says that a provider is installed already, which can be nothing but ring: there is one TLS stack in this program.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE);
        set(builder).build().map(Self).map_err(|error| SetupError(root(&error.without_url())))
    }

    /// A GET request, for [`Client::exchange`] or [`Client::open`].
    pub fn get(&self, url: Url) -> RequestBuilder {
        self.0.get(url)
    }

    /// A POST request, for [`Client::exchange`] or [`Client::open`].
    pub fn post(&self, url: Url) -> RequestBuilder {
        self.0.post(url)
    }

    /// Sends the request and reads the whole answer, of at most `limit` bytes, all within `deadline`.
    pub async fn exchange(&self, request: RequestBuilder, deadline: Duration, limit: usize) -> Result<Answer, ClassifiedError> {
        let mut response = self.open(request, deadline).await?;
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let announced = response.content_length().unwrap_or(0);
        if announced > limit as u64 {
            return Err(too_large(limit));
        }
        let mut body = Vec::with_capacity(announced as usize);
        while let Some(chunk) = next_chunk(&mut response, deadline).await? {
            if body.len() + chunk.len() > limit {
                return Err(too_large(limit));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, retry_after, body: body.into() })
    }

    /// Sends the request and waits for the answer's head; the body is read with [`next_chunk`], under the same deadline.
    pub async fn open(&self, request: RequestBuilder, deadline: Duration) -> Result<Response, ClassifiedError> {
        request.timeout(deadline).send().await.map_err(|error| classify(error, deadline))
    }
}

/// The next piece of an answer's body; `None` at its end. `deadline` is the one of [`Client::open`], for the error's words.
pub async fn next_chunk(response: &mut Response, deadline: Duration) -> Result<Option<Bytes>, ClassifiedError> {
    response.chunk().await.map_err(|error| classify(error, deadline))
}

impl Base {
    /// Checks an address a person gave. The error says what is wrong and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|error| format!("not an address ({error}): write it like https://example.org"))?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err("http:// is only allowed for this machine itself (127.0.0.1, localhost): use https://".to_owned()),
            other => return Err(format!("{other}:// is not supported: use https://")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("leave the user name and password out of the address".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("leave everything from ? or # on out of the address".to_owned());
        }
        Ok(Self(url))
    }

    /// The address with these path segments after it. Each is escaped, so it can neither leave the base nor add a query; `.` and `..` are
    /// left out.
    pub fn join<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// The last part of its path; `None` when it has none.
    pub fn last_segment(&self) -> Option<&str> {
        self.0.path_segments()?.rfind(|segment| !segment.is_empty())
    }

    /// Its host.
    pub fn host(&self) -> Option<&str> {
        self.0.host_str()
    }

    /// Whether an address leads to the same host, by the same scheme.
    pub fn same_host(&self, url: &Url) -> bool {
        self.0.scheme() == url.scheme() && self.0.host_str() == url.host_str()
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

fn retry_after(headers: &HeaderMap) -> Option<Span> {
    let secs: u32 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Span::secs(secs.into()).min(LONGEST_WAIT))
}

fn too_large(limit: usize) -> ClassifiedError {
    ClassifiedError { sent: Sent::Perhaps, problem: format!("the answer is larger than {} MB and was not read", limit / 1_000_000) }
}

fn classify(error: reqwest::Error, deadline: Duration) -> ClassifiedError {
    let error = error.without_url();
    // `is_connect` is set by the connector alone (name lookup, TCP, TLS, its time-out), before a request is handed to a connection.
    let sent = if error.is_connect() || error.is_builder() { Sent::No } else { Sent::Perhaps };
    let why = root(&error);
    let problem = match sent {
        Sent::No => format!("cannot connect ({why})"),
        Sent::Perhaps if error.is_timeout() => format!("no complete answer within {} s", deadline.as_secs()),
        Sent::Perhaps => format!("the connection broke before the answer was complete ({why})"),
    };
    ClassifiedError { sent, problem }
}

/// The innermost cause, which is the one a person can act on.
fn root(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in
            ["https://api.telegram.org", "https://bots.example.org/api/", "http://127.0.0.1:8081", "http://[::1]:80", "http://localhost"]
        {
            assert!(Base::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["http://example.org", "http://127.0.0.1.example.org", "http://10.0.0.1", "ftp://localhost", "localhost:80", "", "https://"]
        {
            assert!(Base::parse(bad).is_err(), "{bad}");
        }
        assert!(Base::parse("http://example.org").unwrap_err().contains("use https://"));
    }

    #[test]
    fn no_server_makes_us_wait_for_years() {
        let check = |told: &str, want: Option<Span>| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, told.parse().unwrap())]);
            assert_eq!(retry_after(&headers), want, "{told}");
        };
        check("30", Some(Span::secs(30)));
        check("4294967295", Some(Span::hours(24)));
        check("1795000000", Some(Span::hours(24)));
        check("Wed, 21 Oct 2026 07:28:00 GMT", None);
    }

    #[test]
    fn an_address_with_credentials_or_a_query_is_refused() {
        for bad in ["https://me:pw@example.org", "https://example.org/?a=b", "https://example.org/#x"] {
            assert!(Base::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_joined_path_stays_below_the_base() {
        let check = |base: &str, segments: &[&str], want: &str| {
            assert_eq!(Base::parse(base).unwrap().join(segments.iter().copied()).as_str(), want);
        };
        check("https://example.org", &["bot1:a", "getMe"], "https://example.org/bot1:a/getMe");
        check("https://example.org/tg", &["bot1:a", "getMe"], "https://example.org/tg/bot1:a/getMe");
        check("https://example.org/tg/", &["bot1:a", "getMe"], "https://example.org/tg/bot1:a/getMe");
        check("https://example.org/tg", &["..", "a/../b?c", "."], "https://example.org/tg/a%2F..%2Fb%3Fc");
    }
}
