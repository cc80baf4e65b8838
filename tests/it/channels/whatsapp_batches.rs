//! Whatever Meta makes of a stretch of news (one call or many, any order, twice over), the same facts come out; and whatever a stranger
//! makes of a body, reading it ends well.

use std::collections::BTreeMap;

use frontdesk::channel::{self, telegram, ultramsg, whatsapp};
use frontdesk::domain::inbound::Item;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::whatsapp::NUMBER;

/// People as `contacts` names them.
fn contact(person: usize) -> Value {
    match person % 3 {
        0 => {
            json!({ "profile": { "name": format!("P{person}") }, "wa_id": format!("6281200000{person:03}"), "user_id": format!("ID.{person}") })
        }
        1 => json!({ "profile": { "name": format!("P{person}") }, "wa_id": format!("55118765{person:04}") }),
        _ => json!({ "profile": { "name": format!("P{person}"), "username": format!("p{person}") }, "user_id": format!("ID.{person}") }),
    }
}

/// The `n`th piece of news, of somebody among `people`.
fn news(n: usize, people: usize) -> (&'static str, usize, Value) {
    let person = n % people;
    let who = contact(person);
    let mut event = json!({ "id": format!("wamid.{n}"), "timestamp": (1_739_321_024 + n).to_string() });
    let status = n % 4 == 3;
    if status {
        event["status"] = ["sent", "delivered", "read"][n % 3].into();
        event["recipient_id"] = who["wa_id"].clone();
        return ("statuses", person, event);
    }
    if let Some(phone) = who.get("wa_id") {
        event["from"] = phone.clone();
    }
    if let Some(id) = who.get("user_id") {
        event["from_user_id"] = id.clone();
    }
    let (kind, content) = match n % 3 {
        0 => ("text", json!({ "body": format!("said {n}") })),
        1 => ("reaction", json!({ "message_id": format!("wamid.{}", n / 2), "emoji": "👍" })),
        _ => ("image", json!({ "id": n.to_string(), "mime_type": "image/jpeg" })),
    };
    event["type"] = kind.into();
    event[kind] = content;
    ("messages", person, event)
}

/// The bodies that carry this news: `cuts` says after how many pieces another change, entry or call begins.
fn bodies(order: &[usize], people: usize, cuts: &[u8]) -> Vec<String> {
    let mut bodies = vec![vec![vec![Vec::new()]]];
    for (place, n) in order.iter().enumerate() {
        let cut = cuts.get(place).copied().unwrap_or_default();
        if cut % 7 == 1 {
            bodies.push(vec![vec![Vec::new()]]);
        }
        let body: &mut Vec<Vec<Vec<usize>>> = bodies.last_mut().unwrap();
        if cut % 7 == 2 {
            body.push(vec![Vec::new()]);
        }
        let entry = body.last_mut().unwrap();
        if cut % 7 == 3 {
            entry.push(Vec::new());
        }
        entry.last_mut().unwrap().push(*n);
    }
    let change = |pieces: &Vec<usize>| {
        let mut value = json!({ "metadata": { "phone_number_id": NUMBER }, "contacts": [] });
        for piece in pieces {
            let (list, person, event) = news(*piece, people);
            if value[list].is_null() {
                value[list] = json!([]);
            }
            value[list].as_array_mut().unwrap().push(event);
            let named = value["contacts"].as_array_mut().unwrap();
            if list == "messages" && !named.contains(&contact(person)) {
                named.push(contact(person));
            }
        }
        json!({ "field": "messages", "value": value })
    };
    let entry = |changes: &Vec<Vec<usize>>| json!({ "id": "1", "changes": changes.iter().map(change).collect::<Vec<_>>() });
    let whole = |entries: &Vec<Vec<Vec<usize>>>| {
        json!({ "object": "whatsapp_business_account", "entry": entries.iter().map(entry).collect::<Vec<_>>() }).to_string()
    };
    bodies.iter().map(whole).collect()
}

