//! The account, its webhook's door, its templates and its files, against a Graph API that behaves and several that do not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::response::IntoResponse as _;
use frontdesk::channel::http::Client;
use frontdesk::channel::whatsapp::{WEBHOOK, connect};
use frontdesk::channel::{self, Account, Connector, FetchError, ReceiveError, Settings};
use frontdesk::config::Secret;
use frontdesk::domain::attachment::FileKind;
use frontdesk::domain::template::{Button, Category, Fills, Header, Status, Template};
use frontdesk::domain::time::{ManualClock, Span, Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Call, Fake, answer, nobody};

pub const TOKEN: &str = "EAACANARYtokenNeverShown";
pub const NUMBER: &str = "106540352242922";
const SECRET: &str = "app secret";
const PREVIOUS: &str = "older app secret";
const VERIFY: &str = "a word of ours";

pub fn settings(base: &str, more: &[(&str, &str)]) -> Settings {
    let mut values = BTreeMap::from([("api-base".to_owned(), base.to_owned()), ("phone-number-id".to_owned(), NUMBER.to_owned())]);
    values.insert("business-account".to_owned(), "102290129340398".to_owned());
    values.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let secrets = [("token", TOKEN), ("app-secret", SECRET), ("previous-app-secret", PREVIOUS), ("verify-token", VERIFY)];
    Settings {
        values,
        secrets: secrets.map(|(name, value)| (name.to_owned(), Secret::new(value))).into(),
        http: Client::new().unwrap(),
        clock: Arc::new(ManualClock::at(Timestamp::from_secs(1_795_168_800))),
    }
}

pub fn number(base: &str, more: &[(&str, &str)]) -> Arc<dyn Connector> {
    connect(&settings(base, more)).unwrap()
}

pub fn ok(body: &Value) -> axum::response::Response {
    answer(200, &body.to_string())
}

/// A refusal of the Graph API.
pub fn refusal(status: u16, code: i64, details: &str) -> axum::response::Response {
    let error = json!({ "message": "(#1) Title", "type": "OAuthException", "code": code, "error_data": { "messaging_product": "whatsapp", "details": details } });
    answer(status, &json!({ "error": error }).to_string())
}

