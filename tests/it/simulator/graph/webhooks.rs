//! What a receiver is told, in which order and how often.

use std::collections::BTreeSet;
use std::time::Duration;

use frontdesk::domain::time::Span;
use frontdesk::simulator::graph::{Content, Person, Writing};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Receiver, Stage, person, values};

#[tokio::test]
async fn a_receiver_is_registered_only_if_it_knows_the_verify_token() {
    let stage = Stage::new().await;
    let stranger = Receiver::default();
    let url = stranger.listen().await;
    assert!(stage.graph.subscribe(&stage.number, &url).await.unwrap_err().contains("403"));
    stage.graph.say(&stage.number, stage.who, "nobody is told");
    stage.graph.all_taken().await;
    assert!(stranger.came().is_empty());
    Receiver::of(&stage).await;
}

#[tokio::test]
async fn a_webhook_is_signed_over_its_exact_bytes_which_are_ascii() {
    let stage = Stage::new().await;
    let receiver = Receiver::of(&stage).await;
    stage.graph.say(&stage.number, stage.who, "café 🎾 東京 a/b");
    stage.graph.all_taken().await;
    let came = receiver.came().pop().unwrap();
    assert!(came.body.is_ascii() && came.body.windows(2).any(|pair| pair == b"\\u"));
    let secret = stage.graph.number(&stage.number).unwrap().app_secret;
    let signed = |body: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).unwrap();
        mac.update(body);
        mac.finalize().into_bytes().iter().fold("sha256=".to_owned(), |hex, byte| hex + &format!("{byte:02x}"))
    };
    assert_eq!(came.signature, signed(&came.body));
    let again = serde_json::to_vec(&serde_json::from_slice::<Value>(&came.body).unwrap()).unwrap();
    assert_ne!(came.signature, signed(&again), "written anew they are other bytes");
    let value = &values(&serde_json::from_slice(&came.body).unwrap())[0];
    assert_eq!(value["metadata"]["phone_number_id"], json!(stage.number));
    assert_eq!(value["contacts"], json!([{"profile": {"name": "Leila"}, "wa_id": "628123456789"}]));
    let message = &value["messages"][0];
    assert_eq!((&message["from"], &message["text"]["body"]), (&json!("628123456789"), &json!("café 🎾 東京 a/b")));
    assert_eq!(message["timestamp"], json!(super::NOW.secs().to_string()), "seconds in a string");
}

#[tokio::test]
async fn a_webhook_that_is_not_taken_is_posted_again_with_the_same_bytes() {
    let stage = Stage::with(|config| config.webhooks.retry = Duration::from_millis(5)).await;
    let receiver = Receiver::of(&stage).await;
    receiver.refuse(3);
    stage.graph.say(&stage.number, stage.who, "hi");
    stage.graph.all_taken().await;
    assert_eq!(receiver.came().len(), 1);
    let (tries, bodies) = stage.graph.ledger(|ledger| {
        let posted = &ledger.posted;
        (
            posted.iter().map(|posted| posted.tries).collect::<Vec<_>>(),
            posted.iter().map(|posted| posted.body.clone()).collect::<BTreeSet<_>>(),
        )
    });
    assert_eq!((tries, bodies.len()), (vec![0, 1, 2, 3], 1));
}

