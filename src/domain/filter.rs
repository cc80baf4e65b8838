//! What is typed to see only some of a list: words, and `key:value` for what a row shows. Nothing typed is an error: what is not understood
//! is a word.

use std::fmt::Write as _;

use super::conversation::Priority;

/// So many words are looked for; further ones belong to the last.
pub const WORDS: usize = 3;

/// A filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Parts of the name, address or number, in lower case: all of them.
    pub words: Vec<String>,
    /// With unread messages.
    pub unread: bool,
    /// The customer waits for an answer.
    pub waiting: bool,
    /// A reply failed or is uncertain.
    pub failed: bool,
    /// The beginning of a label's name, in lower case.
    pub label: Option<String>,
    /// The beginning of a channel's or provider's name, in lower case.
    pub channel: Option<String>,
    /// This priority.
    pub priority: Option<Priority>,
    /// With whom it is.
    pub assignee: Option<Assignee>,
}

/// Whose conversations a filter lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// Mine.
    Me,
    /// Nobody's.
    Nobody,
    /// Those of agents whose name begins so, in lower case.
    Named(String),
}

/// What can be typed besides words, with what it means.
pub const KEYS: [(&str, &str); 14] = [
    ("is:unread", "unread"),
    ("is:waiting", "the customer waits"),
    ("is:failed", "failed or uncertain"),
    ("label:", "with a label"),
    ("channel:", "on a channel"),
    ("priority:urgent", "urgent"),
    ("priority:high", "high priority"),
    ("priority:medium", "medium priority"),
    ("priority:low", "low priority"),
    ("priority:none", "without priority"),
    ("assignee:me", "mine"),
    ("assignee:nobody", "nobody's"),
    ("assignee:", "of a colleague"),
    ("#", "by number"),
];

impl Filter {
    /// Reads what is typed.
    pub fn parse(text: &str) -> Self {
        let mut filter = Self::default();
        for token in tokens(text) {
            let known = token.split_once(':').is_some_and(|(key, value)| filter.take(key, value));
            if known {
                continue;
            }
            let full = filter.words.len() >= WORDS;
            match filter.words.last_mut().filter(|_| full) {
                Some(last) => {
                    last.push(' ');
                    last.push_str(&token);
                }
                None => filter.words.push(token),
            }
        }
        filter
    }

    /// Lets everything through.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What was understood, for people.
    pub fn meaning(&self) -> String {
        let mut said: Vec<String> = Vec::new();
        let flags = [(self.unread, "unread"), (self.waiting, "waiting"), (self.failed, "failed or uncertain")];
        said.extend(flags.into_iter().filter(|(on, _)| *on).map(|(_, word)| word.to_owned()));
        if let Some(priority) = self.priority {
            said.push(format!("priority {}", priority.name()));
        }
        said.extend(self.label.as_ref().map(|name| format!("label {name}")));
        said.extend(self.channel.as_ref().map(|name| format!("on {name}")));
        said.extend(self.assignee.as_ref().map(|assignee| match assignee {
            Assignee::Me => "mine".to_owned(),
            Assignee::Nobody => "nobody's".to_owned(),
            Assignee::Named(name) => format!("with {name}"),
        }));
        let mut out = said.join(", ");
        if !self.words.is_empty() {
            let _ = write!(out, "{}named {}", if out.is_empty() { "" } else { ", " }, self.words.join(" + "));
        }
        out
    }

    /// Takes `key:value`; a key whose value is still being typed asks for nothing yet. Says whether it was understood.
    fn take(&mut self, key: &str, value: &str) -> bool {
        let some = (!value.is_empty()).then(|| value.to_owned());
        match key {
            "is" => match value {
                "unread" => self.unread = true,
                "waiting" => self.waiting = true,
                "failed" => self.failed = true,
                _ => return begins_key("is:", value),
            },
            "label" => self.label = some.or_else(|| self.label.take()),
            "channel" => self.channel = some.or_else(|| self.channel.take()),
            "priority" => match Priority::ALL.into_iter().find(|priority| priority.name() == value) {
                Some(priority) => self.priority = Some(priority),
                None => return begins_key("priority:", value),
            },
            "assignee" => match value {
                "me" => self.assignee = Some(Assignee::Me),
                "nobody" => self.assignee = Some(Assignee::Nobody),
                "" => {}
                name => self.assignee = Some(Assignee::Named(name.to_owned())),
            },
            _ => return false,
        }
        true
    }
}

/// What would complete the last thing typed: the rest of the first key that begins so.
pub fn complete(text: &str) -> Option<&'static str> {
    let token = text.rsplit(char::is_whitespace).next().filter(|token| !token.is_empty())?;
    let rest = |key: &'static str| key.get(token.len()..).filter(|rest| !rest.is_empty() && key.starts_with(token));
    KEYS.iter().find_map(|(key, _)| rest(key))
}

fn begins_key(key: &str, value: &str) -> bool {
    KEYS.iter().any(|(known, _)| known.strip_prefix(key).is_some_and(|rest| rest.starts_with(value)))
}

/// The words of a text in lower case; quotes keep blanks within one.
fn tokens(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let (mut token, mut quoted) = (String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => out.push(std::mem::take(&mut token)),
            c if c.is_control() => {}
            c => token.push(c),
        }
    }
    out.push(token);
    out.into_iter().map(|token| token.trim().to_lowercase()).filter(|token| !token.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, meaning: &str) {
        assert_eq!(Filter::parse(text).meaning(), meaning, "{text}");
    }

    #[test]
    fn keys_are_understood_and_everything_else_is_a_word() {
        check("", "");
        check("is:unread priority:high", "unread, priority high");
        check("Andi 0812", "named andi + 0812");
        check("label:\"needs refund\" assignee:me", "label needs refund, mine");
        check("assignee:Rio channel:tele", "on tele, with rio");
        check("http://x is:blue", "named http://x + is:blue");
        check("a b c d e", "named a + b + c d e");
    }

    #[test]
    fn a_key_that_is_still_being_typed_asks_for_nothing_yet() {
        for text in ["is:", "is:un", "label:", "priority:ur", "assignee:", "channel:"] {
            assert!(Filter::parse(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn the_rest_of_a_key_is_offered() {
        let offers = |text: &str| complete(text).map(|rest| format!("{text}{rest}"));
        assert_eq!(offers("is").as_deref(), Some("is:unread"));
        assert_eq!(offers("andi pri").as_deref(), Some("andi priority:urgent"));
        assert_eq!(offers("priority:h").as_deref(), Some("priority:high"));
        assert_eq!(offers("is:unread"), None);
        assert_eq!(offers(""), None);
    }

    proptest! {
        #[test]
        fn nothing_typed_is_ever_refused(text in ".{0,40}") {
            let filter = Filter::parse(&text);
            prop_assert!(filter.words.len() <= WORDS);
            let _ = (filter.meaning(), complete(&text));
        }
    }
}
