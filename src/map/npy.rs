//! [`NpyMapMut`]: an array changed where it is in its file.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use memmap2::MmapMut;
use ndarray::{ArrayViewMut, Dimension, Order};

use super::map_mut;
use crate::dtype::Endian;
use crate::element::ViewElement;
use crate::error::{Error, Result};
use crate::io::{AtomicFile, Identity};
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
    /// How many bytes the array takes, with its header.
    size: usize,
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
        let npy = NpyReader::from_bytes(&map[..]).map_err(|error| error.in_file(path))?;
        let size = npy.size() as usize; // which is mapped
        Ok(Self { map, size, identity, path: path.to_owned() })
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
            new.commit(false)
        };
        create().map_err(|error: Error| error.in_file(path))?;
        // SAFETY: the caller sees to it that nobody else has to do with the file.
        unsafe { Self::open(path) }
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
        let (array, _) = self.map.split_at_mut(self.size);
        npy::view_mut(array)
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
