//! [`Unfinished`]: what is said of a writer that is dropped before it is finished.
//!
//! Other crates complete an archive when its writer is dropped. Here that gives it up, since whoever returns
//! early, by `?` perhaps, has not written all of it. Who forgot `finish` would see no file, and no reason. An
//! error cannot be returned from there, and a panic would turn each such return into an abort of the program's
//! own error; so it is a line on standard error, and only where programs are made, in debug builds.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::visible::{TEXT, visible};

/// Knows whether a writer holds what would be lost.
#[derive(Debug)]
pub(super) struct Unfinished {
    writer: Writer,
    holds: AtomicBool,
}

#[derive(Debug)]
enum Writer {
    Archive,
    ArchiveFile(PathBuf),
    Rows,
}

impl Unfinished {
    /// That of a writer of an archive.
    pub(super) fn archive() -> Self {
        Self::of(Writer::Archive)
    }

    /// That of a writer of the archive in this file.
    pub(super) fn archive_file(path: PathBuf) -> Self {
        Self::of(Writer::ArchiveFile(path))
    }

    /// That of an array that is written row by row.
    pub(super) fn rows() -> Self {
        Self::of(Writer::Rows)
    }

    fn of(writer: Writer) -> Self {
        Self { writer, holds: AtomicBool::new(false) }
    }

    /// An array, or a row, has been taken.
    pub(super) fn hold(&self) {
        self.holds.store(true, Ordering::Relaxed);
    }

    /// What becomes of the writer is known to its caller: it is finished, given up, or takes more, which
    /// is an error if it fails.
    pub(super) fn told(&self) {
        self.holds.store(false, Ordering::Relaxed);
    }

    /// What is said when the writer is dropped, if anything is.
    fn remark(&self) -> Option<String> {
        let is_silent = thread::panicking() || !self.holds.load(Ordering::Relaxed);
        let (writer, loss) = match &self.writer {
            _ if is_silent => return None,
            Writer::Archive => ("an NpzWriter was", "what was written is no archive".to_owned()),
            Writer::ArchiveFile(path) => {
                ("an NpzWriter was", format!("`{}` was not written", visible(path.display(), TEXT)))
            }
            Writer::Rows => ("Rows were", "their array was not written".to_owned()),
        };
        Some(format!(
            "npz: {writer} dropped without `finish`, so {loss} (`abandon` does that on purpose; only debug \
             builds say this)"
        ))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(remark) = self.remark().filter(|_| cfg!(debug_assertions)) {
            // Where this cannot be said, there is nobody to hear it.
            let _ = writeln!(io::stderr(), "{remark}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::Unfinished;
    use crate::{NpyWriter, NpzWriter};

    fn writer() -> NpzWriter<Cursor<Vec<u8>>> {
        NpzWriter::new(Cursor::new(Vec::new()))
    }

    #[test]
    fn who_forgets_to_finish_is_told() {
        let mut npz = writer();
        assert_eq!(npz.unfinished.remark(), None, "there is nothing to lose");
        npz.array("x", &1).unwrap();
        let remark = npz.unfinished.remark().unwrap();
        assert!(remark.contains("so what was written is no archive"), "{remark}");
        npz.array("x", &1).unwrap_err();
        assert_eq!(npz.unfinished.remark(), None, "there was an error");
        npz.bytes("y", b"").unwrap();
        assert!(npz.unfinished.remark().is_some());
        drop(npz.rows::<u8>("z", []).unwrap());
        assert_eq!(npz.unfinished.remark(), None, "the archive was given up");

        let mut npz = writer();
        npz.rows::<u8>("x", []).unwrap().finish().unwrap();
        assert!(npz.unfinished.remark().is_some());
        npz.abandon();

        let file = Unfinished::archive_file("run.npz".into());
        file.hold();
        let remark = file.remark().unwrap();
        assert!(remark.contains("so `run.npz` was not written"), "{remark}");
    }

    #[test]
    fn who_forgets_to_finish_rows_is_told() {
        let mut file = Cursor::new(Vec::new());
        let mut rows = NpyWriter::new(&mut file).rows::<u8>([2]).unwrap();
        assert_eq!(rows.unfinished.remark(), None, "there is nothing to lose");
        rows.push(&[1_u8, 2]).unwrap();
        let remark = rows.unfinished.remark().unwrap();
        assert!(remark.contains("Rows were dropped without `finish`, so their array"), "{remark}");
        rows.push(&[1_u8]).unwrap_err();
        assert_eq!(rows.unfinished.remark(), None, "there was an error");
        rows.extend(&ndarray::arr2(&[[1_u8, 2]])).unwrap();
        assert!(rows.unfinished.remark().is_some());
        rows.abandon();
    }
}
