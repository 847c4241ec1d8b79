//! What was measured, and what follows from it by arithmetic.

use common::corpus::CORPUS;

use crate::rows::{Group, Row};
use crate::sides::Side;

pub struct Results {
    pub rows: Vec<Measured>,
}

pub struct Measured {
    pub row: Row,
    pub cells: Vec<(Side, Cell)>,
}

#[derive(Clone, Copy)]
pub struct Cell {
    /// Seconds; the median of the rounds. In the group of memory, bytes.
    pub value: f64,
    /// Of the file that was written.
    pub size: Option<u64>,
    /// How often it was measured.
    pub rounds: usize,
}

impl Measured {
    pub fn cell(&self, side: Side) -> Option<Cell> {
        self.cells.iter().find(|cell| cell.0 == side).map(|cell| cell.1)
    }

    /// How many times faster `side` is than `other`.
    pub fn ratio(&self, side: Side, other: Side) -> Option<f64> {
        Some(self.cell(other)?.value / self.cell(side)?.value)
    }

    /// The size of npz's file in sizes of `side`'s.
    pub fn size_ratio(&self, side: Side) -> Option<f64> {
        Some(self.cell(Side::Npz)?.size? as f64 / self.cell(side)?.size? as f64)
    }
}

impl Results {
    pub fn group(&self, group: Group) -> impl Iterator<Item = &Measured> {
        self.rows.iter().filter(move |measured| measured.row.group == group)
    }

    pub fn row(&self, group: Group, name: &str) -> Option<&Measured> {
        self.group(group).find(|measured| measured.row.name == name)
    }

    /// The rows of a group that is about the corpus, if all were measured.
    pub fn corpus(&self, group: Group) -> Option<Vec<&Measured>> {
        let rows: Vec<&Measured> = self.group(group).collect();
        (rows.len() == CORPUS.len()).then_some(rows)
    }

    /// How many times faster `side` is than `other`: the geometric mean over the corpus.
    pub fn mean_ratio(&self, group: Group, side: Side, other: Side) -> Option<f64> {
        let rows = self.corpus(group)?;
        let logs = rows.iter().map(|row| Some(row.ratio(side, other)?.ln()));
        let sum: f64 = logs.sum::<Option<f64>>()?;
        Some((sum / rows.len() as f64).exp())
    }

    /// The sum of the sizes of `side`'s files over the corpus.
    pub fn total_size(&self, group: Group, side: Side) -> Option<u64> {
        self.corpus(group)?.iter().map(|row| row.cell(side)?.size).sum()
    }
}

pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}
