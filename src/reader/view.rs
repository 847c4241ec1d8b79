//! Arrays viewed where they are, in files that are in memory.

use ndarray::{Array, ArrayView, CowArray, Dimension};

use super::{NpyReader, NpzReader};
use crate::element::ViewElement;
use crate::error::{Error, ErrorKind, Result};
use crate::io::Source;

/// Archives in memory: bytes, or a file that is mapped.
impl<R: AsRef<[u8]>> NpzReader<R> {
    /// Views the array `name` where it is in memory, without copying or even reading it. It is what
    /// `numpy.load(path, mmap_mode="r")` does for an `.npy` file, and does not do for an archive.
    ///
    /// `A` is the element type, and `D` the number of dimensions. A view takes microseconds,
    /// whatever the array's size, except that every byte of a `bool` array is looked at. What is
    /// viewed is *not* verified against the checksum: [`verify`](Self::verify) does that.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoView`] if the array cannot be viewed in place: it is compressed, in the other
    /// byte order, or not aligned (arrays that NumPy writes are not, this crate aligns them to 64
    /// bytes). [`cow`](Self::cow) loads it then. Otherwise the errors of [`get`](Self::get),
    /// undetected damage aside.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{ArrayView2, Ix2, array};
    /// use npz::{NpzReader, savez};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("run.npz");
    /// savez!(&path, w = array![[1.0, 2.0], [3.0, 4.0]])?;
    /// # #[cfg(feature = "mmap")] {
    /// // SAFETY: nobody changes or truncates the file while it is mapped.
    /// let npz = unsafe { NpzReader::map(&path)? };
    /// let w: ArrayView2<f64> = npz.view("w")?;
    /// let w = npz.view::<f64, Ix2>("w")?;
    /// assert_eq!(w[[1, 0]], 3.0);
    /// # }
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn view<A, D>(&self, name: &str) -> Result<ArrayView<'_, A, D>>
    where
        A: ViewElement,
        D: Dimension,
    {
        let bytes = in_memory(&self.source);
        self.in_array(name, |array| array.view(bytes?)).map_err(Error::or_cow)
    }

    /// Views the array `name` where it is if that is possible, and loads it if not.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{CowArray, Ix1};
    /// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    /// # npz.array("w", &[1.0, 2.0])?;
    /// # npz.entry("foreign").endian(npz::Endian::Big).array(&[1.0, 2.0])?;
    /// # let npz = npz::NpzReader::from_bytes(npz.finish()?.into_inner())?;
    /// let w: CowArray<f64, Ix1> = npz.cow("w")?;
    /// let loaded: CowArray<f64, Ix1> = npz.cow("foreign")?;
    /// assert_eq!(w, loaded);
    /// assert!(loaded.is_owned());
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn cow<A, D>(&self, name: &str) -> Result<CowArray<'_, A, D>>
    where
        A: ViewElement,
        D: Dimension,
    {
        or_load(self.view(name), || self.get(name))
    }
}

/// Files in memory: bytes, or a file that is mapped.
impl<R: AsRef<[u8]>> NpyReader<R> {
    /// Views the array where it is in memory, without copying or even reading it:
    /// `numpy.load(path, mmap_mode="r")`. `A` is the element type, and `D` the number of
    /// dimensions.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoView`] if the array cannot be viewed in place, because it is in the other byte
    /// order or not aligned. [`cow`](Self::cow) loads it then. Otherwise the errors of
    /// [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{ArrayView2, array};
    /// use npz::{NpyReader, WriteNpz};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// array![[1.0, 2.0], [3.0, 4.0]].save_npy(&path)?;
    /// # #[cfg(feature = "mmap")] {
    /// // SAFETY: nobody changes or truncates the file while it is mapped.
    /// let npy = unsafe { NpyReader::map(&path)? };
    /// let x: ArrayView2<f64> = npy.view()?;
    /// assert_eq!(x[[1, 0]], 3.0);
    /// # }
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn view<A, D>(&self) -> Result<ArrayView<'_, A, D>>
    where
        A: ViewElement,
        D: Dimension,
    {
        let bytes = in_memory(&self.source);
        self.in_array(|array| array.view(bytes?)).map_err(Error::or_cow)
    }

    /// Views the array where it is if that is possible, and loads it if not.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// use ndarray::{CowArray, Ix1};
    /// use npz::{NpyReader, WriteNpz};
    ///
    /// let mut file = Vec::new();
    /// [1.0, 2.0].write_npy(&mut file)?;
    /// let npy = NpyReader::from_bytes(file)?;
    /// let x: CowArray<f64, Ix1> = npy.cow()?;
    /// assert_eq!(x[1], 2.0);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn cow<A, D>(&self) -> Result<CowArray<'_, A, D>>
    where
        A: ViewElement,
        D: Dimension,
    {
        or_load(self.view(), || self.get())
    }
}

fn in_memory<R: AsRef<[u8]>>(source: &Source<R>) -> Result<&[u8]> {
    source.in_memory().ok_or_else(|| Error::no_view("the file is read through a cursor"))
}

/// What was viewed, or if that cannot be, what `load` loads.
fn or_load<'a, A, D: Dimension>(
    view: Result<ArrayView<'a, A, D>>,
    load: impl FnOnce() -> Result<Array<A, D>>,
) -> Result<CowArray<'a, A, D>> {
    match view {
        Err(error) if matches!(error.kind(), ErrorKind::NoView { .. }) => load().map(Into::into),
        view => view.map(Into::into),
    }
}