fn signature(key: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

fn admitted(settings: &Settings, body: &[u8], signature: Option<&str>) -> bool {
    let headers = signature.map(|signature| ("x-hub-signature-256".to_owned(), signature.to_owned())).into_iter().collect();
    (WEBHOOK.admit)(settings, &channel::Call { path: "", query: &BTreeMap::new(), headers: &headers, body })
}

#[test]
fn only_what_the_apps_secret_signed_is_admitted_byte_for_byte() {
    let settings = settings("http://127.0.0.1:1", &[]);
    // Meta escapes what is not ASCII; the bytes are what counts, not what they mean.
    let body = br#"{"entry":[],"name":"Ren\u00e9e"}"#;
    assert!(admitted(&settings, body, Some(&signature(SECRET, body))));
    assert!(admitted(&settings, body, Some(&signature(PREVIOUS, body))), "during a rotation");
    assert!(admitted(&settings, body, Some(&signature(SECRET, body).to_uppercase().replace("SHA256", "sha256"))));
    assert!(!admitted(&settings, r#"{"entry":[],"name":"Renée"}"#.as_bytes(), Some(&signature(SECRET, body))));
    assert!(!admitted(&settings, body, Some(&signature("another", body))));
    assert!(!admitted(&settings, body, None));
    let right = signature(SECRET, body);
    let cut = &right[..right.len() - 2];
    for wrong in ["", "sha256=", "sha256=zz", cut, &right[7..], &right.replace("sha256", "sha1"), &format!("{right}00"), "sha256=é"] {
        assert!(!admitted(&settings, body, Some(wrong)), "{wrong}");
    }
}

#[test]
fn without_a_secret_nothing_is_admitted() {
    let mut settings = settings("http://127.0.0.1:1", &[]);
    settings.secrets.insert("previous-app-secret".to_owned(), Secret::new(""));
    assert!(!admitted(&settings, b"{}", Some(&signature("", b"{}"))));
    settings.secrets.clear();
    assert!(!admitted(&settings, b"{}", Some(&signature("", b"{}"))));
}

#[test]
fn metas_question_is_answered_with_its_challenge_when_it_knows_the_word() {
    let settings = settings("http://127.0.0.1:1", &[]);
    let ask = |query: &[(&str, &str)]| {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        (WEBHOOK.greet)(&settings, &channel::Call { path: "", query: &query, headers: &BTreeMap::new(), body: b"" })
    };
    let right = [("hub.mode", "subscribe"), ("hub.verify_token", VERIFY), ("hub.challenge", "1158201444")];
    assert_eq!(ask(&right).as_deref(), Some("1158201444"));
    for (at, wrong) in [(0, "unsubscribe"), (1, "another word"), (1, ""), (2, "<script>alert(1)</script>")] {
        let mut asked = right;
        asked[at].1 = wrong;
        assert_eq!(ask(&asked), None, "{wrong}");
    }
    assert_eq!(ask(&right[..2]), None);
    assert_eq!((WEBHOOK.path)(&settings), "");
}

#[test]
fn settings_that_cannot_work_are_refused_by_name() {
    let check = |change: fn(&mut Settings), field: &str| {
        let mut settings = settings("https://graph.facebook.com", &[]);
        change(&mut settings);
        assert_eq!(connect(&settings).map(|_| ()).unwrap_err().field, field);
    };
    let set = |settings: &mut Settings, name: &str, value: &str| drop(settings.values.insert(name.to_owned(), value.to_owned()));
    check(|settings| drop(settings.values.remove("phone-number-id")), "phone-number-id");
    check(|settings| drop(settings.values.insert("phone-number-id".to_owned(), "+15550783881".to_owned())), "phone-number-id");
    check(|settings| drop(settings.values.insert("business-account".to_owned(), "my shop".to_owned())), "business-account");
    check(|settings| drop(settings.values.insert("api-base".to_owned(), "http://graph.facebook.com".to_owned())), "api-base");
    check(|settings| drop(settings.values.insert("api-version".to_owned(), "../v1".to_owned())), "api-version");
    check(|settings| drop(settings.values.insert("read-receipts".to_owned(), "maybe".to_owned())), "read-receipts");
    // Nobody is shown typing without being shown that it was read.
    let hidden = [("typing", "yes"), ("read-receipts", "no")];
    assert_eq!(connect(&settings("https://graph.facebook.com", &hidden)).map(|_| ()).unwrap_err().field, "typing");
    check(|settings| drop(settings.secrets.remove("token")), "token");
    check(|settings| drop(settings.secrets.insert("token".to_owned(), Secret::new("two words"))), "token");
    check(|settings| drop(settings.secrets.remove("app-secret")), "app-secret");
    check(|settings| drop(settings.secrets.remove("verify-token")), "verify-token");
    let mut plain = settings("https://graph.facebook.com", &[]);
    plain.secrets.remove("previous-app-secret");
    set(&mut plain, "business-account", "");
    assert!(connect(&plain).is_ok());
}

#[tokio::test]
async fn a_base_may_carry_its_version_or_not() {
    let check = async |path: &str, more: &[(&str, &str)], want: &str| {
        let fake = Fake::start(|_| ok(&json!({ "id": NUMBER, "display_phone_number": "+1 555-078-3881" }))).await;
        let account = number(&format!("{}{path}", fake.base()), more).check().await.unwrap();
        assert_eq!(account.name, "+1 555-078-3881");
        assert_eq!(fake.calls()[0].path, format!("{want}/{NUMBER}"));
    };
    check("", &[], "/v23.0").await;
    check("/", &[("api-version", "v25.0")], "/v25.0").await;
    check("/v22.0", &[], "/v22.0").await;
    check("/proxy/v22.0/", &[], "/proxy/v22.0").await;
    check("/proxy", &[], "/proxy/v23.0").await;
}

fn graph(call: &Call) -> axum::response::Response {
    match call.path.rsplit('/').next().unwrap() {
        NUMBER => ok(&json!({
            "id": NUMBER, "display_phone_number": "+1 555-078-3881", "verified_name": "Lucky Shrub", "quality_rating": "GREEN",
            "messaging_limit_tier": "TIER_10K",
        })),
        "subscribed_apps" => ok(&json!({ "data": [{ "whatsapp_business_api_data": { "id": "1", "name": "desk" } }] })),
        "debug_token" => ok(&json!({ "data": { "is_valid": true, "expires_at": 1_800_000_000 } })),
        _ => refusal(400, 100, "Unsupported get request"),
    }
}

#[tokio::test]
async fn the_account_is_told_with_its_reach_and_the_tokens_end() {
    let fake = Fake::start(graph).await;
    let want = Account {
        key: NUMBER.to_owned(),
        name: "Lucky Shrub (+1 555-078-3881)".to_owned(),
        advice: String::new(),
        expires_at: Some(Timestamp::from_secs(1_800_000_000)),
        reach: Some(10_000),
        portfolio: "102290129340398".to_owned(),
    };
    assert_eq!(number(&fake.base(), &[]).check().await, Ok(want));
    assert!(fake.calls().iter().all(|call| call.authorization == format!("Bearer {TOKEN}")), "{:?}", fake.calls());
}

#[tokio::test]
async fn what_a_person_should_know_of_the_account_is_advised() {
    let check = async |path: &'static str, body: Value, says: &str| {
        let fake = Fake::start(move |call| if call.path.ends_with(path) { ok(&body) } else { graph(call) }).await;
        let account = number(&fake.base(), &[]).check().await.unwrap();
        assert!(account.advice.contains(says), "{}", account.advice);
    };
    check(NUMBER, json!({ "id": NUMBER, "quality_rating": "RED" }), "quality rating red").await;
    check(NUMBER, json!({ "id": NUMBER, "status": "BANNED" }), "banned").await;
    check("subscribed_apps", json!({ "data": [] }), "subscribe").await;
}

#[tokio::test]
async fn what_cannot_be_known_of_an_account_does_not_fail_its_check() {
    let fake = Fake::start(|call| if call.path.ends_with(NUMBER) { graph(call) } else { answer(500, "no") }).await;
    let account = number(&fake.base(), &[]).check().await.unwrap();
    assert_eq!((account.expires_at, account.advice.as_str()), (None, ""));
    // A server that does not know all the fields.
    let older = Fake::start(|call| if call.query.contains("fields") { refusal(400, 100, "nonexisting field") } else { graph(call) }).await;
    assert_eq!(number(&older.base(), &[]).check().await.unwrap().reach, Some(10_000));
    for (tier, reach) in [("TIER_250", Some(250)), ("TIER_100K", Some(100_000)), ("TIER_UNLIMITED", None), ("", None), ("TIER_X", None)] {
        let fake = Fake::start(move |_| ok(&json!({ "id": NUMBER, "messaging_limit_tier": tier }))).await;
        assert_eq!(number(&fake.base(), &[]).check().await.unwrap().reach, reach, "{tier}");
    }
}

#[tokio::test]
async fn a_refused_account_says_who_has_to_do_what() {
    let check = async |status: u16, code: i64, want: fn(&ReceiveError) -> bool| {
        let fake = Fake::start(move |_| refusal(status, code, &format!("about {TOKEN}"))).await;
        let error = number(&fake.base(), &[]).check().await.unwrap_err();
        assert!(want(&error), "{code}: {error:?}");
        assert!(!error.to_string().contains(TOKEN), "{error}");
    };
    check(401, 190, |error| matches!(error, ReceiveError::NeedsAttention(_))).await;
    check(400, 100, |error| matches!(error, ReceiveError::NeedsAttention(_))).await;
    check(403, 10, |error| matches!(error, ReceiveError::NeedsAttention(_))).await;
    check(500, 2, |error| matches!(error, ReceiveError::Unavailable(_))).await;
    check(400, 80_007, |error| matches!(error, ReceiveError::Wait(_))).await;
    let html = Fake::start(|_| answer(404, "<html>")).await;
    assert!(matches!(number(&html.base(), &[]).check().await, Err(ReceiveError::NeedsAttention(_))));
    assert!(matches!(number(&nobody().await, &[]).check().await, Err(ReceiveError::Unavailable(_))));
}

#[tokio::test]
async fn there_is_nothing_to_ask_for() {
    let fake = Fake::start(graph).await;
    let batch = number(&fake.base(), &[]).receive(None, Span::secs(50)).await.unwrap();
    assert!(batch.items.is_empty() && batch.cursor.is_none() && batch.caught_up);
    assert!(fake.calls().is_empty());
}

#[test]
fn calls_about_another_number_of_the_app_are_none_of_ours() {
    let ours = number("http://127.0.0.1:1", &[]);
    let body = |number: Value| {
        let message = json!({ "from": "16505551234", "id": "wamid.1", "timestamp": "5", "type": "text", "text": { "body": format!("\"phone_number_id\":\"{NUMBER}\"") } });
        let value = json!({ "metadata": { "phone_number_id": number }, "messages": [message] });
        json!({ "object": "whatsapp_business_account", "entry": [{ "changes": [{ "field": "messages", "value": value }] }] }).to_string()
    };
    let concerns = |body: &str| (WEBHOOK.read)(body).iter().map(|item| ours.concerns(item)).collect::<Vec<_>>();
    assert_eq!(concerns(&body(NUMBER.into())), [true]);
    assert_eq!(concerns(&body(NUMBER.parse::<u64>().unwrap().into())), [true]);
    assert_eq!(concerns(&body(Value::Null)), [true]);
    for other in [json!("999"), json!(999), json!({}), json!([NUMBER])] {
        assert_eq!(concerns(&body(other.clone())), [false], "{other}");
    }
    let account =
        json!({ "entry": [{ "changes": [{ "field": "account_update", "value": { "event": "VERIFIED_ACCOUNT" } }] }] }).to_string();
    assert_eq!(concerns(&account), [true]);
    assert_eq!(concerns("not JSON"), [true]);
}

#[tokio::test]
async fn all_pages_of_templates_are_read_with_all_their_parts() {
    let first = json!({
        "name": "booking", "language": "en_US", "status": "APPROVED", "category": "UTILITY", "rejected_reason": "NONE", "id": "1",
        "components": [
            { "type": "HEADER", "format": "TEXT", "text": "Hello {{1}}" },
            { "type": "BODY", "text": "On {{1}} at {{2}}.", "example": { "body_text": [["a", "b"]] } },
            { "type": "FOOTER", "text": "Stop?" },
            { "type": "BUTTONS", "buttons": [
                { "type": "QUICK_REPLY", "text": "Thanks" },
                { "type": "URL", "text": "See", "url": "https://x.example/{{1}}" },
                { "type": "URL", "text": "Home", "url": "https://x.example/" },
                { "type": "COPY_CODE", "example": "X" },
                { "type": "PHONE_NUMBER", "text": "Call", "phone_number": "+1" },
            ] },
        ],
    });
    let second = json!([
        { "name": "sale", "language": "id", "status": "PAUSED", "category": "MARKETING", "components": [
            { "type": "HEADER", "format": "IMAGE" }, { "type": "BODY", "text": "Hi {{first_name}}" } ] },
        { "name": "no", "language": "id", "status": "REJECTED", "category": "MARKETING", "rejected_reason": "ABUSIVE_CONTENT", "components": [{ "type": "BODY", "text": "x" }] },
        { "name": "cards", "language": "id", "status": "APPROVED", "category": "MARKETING", "components": [{ "type": "BODY", "text": "x" }, { "type": "CAROUSEL" }] },
        { "name": "code", "language": "id", "status": "APPROVED", "category": "AUTHENTICATION", "components": [{ "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE", "text": "Copy" }] }] },
        { "name": "new", "language": "id", "status": "PENDING_DELETION", "category": "UTILITY", "components": [{ "type": "HEADER", "format": "LOCATION" }] },
        { "name": "form", "language": "id", "status": "APPROVED", "category": "UTILITY", "components": [{ "type": "BUTTONS", "buttons": [{ "type": "FLOW", "text": "Book", "flow_id": 1 }] }] },
        { "name": "goods", "language": "id", "status": "APPROVED", "category": "UTILITY", "components": [{ "type": "BUTTONS", "buttons": [{ "type": "mpm", "text": "See" }] }] },
        { "language": "id" },
    ]);
    let fake = Fake::start(move |call| {
        if call.query.contains("after=B") {
            ok(&json!({ "data": second, "paging": { "cursors": { "before": "B", "after": "C" } } }))
        } else {
            ok(&json!({ "data": [first], "paging": { "cursors": { "after": "B" }, "next": "https://elsewhere.example/?access_token=x" } }))
        }
    })
    .await;
    let got = number(&fake.base(), &[]).templates().await.unwrap().unwrap();
    let button = |text: &str, fills| Button { text: text.to_owned(), fills };
    let want = Template {
        name: "booking".to_owned(),
        language: "en_US".to_owned(),
        category: Category::Utility,
        status: Status::Approved,
        reason: String::new(),
        header: Header::Text("Hello {{1}}".to_owned()),
        body: "On {{1}} at {{2}}.".to_owned(),
        footer: "Stop?".to_owned(),
        buttons: vec![
            button("Thanks", None),
            button("See", Some(Fills::Url)),
            button("Home", None),
            button("Copy code", Some(Fills::Code)),
            button("Call", None),
        ],
        seen_at: Timestamp::from_secs(1_795_168_800),
    };
    assert_eq!(got[0], want);
    assert_eq!(
        got.iter().map(|template| template.name.as_str()).collect::<Vec<_>>(),
        ["booking", "sale", "no", "cards", "code", "new", "form", "goods"]
    );
    assert_eq!((got[1].status, &got[1].header), (Status::Paused, &Header::File(FileKind::Photo)));
    assert_eq!((got[2].status, got[2].reason.as_str()), (Status::Rejected, "ABUSIVE_CONTENT"));
    assert_eq!(got[3].status, Status::Disabled, "a carousel cannot be filled in here");
    assert_eq!((got[4].slots().len(), got[4].category), (2, Category::Authentication));
    assert_eq!((got[5].status, &got[5].header), (Status::Disabled, &Header::Location));
    for (form, kind) in [(&got[6], "FLOW"), (&got[7], "MPM")] {
        assert!(form.status == Status::Disabled && form.reason.contains(kind), "{form:?}");
    }
    let calls = fake.calls();
    assert_eq!(calls.len(), 2, "the next page is asked for at our own address: {calls:?}");
    assert!(calls.iter().all(|call| call.path == "/v23.0/102290129340398/message_templates"));
    assert_eq!(number(&fake.base(), &[("business-account", "")]).templates().await, Ok(None));
}

