//! Moving the selection: one meaning of each motion, wherever the focus is.

/// A way to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// By one.
    Down,
    /// By one.
    Up,
    /// By half a screen.
    PageDown,
    /// By half a screen.
    PageUp,
    /// To the first.
    Top,
    /// To the last.
    Bottom,
}

impl Motion {
    /// Where it leads from row `at` of `count`, with `page` rows to a screen.
    pub fn from(self, at: usize, count: usize, page: usize) -> usize {
        let half = (page / 2).max(1);
        let to = match self {
            Self::Down => at + 1,
            Self::Up => at.saturating_sub(1),
            Self::PageDown => at + half,
            Self::PageUp => at.saturating_sub(half),
            Self::Top => 0,
            Self::Bottom => count,
        };
        to.min(count.saturating_sub(1))
    }
}
