//! Service messages: what happened in a chat, in words. Each is one field of the Bot API's `Message`.

use serde_json::Value;

use super::wire::{int, list, money, name, names, some, text};
use super::words::summary;

/// Says a service field in words: the field, the message around it, and who did it.
type Say = fn(&Value, &str) -> String;

/// Whether the customer did it for us to see (a payment, data from a web app), so that it counts as theirs.
const FOR_US: [&str; 9] = [
    "successful_payment",
    "users_shared",
    "user_shared",
    "chat_shared",
    "web_app_data",
    "passport_data",
    "gift",
    "unique_gift",
    "checklist_tasks_done",
];

/// The field's name, and its words.
const SERVICE: &[(&str, Say)] = &[
    ("new_chat_title", |of, who| format!("{who} renamed the chat to \"{}\"", of.as_str().unwrap_or_default())),
    ("new_chat_photo", |_, who| format!("{who} changed the chat's photo")),
    ("delete_chat_photo", |_, who| format!("{who} removed the chat's photo")),
    ("group_chat_created", |_, who| format!("{who} created the group")),
    ("supergroup_chat_created", |_, who| format!("{who} created the group")),
    ("channel_chat_created", |_, who| format!("{who} created the channel")),
    ("message_auto_delete_timer_changed", auto_delete),
    ("migrate_to_chat_id", |_, _| "the group became a supergroup".to_owned()),
    ("migrate_from_chat_id", |_, _| "the group became a supergroup".to_owned()),
    ("pinned_message", |of, who| format!("{who} pinned \"{}\"", summary(of))),
    ("successful_payment", |of, _| format!("[paid] {}", money(of))),
    ("refunded_payment", |of, _| format!("[refunded] {}", money(of))),
    ("users_shared", |of, _| format!("[shared contacts] {}", shared(list(of, "users")))),
    ("user_shared", |of, _| format!("[shared contact] {}", int(of, "user_id"))),
    ("chat_shared", |of, _| format!("[shared chat] {} {}", text(of, "title"), int(of, "chat_id"))),
    ("web_app_data", |of, _| format!("[{}] {}", text(of, "button_text"), text(of, "data"))),
    ("connected_website", |of, who| format!("{who} logged in at {}", of.as_str().unwrap_or_default())),
    ("write_access_allowed", |_, who| format!("{who} allowed the bot to write")),
    ("passport_data", |_, who| format!("{who} shared Telegram Passport data, which is not read here")),
    ("proximity_alert_triggered", |of, _| format!("{} is {} m from {}", name(&of["traveler"]), int(of, "distance"), name(&of["watcher"]))),
    ("boost_added", |of, who| format!("{who} boosted the chat ({})", int(of, "boost_count"))),
    ("chat_background_set", |_, who| format!("{who} changed the chat's background")),
    ("checklist_tasks_done", |of, who| {
        let (done, undone) = (list(of, "marked_as_done_task_ids").len(), list(of, "marked_as_not_done_task_ids").len());
        format!("{who} marked tasks of the checklist: {done} done, {undone} not done")
    }),
    ("checklist_tasks_added", |of, who| {
        let tasks: Vec<&str> = list(of, "tasks").iter().map(|task| text(task, "text")).collect();
        format!("{who} added to the checklist: {}", tasks.join(", "))
    }),
    ("direct_message_price_changed", |_, _| "the price of direct messages changed".to_owned()),
    ("paid_message_price_changed", |of, _| format!("a message here now costs {} stars", int(of, "paid_message_star_count"))),
    ("forum_topic_created", |of, who| format!("{who} opened the topic \"{}\"", text(of, "name"))),
    ("forum_topic_edited", |of, who| format!("{who} changed the topic {}", text(of, "name")).trim_end().to_owned()),
    ("forum_topic_closed", |_, who| format!("{who} closed the topic")),
    ("forum_topic_reopened", |_, who| format!("{who} reopened the topic")),
    ("general_forum_topic_hidden", |_, who| format!("{who} hid the general topic")),
    ("general_forum_topic_unhidden", |_, who| format!("{who} showed the general topic again")),
    ("giveaway_created", |_, who| format!("{who} started a giveaway")),
    ("giveaway_completed", |of, _| format!("the giveaway ended with {} winners", int(of, "winner_count"))),
    ("suggested_post_approved", |_, who| format!("{who} approved the suggested post")),
    ("suggested_post_approval_failed", |_, _| "the suggested post could not be approved".to_owned()),
    ("suggested_post_declined", |of, who| format!("{who} declined the suggested post {}", text(of, "comment")).trim_end().to_owned()),
    ("suggested_post_paid", |_, _| "the suggested post was paid".to_owned()),
    ("suggested_post_refunded", |_, _| "the suggested post was refunded".to_owned()),
    ("video_chat_scheduled", |_, who| format!("{who} scheduled a video chat")),
    ("video_chat_started", |_, who| format!("{who} started a video chat")),
    ("video_chat_ended", |of, _| format!("the video chat ended after {}", span(int(of, "duration")))),
    ("video_chat_participants_invited", |of, who| format!("{who} invited {} to the video chat", names(list(of, "users")))),
    ("gift", |of, _| format!("[gift] {}", text(of, "text")).trim_end().to_owned()),
    ("unique_gift", |of, _| format!("[gift] {}", text(&of["gift"], "name")).trim_end().to_owned()),
    ("gift_upgrade_sent", |_, who| format!("{who} upgraded a gift")),
    ("chat_owner_left", |_, _| "the chat's owner left".to_owned()),
    ("chat_owner_changed", |of, _| format!("the chat now belongs to {}", name(&of["new_owner"]))),
    ("managed_bot_created", |of, who| format!("{who} created the bot {}", name(&of["bot"]))),
    ("poll_option_added", |of, who| format!("{who} added \"{}\" to the poll", text(of, "option_text"))),
    ("poll_option_deleted", |of, who| format!("{who} removed \"{}\" from the poll", text(of, "option_text"))),
];

