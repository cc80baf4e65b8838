//! Webhooks of WhatsApp as Meta documents them, and what they mean.

use frontdesk::channel::whatsapp::{WEBHOOK, map};
use frontdesk::domain::attachment::FileKind;
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::inbound::{Cause, Chat, InFile, InMessage, Inbound, Item};
use frontdesk::domain::message::{Direction, Kind};
use frontdesk::domain::time::{Span, Timestamp};
use serde_json::{Value, json};

use super::whatsapp::NUMBER;

const AT: i64 = 1_739_321_024;

fn body(changes: &Value) -> String {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "102290129340398", "changes": changes }] }).to_string()
}

fn change(field: &str, more: &Value) -> Value {
    let mut value =
        json!({ "messaging_product": "whatsapp", "metadata": { "display_phone_number": "15550783881", "phone_number_id": NUMBER } });
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "field": field, "value": value })
}

fn ana() -> Value {
    json!([{ "profile": { "name": "Ana" }, "wa_id": "16505551234", "user_id": "US.1349" }])
}

fn read(changes: &Value) -> Vec<Item> {
    (WEBHOOK.read)(&body(changes))
}

/// The facts of one change, after making sure that each item reads the same alone.
fn facts_of(change: &Value) -> Vec<Inbound> {
    let items = read(&json!([change]));
    let mut facts = Vec::new();
    for item in items {
        assert_eq!(map(&item.key, &item.body), item, "an item reads the same when it is read again");
        facts.extend(item.events.unwrap());
    }
    facts
}

fn facts(message: &Value) -> Vec<Inbound> {
    let mut whole = json!({ "from": "16505551234", "from_user_id": "US.1349", "id": "wamid.IN", "timestamp": AT.to_string() });
    whole.as_object_mut().unwrap().extend(message.as_object().unwrap().clone());
    facts_of(&change("messages", &json!({ "contacts": ana(), "messages": [whole] })))
}

fn message(message: &Value) -> InMessage {
    match facts(message).as_slice() {
        [Inbound::Message(message)] => (**message).clone(),
        other => panic!("{message} became {other:?}"),
    }
}

fn chat() -> Chat {
    Chat {
        key: "US.1349".to_owned(),
        aliases: vec!["16505551234".to_owned()],
        wide: true,
        name: "Ana".to_owned(),
        handle: "+16505551234".to_owned(),
        language: String::new(),
        window: Some(Span::hours(24)),
    }
}

#[test]
fn a_text_is_told_with_who_when_and_where() {
    let want = InMessage {
        chat: chat(),
        external_id: "wamid.IN".to_owned(),
        direction: Direction::In,
        kind: Kind::Text,
        author_key: "US.1349".to_owned(),
        author: "Ana".to_owned(),
        text: "Does it come in *red*?".to_owned(),
        at: Timestamp::from_secs(AT),
        seq: 0,
        edited_at: None,
        reply_to: None,
        quote: String::new(),
        forwarded_from: String::new(),
        album: String::new(),
        past: false,
        files: Vec::new(),
    };
    assert_eq!(message(&json!({ "type": "text", "text": { "body": "Does it come in *red*?" } })), want);
}

