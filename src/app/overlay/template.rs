//! Templates: one is picked by a few letters with the message beside it as the customer will read it, then its places are filled in a form.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::picker::looked_for;
use crate::app::effect::TemplatePage;
use crate::app::field::Field;
use crate::domain::attachment::FileKind;
use crate::domain::canned::{Facts, VARIABLES, fill_in};
use crate::domain::id::ConversationId;
use crate::domain::outbound::Spot;
use crate::domain::template::{Category, Filled, Given, Header, Media, Problem, Slot, Status, Template, fill};
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;

/// Which template is to be sent.
#[derive(Debug)]
pub struct TemplatePicker {
    /// To whom; of many, the first.
    pub to: ConversationId,
    /// All of them, when it goes to many.
    pub many: Vec<ConversationId>,
    /// What is asked.
    pub title: Safe,
    /// What is typed.
    pub field: Field,
    /// The templates there are; nothing until they were read.
    pub page: Option<TemplatePage>,
    /// Places of those that match in the page, the best first.
    pub rows: Vec<usize>,
    /// The selected one.
    pub selected: usize,
    /// Opened by itself while somebody typed: until then keys are still meant for the text.
    pub deaf_until: Option<Timestamp>,
}

/// The places of a template.
#[derive(Debug)]
pub struct TemplateForm {
    /// To whom; of many, the first.
    pub to: ConversationId,
    /// All of them, when it goes to many: then variables are filled for each.
    pub many: Vec<ConversationId>,
    /// The customer's name, for the title.
    pub name: Safe,
    /// Which template.
    pub template: Template,
    /// What it asks, one after the other; none when it needs nothing.
    pub rows: Vec<TemplateRow>,
    /// The row that takes the keys.
    pub at: usize,
    /// What is wrong with the whole.
    pub problem: Option<Safe>,
    /// What variables stand for.
    pub facts: Facts,
    /// The key under which it is sent once, however often it is tried.
    pub key: String,
}

/// One thing a template asks.
#[derive(Debug)]
pub struct TemplateRow {
    /// What.
    pub asks: Asks,
    /// What is typed.
    pub field: Field,
    /// What is wrong with it.
    pub problem: Option<Safe>,
}

/// What a row of the form asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// A value.
    Value(Slot),
    /// The path of the file over the body.
    File(FileKind),
    /// The place over the body.
    Place,
}

impl TemplatePicker {
    /// A picker whose templates are still to be read.
    pub fn new(to: ConversationId, title: &str) -> Box<Self> {
        Box::new(Self {
            to,
            many: Vec::new(),
            title: Safe::line(title),
            field: Field::default(),
            page: None,
            rows: Vec::new(),
            selected: 0,
            deaf_until: None,
        })
    }

    /// The templates are here (again); what is selected stays selected.
    pub fn take(&mut self, mut page: TemplatePage) {
        if !self.many.is_empty() {
            // Each of many is looked at by itself, later.
            (page.opted_out_at, page.capped) = (None, false);
        }
        let kept = self.template().map(|template| (template.name.clone(), template.language.clone()));
        self.page = Some(page);
        self.search();
        let same = |at: &usize| {
            let template = self.page.as_ref().and_then(|page| page.templates.get(*at));
            template.zip(kept.as_ref()).is_some_and(|(now, (name, language))| now.name == *name && now.language == *language)
        };
        self.selected = self.rows.iter().position(same).unwrap_or(0);
    }

    /// Chooses the rows that match what is typed: what is called so and may be sent first, then what matches best, then what is in the customer's language.
    pub fn search(&mut self) {
        self.selected = 0;
        let Some(page) = &self.page else { return };
        let typed = self.field.text();
        let pattern = Pattern::parse(looked_for(typed.trim()), CaseMatching::Ignore, Normalization::Smart);
        let (mut matcher, mut buffer) = (Matcher::new(Config::DEFAULT), Vec::new());
        let mut found = Vec::new();
        for (at, template) in page.templates.iter().enumerate() {
            let text = format!("{} {} {} {}", template.name, template.language, template.category.words(), template.body);
            if let Some(score) = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher) {
                let far = distance(&page.language, &template.language);
                // Whoever types a name means it, and is told why it cannot be sent. Without letters all match alike.
                let named = template.name.contains(typed.trim());
                found.push((
                    !named,
                    page.refusal(template).is_some(),
                    std::cmp::Reverse(score),
                    far,
                    &template.name,
                    &template.language,
                    at,
                ));
            }
        }
        found.sort();
        self.rows = found.into_iter().map(|(.., at)| at).collect();
    }

    /// How many rows of the list stand over the message, when so many rows are there in all, frame included.
    pub fn room(height: u16) -> usize {
        usize::from(height.saturating_sub(4)).div_ceil(2).clamp(1, 10)
    }

    /// The first row shown.
    pub fn first_shown(&self, height: u16) -> usize {
        (self.selected + 1).saturating_sub(Self::room(height))
    }

    /// The selected one.
    pub fn template(&self) -> Option<&Template> {
        self.page.as_ref()?.templates.get(*self.rows.get(self.selected)?)
    }

    /// Why the selected one may not be sent.
    pub fn refusal(&self) -> Option<String> {
        self.page.as_ref()?.refusal(self.template()?)
    }
}

