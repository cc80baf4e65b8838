//! Push notices to customers' devices (Web Push: RFC 8030, 8188, 8291, 8292). No connector: nobody answers a notice, and there is no account,
//! only addresses that browsers' push services gave out.
//!
//! Sealing is a library's. The signature is made here: the library's own leaves the port out of the address that it signs for, and brings
//! a second set of everything for it.

mod key;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use web_push_native::p256::PublicKey;
use web_push_native::{Auth, encrypt};

pub use key::{Key, KeyError, key};

use super::http::{Answer, Client, Reach, Sent, SetupError};
use crate::domain::push::Subscription;
use crate::domain::text::Safe;
use crate::domain::time::{Clock, Span};

/// How long a push service may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest answer that is read.
const ANSWER: usize = 64_000;
/// The most a notice may be before it is sealed: what every push service takes (4,096 bytes), less what sealing adds (the head, 86; the end and
/// the proof, 17).
const LARGEST: usize = 4_096 - 86 - 17;
/// How many columns of a service's own words are kept.
const WORDS: usize = 160;

/// Sends notices.
#[derive(Debug)]
pub struct Sender {
    http: Client,
    reach: Reach,
    key: Key,
    contact: String,
    clock: Arc<dyn Clock>,
}

/// Why there can be no sender.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SenderError {
    /// Push services want to know whom to turn to; one of the large ones refuses all who do not say.
    #[error("no notice can be pushed: {0:?} is nobody to turn to. Write an address like mailto:desk@example.org or https://example.org")]
    Contact(String),
    /// No HTTPS.
    #[error("no notice can be pushed: {0}")]
    Http(#[from] SetupError),
}

/// Why a notice was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The subscription has ended and is of no more use.
    #[error("the device takes no notices any more: forget its subscription")]
    Gone,
    /// It was certainly not taken, and may be later.
    #[error("the notice was not pushed yet: {why}")]
    Later {
        /// How long the service asked to wait.
        wait: Option<Span>,
        /// Why.
        why: String,
    },
    /// It was not taken and will not be.
    #[error("the notice was not pushed: {0}")]
    Refused(String),
    /// Nobody knows: the answer did not come, or came from something in between.
    #[error("whether the notice was pushed is not known: {0}")]
    Uncertain(String),
}

impl Sender {
    /// Signs with that key, for `contact` (`mailto:…` or `https://…`). Only `reach` decides whether devices of this machine can be told, as in
    /// tests and the demo; inside a network nobody is.
    pub fn new(key: Key, contact: &str, clock: Arc<dyn Clock>, reach: Reach) -> Result<Self, SenderError> {
        let known = ["mailto:", "https://"].into_iter().filter_map(|scheme| contact.strip_prefix(scheme));
        if !known.into_iter().any(|whom| !whom.is_empty() && whom.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err(SenderError::Contact(contact.to_owned()));
        }
        Ok(Self { http: Client::for_strangers(reach)?, reach, key, contact: contact.to_owned(), clock })
    }

    /// What a page gives to `pushManager.subscribe` as its `applicationServerKey`.
    pub fn public_key(&self) -> String {
        self.key.public()
    }

    /// Pushes one notice. It waits up to `ttl` for a device that is switched off, and there takes the place of one with the same `topic` (any
    /// words; none at all is no topic). Words that are too many for one push are cut off at the end.
    ///
    /// What the page's service worker gets is `{"title", "body"}`.
    pub async fn push(&self, to: &Subscription, title: &str, body: &str, ttl: Span, topic: &str) -> Result<(), PushError> {
        let refused = |why: &str| PushError::Refused(why.to_owned());
        let url = Url::parse(to.endpoint()).map_err(|_| refused("the address of its push service cannot be read"))?;
        if !self.reach.covers(&url) {
            return Err(refused("the address of its push service is inside a network, where no push service is"));
        }
        let point = PublicKey::from_sec1_bytes(to.p256dh()).map_err(|_| refused("the key of the subscription is no point of P-256"))?;
        let sealed = encrypt(message(title, body), &point, Auth::from_slice(to.auth()));
        let sealed = sealed.map_err(|_| refused("it cannot be sealed with the keys of the subscription"))?;
        let signature = self.key.signature(&url.origin().ascii_serialization(), &self.contact, self.clock.now());
        let mut request = self
            .http
            .post(url)
            .header("TTL", ttl.duration().as_secs())
            .header("Urgency", "high")
            .header("Content-Encoding", "aes128gcm")
            .header("Content-Type", "application/octet-stream")
            .header("Authorization", signature);
        if !topic.is_empty() {
            request = request.header("Topic", short(topic));
        }
        match self.http.exchange(request.body(sealed), PATIENCE, ANSWER).await {
            Ok(answer) => judge(&answer, to),
            Err(error) if error.sent == Sent::No => Err(PushError::Later { wait: None, why: error.problem }),
            Err(error) => Err(PushError::Uncertain(error.problem)),
        }
    }
}

