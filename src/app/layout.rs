//! Where everything stands: a pure function of the screen's size and what is open. Painting and mouse hits both ask here, so that what is
//! clicked is what was seen.

/// A rectangle of the screen, in columns and rows from the top left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    /// Its left column.
    pub x: u16,
    /// Its top row.
    pub y: u16,
    /// Its width in columns.
    pub w: u16,
    /// Its height in rows.
    pub h: u16,
}

/// What besides the size decides the layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// The focus is in the list, so that a narrow screen shows the list.
    pub in_list: bool,
    /// The panel on the right was put away.
    pub info_hidden: bool,
    /// Rows of text the composer needs; 0 when it is not shown.
    pub compose: u16,
    /// The queue is shown instead of the inbox.
    pub in_queue: bool,
    /// The first-run tour is under way.
    pub tour: bool,
}

/// Every part of the screen. A part that is not shown is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The screen is too small for anything but a word about it.
    pub too_small: bool,
    /// The whole screen.
    pub whole: Rect,
    /// The first row.
    pub header: Rect,
    /// The row of tabs above the list.
    pub tabs: Rect,
    /// The rows of the list.
    pub list: Rect,
    /// Rows of the screen for each row of the list: 1 or 2.
    pub row_height: u16,
    /// Who the conversation is with.
    pub head: Rect,
    /// The messages.
    pub thread: Rect,
    /// The composer, its rule included.
    pub compose: Rect,
    /// The panel on the right.
    pub info: Rect,
    /// The queue.
    pub queue: Rect,
    /// The row of the horizontal rule; nothing where there is none.
    pub rule: Option<u16>,
    /// Columns of the vertical rules.
    pub columns: [Option<u16>; 2],
    /// The strip of the first-run tour.
    pub tour: Rect,
    /// The row that tells the state.
    pub status: Rect,
    /// The last row: keys, or a word about what just happened.
    pub hints: Rect,
}

/// The smallest screen, in columns and rows.
pub const SMALLEST: (u16, u16) = (60, 15);
/// From so many columns on, list and thread stand side by side.
pub const SIDE_BY_SIDE: u16 = 110;
/// From so many columns on, the information panel stands beside them.
pub const WITH_PANEL: u16 = 160;
/// Fewer columns than this beside something that floats show nothing of use.
const SLIVER: u16 = 10;
/// The list's columns, on a screen just wide enough for the panel and on the widest.
const LIST_WIDTH: (u16, u16) = (44, 96);
/// The panel's.
const PANEL_WIDTH: (u16, u16) = (40, 64);
/// Longer lines than this are hard to read: the thread grows no wider.
const READABLE: u16 = 120;
/// The composer grows to so many rows of text before it scrolls.
const COMPOSE_MOST: u16 = 8;

impl Rect {
    /// A rectangle.
    pub const fn new(x: u16, y: u16, w: u16, h: u16) -> Self {
        Self { x, y, w, h }
    }

    /// Nothing fits in.
    pub const fn is_empty(self) -> bool {
        self.w == 0 || self.h == 0
    }

    /// The cell is inside.
    pub const fn contains(self, column: u16, row: u16) -> bool {
        column >= self.x && row >= self.y && column - self.x < self.w && row - self.y < self.h
    }

    /// A rectangle of at most that size in the middle of this one.
    #[must_use]
    pub fn centered(self, w: u16, h: u16) -> Self {
        let (w, h) = (w.min(self.w), h.min(self.h));
        Self::new(self.x + (self.w - w) / 2, self.y + (self.h - h) / 2, w, h)
    }
}

impl Layout {
    /// Where something that floats stands, that would like `size`: over the whole width when only slivers would be left beside it, and never
    /// over the keys of the last row.
    pub fn floating(&self, size: (u16, u16)) -> Rect {
        let (w, h) = size;
        let w = if w + SLIVER > self.whole.w { self.whole.w } else { w };
        self.whole.centered(w, h.min(self.whole.h.saturating_sub(1)))
    }
}