/// The words of a service message, and whether it is an event of the chat (not something the customer did for us); `None` when the message
/// is none of the known ones.
pub(super) fn words(message: &Value) -> Option<(String, bool)> {
    let author = some(message, "sender_chat").unwrap_or(&message["from"]);
    let who = match name(author) {
        nobody if nobody.is_empty() => "somebody".to_owned(),
        who => who,
    };
    if let Some(said) = members(message, &who) {
        return Some((said, true));
    }
    let (field, say) = SERVICE.iter().find(|(field, _)| some(message, field).is_some())?;
    Some((say(&message[*field], &who), !FOR_US.contains(field)))
}

fn members(message: &Value, who: &str) -> Option<String> {
    let from = message["from"]["id"].as_i64();
    let new = list(message, "new_chat_members");
    if let [alone] = new
        && alone["id"].as_i64() == from
    {
        return Some(format!("{who} joined"));
    }
    if !new.is_empty() {
        return Some(format!("{who} added {}", names(new)));
    }
    let left = some(message, "left_chat_member")?;
    Some(if left["id"].as_i64() == from { format!("{who} left") } else { format!("{who} removed {}", name(left)) })
}

fn auto_delete(of: &Value, who: &str) -> String {
    match int(of, "message_auto_delete_time") {
        0 => format!("{who} switched automatic deletion off"),
        secs => format!("{who} set messages to delete themselves after {}", span(secs)),
    }
}

/// People shared from the customer's contacts: a name when it was asked for, else the id alone.
fn shared(users: &[Value]) -> String {
    let one = |user: &Value| {
        let id = int(user, "user_id");
        let name = name(user);
        if name.is_empty() { id.to_string() } else { format!("{name} ({id})") }
    };
    users.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Seconds as a person says them, in the largest whole unit.
fn span(secs: i64) -> String {
    match secs {
        secs if secs >= 86_400 && secs % 86_400 == 0 => format!("{} d", secs / 86_400),
        secs if secs >= 3_600 && secs % 3_600 == 0 => format!("{} h", secs / 3_600),
        secs if secs >= 60 => format!("{} min", secs / 60),
        secs => format!("{secs} s"),
    }
}
