//! `npz pack`: an archive of files.

use std::io::Write;
use std::path::{Path, PathBuf};

use npz::{Limits, NpzWriter};

use crate::Result;
use crate::copy::finish;
use crate::output;
use crate::progress::{Bar, catch_interrupts};
use crate::sources::Sources;

/// Make an archive of .npy files, CSV files and raw bytes
///
/// `npz pack run.npz x.npy y=other.npy table.csv` makes an archive of the arrays `x` and `y` and of an array
/// for each column of the table.
#[derive(clap::Args)]
pub struct Args {
    /// The archive, which is replaced if it is there; `-` is standard output
    #[arg(value_name = "OUT")]
    output: PathBuf,
    #[command(flatten)]
    sources: Sources,
}

impl Args {
    pub fn run(&self, limits: &Limits) -> Result {
        if self.output == Path::new("-") {
            let mut npz = NpzWriter::stream(output::binary()?);
            let added = self.sources.add_to(&mut npz, limits);
            return Ok(finish(npz, added)?.flush()?);
        }
        catch_interrupts();
        let bar = Bar::new(self.sources.size());
        let mut npz = NpzWriter::create(&self.output)?.progress(bar.of_members());
        let added = self.sources.add_to(&mut npz, limits);
        finish(npz, added).map(drop)
    }
}
