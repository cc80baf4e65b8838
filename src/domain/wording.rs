//! Our own message templates: a wording with variables, in each language a workspace writes in, as a WhatsApp text or as a push notice.
//!
//! Variables are filled in one pass, so that a customer who calls himself `{{ticketNumber}}` is greeted by that name. What is not known
//! becomes a sign that says so, never a gap. While the reply window is closed an approved template of the provider may stand in; which
//! variable fills which of its places is kept beside the wording and checked here.

use super::template::{Given, Template, one_line};

/// The variables a wording may use, and what they are.
pub const VARIABLES: [(&str, &str); 10] = [
    ("organizationName", "what the business is called"),
    ("contactName", "the customer's name"),
    ("ticketNumber", "the number on the ticket"),
    ("serviceName", "what the ticket is for"),
    ("departmentName", "who looks after it"),
    ("estimatedWaitTime", "how long it may take"),
    ("queuePosition", "the place in the queue"),
    ("totalInQueue", "how many wait"),
    ("currentlyServing", "the number being served"),
    ("counterName", "the counter to come to"),
];
/// What stands for a value that is not known.
pub const UNKNOWN: &str = "-";
/// A workspace keeps at most so many wordings.
pub const MOST: u32 = 2_000;
/// The longest name, in characters.
const NAME: usize = 64;
/// The longest text and the longest title, in characters: what one message takes, and what a lock screen shows.
const TEXT: usize = 4_096;
const TITLE: usize = 120;

/// What a wording is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A message in a chat.
    #[default]
    WhatsApp,
    /// A notice on a device: a title and a line.
    Push,
}

/// One wording in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wording {
    /// The name, the same in all its languages.
    pub name: String,
    /// The language (`id`, `en`, `pt-BR`).
    pub language: String,
    /// What it is for.
    pub kind: Kind,
    /// The title of a push notice; else empty.
    pub title: String,
    /// The words, with variables like `{{ticketNumber}}`.
    pub text: String,
    /// The approved template that leaves in its place while the reply window is closed.
    pub stand_in: Option<StandIn>,
}

/// An approved template in the place of a wording.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StandIn {
    /// Its name.
    pub name: String,
    /// Which variable fills which of its places, by the place's label.
    pub fills: Vec<(String, String)>,
}

/// What is known when a wording is used; empty when it is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What the business is called.
    pub organization_name: String,
    /// The customer's name.
    pub contact_name: String,
    /// The number on the ticket.
    pub ticket_number: String,
    /// What the ticket is for.
    pub service_name: String,
    /// Who looks after it.
    pub department_name: String,
    /// How long it may take.
    pub estimated_wait_time: String,
    /// The place in the queue.
    pub queue_position: String,
    /// How many wait.
    pub total_in_queue: String,
    /// The number being served.
    pub currently_serving: String,
    /// The counter to come to.
    pub counter_name: String,
}

/// Why a wording cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A variable that does not exist.
    #[error("{{{{{name}}}}} is no variable: {hint}")]
    Unknown {
        /// As it was written.
        name: String,
        /// What was meant, or what there is.
        hint: String,
    },
    /// Braces that are opened and not closed.
    #[error("a {{{{ is never closed with }}}}: variables look like {{{{ticketNumber}}}}")]
    Open,
    /// The name cannot be one.
    #[error("a name is one word of letters, digits, - and _, with at most {NAME} characters")]
    Name,
    /// The language cannot be one.
    #[error("{0:?} is no language: write it like id, en or pt-BR")]
    Language(String),
    /// There is nothing to say.
    #[error("the {0} is missing")]
    Missing(&'static str),
    /// It is too long for what it is for.
    #[error("the {what} has at most {most} characters, this one has {length}")]
    Long {
        /// What.
        what: &'static str,
        /// How many it may have.
        most: usize,
        /// How many it has.
        length: usize,
    },
    /// Only push notices have one.
    #[error("a WhatsApp message has no title: put it into the text, or choose the kind push")]
    Title,
    /// A place of the template that nothing fills.
    #[error("nothing fills {slot} of the template {template}: say which variable does, as in {slot}=ticketNumber")]
    Unfilled {
        /// The template.
        template: String,
        /// The place's label.
        slot: String,
    },
    /// Something for a place the template does not have, or for one twice.
    #[error("the template {template} has no place for {slot}: it takes {takes}")]
    NoPlace {
        /// The template.
        template: String,
        /// What was written.
        slot: String,
        /// What it takes.
        takes: String,
    },
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::WhatsApp, Self::Push];

    /// The name people know.
    pub const fn title(self) -> &'static str {
        match self {
            Self::WhatsApp => "WhatsApp",
            Self::Push => "Push",
        }
    }

    /// The name in the database and on the command line.
    pub fn name(self) -> String {
        self.title().to_lowercase()
    }

    /// The kind of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.title().eq_ignore_ascii_case(name.trim()))
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

