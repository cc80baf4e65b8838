//! What a bot can do to chats, and what it is refused.

use bytes::Bytes;
use frontdesk::domain::attachment::FileKind;
use frontdesk::domain::time::Span;
use frontdesk::simulator::{Act, ChatKind, Content, Limits, Sample, Writing};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::{Stage, person};

fn photo(bytes: &'static [u8]) -> Content {
    let sample = Sample { bytes: Bytes::from_static(bytes), mime: "image/jpeg".to_owned(), ..Sample::default() };
    Content::File(FileKind::Photo, sample, String::new())
}

#[tokio::test]
async fn a_wrong_token_is_401_and_an_unknown_method_404() {
    let stage = Stage::new().await;
    let status = async |path: &str| stage.http.get(format!("{}{path}", stage.sim.base_url())).send().await.unwrap().status().as_u16();
    assert_eq!(status("/bot12345:nonsense/getMe").await, 401);
    assert_eq!(status("/botnonsense/getMe").await, 401);
    assert_eq!(status("/elsewhere").await, 404);
    assert_eq!(stage.refused("fly", json!({})).await, (404, "Not Found: method not found".to_owned()));
    let me = stage.ok("getMe", json!({})).await;
    assert_eq!((&me["id"], &me["username"]), (&json!(stage.bot), &json!("harbourcourts_bot")));
    let escaped = stage.url("getMe").replacen(&format!("{}:", stage.bot), &format!("{}%3A", stage.bot), 1);
    assert_eq!(stage.http.get(escaped).send().await.unwrap().status().as_u16(), 200, "the token's colon may come escaped");
}

#[tokio::test]
async fn a_bot_cannot_write_first_nor_to_somebody_who_blocked_it() {
    let stage = Stage::new().await;
    let say = json!({"chat_id": stage.chat.id, "text": "hello"});
    assert_eq!(stage.refused("sendMessage", say.clone()).await, (403, "Forbidden: bot can't initiate conversation with a user".to_owned()));
    stage.sim.say(stage.chat, "hi");
    stage.send("hello").await;
    stage.sim.block(stage.chat);
    assert_eq!(stage.refused("sendMessage", say.clone()).await, (403, "Forbidden: bot was blocked by the user".to_owned()));
    let status = |updates: &[Value]| updates.last().unwrap()["my_chat_member"]["new_chat_member"]["status"].clone();
    assert_eq!(status(&stage.updates(0).await), "kicked");
    stage.sim.unblock(stage.chat);
    assert_eq!(status(&stage.updates(0).await), "member");
    stage.send("hello again").await;
    stage.sim.deactivate(stage.chat);
    assert_eq!(stage.refused("sendMessage", say).await.0, 403);
    assert_eq!(stage.refused("sendMessage", json!({"chat_id": 1, "text": "x"})).await, (400, "Bad Request: chat not found".to_owned()));
    assert_eq!(stage.delivered(), ["hello", "hello again"]);
}

#[tokio::test]
async fn a_text_has_1_to_4096_characters_however_many_bytes() {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "hi");
    let longest = "ж".repeat(4_096);
    stage.send(&longest).await;
    assert_eq!(stage.delivered(), [longest.as_str()]);
    for text in ["", "  \n", &"ж".repeat(4_097)] {
        assert_eq!(stage.refused("sendMessage", json!({"chat_id": stage.chat.id, "text": text})).await.0, 400);
    }
    // A form takes them too, though it is longer than an address may be.
    let form = Form::new().text("chat_id", stage.chat.id.to_string()).text("text", "🏸".repeat(4_096));
    let answer: Value = stage.http.post(stage.url("sendMessage")).multipart(form).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["ok"], true);
    assert_eq!(stage.delivered().len(), 2);
}

