//! The files that `npz pack` and `npz add` make members of.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use npz::ndarray::Order;
use npz::{DType, Limits, NpzWriter, Raw};

use crate::Result;
use crate::archive::{Archive, Member, begins_as_npy, stem};
use crate::copy::{Change, Copied};
use crate::repack::Level;
use crate::{from_csv, output};

#[derive(clap::Args)]
pub struct Sources {
    /// What is added: an .npy file, all arrays of an .npz file, or the columns of a .csv file, which are
    /// named by its first line. `NAME=FILE` gives an array another name than its file's; of several arrays
    /// NAME is what their names begin with, before a `/`
    #[arg(required = true, value_name = "[NAME=]FILE")]
    sources: Vec<String>,
    /// What is in other files: the bytes of elements of this dtype (`f4`, `>i2`)
    #[arg(long)]
    dtype: Option<DType>,
    /// The shape of the arrays in such files, in C order [default: one axis]
    #[arg(long, value_delimiter = ',', requires = "dtype")]
    shape: Option<Vec<usize>>,
    /// Add other files as they are, as members that are not arrays
    #[arg(long, conflicts_with = "dtype")]
    as_bytes: bool,
    #[command(flatten)]
    level: Level,
}

impl Sources {
    /// The size of all files, in bytes.
    pub fn size(&self) -> u64 {
        let size = |source: &String| fs::metadata(split(source).1).map_or(0, |file| file.len());
        self.sources.iter().map(size).sum()
    }

    /// Adds what is in the files to an archive.
    pub fn add_to<W: Write + Send>(&self, npz: &mut NpzWriter<W>, limits: &Limits) -> Result {
        let compression = self.level.compression().unwrap_or_default();
        self.for_each(limits, |name, array| array.add(npz, name, compression, &Change::default()))
    }

    /// Does something with each array or other member, by its name.
    fn for_each(&self, limits: &Limits, mut act: impl FnMut(&str, Copied) -> Result) -> Result {
        for source in &self.sources {
            let (name, path) = split(source);
            let is = |end: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(end));
            if is("npz") || is("npy") || (!is("csv") && begins_as_npy(path)?) {
                each_array(&Archive::open(path, limits)?, name, &mut act)?;
            } else if is("csv") {
                let tables = from_csv::arrays(path)
                    .with_context(|| format!("cannot read `{}`", path.display()))?;
                match tables {
                    from_csv::Table::Columns(columns) => {
                        for (column, array) in columns {
                            act(&within(name, &column), Copied::Whole(array))?;
                        }
                    }
                    from_csv::Table::Numbers(array) => {
                        act(name.unwrap_or(&stem(path)), Copied::Whole(array))?;
                    }
                }
            } else {
                self.other(name, path, &mut act)?;
            }
        }
        Ok(())
    }

    /// A file that does not say what it is.
    fn other(
        &self,
        name: Option<&str>,
        path: &Path,
        act: &mut impl FnMut(&str, Copied) -> Result,
    ) -> Result {
        let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        if self.as_bytes {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            return act(name.unwrap_or(&file), Copied::Bytes(bytes));
        }
        let Some(dtype) = &self.dtype else {
            bail!(
                "`{}` is no .npy, .npz or .csv file: say what it holds (--dtype), or that it is no array \
                 (--as-bytes)",
                path.display()
            );
        };
        let (len, size) = (bytes.len(), dtype.itemsize());
        let shape = self.shape.clone().unwrap_or_else(|| vec![len / size.max(1)]);
        let expected = shape.iter().try_fold(size, |size, &axis| size.checked_mul(axis));
        ensure!(
            expected == Some(len),
            "`{}` has {len} bytes, which are not those of an array of {dtype} with the shape {}",
            path.display(),
            output::shape(&shape)
        );
        let raw = Raw::new(dtype.clone(), &shape, Order::C, bytes)?;
        act(name.unwrap_or(&stem(path)), Copied::Whole(Box::new(raw)))
    }
}

/// The name of an array and its file: what is before the first `=` is the name, unless the file of that whole
/// name is there.
fn split(source: &str) -> (Option<&str>, &Path) {
    match source.split_once('=').filter(|_| !Path::new(source).exists()) {
        Some((name, file)) => (Some(name), Path::new(file)),
        None => (None, Path::new(source)),
    }
}

fn each_array(
    archive: &Archive,
    name: Option<&str>,
    act: &mut impl FnMut(&str, Copied) -> Result,
) -> Result {
    let Some(npz) = archive.npz() else {
        let own = archive.names().concat();
        return act(name.unwrap_or(&own), Copied::load(archive, &own, &Change::default())?);
    };
    for member in archive.members() {
        match member {
            Member::Array(own) => {
                act(&within(name, own), Copied::load(archive, own, &Change::default())?)?;
            }
            Member::Other(own) => act(&within(name, own), Copied::Bytes(npz.bytes(own)?))?,
        }
    }
    Ok(())
}

fn within(folder: Option<&str>, name: &str) -> String {
    folder.map_or_else(|| name.to_owned(), |folder| format!("{folder}/{name}"))
}
