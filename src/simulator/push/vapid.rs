//! Who signed a push (RFC 8292): a token of three parts, signed with the key that is told beside it, for this service, for a day at most.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use web_push_native::p256::ecdsa::signature::Verifier as _;
use web_push_native::p256::ecdsa::{Signature, VerifyingKey};

/// The longest a signature may hold, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// The key that signed, in base64url, if `authorization` is a signature that holds for `origin` at `now` (unix seconds); else what is wrong.
pub(super) fn signer<'a>(authorization: &'a str, origin: &str, now: i64) -> Result<&'a str, &'static str> {
    let (scheme, rest) = authorization.split_once(' ').ok_or("no vapid scheme")?;
    if !scheme.eq_ignore_ascii_case("vapid") {
        return Err("no vapid scheme");
    }
    let part = |name: &str| {
        let mut parts = rest.split(',').filter_map(|part| part.trim().split_once('='));
        parts.find(|(known, _)| *known == name).map(|(_, value)| value.trim_matches('"'))
    };
    let (token, key) = (part("t").ok_or("no token")?, part("k").ok_or("no key")?);
    let (signed, signature) = token.rsplit_once('.').ok_or("a token without a signature")?;
    let (head, claims) = signed.split_once('.').ok_or("a token without claims")?;
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let json = |text: &str| bytes(text).and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    if json(head).ok_or("a token whose head is no JSON")?["alg"] != "ES256" {
        return Err("another algorithm than ES256");
    }
    let public = bytes(key).filter(|key| key.len() == 65).and_then(|key| VerifyingKey::from_sec1_bytes(&key).ok());
    let public = public.ok_or("a key that is no point of P-256")?;
    let signature = bytes(signature).and_then(|signature| Signature::from_slice(&signature).ok()).ok_or("no ES256 signature")?;
    public.verify(signed.as_bytes(), &signature).map_err(|_| "a signature by another key")?;
    let claims = json(claims).ok_or("a token whose claims are no JSON")?;
    if claims["aud"] != origin {
        return Err("a signature for another service");
    }
    match claims["exp"].as_i64() {
        Some(until) if until <= now => return Err("a signature that has ended"),
        Some(until) if until > now + DAY => return Err("a signature for more than a day"),
        None => return Err("a signature without an end"),
        Some(_) => {}
    }
    // The standard only advises it; one of the large services refuses all who leave it out.
    if !claims["sub"].as_str().is_some_and(|whom| whom.starts_with("mailto:") || whom.starts_with("https://")) {
        return Err("nobody to turn to (sub)");
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
    const TOKEN: &str = concat!(
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpw",
        "dXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA"
    );
    const END: i64 = 1_453_523_768;

    #[test]
    fn the_example_of_rfc_8292_holds_for_its_service_until_its_end_and_no_more() {
        let check = |authorization: &str, origin: &str, now: i64, want: Result<&str, &str>| {
            assert_eq!(signer(authorization, origin, now), want);
        };
        let (good, origin) = (format!("vapid t={TOKEN}, k={KEY}"), "https://push.example.net");
        check(&good, origin, END - 60, Ok(KEY));
        check(&format!("Vapid k={KEY},t={TOKEN}"), origin, END - DAY, Ok(KEY));
        check(&good, origin, END, Err("a signature that has ended"));
        check(&good, origin, END - DAY - 1, Err("a signature for more than a day"));
        check(&good, "https://push.example.net:8443", END - 60, Err("a signature for another service"));
        check(&format!("Bearer t={TOKEN}, k={KEY}"), origin, END - 60, Err("no vapid scheme"));
        check(&format!("vapid t={TOKEN}"), origin, END - 60, Err("no key"));
        check(
            &format!("vapid t={}A, k={KEY}", &TOKEN[..TOKEN.len() - 1].replace(".i3", ".i4")),
            origin,
            END - 60,
            Err("a signature by another key"),
        );
    }
}
