//! Updates as Telegram sends them, and what a person reads.

use frontdesk::channel::telegram::map;
use frontdesk::domain::inbound::{InMessage, Inbound};
use frontdesk::domain::message::{Direction, Kind};
use frontdesk::domain::time::{Span, Timestamp};
use serde_json::{Value, json};

fn events(update: &Value) -> Vec<Inbound> {
    map("7:abc", &update.to_string()).events.unwrap()
}

fn one(kind: &str, payload: &Value) -> InMessage {
    let mut events = events(&json!({ "update_id": 7, kind: payload }));
    assert_eq!(events.len(), 1, "{payload}");
    match events.remove(0) {
        Inbound::Message(message) | Inbound::Edited(message) => *message,
        other => panic!("{other:?}"),
    }
}

/// A message of Leila's in her private chat, with these fields.
fn private(fields: &Value) -> Value {
    let leila =
        json!({ "id": 77, "is_bot": false, "first_name": "Leila", "last_name": "Haddad", "username": "leila", "language_code": "ar" });
    let mut message = json!({
        "message_id": 31, "date": 1_795_168_800, "from": leila,
        "chat": { "id": 77, "type": "private", "first_name": "Leila", "last_name": "Haddad", "username": "leila" },
    });
    for (name, value) in fields.as_object().unwrap() {
        message[name] = value.clone();
    }
    message
}

/// The same in a group.
fn group(fields: &Value) -> Value {
    let mut message = private(fields);
    message["chat"] = json!({ "id": -1_001_234_567_890_i64, "type": "supergroup", "title": "Court 3" });
    message
}

#[test]
fn a_text_says_where_who_and_when() {
    let message = one("message", &private(&json!({ "text": "hello" })));
    assert_eq!((message.chat.key.as_str(), message.chat.name.as_str()), ("77", "Leila Haddad"));
    assert_eq!((message.chat.handle.as_str(), message.chat.language.as_str(), message.chat.window), ("@leila", "ar", None));
    assert_eq!((message.external_id.as_str(), message.seq), ("31", 31));
    assert_eq!((message.direction, message.kind), (Direction::In, Kind::Text));
    assert_eq!((message.author_key.as_str(), message.author.as_str(), message.text.as_str()), ("77", "Leila Haddad", "hello"));
    assert_eq!((message.at, message.edited_at), (Timestamp::from_secs(1_795_168_800), None));
}