/// What the answer means. A server's own trouble, but for 503, may stand before the notice was taken or after.
fn judge(answer: &Answer, to: &Subscription) -> Result<(), PushError> {
    let status = answer.status;
    let why = || format!("the push service answers HTTP {status}{}", words(answer, to));
    match status {
        200..=299 => Ok(()),
        404 | 410 => Err(PushError::Gone),
        429 | 503 => Err(PushError::Later { wait: answer.retry_after, why: why() }),
        500.. => Err(PushError::Uncertain(why())),
        _ => Err(PushError::Refused(why())),
    }
}

/// What a service says besides the status, without the subscription's address.
fn words(answer: &Answer, to: &Subscription) -> String {
    let told = String::from_utf8_lossy(&answer.body);
    let secret = to.endpoint().rsplit('/').next().filter(|last| last.len() > 3);
    let told = secret.map_or_else(|| told.to_string(), |secret| told.replace(secret, "…"));
    let told = Safe::line(told.trim()).fit(WORDS);
    if told.is_empty() { String::new() } else { format!(": {}", told.as_str().trim_end()) }
}

/// The notice in the form the service worker reads.
fn message(title: &str, body: &str) -> Vec<u8> {
    let whole = |title: &str, body: &str| json!({ "title": title, "body": body }).to_string();
    let title = shortened(title, |title| whole(title, "").len() <= LARGEST);
    let body = shortened(body, |body| whole(&title, body).len() <= LARGEST);
    whole(&title, &body).into_bytes()
}

/// The text, or as much of its beginning as fits with a mark behind it. How much room a character takes in JSON is not what it takes here.
fn shortened(text: &str, fits: impl Fn(&str) -> bool) -> Cow<'_, str> {
    if fits(text) {
        return text.into();
    }
    let cut = |end: usize| format!("{}…", &text[..end]);
    let ends: Vec<usize> = text.char_indices().map(|(end, _)| end).collect();
    let fitting = ends.partition_point(|end| fits(&cut(*end)));
    ends[..fitting].last().map_or_else(String::new, |end| cut(*end)).into()
}

/// A topic as services take it: 32 characters of base64url, which tell nothing.
fn short(topic: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(topic)[..24])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_never_larger_than_every_service_takes_and_only_its_end_is_cut() {
        let check = |title: &str, body: &str, want: (&str, &str)| {
            let message = message(title, body);
            assert!(message.len() <= LARGEST, "{}", message.len());
            let read: serde_json::Value = serde_json::from_slice(&message).unwrap();
            let (title, body) = (read["title"].as_str().unwrap(), read["body"].as_str().unwrap());
            assert!(title.starts_with(want.0) && body.starts_with(want.1), "{title} {body}");
            body.len() + title.len()
        };
        assert_eq!(check("Next", "come in", ("Next", "come in")), 11);
        assert!(check("Next", &"日本".repeat(2_000), ("Next", "日本日本")) > 3_900);
        assert!(check("Next", &"\u{1}\"".repeat(3_000), ("Next", "\u{1}\"")) > 700);
        assert!(check(&"x".repeat(9_000), "gone", ("xxx", "")) > 3_900);
    }

    #[test]
    fn a_topic_is_32_characters_of_base64url_and_the_same_for_the_same_words() {
        let topic = short("ticket 17 · Søren");
        assert_eq!(topic.len(), 32);
        assert!(topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{topic}");
        assert!(topic == short("ticket 17 · Søren") && topic != short("ticket 18"));
    }
}
