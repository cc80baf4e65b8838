//! Templates: wordings a provider approved, which may leave while the reply window is closed. What they need is checked here, before the
//! provider does; what is missing or too much is said in words.
//!
//! A template's text has places for values: `{{1}}`, `{{2}}` … or, all of them, names (`{{first_name}}`). Placeholders are numbered or named
//! per component: the header's own come first in a form, then the body's, then those of the buttons.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::attachment::FileKind;
use super::time::Timestamp;

/// One wording in one language, as the provider has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The name, the same in all its languages (`booking_confirmed`).
    pub name: String,
    /// The language code as the provider spells it (`id`, `en_US`).
    pub language: String,
    /// What it may be used for.
    pub category: Category,
    /// Whether it may be used now.
    pub status: Status,
    /// Why it was rejected or paused; may be empty.
    pub reason: String,
    /// What stands over the body.
    pub header: Header,
    /// The text, with its placeholders.
    pub body: String,
    /// The small print; may be empty.
    pub footer: String,
    /// The buttons under it.
    pub buttons: Vec<Button>,
    /// When the provider was last asked; 0 when never.
    #[serde(default)]
    pub seen_at: Timestamp,
}

/// What a template may be used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Advertising: never to those who want none.
    Marketing,
    /// About something the customer asked for or bought.
    #[default]
    Utility,
    /// One-time codes.
    Authentication,
}

/// Whether a template may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It may.
    Approved,
    /// The provider has not decided.
    Pending,
    /// The provider refused it.
    Rejected,
    /// Customers disliked it; the provider lets it rest.
    Paused,
    /// It may never be used again, or is gone.
    #[default]
    Disabled,
}

/// What stands over a template's body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Header {
    /// Nothing.
    #[default]
    None,
    /// Words, with at most one placeholder.
    Text(String),
    /// A file, given with each message.
    File(FileKind),
    /// A place on the map, given with each message.
    Location,
}

/// A button under a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// The words on it.
    pub text: String,
    /// What is filled in with each message (the end of a web address, a code to copy); `None` when nothing is.
    pub fills: Option<Fills>,
}

/// What of a button is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fills {
    /// The end of its web address.
    Url,
    /// The code it copies.
    Code,
}

/// One value a template needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot {
    /// Where.
    pub part: SlotPart,
    /// Its name or number within that component (`1`, `first_name`).
    pub name: String,
}

/// Which component of a template a value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotPart {
    /// The words over the body.
    Header,
    /// The body.
    Body,
    /// A button, by place.
    Button(usize),
}

/// A template with its values: what is sent. Made by [`fill`], kept with the message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filled {
    /// The template's name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// Whether it is advertising.
    pub category: Category,
    /// Its values, in the order of [`Template::slots`].
    pub values: Vec<(Slot, String)>,
    /// The file over the body, when the template has one.
    pub media: Option<Media>,
    /// The place over the body, when the template has one.
    pub spot: Option<super::outbound::Spot>,
}

/// The file over a template's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// What sort.
    pub kind: FileKind,
    /// Its content hash in our store.
    pub hash: String,
    /// The name the customer sees.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Where its bytes are, for whoever sends them; known only then.
    #[serde(skip)]
    pub path: Option<std::path::PathBuf>,
}

/// What an agent gives for a template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    /// Values by slot name; `header.1`, `button.0` name those outside the body, a bare name one of the body.
    pub values: Vec<(String, String)>,
    /// The file over the body.
    pub media: Option<Media>,
    /// The place over the body.
    pub spot: Option<super::outbound::Spot>,
}

/// Why a template cannot be sent like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The provider would not take it now.
    #[error("the template {name} is {}: {reason}", .status.words())]
    NotUsable {
        /// Which.
        name: String,
        /// Why.
        status: Status,
        /// The provider's own words, or what to do.
        reason: String,
    },
    /// Values are missing.
    #[error("the template needs {needed} values and got {given}: {missing} is missing")]
    Missing {
        /// How many it needs.
        needed: usize,
        /// How many were given.
        given: usize,
        /// The first that is missing.
        missing: String,
    },
    /// A value it has no place for.
    #[error("the template has no place for {0}: it takes {1}")]
    Surplus(String, String),
    /// Providers refuse line ends, tabs and long runs of blanks in values.
    #[error("the value of {0} holds {1}, which the provider refuses: write it in one line")]
    Unfit(String, &'static str),
    /// It has a file over the body, and none was given, or of the wrong sort.
    #[error("the template shows {0} over its text: give one")]
    NoMedia(&'static str),
}

impl Status {
    /// In words, after "is".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Pending => "waiting for approval",
            Self::Rejected => "rejected",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }
}