#[test]
fn every_kind_of_content_reads_as_words() {
    use Kind::{Contact, Location, Poll, Service, Text, Unsupported};
    let check = |fields: Value, kind: Kind, want: &str| {
        let message = one("message", &private(&fields));
        assert_eq!((message.text.as_str(), message.kind), (want, kind), "{fields}");
        assert!(message.files.is_empty(), "{fields}");
    };
    check(json!({ "text": "a\u{202e}b\u{1b}[2J" }), Text, "a\u{202e}b\u{1b}[2J");
    check(
        json!({ "text": "see the map", "entities": [{ "type": "text_link", "offset": 8, "length": 3, "url": "https://example.org/m" }] }),
        Text,
        "see the map (https://example.org/m)",
    );
    check(json!({ "location": { "latitude": 52.5, "longitude": 13.4 } }), Location, "[location] 52.5, 13.4");
    check(json!({ "location": { "latitude": 52.5, "longitude": 13.4, "live_period": 900 } }), Location, "[live location] 52.5, 13.4");
    let place = json!({ "latitude": -6.2, "longitude": 106.8 });
    check(
        json!({ "venue": { "location": place, "title": "Padel Hall", "address": "Jl. Sudirman 1" }, "location": place }),
        Location,
        "[venue] Padel Hall, Jl. Sudirman 1 (-6.2, 106.8)",
    );
    check(json!({ "contact": { "phone_number": "+62811", "first_name": "Budi" } }), Contact, "[contact] Budi, +62811");
    check(
        json!({ "poll": { "question": "When?", "type": "regular", "options": [{ "text": "Mon", "voter_count": 2 }, { "text": "Tue" }] } }),
        Poll,
        "[poll] When?\n- Mon (2)\n- Tue",
    );
    check(json!({ "poll": { "question": "2+2", "type": "quiz", "options": [] } }), Poll, "[quiz] 2+2");
    check(json!({ "dice": { "emoji": "🎲", "value": 4 } }), Text, "🎲 4");
    check(json!({ "game": { "title": "Tetris", "description": "Fall" } }), Text, "[game] Tetris: Fall");
    check(
        json!({ "invoice": { "title": "Court", "description": "1 h", "currency": "EUR", "total_amount": 1250 } }),
        Text,
        "[invoice] Court, 12.50 EUR: 1 h",
    );
    check(json!({ "successful_payment": { "currency": "JPY", "total_amount": 500 } }), Service, "[paid] 500 JPY");
    check(json!({ "successful_payment": { "currency": "XTR", "total_amount": 5 } }), Service, "[paid] 5 stars");
    check(json!({ "refunded_payment": { "currency": "KWD", "total_amount": 1005 } }), Service, "[refunded] 1.005 KWD");
    check(json!({ "story": { "chat": { "id": 5, "title": "Club" }, "id": 1 } }), Text, "[story] Club");
    check(json!({ "giveaway": { "winner_count": 3, "prize_description": "Balls" } }), Text, "[giveaway] 3 winners Balls");
    check(
        json!({ "checklist": { "title": "Bring", "tasks": [{ "id": 1, "text": "Balls", "completion_date": 5 }, { "id": 2, "text": "Water" }] } }),
        Text,
        "[checklist] Bring\n[x] Balls\n[ ] Water",
    );
    check(json!({ "web_app_data": { "button_text": "Order", "data": "{\"n\":1}" } }), Service, "[Order] {\"n\":1}");
    check(
        json!({ "users_shared": { "request_id": 1, "users": [{ "user_id": 9, "first_name": "Ana" }] } }),
        Service,
        "[shared contacts] Ana (9)",
    );
    check(
        json!({ "rich_message": { "blocks": [
            { "type": "heading", "text": ["Bring ", { "type": "bold", "text": "this" }] },
            { "type": "list", "items": [{ "label": "1.", "blocks": [{ "type": "paragraph", "text": "Balls" }] }] },
            { "type": "table", "cells": [[{ "text": "a" }, { "text": "b" }]] },
            { "type": "paragraph", "text": { "type": "url", "text": "map", "url": "https://e.org" } },
            { "type": "photo", "caption": { "text": "the net" } }, { "type": "divider" },
        ] } }),
        Text,
        "Bring this\n1. Balls\na | b\nmap (https://e.org)\n[photo] the net",
    );
    check(json!({ "hologram": { "depth": 3 } }), Unsupported, "[unsupported: hologram]");
    check(json!({ "hologram": { "depth": 3 }, "caption": "look" }), Unsupported, "[unsupported: hologram] look");
    check(json!({}), Unsupported, "[unsupported: an empty message]");
    check(json!({ "text": 7 }), Text, "");
}

