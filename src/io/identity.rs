//! Which file a name stands for, and in which state.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use crate::error::{Error, ErrorKind, Result};

/// A file, and what it was when it was looked at.
#[derive(Debug)]
pub(crate) struct Identity {
    /// To be locked. Older Windows, and Wine, do not replace files that are open.
    #[cfg(target_os = "linux")]
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
        Ok(Self {
            #[cfg(target_os = "linux")]
            file: file.try_clone()?,
            state: State::of(&file.metadata()?),
        })
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
        #[cfg(target_os = "linux")]
        let _lock = Lock::of(&self.file);
        match fs::metadata(path) {
            Ok(metadata) if State::of(&metadata) == self.state => replace(new),
            Ok(_) => Err((new, changed("changed or replaced", path))),
            Err(_) => Err((new, changed("removed or renamed", path))),
        }
    }

    /// Checks that `path` stands for the same file, in whatever state.
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

/// An advisory lock. Whoever asks here holds it for a moment only. So if it cannot be had for a
/// second, somebody else holds it, perhaps the caller, and it is not waited for.
#[cfg(target_os = "linux")]
struct Lock<'a>(&'a File);

#[cfg(target_os = "linux")]
impl<'a> Lock<'a> {
    fn of(file: &'a File) -> Self {
        use rustix::fs::{FlockOperation, flock};
        use rustix::io::Errno;
        for _ in 0..1000 {
            match flock(file, FlockOperation::NonBlockingLockExclusive) {
                Err(Errno::WOULDBLOCK) => std::thread::sleep(std::time::Duration::from_millis(1)),
                _ => break,
            }
        }
        Self(file)
    }
}

#[cfg(target_os = "linux")]
impl Drop for Lock<'_> {
    fn drop(&mut self) {
        let _ = rustix::fs::flock(self.0, rustix::fs::FlockOperation::Unlock);
    }
}