fn facts(bodies: &[String]) -> BTreeMap<String, Item> {
    let mut facts = BTreeMap::new();
    // A change with nothing in it is an item without facts.
    let items = bodies.iter().flat_map(|body| (whatsapp::WEBHOOK.read)(body));
    for item in items.filter(|item| item.events.as_ref().is_ok_and(|facts| !facts.is_empty())) {
        let key = format!("{}{:?}", item.key, item.events);
        facts.insert(key, item);
    }
    facts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn news_are_the_same_however_they_are_batched(
        (order, people, cuts) in (1..40_usize, 1..6_usize).prop_flat_map(|(count, people)| {
            let once = Just((0..count).collect::<Vec<_>>()).prop_shuffle();
            let again = proptest::collection::vec(0..count, 0..count);
            (once, again, Just(people), proptest::collection::vec(any::<u8>(), count * 2))
                .prop_map(|(once, again, people, cuts)| ([once, again].concat(), people, cuts))
        })
    ) {
        let mut sorted = order.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let alone: Vec<String> = sorted.iter().flat_map(|n| bodies(&[*n], people, &[])).collect();
        let want = facts(&alone);
        let got = facts(&bodies(&order, people, &cuts));
        prop_assert_eq!(got.len(), sorted.len());
        prop_assert_eq!(got.keys().collect::<Vec<_>>(), want.keys().collect::<Vec<_>>());
    }

    #[test]
    fn a_body_with_anything_in_it_is_read_to_the_end(body in "\\PC{0,200}|[\\[\\]{}\",:0-9a-z]{0,80}") {
        read_all(&body);
    }

    #[test]
    fn a_body_with_something_odd_in_any_place_is_read_to_the_end(n in 0..40_usize, depth in 0..12_usize, pick in any::<u32>(), odd in odd()) {
        let mut value: Value = serde_json::from_str(&bodies(&[n], 3, &[])[0]).unwrap();
        replace(&mut value, depth, pick, odd.clone());
        read_all(&value.to_string());
        let mut event = json!({ "event_type": "message_received", "instanceId": "1150", "referenceId": "", "data": {
            "id": "false_1@c.us_A", "from": "1@c.us", "to": "2@c.us", "type": "chat", "body": "x", "fromMe": false, "time": 5, "quotedMsg": {} } });
        replace(&mut event, depth, pick, odd);
        read_all(&event.to_string());
    }
}

fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        "\\PC{0,12}|[@.+:0-9a-z]{0,12}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[[{ "id": [] }]]])),
    ]
}

/// Puts `odd` somewhere inside.
fn replace(value: &mut Value, depth: usize, pick: u32, odd: Value) {
    let inner = match value {
        Value::Object(fields) if depth > 0 && !fields.is_empty() => {
            let place = pick as usize % fields.len();
            fields.values_mut().nth(place)
        }
        Value::Array(list) if depth > 0 && !list.is_empty() => {
            let place = pick as usize % list.len();
            list.get_mut(place)
        }
        _ => None,
    };
    match inner {
        Some(inner) => replace(inner, depth - 1, pick.rotate_right(3), odd),
        None => *value = odd,
    }
}

fn read_all(body: &str) {
    let read: [fn(&str) -> Vec<Item>; 2] = [whatsapp::WEBHOOK.read, ultramsg::WEBHOOK.read];
    let map: [fn(&str, &str) -> Item; 3] = [whatsapp::map, ultramsg::map, telegram::map];
    for read in read {
        for item in read(body) {
            assert!(!item.key.is_empty());
        }
    }
    for map in map {
        assert_eq!(map("k", body).body, body);
    }
    for row in channel::REGISTRY {
        assert!(
            row.provider.fields.iter().all(|field| !field.secret || field.default.is_none_or(str::is_empty)),
            "no secret has a default"
        );
    }
}

#[test]
fn a_large_call_is_read_in_time_that_grows_with_it_and_not_with_its_square() {
    let people = 4_000;
    let contacts: Value = (0..people).map(contact).collect();
    let said = |n: usize| news(n * 4, people * 4).2;
    let now: Value = (0..people).map(said).collect();
    let thread = json!({ "id": "6281200000001", "context": {}, "messages": (0..people).map(said).collect::<Value>() });
    let change = json!({ "field": "history", "value": {
        "metadata": { "phone_number_id": NUMBER }, "contacts": contacts, "messages": now, "history": [{ "threads": [thread] }] } });
    let body = json!({ "object": "whatsapp_business_account", "entry": [{ "changes": [change] }] }).to_string();
    let began = tokio::time::Instant::now();
    assert_eq!((whatsapp::WEBHOOK.read)(&body).len(), 2 * people);
    // By the square it takes minutes.
    assert!(began.elapsed() < std::time::Duration::from_secs(15), "{:?}", began.elapsed());
}
