//! Comma-separated values as arrays.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use csv::{ReaderBuilder, StringRecord, Trim};
use npz::ToNpy;
use npz::ndarray::Array2;

use crate::Result;

/// What a CSV file holds.
pub enum Table {
    /// Columns that the first line names.
    Columns(Vec<(String, Box<dyn ToNpy>)>),
    /// Numbers alone.
    Numbers(Box<dyn ToNpy>),
}

/// Reads a CSV file. If its first line is numbers, so is all of it.
pub fn arrays(path: &Path) -> Result<Table> {
    let mut csv = ReaderBuilder::new().has_headers(false).trim(Trim::All).from_path(path)?;
    let mut rows = csv.records().collect::<csv::Result<Vec<_>>>()?;
    let Some(first) = rows.first() else { bail!("there are no lines in it") };
    let width = first.len();
    if first.iter().all(|cell| number(cell).is_some()) {
        return numbers(&rows, width).map(Table::Numbers);
    }
    let names = rows.remove(0);
    let mut seen = HashSet::new();
    for name in &names {
        ensure!(!name.is_empty(), "the first line names the columns, and one of them has no name");
        ensure!(seen.insert(name), "two columns are called `{name}`");
    }
    let columns = names.iter().enumerate().map(|(index, name)| {
        let cells: Vec<_> = rows.iter().map(|row| row.get(index).unwrap_or_default()).collect();
        (name.to_owned(), column(&cells))
    });
    Ok(Table::Columns(columns.collect()))
}

/// Integers if all are, else numbers, bools or text; an empty cell between numbers is NaN.
fn column(cells: &[&str]) -> Box<dyn ToNpy> {
    fn all<T>(cells: &[&str], parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
        cells.iter().map(|cell| parse(cell)).collect()
    }
    if let Some(integers) = all(cells, |cell| cell.parse::<i64>().ok()) {
        return Box::new(integers);
    }
    if let Some(numbers) = all(cells, number).filter(|_| cells.iter().any(|cell| !cell.is_empty()))
    {
        return Box::new(numbers);
    }
    let bool = |cell: &str| match cell {
        "True" | "true" | "TRUE" => Some(true),
        "False" | "false" | "FALSE" => Some(false),
        _ => None,
    };
    match all(cells, bool) {
        Some(bools) => Box::new(bools),
        None => Box::new(cells.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>()),
    }
}

/// The rows as an array of two axes, or of one if there is one column.
fn numbers(rows: &[StringRecord], width: usize) -> Result<Box<dyn ToNpy>> {
    let cells: Vec<_> = rows.iter().flatten().collect();
    if let Some(cell) = cells.iter().find(|cell| number(cell).is_none()) {
        bail!(
            "`{cell}` is not a number, as those of the first line are; a line of names is missing"
        );
    }
    if width == 1 {
        return Ok(column(&cells));
    }
    let shape = (rows.len(), width);
    let integers = cells.iter().map(|cell| cell.parse::<i64>().ok()).collect::<Option<Vec<_>>>();
    let context = "lines of different lengths";
    Ok(match integers {
        Some(integers) => Box::new(Array2::from_shape_vec(shape, integers).context(context)?),
        None => {
            let numbers = cells.iter().filter_map(|cell| number(cell)).collect();
            Box::new(Array2::from_shape_vec(shape, numbers).context(context)?)
        }
    })
}

fn number(cell: &str) -> Option<f64> {
    if cell.is_empty() { Some(f64::NAN) } else { cell.parse().ok() }
}