#[tokio::test]
async fn a_reply_to_a_message_that_is_gone_is_refused_unless_allowed_without() {
    let stage = Stage::new().await;
    let question = stage.sim.say(stage.chat, "when do you open?");
    let reply = |message: i64, allow: bool| {
        json!({"chat_id": stage.chat.id, "text": "at nine",
               "reply_parameters": {"message_id": message, "allow_sending_without_reply": allow}})
    };
    let sent = stage.ok("sendMessage", reply(question, false)).await;
    assert_eq!(sent["reply_to_message"]["text"], "when do you open?");
    assert_eq!(stage.refused("sendMessage", reply(999, false)).await.0, 400);
    let sent = stage.ok("sendMessage", reply(999, true)).await;
    assert_eq!(sent.get("reply_to_message"), None);
    let answers: Vec<Option<i64>> = stage.sim.ledger(|ledger| ledger.delivered(stage.chat).map(|received| received.reply_to).collect());
    assert_eq!(answers, [Some(question), None]);
}

#[tokio::test]
async fn an_uploaded_file_reaches_the_customer_byte_for_byte_and_can_be_sent_again_by_its_id() {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "hi");
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let part = Part::bytes(bytes.clone()).file_name("invoice 7.pdf").mime_str("application/pdf").unwrap();
    let form = Form::new().text("chat_id", stage.chat.id.to_string()).text("caption", "your invoice").part("document", part);
    let answer: Value = stage.http.post(stage.url("sendDocument")).multipart(form).send().await.unwrap().json().await.unwrap();
    let id = answer["result"]["document"]["file_id"].as_str().unwrap();
    stage.ok("sendDocument", json!({"chat_id": stage.chat.id, "document": id})).await;
    stage.sim.ledger(|ledger| {
        let files: Vec<_> = ledger.delivered(stage.chat).map(|received| received.file.as_ref().unwrap()).collect();
        assert_eq!(files.len(), 2);
        assert!(files.iter().all(|file| file.bytes == bytes && file.name == "invoice 7.pdf" && file.mime == "application/pdf"));
    });
    let kin =
        [("sendPhoto", "photo"), ("sendVideo", "video"), ("sendAudio", "audio"), ("sendVoice", "voice"), ("sendAnimation", "animation")];
    for (method, field) in kin {
        let part = Part::bytes(b"bytes".to_vec()).file_name("x.bin");
        let form = Form::new().text("chat_id", stage.chat.id.to_string()).part(field, part);
        let answer: Value = stage.http.post(stage.url(method)).multipart(form).send().await.unwrap().json().await.unwrap();
        assert_ne!(answer["result"][field], Value::Null, "{method}: {answer}");
        assert_eq!(stage.refused(method, json!({"chat_id": stage.chat.id, field: "no such id"})).await.0, 400);
    }
}

#[tokio::test]
async fn an_album_is_separate_messages_with_one_group_id() {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "hi");
    let media = json!([{"type": "photo", "media": "attach://a", "caption": "both"}, {"type": "photo", "media": "attach://b"}]);
    let form = Form::new()
        .text("chat_id", stage.chat.id.to_string())
        .text("media", media.to_string())
        .part("a", Part::bytes(b"one".to_vec()).file_name("a.jpg"))
        .part("b", Part::bytes(b"two".to_vec()).file_name("b.jpg"));
    let answer: Value = stage.http.post(stage.url("sendMediaGroup")).multipart(form).send().await.unwrap().json().await.unwrap();
    let sent = answer["result"].as_array().unwrap();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0]["media_group_id"], sent[1]["media_group_id"]);
    assert_ne!(sent[0]["message_id"], sent[1]["message_id"]);
    let one = json!([{"type": "photo", "media": "attach://a"}]);
    assert_eq!(stage.refused("sendMediaGroup", json!({"chat_id": stage.chat.id, "media": one})).await.0, 400);
    let numbers = stage.sim.album(stage.chat, stage.chat.id, vec![photo(b"1"), photo(b"2"), photo(b"3")]);
    let updates = stage.updates(0).await;
    let groups: Vec<&Value> = updates.iter().filter_map(|update| update["message"].get("media_group_id")).collect();
    assert_eq!((numbers.len(), groups.len()), (3, 3));
    assert!(groups.iter().all(|group| *group == groups[0]));
}

