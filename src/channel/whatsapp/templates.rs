//! Templates: as Meta lists them, into ours; and a filled one, into the message Meta wants.

use serde_json::{Value, json};

use super::api::{Api, CallError, broken};
use crate::channel::json::{list, text, written};
use crate::domain::attachment::FileKind;
use crate::domain::template::{Button, Category, Filled, Fills, Header, Slot, SlotPart, Status, Template};
use crate::domain::time::Timestamp;

/// Templates asked for at once.
const PAGE: &str = "100";
/// Pages after which the list counts as endless: an account has at most a few thousand wordings.
const PAGES: usize = 100;

/// Buttons that need nothing or only words from us.
const SIMPLE: [&str; 7] = ["QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "OTP", "CATALOG", "VOICE_CALL"];

/// All templates of a business account.
pub(super) async fn pull(api: &Api, account: &str, now: Timestamp) -> Result<Vec<Template>, CallError> {
    const FIELDS: &str = "name,language,status,category,components,rejected_reason,parameter_format,id";
    let (mut found, mut after) = (Vec::new(), String::new());
    for _ in 0..PAGES {
        let mut query = vec![("fields", FIELDS), ("limit", PAGE)];
        if !after.is_empty() {
            query.push(("after", after.as_str()));
        }
        let page = api.get(&[account, "message_templates"], &query).await?;
        // No list is not an empty one, which would take all templates away.
        let data = page["data"].as_array().ok_or_else(|| broken("the answer holds no list of templates".to_owned()))?;
        found.extend(data.iter().filter_map(|told| template(told, now)));
        let paging = &page["paging"];
        let next = written(&paging["cursors"], "after");
        // The last page has cursors too, but no address of a next one.
        if !paging["next"].is_string() || next.is_empty() || next == after {
            break;
        }
        after = next;
    }
    Ok(found)
}

/// One wording in one language; `None` when it has neither name nor language to send it by.
fn template(told: &Value, now: Timestamp) -> Option<Template> {
    let (name, language) = (written(told, "name"), language(told));
    if name.is_empty() || language.is_empty() {
        return None;
    }
    let mut template = Template { name, language, seen_at: now, category: category(text(told, "category")), ..Template::default() };
    (template.status, template.reason) = status(told);
    for component in list(told, "components") {
        match text(component, "type").to_ascii_uppercase().as_str() {
            "HEADER" => template.header = header(component),
            "BODY" => template.body = written(component, "text"),
            "FOOTER" => template.footer = written(component, "text"),
            "BUTTONS" => {
                let buttons = list(component, "buttons");
                template.buttons = buttons.iter().map(button).collect();
                let kinds = buttons.iter().map(|told| text(told, "type").to_ascii_uppercase());
                // What opens a form or shows products wants to be told which.
                if let Some(kind) = kinds.into_iter().find(|kind| !SIMPLE.contains(&kind.as_str())) {
                    unfillable(&mut template, &kind);
                }
            }
            // A carousel, an offer with an end, a list of products: nothing we could fill in.
            other => unfillable(&mut template, other),
        }
    }
    // The words of one-time codes are Meta's own and are not listed.
    if template.body.is_empty() && template.category == Category::Authentication {
        template.body = String::from("{{1}} is your verification code.");
    }
    Some(template)
}

/// A template whose parts we cannot fill in is shown, and refused here instead of at Meta.
fn unfillable(template: &mut Template, part: &str) {
    if template.status == Status::Approved {
        template.status = Status::Disabled;
        template.reason = format!("it holds a part of the kind {part}, which frontdesk cannot fill in");
    }
}

fn language(told: &Value) -> String {
    let code = written(told, "language");
    if code.is_empty() { written(&told["language"], "code") } else { code }
}

fn category(name: &str) -> Category {
    match name.to_ascii_uppercase().as_str() {
        "AUTHENTICATION" | "OTP" => Category::Authentication,
        "UTILITY" | "TRANSACTIONAL" => Category::Utility,
        // What is not known counts as advertising: sent to nobody who wants none.
        _ => Category::Marketing,
    }
}

fn status(told: &Value) -> (Status, String) {
    let reason = match text(told, "rejected_reason") {
        "NONE" => "",
        told => told,
    };
    match text(told, "status").to_ascii_uppercase().as_str() {
        "APPROVED" => (Status::Approved, String::new()),
        "PENDING" | "IN_APPEAL" | "PENDING_REVIEW" => (Status::Pending, "Meta has not decided yet".to_owned()),
        "REJECTED" => (Status::Rejected, if reason.is_empty() { "Meta tells no reason".to_owned() } else { reason.to_owned() }),
        "PAUSED" => (Status::Paused, "customers disliked it; Meta lets it rest for some hours".to_owned()),
        other => (Status::Disabled, format!("Meta calls it {}", other.to_lowercase().replace('_', " "))),
    }
}

fn header(component: &Value) -> Header {
    match text(component, "format").to_ascii_uppercase().as_str() {
        "" | "TEXT" if text(component, "text").is_empty() => Header::None,
        "" | "TEXT" => Header::Text(text(component, "text").to_owned()),
        "IMAGE" => Header::File(FileKind::Photo),
        "VIDEO" | "GIF" => Header::File(FileKind::Video),
        "DOCUMENT" => Header::File(FileKind::Document),
        "LOCATION" => Header::Location,
        _ => Header::None,
    }
}

fn button(told: &Value) -> Button {
    let fills = match text(told, "type").to_ascii_uppercase().as_str() {
        "URL" if text(told, "url").contains("{{") => Some(Fills::Url),
        "COPY_CODE" => Some(Fills::Code),
        // The code of a one-time password goes where others have the end of an address.
        "OTP" => Some(Fills::Url),
        _ => None,
    };
    let words = text(told, "text");
    Button { text: if words.is_empty() { "Copy code".to_owned() } else { words.to_owned() }, fills }
}

/// A filled template as Meta takes it; `media` stands for the uploaded file over its body, `place` for the place there.
pub(super) fn filled(filled: &Filled, media: Option<Value>, place: Option<Value>) -> Value {
    let mut components = Vec::new();
    let header = match (&filled.media, media, place) {
        (Some(file), Some(media), _) => {
            let kind = match file.kind {
                FileKind::Photo | FileKind::Sticker => "image",
                FileKind::Video | FileKind::VideoNote | FileKind::Animation => "video",
                FileKind::Audio | FileKind::Voice | FileKind::Document => "document",
            };
            vec![json!({ "type": kind, kind: media })]
        }
        (_, _, Some(place)) => vec![json!({ "type": "location", "location": place })],
        _ => parameters(filled, SlotPart::Header),
    };
    if !header.is_empty() {
        components.push(json!({ "type": "header", "parameters": header }));
    }
    let body = parameters(filled, SlotPart::Body);
    if !body.is_empty() {
        components.push(json!({ "type": "body", "parameters": body }));
    }
    for (slot, value) in &filled.values {
        let SlotPart::Button(place) = slot.part else { continue };
        let (kind, parameter) = if slot.name == Slot::CODE {
            ("copy_code", json!({ "type": "coupon_code", "coupon_code": value }))
        } else {
            ("url", json!({ "type": "text", "text": value }))
        };
        components.push(json!({ "type": "button", "sub_type": kind, "index": place.to_string(), "parameters": [parameter] }));
    }
    let mut template = json!({ "name": filled.name, "language": { "code": filled.language } });
    if !components.is_empty() {
        template["components"] = components.into();
    }
    template
}

/// The values of one component: by number in their order, by name with their names.
fn parameters(filled: &Filled, part: SlotPart) -> Vec<Value> {
    let of_part = filled.values.iter().filter(|(slot, _)| slot.part == part);
    of_part
        .map(|(slot, value)| {
            let mut parameter = json!({ "type": "text", "text": value });
            if slot.name.parse::<u32>().is_err() {
                parameter["parameter_name"] = slot.name.as_str().into();
            }
            parameter
        })
        .collect()
}
