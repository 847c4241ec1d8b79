//! A file that appears whole or not at all.
//!
//! It is written under a temporary name in the folder of its target and then renamed,
//! which POSIX and Windows do in one step: whoever opens the target sees the old file or
//! the new one. What a process that is killed leaves behind is the temporary file.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use crate::error::{Error, Result};

/// A file under its temporary name, which is removed unless [`commit`](Self::commit)
/// gives it the final one.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    // Before `temporary`: Windows removes a file only when it is closed.
    file: File,
    temporary: TempPath,
    target: PathBuf,
}

impl AtomicFile {
    /// Creates a file that is to become `path`, or to replace it.
    ///
    /// Where `path` is a symbolic link, what it points to is replaced. A file that is
    /// replaced passes its permissions on; a new one gets those of any new file.
    pub(crate) fn create(path: &Path) -> Result<(File, Self)> {
        let open = || {
            let target = follow_links(path)?;
            if target.file_name().is_none() {
                return Err(io::Error::other("it does not name a file"));
            }
            let permissions = match fs::metadata(&target) {
                Ok(metadata) if metadata.is_file() => {
                    // A rename would overwrite even what may not be written to.
                    OpenOptions::new().write(true).open(&target)?;
                    Some(metadata.permissions())
                }
                Ok(_) => return Err(io::Error::other("it exists and is not a regular file")),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            };
            let folder = folder(&target);
            let mut builder = tempfile::Builder::new();
            builder.prefix(".npz-").suffix(".tmp");
            if let Some(permissions) = new_file_permissions() {
                builder.permissions(permissions);
            }
            let (file, temporary) = builder.tempfile_in(folder)?.into_parts();
            if let Some(permissions) = permissions {
                file.set_permissions(permissions)?;
            }
            Ok((file.try_clone()?, Self { file, temporary, target }))
        };
        open().map_err(|error| Error::file("create", path, error))
    }

    /// What it is to become.
    pub(crate) fn path(&self) -> &Path {
        &self.target
    }

    /// The file.
    pub(crate) fn as_file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Gives the file its final name. If it is to be synced, all of it is on the disk before
    /// it gets the name, and so is the name when this returns.
    pub(crate) fn commit(self, sync: bool) -> Result<()> {
        let Self { file, temporary, target } = self;
        let failed =
            |error| Error::io(format!("rename the finished file to `{}`", target.display()), error);
        if sync {
            file.sync_all().map_err(failed)?;
        }
        temporary.persist(&target).map_err(|error| failed(error.error))?;
        if sync {
            sync_folder(folder(&target)).map_err(failed)?;
        }
        Ok(())
    }
}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Waits until the names in `folder` are on the disk. Windows has no way to ask for it.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// What `File::create` asks for, of which the umask leaves what it leaves; tempfile's own
/// choice is for the owner alone.
fn new_file_permissions() -> Option<Permissions> {
    #[cfg(unix)]
    return Some(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    #[cfg(not(unix))]
    return None;
}

/// The file that writing to `path` would write to, which need not exist.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const MOST: usize = 40;
    let mut target = path.to_owned();
    for _ in 0..MOST {
        match fs::read_link(&target) {
            Ok(link) => target = target.parent().unwrap_or(Path::new("")).join(link),
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}