#[tokio::test]
async fn a_file_can_be_downloaded_up_to_20_mb_by_its_own_bot() {
    let stage = Stage::new().await;
    stage.sim.write(stage.chat, stage.chat.id, photo(b"a damaged racket").into());
    let huge = Sample { name: "film.mp4".to_owned(), claimed: Some(20 * 1024 * 1024 + 1), ..Sample::default() };
    stage.sim.write(stage.chat, stage.chat.id, Content::File(FileKind::Video, huge, String::new()).into());
    let updates = stage.updates(0).await;
    let sizes = updates[0]["message"]["photo"].as_array().unwrap();
    let largest = sizes.iter().max_by_key(|size| size["width"].as_i64()).unwrap();
    let file = stage.ok("getFile", json!({"file_id": largest["file_id"]})).await;
    let path = file["file_path"].as_str().unwrap();
    let token = stage.sim.token(stage.bot).unwrap();
    let get = async |token: &str, path: &str| {
        let answer = stage.http.get(format!("{}/file/bot{token}/{path}", stage.sim.base_url())).send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap())
    };
    assert_eq!(get(token.reveal(), path).await, (200, Bytes::from_static(b"a damaged racket")));
    assert_eq!(get(token.reveal(), "photos/none.jpg").await.0, 404);
    assert_eq!(get("1:other", path).await.0, 401);
    let other = stage.sim.add_bot("Another");
    assert_eq!(get(stage.sim.token(other).unwrap().reveal(), path).await.0, 404, "files belong to one bot");
    let id = &updates[1]["message"]["video"]["file_id"];
    assert_eq!(stage.refused("getFile", json!({"file_id": id})).await, (400, "Bad Request: file is too big".to_owned()));
}

#[tokio::test]
async fn own_messages_can_be_edited_once_to_the_same_words_and_deleted_within_48_hours() {
    let stage = Stage::new().await;
    let theirs = stage.sim.say(stage.chat, "hi");
    let ours = stage.send("at nine").await["message_id"].as_i64().unwrap();
    let edit = |message: i64, text: &str| json!({"chat_id": stage.chat.id, "message_id": message, "text": text});
    let edited = stage.ok("editMessageText", edit(ours, "at ten")).await;
    assert_eq!((&edited["text"], edited["edit_date"].is_i64()), (&json!("at ten"), true));
    let (code, why) = stage.refused("editMessageText", edit(ours, "at ten")).await;
    assert!(code == 400 && why.contains("message is not modified"), "{why}");
    assert_eq!(stage.refused("editMessageText", edit(theirs, "never said")).await.0, 400);
    assert_eq!(stage.refused("editMessageText", edit(999, "x")).await.0, 400);
    assert_eq!(stage.refused("editMessageCaption", json!({"chat_id": stage.chat.id, "message_id": ours, "caption": "x"})).await.0, 400);
    let gone = json!({"chat_id": stage.chat.id, "message_id": ours});
    stage.ok("deleteMessage", gone.clone()).await;
    assert_eq!(stage.refused("deleteMessage", gone).await.0, 400);
    let old = stage.send("old").await["message_id"].clone();
    stage.sim.advance(Span::hours(49));
    assert_eq!(stage.refused("deleteMessage", json!({"chat_id": stage.chat.id, "message_id": old})).await.0, 400);
    let acts: Vec<Act> = stage.sim.ledger(|ledger| ledger.received.iter().map(|received| received.act).collect());
    assert_eq!(acts, [Act::Message, Act::Edit, Act::Delete, Act::Message]);
}

#[tokio::test]
async fn reactions_are_one_of_the_known_emoji_or_none() {
    let stage = Stage::new().await;
    let message = stage.sim.say(stage.chat, "thanks!");
    let react = |reaction: Value| json!({"chat_id": stage.chat.id, "message_id": message, "reaction": reaction});
    stage.ok("setMessageReaction", react(json!([{"type": "emoji", "emoji": "❤"}]))).await;
    stage.ok("setMessageReaction", react(json!([]))).await;
    assert_eq!(stage.refused("setMessageReaction", react(json!([{"type": "emoji", "emoji": "🏸"}]))).await.0, 400);
    let two = json!([{"type": "emoji", "emoji": "👍"}, {"type": "emoji", "emoji": "👎"}]);
    assert_eq!(stage.refused("setMessageReaction", react(two)).await.0, 400);
    let seen: Vec<String> = stage.sim.ledger(|ledger| ledger.received.iter().map(|received| received.text.clone()).collect());
    assert_eq!(seen, ["❤", ""]);
}