impl TemplatePage {
    /// Why a template may not be sent to this customer now.
    pub fn refusal(&self, template: &Template) -> Option<String> {
        if template.status != Status::Approved {
            let why = if template.reason.is_empty() { String::new() } else { format!(": {}", template.reason) };
            return Some(format!("{}{why}", template.status.words()));
        }
        match (template.category, self.opted_out_at, self.capped) {
            (Category::Marketing, Some(_), _) => Some("they want no advertising".to_owned()),
            (Category::Marketing, None, true) => Some("no more advertising to them today".to_owned()),
            _ => None,
        }
    }
}

impl TemplateForm {
    /// A form for a template; what can be known is filled in, and so is what was typed for it before.
    pub fn new(of: &TemplatePicker, name: &str, template: Template, facts: Facts, before: &[String], key: String) -> Box<Self> {
        let many = !of.many.is_empty();
        let over = match &template.header {
            Header::File(kind) => Some(Asks::File(*kind)),
            Header::Location => Some(Asks::Place),
            Header::None | Header::Text(_) => None,
        };
        let asks = over.into_iter().chain(template.slots().into_iter().map(Asks::Value));
        let row = |(at, asks): (usize, Asks)| {
            let text = match (before.get(at), &asks) {
                (Some(typed), _) => typed.clone(),
                (None, Asks::Value(slot)) if VARIABLES.contains(&slot.name.to_ascii_lowercase().as_str()) => {
                    facts.of(&slot.name).map_or_else(|| if many { format!("{{{{{}}}}}", slot.name) } else { String::new() }, str::to_owned)
                }
                (None, _) => String::new(),
            };
            TemplateRow { asks, field: Field::of(&text), problem: None }
        };
        let rows: Vec<TemplateRow> = asks.enumerate().map(row).collect();
        // What is filled in already needs no look first.
        let at = rows.iter().position(|row| row.field.is_blank()).unwrap_or(rows.len().saturating_sub(1));
        Box::new(Self { to: of.to, many: of.many.clone(), name: Safe::line(name), rows, at, template, problem: None, facts, key })
    }

    /// What was typed, row by row.
    pub fn typed(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.field.text()).collect()
    }

    /// Goes to the next row, or back to the one before; what the one that is left holds is checked.
    pub fn step(&mut self, down: bool) {
        self.check_row();
        self.at = if down { (self.at + 1).min(self.rows.len().saturating_sub(1)) } else { self.at.saturating_sub(1) };
    }

    /// The values as they will be sent: variables stand for what is known.
    pub fn values(&self) -> Vec<(Slot, String)> {
        let value = |row: &TemplateRow| match &row.asks {
            Asks::Value(slot) => Some((slot.clone(), fill_in(&row.field.text(), &self.facts))),
            Asks::File(_) | Asks::Place => None,
        };
        self.rows.iter().filter_map(value).collect()
    }

    /// The path of the file over the body, as it was typed.
    pub fn file(&self) -> Option<String> {
        let row = self.rows.iter().find(|row| matches!(row.asks, Asks::File(_)))?;
        Some(row.field.text().trim().to_owned()).filter(|path| !path.is_empty())
    }

    /// What is given for the template.
    fn given(&self) -> Result<Given, (usize, String)> {
        let mut given =
            Given { values: self.values().into_iter().map(|(slot, value)| (slot.label(), value)).collect(), ..Given::default() };
        for (at, row) in self.rows.iter().enumerate() {
            let text = row.field.text();
            match row.asks {
                Asks::Value(_) => {}
                Asks::File(_) => {
                    let name = text.trim().rsplit('/').next().unwrap_or_default().to_owned();
                    let (kind, mime) = FileKind::of_file_name(&name);
                    // Its bytes are taken in when it is sent.
                    given.media = (!name.is_empty()).then(|| Media { kind, hash: String::new(), name, mime: mime.to_owned(), path: None });
                }
                Asks::Place if text.trim().is_empty() => {}
                Asks::Place => given.spot = Some(spot_of(&text).map_err(|why| (at, why))?),
            }
        }
        Ok(given)
    }

    /// What would be sent; else what is wrong is shown where it is, and that row takes the keys.
    pub fn finished(&mut self) -> Option<Filled> {
        self.problem = None;
        for row in &mut self.rows {
            row.problem = None;
        }
        let (at, why) = match self.given().map(|given| fill(&self.template, &given)) {
            Ok(Ok(filled)) => return Some(filled),
            Ok(Err(problem)) => (self.row_of(&problem), words(&problem)),
            Err((at, why)) => (Some(at), why),
        };
        match at.and_then(|at| self.rows.get_mut(at)) {
            Some(row) => row.problem = Some(Safe::line(&why)),
            None => self.problem = Some(Safe::line(&format!("Not sent: {why}"))),
        }
        self.at = at.unwrap_or(self.at);
        None
    }

    /// Says at the current row what is wrong with what it holds; nothing typed yet is not wrong yet.
    fn check_row(&mut self) {
        let outcome = self.given().map(|given| fill(&self.template, &given).err());
        let why = match outcome {
            Err((at, why)) if at == self.at => Some(why),
            // An earlier row's problem hides those after it; they are found when it is sent.
            Ok(Some(problem)) if self.row_of(&problem) == Some(self.at) => Some(words(&problem)),
            _ => None,
        };
        if let Some(row) = self.rows.get_mut(self.at) {
            row.problem = why.filter(|_| !row.field.is_blank()).map(|why| Safe::line(&why));
        }
    }

    /// The row a problem is about.
    fn row_of(&self, problem: &Problem) -> Option<usize> {
        let label = match problem {
            Problem::Missing { missing, .. } => missing,
            Problem::Unfit(label, _) | Problem::Surplus(label, _) => label,
            Problem::NoMedia(_) => return self.rows.iter().position(|row| !matches!(row.asks, Asks::Value(_))),
            Problem::NotUsable { .. } => return None,
        };
        self.rows.iter().position(|row| matches!(&row.asks, Asks::Value(slot) if slot.label() == *label))
    }
}

