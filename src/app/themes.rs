//! Which theme the screen is painted in: the chosen one, or the one that suits the terminal's background.

use super::overlay::{Overlay, Picker, PickerRow, Purpose};
use super::{App, Cx};
use crate::domain::text::Safe;

/// The themes there are and which is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Themes {
    /// The names of all.
    pub names: Vec<String>,
    /// The chosen one; without, the terminal's background decides.
    pub chosen: Option<String>,
    /// The terminal's background is light.
    pub light: bool,
}

impl App {
    /// The same screen with these themes.
    #[must_use]
    pub fn with_themes(mut self, themes: Themes) -> Self {
        self.themes = themes;
        self
    }

    /// The theme to paint in. While one is looked for, the screen shows the selected one.
    pub(crate) fn theme(&self) -> &str {
        let selected = match self.overlays.last() {
            Some(Overlay::Picker(picker)) if picker.purpose == Purpose::Theme => picker.row().map(|row| self.themed(row.value)),
            _ => None,
        };
        match selected.unwrap_or(self.themes.chosen.as_deref()) {
            Some(name) => name,
            None if self.themes.light => "light",
            None => "dark",
        }
    }

    /// The terminal told of its background, or that it has changed; whether that matters.
    pub(super) fn see_background(&mut self, light: bool) -> bool {
        std::mem::replace(&mut self.themes.light, light) != light && self.themes.chosen.is_none()
    }

    /// Asks for a theme.
    pub(crate) fn ask_theme(&mut self) {
        let row = |value: i64, title: &str, chosen: bool| PickerRow {
            title: Safe::line(title),
            detail: Safe::lit(match (chosen, value) {
                (true, 0) => "now, as the terminal's background is",
                (true, _) => "now",
                (false, 0) => "as the terminal's background is",
                (false, _) => "",
            }),
            on: None,
            value,
        };
        let chosen = &self.themes.chosen;
        let named = self.themes.names.iter().zip(1..).map(|(name, value)| row(value, name, chosen.as_ref() == Some(name)));
        let rows: Vec<PickerRow> = std::iter::once(row(0, "auto", chosen.is_none())).chain(named).collect();
        let now = rows.iter().position(|row| self.themed(row.value) == chosen.as_deref());
        let mut picker = Picker::new(Purpose::Theme, "theme", rows, "No theme has these letters.");
        picker.selected = now.unwrap_or(0);
        self.overlays.push(Overlay::Picker(picker));
    }

    /// What a theme may be called, the one that suits the background first.
    pub(crate) fn theme_names(&self) -> Vec<&str> {
        std::iter::once("auto").chain(self.themes.names.iter().map(String::as_str)).collect()
    }

    /// A theme was chosen.
    pub(crate) fn choose_theme(&mut self, value: i64, cx: &Cx) {
        self.themes.chosen = self.themed(value).map(str::to_owned);
        let name = self.themes.chosen.as_deref().unwrap_or("auto");
        self.say(&format!("Until you quit; screen.theme = \"{name}\" in config.toml keeps it"), cx);
    }

    /// The theme behind a row of the picker; none is the one that suits the background.
    fn themed(&self, value: i64) -> Option<&str> {
        let place = usize::try_from(value).ok()?.checked_sub(1)?;
        self.themes.names.get(place).map(String::as_str)
    }
}
