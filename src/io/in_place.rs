//! A file that grows where it is.

use std::fs::{self, File, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::Identity;
use crate::error::{Error, Result};

/// A file to whose end something is added. That is taken away again, unless it is
/// [kept](Self::keep).
///
/// One program at a time adds to a file, of those that ask here. Others can read it meanwhile.
#[derive(Debug)]
pub(crate) struct GrowingFile {
    file: File,
    path: PathBuf,
    identity: Identity,
    /// How much of it stays, whatever happens, once anything is written behind that.
    end: Option<u64>,
}

impl GrowingFile {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        // A pipe would be waited for.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        let mut options = File::options();
        options.read(true).write(true);
        #[cfg(windows)]
        {
            use std::os::windows::fs::OpenOptionsExt;
            // A lock would keep readers out. This keeps out who wants to write.
            const FILE_SHARE_READ: u32 = 1;
            options.share_mode(FILE_SHARE_READ);
        }
        let file = options.open(path)?;
        if !cfg!(windows)
            && let Err(TryLockError::WouldBlock) = file.try_lock()
        {
            let problem = "another writer adds to it";
            return Err(io::Error::new(io::ErrorKind::WouldBlock, problem));
        }
        let identity = Identity::of(&file)?;
        Ok(Self { file, path: path.to_owned(), identity, end: None })
    }

    pub(crate) fn as_file(&self) -> &File {
        &self.file
    }

    /// The file, to be written to from `end` on, after [`begin`](Self::begin).
    pub(crate) fn write_from(&mut self, end: u64) -> io::Result<File> {
        self.file.seek(SeekFrom::Start(end))?;
        self.file.try_clone()
    }

    /// Takes away what is behind `end`, once, before anything is written there.
    pub(crate) fn begin(&mut self, end: u64) -> io::Result<()> {
        match self.end.replace(end) {
            None => self.file.set_len(end),
            Some(_) => Ok(()),
        }
    }

    /// Makes what has been written a part of the file, by writing its new beginning, which says so. If
    /// it is to be synced, that is on the disk, too, when this returns.
    pub(crate) fn keep(mut self, beginning: &[u8], sync: bool) -> Result<()> {
        let failed = |error| Error::io("write", error);
        self.file.sync_data().map_err(failed)?;
        // In a file that has been replaced, nobody would see it.
        self.identity.check_is_there(&self.path)?;
        self.file.seek(SeekFrom::Start(0)).map_err(failed)?;
        self.file.write_all(beginning).map_err(failed)?;
        self.end = None;
        if sync { self.file.sync_data().map_err(failed) } else { Ok(()) }
    }
}

impl Drop for GrowingFile {
    fn drop(&mut self) {
        if let Some(end) = self.end {
            // If it cannot be done, readers do not see what is there.
            let _ = self.file.set_len(end);
        }
    }
}