#[tokio::test]
async fn a_group_that_became_a_supergroup_refuses_its_old_id_and_tells_the_new() {
    let stage = Stage::new().await;
    let group = stage.sim.room(stage.bot, ChatKind::Group, "Sunday league", "");
    stage.sim.write(group, stage.chat.id, "hello all".into());
    let new = stage.sim.migrate(group, stage.chat.id);
    let answer = stage.call("sendMessage", json!({"chat_id": group.id, "text": "x"})).await;
    assert_eq!((&answer["error_code"], &answer["parameters"]["migrate_to_chat_id"]), (&json!(400), &json!(new.id)));
    stage.ok("sendMessage", json!({"chat_id": new.id, "text": "x"})).await;
    let updates = stage.updates(0).await;
    assert_eq!((&updates[1]["message"]["chat"]["id"], &updates[1]["message"]["migrate_to_chat_id"]), (&json!(group.id), &json!(new.id)));
    assert_eq!((&updates[2]["message"]["chat"]["id"], &updates[2]["message"]["migrate_from_chat_id"]), (&json!(new.id), &json!(group.id)));
}

#[tokio::test(start_paused = true)]
async fn too_many_messages_are_429_with_the_seconds_to_wait() {
    let stage = Stage::with(|config| config.limits = Some(Limits { per_chat: 0.5, burst: 2.0, overall: 30.0 })).await;
    stage.sim.say(stage.chat, "hi");
    stage.send("1").await;
    stage.send("2").await;
    let answer = stage.call("sendMessage", json!({"chat_id": stage.chat.id, "text": "3"})).await;
    assert_eq!((&answer["error_code"], &answer["parameters"]["retry_after"]), (&json!(429), &json!(2)));
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    stage.send("3").await;
    assert_eq!(stage.delivered(), ["1", "2", "3"]);
}

#[tokio::test]
async fn a_business_chat_is_read_and_answered_through_its_connection_while_it_is_active() {
    let stage = Stage::new().await;
    let customer = stage.sim.add_person(person(5_200_000_002, "Jonas"));
    stage.sim.connect_business(stage.bot, stage.chat.id);
    let connected = stage.updates(0).await.remove(0);
    stage.updates(connected["update_id"].as_i64().unwrap() + 1).await;
    let chat = stage.sim.business_chat(stage.bot, customer);
    let message = stage.sim.say(chat, "is the shop open?");
    let update = stage.updates(0).await.remove(0);
    let connection = update["business_message"]["business_connection_id"].clone();
    let say = json!({"chat_id": customer, "text": "yes", "business_connection_id": connection});
    assert_eq!(connected["business_connection"]["id"], connection);
    assert_eq!(stage.ok("getBusinessConnection", json!({"business_connection_id": connection})).await["user"]["first_name"], "Leila");
    let sent = stage.ok("sendMessage", say.clone()).await["message_id"].clone();
    let gone = json!({"business_connection_id": connection, "message_ids": [sent]});
    stage.ok("deleteBusinessMessages", gone.clone()).await;
    assert_eq!(stage.refused("deleteBusinessMessages", gone).await.0, 400);
    stage.ok("readBusinessMessage", json!({"chat_id": customer, "message_id": message, "business_connection_id": connection})).await;
    assert_eq!(stage.refused("sendMessage", json!({"chat_id": customer, "text": "x"})).await.0, 403, "not the bot's own chat");
    stage.sim.edit(chat, message, "is the shop open today?");
    stage.sim.delete_business_messages(chat, &[message]);
    let updates = stage.updates(0).await;
    assert_eq!(updates[1]["edited_business_message"]["text"], "is the shop open today?");
    assert_eq!(updates[2]["deleted_business_messages"]["message_ids"], json!([message]));
    stage.sim.advance(Span::hours(25));
    assert_eq!(stage.refused("sendMessage", say).await.0, 400);
}