#[test]
fn every_type_reads_as_what_a_person_would_say_of_it() {
    let check = |told: Value, kind: Kind, text: &str| {
        let got = message(&told);
        assert_eq!((got.kind, got.text.as_str()), (kind, text), "{told}");
    };
    check(
        json!({ "type": "location", "location": { "latitude": 37.5, "longitude": -122.25 } }),
        Kind::Location,
        "[location] 37.5, -122.25",
    );
    check(
        json!({ "type": "location", "location": { "latitude": "1.5", "longitude": 2, "name": "Court", "address": "Street 1", "url": "https://x.example" } }),
        Kind::Location,
        "[location] 1.5, 2 Court, Street 1, https://x.example",
    );
    let card = json!({
        "name": { "formatted_name": "Barbara J. Johnson", "first_name": "Barbara" }, "org": { "company": "Social Tsunami", "title": "CEO" },
        "phones": [{ "phone": "+1 415 555 0829", "wa_id": "14155550829", "type": "MOBILE" }], "emails": [{ "email": "b@x.example", "type": "Work" }],
        "urls": [{ "url": "https://x.example" }], "addresses": [{ "street": "1 Lucky Way", "city": "Menlo Park", "zip": "94025" }], "birthday": "1999-01-23",
    });
    check(
        json!({ "type": "contacts", "contacts": [card, { "vcard": "BEGIN:VCARD\nFN;CHARSET=UTF-8:Jo Doe\nEND:VCARD", "phones": [{ "phone": "+62 812" }] }] }),
        Kind::Contact,
        "[contact] Barbara J. Johnson, CEO Social Tsunami, +1 415 555 0829 (mobile), b@x.example (work), https://x.example, 1 Lucky Way, Menlo Park, 94025, 1999-01-23\n[contact] Jo Doe, +62 812",
    );
    check(
        json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": { "id": "yes", "title": "Yes" } } }),
        Kind::Text,
        "Yes",
    );
    check(
        json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": { "id": "p", "title": "Priority", "description": "1–2 days" } } }),
        Kind::Text,
        "Priority (1–2 days)",
    );
    check(
        json!({ "type": "interactive", "interactive": { "type": "nfm_reply", "nfm_reply": { "name": "flow", "body": "Sent", "response_json": "{\"flow_token\":\"t\",\"people\":4,\"when\":\"Friday\"}" } } }),
        Kind::Text,
        "[form] Sent\npeople: 4\nwhen: Friday",
    );
    check(json!({ "type": "interactive" }), Kind::Unsupported, "[unsupported: interactive]");
    check(json!({ "type": "button", "button": { "payload": "U", "text": "Unsubscribe" } }), Kind::Text, "Unsubscribe");
    let order = json!({ "catalog_id": "1", "text": "Soon please", "product_items": [{ "product_retailer_id": "di9ozbzfi4", "quantity": 2, "item_price": 30, "currency": "USD" }, { "product_retailer_id": "x" }] });
    check(json!({ "type": "order", "order": order }), Kind::Text, "[order] Soon please\n2 × di9ozbzfi4 at 30 USD\n1 × x");
    let error = json!([{ "code": 131_051, "title": "Message type unknown", "error_data": { "details": "Message type is currently not supported." } }]);
    check(
        json!({ "type": "unsupported", "errors": error, "unsupported": { "type": "poll" } }),
        Kind::Unsupported,
        "[unsupported: poll] Message type is currently not supported. (131051)",
    );
    check(
        json!({ "type": "unsupported", "errors": error }),
        Kind::Unsupported,
        "[unsupported: of a kind WhatsApp does not pass on] Message type is currently not supported. (131051)",
    );
    check(json!({ "type": "hologram", "hologram": { "caption": "look" } }), Kind::Unsupported, "[unsupported: hologram] look");
    check(json!({ "type": "text" }), Kind::Unsupported, "[unsupported: text]");
    check(json!({ "type": "text", "text": { "body": 5 } }), Kind::Unsupported, "[unsupported: text]");
    check(json!({ "type": "image", "image": { "caption": "lost" } }), Kind::Unsupported, "[unsupported: image] lost");
    check(json!({}), Kind::Unsupported, "[unsupported: of no kind]");
    check(json!({ "type": "request_welcome" }), Kind::Service, "opened the chat for the first time");
}

