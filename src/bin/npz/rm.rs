//! `npz rm`: an archive without some of its members.

use std::path::PathBuf;

use npz::{Limits, NpzWriter};

use crate::Result;
use crate::archive::Archive;
use crate::names::select;

/// Remove arrays and other members from an archive
///
/// What stays is copied as it is to a new archive, which replaces the old one in one step.
#[derive(clap::Args)]
pub struct Args {
    /// The archive
    file: PathBuf,
    /// Arrays of this name, or of names that match this pattern (`layer*.weight`); what is not an
    /// array, by its whole name (`README.txt`)
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

impl Args {
    pub fn run(&self, limits: &Limits) -> Result {
        let archive = Archive::open_npz(&self.file, limits)?;
        let mut npz = NpzWriter::append(&self.file)?;
        for member in select(&archive, &self.names)? {
            npz.remove(member.name())?;
        }
        // Not every system replaces a file that is open.
        drop(archive);
        npz.finish()?;
        Ok(())
    }
}
