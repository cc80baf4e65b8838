//! Templates: what a message made of one must give, and how it reads then.

use serde_json::Value;

use super::http::ApiError;
use crate::simulator::ledger::Parcel;

/// A template with its values.
#[derive(Debug, Default)]
pub(super) struct Filled {
    /// As the customer reads it.
    pub(super) text: String,
    pub(super) marketing: bool,
    pub(super) file: Option<Parcel>,
}

/// A value given for a place.
struct Given<'a> {
    /// For places with names.
    name: Option<&'a str>,
    text: String,
}

/// Finds the template a message asks for and fills it in, or says what is wrong; `file` looks an upload up.
pub(super) fn fill(templates: &[Value], asked: &Value, file: &dyn Fn(&str) -> Option<Parcel>) -> Result<Filled, ApiError> {
    let name = asked["name"].as_str().ok_or_else(|| ApiError::missing("template['name'] is required"))?;
    let language = asked["language"]["code"].as_str().ok_or_else(|| ApiError::missing("template['language']['code'] is required"))?;
    let absent = || ApiError::coded(132_001, &format!("template name ({name}) does not exist in {language}"));
    let template = templates.iter().find(|template| template["name"] == name && template["language"] == language).ok_or_else(absent)?;
    match template["status"].as_str().unwrap_or_default() {
        "APPROVED" => {}
        "PAUSED" => return Err(ApiError::coded(132_015, "Template is paused due to low quality so it cannot be sent.")),
        "DISABLED" => return Err(ApiError::coded(132_016, "Template has been paused too many times and is now permanently disabled.")),
        _ => return Err(absent()),
    }
    let mut filled = Filled { marketing: template["category"] == "MARKETING", ..Filled::default() };
    let given = asked["components"].as_array().map(Vec::as_slice).unwrap_or_default();
    for component in given {
        let kind = component["type"].as_str().unwrap_or_default().to_ascii_lowercase();
        let fits = |own: &Value| own["type"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(&kind));
        let own =
            template["components"].as_array().is_some_and(|own| own.iter().any(fits) || (kind == "button" && own.iter().any(has_buttons)));
        if !own {
            return Err(ApiError::coded(132_000, &format!("{kind}: the template has no such component with parameters")));
        }
    }
    for own in template["components"].as_array().into_iter().flatten() {
        match own["type"].as_str().unwrap_or_default().to_ascii_uppercase().as_str() {
            "HEADER" => header(own, parameters(given, "header"), &mut filled, file)?,
            "BODY" => {
                let text = text(own["text"].as_str().unwrap_or_default(), parameters(given, "body"), "body")?;
                if text.chars().count() > 1_024 {
                    return Err(ApiError::coded(132_005, "The translated text of the body is too long"));
                }
                filled.text.push_str(&text);
            }
            "BUTTONS" => buttons(own, given)?,
            _ => {}
        }
    }
    Ok(filled)
}

fn has_buttons(component: &Value) -> bool {
    component["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("buttons"))
}

fn parameters<'a>(given: &'a [Value], kind: &str) -> &'a [Value] {
    let component = given.iter().find(|component| component["type"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(kind)));
    component.and_then(|component| component["parameters"].as_array()).map(Vec::as_slice).unwrap_or_default()
}

fn header(own: &Value, given: &[Value], filled: &mut Filled, file: &dyn Fn(&str) -> Option<Parcel>) -> Result<(), ApiError> {
    let format = own["format"].as_str().unwrap_or("TEXT").to_ascii_uppercase();
    if format == "TEXT" {
        let text = text(own["text"].as_str().unwrap_or_default(), given, "header")?;
        filled.text = format!("{text}\n");
        return Ok(());
    }
    let received = given.first().and_then(|parameter| parameter["type"].as_str()).unwrap_or("unknown").to_ascii_uppercase();
    if received != format || given.len() != 1 {
        return Err(ApiError::coded(132_012, &format!("header: Format mismatch, expected {format}, received {received}")));
    }
    let kind = format.to_ascii_lowercase();
    let content = &given[0][kind.as_str()];
    if kind == "location" {
        let whole = !content["latitude"].is_null() && !content["longitude"].is_null();
        return if whole { Ok(()) } else { Err(ApiError::missing("header: location needs latitude and longitude")) };
    }
    match (content["id"].as_str(), content["link"].as_str()) {
        (Some(id), _) => {
            let parcel = file(id).ok_or_else(|| {
                ApiError::parameter(&format!("(#100) Param {kind}['id'] is not a valid whatsapp business account media attachment ID"))
            })?;
            filled.file = Some(parcel);
            Ok(())
        }
        (None, Some(_)) => Ok(()),
        (None, None) => Err(ApiError::missing(&format!("header: {kind} needs an id or a link"))),
    }
}

