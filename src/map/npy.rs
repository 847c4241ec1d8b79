//! [`NpyMapMut`]: an array changed where it is in its file.

use std::fmt;
use std::path::{Path, PathBuf};

use memmap2::MmapMut;
use ndarray::{ArrayViewMut, Dimension};

use super::map_mut;
use crate::element::ViewElement;
use crate::error::{Error, Result};
use crate::io::Identity;
use crate::npy;
use crate::reader::NpyReader;

/// An `.npy` file whose array is changed in the file itself: `numpy.load(path,
/// mmap_mode="r+")`. Needs the feature `mmap`.
///
/// The array keeps its dtype and its shape; its elements are changed through
/// [`view_mut`](Self::view_mut). The system writes changes when it sees fit, or when
/// [`flush`](Self::flush) is called.
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
pub struct NpyMapMut {
    map: MmapMut,
    identity: Identity,
    path: PathBuf,
}

impl NpyMapMut {
    /// Opens the file `path` to be changed, and maps it into memory.
    ///
    /// # Errors
    ///
    /// Those of [`NpyReader::open`]; also if the file is read-only.
    ///
    /// # Safety
    ///
    /// That of [`NpzMapMut::open`](crate::NpzMapMut::open).
    ///
    /// # Examples
    ///
    /// See [`NpyMapMut`].
    #[allow(unsafe_code)]
    pub unsafe fn open<P: AsRef<Path>>(path: P) -> Result<Self> {
        let path = path.as_ref();
        // SAFETY: the caller sees to it that nobody else has to do with the file.
        let (map, identity) = unsafe { map_mut(path) }?;
        NpyReader::from_bytes(&map[..]).map_err(|error| error.in_file(path))?;
        Ok(Self { map, identity, path: path.to_owned() })
    }

    /// The array, to be changed where it is. `A` and `D` are as for [`NpyReader::view`].
    ///
    /// # Errors
    ///
    /// Those of [`NpyReader::view`].
    ///
    /// # Examples
    ///
    /// See [`NpyMapMut`].
    pub fn view_mut<A, D>(&mut self) -> Result<ArrayViewMut<'_, A, D>>
    where
        A: ViewElement,
        D: Dimension,
    {
        npy::view_mut(&mut self.map)
    }

    /// The file as it is now, to be read.
    ///
    /// # Errors
    ///
    /// Those of [`NpyReader::from_bytes`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use npz::{NpyMapMut, WriteNpz};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// # [1, 2].save_npy(&path)?;
    /// let npy = unsafe { NpyMapMut::open(&path)? };
    /// assert_eq!(npy.reader()?.info().shape(), [2]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn reader(&self) -> Result<NpyReader<&[u8]>> {
        NpyReader::from_bytes(&self.map[..])
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
        self.map
            .flush()
            .map_err(|error| Error::file("write what was changed in", &self.path, error))?;
        self.identity.check_is_there(&self.path)
    }
}

impl fmt::Debug for NpyMapMut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reader() {
            Ok(reader) => write!(f, "NpyMapMut({:?})", reader.info()),
            Err(error) => write!(f, "NpyMapMut({error})"),
        }
    }
}
