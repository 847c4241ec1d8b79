//! A file that appears whole or not at all.
//!
//! It is written in the folder of its target, without a name or under a temporary one, and then
//! renamed, which POSIX and Windows do in one step: whoever opens the target sees the old file or
//! the new one.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::attributes;
use super::identity::{self, Identity};
use super::temporary::{Temporary, kept};
use crate::error::{Error, Result};

/// A file that is removed unless [`commit`](Self::commit) gives it its name.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    temporary: Temporary,
    target: PathBuf,
    replaces: Replaces,
}

/// What a file may replace.
#[derive(Debug)]
pub(crate) enum Replaces {
    Anything,
    /// Nothing but this file.
    Only(Identity),
    Nothing,
}

impl AtomicFile {
    /// Creates a file that is to become `path`, or to replace it.
    ///
    /// Where `path` is a symbolic link, what it points to is replaced. A file that is
    /// replaced passes its attributes on; a new one gets those of any new file.
    pub(crate) fn create(path: &Path) -> Result<(File, Self)> {
        let open = || {
            let target = follow_links(path)?;
            let old = match fs::metadata(&target) {
                Ok(metadata) if metadata.is_file() => {
                    // A rename would overwrite even what may not be written to.
                    Some(
                        OpenOptions::new()
                            .read(true)
                            .write(true)
                            .open(&target)
                            .or_else(|_| OpenOptions::new().write(true).open(&target))?,
                    )
                }
                Ok(_) => return Err(io::Error::other("it exists and is not a regular file")),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            };
            // Until it has the attributes of the old one, only its owner may read it.
            let temporary = Temporary::create(folder(&target), old.is_some())?;
            let file = temporary.again()?;
            if let Some(old) = old {
                attributes::copy(&old, &file)?;
            }
            Ok((file, Self { temporary, target, replaces: Replaces::Anything }))
        };
        open().map_err(|error| Error::file("create", path, error))
    }

    /// Says what the file may replace.
    pub(crate) fn replace_only(&mut self, replaces: Replaces) {
        self.replaces = replaces;
    }

    /// What it is to become.
    pub(crate) fn path(&self) -> &Path {
        &self.target
    }

    /// The file.
    pub(crate) fn as_file(&mut self) -> &mut File {
        self.temporary.file()
    }

    /// Gives the file its final name. If it is to be synced, all of it is on the disk before
    /// it gets the name, and so is the name when this returns.
    ///
    /// The file is complete. If it cannot get its name, it keeps a temporary one, and the error
    /// says so.
    pub(crate) fn commit(self, sync: bool) -> Result<()> {
        let Self { mut temporary, target, replaces } = self;
        let failed = |action: &str, error| Error::file(action, &target, error);
        let failed_to_rename = |error| failed("rename the finished file to", error);
        let mut prepare = || {
            if !sync {
                return Ok(None);
            }
            temporary.file().sync_all().map_err(|error| failed("sync", error))?;
            // Before the rename: afterwards it would be too late to find that it cannot be opened.
            open_to_sync(folder(&target)).map_err(|error| failed("open the folder of", error))
        };
        let prepared = prepare();
        let temporary = temporary.into_named(failed_to_rename)?;
        let folder = match prepared {
            Ok(folder) => folder,
            Err(error) => return Err(kept(temporary, error)),
        };
        // Each failure gives the file back. tempfile's own `persist` would fail on Windows if a
        // reader has the old file open.
        let rename = |mut file: TempPath| match fs::rename(&file, &target) {
            Ok(()) => {
                file.disable_cleanup(true);
                Ok(())
            }
            Err(error) => Err((file, failed_to_rename(error))),
        };
        let renamed = match replaces {
            Replaces::Anything => rename(temporary),
            Replaces::Only(old) => old.if_unchanged(&target, temporary, rename),
            Replaces::Nothing => temporary.persist_noclobber(&target).map_err(|error| {
                let problem = match error.error.kind() {
                    io::ErrorKind::AlreadyExists => identity::changed("created", &target),
                    _ => failed_to_rename(error.error),
                };
                (error.path, problem)
            }),
        };
        renamed.map_err(|(temporary, error)| kept(temporary, error))?;
        match folder.map(|folder| folder.sync_all()) {
            Some(Err(error)) => Err(failed("sync the folder of the finished", error)),
            _ => Ok(()),
        }
    }
}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Opens a folder, to wait until the names in it are on the disk. Windows has no way to ask for
/// that.
fn open_to_sync(folder: &Path) -> io::Result<Option<File>> {
    if cfg!(unix) { File::open(folder).map(Some) } else { Ok(None) }
}

/// The file that writing to `path` would write to, which need not exist.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const MOST: usize = 40;
    if path.as_os_str().as_encoded_bytes().ends_with(b"/") || path.file_name().is_none() {
        return Err(io::Error::other("it does not name a file"));
    }
    let mut target = path.to_owned();
    for _ in 0..MOST {
        let Ok(link) = fs::read_link(&target) else { return Ok(target) };
        if is_descriptor(&target) {
            return Err(io::Error::other(
                "it is a file that is open already, which a new file cannot replace (pass the \
                 open file to NpzWriter::new)",
            ));
        }
        target = target.parent().unwrap_or(Path::new("")).join(link);
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Whether `link` is one of the links by which Linux names the open files of a process.
fn is_descriptor(link: &Path) -> bool {
    let folder = fs::canonicalize(folder(link)).unwrap_or_default();
    folder.starts_with("/proc") && folder.ends_with("fd")
}
