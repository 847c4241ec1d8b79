//! Which file a name stands for, and in which state.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use crate::error::{Error, ErrorKind, Result};

/// A file that is open, and what it was when it was opened.
#[derive(Debug)]
pub(crate) struct Identity {
    file: File,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct State {
    /// Device and number, where files have them.
    number: Option<(u64, u64)>,
    size: u64,
    modified: Option<SystemTime>,
}

impl State {
    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let number = {
            use std::os::unix::fs::MetadataExt;
            Some((metadata.dev(), metadata.ino()))
        };
        #[cfg(not(unix))]
        let number = None;
        Self { number, size: metadata.len(), modified: metadata.modified().ok() }
    }
}

impl Identity {
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        Ok(Self { file: file.try_clone()?, state: State::of(&file.metadata()?) })
    }

    /// Passes `new` to `replace` if `path` stands for the same file, in the same state, and else
    /// gives it back. Of programs that ask here, no other one does anything in the meantime, on
    /// Linux.
    pub(super) fn if_unchanged<N>(
        &self,
        path: &Path,
        new: N,
        replace: impl FnOnce(N) -> Result<(), (N, Error)>,
    ) -> Result<(), (N, Error)> {
        let _lock = Lock::of(&self.file);
        match fs::metadata(path) {
            Ok(metadata) if State::of(&metadata) == self.state => replace(new),
            Ok(_) => Err((new, changed("changed or replaced", path))),
            Err(_) => Err((new, changed("removed or renamed", path))),
        }
    }

    /// Checks that `path` stands for the same file, in whatever state.
    #[cfg(feature = "mmap")]
    pub(crate) fn check_is_there(&self, path: &Path) -> Result<()> {
        match fs::metadata(path) {
            Ok(metadata) if State::of(&metadata).number == self.state.number => Ok(()),
            _ => Err(changed("replaced or removed", path)),
        }
    }
}

pub(super) fn changed(what: &str, path: &Path) -> Error {
    let problem = format!("another program has {what} the file since it was opened");
    Error::from(ErrorKind::Changed { problem }).in_file(path)
}

/// An advisory lock. A file system that has none leaves a moment between check and rename.
struct Lock<'a>(#[cfg_attr(not(target_os = "linux"), expect(dead_code))] &'a File);

impl<'a> Lock<'a> {
    fn of(file: &'a File) -> Self {
        #[cfg(target_os = "linux")]
        let _ = rustix::fs::flock(file, rustix::fs::FlockOperation::LockExclusive);
        Self(file)
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        #[cfg(target_os = "linux")]
        let _ = rustix::fs::flock(self.0, rustix::fs::FlockOperation::Unlock);
    }
}
