//! Files mapped into memory: to be read, and to be changed.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use memmap2::{Mmap, MmapMut};
use ndarray::Order;

use crate::dtype::Endian;
use crate::element::ViewElement;
use crate::error::{Error, Result};
use crate::in_place::{NpyMut, NpzMut};
use crate::io::{AtomicFile, Identity};
use crate::npy;
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

/// The file in memory that is changed through a map: [`NpzMapMut::open`] and
/// [`NpyMapMut::open`] make it.
///
/// # Examples
///
/// See [`NpzMapMut`].
pub struct MapMut {
    map: MmapMut,
    identity: Identity,
    path: PathBuf,
}

impl AsRef<[u8]> for MapMut {
    fn as_ref(&self) -> &[u8] {
        &self.map
    }
}

impl AsMut<[u8]> for MapMut {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.map
    }
}

impl fmt::Debug for MapMut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MapMut({})", self.path.display())
    }
}

/// An archive whose arrays are changed in the file itself: `mmap_mode="r+"`. Needs the
/// feature `mmap`. It is a [`NpzMut`] whose bytes are those of the file.
///
/// The system writes changes when it sees fit, or when [`flush`](NpzMut::flush) is called. Between the first
/// change and the moment when the checksums are brought up to date the archive calls itself damaged: should
/// the process be killed then, the elements are what they are, and [`NpzReader::get`] refuses them. A save
/// that is whole or not there is [`NpzWriter`](crate::NpzWriter)'s work.
///
/// # Examples
///
/// ```
/// use ndarray::{Array1, Ix1};
/// use npz::{NpzMapMut, NpzReader, savez};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.npz");
/// savez!(&path, counts = [0_i64, 0, 0])?;
///
/// // SAFETY: nobody else reads or writes the file while it is mapped.
/// let mut npz = unsafe { NpzMapMut::open(&path)? };
/// npz.view_mut::<i64, Ix1>("counts")?[1] += 5;
/// npz.flush()?;
///
/// let counts: Array1<i64> = NpzReader::open(&path)?.get("counts")?;
/// assert_eq!(counts.to_vec(), [0, 5, 0]);
/// # Ok::<(), npz::Error>(())
/// ```
pub type NpzMapMut = NpzMut<MapMut>;

/// An `.npy` file whose array is changed in the file itself: `numpy.load(path,
/// mmap_mode="r+")`. Needs the feature `mmap`. It is a [`NpyMut`] whose bytes are those of the file.
///
/// The system writes changes when it sees fit, or when [`flush`](NpyMut::flush) is called.
///
/// # Examples
///
/// ```
/// use ndarray::Ix1;
/// use npz::{NpyMapMut, ReadNpz, WriteNpz};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("counts.npy");
/// [0_i64, 0, 0].save_npy(&path)?;
///
/// // SAFETY: nobody else reads or writes the file while it is mapped.
/// let mut npy = unsafe { NpyMapMut::open(&path)? };
/// npy.view_mut::<i64, Ix1>()?[1] += 5;
/// npy.flush()?;
///
/// assert_eq!(Vec::<i64>::load_npy(&path)?, [0, 5, 0]);
/// # Ok::<(), npz::Error>(())
/// ```
pub type NpyMapMut = NpyMut<MapMut>;

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
        let map = unsafe { Map::of(path) }?;
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
        let map = unsafe { Map::of(path) }?;
        let npy = Self::from_bytes(map).map_err(|error| error.in_file(path))?;
        Ok(npy.in_file(path))
    }
}

impl NpzMut<MapMut> {
    /// Opens the archive in the file `path` to be changed, and maps it into memory.
    ///
    /// # Errors
    ///
    /// Those of [`NpzReader::open`]; also if the file is read-only.
    ///
    /// # Safety
    ///
    /// That of [`NpzReader::map`]: nobody else may change or truncate the file, nor read it
    /// through a map of their own, while it is mapped.
    ///
    /// # Examples
    ///
    /// See [`NpzMapMut`].
    #[allow(unsafe_code)]
    pub unsafe fn open<P: AsRef<Path>>(path: P) -> Result<Self> {
        let path = path.as_ref();
        // SAFETY: the caller sees to it that nobody else has to do with the file.
        let map = unsafe { MapMut::of(path) }?;
        Self::from_bytes(map).map_err(|error| error.in_file(path))
    }

    /// Brings the checksums up to date, as [`update`](Self::update) does, and waits until all changes are on
    /// the disk.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if the system cannot write;
    /// [`ErrorKind::Changed`](crate::ErrorKind::Changed) if the file has been replaced or removed
    /// since it was opened, so that nobody will see the changes.
    ///
    /// # Examples
    ///
    /// See [`NpzMapMut`].
    pub fn flush(&mut self) -> Result<()> {
        self.update()?;
        self.bytes_mut().flush()
    }
}

