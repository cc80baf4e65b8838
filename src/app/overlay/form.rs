//! The form that adds a channel or changes its settings, made from what the provider says it needs.

use std::collections::BTreeMap;

use crate::app::effect::{ChannelAbout, Write};
use crate::app::field::Field;
use crate::config::Secret;
use crate::domain::channel::{self, Provider};
use crate::domain::id::ChannelId;
use crate::domain::text::Safe;

/// What is typed to take away a secret that a channel can do without.
const NONE: &str = "-";

/// The form's state.
#[derive(Debug)]
pub struct Form {
    /// The providers to choose from.
    pub providers: Vec<&'static Provider>,
    /// The chosen one.
    pub chosen: usize,
    /// The rows, one after the other.
    pub rows: Vec<FormRow>,
    /// The row that takes the keys.
    pub at: usize,
    /// What is wrong.
    pub problem: Option<Safe>,
    /// The write that is being tried.
    pub ticket: Option<u64>,
    /// The channel whose settings are changed, its name, and the secrets it has; nothing for a new one.
    pub was: Option<(ChannelId, Safe, Vec<String>)>,
}

/// One row of the form.
#[derive(Debug)]
pub struct FormRow {
    /// What it asks.
    pub kind: FormRowKind,
    /// What is typed.
    pub field: Field,
}

/// What a row of the form asks.
#[derive(Clone, Copy, Debug)]
pub enum FormRowKind {
    /// Which provider, when there are several.
    Provider,
    /// What to call the channel.
    Name,
    /// A setting of the provider.
    Setting(&'static channel::Field),
}

impl Form {
    /// A form for the first of the providers; none without any.
    pub fn new(providers: &[&'static Provider]) -> Option<Box<Self>> {
        let mut form = Self { providers: providers.to_vec(), chosen: 0, rows: Vec::new(), at: 0, problem: None, ticket: None, was: None };
        providers.first()?;
        form.fill();
        Some(Box::new(form))
    }

    /// The settings of a channel, to be changed. Its secrets are not shown.
    pub fn of(provider: &'static Provider, channel: ChannelId, name: &str, about: &ChannelAbout) -> Box<Self> {
        let row = |field: &'static channel::Field| {
            let value = about.values.get(field.name).map(String::as_str).filter(|_| !field.secret);
            FormRow { kind: FormRowKind::Setting(field), field: Field::of(value.unwrap_or_default()) }
        };
        let was = Some((channel, Safe::line(name), about.secrets.clone()));
        let rows = provider.fields.iter().map(row).collect();
        Box::new(Self { providers: vec![provider], chosen: 0, rows, at: 0, problem: None, ticket: None, was })
    }

    /// A secret that is there already and stays unless another one is typed.
    pub fn has_secret(&self, field: &channel::Field) -> bool {
        field.secret && self.was.as_ref().is_some_and(|(_, _, secrets)| secrets.iter().any(|name| name == field.name))
    }

    /// The chosen provider.
    pub fn provider(&self) -> Option<&'static Provider> {
        self.providers.get(self.chosen).copied()
    }

    /// Goes to the next row, or back to the one before.
    pub fn step(&mut self, down: bool) {
        self.at = if down { (self.at + 1).min(self.rows.len().saturating_sub(1)) } else { self.at.saturating_sub(1) };
    }

    /// The row that takes the keys asks which provider.
    pub fn asks_provider(&self) -> bool {
        self.rows.get(self.at).is_some_and(|row| matches!(row.kind, FormRowKind::Provider))
    }

    /// Chooses the next provider, which changes the rows.
    pub fn turn(&mut self) {
        self.chosen = (self.chosen + 1) % self.providers.len().max(1);
        self.fill();
    }

    /// The row that takes the keys.
    pub fn row(&mut self) -> Option<&mut FormRow> {
        self.rows.get_mut(self.at)
    }

    /// What the form asks to be done, or what is missing: then the row that lacks it takes the keys.
    pub fn write(&mut self) -> Option<Write> {
        let provider = self.provider()?;
        let (mut name, mut values, mut secrets) = (String::new(), BTreeMap::new(), BTreeMap::new());
        for (at, row) in self.rows.iter().enumerate() {
            let text = row.field.text().trim().to_owned();
            let missing = match row.kind {
                FormRowKind::Provider => false,
                FormRowKind::Name => {
                    name.clone_from(&text);
                    text.is_empty()
                }
                FormRowKind::Setting(field) if field.secret => {
                    let (has, missing) = (self.has_secret(field), text.is_empty() && field.default.is_none());
                    // Without a word about it a secret stays as it is, be that none at all.
                    if text == NONE && field.default.is_some() {
                        secrets.extend(has.then(|| (field.name.to_owned(), Secret::new(""))));
                    } else if !text.is_empty() {
                        secrets.insert(field.name.to_owned(), Secret::new(text));
                    }
                    missing && !has
                }
                FormRowKind::Setting(field) => {
                    let text = if text.is_empty() { field.default.unwrap_or_default().to_owned() } else { text };
                    let missing = text.is_empty() && field.default.is_none();
                    values.insert(field.name.to_owned(), text);
                    missing
                }
            };
            if missing {
                let not = if self.was.is_some() { "Not changed yet" } else { "Not connected yet" };
                self.problem = Some(Safe::line(&format!("{not}: {} is missing", row.title())));
                self.at = at;
                return None;
            }
        }
        self.problem = None;
        if let Some((channel, ..)) = self.was {
            return Some(Write::EditChannel { channel, values, secrets });
        }
        Some(Write::AddChannel { provider: provider.name, name, values, secrets })
    }

    fn fill(&mut self) {
        let Some(provider) = self.provider() else { return };
        let row = |kind| FormRow { kind, field: Field::default() };
        self.rows.clear();
        if self.providers.len() > 1 {
            self.rows.push(row(FormRowKind::Provider));
        }
        self.rows.push(FormRow { kind: FormRowKind::Name, field: Field::of(provider.title) });
        self.rows.extend(provider.fields.iter().map(|field| row(FormRowKind::Setting(field))));
        self.at = self.at.min(self.rows.len() - 1);
    }
}

impl FormRow {
    /// What it is called.
    pub const fn title(&self) -> &'static str {
        match self.kind {
            FormRowKind::Provider => "Provider",
            FormRowKind::Name => "Name",
            FormRowKind::Setting(field) => field.title,
        }
    }

    /// Where to find what it asks.
    pub const fn help(&self) -> &'static str {
        match self.kind {
            FormRowKind::Provider => "Space chooses the next one",
            FormRowKind::Name => "what your team calls this account",
            FormRowKind::Setting(field) => field.help,
        }
    }
}