#[test]
fn every_kind_of_file_is_listed_with_its_caption() {
    let check = |fields: Value, text: &str, files: &[(&str, &str, &str)]| {
        let message = one("message", &private(&fields));
        let got: Vec<(&str, &str, &str)> =
            message.files.iter().map(|file| (file.kind.name(), file.reference.as_str(), file.name.as_str())).collect();
        assert_eq!((message.text.as_str(), got.as_slice(), message.kind), (text, files, Kind::File), "{fields}");
    };
    let sizes = json!([
        { "file_id": "s", "width": 90, "height": 60 }, { "file_id": "l", "width": 900, "height": 600 }, { "file_id": "m", "width": 320, "height": 200 },
    ]);
    check(json!({ "photo": sizes, "caption": "the net" }), "the net", &[("photo", "l", "")]);
    check(
        json!({ "photo": sizes, "caption": "our site", "caption_entities": [{ "type": "text_link", "offset": 4, "length": 4, "url": "https://e.org" }] }),
        "our site (https://e.org)",
        &[("photo", "l", "")],
    );
    check(json!({ "video": { "file_id": "v", "file_name": "a.mp4", "duration": 3 } }), "", &[("video", "v", "a.mp4")]);
    check(json!({ "animation": { "file_id": "g" }, "document": { "file_id": "g" } }), "", &[("animation", "g", "")]);
    check(json!({ "video_note": { "file_id": "n", "length": 240 } }), "", &[("video_note", "n", "")]);
    check(json!({ "voice": { "file_id": "o", "duration": 2 } }), "", &[("voice", "o", "")]);
    check(json!({ "audio": { "file_id": "a", "performer": "Fairuz", "title": "Zahrat" } }), "", &[("audio", "a", "Fairuz - Zahrat")]);
    check(json!({ "document": { "file_id": "d", "file_name": "../../etc/passwd" } }), "", &[("document", "d", "../../etc/passwd")]);
    check(json!({ "sticker": { "file_id": "k", "emoji": "👍" } }), "👍", &[("sticker", "k", "")]);
    check(
        json!({ "paid_media": { "star_count": 5, "paid_media": [{ "type": "photo", "photo": sizes }, { "type": "preview" }] }, "caption": "x" }),
        "[paid media, 5 stars] x",
        &[("photo", "l", "")],
    );
    let video = &one("message", &private(&json!({ "video": { "file_id": "v", "mime_type": "video/mp4", "file_size": 9, "duration": 3 } })))
        .files[0];
    assert_eq!((video.mime.as_str(), video.size, video.seconds), ("video/mp4", Some(9), Some(3)));
}

#[test]
fn what_happens_in_a_group_is_a_line_of_the_system() {
    let check = |fields: Value, want: &str| {
        let message = one("message", &group(&fields));
        assert_eq!((message.text.as_str(), message.kind, message.direction), (want, Kind::Service, Direction::System), "{fields}");
    };
    check(json!({ "new_chat_members": [{ "id": 77, "first_name": "Leila" }] }), "Leila Haddad joined");
    check(json!({ "new_chat_members": [{ "id": 1, "first_name": "Ana" }, { "id": 2, "username": "bo" }] }), "Leila Haddad added Ana, @bo");
    check(json!({ "left_chat_member": { "id": 77, "first_name": "Leila" } }), "Leila Haddad left");
    check(json!({ "left_chat_member": { "id": 1, "first_name": "Ana" } }), "Leila Haddad removed Ana");
    check(json!({ "new_chat_title": "Court 4" }), "Leila Haddad renamed the chat to \"Court 4\"");
    check(json!({ "delete_chat_photo": true }), "Leila Haddad removed the chat's photo");
    check(json!({ "group_chat_created": true }), "Leila Haddad created the group");
    check(json!({ "pinned_message": { "message_id": 3, "date": 0, "chat": {}, "text": "rules" } }), "Leila Haddad pinned \"rules\"");
    check(
        json!({ "message_auto_delete_timer_changed": { "message_auto_delete_time": 86_400 } }),
        "Leila Haddad set messages to delete themselves after 1 d",
    );
    check(json!({ "forum_topic_created": { "name": "Refunds", "icon_color": 1 } }), "Leila Haddad opened the topic \"Refunds\"");
    check(json!({ "boost_added": { "boost_count": 2 } }), "Leila Haddad boosted the chat (2)");
    check(json!({ "video_chat_ended": { "duration": 90 } }), "the video chat ended after 1 min");
}