#[test]
fn files_keep_their_captions_and_names() {
    let check = |kind: &str, part: Value, want: FileKind, text: &str, name: &str| {
        let got = message(&json!({ "type": kind, kind: part }));
        let mime = part["mime_type"].as_str().unwrap_or_default().to_owned();
        let file = InFile { kind: want, reference: "2754859441498128".to_owned(), name: name.to_owned(), mime, size: None, seconds: None };
        assert_eq!((got.kind, got.text.as_str(), got.files), (Kind::File, text, vec![file]), "{kind}");
    };
    let part = |mime: &str, more: Value| {
        let mut part = json!({ "id": "2754859441498128", "mime_type": mime, "sha256": "x" });
        part.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        part
    };
    check("image", part("image/jpeg", json!({ "caption": "Taj Mahal" })), FileKind::Photo, "Taj Mahal", "");
    check("video", part("video/mp4", json!({ "caption": "look" })), FileKind::Video, "look", "");
    check("audio", part("audio/ogg; codecs=opus", json!({ "voice": true })), FileKind::Voice, "", "");
    check("audio", part("audio/mpeg", json!({ "voice": false })), FileKind::Audio, "", "");
    check(
        "document",
        part("application/pdf", json!({ "filename": "../../x.pdf", "caption": "slip" })),
        FileKind::Document,
        "slip",
        "../../x.pdf",
    );
    check("sticker", part("image/webp", json!({ "animated": true })), FileKind::Sticker, "", "");
}

#[test]
fn replies_forwards_and_where_they_came_from_are_shown() {
    let said = |more: Value| {
        let mut told = json!({ "type": "text", "text": { "body": "hi" } });
        told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        message(&told)
    };
    assert_eq!(said(json!({ "context": { "from": "15550783881", "id": "wamid.OUT" } })).reply_to.as_deref(), Some("wamid.OUT"));
    assert_eq!(said(json!({ "context": { "forwarded": true } })).forwarded_from, "another chat");
    assert_eq!(said(json!({ "context": { "frequently_forwarded": true } })).forwarded_from, "another chat, many times over");
    let product = json!({ "from": "1", "id": "wamid.OUT", "referred_product": { "catalog_id": "1", "product_retailer_id": "SKU-9" } });
    assert_eq!(said(json!({ "context": product })).text, "hi\n[about the product SKU-9]");
    let referral =
        json!({ "source_url": "https://fb.me/x", "source_type": "ad", "source_id": "1", "headline": "Summer", "body": "Half price" });
    assert_eq!(said(json!({ "referral": referral })).text, "hi\n[came from an advertisement: Summer, Half price, https://fb.me/x]");
}

#[test]
fn a_customer_is_known_by_metas_id_and_else_by_the_number_however_it_is_spelt() {
    let check = |contacts: Value, from: Value, key: &str, aliases: &[&str], handle: &str| {
        let mut told = json!({ "id": "wamid.IN", "timestamp": "5", "type": "text", "text": { "body": "hi" } });
        told.as_object_mut().unwrap().extend(from.as_object().unwrap().clone());
        let facts = facts_of(&change("messages", &json!({ "contacts": contacts, "messages": [told] })));
        let [Inbound::Message(message)] = facts.as_slice() else { panic!("{facts:?}") };
        let chat = &message.chat;
        assert_eq!((chat.key.as_str(), chat.handle.as_str()), (key, handle));
        assert_eq!(chat.aliases, aliases.iter().map(|alias| (*alias).to_owned()).collect::<Vec<_>>());
    };
    check(ana(), json!({ "from": "16505551234" }), "US.1349", &["16505551234"], "+16505551234");
    check(json!(null), json!({ "from": "16505551234" }), "16505551234", &[], "+16505551234");
    check(json!([{ "wa_id": "551187654321" }]), json!({ "from": "551187654321" }), "5511987654321", &["551187654321"], "+5511987654321");
    check(json!([]), json!({ "from": "5491123456789" }), "5491123456789", &["541123456789"], "+5491123456789");
    let two = json!([{ "wa_id": "1", "user_id": "US.2" }, { "wa_id": "525512345678", "user_id": "MX.3", "profile": { "name": "Luz" } }]);
    check(two, json!({ "from": "5215512345678" }), "MX.3", &["525512345678", "5215512345678"], "+525512345678");
    let hidden = json!([{ "profile": { "name": "Ana", "username": "@ana.k" }, "user_id": "US.1349" }]);
    check(hidden, json!({ "from_user_id": "US.1349" }), "US.1349", &[], "@ana.k");
    check(json!([{ "user_id": "US.1349" }]), json!({}), "US.1349", &[], "");
}

