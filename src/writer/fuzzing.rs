//! Appending for the fuzzers of `tests/fuzz`, without what takes most of its time: temporary files,
//! their attributes, locks and names.

use std::fs::File;
use std::path::Path;

use super::NpzWriter;
use crate::error::Result;
use crate::zip::{ArchiveWriter, BaseArchive};

impl NpzWriter<File> {
    /// Writes to `file`, which is empty, what [`append`](Self::append), `change` and
    /// [`finish`](Self::finish) would make of the archive in the file `base`.
    ///
    /// # Errors
    ///
    /// Those of the three, but for names.
    pub fn append_into(
        base: &Path,
        file: File,
        change: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let base = BaseArchive::open(base)?;
        let mut npz = Self { base, ..Self::over(ArchiveWriter::file(file)) };
        change(&mut npz)?;
        let mut file = npz.archive.finish()?;
        npz.base.map_or(Ok(()), |base| base.add_to(&mut file))
    }
}
