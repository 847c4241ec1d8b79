//! `npz add`: more members for an archive.

use std::path::PathBuf;

use npz::{Limits, NpzWriter};

use crate::Result;
use crate::archive::Archive;
use crate::copy::finish;
use crate::progress::{Bar, catch_interrupts};
use crate::sources::Sources;

/// Add .npy files, CSV files and raw bytes to an archive
///
/// What the archive holds already is copied as it is, but for members that have the name of one that is
/// added. It is replaced when the new one is whole, and made if it is not there.
#[derive(clap::Args)]
pub struct Args {
    /// The archive
    file: PathBuf,
    #[command(flatten)]
    sources: Sources,
}

impl Args {
    pub fn run(&self, limits: &Limits) -> Result {
        if self.file.exists() {
            Archive::open_npz(&self.file, limits)?;
        }
        catch_interrupts();
        let bar = Bar::new(self.sources.size());
        let mut npz = NpzWriter::append(&self.file)?.progress(bar.of_members());
        let added = self.sources.add_to(&mut npz, limits);
        finish(npz, added).map(drop)
    }
}
