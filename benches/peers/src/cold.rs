//! Files that are not in the system's cache.

use std::fs::{self, File};
use std::path::Path;

use common::Result;

/// Whether files in `folder` can be dropped from the cache.
pub fn is_possible(folder: &Path) -> Result<bool> {
    let file = folder.join("cold");
    fs::write(&file, vec![1; 1 << 20])?;
    File::open(&file)?.sync_all()?;
    let dropped = drop_from_cache(&file);
    fs::remove_file(&file)?;
    Ok(dropped.is_ok())
}

/// Drops a file, which has been written out, from the cache, and sees that it is not there any more.
#[cfg(target_os = "linux")]
pub fn drop_from_cache(file: &Path) -> Result<()> {
    use std::io::IoSliceMut;

    use rustix::fs::{Advice, fadvise};
    use rustix::io::{ReadWriteFlags, preadv2};

    let file = File::open(file)?;
    fadvise(&file, 0, None, Advice::DontNeed)?;
    let mut byte = [0];
    match preadv2(&file, &mut [IoSliceMut::new(&mut byte)], 0, ReadWriteFlags::NOWAIT) {
        Err(error) if error == rustix::io::Errno::AGAIN => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => Err("the file is still in the cache".into()),
    }
}

#[cfg(not(target_os = "linux"))]
pub fn drop_from_cache(_: &Path) -> Result<()> {
    Err("files are dropped from the cache on Linux alone".into())
}