#[test]
fn a_contact_that_stands_alone_lends_its_name_to_nobody_else() {
    let told = json!({ "from": "6281234567890", "id": "wamid.IN", "timestamp": "5", "type": "text", "text": { "body": "hi" } });
    let facts = facts_of(&change("messages", &json!({ "contacts": ana(), "messages": [told] })));
    let [Inbound::Message(message)] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!((message.chat.key.as_str(), message.chat.name.as_str()), ("6281234567890", ""));
}

#[test]
fn of_two_who_write_at_once_the_one_who_is_not_listed_keeps_their_own_chat() {
    let said = |from: &str, id: &str| json!({ "from": from, "id": id, "timestamp": "5", "type": "text", "text": { "body": id } });
    let both = [said("16505551234", "wamid.A"), said("6281234567890", "wamid.B")];
    let facts = facts_of(&change("messages", &json!({ "contacts": ana(), "messages": both })));
    let chats: Vec<_> = facts
        .iter()
        .map(|fact| {
            let Inbound::Message(message) = fact else { panic!("{fact:?}") };
            (message.chat.key.as_str(), message.chat.name.as_str(), message.chat.aliases.len())
        })
        .collect();
    assert_eq!(chats, [("US.1349", "Ana", 1), ("6281234567890", "", 0)]);
}

#[test]
fn a_message_from_nobody_is_kept_aside_with_its_payload() {
    let items =
        read(&json!([change("messages", &json!({ "messages": [{ "id": "wamid.IN", "type": "text", "text": { "body": "hi" } }] }))]));
    assert!(items[0].events.is_err() && items[0].body.contains("wamid.IN"), "{items:?}");
}

#[test]
fn reactions_stand_until_they_are_taken_back_either_way() {
    let check = |reaction: Value, want: &[&str]| {
        let facts = facts(&json!({ "type": "reaction", "reaction": reaction }));
        let emoji = want.iter().map(|one| (*one).to_owned()).collect();
        let (actor, actor_name) = ("customer".to_owned(), "Ana".to_owned());
        let at = Timestamp::from_secs(AT);
        assert_eq!(facts, [Inbound::Reacted { chat: String::new(), target: "wamid.OUT".to_owned(), actor, actor_name, emoji, at }]);
    };
    check(json!({ "message_id": "wamid.OUT", "emoji": "\u{1f44d}" }), &["👍"]);
    check(json!({ "message_id": "wamid.OUT", "emoji": "" }), &[]);
    check(json!({ "message_id": "wamid.OUT" }), &[]);
}

#[test]
fn edits_and_deletions_name_the_message_they_are_about() {
    let edit = json!({ "original_message_id": "wamid.OLD", "message": { "context": { "id": "wamid.OUT" }, "type": "text", "text": { "body": "red" } } });
    let facts = facts(&json!({ "type": "edit", "edit": edit }));
    let [Inbound::Edited(edited)] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!((edited.external_id.as_str(), edited.text.as_str(), edited.reply_to.as_deref()), ("wamid.OLD", "red", Some("wamid.OUT")));
    assert_eq!((edited.edited_at, &edited.chat), (Some(Timestamp::from_secs(AT)), &chat()));
    let gone = self::facts(&json!({ "type": "revoke", "revoke": { "original_message_id": "wamid.OLD" } }));
    assert_eq!(gone, [Inbound::Deleted { chat: String::new(), targets: vec!["wamid.OLD".to_owned()], at: Timestamp::from_secs(AT) }]);
}

