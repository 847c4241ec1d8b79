//! `npz stat`: figures of arrays, which are read once, block by block.

mod chart;
mod column;
mod histogram;
mod numbers;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use npz::Limits;
use serde::Serialize;

use self::column::{Column, Known};
use self::histogram::Bins;
use crate::Result;
use crate::archive::Archive;
use crate::blocks::{BLOCK, Blocks, Regions};
use crate::names::select_arrays;
use crate::output::{self, visible};
use crate::progress::Bar;
use crate::table::{Align, Table, shortened};
use crate::value;

/// Print count, range, mean, standard deviation, NaN, infinities and zeros of arrays
///
/// NaN are counted, and otherwise left out, as np.nanmin, np.nanmean and np.nanstd do; infinities are
/// not. Records have a line for each field. Of texts and byte strings, the figures are those of their
/// lengths. Of dates, NaT are counted as NaN. Of Python objects and of what Rust has no type for, only
/// the count is known.
///
/// Arrays are read block by block, so that they may be larger than memory.
#[derive(clap::Args)]
pub struct Args {
    /// An archive or an .npy file
    file: PathBuf,
    /// Arrays, or patterns of their names (`layer*.weight`): all if there are none
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Draw a histogram of each array, not only of a single one
    #[arg(short = 'H', long)]
    histogram: bool,
    /// Print JSON, with histograms: numbers that JSON has not are null
    #[arg(long)]
    json: bool,
}

/// What is printed of an array.
#[derive(Serialize)]
#[serde(untagged)]
enum Row {
    /// Of each field, if it has records.
    Figures(Box<Figures>),
    Damaged {
        name: String,
        error: String,
    },
}

#[derive(Serialize)]
struct Figures {
    name: String,
    dtype: String,
    shape: Vec<usize>,
    count: u64,
    /// `values`, or `lengths` of texts.
    of: &'static str,
    min: Option<Value>,
    max: Option<Value>,
    mean: Option<Value>,
    std: Option<f64>,
    nan: Option<u64>,
    inf: Option<u64>,
    zeros: Option<u64>,
    histogram: Option<Bins>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Value {
    Integer(i128),
    Float(f64),
    Complex(f64, f64),
    Time(String),
}

impl Args {
    pub fn run(&self, limits: &Limits) -> Result<ExitCode> {
        let archive = Archive::open(&self.file, limits)?;
        let mut rows = Vec::new();
        for name in select_arrays(&archive, &self.names)? {
            match read(&archive, name) {
                Ok(column) => {
                    let figures = column.leaves().into_iter().map(Figures::new);
                    rows.extend(figures.map(|figures| Row::Figures(figures.into())));
                }
                Err(error) => {
                    let error = format!("{error:#}");
                    if !self.json {
                        output::error(&error);
                    }
                    rows.push(Row::Damaged { name: name.to_owned(), error });
                }
            }
        }
        if self.json {
            output::json(&rows)?;
        } else {
            self.write(&rows)?;
        }
        let is_damaged = rows.iter().any(|row| matches!(row, Row::Damaged { .. }));
        Ok(if is_damaged { ExitCode::from(2) } else { ExitCode::SUCCESS })
    }