#[tokio::test]
async fn an_answer_without_a_list_is_no_end_of_all_templates() {
    for body in [json!({}), json!({ "data": null }), json!({ "data": {} })] {
        let fake = Fake::start(move |_| ok(&body)).await;
        assert!(
            matches!(number(&fake.base(), &[]).templates().await, Err(ReceiveError::Unavailable(why)) if why.contains("no list of templates"))
        );
    }
}

/// A Graph API with one file: what it says of it, and what comes from its address.
struct Media {
    fake: Fake,
    dir: tempfile::TempDir,
}

impl Media {
    async fn start(
        told: impl Fn(&str) -> Value + Clone + Send + Sync + 'static,
        bytes: impl Fn(usize) -> (u16, String) + Clone + Send + Sync + 'static,
    ) -> Self {
        let tries = Arc::new(AtomicUsize::new(0));
        let base: Arc<std::sync::OnceLock<String>> = Arc::default();
        let known = Arc::clone(&base);
        let fake = Fake::start(move |call| {
            if call.path.ends_with("/bytes") {
                let (status, body) = bytes(tries.fetch_add(1, Ordering::SeqCst));
                return answer(status, &body);
            }
            ok(&told(known.get().unwrap()))
        })
        .await;
        base.set(fake.base()).unwrap();
        Self { fake, dir: tempfile::tempdir().unwrap() }
    }

