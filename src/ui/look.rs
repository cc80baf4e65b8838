//! How things look: colours by meaning, marks in Unicode or ASCII.

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
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// How many colours there are.
    pub depth: Depth,
    /// Marks in ASCII only.
    pub ascii: bool,
}
