//! What a business can send, fetch and ask, and what it is refused.

use bytes::Bytes;
use frontdesk::domain::attachment::FileKind;
use frontdesk::domain::time::Span;
use frontdesk::simulator::graph::{Content, Limits, Person, Refusal};
use frontdesk::simulator::{Act, Fault, FaultRule, Sample, When};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::{Receiver, Stage, message};

#[tokio::test]
async fn a_missing_token_is_104_a_wrong_one_190_and_another_number_s_reaches_nothing() {
    let stage = Stage::new().await;
    let url = stage.url(&format!("{}/messages", stage.number));
    let ask = async |token: Option<String>| {
        let request = stage.http.post(&url).json(&message("text", json!({"body": "x"})));
        let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["error"]["code"].clone())
    };
    assert_eq!(ask(None).await, (401, json!(104)));
    assert_eq!(ask(Some("EAAnonsense".to_owned())).await, (401, json!(190)));
    let other = stage.graph.add_number("Elsewhere");
    assert_eq!(ask(Some(stage.graph.number(&other).unwrap().token.reveal().to_owned())).await, (400, json!(100)));
    stage.graph.change_number(&stage.number, |number| number.token_ends = super::NOW.secs() - 1);
    assert_eq!(ask(Some(stage.token())).await, (401, json!(190)), "an expired one is no better");
}

#[tokio::test]
async fn a_text_within_the_window_arrives_and_200_means_accepted() {
    let stage = Stage::new().await;
    stage.graph.say(&stage.number, stage.who, "hi");
    let (status, answer) = stage.post(message("text", json!({"body": "hello", "preview_url": false}))).await;
    assert_eq!(status, 200);
    assert_eq!(answer["messaging_product"], "whatsapp");
    assert_eq!(answer["contacts"], json!([{"input": "628123456789", "wa_id": "628123456789"}]));
    assert!(answer["messages"][0]["id"].as_str().unwrap().starts_with("wamid."));
    assert_eq!(stage.delivered(), ["hello"]);
}

#[tokio::test]
async fn a_wrong_shape_is_refused_with_100_131008_131009_or_131051_and_nothing_arrives() {
    let stage = Stage::new().await;
    stage.graph.say(&stage.number, stage.who, "hi");
    let without = |field: &str| {
        let mut body = message("text", json!({"body": "x"}));
        body.as_object_mut().unwrap().remove(field);
        body
    };
    let with = |field: &str, value: Value| {
        let mut body = message("text", json!({"body": "x"}));
        body[field] = value;
        body
    };
    for (body, code) in [
        (without("messaging_product"), 100),
        (with("messaging_product", json!("sms")), 100),
        (without("to"), 100),
        (without("text"), 131_008),
        (with("to", json!("not a number")), 131_009),
        (with("recipient_type", json!("crowd")), 100),
        (with("context", json!({})), 131_008),
        (with("context", json!({"message_id": "17"})), 131_009),
        (message("text", json!({})), 131_008),
        (message("text", json!({"body": ""})), 100),
        (message("text", json!({"body": "x", "parse_mode": "html"})), 100),
        (message("text", json!({"body": "ж".repeat(4_097)})), 100),
        (message("image", json!({})), 131_008),
        (message("image", json!({"id": "12"})), 100),
        (message("image", json!({"link": "ftp://x"})), 100),
        (message("image", json!({"link": "https://example.com/x.jpg", "caption": "x".repeat(1_025)})), 100),
        (message("location", json!({"latitude": 91, "longitude": 0})), 100),
        (message("reaction", json!({"message_id": "wamid.x"})), 131_008),
        (message("hologram", json!({})), 131_051),
    ] {
        assert_eq!(stage.refused(body.clone()).await, code, "{body}");
    }
    assert!(stage.delivered().is_empty());
    let refused = stage.graph.ledger(|ledger| ledger.requests.iter().filter(|request| request.refused.is_some()).count());
    assert_eq!(refused, 19, "refused requests are in the ledger too");
    stage.text(&"ж".repeat(4_096)).await;
}