    async fn fetch(&self, limit: u64) -> Result<String, FetchError> {
        let into = self.dir.path().join("file");
        let result = number(&self.fake.base(), &[]).fetch("2754859441498128", &into, limit).await;
        let there = std::fs::read_to_string(&into);
        assert_eq!(there.is_ok(), result.is_ok(), "a file that failed leaves nothing behind");
        result.map(|()| there.unwrap())
    }
}

fn at(base: &str) -> Value {
    json!({ "url": format!("{base}/bytes"), "mime_type": "image/jpeg", "id": "2754859441498128", "file_size": 9 })
}

#[tokio::test]
async fn a_file_is_fetched_in_two_steps_with_the_token() {
    let media = Media::start(at, |_| (200, "the bytes".to_owned())).await;
    assert_eq!(media.fetch(100).await.unwrap(), "the bytes");
    let calls = media.fake.calls();
    assert_eq!(
        (calls[0].path.as_str(), calls[0].query.as_str()),
        ("/v23.0/2754859441498128", format!("phone_number_id={NUMBER}").as_str())
    );
    assert!(calls.iter().all(|call| call.verb == "GET" && call.authorization == format!("Bearer {TOKEN}")));
}

#[tokio::test]
async fn an_address_that_has_ended_is_asked_for_again() {
    let media = Media::start(at, |tried| if tried == 0 { (404, String::new()) } else { (200, "the bytes".to_owned()) }).await;
    assert_eq!(media.fetch(100).await.unwrap(), "the bytes");
    assert_eq!(media.fake.calls().len(), 4);
    let never = Media::start(at, |_| (404, String::new())).await;
    assert!(matches!(never.fetch(100).await, Err(FetchError::Unavailable(_))));
    assert_eq!(never.fake.calls().len(), 4);
}