#[test]
fn a_changed_number_moves_the_chat_and_says_so_in_it() {
    let check = |message: Value, moved: &[&str], key: &str, text: &str| {
        let facts = facts_of(&change("messages", &json!({ "messages": [message] })));
        let at = Timestamp::from_secs(AT);
        let (last, moves) = facts.split_last().unwrap();
        let want: Vec<Inbound> = moved.iter().map(|from| Inbound::Moved { from: (*from).to_owned(), to: key.to_owned(), at }).collect();
        assert_eq!(moves, want);
        let Inbound::Message(line) = last else { panic!("{last:?}") };
        assert_eq!((line.direction, line.kind, line.chat.key.as_str(), line.text.as_str()), (Direction::System, Kind::Service, key, text));
    };
    let system = |from: Value, system: Value| {
        let mut message = json!({ "id": "wamid.S", "timestamp": AT.to_string(), "type": "system", "system": system });
        message.as_object_mut().unwrap().extend(from.as_object().unwrap().clone());
        message
    };
    let said = "User Ana changed from 16505551234 to 12195555358";
    check(
        system(json!({ "from": "16505551234" }), json!({ "body": said, "wa_id": "12195555358", "type": "user_changed_number" })),
        &["16505551234"],
        "12195555358",
        said,
    );
    check(
        system(json!({ "from": "16505551234" }), json!({ "body": said, "new_wa_id": "12195555358", "type": "customer_changed_number" })),
        &["16505551234"],
        "12195555358",
        said,
    );
    check(
        system(
            json!({ "from": "16505551234", "from_user_id": "US.1349" }),
            json!({ "body": said, "wa_id": "12195555358", "user_id": "US.2000", "type": "user_changed_number" }),
        ),
        &["16505551234", "US.1349"],
        "US.2000",
        said,
    );
    check(
        system(
            json!({}),
            json!({ "body": "changed", "previous_user_id": "US.1349", "user_id": "US.2000", "type": "user_changed_user_id" }),
        ),
        &["US.1349"],
        "US.2000",
        "changed",
    );
    check(
        system(json!({ "from": "16505551234" }), json!({ "type": "customer_identity_changed" })),
        &[],
        "16505551234",
        "the customer's security code changed: they use another telephone or installed the app again",
    );
}

#[test]
fn what_is_written_on_the_phone_appears_as_ours() {
    let echo = json!({ "from": "15550783881", "to": "16505551234", "id": "wamid.E", "timestamp": AT.to_string(), "type": "text", "text": { "body": "Here's the info" } });
    let facts = facts_of(&change("smb_message_echoes", &json!({ "message_echoes": [echo] })));
    let [Inbound::Message(message)] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!((message.direction, message.chat.key.as_str(), message.text.as_str()), (Direction::Out, "16505551234", "Here's the info"));
    let gone = json!({ "from": "15550783881", "to": "16505551234", "id": "wamid.F", "timestamp": AT.to_string(), "type": "revoke", "revoke": { "original_message_id": "wamid.E" } });
    let facts = facts_of(&change("smb_message_echoes", &json!({ "message_echoes": [gone] })));
    assert!(matches!(facts.as_slice(), [Inbound::Deleted { targets, .. }] if targets == &["wamid.E"]), "{facts:?}");
}

#[test]
fn what_was_said_before_the_number_was_connected_stands_in_its_thread() {
    let said = |from: &str, id: &str| json!({ "from": from, "id": id, "timestamp": "1739230955", "type": "text", "text": { "body": id }, "history_context": { "status": "READ" } });
    let thread = json!({ "id": "16505551234", "messages": [said("15550783881", "wamid.1"), said("16505551234", "wamid.2")] });
    let facts = facts_of(&change("history", &json!({ "history": [{ "metadata": { "phase": 1, "progress": 55 }, "threads": [thread] }] })));
    let told: Vec<_> = facts
        .iter()
        .map(|fact| {
            if let Inbound::Message(message) = fact {
                (message.direction, message.chat.key.clone(), message.past)
            } else {
                panic!("{fact:?}")
            }
        })
        .collect();
    assert_eq!(told, [(Direction::Out, "16505551234".to_owned(), true), (Direction::In, "16505551234".to_owned(), true)]);
}