impl Category {
    /// In one word.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Utility => "utility",
            Self::Authentication => "authentication",
        }
    }
}

impl Slot {
    /// The name of a button's value that is a code to copy.
    pub const CODE: &str = "code";

    /// As an agent writes it: `1`, `first_name`, `header.1`, `button.0`.
    pub fn label(&self) -> String {
        match self.part {
            SlotPart::Body => self.name.clone(),
            SlotPart::Header => format!("header.{}", self.name),
            SlotPart::Button(place) => format!("button.{place}"),
        }
    }
}

impl Template {
    /// The values it needs, in the order a form asks for them: header, body, buttons; each once, in the order of the text.
    pub fn slots(&self) -> Vec<Slot> {
        let mut slots = Vec::new();
        let mut take = |part: SlotPart, text: &str| {
            for name in placeholders(text) {
                let slot = Slot { part, name: name.to_owned() };
                if !slots.contains(&slot) {
                    slots.push(slot);
                }
            }
        };
        if let Header::Text(text) = &self.header {
            take(SlotPart::Header, text);
        }
        take(SlotPart::Body, &self.body);
        for (place, button) in self.buttons.iter().enumerate() {
            // The name tells whoever sends it what is filled in; agents write `button.0` for either.
            if let Some(fills) = button.fills {
                let name = if fills == Fills::Code { Slot::CODE } else { "1" };
                slots.push(Slot { part: SlotPart::Button(place), name: name.to_owned() });
            }
        }
        // `{{10}}` may stand before `{{2}}`: numbers go by value.
        slots.sort_by_key(|slot| (slot.part, slot.name.parse::<u32>().unwrap_or(0)));
        slots
    }

    /// The message as the customer will read it, with these values; what has none yet stays as it stands in the text.
    pub fn preview(&self, values: &[(Slot, String)]) -> String {
        let mut shown = String::new();
        if let Header::Text(text) = &self.header {
            let _ = writeln!(shown, "{}", replaced(text, SlotPart::Header, values));
        }
        shown.push_str(&replaced(&self.body, SlotPart::Body, values));
        if !self.footer.is_empty() {
            let _ = write!(shown, "\n{}", self.footer);
        }
        for button in &self.buttons {
            let _ = write!(shown, "\n[{}]", button.text);
        }
        shown
    }
}

/// Checks what was given against what the template needs, and puts it in its places.
pub fn fill(template: &Template, given: &Given) -> Result<Filled, Problem> {
    if template.status != Status::Approved {
        let reason = if template.reason.is_empty() { "choose another".to_owned() } else { template.reason.clone() };
        return Err(Problem::NotUsable { name: template.name.clone(), status: template.status, reason });
    }
    let slots = template.slots();
    let labels: Vec<String> = slots.iter().map(Slot::label).collect();
    if let Some((name, _)) = given.values.iter().find(|(name, _)| !labels.contains(name)) {
        let takes = if labels.is_empty() { "no values".to_owned() } else { labels.join(", ") };
        return Err(Problem::Surplus(name.clone(), takes));
    }
    let mut values = Vec::with_capacity(slots.len());
    for (slot, label) in slots.iter().zip(&labels) {
        let Some((_, value)) = given.values.iter().find(|(name, value)| name == label && !value.trim().is_empty()) else {
            let present = given.values.iter().filter(|(_, value)| !value.trim().is_empty()).count();
            return Err(Problem::Missing { needed: slots.len(), given: present, missing: label.clone() });
        };
        if let Some(problem) = unfit(value) {
            return Err(Problem::Unfit(label.clone(), problem));
        }
        values.push((slot.clone(), value.trim().to_owned()));
    }
    match (&template.header, &given.media, &given.spot) {
        (Header::File(kind), media, _) if media.as_ref().is_none_or(|media| media.kind != *kind) => {
            return Err(Problem::NoMedia(kind.name()));
        }
        (Header::Location, _, None) => return Err(Problem::NoMedia("a place on the map")),
        _ => {}
    }
    Ok(Filled {
        name: template.name.clone(),
        language: template.language.clone(),
        category: template.category,
        values,
        media: given.media.clone().filter(|_| matches!(template.header, Header::File(_))),
        spot: given.spot.clone().filter(|_| template.header == Header::Location),
    })
}

