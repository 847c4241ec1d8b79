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

#[cfg(test)]
mod tests {
    use std::fs;

    use anyhow::bail;

    use super::*;

    #[test]
    fn a_file_is_there_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.raw");
        let write = |bytes: &'static [u8]| new_file(&path, |file| Ok(file.write_all(bytes)?));
        write(b"first").unwrap();
        write(b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        let failed = new_file(&path, |file| {
            file.write_all(b"third")?;
            bail!("no more")
        });
        assert_eq!(failed.unwrap_err().to_string(), "no more");
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(new_file(&folder.path().join("none/x.raw"), |_| Ok(())).is_err());
    }
}