/// The layout of a screen.
pub fn layout(shape: &Shape) -> Layout {
    let (w, h) = shape.size;
    let mut out = Layout { whole: Rect::new(0, 0, w, h), row_height: 1, ..Layout::default() };
    if w < SMALLEST.0 || h < SMALLEST.1 {
        out.too_small = true;
        return out;
    }
    out.header = Rect::new(0, 0, w, 1);
    out.status = Rect::new(0, h - 2, w, 1);
    out.hints = Rect::new(0, h - 1, w, 1);
    let end = if shape.tour { h - 3 } else { h - 2 };
    out.tour = Rect::new(0, end, w, h - 2 - end);
    if shape.in_queue {
        out.queue = Rect::new(0, 1, w, end - 1);
        return out;
    }
    if w < SIDE_BY_SIDE {
        out.rule = Some(2);
        let (top, body) = (Rect::new(0, 1, w, 1), Rect::new(0, 3, w, end - 3));
        if shape.in_list {
            (out.tabs, out.list) = (top, body);
        } else {
            out.head = top;
            (out.thread, out.compose) = with_composer(body, shape.compose);
        }
        return out;
    }
    out.rule = Some(1);
    out.row_height = 2;
    // What a wider screen has to give goes to all three, the most to the thread until its lines are long enough.
    let spare = w.saturating_sub(WITH_PANEL);
    let list = (LIST_WIDTH.0 + spare / 3).min(LIST_WIDTH.1);
    // Never in the same step as the list, so that the thread loses no column to both.
    let panel = (PANEL_WIDTH.0 + spare.div_ceil(6)).min(PANEL_WIDTH.1);
    out.tabs = Rect::new(0, 2, list, 1);
    out.list = Rect::new(0, 4, list, end - 4);
    out.columns[0] = Some(list);
    let left = list + 1;
    let right = if w >= WITH_PANEL && !shape.info_hidden { w - panel - 1 } else { w };
    if right < w {
        out.columns[1] = Some(right);
        out.info = Rect::new(right + 1, 2, panel, end - 2);
    }
    let wide = (right - left).min(READABLE);
    out.head = Rect::new(left, 2, wide, 2);
    (out.thread, out.compose) = with_composer(Rect::new(left, 4, wide, end - 4), shape.compose);
    out
}

fn with_composer(body: Rect, text_rows: u16) -> (Rect, Rect) {
    if text_rows == 0 {
        return (body, Rect::default());
    }
    let rows = (text_rows.clamp(2, COMPOSE_MOST) + 1).min(body.h / 2);
    (Rect { h: body.h - rows, ..body }, Rect { y: body.y + body.h - rows, h: rows, ..body })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(w: u16, h: u16, in_list: bool) -> Layout {
        layout(&Shape { size: (w, h), in_list, info_hidden: false, compose: 3, in_queue: false, tour: true })
    }

    #[test]
    fn eighty_columns_show_one_thing_and_more_columns_show_more() {
        assert!(!of(80, 24, true).list.is_empty() && of(80, 24, true).thread.is_empty());
        assert!(of(80, 24, false).list.is_empty() && !of(80, 24, false).thread.is_empty());
        let both = of(120, 40, true);
        assert!(!both.list.is_empty() && !both.thread.is_empty() && both.info.is_empty());
        assert!(!of(160, 45, false).info.is_empty());
    }

    #[test]
    fn a_wider_screen_gives_each_part_more_until_lines_are_too_long_to_read() {
        let mut before = of(WITH_PANEL, 45, false);
        for w in WITH_PANEL + 1..=300 {
            let now = of(w, 45, false);
            for (was, is) in [(before.list, now.list), (before.thread, now.thread), (before.info, now.info)] {
                assert!(is.w >= was.w, "{w}: {was:?} became {is:?}");
            }
            assert!(now.thread.w <= READABLE && now.compose.w == now.thread.w && now.head.w == now.thread.w, "{w}: {now:?}");
            before = now;
        }
        assert_eq!((before.list.w, before.thread.w, before.info.w), (90, READABLE, 64));
    }

    #[test]
    fn the_smallest_screen_has_room_to_choose_to_read_and_to_write() {
        let (list, thread) = (of(60, 15, true), of(60, 15, false));
        assert!(list.list.h >= 8, "{list:?}");
        assert!(thread.thread.h >= 5 && thread.compose.h >= 3, "{thread:?}");
        let side_by_side = of(110, 15, false);
        assert!(side_by_side.list.h / side_by_side.row_height >= 4 && side_by_side.thread.h >= 4, "{side_by_side:?}");
        assert!(side_by_side.thread.w >= 60, "{side_by_side:?}");
    }

    #[test]
    fn no_two_parts_share_a_cell_and_none_leaves_the_screen() {
        for w in 1..320 {
            for h in [1, 5, 14, 15, 16, 24, 45] {
                for in_list in [true, false] {
                    let l = of(w, h, in_list);
                    let parts = [l.header, l.tabs, l.list, l.head, l.thread, l.compose, l.info, l.tour, l.status, l.hints];
                    for (at, a) in parts.iter().enumerate() {
                        assert!(a.is_empty() || (a.x + a.w <= w && a.y + a.h <= h), "{w}x{h}: {a:?}");
                        for b in &parts[at + 1..] {
                            let apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
                            assert!(a.is_empty() || b.is_empty() || apart, "{w}x{h}: {a:?} {b:?}");
                        }
                    }
                }
            }
        }
    }
}
