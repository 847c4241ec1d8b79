//! Files that are there when they are whole.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use tempfile::Builder;

use crate::Result;

/// Writes a file under a temporary name, and gives it its own when all has been written.
pub fn new_file(path: &Path, write: impl FnOnce(&mut BufWriter<&File>) -> Result) -> Result {
    let cannot = || format!("cannot write `{}`", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let temporary = Builder::new().prefix(".npz-").suffix(".tmp").tempfile_in(folder);
    let temporary = temporary.with_context(cannot)?;
    let mut file = BufWriter::new(temporary.as_file());
    write(&mut file)?;
    file.flush().with_context(cannot)?;
    drop(file);
    temporary.persist(path).with_context(cannot)?;
    Ok(())
}
