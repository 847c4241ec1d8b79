//! `npz unpack`: a file for each member of an archive.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use npz::Limits;

use crate::Result;
use crate::archive::{Archive, Member};
use crate::copy::{Change, Copied};
use crate::load;
use crate::names::select;
use crate::new_file::new_file;
use crate::output::visible;
use crate::progress::{Bar, catch_interrupts};
use crate::slice::Selection;
use crate::to_csv;

/// Write each array of an archive to a file of its own
///
/// A `/` in a name becomes a folder. Members that are not arrays are written as they are.
#[derive(clap::Args)]
pub struct Args {
    /// The archive
    file: PathBuf,
    /// Where the files are written; the folder is made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Only members of this name, and arrays whose names match this pattern [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// What the files are: .npy files, CSV files, or the bytes of elements, which have the order and byte
    /// order of the archive
    #[arg(short = 't', long = "to", value_enum, default_value_t = Format::Npy)]
    format: Format,
    /// Replace files that are there
    #[arg(short, long)]
    force: bool,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Format {
    Npy,
    Csv,
    Raw,
}

impl Args {
    pub fn run(&self, limits: &Limits) -> Result {
        let archive = Archive::open(&self.file, limits)?;
        let mut members = select(&archive, &self.names)?;
        members.retain(|member| !member.name().ends_with('/')); // folders
        // All of them, before anything is written.
        let paths = members.iter().map(|member| self.path(member)).collect::<Result<Vec<_>>>()?;
        catch_interrupts();
        let size = |member: &Member| match member {
            Member::Array(name) => archive.info(name).map_or(0, |info| info.nbytes()),
            Member::Other(_) => 0,
        };
        let bar = Bar::new(members.iter().map(size).sum());
        let mut done = 0;
        for (member, path) in members.iter().zip(&paths) {
            bar.at(done);
            done += size(member);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)
                    .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
            }
            self.write(&archive, member, path)?;
        }
        Ok(())
    }

    fn write(&self, archive: &Archive, member: &Member, path: &Path) -> Result {
        let name = member.name();
        if let (Member::Other(_), Some(npz)) = (member, archive.npz()) {
            return Copied::Bytes(npz.bytes(name)?).save(path);
        }
        let selection = Selection::whole(archive, name)?;
        let written = match self.format {
            Format::Npy => Copied::load(archive, name, &Change::default())?.save(path),
            Format::Csv => new_file(path, |file| to_csv::write(archive, &selection, file)),
            Format::Raw => new_file(path, |file| load::bytes(archive, &selection, file)),
        };
        written.with_context(|| format!("array `{}`", visible(name)))
    }

    /// Where a member is written to.
    fn path(&self, member: &Member) -> Result<PathBuf> {
        let (name, end) = match (member, self.format) {
            (Member::Array(name), Format::Npy) => (name, ".npy"),
            (Member::Array(name), Format::Csv) => (name, ".csv"),
            (Member::Array(name), Format::Raw) => (name, ".raw"),
            (Member::Other(name), _) => (name, ""),
        };
        // What Windows takes for a folder or a drive is none elsewhere, and is refused everywhere.
        let is_plain =
            |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':', '\0']);
        ensure!(
            name.split('/').all(is_plain),
            "the member `{}` has no name that a file could have here: choose others by name, or give it \
             another (`npz mv`)",
            visible(name)
        );
        let path = self.folder.join(format!("{name}{end}"));
        ensure!(
            self.force || !path.exists(),
            "`{}` is there already (--force replaces it)",
            path.display()
        );
        Ok(path)
    }
}