/// The text with its places filled in. As many values as places, all of them words in one line.
fn text(pattern: &str, given: &[Value], part: &str) -> Result<String, ApiError> {
    let mut places: Vec<&str> = Vec::new();
    for place in pattern.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name.trim()) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let mut values = Vec::new();
    for parameter in given {
        let kind = parameter["type"].as_str().unwrap_or("text");
        let value = match kind {
            "text" => parameter["text"].as_str(),
            "currency" | "date_time" => parameter[kind]["fallback_value"].as_str(),
            _ => {
                return Err(ApiError::coded(
                    132_012,
                    &format!("{part}: Format mismatch, expected TEXT, received {}", kind.to_ascii_uppercase()),
                ));
            }
        };
        let value = value.ok_or_else(|| ApiError::missing(&format!("{part}: a parameter of type {kind} has no value")))?;
        if value.trim().is_empty() {
            return Err(ApiError::missing(&format!("{part}: a parameter of type {kind} is empty")));
        }
        if value.contains(['\n', '\r', '\t']) || value.contains("     ") {
            return Err(ApiError::coded(132_018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"));
        }
        values.push(Given { name: parameter["parameter_name"].as_str(), text: value.to_owned() });
    }
    if values.len() != places.len() {
        let details = format!(
            "{part}: number of localizable_params ({}) does not match the expected number of params ({})",
            values.len(),
            places.len()
        );
        return Err(ApiError::coded(132_000, &details));
    }
    let named = places.iter().any(|place| place.parse::<u32>().is_err());
    let mut filled = pattern.to_owned();
    for place in &places {
        let value = if named {
            values.iter().find(|value| value.name == Some(place))
        } else {
            place.parse::<usize>().ok().and_then(|number| values.get(number.checked_sub(1)?))
        };
        let value = value.ok_or_else(|| {
            ApiError::parameter(&format!("(#100) Invalid parameter: {part}: Parameter name is missing or empty: {place}"))
        })?;
        // Values are not looked into for places of their own: a mark stands in until all are set.
        let mark = value.text.replace("{{", "{\u{0}{");
        filled = filled.replace(&format!("{{{{{place}}}}}"), &mark);
    }
    Ok(filled.replace('\u{0}', ""))
}

/// Buttons with an open address or a code need a value, each.
fn buttons(own: &Value, given: &[Value]) -> Result<(), ApiError> {
    for (place, button) in own["buttons"].as_array().into_iter().flatten().enumerate() {
        let kind = button["type"].as_str().unwrap_or_default().to_ascii_uppercase();
        let needs = match kind.as_str() {
            "URL" => button["url"].as_str().is_some_and(|url| url.contains("{{")),
            "COPY_CODE" => true,
            _ => false,
        };
        let index =
            |component: &&Value| component["index"].as_u64().or_else(|| component["index"].as_str()?.parse().ok()) == Some(place as u64);
        let component =
            given.iter().filter(|component| component["type"].as_str().is_some_and(|own| own.eq_ignore_ascii_case("button"))).find(index);
        let Some(component) = component else {
            if needs {
                return Err(ApiError::missing(&format!("buttons: Button at index {place} of type {kind} requires a parameter")));
            }
            continue;
        };
        let sub = component["sub_type"].as_str().unwrap_or_default();
        if !sub.eq_ignore_ascii_case(&kind) {
            return Err(ApiError::coded(132_012, &format!("buttons: Button at index {place} is of type {kind}, not {sub}")));
        }
        let wanted = if kind == "COPY_CODE" { "coupon_code" } else { "text" };
        let value = &component["parameters"][0];
        if needs && (value["type"] != wanted || value[wanted].as_str().is_none_or(str::is_empty)) {
            return Err(ApiError::missing(&format!(
                "buttons: Button at index {place} of type {kind} requires a parameter of type {wanted}"
            )));
        }
    }
    Ok(())
}