#[test]
fn what_we_said_before_the_number_was_connected_is_never_taken_for_the_customers() {
    let check = |thread: &str, from: &str, from_me: Value, want: Direction| {
        let said = json!({ "from": from, "id": "wamid.1", "timestamp": "5", "type": "text", "text": { "body": "hi" }, "history_context": { "status": "READ", "from_me": from_me } });
        let value = json!({ "metadata": { "display_phone_number": "+55 11 98765-4321", "phone_number_id": NUMBER },
            "history": [{ "threads": [{ "id": thread, "messages": [said] }] }] });
        let facts = facts_of(&json!({ "field": "history", "value": value }));
        assert!(matches!(facts.as_slice(), [Inbound::Message(message)] if message.direction == want), "{from} in {thread}: {facts:?}");
    };
    // Our number without its ninth digit, and the customer's with and without theirs.
    check("5511976543210", "551187654321", Value::Null, Direction::Out);
    check("5511976543210", "551176543210", Value::Null, Direction::In);
    check("5511976543210", "5511976543210", Value::Null, Direction::In);
    check("5511976543210", "", Value::Null, Direction::Out);
    check("5511976543210", "5511976543210", json!(true), Direction::Out);
    check("5511976543210", "551187654321", json!(false), Direction::In);
}

#[test]
fn a_status_says_how_far_a_message_got_and_why_not_further() {
    let check = |status: &str, errors: Value, state: Delivery, cause: Cause, says: &str| {
        let told =
            json!({ "id": "wamid.OUT", "status": status, "timestamp": AT.to_string(), "recipient_id": "16505551234", "errors": errors });
        let facts = facts_of(&change("messages", &json!({ "statuses": [told] })));
        let [Inbound::Receipt { chat, target, state: got, reason, cause: why, at, .. }] = facts.as_slice() else { panic!("{facts:?}") };
        assert_eq!((chat.as_str(), target.as_str(), *got, *why, *at), ("", "wamid.OUT", state, cause, Timestamp::from_secs(AT)));
        assert!(reason.contains(says) && (reason.is_empty() == says.is_empty()), "{reason}");
    };
    let error = |code: i64| json!([{ "code": code, "title": "T", "message": "M", "error_data": { "details": "in detail" } }]);
    check("sent", json!(null), Delivery::Sent, Cause::Other, "");
    check("delivered", json!(null), Delivery::Delivered, Cause::Other, "");
    check("read", json!(null), Delivery::Read, Cause::Other, "");
    check("played", json!(null), Delivery::Played, Cause::Other, "");
    check("failed", error(131_047), Delivery::Failed, Cause::WindowClosed, "in detail; code 131047");
    check("failed", error(131_049), Delivery::Failed, Cause::Capped, "131049");
    check("failed", error(131_050), Delivery::Failed, Cause::OptedOut, "131050");
    check("failed", error(131_026), Delivery::Failed, Cause::Unreachable, "131026");
    check("failed", error(131_042), Delivery::Failed, Cause::Account, "131042");
    check("failed", error(131_053), Delivery::Failed, Cause::Other, "131053");
    check("failed", json!([{ "code": "131047" }]), Delivery::Failed, Cause::WindowClosed, "131047");
    check("failed", json!([]), Delivery::Failed, Cause::Other, "no reason");
}

#[test]
fn advertising_is_stopped_and_resumed_by_the_customer() {
    for (value, want) in [("stop", false), ("resume", true)] {
        let told = json!({ "wa_id": "16505551234", "detail": "d", "category": "marketing_messages", "value": value, "timestamp": AT });
        let facts = facts_of(&change("user_preferences", &json!({ "contacts": ana(), "user_preferences": [told] })));
        assert_eq!(facts, [Inbound::Promotions { chat: Box::new(chat()), wanted: want, at: Timestamp::from_secs(AT) }]);
    }
}