#[tokio::test]
async fn every_kind_of_message_arrives_in_its_field() {
    let stage = Stage::new().await;
    let me = stage.chat.id;
    let file = |kind, name: &str| Content::File(kind, Sample { name: name.to_owned(), seconds: 4, ..Sample::default() }, "see".to_owned());
    let venue = Content::Venue { latitude: 1.0, longitude: 2.0, title: "Harbour".to_owned(), address: "Pier 1".to_owned() };
    let kinds: Vec<(Content, &str)> = vec![
        (Content::Text("hi".to_owned()), "text"),
        (file(FileKind::Photo, ""), "photo"),
        (file(FileKind::Video, "v.mp4"), "video"),
        (file(FileKind::VideoNote, ""), "video_note"),
        (file(FileKind::Animation, "a.gif"), "animation"),
        (file(FileKind::Audio, "a.mp3"), "audio"),
        (file(FileKind::Voice, ""), "voice"),
        (file(FileKind::Sticker, "🎾"), "sticker"),
        (file(FileKind::Document, "d.pdf"), "document"),
        (Content::Location(52.5, 13.4), "location"),
        (venue, "venue"),
        (Content::Contact { phone: "+62 811".to_owned(), name: "Dewi".to_owned() }, "contact"),
        (Content::Poll { question: "When?".to_owned(), options: vec!["Mon".to_owned()] }, "poll"),
        (Content::Dice("🎲".to_owned(), 6), "dice"),
    ];
    for (content, _) in &kinds {
        stage.sim.write(stage.chat, me, content.clone().into());
    }
    let updates = stage.updates(0).await;
    for (update, (_, field)) in updates.iter().zip(&kinds) {
        assert!(update["message"].get(field).is_some(), "{field}: {update}");
    }
    assert_eq!(updates.len(), kinds.len());
    assert_eq!((&updates[1]["message"]["caption"], &updates[5]["message"]["audio"]["duration"]), (&json!("see"), &json!(4)));
}

#[tokio::test]
async fn replies_forwards_edits_channel_posts_and_buttons_arrive_as_such() {
    let stage = Stage::new().await;
    let me = stage.chat.id;
    let first = stage.sim.say(stage.chat, "one");
    stage.sim.write(stage.chat, me, Writing::from("two").replying_to(first));
    stage.sim.write(stage.chat, me, Writing::from("three").forwarded_from("A friend"));
    stage.sim.edit(stage.chat, first, "one, corrected");
    let channel = stage.sim.room(stage.bot, ChatKind::Channel, "News", "harbour_news");
    stage.sim.write(channel, 0, "we open at nine".into());
    let ours = stage.send("pick").await["message_id"].as_i64().unwrap();
    let query = stage.sim.press(stage.chat, me, ours, "court-2");
    let updates = stage.updates(0).await;
    assert_eq!(updates[1]["message"]["reply_to_message"]["message_id"], first);
    assert_eq!(updates[2]["message"]["forward_origin"]["sender_user_name"], "A friend");
    assert_eq!(
        (&updates[3]["edited_message"]["message_id"], &updates[3]["edited_message"]["text"]),
        (&json!(first), &json!("one, corrected"))
    );
    assert_eq!(updates[4]["channel_post"]["sender_chat"]["title"], "News");
    assert_eq!((&updates[5]["callback_query"]["data"], &updates[5]["callback_query"]["id"]), (&json!("court-2"), &json!(query)));
    stage.ok("answerCallbackQuery", json!({"callback_query_id": query})).await;
    assert_eq!(stage.refused("answerCallbackQuery", json!({"callback_query_id": query})).await.0, 400);
    let post = stage.ok("sendMessage", json!({"chat_id": "@harbour_news", "text": "closed today"})).await;
    stage.ok("editMessageText", json!({"chat_id": channel.id, "message_id": post["message_id"], "text": "open today"})).await;
    let chat = stage.ok("getChat", json!({"chat_id": me})).await;
    assert_eq!((&chat["type"], &chat["first_name"]), (&json!("private"), &json!("Leila")));
    stage.ok("sendChatAction", json!({"chat_id": me, "action": "typing"})).await;
    assert_eq!(stage.refused("sendChatAction", json!({"chat_id": me, "action": "yawning"})).await.0, 400);
    stage.ok("sendLocation", json!({"chat_id": me, "latitude": 52.5, "longitude": 13.4})).await;
}