impl Wording {
    /// The wording as it is kept, if it can be; else why not. Ends of lines are made alike.
    pub fn checked(mut self) -> Result<Self, Problem> {
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        self.name = self.name.trim().into();
        if self.name.is_empty() || !self.name.chars().all(plain) || self.name.chars().count() > NAME {
            return Err(Problem::Name);
        }
        self.language = self.language.trim().into();
        let letters = |word: &str| (2..=8).contains(&word.len()) && word.chars().all(|c| c.is_ascii_alphanumeric());
        if !self.language.split(['-', '_']).all(letters) {
            return Err(Problem::Language(self.language));
        }
        self.text = self.text.replace("\r\n", "\n").replace('\r', "\n").trim().into();
        self.title = one_line(&self.title);
        match self.kind {
            Kind::WhatsApp if !self.title.is_empty() => return Err(Problem::Title),
            Kind::Push if self.title.is_empty() => return Err(Problem::Missing("title")),
            _ => {}
        }
        if self.text.is_empty() {
            return Err(Problem::Missing("text"));
        }
        for (what, text, most) in [("title", &self.title, TITLE), ("text", &self.text, TEXT)] {
            let length = text.chars().count();
            if length > most {
                return Err(Problem::Long { what, most, length });
            }
            check(text)?;
        }
        Ok(self)
    }

    /// Title and text as they leave.
    pub fn filled(&self, facts: &Facts) -> (String, String) {
        let fit = |value: &str| match self.kind {
            Kind::WhatsApp => plain(value),
            Kind::Push => one_line(value),
        };
        (fill(&self.title, facts, fit), fill(&self.text, facts, fit))
    }
}

impl StandIn {
    /// Whether exactly the places of this template are filled, each by a variable that exists.
    pub fn check(&self, template: &Template) -> Result<(), Problem> {
        let labels: Vec<String> = template.slots().iter().map(super::template::Slot::label).collect();
        let mut seen: Vec<&str> = Vec::new();
        for (slot, variable) in &self.fills {
            if !labels.contains(slot) || seen.contains(&slot.as_str()) {
                let takes = if labels.is_empty() { "nothing".to_owned() } else { labels.join(", ") };
                return Err(Problem::NoPlace { template: template.name.clone(), slot: slot.clone(), takes });
            }
            seen.push(slot);
            known(variable)?;
        }
        match labels.into_iter().find(|label| !seen.contains(&label.as_str())) {
            Some(slot) => Err(Problem::Unfilled { template: template.name.clone(), slot }),
            None => Ok(()),
        }
    }

    /// The template's values.
    pub fn given(&self, facts: &Facts) -> Given {
        let value = |variable: &str| facts.of(variable).map(|value| plain(&one_line(value))).unwrap_or_default();
        let or_unknown = |value: String| if value.is_empty() { UNKNOWN.to_owned() } else { value };
        let values = self.fills.iter().map(|(slot, variable)| (slot.clone(), or_unknown(value(variable)))).collect();
        Given { values, ..Given::default() }
    }
}

