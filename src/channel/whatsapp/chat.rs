//! Who somebody is: Meta's own id for them within the business (a BSUID, `ID.8123…`), their telephone number, or both.
//!
//! A BSUID stays when people hide their number behind a user name, so it is a chat's key where there is one; a number is an alias beside it,
//! in all its spellings. Without a BSUID the canonical spelling is the key.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::channel::json::{list, some, text, written};
use crate::domain::inbound::Chat;
use crate::domain::outbound::Order;
use crate::domain::phone::spellings;
use crate::domain::time::Span;

/// How long one may write freely after the customer wrote.
pub(super) const WINDOW: Span = Span::hours(24);

/// A customer as one payload names them; any of it may be missing.
#[derive(Clone, Debug, Default)]
pub(super) struct Who {
    /// Meta's id for them.
    pub bsuid: String,
    /// Their number, in digits.
    pub phone: String,
}

impl Who {
    /// From a BSUID and a number as told; a number that is none is left out.
    pub(super) fn new(bsuid: &str, phone: &str) -> Self {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        Self { bsuid: bsuid.trim().to_owned(), phone: digits }
    }

    /// The customer of an entry of `contacts`.
    fn of_contact(contact: &Value) -> Self {
        Self::new(&written(contact, "user_id"), &written(contact, "wa_id"))
    }

    /// The same customer, as far as these two tell.
    pub(super) fn is(&self, other: &Self) -> bool {
        let same_phone = !self.phone.is_empty() && spellings(&self.phone).canonical == spellings(&other.phone).canonical;
        (!self.bsuid.is_empty() && self.bsuid == other.bsuid) || same_phone
    }

    /// The key of the chat with them; `None` when nothing is known of them.
    pub(super) fn key(&self) -> Option<String> {
        let key = if self.bsuid.is_empty() { spellings(&self.phone).canonical } else { self.bsuid.clone() };
        (!key.is_empty()).then_some(key)
    }

    /// The chat with them.
    pub(super) fn chat(&self, contact: &Value) -> Option<Chat> {
        let key = self.key()?;
        let phone = spellings(&self.phone);
        let handle = match (phone.canonical.as_str(), username(contact)) {
            ("", "") => String::new(),
            ("", username) => format!("@{username}"),
            (phone, _) => format!("+{phone}"),
        };
        let mut aliases = Vec::new();
        for alias in std::iter::once(phone.canonical).chain(phone.others).chain(std::iter::once(self.phone.clone())) {
            if !alias.is_empty() && alias != key && !aliases.contains(&alias) {
                aliases.push(alias);
            }
        }
        Some(Chat { key, aliases, wide: true, name: name(contact), handle, language: String::new(), window: Some(WINDOW) })
    }
}

/// A group that the business number is in.
pub(super) fn group(id: &str) -> Chat {
    Chat { key: id.to_owned(), wide: true, window: Some(WINDOW), ..Chat::default() }
}

/// The entries of `contacts` by whom they are about: a call may bring a thousand of them beside a thousand messages.
pub(super) struct Contacts<'a> {
    by_bsuid: HashMap<String, &'a Value>,
    by_phone: HashMap<String, &'a Value>,
    alone: Option<&'a Value>,
}

impl<'a> Contacts<'a> {
    /// Those of a change's value.
    pub(super) fn of(value: &'a Value) -> Self {
        let contacts = list(value, "contacts");
        let (mut by_bsuid, mut by_phone) = (HashMap::new(), HashMap::new());
        for contact in contacts {
            let Who { bsuid, phone } = Who::of_contact(contact);
            by_bsuid.entry(bsuid).or_insert(contact);
            by_phone.entry(spellings(&phone).canonical).or_insert(contact);
        }
        let alone = contacts.first().filter(|_| contacts.len() == 1);
        Self { by_bsuid, by_phone, alone }
    }

    /// The entry that is about this customer. One that stands alone is taken for theirs only when nothing says otherwise: taking somebody
    /// else's would put one person's words into another's chat.
    pub(super) fn about(&self, who: &Who) -> &'a Value {
        let by_bsuid = || self.by_bsuid.get(&who.bsuid).filter(|_| !who.bsuid.is_empty());
        let by_phone = || self.by_phone.get(&spellings(&who.phone).canonical).filter(|_| !who.phone.is_empty());
        let alone = || self.alone.as_ref().filter(|contact| who.key().is_none() || Who::of_contact(contact).key().is_none());
        by_bsuid().or_else(by_phone).or_else(alone).copied().unwrap_or(&Value::Null)
    }
}

/// The entry of a value's `contacts` that is about this customer.
pub(super) fn contact<'a>(value: &'a Value, who: &Who) -> &'a Value {
    Contacts::of(value).about(who)
}

/// The customer, with what the entry of `contacts` knows besides.
pub(super) fn complete(who: Who, contact: &Value) -> Who {
    let known = Who::of_contact(contact);
    Who {
        bsuid: if who.bsuid.is_empty() { known.bsuid } else { who.bsuid },
        phone: if who.phone.is_empty() { known.phone } else { who.phone },
    }
}

/// The name they have given themselves.
pub(super) fn name(contact: &Value) -> String {
    let told = text(&contact["profile"], "name").trim();
    if told.is_empty() { username(contact).to_owned() } else { told.to_owned() }
}

fn username(contact: &Value) -> &str {
    let told = some(&contact["profile"], "username").or_else(|| some(contact, "username")).and_then(Value::as_str);
    told.unwrap_or_default().trim().trim_start_matches('@')
}

/// Whom an order is for, as the fields of a request: the number when one is known for certain, else Meta's id.
pub(super) fn recipient(order: &Order) -> Value {
    let keys = || std::iter::once(&order.chat).chain(&order.aliases).map(String::as_str);
    let mut phones: Vec<String> = keys().filter(|key| is_phone(key)).map(|key| spellings(key).canonical).collect();
    phones.dedup();
    let chat = order.chat.as_str();
    match phones.as_slice() {
        _ if is_phone(chat) => json!({ "recipient_type": "individual", "to": chat }),
        // Two numbers: they changed theirs, and nothing here tells which is the new one.
        [phone] => json!({ "recipient_type": "individual", "to": phone }),
        _ if is_bsuid(chat) => json!({ "recipient_type": "individual", "recipient": chat }),
        _ => json!({ "recipient_type": "group", "to": chat }),
    }
}

fn is_phone(key: &str) -> bool {
    (6..=15).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_digit())
}

/// Two letters of a country, a dot, letters and digits.
fn is_bsuid(key: &str) -> bool {
    key.split_once('.').is_some_and(|(country, rest)| {
        country.len() == 2
            && country.bytes().all(|b| b.is_ascii_uppercase())
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
    })
}