#[test]
fn news_of_the_account_change_no_chat_and_those_of_templates_say_to_fetch_them() {
    let check = |field: &str, want: &[Inbound]| {
        let told = json!({ "field": field, "value": { "event": "APPROVED", "message_template_name": "x" } });
        assert_eq!(facts_of(&told), want, "{field}");
        assert_eq!(read(&json!([told])).len(), 1);
    };
    let changed = [Inbound::TemplatesChanged { at: Timestamp(0) }];
    check("message_template_status_update", &changed);
    check("message_template_quality_update", &changed);
    for field in ["account_update", "phone_number_quality_update", "a field of tomorrow"] {
        check(field, &[]);
    }
}

#[test]
fn an_error_of_the_account_is_kept_for_somebody_to_see() {
    let error = json!({ "code": 130_429, "title": "Rate limit hit", "error_data": { "details": "too many messages" } });
    let items = read(&json!([change("messages", &json!({ "errors": [error] }))]));
    assert!(items[0].events.as_ref().is_err_and(|why| why.contains("too many messages") && why.contains("130429")), "{items:?}");
}

#[test]
fn times_come_as_text_as_numbers_and_not_at_all() {
    let check = |told: Value, want: Timestamp| {
        let told = json!({ "id": "wamid.OUT", "status": "sent", "timestamp": told });
        let facts = facts_of(&change("messages", &json!({ "statuses": [told] })));
        assert!(matches!(facts.as_slice(), [Inbound::Receipt { at, .. }] if *at == want), "{facts:?}");
    };
    check(json!("1739321024"), Timestamp::from_secs(AT));
    check(json!(AT), Timestamp::from_secs(AT));
    check(json!((AT * 1_000).to_string()), Timestamp::from_secs(AT));
    for bad in [json!(null), json!("soon"), json!("-5"), json!("99999999999999999999"), json!({})] {
        check(bad, Timestamp(0));
    }
    let items = read(&json!([change("messages", &json!({ "statuses": [{ "id": "wamid.OUT", "status": "sent" }] }))]));
    let dated = items[0].clone().dated(Timestamp::from_secs(77)).events.unwrap();
    assert!(matches!(dated.as_slice(), [Inbound::Receipt { at, .. }] if *at == Timestamp::from_secs(77)));
}

#[test]
fn one_bad_item_costs_none_of_its_neighbours() {
    let good = |id: &str| json!({ "from": "16505551234", "id": id, "timestamp": "5", "type": "text", "text": { "body": id } });
    let changes = json!([
        change("messages", &json!({ "contacts": ana(), "messages": [good("wamid.1"), 7, null, { "type": "text" }, good("wamid.2")] })),
        { "field": "messages", "value": 5 },
        change("messages", &json!({ "contacts": "none", "statuses": [{ "status": "sent" }, { "id": "wamid.3", "status": "teleported" }, { "id": "wamid.4", "status": "read" }] })),
        change("messages", &json!({ "messages": {} })),
    ]);
    let items = read(&changes);
    let good: Vec<&str> =
        items.iter().filter(|item| item.events.as_ref().is_ok_and(|facts| !facts.is_empty())).map(|item| item.key.as_str()).collect();
    assert_eq!(good, ["m:wamid.1", "m:wamid.2", "s:wamid.4:read:"]);
    assert_eq!(items.iter().filter(|item| item.events.is_err()).count(), 6);
    assert!(items.iter().all(|item| !item.key.is_empty() && !item.body.is_empty()));
}

#[test]
fn a_body_that_is_no_webhook_is_one_item_that_says_why() {
    for body in [
        "",
        "{",
        "[]",
        "7",
        "null",
        "\"x\"",
        "{}",
        r#"{"object":"page","entry":[]}"#,
        r#"{"entry":{}}"#,
        "\u{0}",
        r#"{"entry":[{"id":"1"}]}"#,
    ] {
        let items = (WEBHOOK.read)(body);
        assert_eq!(items.len(), 1, "{body}");
        assert!(items[0].events.is_err(), "{body}");
    }
    assert!((WEBHOOK.read)(r#"{"object":"whatsapp_business_account","entry":[]}"#).is_empty());
}