impl Facts {
    /// What a preview shows.
    pub fn sample() -> Self {
        Self {
            organization_name: "Harbour Courts".to_owned(),
            contact_name: "Leila".to_owned(),
            ticket_number: "SER-051".to_owned(),
            service_name: "Racket stringing".to_owned(),
            department_name: "Pro shop".to_owned(),
            estimated_wait_time: "15 min".to_owned(),
            queue_position: "3".to_owned(),
            total_in_queue: "8".to_owned(),
            currently_serving: "SER-048".to_owned(),
            counter_name: "3".to_owned(),
        }
    }

    /// The value of a variable; `None` when there is no such variable.
    pub fn of(&self, name: &str) -> Option<&str> {
        Some(match name {
            "organizationName" => &self.organization_name,
            "contactName" => &self.contact_name,
            "ticketNumber" => &self.ticket_number,
            "serviceName" => &self.service_name,
            "departmentName" => &self.department_name,
            "estimatedWaitTime" => &self.estimated_wait_time,
            "queuePosition" => &self.queue_position,
            "totalInQueue" => &self.total_in_queue,
            "currentlyServing" => &self.currently_serving,
            "counterName" => &self.counter_name,
            _ => return None,
        })
    }

    /// Sets a variable; refused with what was perhaps meant when there is none of that name.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        known(name)?;
        let place = match name {
            "organizationName" => &mut self.organization_name,
            "contactName" => &mut self.contact_name,
            "ticketNumber" => &mut self.ticket_number,
            "serviceName" => &mut self.service_name,
            "departmentName" => &mut self.department_name,
            "estimatedWaitTime" => &mut self.estimated_wait_time,
            "queuePosition" => &mut self.queue_position,
            "totalInQueue" => &mut self.total_in_queue,
            "currentlyServing" => &mut self.currently_serving,
            _ => &mut self.counter_name,
        };
        value.clone_into(place);
        Ok(())
    }
}

/// The one to use of several that differ only in their language: in the wanted language, in the same language of another place, else in the
/// workspace's own. The second says that the wanted language is missing, which is worth a line in the log.
pub fn pick<'a, T>(all: &'a [T], language: impl Fn(&T) -> &str, wanted: &str, default: &str) -> Option<(&'a T, bool)> {
    let exact = |code: &str| all.iter().find(|one| same(language(one), code));
    let near = |code: &str| all.iter().find(|one| same(base(language(one)), base(code)));
    let own = exact(wanted).or_else(|| near(wanted)).map(|found| (found, false));
    own.or_else(|| exact(default).or_else(|| near(default)).map(|found| (found, true)))
}

fn same(a: &str, b: &str) -> bool {
    a.replace('_', "-").eq_ignore_ascii_case(&b.replace('_', "-"))
}

fn base(code: &str) -> &str {
    code.split(['-', '_']).next().unwrap_or_default()
}

/// Whether every variable of a text exists.
fn check(text: &str) -> Result<(), Problem> {
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        let (name, after) = rest[open + 2..].split_once("}}").ok_or(Problem::Open)?;
        known(name.trim())?;
        rest = after;
    }
    Ok(())
}

fn known(name: &str) -> Result<(), Problem> {
    if VARIABLES.iter().any(|(known, _)| *known == name) {
        return Ok(());
    }
    let near = VARIABLES.iter().map(|(known, _)| (super::near::distance(&name.to_lowercase(), &known.to_lowercase()), *known)).min();
    let all = || VARIABLES.map(|(known, _)| known).join(", ");
    let hint = match near {
        // A third of the letters may be wrong; further off it is a guess.
        Some((far, known)) if far <= known.len() / 3 => format!("did you mean {{{{{known}}}}}?"),
        _ => format!("there are {}", all()),
    };
    Err(Problem::Unknown { name: name.to_owned(), hint })
}