/// A problem in the words of its own row.
fn words(problem: &Problem) -> String {
    match problem {
        Problem::Missing { .. } => "is missing".to_owned(),
        Problem::Unfit(_, holds) => format!("the provider refuses {holds}"),
        Problem::NoMedia(_) | Problem::Surplus(..) | Problem::NotUsable { .. } => problem.to_string(),
    }
}

/// How far a template's language is from the customer's: the same, of the same sort (`en` and `en_US`), another.
fn distance(customer: &str, template: &str) -> u8 {
    let plain = |code: &str| code.replace('-', "_").to_ascii_lowercase();
    let (customer, template) = (plain(customer), plain(template));
    let root = |code: &str| code.split('_').next().unwrap_or_default().to_owned();
    match () {
        () if customer == template => 0,
        () if !customer.is_empty() && root(&customer) == root(&template) => 1,
        () => 2,
    }
}

/// A place as it is typed: degrees north, degrees east, and perhaps its name (`-6.2088 106.8456 Arena`); commas may stand between them.
pub fn spot_of(typed: &str) -> Result<Spot, String> {
    let wanted = || "a place is degrees north, degrees east and a name: -6.2088 106.8456 Arena".to_owned();
    let mut rest = typed.trim();
    let mut number = |most: f64| {
        let (word, after) = rest.split_once(|c: char| c == ',' || c.is_whitespace()).unwrap_or((rest, ""));
        rest = after.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        word.parse::<f64>().ok().filter(|degrees| degrees.is_finite() && degrees.abs() <= most).ok_or_else(wanted)
    };
    let (latitude, longitude) = (number(90.0)?, number(180.0)?);
    Ok(Spot { latitude, longitude, name: rest.trim().to_owned(), address: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_two_numbers_within_the_globe_and_perhaps_a_name() {
        let check = |typed: &str, want: Option<(f64, f64, &str)>| {
            let got = spot_of(typed).ok();
            assert_eq!(got.as_ref().map(|spot| (spot.latitude, spot.longitude, spot.name.as_str())), want, "{typed}");
        };
        check("-6.2 106.8 Arena Satu", Some((-6.2, 106.8, "Arena Satu")));
        check(" -6.2, 106.8, Arena", Some((-6.2, 106.8, "Arena")));
        check("-6.2,106.8", Some((-6.2, 106.8, "")));
        check("91 0", None);
        check("0 181", None);
        check("Arena", None);
        check("1", None);
        check("nan nan", None);
    }

    #[test]
    fn the_customers_language_is_near_and_its_variants_are_nearer_than_others() {
        assert!(distance("id", "id") < distance("en", "en_US"));
        assert!(distance("pt-br", "pt_BR") < distance("pt", "pt_BR"));
        assert!(distance("pt", "pt_BR") < distance("pt", "id"));
        assert_eq!(distance("", "id"), distance("", "en"));
    }
}
