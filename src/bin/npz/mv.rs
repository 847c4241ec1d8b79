//! `npz mv`: an archive in which a member has another name.

use std::path::PathBuf;

use npz::{Limits, NpzWriter};

use crate::Result;
use crate::archive::Archive;

/// Rename an array, or another member, of an archive
///
/// It keeps its place among the others. All members are copied as they are to a new archive, which
/// replaces the old one in one step. If there is a member of the new name already, nothing is done.
#[derive(clap::Args)]
pub struct Args {
    /// The archive
    file: PathBuf,
    /// What the array is called, or the whole name of what is not an array (`README.txt`)
    name: String,
    /// What it is to be called
    new_name: String,
}

impl Args {
    pub fn run(&self, limits: &Limits) -> Result {
        Archive::open_npz(&self.file, limits)?;
        let mut npz = NpzWriter::append(&self.file)?;
        npz.rename(&self.name, &self.new_name)?;
        npz.finish()?;
        Ok(())
    }
}
