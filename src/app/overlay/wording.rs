//! Our own message templates: the list of them, with the provider's beside, and the form in which one is written.

use crate::app::effect::WordingPage;
use crate::app::field::Field;
use crate::domain::template::Template;
use crate::domain::text::Safe;
use crate::domain::wording::{Kind, Wording};

/// The list's state.
#[derive(Debug, Default)]
pub struct WordingList {
    /// What there is; nothing until it was read.
    pub page: Option<WordingPage>,
    /// The selected row: ours first, then the provider's.
    pub selected: usize,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WordingRow<'a> {
    /// One of our own.
    Own(&'a Wording),
    /// The provider's, and the channel it is of.
    Provider(&'a str, &'a Template),
}

/// The form's state.
#[derive(Debug)]
pub struct WordingForm {
    /// Name, language and title, in this order.
    pub lines: [Field; 3],
    /// What it is for.
    pub kind: Kind,
    /// The words.
    pub text: Field,
    /// Which of them takes the keys.
    pub at: WordingField,
    /// What is wrong.
    pub problem: Option<Safe>,
    /// The one that is changed; none for a new one.
    pub was: Option<Wording>,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WordingField {
    /// What it is called.
    #[default]
    Name,
    /// In which language.
    Language,
    /// What it is for: Space turns it.
    Kind,
    /// The title of a push notice.
    Title,
    /// The words.
    Text,
}

impl WordingField {
    /// Every field, from the top.
    pub const ALL: [Self; 5] = [Self::Name, Self::Language, Self::Kind, Self::Title, Self::Text];
}

impl WordingList {
    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.page.as_ref().map_or(0, |page| page.own.len() + page.provider.len())
    }

    /// What stands in a row.
    pub fn row(&self, at: usize) -> Option<WordingRow<'_>> {
        let page = self.page.as_ref()?;
        let own = page.own.get(at).map(WordingRow::Own);
        own.or_else(|| {
            page.provider.get(at.checked_sub(page.own.len())?).map(|(channel, template)| WordingRow::Provider(channel, template))
        })
    }

    /// What is selected.
    pub fn chosen(&self) -> Option<WordingRow<'_>> {
        self.row(self.selected)
    }

    /// It was read (again).
    pub fn take(&mut self, page: WordingPage) {
        self.page = Some(page);
        self.selected = self.selected.min(self.count().saturating_sub(1));
    }
}

impl WordingForm {
    /// A form for a new one, or for one that exists.
    pub fn new(was: Option<Wording>) -> Box<Self> {
        let wording = was.clone().unwrap_or_default();
        let lines = [&wording.name, &wording.language, &wording.title].map(|text| Field::of(text));
        let at = if was.is_some() { WordingField::Text } else { WordingField::Name };
        Box::new(Self { lines, kind: wording.kind, text: Field::of(&wording.text), at, problem: None, was })
    }

    /// The field that takes the keys; none where nothing is typed.
    pub const fn field(&mut self) -> Option<&mut Field> {
        match self.at {
            WordingField::Name => Some(&mut self.lines[0]),
            WordingField::Language => Some(&mut self.lines[1]),
            WordingField::Kind => None,
            WordingField::Title => Some(&mut self.lines[2]),
            WordingField::Text => Some(&mut self.text),
        }
    }

    /// Goes to the next field; only push notices have a title.
    pub fn turn(&mut self) {
        let at = WordingField::ALL.iter().position(|field| *field == self.at).unwrap_or(0);
        self.at = WordingField::ALL[(at + 1) % WordingField::ALL.len()];
        if self.at == WordingField::Title && self.kind != Kind::Push {
            self.at = WordingField::Text;
        }
    }

    /// Chooses the other kind.
    pub fn turn_kind(&mut self) {
        self.kind = if self.kind == Kind::Push { Kind::WhatsApp } else { Kind::Push };
    }

    /// As it stands, whatever is wrong with it.
    pub fn wording(&self) -> Wording {
        let [name, language, title] = &self.lines;
        Wording {
            name: name.text(),
            language: language.text(),
            kind: self.kind,
            title: if self.kind == Kind::Push { title.text() } else { String::new() },
            text: self.text.text(),
            stand_in: self.was.as_ref().and_then(|was| was.stand_in.clone()),
        }
    }

    /// What is written, unless something is wrong with it or another one has its place; then that is shown.
    pub fn finished(&mut self, others: &[Wording]) -> Option<Wording> {
        let key = |wording: &Wording| (wording.name.to_lowercase(), wording.language.to_lowercase(), wording.kind);
        let was = self.was.as_ref().map(key);
        let problem = match self.wording().checked() {
            Ok(wording) if was.as_ref() != Some(&key(&wording)) && others.iter().any(|other| key(other) == key(&wording)) => {
                format!("there is a {} in {} already", wording.name, wording.language)
            }
            Ok(wording) => return Some(wording),
            Err(problem) => problem.to_string(),
        };
        self.problem = Some(Safe::line(&format!("Not kept yet: {problem}")));
        None
    }
}
