//! What a message says, in words, and its files: every kind of content of the Bot API's `Message`.

use std::fmt::Write as _;

use serde_json::Value;

use super::entities::readable;
use super::wire::{self, int, list, money, name, names, some, text};
use super::{rich, service};
use crate::domain::attachment::FileKind;
use crate::domain::inbound::InFile;
use crate::domain::message::Kind;

/// A message's content.
#[derive(Debug)]
pub(super) struct Content {
    /// What sort.
    pub kind: Kind,
    /// The words.
    pub text: String,
    /// The files.
    pub files: Vec<InFile>,
    /// Nobody wrote it: it tells of something that happened in the chat.
    pub event: bool,
}

/// Content that is one file under the field's name, in the order they must be looked for: an animation also fills `document`.
const FILES: [(&str, FileKind); 8] = [
    ("animation", FileKind::Animation),
    ("live_photo", FileKind::Video),
    ("video", FileKind::Video),
    ("video_note", FileKind::VideoNote),
    ("voice", FileKind::Voice),
    ("audio", FileKind::Audio),
    ("sticker", FileKind::Sticker),
    ("document", FileKind::Document),
];

/// Fields that are about a message, not its content: a message with nothing else has content this version does not know.
const ABOUT: [&str; 48] = [
    "author_signature",
    "business_connection_id",
    "caption",
    "caption_entities",
    "chat",
    "date",
    "direct_messages_topic",
    "edit_date",
    "effect_id",
    "entities",
    "ephemeral_message_id",
    "external_reply",
    "forward_date",
    "forward_from",
    "forward_from_chat",
    "forward_from_message_id",
    "forward_origin",
    "forward_sender_name",
    "forward_signature",
    "from",
    "guest_bot_caller_chat",
    "guest_bot_caller_user",
    "guest_query_id",
    "has_media_spoiler",
    "has_protected_content",
    "is_automatic_forward",
    "is_from_offline",
    "is_paid_post",
    "is_topic_message",
    "link_preview_options",
    "media_group_id",
    "message_id",
    "message_thread_id",
    "paid_star_count",
    "quote",
    "receiver_user",
    "reply_markup",
    "reply_to_checklist_task_id",
    "reply_to_message",
    "reply_to_poll_option_id",
    "reply_to_story",
    "sender_boost_count",
    "sender_business_bot",
    "sender_chat",
    "sender_tag",
    "show_caption_above_media",
    "suggested_post_info",
    "via_bot",
];

/// What a `Message` says. Anything unknown is named, never dropped.
pub(super) fn content(message: &Value) -> Content {
    if some(message, "text").is_some() {
        return words(Kind::Text, readable(text(message, "text"), list(message, "entities")));
    }
    if let Some(files) = files(message) {
        let mut said = readable(text(message, "caption"), list(message, "caption_entities"));
        if let Some(sticker) = some(message, "sticker") {
            text(sticker, "emoji").clone_into(&mut said);
        } else if let Some(paid) = some(message, "paid_media") {
            let price = format!("[paid media, {} stars]", int(paid, "star_count"));
            said = if said.is_empty() { price } else { format!("{price} {said}") };
        }
        return Content { kind: Kind::File, text: said, files, event: false };
    }
    if let Some((kind, said)) = spoken(message) {
        return words(kind, said);
    }
    if let Some((said, event)) = service::words(message) {
        return Content { kind: Kind::Service, text: said, files: Vec::new(), event };
    }
    words(Kind::Unsupported, unsupported(message))
}

/// One line for a quote: the words, or what a person would say of the files.
pub(super) fn summary(message: &Value) -> String {
    let content = content(message);
    match content.files.first() {
        Some(file) if content.text.is_empty() && file.name.is_empty() => format!("[{}]", file.kind.title()),
        Some(file) if content.text.is_empty() => format!("[{}] {}", file.kind.title(), file.name),
        _ => content.text,
    }
}

/// What stands for content this version cannot read.
pub(super) fn unsupported(message: &Value) -> String {
    let fields = message.as_object().into_iter().flatten();
    let unknown: Vec<&str> = fields.map(|(name, _)| name.as_str()).filter(|name| !ABOUT.contains(name)).take(5).collect();
    let what = if unknown.is_empty() { "an empty message".to_owned() } else { unknown.join(", ") };
    let caption = text(message, "caption");
    format!("[unsupported: {what}] {caption}").trim_end().to_owned()
}

fn words(kind: Kind, text: String) -> Content {
    Content { kind, text, files: Vec::new(), event: false }
}

fn files(message: &Value) -> Option<Vec<InFile>> {
    if let Some(paid) = some(message, "paid_media") {
        return Some(list(paid, "paid_media").iter().filter_map(paid_file).collect());
    }
    if some(message, "photo").is_some() {
        return Some(photo(list(message, "photo")).into_iter().collect());
    }
    let (field, kind) = FILES.into_iter().find(|(field, _)| some(message, field).is_some())?;
    Some(file(kind, &message[field]).into_iter().collect())
}

