//! What can be asked about numbers, accounts, templates and tokens.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Number;
use super::http::ApiError;
use super::world::State;
use crate::domain::time::Timestamp;

/// How many templates a page of the listing has unless asked otherwise.
const PAGE: usize = 25;

impl State {
    pub(super) fn number_node(&self, id: &str, fields: Option<&str>) -> Result<Value, ApiError> {
        let number = self.numbers.get(id).ok_or_else(|| ApiError::no_object(id))?;
        choose(
            &number_fields(number),
            fields,
            "verified_name,display_phone_number,quality_rating,platform_type,throughput",
            "WhatsAppBusinessPhoneNumber",
        )
    }

    pub(super) fn business_node(&self, id: &str, fields: Option<&str>) -> Result<Value, ApiError> {
        let number = self.numbers.values().find(|number| number.business == id).ok_or_else(|| ApiError::no_object(id))?;
        let all = json!({
            "id": id, "name": number.name, "timezone_id": "1", "message_template_namespace": "0f3c2d4e_simulated",
            "currency": "EUR", "owner_business_info": {"name": number.name, "id": number.portfolio},
            "whatsapp_business_manager_messaging_limit": number.tier,
        });
        choose(&all, fields, "name,timezone_id,message_template_namespace", "WhatsAppBusinessAccount")
    }

    pub(super) fn list_numbers(&self, business: &str) -> Value {
        let of_it = self.numbers.values().filter(|number| number.business == business);
        let data: Vec<Value> = of_it
            .map(|number| {
                json!({"verified_name": number.name, "display_phone_number": display(number), "quality_rating": "GREEN", "id": number.id})
            })
            .collect();
        json!({"data": data, "paging": {"cursors": {"before": "QVFI", "after": "QVFI"}}})
    }

    /// A page of templates, with the cursor of the next.
    pub(super) fn list_templates(&self, business: &str, query: &BTreeMap<String, String>) -> Result<Value, ApiError> {
        let wanted = |field: &str| query.get(field).map(String::as_str);
        let all = self.templates.get(business).map(Vec::as_slice).unwrap_or_default();
        let fits = |template: &&Value| {
            ["name", "language", "status", "category"].into_iter().all(|field| wanted(field).is_none_or(|value| template[field] == value))
        };
        let found: Vec<&Value> = all.iter().filter(fits).collect();
        let limit = match wanted("limit").map(str::parse::<usize>) {
            None => PAGE,
            Some(Ok(limit)) if limit > 0 => limit.min(1_000),
            Some(_) => return Err(ApiError::parameter("(#100) Param limit must be a positive number")),
        };
        let start = match wanted("after") {
            None => 0,
            Some(cursor) => cursor
                .strip_prefix("MjQ")
                .and_then(|place| place.strip_suffix("ZD"))
                .and_then(|place| place.parse().ok())
                .ok_or_else(|| ApiError::parameter("(#100) Invalid cursor"))?,
        };
        let page: Vec<&&Value> = found.iter().skip(start).take(limit).collect();
        let end = start + page.len();
        let fields = wanted("fields");
        let data = page.iter().map(|template| choose_some(template, fields)).collect::<Value>();
        let mut answer = json!({"data": data});
        if !page.is_empty() {
            let cursor = |place: usize| format!("MjQ{place}ZD");
            answer["paging"] = json!({"cursors": {"before": cursor(start), "after": cursor(end)}});
            if end < found.len() {
                let base = &self.base;
                answer["paging"]["next"] = format!("{base}/v23.0/{business}/message_templates?limit={limit}&after={}", cursor(end)).into();
            }
        }
        Ok(answer)
    }

    pub(super) fn debug_token(&self, input: Option<&str>, now: Timestamp) -> Result<Value, ApiError> {
        let input = input.ok_or_else(|| ApiError::parameter("(#100) You must provide an input token"))?;
        let Some(number) = self.numbers.values().find(|number| number.token.reveal() == input) else {
            let error = json!({"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"});
            return Ok(json!({"data": {"error": error, "is_valid": false, "scopes": []}}));
        };
        let valid = number.token_ends == 0 || number.token_ends > now.secs();
        Ok(json!({"data": {
            "app_id": "1200000000000001", "type": "SYSTEM_USER", "application": "Desk", "data_access_expires_at": 0,
            "expires_at": number.token_ends, "is_valid": valid, "user_id": "1220000000000001",
            "scopes": ["whatsapp_business_management", "whatsapp_business_messaging"],
            "granular_scopes": [
                {"scope": "whatsapp_business_management", "target_ids": [number.business]},
                {"scope": "whatsapp_business_messaging", "target_ids": [number.business]},
            ],
        }}))
    }
}

fn number_fields(number: &Number) -> Value {
    json!({
        "id": number.id, "verified_name": number.name, "display_phone_number": display(number), "quality_rating": "GREEN",
        "code_verification_status": "VERIFIED", "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"}, "status": "CONNECTED",
        "name_status": "APPROVED", "is_official_business_account": false, "account_mode": "LIVE", "health_status": {"can_send_message": "AVAILABLE"},
        "messaging_limit_tier": number.tier, "whatsapp_business_manager_messaging_limit": number.tier,
        "webhook_configuration": {"application": number.callback},
    })
}

/// The number as people write it.
fn display(number: &Number) -> String {
    format!("+{}", number.phone)
}

/// The fields that were asked for and the id; an unknown one is refused.
fn choose(all: &Value, fields: Option<&str>, usual: &str, node: &str) -> Result<Value, ApiError> {
    let mut chosen = Map::new();
    for field in fields.unwrap_or(usual).split(',').map(str::trim).filter(|field| !field.is_empty()) {
        // `owner_business_info{id,name}` asks for parts of a field; here all of it is given.
        let name = field.split(['{', '.']).next().unwrap_or_default();
        if name.ends_with('}') {
            continue;
        }
        match &all[name] {
            Value::Null => {
                return Err(ApiError::parameter(&format!("(#100) Tried accessing nonexisting field ({name}) on node type ({node})")));
            }
            value => chosen.insert(name.to_owned(), value.clone()),
        };
    }
    chosen.insert("id".to_owned(), all["id"].clone());
    Ok(Value::Object(chosen))
}

/// A template with the fields that were asked for, those it has.
fn choose_some(template: &Value, fields: Option<&str>) -> Value {
    let Some(fields) = fields else { return template.clone() };
    let mut chosen = Map::new();
    for name in fields.split(',').map(str::trim).chain(["id"]) {
        if !template[name].is_null() {
            chosen.insert(name.to_owned(), template[name].clone());
        }
    }
    Value::Object(chosen)
}
