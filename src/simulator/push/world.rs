//! What the service knows: subscriptions, what waits for devices that are switched off, the ledger; and what the devices do.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::{Value, json};
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint as _;
use web_push_native::{Auth, decrypt};

use super::{Ledger, Shown};
use crate::domain::time::{Span, Timestamp};
use crate::simulator::fault::Faults;

/// Everything behind the lock.
#[derive(Debug)]
pub(super) struct State {
    /// `http://127.0.0.1:PORT`, which is what a signature must be for.
    pub(super) base: String,
    /// By the last part of their address.
    pub(super) subscriptions: BTreeMap<String, Subscription>,
    pub(super) faults: Faults,
    pub(super) ledger: Ledger,
    rng: fastrand::Rng,
    /// The number of the last message.
    last: u64,
}

/// A subscription and the device behind it.
#[derive(Debug)]
pub(super) struct Subscription {
    /// The one key that may push, in base64url; any when `None`.
    pub(super) server_key: Option<String>,
    pub(super) ended: bool,
    online: bool,
    secret: SecretKey,
    auth: [u8; 16],
    waiting: Vec<Message>,
}

/// A push that was taken.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) body: Bytes,
    /// In seconds.
    pub(super) ttl: u64,
    pub(super) topic: String,
    pub(super) at: Timestamp,
}

impl State {
    pub(super) fn new(seed: u64, base: String) -> Self {
        let (faults, rng) = (Faults::new(seed), fastrand::Rng::with_seed(seed));
        Self { base, subscriptions: BTreeMap::new(), faults, ledger: Ledger::default(), rng, last: 0 }
    }

    pub(super) fn subscribe(&mut self, server_key: Option<&str>) -> Value {
        let token: String = std::iter::repeat_with(|| self.rng.alphanumeric()).take(43).collect();
        let secret = loop {
            let mut bytes = [0; 32];
            self.rng.fill(&mut bytes);
            // All numbers but a few at the very end are keys.
            if let Ok(secret) = SecretKey::from_slice(&bytes) {
                break secret;
            }
        };
        let mut auth = [0; 16];
        self.rng.fill(&mut auth);
        let point = secret.public_key().to_encoded_point(false);
        let keys = json!({"p256dh": URL_SAFE_NO_PAD.encode(point.as_bytes()), "auth": URL_SAFE_NO_PAD.encode(auth)});
        let subscription = json!({"endpoint": self.endpoint(&token), "expirationTime": null, "keys": keys});
        let server_key = server_key.map(str::to_owned);
        self.subscriptions.insert(token, Subscription { server_key, ended: false, online: true, secret, auth, waiting: Vec::new() });
        subscription
    }

    fn endpoint(&self, token: &str) -> String {
        format!("{}/push/{token}", self.base)
    }

    fn at(&mut self, endpoint: &str) -> Option<(&mut Subscription, String)> {
        let token = endpoint.rsplit('/').next()?;
        Some((self.subscriptions.get_mut(token)?, token.to_owned()))
    }

    pub(super) fn unsubscribe(&mut self, endpoint: &str) -> bool {
        let Some((subscription, _)) = self.at(endpoint) else { return false };
        subscription.ended = true;
        subscription.waiting.clear();
        true
    }

    pub(super) fn set_online(&mut self, endpoint: &str, online: bool, now: Timestamp) -> bool {
        let Some((subscription, token)) = self.at(endpoint) else { return false };
        subscription.online = online;
        if online {
            for message in std::mem::take(&mut subscription.waiting) {
                if now.since(message.at) <= Span::secs(message.ttl as i64) {
                    self.show(&token, &message, now);
                }
            }
        }
        true
    }

    /// Takes a push: shown at once, or kept until the device is switched on. Returns the message's number.
    pub(super) fn take(&mut self, token: &str, message: Message) -> u64 {
        self.last += 1;
        let now = message.at;
        match self.subscriptions.get_mut(token) {
            Some(subscription) if !subscription.online => {
                // A message takes the place of the one with its topic; one that may not wait at all is lost.
                subscription.waiting.retain(|waiting| waiting.topic.is_empty() || waiting.topic != message.topic);
                if message.ttl > 0 {
                    subscription.waiting.push(message);
                }
            }
            _ => self.show(token, &message, now),
        }
        self.last
    }

    fn show(&mut self, token: &str, message: &Message, now: Timestamp) {
        let opened = self.subscriptions.get(token).and_then(|subscription| subscription.open(&message.body));
        let shown = Shown { endpoint: self.endpoint(token), text: opened, topic: message.topic.clone(), at: now.secs() };
        self.ledger.shown.push(shown);
    }
}

impl Subscription {
    fn open(&self, body: &[u8]) -> Option<String> {
        open(body, &self.secret, &self.auth)
    }
}

/// What a message says, if it is sealed with these keys.
fn open(body: &[u8], secret: &SecretKey, auth: &[u8; 16]) -> Option<String> {
    String::from_utf8(decrypt(body.to_vec(), secret, Auth::from_slice(auth)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_8291_is_opened() {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let secret = SecretKey::from_slice(&bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).unwrap();
        let auth = bytes("BTBZMqHH6r4Tts7J_aSIgg").try_into().unwrap();
        let body = bytes(concat!(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95b",
            "Qpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        ));
        assert_eq!(open(&body, &secret, &auth).unwrap(), "When I grow up, I want to be a watermelon");
        assert_eq!(open(&body[..body.len() - 1], &secret, &auth), None);
    }
}
