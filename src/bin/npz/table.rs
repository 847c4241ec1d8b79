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
    columns: Vec<Column>,
    /// The text of all cells, and where each of them ends.
    text: String,
    ends: Vec<usize>,
}

struct Column {
    heading: &'static str,
    align: Align,
    width: usize,
}

impl Table {
    pub fn new(columns: impl IntoIterator<Item = (&'static str, Align)>) -> Self {
        let column = |(heading, align)| Column { heading, align, width: columns_of(heading) };
        let columns = columns.into_iter().map(column).collect();
        Self { columns, text: String::new(), ends: Vec::new() }
    }

    /// Adds a row of as many cells as there are columns.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.width = column.width.max(columns_of(&cell));
            self.text.push_str(&cell);
            self.ends.push(self.text.len());
        }
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Writes it, in columns as wide as they need to be.
    pub fn write(&self, out: &mut impl Write) -> Result {
        let mut line = String::new();
        self.line(self.columns.iter().map(|column| column.heading), &mut line);
        writeln!(out, "{HEADING}{line}{HEADING:#}")?;
        let mut start = 0;
        for ends in self.ends.chunks(self.columns.len().max(1)) {
            let cells = ends.iter().map(|&end| &self.text[std::mem::replace(&mut start, end)..end]);
            self.line(cells, &mut line);
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    fn line<'a>(&self, cells: impl Iterator<Item = &'a str>, line: &mut String) {
        line.clear();
        for (cell, Column { align, width, .. }) in cells.zip(&self.columns) {
            let space = width.saturating_sub(columns_of(cell));
            let (before, after) = if *align == Align::Left { (0, space) } else { (space, 0) };
            line.extend(repeat_n(' ', before));
            line.push_str(cell);
            line.extend(repeat_n(' ', after + GAP));
        }
        line.truncate(line.trim_end().len());
    }
}

/// How many columns of a terminal a text takes.
fn columns_of(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The text, or its beginning if it takes more columns than that.
pub fn shortened(text: String, width: usize) -> String {
    if columns_of(&text) <= width {
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
