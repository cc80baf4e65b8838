//! How things look: colours by meaning, marks in Unicode or ASCII.

use std::path::Path;

pub use super::theme::Theme;
use super::theme_file::BUILT_IN;
pub use crate::app::keymap::Problem;

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// None (`NO_COLOR`, `TERM=dumb`): bold, dim, underline and reverse carry everything.
    None,
    /// The sixteen of the terminal's own palette.
    #[default]
    Sixteen,
    /// The xterm 256.
    Indexed,
    /// 24 bit.
    True,
}

/// How a screen looks.
#[derive(Clone, Debug)]
pub struct Look {
    /// How many colours there are.
    pub depth: Depth,
    /// Marks in ASCII only.
    pub ascii: bool,
    /// The theme to begin with; without, the one that suits the terminal's background.
    pub chosen: Option<String>,
    /// The themes there are: the built-in ones, then the agent's own.
    themes: Vec<Theme>,
    /// What is painted in without colours, and when there is no theme of the chosen name.
    bare: Theme,
}

impl Default for Look {
    fn default() -> Self {
        Self::new(Depth::default(), false)
    }
}

impl Look {
    /// With the built-in themes.
    pub fn new(depth: Depth, ascii: bool) -> Self {
        let read = |(name, text): (&str, &str)| {
            let plain = Theme::plain(name);
            // A test reads them through the same parser.
            Theme::parse(name, text, &plain).unwrap_or(plain)
        };
        let themes = BUILT_IN.map(read).to_vec();
        let bare = themes.iter().find(|theme| theme.name == "mono").cloned().unwrap_or_else(|| Theme::plain("mono"));
        Self { depth, ascii, chosen: None, themes, bare }
    }

    /// Adds a theme of the agent's own, in the file's words, or takes it for the built-in one of that name. What the file leaves out looks as
    /// in the dark theme.
    pub fn add_theme(&mut self, name: &str, text: &str) -> Result<(), Vec<Problem>> {
        let theme = Theme::parse(name, text, self.theme_named("dark").unwrap_or(&Theme::plain(name)))?;
        self.themes.retain(|known| known.name != theme.name);
        self.themes.push(theme);
        Ok(())
    }

    /// The names of the themes there are.
    pub fn theme_names(&self) -> Vec<String> {
        self.themes.iter().map(|theme| theme.name.clone()).collect()
    }

    /// The theme to paint in when that one is chosen: without colours always the one that has none.
    pub(super) fn theme(&self, name: &str) -> &Theme {
        self.theme_named(name).filter(|_| self.depth != Depth::None).unwrap_or(&self.bare)
    }

    fn theme_named(&self, name: &str) -> Option<&Theme> {
        self.themes.iter().find(|theme| theme.name == name)
    }
}

/// The name of a theme by its file, if it is one.
pub fn theme_of_file(path: &Path) -> Option<&str> {
    path.extension().is_some_and(|extension| extension == "toml").then(|| path.file_stem()?.to_str()).flatten()
}