#[tokio::test]
async fn after_24_hours_or_before_the_first_message_only_a_template_arrives_and_131047_comes_as_a_status_or_at_once() {
    let stage = Stage::new().await;
    let receiver = Receiver::of(&stage).await;
    stage.text("too early").await;
    stage.graph.say(&stage.number, stage.who, "hi");
    stage.graph.advance(Span::secs(24 * 3_600 - 1));
    stage.text("in time").await;
    stage.graph.advance(Span::secs(1));
    stage.text("too late").await;
    stage.graph.all_taken().await;
    assert_eq!(stage.delivered(), ["in time"]);
    let failed: Vec<Value> = receiver.items("statuses").into_iter().filter(|status| status["status"] == "failed").collect();
    assert_eq!(failed.iter().map(|status| status["errors"][0]["code"].clone()).collect::<Vec<_>>(), [131_047, 131_047]);
    assert!(failed[0]["errors"][0]["error_data"]["details"].as_str().unwrap().contains("24 hours"));
    stage.graph.rules(|rules| rules.refusal = Refusal::AtOnce);
    assert_eq!(stage.refused(message("text", json!({"body": "x"}))).await, 131_047);
    stage
        .graph
        .add_template(&stage.business(), json!({"name": "hello", "language": "en", "components": [{"type": "BODY", "text": "Hello"}]}));
    stage.send("template", json!({"name": "hello", "language": {"code": "en"}})).await;
    assert_eq!(stage.refused(message("text", json!({"body": "x"}))).await, 131_047, "a template opens nothing");
}

#[tokio::test]
async fn a_number_without_whatsapp_is_131026_and_the_id_of_the_answer_may_differ_from_the_number_asked() {
    let stage = Stage::new().await;
    let receiver = Receiver::of(&stage).await;
    let mut body = message("text", json!({"body": "x"}));
    body["to"] = "4915112345678".into();
    assert_eq!(stage.post(body.clone()).await.0, 200);
    stage.graph.all_taken().await;
    assert_eq!(receiver.items("statuses")[0]["errors"][0]["code"], 131_026);
    stage.graph.rules(|rules| rules.refusal = Refusal::AtOnce);
    assert_eq!(stage.refused(body).await, 131_026);
    let mexican = stage.graph.add_person(super::person("Xochitl", "5215512345678"));
    stage.graph.say(&stage.number, mexican, "hola");
    let mut body = message("text", json!({"body": "hola"}));
    body["to"] = "+52 55 1234 5678".into();
    let (_, answer) = stage.post(body).await;
    assert_eq!(answer["contacts"], json!([{"input": "+52 55 1234 5678", "wa_id": "5215512345678"}]));
}

#[tokio::test]
async fn somebody_who_hides_their_number_is_reached_by_their_id_alone() {
    let stage = Stage::new().await;
    let id = "ID.13491208655302741918".to_owned();
    let hidden = Person { user_id: id.clone(), hides_phone: true, ..super::person("Nadia", "628129999999") };
    let who = stage.graph.add_person(hidden);
    stage.graph.say(&stage.number, who, "hi");
    let body = json!({"messaging_product": "whatsapp", "recipient": id, "type": "text", "text": {"body": "hello"}});
    let (_, answer) = stage.post(body).await;
    assert_eq!(answer["contacts"], json!([{"input": id, "user_id": id}]));
    assert_eq!(stage.graph.ledger(|ledger| ledger.delivered(who).count()), 1);
}

#[tokio::test]
async fn more_than_one_message_in_six_seconds_to_one_person_is_131056_and_too_many_in_all_130429() {
    let stage = Stage::new().await;
    stage.graph.rules(|rules| rules.limits = Some(Limits { pair_every: 6.0, pair_burst: 2.0, per_number: 4.0 }));
    stage.graph.say(&stage.number, stage.who, "hi");
    stage.text("one").await;
    stage.text("two").await;
    assert_eq!(stage.refused(message("text", json!({"body": "three"}))).await, 131_056);
    stage.text_to("4915112345678").await;
    assert_eq!(stage.refused(message("text", json!({"body": "five"}))).await, 130_429);
}

impl Stage {
    async fn text_to(&self, to: &str) {
        let mut body = message("text", json!({"body": "x"}));
        body["to"] = to.into();
        assert_eq!(self.post(body).await.0, 200);
    }
}

