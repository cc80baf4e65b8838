//! A device that takes push notices: where its browser's push service takes them, and the keys they are sealed with, so that the service
//! cannot read them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// The longest address, in bytes. Push services' own have a few hundred.
const ENDPOINT: usize = 2_048;

/// What a browser gives a page that asked to be allowed notices. Whoever knows the address may push to it, so it is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    endpoint: String,
    p256dh: [u8; 65],
    auth: [u8; 16],
}

/// Why something is no subscription.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not of the form at all.
    #[error(
        "the device cannot be told: its subscription is not what PushSubscription.toJSON() gives, \
         {{\"endpoint\": …, \"keys\": {{\"p256dh\": …, \"auth\": …}}}} ({0})"
    )]
    Form(String),
    /// An address that nothing may be sent to.
    #[error("the device cannot be told: the address of its push service {0}")]
    Endpoint(&'static str),
    /// A key that is none.
    #[error("the device cannot be told: the key {name} of its subscription is not {bytes} bytes in base64url{also}")]
    Key {
        /// Which.
        name: &'static str,
        /// How many it should have.
        bytes: usize,
        /// What else it should be.
        also: &'static str,
    },
}

#[derive(Deserialize)]
struct Form {
    endpoint: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

impl Subscription {
    /// Reads what `PushSubscription.toJSON()` gives in a browser. What newer browsers add to it is passed over.
    pub fn parse(json: &str) -> Result<Self, Problem> {
        let form: Form = serde_json::from_str(json).map_err(|error| Problem::Form(error.to_string()))?;
        check(&form.endpoint).map_err(Problem::Endpoint)?;
        let p256dh = key(&form.keys.p256dh);
        // A public key is a point written out in full, which begins with a 4.
        let p256dh = p256dh.filter(|key: &[u8; 65]| key[0] == 4);
        let p256dh = p256dh.ok_or(Problem::Key { name: "p256dh", bytes: 65, also: " that begin with a 4" })?;
        let auth = key(&form.keys.auth).ok_or(Problem::Key { name: "auth", bytes: 16, also: "" })?;
        Ok(Self { endpoint: form.endpoint, p256dh, auth })
    }

    /// The same form again, for keeping.
    pub fn json(&self) -> String {
        let keys = serde_json::json!({"p256dh": URL_SAFE_NO_PAD.encode(self.p256dh), "auth": URL_SAFE_NO_PAD.encode(self.auth)});
        serde_json::json!({"endpoint": self.endpoint, "keys": keys}).to_string()
    }

    /// Where notices go.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The device's public key: a point of the curve P-256, written out in full.
    pub const fn p256dh(&self) -> &[u8; 65] {
        &self.p256dh
    }

    /// What device and page alone know.
    pub const fn auth(&self) -> &[u8; 16] {
        &self.auth
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscription({})", host(&self.endpoint).unwrap_or_default())
    }
}

/// Whether an address may be one of a push service's: `https://`, or `http://` on this machine. What its name leads to is looked at by whoever
/// connects.
fn check(endpoint: &str) -> Result<(), &'static str> {
    if endpoint.len() > ENDPOINT {
        return Err("is longer than 2048 bytes");
    }
    if !endpoint.bytes().all(|byte| byte.is_ascii_graphic()) || endpoint.contains(['\\', '"', '<', '>', '#']) {
        return Err("holds characters that no address has");
    }
    let host = host(endpoint).ok_or("does not begin with https://")?;
    if host.contains('@') {
        return Err("holds a user name");
    }
    if host.is_empty() {
        return Err("names no host");
    }
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    if endpoint.starts_with("http://") && !["127.0.0.1", "localhost", "[::1]"].contains(&name) {
        return Err("is not encrypted: it must begin with https://");
    }
    Ok(())
}

/// Host and port.
fn host(endpoint: &str) -> Option<&str> {
    let rest = endpoint.strip_prefix("https://").or_else(|| endpoint.strip_prefix("http://"))?;
    rest.split(['/', '?']).next()
}

/// That many bytes in base64url; some pages keep the padding.
fn key<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    fn parse(endpoint: &str, p256dh: &str, auth: &str) -> Result<Subscription, Problem> {
        let keys = serde_json::json!({"p256dh": p256dh, "auth": auth});
        Subscription::parse(&serde_json::json!({"endpoint": endpoint, "expirationTime": null, "keys": keys}).to_string())
    }

    #[test]
    fn what_a_browser_gives_is_read_and_kept_in_the_same_form() {
        let read = parse("https://push.example.net:8443/s/abc?x=1", P256DH, &format!("{AUTH}==")).unwrap();
        assert_eq!((read.endpoint(), read.p256dh()[0], read.auth()[0]), ("https://push.example.net:8443/s/abc?x=1", 4, 5));
        assert_eq!(Subscription::parse(&read.json()).unwrap(), read);
    }

    #[test]
    fn an_address_that_nothing_may_be_sent_to_is_refused_with_what_is_wrong() {
        let check = |endpoint: &str, want: &str| {
            let told = parse(endpoint, P256DH, AUTH).unwrap_err().to_string();
            assert!(told.contains(want), "{endpoint}: {told}");
        };
        check("http://push.example.net/s", "is not encrypted");
        check("http://127.0.0.1.example.net/s", "is not encrypted");
        check("http://10.0.0.1/s", "is not encrypted");
        check("ftp://push.example.net/s", "does not begin with https://");
        check("push.example.net/s", "does not begin with https://");
        check("", "does not begin with https://");
        check("https:///s", "names no host");
        check("https://me:pw@push.example.net/s", "a user name");
        check("http://127.0.0.1:80@push.example.net/s", "a user name");
        check("https://push.example.net\\@10.0.0.1/", "no address has");
        check("https://push.example.net/\r\nX: y", "no address has");
        check(&format!("https://push.example.net/{}", "x".repeat(2_048)), "longer than 2048 bytes");
        for loopback in ["http://127.0.0.1:9000/push/x", "http://localhost/push", "http://[::1]:1/push", "http://[::1]/push"] {
            assert!(parse(loopback, P256DH, AUTH).is_ok(), "{loopback}");
        }
    }

    #[test]
    fn keys_of_another_length_or_kind_are_refused_by_name() {
        let check = |p256dh: &str, auth: &str, want: &str| {
            let told = parse("https://push.example.net/s", p256dh, auth).unwrap_err().to_string();
            assert!(told.contains(want), "{told}");
        };
        check("", AUTH, "the key p256dh of its subscription is not 65 bytes in base64url that begin with a 4");
        check(&P256DH[4..], AUTH, "the key p256dh");
        check(&format!("A{}", &P256DH[1..]), AUTH, "the key p256dh");
        check(P256DH, "", "the key auth of its subscription is not 16 bytes in base64url");
        check(P256DH, "not base64!", "the key auth");
    }

    #[test]
    fn what_is_no_subscription_is_refused_with_the_form() {
        for bad in ["", "null", "[]", "{}", r#"{"endpoint":"https://x"}"#, r#"{"endpoint":1,"keys":{"p256dh":"","auth":""}}"#] {
            assert!(matches!(Subscription::parse(bad), Err(Problem::Form(_))), "{bad}");
        }
    }

    #[test]
    fn the_address_is_not_shown() {
        let read = parse("https://push.example.net/s/abc", P256DH, AUTH).unwrap();
        assert_eq!(format!("{read:?}"), "Subscription(push.example.net)");
    }
}
