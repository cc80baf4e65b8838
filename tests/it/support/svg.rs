//! A screen as a picture: an SVG whose glyphs stand in their columns whatever font it is shown in.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// The size of a cell, and the room around the screen.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 12.0;

/// What the terminal itself would paint with.
#[derive(Clone, Copy)]
pub struct Paper {
    pub text: (u8, u8, u8),
    pub background: (u8, u8, u8),
}

/// Glyphs of one style, side by side.
struct Run {
    x: u16,
    columns: u16,
    text: String,
    style: Style,
}

#[derive(Clone, Copy, PartialEq)]
struct Style {
    colour: (u8, u8, u8),
    behind: Option<(u8, u8, u8)>,
    modifier: Modifier,
}

/// The picture of a screen; `title` is what is read aloud in its place.
pub fn svg(buffer: &Buffer, paper: Paper, title: &str) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let (width, height) = (at(columns, CELL.0) + MARGIN, at(rows, CELL.1) + MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\" role=\"img\" xml:space=\"preserve\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n",
        escaped(title),
        hex(paper.background)
    );
    for y in 0..rows {
        for run in runs(buffer, y, paper) {
            paint(&run, y, paper, &mut out);
        }
    }
    out.push_str("</svg>\n");
    out
}

fn at(cell: u16, size: f32) -> f32 {
    MARGIN + f32::from(cell) * size
}

/// The runs of a row, blanks that show nothing left out. Only what a font surely has in one width is set together.
fn runs(buffer: &Buffer, y: u16, paper: Paper) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut x = 0;
    while x < buffer.area.width {
        let cell = &buffer[(x, y)];
        let (symbol, style) = (cell.symbol(), Style::of(cell, paper));
        let columns = symbol.width().max(1) as u16;
        let joins = |run: &Run| {
            let alike = run.style == style && run.x + run.columns == x;
            alike && ((symbol.is_ascii() && run.text.is_ascii()) || (line(symbol).is_some() && run.text.ends_with(symbol)))
        };
        match runs.last_mut().filter(|run| joins(run)) {
            Some(run) => {
                run.text.push_str(symbol);
                run.columns += columns;
            }
            None => runs.push(Run { x, columns, text: symbol.to_owned(), style }),
        }
        x += columns;
    }
    runs.retain(|run| !run.text.trim().is_empty() || run.style.behind.is_some());
    runs
}

impl Style {
    fn of(cell: &ratatui::buffer::Cell, paper: Paper) -> Self {
        let (colour, behind) = (rgb(cell.fg, paper.text), (cell.bg != Color::Reset).then(|| rgb(cell.bg, paper.background)));
        let modifier = cell.modifier;
        if modifier.contains(Modifier::REVERSED) {
            Self { colour: behind.unwrap_or(paper.background), behind: Some(colour), modifier }
        } else if cell.symbol() == " " {
            Self { colour: paper.text, behind, modifier: Modifier::empty() }
        } else {
            Self { colour, behind, modifier }
        }
    }
}

/// Where a line of this glyph runs through its cell, as shares of the cell: left, top, right, bottom.
fn line(symbol: &str) -> Option<[f32; 4]> {
    Some(match symbol {
        "─" => [0.0, 0.47, 1.0, 0.53],
        "━" => [0.0, 0.44, 1.0, 0.56],
        "│" => [0.44, 0.0, 0.56, 1.0],
        "▌" => [0.0, 0.0, 0.5, 1.0],
        "▏" => [0.0, 0.0, 0.2, 1.0],
        _ => return None,
    })
}

/// What a corner is made of.
fn corner(symbol: &str) -> Option<[[f32; 4]; 2]> {
    let (right, left) = ([0.44, 0.47, 1.0, 0.53], [0.0, 0.47, 0.56, 0.53]);
    let (down, up) = ([0.44, 0.47, 0.56, 1.0], [0.44, 0.0, 0.56, 0.53]);
    Some(match symbol {
        "┌" => [right, down],
        "┐" => [left, down],
        "└" => [right, up],
        "┘" => [left, up],
        _ => return None,
    })
}

fn paint(run: &Run, y: u16, paper: Paper, out: &mut String) {
    let (x, top) = (at(run.x, CELL.0), at(y, CELL.1));
    let width = f32::from(run.columns) * CELL.0;
    let colour = hex(run.style.colour);
    let mut rect = |[left, up, right, down]: [f32; 4], fill: &str| {
        let _ = writeln!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{fill}\"/>",
            x + left,
            top + up * CELL.1,
            right - left,
            (down - up) * CELL.1
        );
    };
    if let Some(behind) = run.style.behind {
        rect([0.0, 0.0, width, 1.0], &hex(behind));
    }
    let first = run.text.chars().next().map(|c| c.to_string()).unwrap_or_default();
    let parts = line(&first).map(|part| vec![part]).or_else(|| corner(&first).map(|parts| parts.to_vec()));
    if let Some(parts) = parts {
        for [left, up, right, down] in parts {
            // Only lines that reach over the whole cell are drawn over several.
            let right = if (right - 1.0).abs() < f32::EPSILON { width } else { right * CELL.0 };
            rect([left * CELL.0, up, right, down], &colour);
        }
        return;
    }
    if run.text.trim().is_empty() {
        return;
    }
    let has = |modifier| run.style.modifier.contains(modifier);
    let mut extra = String::new();
    for (modifier, attribute) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::DIM, " opacity=\"0.6\""),
    ] {
        if has(modifier) {
            extra.push_str(attribute);
        }
    }
    if run.style.colour != paper.text || run.style.behind.is_some() {
        let _ = write!(extra, " fill=\"{colour}\"");
    } else {
        let _ = write!(extra, " fill=\"{}\"", hex(paper.text));
    }
    // Blanks at the ends of a run take no part in its length.
    let lead = run.text.len() - run.text.trim_start_matches(' ').len();
    let text = run.text.trim_matches(' ');
    let columns = text.width().max(1);
    if columns > 1 {
        let _ = write!(extra, " textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\"", columns as f32 * CELL.0);
    }
    let x = x + lead as f32 * CELL.0;
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{:.1}\"{extra}>{}</text>", top + 0.75 * CELL.1, escaped(text));
}

fn hex((r, g, b): (u8, u8, u8)) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn rgb(colour: Color, own: (u8, u8, u8)) -> (u8, u8, u8) {
    match colour {
        Color::Rgb(r, g, b) => (r, g, b),
        _ => own,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