#[tokio::test]
async fn statuses_rise_from_sent_to_read_each_with_its_own_time_and_a_voice_message_is_played() {
    let stage = Stage::new().await;
    let receiver = Receiver::of(&stage).await;
    stage.graph.say(&stage.number, stage.who, "hi");
    stage.graph.set_away(stage.who, true);
    stage.text("hello").await;
    stage.graph.advance(Span::secs(60));
    stage.graph.set_away(stage.who, false);
    stage.graph.advance(Span::secs(60));
    stage.graph.read(&stage.number, stage.who);
    let voice = stage.send("audio", json!({"link": "https://example.com/a.ogg", "voice": true})).await;
    stage.graph.play(&voice);
    stage.graph.all_taken().await;
    assert_eq!(receiver.statuses(), ["sent", "delivered", "read", "sent", "delivered", "read", "played"]);
    let times: Vec<i64> =
        receiver.items("statuses")[..3].iter().map(|status| status["timestamp"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(times, [0, 60, 120].map(|late| super::NOW.secs() + late));
}

#[tokio::test]
async fn one_request_may_carry_several_entries_changes_messages_and_statuses_and_none_is_lost() {
    let stage = Stage::with(|config| config.webhooks.batch = 50).await;
    let receiver = Receiver::of(&stage).await;
    stage.graph.webhooks(|webhooks| webhooks.held = true);
    for n in 0..40 {
        stage.graph.say(&stage.number, stage.who, &format!("line {n}"));
        stage.text("answer").await;
    }
    assert!(receiver.came().is_empty(), "held");
    stage.graph.webhooks(|webhooks| webhooks.held = false);
    stage.graph.all_taken().await;
    let (messages, statuses) = (receiver.items("messages"), receiver.items("statuses"));
    assert_eq!((messages.len(), statuses.len()), (40, 80));
    let bodies = receiver.bodies();
    assert!(bodies.len() < 10, "{}", bodies.len());
    assert!(bodies.iter().any(|body| body["entry"].as_array().unwrap().len() > 1));
    assert!(bodies.iter().any(|body| body["entry"].as_array().unwrap().iter().any(|entry| entry["changes"].as_array().unwrap().len() > 1)));
}

#[tokio::test]
async fn webhooks_come_out_of_order_and_twice_when_switched_so() {
    let stage = Stage::with(|config| {
        config.webhooks.disorder = Duration::from_millis(60);
        config.webhooks.duplicates = 1.0;
    })
    .await;
    let receiver = Receiver::of(&stage).await;
    let ids: Vec<String> = (0..20).map(|n| stage.graph.say(&stage.number, stage.who, &format!("{n}"))).collect();
    stage.graph.all_taken().await;
    let came: Vec<String> = receiver.items("messages").iter().map(|message| message["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(came.len(), 40);
    let firsts: Vec<&String> = ids.iter().filter(|id| came.contains(id)).collect();
    assert_eq!(firsts.len(), 20);
    let mut seen = BTreeSet::new();
    let order: Vec<&String> = came.iter().filter(|id| seen.insert((*id).clone())).collect();
    assert_ne!(order, ids.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_status_may_come_before_the_answer_to_the_send() {
    let stage = Stage::with(|config| config.rules.late_answers = true).await;
    let receiver = Receiver::of(&stage).await;
    stage.graph.say(&stage.number, stage.who, "hi");
    let id = stage.text("hello").await;
    // The answer is here, and the statuses were before.
    assert_eq!(receiver.statuses(), ["sent", "delivered"]);
    assert_eq!(receiver.items("statuses")[0]["id"], json!(id));
}

#[tokio::test]
async fn every_kind_of_message_has_its_own_shape() {
    let stage = Stage::new().await;
    let receiver = Receiver::of(&stage).await;
    let writes: Vec<(Writing, &str, &str)> = vec![
        (Content::location(-6.2, 106.8, "Court", "Jl. Sudirman").into(), "/location/name", "Court"),
        (Content::contact("Ana", "+62 812").into(), "/contacts/0/name/formatted_name", "Ana"),
        (Content::button("Yes", "YES").into(), "/button/payload", "YES"),
        (Content::reply_button("b1", "Yes").into(), "/interactive/button_reply/title", "Yes"),
        (Content::list_row("r1", "Court 2", "clay").into(), "/interactive/list_reply/description", "clay"),
        (Content::flow(&json!({"day": "Friday"})).into(), "/interactive/nfm_reply/response_json", "{\"day\":\"Friday\"}"),
        (Content::order("soon", &[("ball", 3, 4.5)]).into(), "/order/product_items/0/product_retailer_id", "ball"),
        (Content::unsupported().into(), "/errors/0/title", "Message type unknown"),
        (Writing::from("from the ad").with("referral", json!({"headline": "Summer"})), "/referral/headline", "Summer"),
    ];
    for (writing, path, want) in writes {
        let id = stage.graph.write(&stage.number, stage.who, writing);
        stage.graph.all_taken().await;
        let message = receiver.items("messages").pop().unwrap();
        assert_eq!((message["id"].as_str(), message.pointer(path).and_then(Value::as_str)), (Some(id.as_str()), Some(want)), "{message}");
    }
}

#[tokio::test]
async fn replies_forwards_reactions_edits_and_revokes_refer_to_their_message() {
    let stage = Stage::new().await;
    let receiver = Receiver::of(&stage).await;
    let id = stage.graph.say(&stage.number, stage.who, "hi");
    stage.graph.write(&stage.number, stage.who, Writing::from("again").replying_to(&id).forwarded());
    stage.graph.react(&stage.number, stage.who, &id, Some("👍"));
    stage.graph.react(&stage.number, stage.who, &id, None);
    stage.graph.rules(|rules| rules.bare_removals = true);
    stage.graph.react(&stage.number, stage.who, &id, None);
    stage.graph.edit(&stage.number, stage.who, &id, "hello");
    stage.graph.revoke(&stage.number, stage.who, &id);
    stage.graph.all_taken().await;
    let came = receiver.items("messages");
    assert_eq!(came[1]["context"], json!({"from": "628123456789", "id": id, "forwarded": true}));
    assert_eq!(came[2]["reaction"], json!({"message_id": id, "emoji": "👍"}));
    assert_eq!(came[3]["reaction"], json!({"message_id": id, "emoji": ""}), "taken back with an empty emoji");
    assert_eq!(came[4]["reaction"], json!({"message_id": id}), "or with none");
    assert_eq!((&came[5]["edit"]["original_message_id"], &came[5]["edit"]["message"]["text"]["body"]), (&json!(id), &json!("hello")));
    assert_eq!(came[6]["revoke"], json!({"original_message_id": id}));
}

#[tokio::test]
async fn a_number_change_is_a_system_message_without_contacts() {
    let stage = Stage::new().await;
    let receiver = Receiver::of(&stage).await;
    stage.graph.change_phone(&stage.number, stage.who, "628777000111");
    stage.graph.all_taken().await;
    let value = &values(&receiver.bodies()[0])[0];
    assert!(value["contacts"].is_null());
    let message = &value["messages"][0];
    assert_eq!((&message["from"], &message["type"]), (&json!("628123456789"), &json!("system")));
    assert_eq!((&message["system"]["wa_id"], &message["system"]["type"]), (&json!("628777000111"), &json!("user_changed_number")));
}

#[tokio::test]
async fn somebody_with_a_user_id_is_told_by_it_and_the_number_may_be_missing() {
    let stage = Stage::new().await;
    let receiver = Receiver::of(&stage).await;
    let id = "ID.13491208655302741918";
    let hidden = Person { user_id: id.to_owned(), username: "nadia".to_owned(), hides_phone: true, ..person("Nadia", "628129999999") };
    let who = stage.graph.add_person(hidden);
    stage.graph.say(&stage.number, who, "hi");
    let body = json!({"messaging_product": "whatsapp", "recipient": id, "type": "text", "text": {"body": "hello"}});
    stage.post(body).await;
    stage.graph.all_taken().await;
    let value = &values(&receiver.bodies()[0])[0];
    assert_eq!(value["contacts"], json!([{"profile": {"name": "Nadia", "username": "nadia"}, "user_id": id}]));
    assert!(value["messages"][0]["from"].is_null());
    assert_eq!(value["messages"][0]["from_user_id"], id);
    let status = &receiver.items("statuses")[0];
    assert!(status["recipient_id"].is_null());
    assert_eq!(status["recipient_user_id"], id);
}

#[tokio::test]
async fn what_the_business_writes_on_its_phone_comes_as_an_echo() {
    let stage = Stage::new().await;
    let receiver = Receiver::of(&stage).await;
    stage.graph.echo(&stage.number, stage.who, "from the counter".into());
    stage.graph.all_taken().await;
    let body = receiver.bodies().remove(0);
    assert_eq!(body["entry"][0]["changes"][0]["field"], "smb_message_echoes");
    let echo = &receiver.items("message_echoes")[0];
    assert_eq!((&echo["to"], &echo["text"]["body"]), (&json!("628123456789"), &json!("from the counter")));
    assert_eq!(echo["from"], json!(stage.graph.number(&stage.number).unwrap().phone));
}