impl NpyMut<MapMut> {
    /// Opens the file `path` to be changed, and maps it into memory.
    ///
    /// # Errors
    ///
    /// Those of [`NpyReader::open`]; also if the file is read-only.
    ///
    /// # Safety
    ///
    /// That of [`NpzMapMut::open`](NpzMut::open).
    ///
    /// # Examples
    ///
    /// See [`NpyMapMut`].
    #[allow(unsafe_code)]
    pub unsafe fn open<P: AsRef<Path>>(path: P) -> Result<Self> {
        let path = path.as_ref();
        // SAFETY: the caller sees to it that nobody else has to do with the file.
        let map = unsafe { MapMut::of(path) }?;
        Self::from_bytes(map).map_err(|error| error.in_file(path))
    }

    /// Creates the file `path` with an array of zeros, of `A` and of the given shape, in C order, and maps it
    /// into memory, to be filled: `numpy.lib.format.open_memmap(path, "w+", dtype, shape)`. On most file
    /// systems zeros take no space on the disk, and what is never changed takes none ever. A file that
    /// is there is replaced.
    ///
    /// # Errors
    ///
    /// Those of [`NpzWriter::create`](crate::NpzWriter::create);
    /// [`ErrorKind::Npy`](crate::ErrorKind::Npy) if no memory could hold the array.
    ///
    /// # Safety
    ///
    /// That of [`NpzMapMut::open`](crate::NpzMapMut::open). If the disk is full when the array is filled,
    /// the process is killed (`SIGBUS` on Unix).
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{Array2, Ix2};
    /// use npz::{NpyMapMut, ReadNpz};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("table.npy");
    /// // SAFETY: nobody else reads or writes the file while it is mapped.
    /// let mut npy = unsafe { NpyMapMut::create_zeroed::<f64>(&path, [1000, 10])? };
    /// let mut table = npy.view_mut::<f64, Ix2>()?;
    /// for (row, mut values) in table.rows_mut().into_iter().enumerate().step_by(2) {
    ///     values.fill(row as f64);
    /// }
    /// npy.flush()?;
    /// assert_eq!(Array2::<f64>::load_npy(&path)?.column(3).sum(), 249_500.0);
    /// # Ok::<(), npz::Error>(())
    /// ```
    #[allow(unsafe_code)]
    pub unsafe fn create_zeroed<A: ViewElement>(
        path: impl AsRef<Path>,
        shape: impl AsRef<[usize]>,
    ) -> Result<Self> {
        let path = path.as_ref();
        let dtype = A::dtype(Endian::NATIVE);
        let create = || {
            let header = npy::Header::new(dtype, Order::C, shape.as_ref().to_vec())?;
            let (mut file, new) = AtomicFile::create(path)?;
            let start = header.to_bytes();
            let len = header.nbytes().saturating_add(start.len() as u64);
            let written = file.write_all(&start).and_then(|()| file.set_len(len));
            written.map_err(|error| Error::io("write", error))?;
            // What cannot be mapped must not take the place of what is there.
            // SAFETY: nobody else knows the file, and nothing is done with the map.
            unsafe { MmapMut::map_mut(&file) }.map_err(|error| Error::io("map", error))?;
            new.commit(false)
        };
        create().map_err(|error: Error| error.in_file(path))?;
        // SAFETY: the caller sees to it that nobody else has to do with the file.
        unsafe { Self::open(path) }
    }

    /// Waits until all changes are on the disk.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if the system cannot write;
    /// [`ErrorKind::Changed`](crate::ErrorKind::Changed) if the file has been replaced or removed
    /// since it was opened, so that nobody will see the changes.
    ///
    /// # Examples
    ///
    /// See [`NpyMapMut`].
    pub fn flush(&mut self) -> Result<()> {
        self.bytes_mut().flush()
    }
}

impl Map {
    /// Maps the file `path` to be read.
    ///
    /// # Safety
    ///
    /// Nobody changes the file while it is mapped.
    #[allow(unsafe_code)]
    unsafe fn of(path: &Path) -> Result<Self> {
        let failed = |error| Error::file("map", path, error);
        let file = File::open(path).map_err(failed)?;
        // SAFETY: the caller sees to it that nobody changes the file.
        unsafe { Mmap::map(&file) }.map(Self).map_err(failed)
    }
}

impl MapMut {
    /// Maps the file `path` to be changed.
    ///
    /// # Safety
    ///
    /// Nobody else has to do with the file while it is mapped.
    #[allow(unsafe_code)]
    unsafe fn of(path: &Path) -> Result<Self> {
        let failed = |error| Error::file("map", path, error);
        let file = File::options().read(true).write(true).open(path).map_err(failed)?;
        let identity = Identity::of(&file).map_err(failed)?;
        // SAFETY: the caller sees to it that nobody else has to do with the file.
        let map = unsafe { MmapMut::map_mut(&file) }.map_err(failed)?;
        Ok(Self { map, identity, path: path.to_owned() })
    }

    fn flush(&mut self) -> Result<()> {
        let failed = |error| Error::file("write what was changed in", &self.path, error);
        self.map.flush().map_err(failed)?;
        self.identity.check_is_there(&self.path)
    }
}
