//! `npz show`: the values of an array.

mod float;
mod numpy;

use std::io::Write;
use std::path::PathBuf;

use npz::ndarray::Axis as Along;
use npz::{AnyArray, ErrorKind, Limits};

use crate::Result;
use crate::archive::Archive;
use crate::item::{Nested, items};
use crate::load;
use crate::output;
use crate::slice::Selection;
use crate::to_csv;
use numpy::Options;

/// Of arrays with more elements than this, the edges are printed.
const THRESHOLD: usize = 1000;

/// Print the values of an array, or of a slice of it, as NumPy does
///
/// Of an array of more than 1,000 elements the edges are printed, and no more of it is loaded.
#[derive(clap::Args)]
pub struct Args {
    /// An archive or an .npy file
    file: PathBuf,
    /// The array, and what of it: `x`, `x[10:20, ::2, -1]`, `x[..., 0]`. It may be left out if there is
    /// one array only
    #[arg(value_name = "NAME[SLICE]")]
    selection: Option<String>,
    /// Print all elements
    #[arg(short, long, conflicts_with_all = ["csv", "json", "raw"])]
    all: bool,
    /// Digits behind the point
    #[arg(short, long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(..=20))]
    precision: u16,
    /// Columns of a line [default: those of the terminal, or 75]
    #[arg(short, long)]
    width: Option<usize>,
    /// Print all elements as comma-separated values: a line for each row, or record
    #[arg(long, conflicts_with_all = ["json", "raw"])]
    csv: bool,
    /// Print all elements as JSON: lists of lists
    #[arg(long, conflicts_with = "raw")]
    json: bool,
    /// Write the bytes of all elements, in the order and byte order of the file, which `npz ls` tells
    #[arg(long)]
    raw: bool,
}

impl Args {
    pub fn run(&self, limits: &Limits) -> Result {
        let archive = Archive::open(&self.file, limits)?;
        let selection = match Selection::parse(&archive, self.selection.as_deref()) {
            Err(error) => return self.bytes(&archive).unwrap_or(Err(error)),
            selection => selection?,
        };
        match (self.raw, self.csv, self.json) {
            (true, ..) => raw(&archive, &selection),
            (_, true, _) => to_csv::write(&archive, &selection, output::verbatim()),
            (.., true) => json(&archive, &selection),
            _ => self.text(&archive, &selection),
        }
    }

    fn text(&self, archive: &Archive, selection: &Selection) -> Result {
        let shape = selection.shape();
        let width =
            self.width.or(output::terminal().map(|(columns, _)| columns.into())).unwrap_or(75);
        let options = Options { precision: self.precision.into(), width };
        let len = shape.iter().fold(1_usize, |len, &axis| len.saturating_mul(axis));
        let items = match len > THRESHOLD && !self.all {
            true => load::edges(archive, selection)?,
            false => load::whole(archive, selection)?,
        };
        let mut out = output::stdout();
        writeln!(out, "{}", numpy::array(&items, &shape, &options))?;
        Ok(out.flush()?)
    }

    /// What a member that is not an array holds.
    fn bytes(&self, archive: &Archive) -> Option<Result> {
        let (npz, name) = (archive.npz()?, self.selection.as_deref()?);
        let is_no_array = |error: npz::Error| matches!(error.kind(), ErrorKind::NotAnArray { .. });
        if !npz.contains(name) || !npz.info(name).is_err_and(is_no_array) {
            return None;
        }
        let print = |bytes: Vec<u8>| {
            let mut out = output::verbatim();
            out.write_all(&bytes)?;
            Ok(out.flush()?)
        };
        Some(npz.bytes(name).map_err(Into::into).and_then(print))
    }
}

fn json(archive: &Archive, selection: &Selection) -> Result {
    let info = archive.info(selection.name)?;
    let mut out = output::stdout();
    if selection.shape().is_empty() || info.dtype().has_object() {
        output::compact_json(&mut out, &Nested(load::whole(archive, selection)?.view()))?;
    } else {
        let mut separator = "[";
        load::rows(archive, selection, |part: AnyArray| {
            for row in items(&part)?.axis_iter(Along(0)) {
                write!(out, "{separator}")?;
                separator = ",\n";
                output::compact_json(&mut out, &Nested(row))?;
            }
            Ok(())
        })?;
        write!(out, "{}", if separator == "[" { "[]" } else { "]" })?;
    }
    writeln!(out)?;
    Ok(out.flush()?)
}

fn raw(archive: &Archive, selection: &Selection) -> Result {
    let mut out = output::binary()?;
    load::bytes(archive, selection, &mut out)?;
    Ok(out.flush()?)
}
