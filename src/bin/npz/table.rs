//! Tables of text.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use crate::Result;

/// How headings are shown.
pub const HEADING: Style = AnsiColor::Cyan.on_default().bold();

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
        let mut widths: Vec<_> = self.columns.iter().map(|(heading, _)| heading.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.width().max(*width);
            }
        }
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let columns = self.columns.iter().zip(&widths);
            let cells = cells.zip(columns).map(|(cell, (&(_, align), &width))| {
                let space = " ".repeat(width.saturating_sub(cell.width()));
                if align == Align::Left {
                    format!("{cell}{space}")
                } else {
                    format!("{space}{cell}")
                }
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let headings = line(&mut self.columns.iter().map(|(heading, _)| *heading));
        writeln!(out, "{HEADING}{headings}{HEADING:#}")?;
        for row in &self.rows {
            writeln!(out, "{}", line(&mut row.iter().map(String::as_str)))?;
        }
        Ok(())
    }
}

/// The text, or its beginning if it takes more columns than that.
pub fn shortened(text: String, width: usize) -> String {
    if text.width() <= width {
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