/// The text with its variables filled in, in one pass.
fn fill(text: &str, facts: &Facts, fit: impl Fn(&str) -> String) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len() + 32), text);
    while let Some(open) = rest.find("{{") {
        let Some((name, after)) = rest[open + 2..].split_once("}}") else { break };
        out.push_str(&rest[..open]);
        match facts.of(name.trim()).map(&fit) {
            Some(value) if value.is_empty() => out.push_str(UNKNOWN),
            Some(value) => out.push_str(&value),
            None => out.push_str(&rest[open..rest.len() - after.len()]),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A value in one line in which WhatsApp finds nothing to make bold, italic, struck out or monospaced: the signs that would do it are replaced by
/// ones that look alike.
pub(in crate::domain) fn plain(value: &str) -> String {
    let alike = |c: char| match c {
        '*' => '\u{2217}',
        '_' => '\u{2cd}',
        '~' => '\u{223c}',
        '`' => '\u{2cb}',
        other => other,
    };
    one_line(value).chars().map(alike).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::template::{Status, fill as fill_template};

    fn wording(text: &str) -> Wording {
        Wording { name: "called".into(), language: "en".into(), text: text.into(), ..Wording::default() }
    }

    fn said(text: &str, facts: &Facts) -> String {
        wording(text).checked().unwrap().filled(facts).1
    }

    #[test]
    fn t_01_all_eight_variables_are_replaced() {
        let text = "Hi from {{organizationName}}: {{ticketNumber}} {{serviceName}}/{{departmentName}} est {{estimatedWaitTime}} pos \
                    {{queuePosition}}/{{totalInQueue}} now {{currentlyServing}}";
        let want = "Hi from Harbour Courts: SER-051 Racket stringing/Pro shop est 15 min pos 3/8 now SER-048";
        assert_eq!(said(text, &Facts::sample()), want);
        assert_eq!(said("{{ contactName }}, come in", &Facts::sample()), "Leila, come in");
    }

    #[test]
    fn t_02_an_unknown_variable_is_refused_with_what_was_meant() {
        let refused = |text: &str| wording(text).checked().unwrap_err().to_string();
        assert_eq!(refused("{{ticketNumer}}"), "{{ticketNumer}} is no variable: did you mean {{ticketNumber}}?");
        assert_eq!(refused("{{ticket_number}}"), "{{ticket_number}} is no variable: did you mean {{ticketNumber}}?");
        assert_eq!(refused("{{TICKETNUMBER}}"), "{{TICKETNUMBER}} is no variable: did you mean {{ticketNumber}}?");
        assert!(refused("{{price}}").contains("there are organizationName, contactName, ticketNumber"));
        assert!(refused("{{}}").contains("is no variable"));
        assert!(refused("a {{ticketNumber").contains("never closed"));
        let push = Wording { kind: Kind::Push, title: "{{ticketNumer}}".into(), ..wording("x") };
        assert!(push.checked().is_err(), "titles are looked at as well");
    }

    #[test]
    fn t_03_what_is_not_known_is_a_dash_and_never_a_gap() {
        assert_eq!(said("est {{estimatedWaitTime}}, now {{currentlyServing}}.", &Facts::default()), "est -, now -.");
        let blank = Facts { estimated_wait_time: " \n".into(), ..Facts::default() };
        assert_eq!(said("est {{estimatedWaitTime}}.", &blank), "est -.");
    }

    #[test]
    fn t_04_a_name_that_looks_like_a_variable_is_printed_as_it_is() {
        let facts = Facts { contact_name: "{{ticketNumber}}".into(), ..Facts::sample() };
        assert_eq!(said("{{contactName}}: {{ticketNumber}}", &facts), "{{ticketNumber}}: SER-051");
    }

    #[test]
    fn t_05_a_value_is_one_line_and_formats_nothing() {
        let facts = Facts { contact_name: "A\nB\tC     D *b* _i_ ~s~ `m`".into(), ..Facts::default() };
        let shown = said("*{{contactName}}*", &facts);
        assert_eq!(shown, "*A B C D \u{2217}b\u{2217} \u{2cd}i\u{2cd} \u{223c}s\u{223c} \u{2cb}m\u{2cb}*", "our own formatting stays");
        let push = Wording { kind: Kind::Push, title: "Next".into(), ..wording("{{contactName}}") }.checked().unwrap();
        assert_eq!(push.filled(&facts).1, "A B C D *b* _i_ ~s~ `m`", "a notice has no formatting to fear");
    }

    fn approved() -> Template {
        let body = "{{1}}: {{2}}, place {{3}}, now {{4}}".to_owned();
        Template { name: "queue_called".into(), language: "en".into(), status: Status::Approved, body, ..Template::default() }
    }

    fn stand_in(fills: &[(&str, &str)]) -> StandIn {
        StandIn { name: "queue_called".into(), fills: fills.iter().map(|(slot, of)| ((*slot).to_owned(), (*of).to_owned())).collect() }
    }

    const FOUR: [(&str, &str); 4] = [("1", "contactName"), ("2", "ticketNumber"), ("3", "queuePosition"), ("4", "currentlyServing")];

    #[test]
    fn t_06_a_template_whose_places_are_not_all_filled_is_refused_here() {
        let problem = stand_in(&FOUR[..3]).check(&approved()).unwrap_err();
        assert_eq!(problem, Problem::Unfilled { template: "queue_called".into(), slot: "4".into() });
        let surplus = [&FOUR[..], &[("5", "serviceName")]].concat();
        assert!(stand_in(&surplus).check(&approved()).unwrap_err().to_string().contains("has no place for 5: it takes 1, 2, 3, 4"));
        let twice = [&FOUR[..], &[("1", "serviceName")]].concat();
        assert!(matches!(stand_in(&twice).check(&approved()), Err(Problem::NoPlace { .. })));
        let typo = [("1", "contactNam"), FOUR[1], FOUR[2], FOUR[3]];
        assert!(stand_in(&typo).check(&approved()).unwrap_err().to_string().contains("did you mean {{contactName}}"));
        assert_eq!(stand_in(&FOUR).check(&approved()), Ok(()));
    }

    #[test]
    fn t_05_values_for_an_approved_template_are_what_the_provider_takes() {
        let facts = Facts { contact_name: "A\nB\t*C*     D".into(), ..Facts::default() };
        let filled = fill_template(&approved(), &stand_in(&FOUR).given(&facts)).unwrap();
        let values: Vec<&str> = filled.values.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["A B \u{2217}C\u{2217} D", "-", "-", "-"]);
    }

    #[test]
    fn t_15_a_missing_language_falls_back_to_the_workspaces_own_and_says_so() {
        let all = ["en_US", "pt-BR", "fr"];
        let check = |wanted: &str, default: &str, want: Option<(&str, bool)>| {
            assert_eq!(pick(&all, |one| one, wanted, default).map(|(found, fallen)| (*found, fallen)), want, "{wanted}");
        };
        check("fr", "en", Some(("fr", false)));
        check("pt_br", "en", Some(("pt-BR", false)));
        check("en", "fr", Some(("en_US", false)));
        check("id", "en", Some(("en_US", true)));
        check("", "fr", Some(("fr", true)));
        check("id", "de", None);
    }

    #[test]
    fn what_cannot_be_kept_is_refused_with_what_to_do() {
        let check = |wording: Wording, want: &str| {
            let problem = wording.checked().unwrap_err().to_string();
            assert!(problem.contains(want), "{problem}");
        };
        check(Wording { name: "two words".into(), ..wording("x") }, "a name is one word");
        check(Wording { language: "english!".into(), ..wording("x") }, "is no language");
        check(wording("  \n"), "the text is missing");
        check(Wording { title: "T".into(), ..wording("x") }, "has no title");
        check(Wording { kind: Kind::Push, ..wording("x") }, "the title is missing");
        check(wording(&"x".repeat(4_097)), "at most 4096 characters, this one has 4097");
        assert_eq!(wording(" a\r\nb\rc ").checked().unwrap().text, "a\nb\nc");
    }

    #[test]
    fn every_variable_has_a_value_that_can_be_set() {
        let mut facts = Facts::default();
        for (n, (name, _)) in VARIABLES.iter().enumerate() {
            facts.set(name, &n.to_string()).unwrap();
        }
        for (n, (name, _)) in VARIABLES.iter().enumerate() {
            assert_eq!(facts.of(name), Some(n.to_string().as_str()), "{name}");
        }
        assert!(facts.set("nothing", "x").is_err());
        assert!(Kind::ALL.into_iter().all(|kind| Kind::of(&kind.name()) == Some(kind)));
    }
}
