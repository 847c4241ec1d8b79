//! Files mapped into memory: to be read, and to be changed.

mod npy;
mod npz;

pub use npy::NpyMapMut;
pub use npz::NpzMapMut;

use std::fs::File;
use std::path::Path;

use memmap2::{Mmap, MmapMut};

use crate::error::{Error, Result};
use crate::io::Identity;
use crate::reader::{NpyReader, NpzReader};

/// The file in memory that a mapped reader reads from: [`NpzReader::map`] and
/// [`NpyReader::map`] make it.
///
/// # Examples
///
/// See [`NpzReader::view`].
#[derive(Debug)]
pub struct Map(Mmap);

impl AsRef<[u8]> for Map {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl NpzReader<Map> {
    /// Opens the archive in the file `path`, and maps it into memory: needs the feature
    /// `mmap`. Nothing of an array is read before its elements are looked at.
    ///
    /// # Errors
    ///
    /// Those of [`open`](NpzReader::open).
    ///
    /// # Safety
    ///
    /// While it is mapped, the file must not be changed, by this process or another: memory
    /// that Rust takes for constant would change. If it is truncated, reading what is gone
    /// kills the process (`SIGBUS` on Unix). A file that is *replaced*, as
    /// [`NpzWriter::create`](crate::NpzWriter::create) does, is not changed: what is mapped is
    /// the old one, for as long as it is mapped.
    ///
    /// # Examples
    ///
    /// See [`view`](NpzReader::view).
    #[allow(unsafe_code)]
    pub unsafe fn map<P: AsRef<Path>>(path: P) -> Result<Self> {
        let path = path.as_ref();
        // SAFETY: the caller sees to it that nobody changes the file.
        let map = unsafe { map(path) }?;
        let npz = Self::from_bytes(map).map_err(|error| error.in_file(path))?;
        Ok(npz.in_file(path))
    }
}

impl NpyReader<Map> {
    /// Opens the file `path`, and maps it into memory: needs the feature `mmap`. Nothing but the
    /// header is read before elements are looked at.
    ///
    /// # Errors
    ///
    /// Those of [`open`](NpyReader::open).
    ///
    /// # Safety
    ///
    /// That of [`NpzReader::map`].
    ///
    /// # Examples
    ///
    /// See [`view`](NpyReader::view).
    #[allow(unsafe_code)]
    pub unsafe fn map<P: AsRef<Path>>(path: P) -> Result<Self> {
        let path = path.as_ref();
        // SAFETY: the caller sees to it that nobody changes the file.
        let map = unsafe { map(path) }?;
        let npy = Self::from_bytes(map).map_err(|error| error.in_file(path))?;
        Ok(npy.in_file(path))
    }
}

/// Maps the file `path` to be read.
///
/// # Safety
///
/// Nobody changes the file while it is mapped.
#[allow(unsafe_code)]
unsafe fn map(path: &Path) -> Result<Map> {
    let failed = |error| Error::file("map", path, error);
    let file = File::open(path).map_err(failed)?;
    // SAFETY: the caller sees to it that nobody changes the file.
    unsafe { Mmap::map(&file) }.map(Map).map_err(failed)
}

/// Maps the file `path` to be changed, and says which file that is.
///
/// # Safety
///
/// Nobody else has to do with the file while it is mapped.
#[allow(unsafe_code)]
unsafe fn map_mut(path: &Path) -> Result<(MmapMut, Identity)> {
    let failed = |error| Error::file("map", path, error);
    let file = File::options().read(true).write(true).open(path).map_err(failed)?;
    let identity = Identity::of(&file).map_err(failed)?;
    // SAFETY: the caller sees to it that nobody else has to do with the file.
    let map = unsafe { MmapMut::map_mut(&file) }.map_err(failed)?;
    Ok((map, identity))
}