#[test]
fn a_reply_carries_what_it_answers() {
    let check = |fields: Value, to: Option<&str>, quote: &str| {
        let message = one("message", &group(&fields));
        assert_eq!((message.reply_to.as_deref(), message.quote.as_str()), (to, quote), "{fields}");
    };
    let target = json!({ "message_id": 9, "date": 5, "text": "Which court?" });
    check(json!({ "text": "3", "reply_to_message": target }), Some("9"), "Which court?");
    check(json!({ "text": "3", "reply_to_message": target, "quote": { "text": "court", "position": 6 } }), Some("9"), "court");
    check(json!({ "text": "3", "reply_to_message": { "message_id": 9, "date": 5, "voice": { "file_id": "o" } } }), Some("9"), "[voice]");
    check(json!({ "text": "3", "reply_to_message": { "message_id": 9, "date": 0 } }), Some("9"), "");
    check(json!({ "text": "3", "reply_to_message": { "message_id": 9, "date": 5, "forum_topic_created": { "name": "x" } } }), None, "");
    let elsewhere = json!({ "origin": { "type": "user", "sender_user": { "id": 4, "first_name": "Ana" } }, "document": { "file_id": "d", "file_name": "a.pdf" } });
    check(json!({ "text": "3", "external_reply": elsewhere }), None, "Ana: [file] a.pdf");
    check(json!({ "text": "3", "external_reply": { "origin": { "type": "hidden_user", "sender_user_name": "Bo" } } }), None, "Bo");
}

#[test]
fn a_forward_names_its_source_in_every_form() {
    let check = |fields: Value, want: &str| {
        let mut fields = fields;
        fields["text"] = "x".into();
        assert_eq!(one("message", &private(&fields)).forwarded_from, want, "{fields}");
    };
    check(json!({ "forward_origin": { "type": "user", "sender_user": { "id": 4, "first_name": "Ana" } } }), "Ana");
    check(json!({ "forward_origin": { "type": "hidden_user", "sender_user_name": "Bo" } }), "Bo");
    check(json!({ "forward_origin": { "type": "chat", "sender_chat": { "id": 4, "title": "Club" } } }), "Club");
    check(json!({ "forward_origin": { "type": "channel", "chat": { "id": 4, "title": "News" }, "author_signature": "Ed" } }), "News (Ed)");
    check(json!({ "forward_from": { "id": 4, "first_name": "Ana" } }), "Ana");
    check(json!({ "forward_from_chat": { "id": 4, "title": "News" }, "forward_from": { "id": 5, "first_name": "Ana" } }), "News");
    check(json!({ "forward_sender_name": "Bo" }), "Bo");
    check(json!({}), "");
}

#[test]
fn the_author_is_whoever_speaks() {
    let check = |message: Value, key: &str, author: &str| {
        let message = one("message", &message);
        assert_eq!((message.author_key.as_str(), message.author.as_str()), (key, author));
    };
    let admin = json!({ "text": "x", "sender_chat": { "id": -5, "title": "Court 3" }, "author_signature": "Ed" });
    check(group(&admin), "-5", "Court 3 (Ed)");
    check(private(&json!({ "text": "x", "via_bot": { "id": 1, "username": "gif" } })), "77", "Leila Haddad (via @gif)");
    check(private(&json!({ "text": "x", "from": { "id": 3, "username": "solo" } })), "3", "@solo");
    check(private(&json!({ "text": "x", "from": { "id": 3, "first_name": "" } })), "3", "3");
}

