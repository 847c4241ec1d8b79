//! Tables of text.

use std::io::Write;
use std::iter::repeat_n;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use crate::Result;

/// How headings are shown.
pub const HEADING: Style = AnsiColor::Cyan.on_default().bold();

/// The space between columns.
const GAP: usize = 2;

#[derive(Clone, Copy, PartialEq)]
pub enum Align {
    Left,
    Right,
}

/// A table with a heading to each column.
pub struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(columns: impl IntoIterator<Item = (&'static str, Align)>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row of as many cells as there are columns.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes it, in columns as wide as they need to be.
    pub fn write(&self, out: &mut impl Write) -> Result {
        let mut widths: Vec<_> = self.columns.iter().map(|(heading, _)| heading.len()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = columns(cell).max(*width);
            }
        }
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let mut line = String::new();
            for ((cell, (_, align)), &width) in cells.zip(&self.columns).zip(&widths) {
                let space = width.saturating_sub(columns(cell));
                let (before, after) = if *align == Align::Left { (0, space) } else { (space, 0) };
                line.extend(repeat_n(' ', before));
                line.push_str(cell);
                line.extend(repeat_n(' ', after + GAP));
            }
            line.truncate(line.trim_end().len());
            line
        };
        let headings = line(&mut self.columns.iter().map(|(heading, _)| *heading));
        writeln!(out, "{HEADING}{headings}{HEADING:#}")?;
        for row in &self.rows {
            writeln!(out, "{}", line(&mut row.iter().map(String::as_str)))?;
        }
        Ok(())
    }
}

/// How many columns of a terminal a text takes.
fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The text, or its beginning if it takes more columns than that.
pub fn shortened(text: String, width: usize) -> String {
    if columns(&text) <= width {
        return text;
    }
    let mut short = String::new();
    for c in text.chars() {
        short.push(c);
        if short.width() >= width {
            short.pop();
            break;
        }
    }
    short + "…"
}