/// What providers refuse in a value (facts: line ends, tabs, more than four blanks in a row).
fn unfit(value: &str) -> Option<&'static str> {
    let value = value.trim();
    if value.contains(['\n', '\r']) {
        Some("a line end")
    } else if value.contains('\t') {
        Some("a tab")
    } else if value.contains("     ") {
        Some("more than four blanks in a row")
    } else {
        None
    }
}

/// A value made fit for a template: line ends, tabs and runs of blanks become one blank.
pub fn one_line(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The names between `{{` and `}}`, in order.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let open = rest.find("{{")?;
        let (name, after) = rest[open + 2..].split_once("}}")?;
        rest = after;
        Some(name.trim())
    })
}

/// The text with its placeholders replaced, in one pass: a value that looks like a placeholder stays as it is.
fn replaced(text: &str, part: SlotPart, values: &[(Slot, String)]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        let Some((name, after)) = rest[open + 2..].split_once("}}") else { break };
        shown.push_str(&rest[..open]);
        let value = values.iter().find(|(slot, value)| slot.part == part && slot.name == name.trim() && !value.is_empty());
        match value {
            Some((_, value)) => shown.push_str(value),
            None => shown.push_str(&rest[open..rest.len() - after.len()]),
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn four() -> Template {
        Template {
            name: "ticket".into(),
            language: "en".into(),
            status: Status::Approved,
            header: Header::Text("Hello {{1}}".into()),
            body: "{{2}} of {{1}} at {{3}}, {{4}}".into(),
            buttons: vec![Button { text: "See it".into(), fills: Some(Fills::Url) }],
            ..Template::default()
        }
    }

    fn given(pairs: &[(&str, &str)]) -> Given {
        Given { values: pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(), ..Given::default() }
    }

    const ALL: [(&str, &str); 6] = [("header.1", "Ana"), ("1", "a"), ("2", "b"), ("3", "c"), ("4", "d"), ("button.0", "x")];

    #[test]
    fn t_06_a_template_with_a_value_missing_fails_before_the_provider_is_asked() {
        let problem = fill(&four(), &given(&ALL[..4])).unwrap_err();
        assert_eq!(problem, Problem::Missing { needed: 6, given: 4, missing: "4".into() });
        let filled = fill(&four(), &given(&ALL)).unwrap();
        let labels: Vec<String> = filled.values.iter().map(|(slot, value)| format!("{}={value}", slot.label())).collect();
        assert_eq!(labels, ["header.1=Ana", "1=a", "2=b", "3=c", "4=d", "button.0=x"]);
    }

    #[test]
    fn a_value_without_a_place_or_with_a_line_end_is_refused_by_name() {
        let mut more = ALL.to_vec();
        more.push(("5", "e"));
        assert!(fill(&four(), &given(&more)).unwrap_err().to_string().contains("no place for 5"));
        for (bad, why) in [("a\nb", "a line end"), ("a\tb", "a tab"), ("a     b", "more than four blanks in a row")] {
            let mut values = ALL.to_vec();
            values[1].1 = bad;
            assert_eq!(fill(&four(), &given(&values)).unwrap_err(), Problem::Unfit("1".into(), why));
            assert!(unfit(&one_line(bad)).is_none());
        }
    }

    #[test]
    fn a_paused_template_says_so_and_why() {
        let paused = Template { status: Status::Paused, reason: "low quality".into(), ..four() };
        assert_eq!(fill(&paused, &given(&ALL)).unwrap_err().to_string(), "the template ticket is paused: low quality");
    }

    #[test]
    fn t_04_a_value_that_looks_like_a_placeholder_is_not_filled_again() {
        let values = fill(&four(), &given(&[ALL[0], ("1", "{{2}}"), ALL[2], ALL[3], ALL[4], ALL[5]])).unwrap().values;
        assert_eq!(four().preview(&values), "Hello Ana\nb of {{2}} at c, d\n[See it]");
    }

    #[test]
    fn a_preview_keeps_what_has_no_value_yet() {
        let slot = Slot { part: SlotPart::Body, name: "1".into() };
        assert_eq!(four().preview(&[(slot, "a".into())]), "Hello {{1}}\n{{2}} of a at {{3}}, {{4}}\n[See it]");
    }
}