#[test]
fn a_business_chat_has_its_own_key_a_window_and_two_sides() {
    let incoming = one("business_message", &private(&json!({ "text": "hi", "business_connection_id": "Bc" })));
    assert_eq!((incoming.chat.key.as_str(), incoming.chat.window, incoming.direction), ("biz:Bc:77", Some(Span::hours(24)), Direction::In));
    let owner = json!({ "text": "hi", "business_connection_id": "Bc", "from": { "id": 5, "first_name": "Owner", "language_code": "de" } });
    let echo = one("business_message", &private(&owner));
    assert_eq!((echo.direction, echo.chat.name.as_str(), echo.chat.language.as_str()), (Direction::Out, "Leila Haddad", ""));
    let deleted = json!({ "update_id": 7, "deleted_business_messages": { "business_connection_id": "Bc", "chat": { "id": 77 }, "message_ids": [3, 4] } });
    let want = Inbound::Deleted { chat: "biz:Bc:77".to_owned(), targets: vec!["3".to_owned(), "4".to_owned()], at: Timestamp(0) };
    assert_eq!(events(&deleted), [want]);
}

#[test]
fn channel_posts_are_news_and_a_bots_own_are_ours() {
    let chat = json!({ "id": -9, "type": "channel", "title": "News" });
    let post = one(
        "channel_post",
        &json!({ "message_id": 1, "date": 5, "chat": chat, "sender_chat": chat, "text": "x", "author_signature": "Ed" }),
    );
    assert_eq!((post.direction, post.author.as_str()), (Direction::In, "News (Ed)"));
    let own = one("channel_post", &json!({ "message_id": 1, "date": 5, "chat": chat, "from": { "id": 1, "is_bot": true }, "text": "x" }));
    assert_eq!(own.direction, Direction::Out);
}

