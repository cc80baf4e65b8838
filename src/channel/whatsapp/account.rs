//! Who we are at Meta, and what is wrong there that a person should know of.

use serde_json::Value;

use super::api::{Api, CallError};
use super::errors;
use crate::channel::json::{int, list, text, written};
use crate::channel::{Account, ReceiveError};
use crate::domain::time::Timestamp;

/// Asks for the number, and softly for what else can be known.
pub(super) async fn check(api: &Api, number: &str, business: &str) -> Result<Account, ReceiveError> {
    const FIELDS: &str =
        "display_phone_number,verified_name,quality_rating,messaging_limit_tier,code_verification_status,status,name_status,throughput";
    let told = match api.get(&[number], &[("fields", FIELDS)]).await {
        // Versions differ in what they know; the number itself is what matters.
        Err(CallError::Told(told)) if told.code == Some(100) && told.subcode != 33 => api.get(&[number], &[]).await,
        other => other,
    };
    let told = told.map_err(errors::trouble)?;
    let phone = text(&told, "display_phone_number");
    let name = match (text(&told, "verified_name"), phone) {
        ("", "") => number.to_owned(),
        ("", phone) => phone.to_owned(),
        (name, "") => name.to_owned(),
        (name, phone) => format!("{name} ({phone})"),
    };
    let id = written(&told, "id");
    if id.is_empty() && phone.is_empty() {
        return Err(ReceiveError::NeedsAttention(format!(
            "Meta knows {number}, but it is no telephone number: look for the phone number id"
        )));
    }
    let mut advice = Vec::new();
    advice.extend(quality(&told));
    if !business.is_empty() && !subscribed(api, business).await {
        advice.push(
            "No app is subscribed to the business account, so nothing comes in: in Meta's console open WhatsApp, Configuration, and subscribe the webhook to messages.".to_owned(),
        );
    }
    Ok(Account {
        key: number.to_owned(),
        name,
        advice: advice.join(" "),
        expires_at: expiry(api).await,
        reach: reach(&told),
        portfolio: business.to_owned(),
    })
}

/// What is wrong with the number in customers' or Meta's eyes.
fn quality(told: &Value) -> Option<String> {
    match (text(told, "quality_rating"), text(told, "status")) {
        ("RED", _) => Some("Customers block or report this number often (quality rating red): Meta may limit it. Send less, and only to those who want it.".to_owned()),
        (_, status @ ("BANNED" | "RESTRICTED" | "FLAGGED" | "RATE_LIMITED" | "DISCONNECTED" | "UNVERIFIED" | "OFFLINE")) => {
            Some(format!("Meta calls this number {}: look into the WhatsApp Manager.", status.to_lowercase().replace('_', " ")))
        }
        _ => None,
    }
}

/// How many people may be written to first in a day.
fn reach(told: &Value) -> Option<u64> {
    let tier = text(told, "messaging_limit_tier").strip_prefix("TIER_")?;
    match tier.strip_suffix('K') {
        Some(thousands) => thousands.parse::<u64>().ok().map(|thousands| thousands * 1_000),
        None => tier.parse().ok(),
    }
}

/// Whether some app hears of the business account. When that cannot be known there is nothing to advise.
async fn subscribed(api: &Api, business: &str) -> bool {
    match api.get(&[business, "subscribed_apps"], &[]).await {
        Ok(told) => !told["data"].is_array() || !list(&told, "data").is_empty(),
        Err(_) => true,
    }
}

/// When the token ends; `None` when never or when it is not told.
async fn expiry(api: &Api) -> Option<Timestamp> {
    let told = api.about_token().await.ok()?;
    let secs = int(&told["data"], "expires_at");
    (secs > 0).then(|| Timestamp::from_secs(secs))
}
