//! Where a canned reply is written: its shortcut and its words.

use crate::app::field::Field;
use crate::domain::canned::Canned;
use crate::domain::text::Safe;

/// The form's state.
#[derive(Debug)]
pub struct CannedForm {
    /// What is typed after `/` to find it.
    pub shortcut: Field,
    /// The words.
    pub text: Field,
    /// The words take the keys, not the shortcut.
    pub in_text: bool,
    /// What is wrong.
    pub problem: Option<Safe>,
    /// The one that is changed; none for a new one.
    pub was: Option<Canned>,
}

impl CannedForm {
    /// A form for a new one with these words.
    pub fn new(text: &str) -> Box<Self> {
        Box::new(Self { shortcut: Field::default(), text: Field::of(text), in_text: false, problem: None, was: None })
    }

    /// A form for one that exists.
    pub fn of(canned: Canned) -> Box<Self> {
        let (shortcut, text) = (Field::of(&canned.shortcut), Field::of(&canned.text));
        Box::new(Self { shortcut, text, in_text: true, problem: None, was: Some(canned) })
    }

    /// The field that takes the keys.
    pub const fn field(&mut self) -> &mut Field {
        if self.in_text { &mut self.text } else { &mut self.shortcut }
    }

    /// What is written, unless something is wrong with it or another one has its shortcut; then that is shown.
    pub fn finished(&mut self, others: &[Canned]) -> Option<Canned> {
        let canned = Canned::new(&self.shortcut.text(), &self.text.text());
        let taken = |canned: &Canned| {
            let same = |other: &str| other.to_lowercase() == canned.shortcut.to_lowercase();
            !self.was.as_ref().is_some_and(|was| same(&was.shortcut)) && others.iter().any(|other| same(&other.shortcut))
        };
        match canned {
            Ok(canned) if taken(&canned) => {
                self.problem = Some(Safe::line(&format!("Not kept yet: there is a /{} already", canned.shortcut)));
                self.in_text = false;
                None
            }
            Ok(canned) => Some(canned),
            Err(why) => {
                self.problem = Some(Safe::line(&format!("Not kept yet: {why}")));
                None
            }
        }
    }
}