#[test]
fn an_edit_keeps_the_id_and_says_when() {
    for kind in ["edited_message", "edited_channel_post", "edited_business_message"] {
        let update = json!({ "update_id": 7, kind: private(&json!({ "text": "new", "edit_date": 1_795_168_900 })) });
        let events = events(&update);
        let [Inbound::Edited(message)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((message.external_id.as_str(), message.text.as_str()), ("31", "new"));
        assert_eq!((message.at, message.edited_at), (Timestamp::from_secs(1_795_168_800), Some(Timestamp::from_secs(1_795_168_900))));
    }
}

#[test]
fn an_album_is_one_by_its_group_id() {
    let message = one("message", &private(&json!({ "photo": [{ "file_id": "p" }], "media_group_id": "13" })));
    assert_eq!(message.album, "13");
}

#[test]
fn a_group_that_becomes_a_supergroup_moves() {
    let at = Timestamp::from_secs(1_795_168_800);
    let moved = |from: &str, to: &str| Inbound::Moved { from: from.to_owned(), to: to.to_owned(), at };
    let mut old = private(&json!({ "migrate_to_chat_id": -100 }));
    old["chat"] = json!({ "id": -5, "type": "group", "title": "Court 3" });
    assert_eq!(events(&json!({ "update_id": 7, "message": old })), [moved("-5", "-100")]);
    let mut new = private(&json!({ "migrate_from_chat_id": -5 }));
    new["chat"] = json!({ "id": -100, "type": "supergroup", "title": "Court 3" });
    let events = events(&json!({ "update_id": 7, "message": new }));
    assert_eq!(events[0], moved("-5", "-100"));
    assert!(matches!(&events[1], Inbound::Message(line) if line.chat.key == "-100" && line.direction == Direction::System));
}

#[test]
fn reactions_are_what_now_stands() {
    let reaction = |payload: Value| match events(&json!({ "update_id": 7, "message_reaction": payload })).remove(0) {
        Inbound::Reacted { chat, target, actor, actor_name, emoji, .. } => (chat, target, actor, actor_name, emoji.join(" ")),
        other => panic!("{other:?}"),
    };
    let user = json!({ "id": 77, "first_name": "Leila" });
    let kinds = json!([{ "type": "emoji", "emoji": "👍" }, { "type": "custom_emoji", "custom_emoji_id": "5" }, { "type": "paid" }]);
    let got =
        reaction(json!({ "chat": { "id": 77 }, "message_id": 9, "user": user, "date": 5, "old_reaction": [], "new_reaction": kinds }));
    assert_eq!(got, ("77".into(), "9".into(), "77".into(), "Leila".into(), "👍 custom ⭐".into()));
    let got =
        reaction(json!({ "chat": { "id": 77 }, "message_id": 9, "user": user, "date": 5, "old_reaction": kinds, "new_reaction": [] }));
    assert_eq!(got.4, "");
    let count = json!({ "chat": { "id": -9 }, "message_id": 9, "date": 5, "reactions": [{ "type": { "type": "emoji", "emoji": "👍" }, "total_count": 3 }] });
    let events = events(&json!({ "update_id": 7, "message_reaction_count": count }));
    assert!(matches!(&events[..], [Inbound::Reacted { emoji, .. }] if emoji == &["👍 3"]), "{events:?}");
}

#[test]
fn a_pressed_button_is_the_customers_word() {
    let keyboard =
        json!({ "inline_keyboard": [[{ "text": "Yes, book it", "callback_data": "y" }, { "text": "No", "callback_data": "n" }]] });
    let message =
        json!({ "message_id": 9, "date": 5, "chat": { "id": 77, "type": "private", "first_name": "Leila" }, "reply_markup": keyboard });
    let query = json!({ "id": "q1", "from": { "id": 77, "first_name": "Leila" }, "message": message, "data": "y" });
    let line = one("callback_query", &query);
    assert_eq!((line.text.as_str(), line.direction, line.reply_to.as_deref()), ("pressed \"Yes, book it\"", Direction::In, Some("9")));
    let mut old = query.clone();
    old["message"] = json!({ "message_id": 9, "date": 0, "chat": { "id": 77, "first_name": "Leila" } });
    assert_eq!(one("callback_query", &old).text, "pressed \"y\"");
    let inline = json!({ "update_id": 7, "callback_query": { "id": "q", "from": { "id": 77 }, "inline_message_id": "i", "data": "y" } });
    assert!(events(&inline).is_empty());
}

#[test]
fn a_block_and_its_end_change_who_can_be_reached() {
    let change = |chat: &str, old: Value, new: Value| {
        let chat = json!({ "id": 77, "type": chat, "first_name": "Leila", "title": "" });
        let payload =
            json!({ "chat": chat, "from": { "id": 77, "first_name": "Leila" }, "date": 5, "old_chat_member": old, "new_chat_member": new });
        events(&json!({ "update_id": 7, "my_chat_member": payload }))
    };
    let reached = |events: &[Inbound]| match &events[0] {
        Inbound::Reachable { reachable, .. } => *reachable,
        other => panic!("{other:?}"),
    };
    let (member, kicked, left) = (json!({ "status": "member" }), json!({ "status": "kicked" }), json!({ "status": "left" }));
    let blocked = change("private", member.clone(), kicked.clone());
    assert!(!reached(&blocked) && blocked.len() == 1);
    assert!(reached(&change("private", kicked, member.clone())));
    let removed = change("group", member.clone(), left.clone());
    assert!(!reached(&removed));
    assert!(matches!(&removed[1], Inbound::Message(line) if line.text == "Leila removed the bot" && line.direction == Direction::System));
    assert!(reached(&change("group", left, member.clone())));
    assert!(!reached(&change("group", member, json!({ "status": "restricted", "is_member": true, "can_send_messages": false }))));
}

#[test]
fn an_unknown_kind_of_update_is_shown_where_it_names_a_chat() {
    let chat = json!({ "id": 77, "type": "private", "first_name": "Leila" });
    let from = json!({ "id": 77, "first_name": "Leila" });
    let line = one("telepathy", &json!({ "chat": chat, "from": from, "date": 5, "text": "hm" }));
    assert_eq!((line.text.as_str(), line.kind, line.direction), ("[unsupported: telepathy] hm", Kind::Unsupported, Direction::In));
    assert_eq!(one("chat_boost", &json!({ "chat": chat, "boost": {} })).direction, Direction::System);
    let nested = one("telepathy", &json!({ "thought": { "chat": chat, "from": from, "date": 5 } }));
    assert_eq!((nested.chat.key.as_str(), nested.text.as_str()), ("77", "[unsupported: telepathy]"));
    for (kind, payload) in [
        ("poll", json!({ "id": "1", "question": "When?" })),
        ("poll_answer", json!({ "poll_id": "1", "user": from, "option_ids": [0] })),
        ("inline_query", json!({ "id": "1", "from": from, "query": "x" })),
        ("pre_checkout_query", json!({ "id": "1", "from": from })),
    ] {
        assert!(events(&json!({ "update_id": 7, kind: payload })).is_empty(), "{kind}");
    }
    assert!(events(&json!({ "update_id": 7 })).is_empty());
    assert!(events(&json!({ "update_id": 7, "message": null, "edited_message": null })).is_empty(), "null is absent");
}

#[test]
fn what_would_otherwise_vanish_is_an_error() {
    let check = |update: Value, why: &str| {
        let error = map("k", &update.to_string()).events.unwrap_err();
        assert!(error.contains(why), "{error}");
    };
    check(json!({ "update_id": 7, "message": "hello" }), "message is not an object");
    check(json!({ "update_id": 7, "message_reaction": [] }), "message_reaction is not an object");
    check(json!({ "update_id": 7, "telepathy": { "x": 1 } }), "telepathy");
}

#[test]
fn half_a_surrogate_pair_costs_one_character() {
    let message = |text: &str| format!(r#"{{"update_id":7,"message":{{"message_id":1,"date":5,"chat":{{"id":77}},"text":"{text}"}}}}"#);
    let check = |text: &str, want: &str| match &map("k", &message(text)).events.unwrap()[..] {
        [Inbound::Message(message)] => assert_eq!(message.text, want),
        other => panic!("{other:?}"),
    };
    check(r"cut \ud83d", "cut \u{fffd}");
    check(r"\udc4b low, \\ud83d a backslash, \ud83d\udc4b whole", "\u{fffd} low, \\ud83d a backslash, 👋 whole");
    check(r"\ud83d\ud83d\udc4b", "\u{fffd}👋");
}

#[test]
fn what_cannot_be_read_says_why_and_keeps_its_body() {
    let deep = format!(r#"{{"update_id":7,"message":{}1{}}}"#, "[".repeat(500), "]".repeat(500));
    for body in
        ["", "7", "null", "[]", "{", r#"{"update_id":7,"message":{}}"#, r#"{"update_id":7,"message":{"message_id":1}}"#, deep.as_str()]
    {
        let item = map("k", body);
        assert!(item.events.is_err(), "{body:.40}");
        assert_eq!((item.key.as_str(), item.body.as_str()), ("k", body));
    }
}

#[test]
fn a_payload_of_the_wrong_shape_never_panics() {
    let kinds = [
        "message",
        "edited_message",
        "channel_post",
        "business_message",
        "deleted_business_messages",
        "business_connection",
        "message_reaction",
        "message_reaction_count",
        "callback_query",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "telepathy",
    ];
    let fields = [
        "chat",
        "from",
        "user",
        "text",
        "photo",
        "poll",
        "venue",
        "paid_media",
        "reply_to_message",
        "quote",
        "new_chat_members",
        "message",
        "date",
    ];
    let odd = [json!("x"), json!(-1), json!(1e300), json!([]), json!([[]]), json!({}), json!(true), json!({ "id": 5 }), Value::Null];
    for kind in kinds {
        for field in fields {
            for value in &odd {
                let mut payload = private(&json!({ "text": "x" }));
                payload[field] = value.clone();
                // Whatever it means, it is told without a panic.
                let item = map("k", &json!({ "update_id": 7, kind: payload }).to_string());
                assert_eq!(item.key, "k");
            }
        }
    }
}
