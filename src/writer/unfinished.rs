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
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    path: Option<PathBuf>,
    holds_arrays: AtomicBool,
}

impl Unfinished {
    /// That of a writer of this file.
    pub(super) fn in_file(path: PathBuf) -> Self {
        Self { path: Some(path), holds_arrays: AtomicBool::new(false) }
    }

    /// An array is complete.
    pub(super) fn hold(&self) {
        self.holds_arrays.store(true, Ordering::Relaxed);
    }

    /// What becomes of the writer is known to its caller: it is finished, given up, or writes an array, which
    /// is an error if it fails.
    pub(super) fn told(&self) {
        self.holds_arrays.store(false, Ordering::Relaxed);
    }

    /// What is said when the writer is dropped, if anything is.
    fn remark(&self) -> Option<String> {
        let is_silent = thread::panicking() || !self.holds_arrays.load(Ordering::Relaxed);
        let target = match &self.path {
            _ if is_silent => return None,
            Some(path) => format!("`{}` was not written", visible(path.display(), TEXT)),
            None => "what was written is no archive".to_owned(),
        };
        Some(format!(
            "npz: an NpzWriter was dropped without `finish`, so {target} (`abandon` does that on purpose; \
             only debug builds say this)"
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
    use crate::NpzWriter;

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

        let file = Unfinished::in_file("run.npz".into());
        file.hold();
        let remark = file.remark().unwrap();
        assert!(remark.contains("so `run.npz` was not written"), "{remark}");
    }
}