#[tokio::test]
async fn a_file_that_is_too_large_cut_or_damaged_is_not_kept() {
    let check = async |told: fn(&str) -> Value, limit: u64, want: fn(&FetchError) -> bool| {
        let media = Media::start(told, |_| (200, "the bytes".to_owned())).await;
        let error = media.fetch(limit).await.unwrap_err();
        assert!(want(&error), "{error:?}");
    };
    check(at, 8, |error| *error == FetchError::TooLarge).await;
    check(|base| json!({ "url": format!("{base}/bytes") }), 8, |error| *error == FetchError::TooLarge).await;
    check(|base| json!({ "url": format!("{base}/bytes"), "file_size": "10" }), 100, |error| matches!(error, FetchError::Unavailable(_)))
        .await;
    check(
        |base| json!({ "url": format!("{base}/bytes"), "sha256": "0".repeat(64) }),
        100,
        |error| matches!(error, FetchError::Unavailable(why) if why.contains("checksum")),
    )
    .await;
    let right = |base: &str| json!({ "url": format!("{base}/bytes"), "sha256": hex(&Sha256::digest("the bytes")), "file_size": 9 });
    assert_eq!(Media::start(right, |_| (200, "the bytes".to_owned())).await.fetch(100).await.unwrap(), "the bytes");
}