fn paid_file(media: &Value) -> Option<InFile> {
    match text(media, "type") {
        "photo" => photo(list(media, "photo")),
        "video" => file(FileKind::Video, &media["video"]),
        _ => None,
    }
}

/// The largest of a photo's sizes.
fn photo(sizes: &[Value]) -> Option<InFile> {
    let largest = sizes.iter().max_by_key(|size| int(size, "width").saturating_mul(int(size, "height")))?;
    file(FileKind::Photo, largest)
}

fn file(kind: FileKind, of: &Value) -> Option<InFile> {
    let reference = text(of, "file_id");
    if reference.is_empty() {
        return None;
    }
    let mime = match (kind, text(of, "mime_type")) {
        (FileKind::Photo, "") => "image/jpeg",
        (FileKind::Sticker, "") if of["is_animated"] == true => "application/x-tgsticker",
        (FileKind::Sticker, "") if of["is_video"] == true => "video/webm",
        (FileKind::Sticker, "") => "image/webp",
        (FileKind::VideoNote, "") => "video/mp4",
        (_, told) => told,
    };
    Some(InFile {
        kind,
        reference: reference.to_owned(),
        name: label(of),
        mime: mime.to_owned(),
        size: of["file_size"].as_u64(),
        seconds: of["duration"].as_u64().and_then(|secs| u32::try_from(secs).ok()),
    })
}

fn label(of: &Value) -> String {
    let title = [text(of, "performer"), text(of, "title")];
    match text(of, "file_name") {
        "" => title.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" - "),
        given => given.to_owned(),
    }
}

/// Content without files that somebody chose to send.
fn spoken(message: &Value) -> Option<(Kind, String)> {
    let found = |field| some(message, field);
    if let Some(venue) = found("venue") {
        let place = [text(venue, "title"), text(venue, "address")].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>();
        return Some((Kind::Location, format!("[venue] {} ({})", place.join(", "), coordinates(&venue["location"]))));
    }
    if let Some(location) = found("location") {
        let what = if some(location, "live_period").is_some() { "live location" } else { "location" };
        return Some((Kind::Location, format!("[{what}] {}", coordinates(location))));
    }
    if let Some(contact) = found("contact") {
        return Some((Kind::Contact, format!("[contact] {}, {}", name(contact), text(contact, "phone_number"))));
    }
    if let Some(poll) = found("poll") {
        return Some((Kind::Poll, poll_words(poll)));
    }
    if let Some(list) = found("checklist") {
        return Some((Kind::Text, checklist(list)));
    }
    let said = if let Some(message) = found("rich_message") {
        rich::plain(message)
    } else if let Some(dice) = found("dice") {
        format!("{} {}", text(dice, "emoji"), int(dice, "value"))
    } else if let Some(game) = found("game") {
        titled("game", text(game, "title"), text(game, "description"))
    } else if let Some(invoice) = found("invoice") {
        titled("invoice", &format!("{}, {}", text(invoice, "title"), money(invoice)), text(invoice, "description"))
    } else if let Some(story) = found("story") {
        format!("[story] {}", name(&story["chat"]))
    } else if let Some(giveaway) = found("giveaway") {
        giveaway_words("giveaway", int(giveaway, "winner_count"), giveaway)
    } else if let Some(won) = found("giveaway_winners") {
        let winners = names(list(won, "winners"));
        format!("{}: {winners}", giveaway_words("giveaway ended", int(won, "winner_count"), won))
    } else {
        return None;
    };
    Some((Kind::Text, said.trim_end().to_owned()))
}

fn coordinates(location: &Value) -> String {
    let number = |name: &str| location[name].as_f64().map_or_else(|| "?".to_owned(), |degrees| degrees.to_string());
    format!("{}, {}", number("latitude"), number("longitude"))
}

fn titled(what: &str, title: &str, more: &str) -> String {
    if more.is_empty() { format!("[{what}] {title}") } else { format!("[{what}] {title}: {more}") }
}

fn giveaway_words(what: &str, winners: i64, of: &Value) -> String {
    let prize = text(of, "prize_description");
    let people = if winners == 1 { "winner" } else { "winners" };
    format!("[{what}] {winners} {people} {prize}").trim_end().to_owned()
}

fn poll_words(poll: &Value) -> String {
    let what = if text(poll, "type") == "quiz" { "quiz" } else { "poll" };
    let mut said = format!("[{what}] {}", readable(text(poll, "question"), list(poll, "question_entities")));
    for option in list(poll, "options") {
        said.push_str("\n- ");
        said.push_str(text(option, "text"));
        let votes = int(option, "voter_count");
        if votes > 0 {
            // Writing to a String cannot fail.
            let _ = write!(said, " ({votes})");
        }
    }
    said
}

fn checklist(of: &Value) -> String {
    let mut said = format!("[checklist] {}", readable(text(of, "title"), list(of, "title_entities")));
    for task in list(of, "tasks") {
        let done = wire::some(task, "completion_date").is_some_and(|at| at != 0);
        said.push_str(if done { "\n[x] " } else { "\n[ ] " });
        said.push_str(&readable(text(task, "text"), list(task, "text_entities")));
    }
    said
}
