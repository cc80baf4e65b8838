//! Who calls: the signature over the raw bytes, and the question by which Meta makes sure of an address.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::channel::{Call, Settings};
use crate::config::Secret;

/// Whether the body carries a signature made with the app's secret, the present or the previous one. Nothing is parsed before.
pub(super) fn admit(settings: &Settings, call: &Call<'_>) -> bool {
    let Some(signature) = call.headers.get("x-hub-signature-256").and_then(|told| told.trim().strip_prefix("sha256=")) else {
        return false;
    };
    let Some(signature) = bytes(signature) else { return false };
    // Both are tried whatever the first says, so that the time does not tell which one it was.
    let signed = |name: &str| settings.secrets.get(name).is_some_and(|secret| signed_with(secret, call.body, &signature));
    signed("app-secret") | signed("previous-app-secret")
}

fn signed_with(secret: &Secret, body: &[u8], signature: &[u8]) -> bool {
    let key = secret.reveal().as_bytes();
    // An HMAC takes a key of any length; an empty one would be known to everybody.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
    mac.update(body);
    !key.is_empty() && mac.verify_slice(signature).is_ok()
}

/// The answer to the question whether this address is ours: the challenge, when the token is the one typed into Meta's console.
pub(super) fn greet(settings: &Settings, call: &Call<'_>) -> Option<String> {
    let asked = |name: &str| call.query.get(name).map(String::as_str);
    let token = settings.secrets.get("verify-token")?;
    let ours = asked("hub.mode") == Some("subscribe") && token.is(asked("hub.verify_token")?);
    // Meta's challenges are numbers. Nothing else is repeated to whoever asks.
    let challenge = asked("hub.challenge")?;
    let harmless = challenge.len() <= 128 && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    (ours && harmless).then(|| challenge.to_owned())
}

/// The bytes of a hexadecimal text.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || hex.len() != 64 {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}