#[tokio::test]
async fn the_token_is_shown_to_no_other_host() {
    let thief = Fake::start(|_| answer(200, "mine")).await;
    let port = thief.address.port();
    for url in [
        format!("http://localhost:{port}/bytes"),
        "https://lookaside.fbsbx.com/whatsapp".to_owned(),
        "file:///etc/passwd".to_owned(),
        "nonsense".to_owned(),
    ] {
        let media = Media::start(move |_| json!({ "url": url }), |_| (200, String::new())).await;
        assert!(matches!(media.fetch(100).await, Err(FetchError::Gone(_))));
    }
    // Nor by way of a redirect.
    let target = thief.base();
    let base: Arc<std::sync::OnceLock<String>> = Arc::default();
    let known = Arc::clone(&base);
    let redirecting = Fake::start(move |call| {
        if call.path.ends_with("/bytes") {
            return (axum::http::StatusCode::FOUND, [("location", target.clone())]).into_response();
        }
        ok(&at(known.get().unwrap()))
    })
    .await;
    base.set(redirecting.base()).unwrap();
    let into = tempfile::tempdir().unwrap().path().join("file");
    assert!(number(&redirecting.base(), &[]).fetch("1", &into, 100).await.is_err());
    assert!(thief.calls().is_empty());
}

#[tokio::test]
async fn a_file_the_provider_no_longer_has_is_gone() {
    let check = async |status: u16, code: i64, want: fn(&FetchError) -> bool| {
        let fake = Fake::start(move |_| refusal(status, code, "Media not found")).await;
        let into = tempfile::tempdir().unwrap().path().join("file");
        let error = number(&fake.base(), &[]).fetch("1", &into, 100).await.unwrap_err();
        assert!(want(&error), "{code}: {error:?}");
    };
    check(400, 100, |error| matches!(error, FetchError::Gone(_))).await;
    check(500, 2, |error| matches!(error, FetchError::Unavailable(_))).await;
    check(401, 190, |error| matches!(error, FetchError::Unavailable(_))).await;
}

#[test]
fn what_metas_console_needs_is_said_and_no_secret_with_it() {
    let told = number("http://127.0.0.1:1", &[]).setup("/webhooks/42").join("\n");
    for needed in [
        "https://YOUR-HOST/webhooks/42",
        "Verify token",
        "messages",
        "smb_message_echoes",
        "message_template_status_update",
        "account_update",
    ] {
        assert!(told.contains(needed), "{needed} in {told}");
    }
    assert!(!told.contains(SECRET) && !told.contains(VERIFY) && !told.contains(TOKEN), "{told}");
}