    fn write(&self, rows: &[Row]) -> Result {
        let mut table = Table::new([
            ("name", Align::Left),
            ("dtype", Align::Left),
            ("shape", Align::Left),
            ("count", Align::Right),
            ("min", Align::Right),
            ("max", Align::Right),
            ("mean", Align::Right),
            ("std", Align::Right),
            ("NaN", Align::Right),
            ("inf", Align::Right),
            ("zeros", Align::Right),
        ]);
        let figures: Vec<_> = rows.iter().filter_map(Row::figures).collect();
        figures.iter().for_each(|figures| table.row(figures.cells()));
        let mut out = output::stdout();
        if !table.is_empty() {
            table.write(&mut out)?;
        }
        if self.histogram || rows.len() == 1 {
            for Figures { name, histogram, .. } in figures {
                if let Some(bins) = histogram {
                    writeln!(out, "\n{}", visible(name))?;
                    chart::write(bins, &mut out)?;
                }
            }
        }
        Ok(out.flush()?)
    }
}

impl Row {
    fn figures(&self) -> Option<&Figures> {
        match self {
            Self::Figures(figures) => Some(figures),
            Self::Damaged { .. } => None,
        }
    }
}

/// Reads an array.
fn read(archive: &Archive, name: &str) -> Result<Column> {
    let info = archive.info(name)?;
    let mut column = Column::new(name.to_owned(), info.dtype(), info.shape());
    let bar = Bar::new(info.nbytes());
    for block in Blocks::new(archive, name, Regions::new(&info, BLOCK))? {
        let block = block?;
        column.add(&block.array)?;
        bar.add(block.array.len() as u64 * info.dtype().itemsize() as u64);
    }
    Ok(column)
}

impl Figures {
    fn new(column: &Column) -> Self {
        let (mut min, mut max, mut mean, mut std) = (None, None, None, None);
        let (mut nan, mut inf, mut zeros, mut histogram) = (None, None, None, None);
        match &column.known {
            Known::Integers { numbers, range } => {
                (min, max) =
                    range.map(|(min, max)| (Value::Integer(min), Value::Integer(max))).unzip();
                (mean, std) = (numbers.mean().map(Value::Float), numbers.std());
                (zeros, histogram) = (Some(numbers.zeros), numbers.histogram.bins());
            }
            Known::Floats(numbers) => {
                (min, max) = (numbers.min().map(Value::Float), numbers.max().map(Value::Float));
                (mean, std) = (numbers.mean().map(Value::Float), numbers.std());
                (nan, inf) = (Some(numbers.nan), Some(numbers.inf()));
                (zeros, histogram) = (Some(numbers.zeros), numbers.histogram.bins());
            }
            Known::Complex(numbers) => {
                let parts = numbers.re.mean().zip(numbers.im.mean());
                mean = parts.map(|(re, im)| Value::Complex(re, im));
                let variances = numbers.re.variance().zip(numbers.im.variance());
                std = variances.map(|(re, im)| (re + im).sqrt());
                (nan, inf) = (Some(numbers.nan), Some(numbers.inf));
                zeros = Some(numbers.zeros);
            }
            Known::Times { range, nat } => {
                let text = |count| Value::Time(value::time(count, &column.dtype));
                (min, max) = range.map(|(min, max)| (text(min), text(max))).unzip();
                nan = Some(*nat);
            }
            Known::Record(_) | Known::Other => {}
        }
        let count =
            column.shape.iter().fold(1, |count: u64, &len| count.saturating_mul(len as u64));
        let of = if column.is_text() { "lengths" } else { "values" };
        let (name, dtype) = (column.name.clone(), column.dtype.to_string());
        let shape = column.shape.clone();
        Self { name, dtype, shape, count, of, min, max, mean, std, nan, inf, zeros, histogram }
    }

    /// As a row of the table.
    fn cells(&self) -> Vec<String> {
        let value = |value: &Option<Value>| value.as_ref().map_or_else(dash, Value::text);
        let count = |count: Option<u64>| count.map_or_else(dash, |count| count.to_string());
        vec![
            visible(&self.name),
            shortened(visible(&self.dtype), 40),
            output::shape(&self.shape),
            self.count.to_string(),
            value(&self.min),
            value(&self.max),
            value(&self.mean),
            self.std.map_or_else(dash, value::short),
            count(self.nan),
            count(self.inf),
            count(self.zeros),
        ]
    }
}

/// What stands where there is nothing to say.
fn dash() -> String {
    "-".to_owned()
}

impl Value {
    fn text(&self) -> String {
        match self {
            Self::Integer(integer) => integer.to_string(),
            Self::Float(number) => value::short(*number),
            Self::Complex(re, im) => value::complex(&value::short(*re), &value::short(*im)),
            Self::Time(text) => text.clone(),
        }
    }
}
