//! `npz ls`: what is in a file.

use std::io::Write;
use std::path::PathBuf;

use npz::ndarray::Order;
use npz::{ArrayInfo, Limits};
use rayon::prelude::*;
use serde::Serialize;

use crate::Result;
use crate::archive::Archive;
use crate::names::select_arrays;
use crate::output::{self, visible};
use crate::table::{Align, HEADING, Table, shortened};

/// List the arrays of files: name, dtype, shape, order, compression and sizes
///
/// Only headers are read, however large the arrays are.
#[derive(clap::Args)]
pub struct Args {
    /// Archives and .npy files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only arrays of this name, or of names that match this pattern (`layer*.weight`)
    #[arg(short, long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Also whole dtypes, where each array is in the file, to how much that is aligned, and the version of
    /// its header
    #[arg(short, long)]
    long: bool,
    /// Sizes in bytes
    #[arg(short, long)]
    bytes: bool,
    /// Print JSON: sizes are in bytes
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Listing<'a> {
    file: String,
    arrays: Vec<Listed<'a>>,
    other_members: Vec<&'a str>,
}

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    #[serde(flatten)]
    what: What,
}

#[derive(Serialize)]
#[serde(untagged)]
enum What {
    Array {
        dtype: String,
        shape: Vec<usize>,
        order: &'static str,
        is_compressed: bool,
        nbytes: u64,
        compressed_size: u64,
        offset: Option<u64>,
        version: (u8, u8),
    },
    Damaged {
        error: String,
    },
}

impl Args {
    pub fn run(&self, limits: &Limits) -> Result {
        let archives: Vec<_> =
            self.files.iter().map(|path| Archive::open(path, limits)).collect::<Result<_>>()?;
        let listings: Vec<_> = archives
            .iter()
            .map(|archive| Listing::new(archive, &self.names))
            .collect::<Result<_>>()?;
        if self.json {
            return output::json(&listings);
        }
        let mut out = output::stdout();
        for (index, listing) in listings.iter().enumerate() {
            if listings.len() > 1 {
                let empty = if index > 0 { "\n" } else { "" };
                writeln!(out, "{empty}{HEADING}{}:{HEADING:#}", visible(&listing.file))?;
            }
            self.write(listing, &mut out)?;
        }
        Ok(out.flush()?)
    }

    fn write(&self, listing: &Listing, out: &mut impl Write) -> Result {
        let mut columns = vec![
            ("name", Align::Left),
            ("dtype", Align::Left),
            ("shape", Align::Left),
            ("order", Align::Left),
            ("compression", Align::Left),
            ("size", Align::Right),
            ("in file", Align::Right),
            ("ratio", Align::Right),
        ];
        if self.long {
            columns.extend([
                ("offset", Align::Right),
                ("aligned", Align::Right),
                ("version", Align::Right),
            ]);
        }
        let mut table = Table::new(columns);
        let mut errors = Vec::new();
        for array in &listing.arrays {
            let name = visible(array.name);
            match &array.what {
                What::Damaged { error } => errors.push(error),
                What::Array {
                    dtype,
                    shape,
                    order,
                    is_compressed,
                    nbytes,
                    compressed_size,
                    offset,
                    version,
                } => {
                    let mut row = vec![
                        name,
                        if self.long { visible(dtype) } else { shortened(visible(dtype), 24) },
                        output::shape(shape),
                        (*order).to_owned(),
                        (if *is_compressed { "deflated" } else { "stored" }).to_owned(),
                        self.size(*nbytes),
                        self.size(*compressed_size),
                        ratio(*compressed_size, *nbytes),
                    ];
                    if self.long {
                        let dash = || "-".to_owned();
                        row.push(offset.map_or_else(dash, |offset| offset.to_string()));
                        row.push(offset.map_or_else(dash, |offset| alignment(offset).to_string()));
                        row.push(format!("{}.{}", version.0, version.1));
                    }
                    table.row(row);
                }
            }
        }
        if !table.is_empty() {
            table.write(out)?;
        }
        for name in &listing.other_members {
            writeln!(out, "not an array: {}", visible(name))?;
        }
        for error in errors {
            writeln!(out, "damaged: {}", visible(error))?;
        }
        Ok(())
    }

    fn size(&self, size: u64) -> String {
        if self.bytes { size.to_string() } else { output::size(size) }
    }
}

impl<'a> Listing<'a> {
    fn new(archive: &'a Archive, patterns: &'a [String]) -> Result<Self> {
        let names = select_arrays(archive, patterns)?;
        let arrays = names.into_par_iter().map(|name| {
            let info = archive.info(name);
            let damaged = |error: anyhow::Error| What::Damaged { error: error.to_string() };
            Listed { name, what: info.map_or_else(damaged, What::array) }
        });
        let others = archive.npz().filter(|_| patterns.is_empty());
        let other_members = others.into_iter().flat_map(|npz| npz.other_members()).collect();
        let file = archive.path.display().to_string();
        Ok(Self { file, arrays: arrays.collect(), other_members })
    }
}

impl What {
    fn array(info: ArrayInfo) -> Self {
        Self::Array {
            dtype: info.dtype().to_string(),
            shape: info.shape().to_vec(),
            order: if info.order() == Order::F { "F" } else { "C" },
            is_compressed: info.is_compressed(),
            nbytes: info.nbytes(),
            compressed_size: info.compressed_size(),
            offset: info.offset(),
            version: info.version(),
        }
    }
}

/// The ratio of two sizes, with three decimals.
fn ratio(size: u64, of: u64) -> String {
    let thousandths = u128::from(size) * 1000 / u128::from(of.max(1));
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

/// The largest power of two that divides it, up to a page.
fn alignment(offset: u64) -> u64 {
    1 << offset.trailing_zeros().min(12)
}