#[tokio::test]
async fn a_template_needs_as_many_values_as_places_in_one_line_and_to_be_approved() {
    let stage = Stage::new().await;
    let body = stage.business();
    let components = json!([{"type": "BODY", "text": "Hi {{1}}, ticket {{2}}"}, {"type": "BUTTONS", "buttons": [
        {"type": "URL", "text": "See", "url": "https://example.com/{{1}}"}, {"type": "QUICK_REPLY", "text": "Stop"}]}]);
    for (name, status) in [("ticket", "APPROVED"), ("resting", "PAUSED"), ("gone", "DISABLED"), ("new", "PENDING")] {
        stage.graph.add_template(&body, json!({"name": name, "language": "en_US", "status": status, "components": components}));
    }
    let picture = json!([{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Look"}]);
    stage.graph.add_template(&body, json!({"name": "picture", "language": "en_US", "components": picture}));
    let named = json!([{"type": "BODY", "text": "Hi {{first_name}}"}]);
    stage.graph.add_template(&body, json!({"name": "named", "language": "id", "components": named}));

    let values = |values: &[&str]| values.iter().map(|value| json!({"type": "text", "text": value})).collect::<Value>();
    let button = json!({"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "77"}]});
    let asked = |name: &str, given: &[&str], button: Option<&Value>| {
        let mut components = vec![json!({"type": "body", "parameters": values(given)})];
        components.extend(button.cloned());
        message("template", json!({"name": name, "language": {"code": "en_US"}, "components": components}))
    };
    for (body, code) in [
        (asked("ticket", &["Leila"], Some(&button)), 132_000),
        (asked("ticket", &["Leila", "51", "52"], Some(&button)), 132_000),
        (asked("ticket", &["Leila", "51"], None), 131_008),
        (asked("ticket", &["Lei\nla", "51"], Some(&button)), 132_018),
        (asked("ticket", &["Lei     la", "51"], Some(&button)), 132_018),
        (asked("tickets", &["Leila", "51"], Some(&button)), 132_001),
        (asked("new", &["Leila", "51"], Some(&button)), 132_001),
        (asked("resting", &["Leila", "51"], Some(&button)), 132_015),
        (asked("gone", &["Leila", "51"], Some(&button)), 132_016),
        (message("template", json!({"name": "picture", "language": {"code": "en_US"}})), 132_012),
        (message("template", json!({"name": "ticket", "language": {"code": "id"}})), 132_001),
    ] {
        assert_eq!(stage.refused(body.clone()).await, code, "{body}");
    }
    assert_eq!(stage.post(asked("ticket", &["{{2}}", "51"], Some(&button))).await.0, 200);
    assert_eq!(stage.delivered(), ["Hi {{2}}, ticket 51"], "a value is not looked into");
    let parameter = json!([{"type": "body", "parameters": [{"type": "text", "parameter_name": "first_name", "text": "Leila"}]}]);
    stage.send("template", json!({"name": "named", "language": {"code": "id"}, "components": parameter})).await;
    assert_eq!(stage.delivered()[1], "Hi Leila");
}

#[tokio::test]
async fn advertising_fails_with_131049_for_who_has_had_enough_and_131050_for_who_wants_none() {
    let stage = Stage::new().await;
    let receiver = Receiver::of(&stage).await;
    for (name, category) in [("offer", "MARKETING"), ("receipt", "UTILITY")] {
        let body = json!([{"type": "BODY", "text": name}]);
        stage.graph.add_template(&stage.business(), json!({"name": name, "language": "en", "category": category, "components": body}));
    }
    let send = async |name: &str| stage.send("template", json!({"name": name, "language": {"code": "en"}})).await;
    stage.graph.set_capped(stage.who, true);
    send("offer").await;
    send("receipt").await;
    stage.graph.set_opted_out(&stage.number, stage.who, true);
    send("offer").await;
    stage.graph.all_taken().await;
    let codes: Vec<Value> =
        receiver.items("statuses").iter().map(|status| status["errors"][0]["code"].clone()).filter(Value::is_number).collect();
    assert_eq!(codes, [131_049, 131_050]);
    assert_eq!(stage.delivered(), ["receipt"]);
    assert_eq!(receiver.items("user_preferences")[0]["value"], "stop");
}

#[tokio::test]
async fn templates_are_listed_in_pages_with_cursors() {
    let stage = Stage::new().await;
    let business = stage.business();
    for n in 0..7 {
        stage.graph.add_template(&business, json!({"name": format!("t{n}"), "language": "en", "components": []}));
    }
    let mut names = Vec::new();
    let mut path = format!("{business}/message_templates?limit=3&fields=name,status");
    loop {
        let (_, page) = stage.get(&path).await;
        names.extend(page["data"].as_array().unwrap().iter().map(|template| template["name"].as_str().unwrap().to_owned()));
        let Some(next) = page["paging"]["next"].as_str() else { break };
        path = next.split_once("/v23.0/").unwrap().1.to_owned();
    }
    assert_eq!(names, (0..7).map(|n| format!("t{n}")).collect::<Vec<_>>());
    assert_eq!(stage.get(&format!("{business}/message_templates?after=nonsense")).await.1["error"]["code"], 100);
}

#[tokio::test]
async fn a_file_is_uploaded_sent_and_fetched_in_two_steps_by_who_has_the_token_and_a_name_for_five_minutes() {
    let stage = Stage::new().await;
    stage.graph.say(&stage.number, stage.who, "hi");
    let upload = async |mime: &str, bytes: &'static [u8]| {
        let part = Part::bytes(bytes).file_name("court.jpg").mime_str(mime).unwrap();
        let form = Form::new().text("messaging_product", "whatsapp").text("type", mime.to_owned()).part("file", part);
        let url = stage.url(&format!("{}/media", stage.number));
        stage.http.post(url).bearer_auth(stage.token()).multipart(form).send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert_eq!(upload("application/x-msdownload", b"MZ").await["error"]["code"], 100);
    let id = upload("image/jpeg", b"a court").await["id"].as_str().unwrap().to_owned();
    stage.send("image", json!({"id": id, "caption": "court 2"})).await;
    let (text, bytes) = stage.graph.ledger(|ledger| {
        let received = ledger.delivered(stage.who).last().unwrap();
        (received.text.clone(), received.file.clone().unwrap().bytes)
    });
    assert_eq!((text.as_str(), &bytes[..]), ("court 2", &b"a court"[..]));

    let (_, about) = stage.get(&format!("{id}?phone_number_id={}", stage.number)).await;
    assert_eq!((&about["mime_type"], &about["file_size"]), (&json!("image/jpeg"), &json!(7)));
    let url = about["url"].as_str().unwrap();
    let bare = reqwest::Client::builder().no_proxy().build().unwrap();
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    assert_eq!(status(stage.http.get(url)).await, 401, "without a token");
    assert_eq!(status(bare.get(url).bearer_auth(stage.token())).await, 400, "without a user agent");
    let fetched = stage.http.get(url).bearer_auth(stage.token()).send().await.unwrap();
    assert_eq!(&fetched.bytes().await.unwrap()[..], b"a court");
    stage.graph.advance(Span::minutes(5));
    assert_eq!(status(stage.http.get(url).bearer_auth(stage.token())).await, 404, "five minutes later");
    let (_, again) = stage.get(&id).await;
    assert_eq!(status(stage.http.get(again["url"].as_str().unwrap()).bearer_auth(stage.token())).await, 200);
}

#[tokio::test]
async fn a_read_receipt_and_typing_need_an_inbound_message_and_typing_marks_it_read() {
    let stage = Stage::new().await;
    let read = |id: &str| json!({"messaging_product": "whatsapp", "status": "read", "message_id": id});
    assert_eq!(stage.refused(read("wamid.nothing")).await, 131_009);
    let id = stage.graph.say(&stage.number, stage.who, "hi");
    assert_eq!(stage.post(read(&id)).await, (200, json!({"success": true})));
    let mut typing = read(&id);
    typing["typing_indicator"] = json!({"type": "text"});
    assert_eq!(stage.post(typing.clone()).await.0, 200);
    let acts = stage.graph.ledger(|ledger| ledger.received.iter().map(|received| received.act).collect::<Vec<_>>());
    assert_eq!(acts, [Act::Read, Act::Read, Act::Typing]);
    let ours = stage.text("hello").await;
    typing["message_id"] = ours.into();
    assert_eq!(stage.refused(typing).await, 131_009, "not of a message of ours");
}

#[tokio::test]
async fn a_reaction_reaches_the_customer_and_one_to_an_unknown_message_fails_later() {
    let stage = Stage::new().await;
    let receiver = Receiver::of(&stage).await;
    let id = stage.graph.say(&stage.number, stage.who, "hi");
    stage.send("reaction", json!({"message_id": id, "emoji": "👍"})).await;
    stage.send("reaction", json!({"message_id": id, "emoji": ""})).await;
    stage.send("reaction", json!({"message_id": "wamid.unknown", "emoji": "👍"})).await;
    stage.graph.all_taken().await;
    let emoji = stage.graph.ledger(|ledger| ledger.received.iter().map(|received| received.text.clone()).collect::<Vec<_>>());
    assert_eq!(emoji, ["👍", ""]);
    assert_eq!(receiver.items("statuses").last().unwrap()["errors"][0]["code"], 131_009);
}

#[tokio::test]
async fn a_number_a_business_and_a_token_tell_what_is_asked_and_no_more() {
    let stage = Stage::new().await;
    stage.graph.change_number(&stage.number, |number| number.tier = "TIER_2K".to_owned());
    let path = format!("{}?fields=display_phone_number,verified_name,whatsapp_business_manager_messaging_limit", stage.number);
    let (_, number) = stage.get(&path).await;
    assert_eq!(
        (&number["verified_name"], &number["whatsapp_business_manager_messaging_limit"]),
        (&json!("Harbour Courts"), &json!("TIER_2K"))
    );
    assert_eq!(number.as_object().unwrap().len(), 4);
    assert_eq!(stage.get(&format!("{}?fields=shoe_size", stage.number)).await.1["error"]["code"], 100);
    let (_, business) = stage.get(&format!("{}?fields=owner_business_info", stage.business())).await;
    assert_eq!(business["owner_business_info"]["id"], json!(stage.graph.number(&stage.number).unwrap().portfolio));
    let (_, about) = stage.get(&format!("debug_token?input_token={}", stage.token())).await;
    assert_eq!((&about["data"]["is_valid"], &about["data"]["expires_at"]), (&json!(true), &json!(0)));
}

#[tokio::test]
async fn a_fault_after_the_act_leaves_the_message_with_the_customer_and_one_before_does_not() {
    let stage = Stage::new().await;
    stage.graph.say(&stage.number, stage.who, "hi");
    let url = stage.url(&format!("{}/messages", stage.number));
    let ask = async |text: &str| {
        let request = stage.http.post(&url).bearer_auth(stage.token()).json(&message("text", json!({"body": text})));
        request.send().await.map(|answer| (answer.status().as_u16(), answer.headers().get("retry-after").cloned()))
    };
    for (fault, text) in [
        (Fault::DropBefore, "a"),
        (Fault::DropAfter, "b"),
        (Fault::ErrorBefore(503), "c"),
        (Fault::ErrorAfter(500), "d"),
        (Fault::TooMany(7), "e"),
        (Fault::Garbage, "f"),
    ] {
        stage.graph.fault(FaultRule::new("messages", fault, When::Next(1)));
        let answer = ask(text).await;
        assert_eq!(answer.is_err(), matches!(fault, Fault::DropBefore | Fault::DropAfter), "{fault:?}");
        if let Fault::TooMany(_) = fault {
            let (status, wait) = answer.unwrap();
            assert_eq!((status, wait.unwrap().to_str().unwrap()), (429, "7"));
        }
    }
    assert_eq!(stage.delivered(), ["b", "d", "f"]);
    assert!(stage.graph.ledger(|ledger| ledger.received.iter().all(|received| !received.answered)));
}

#[tokio::test]
async fn a_customer_s_file_is_fetched_like_an_upload() {
    let stage = Stage::new().await;
    let receiver = Receiver::of(&stage).await;
    let sample = Sample { mime: "audio/ogg; codecs=opus".to_owned(), bytes: Bytes::from_static(b"hm"), ..Sample::default() };
    stage.graph.write(&stage.number, stage.who, Content::File(FileKind::Voice, sample, String::new()).into());
    stage.graph.all_taken().await;
    let audio = &receiver.items("messages")[0]["audio"];
    assert_eq!(audio["voice"], true);
    let (_, about) = stage.get(audio["id"].as_str().unwrap()).await;
    assert_eq!(about["sha256"], audio["sha256"]);
}
