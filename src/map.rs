//! Arrays where they are: views of archives in memory, mapped files above all.

#[cfg(feature = "mmap")]
mod edit;

#[cfg(feature = "mmap")]
pub use edit::NpzMapMut;

use ndarray::{Array, ArrayView, CowArray, Dimension};

use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::npy;
use crate::reader::NpzReader;
use crate::zip::MemberReader;

/// Archives in memory: bytes, or a file that is mapped.
impl<R: AsRef<[u8]>> NpzReader<R> {
    /// Views the array `name` where it is, without copying or even reading it:
    /// `numpy.load(path, mmap_mode="r")`, which does nothing for an `.npz`.
    ///
    /// `A` is the element type, in the machine's byte order, and `D` the number of
    /// dimensions. It takes microseconds, whatever the array's size (but for `bool`, of which
    /// every byte is looked at). What is viewed is *not* verified against the checksum:
    /// [`verify`](Self::verify) does that.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoView`](crate::ErrorKind::NoView) if the elements are not there as they
    /// are in memory: the array is compressed, in the other byte order, or not aligned (as
    /// those that NumPy writes; this crate aligns them to 64 bytes), or its elements take
    /// another form in memory, as text does. [`cow`](Self::cow) loads those. Also those errors
    /// of [`get`](Self::get) that can be found.
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
        A: Element,
        D: Dimension,
    {
        self.in_member(name, |member| {
            let range = MemberReader::open(self.source.as_bytes(), member)?.stored_range();
            let range = range.ok_or_else(|| Error::no_view("it is compressed"))?;
            let bytes = self.source.in_memory();
            let bytes =
                bytes.ok_or_else(|| Error::no_view("the archive is read through a cursor"))?;
            let bytes = bytes.get(range.start as usize..range.end as usize);
            let bytes = bytes.ok_or_else(|| Error::archive("the archive was cut short"))?;
            npy::view(bytes, &self.limits)
        })
        .map_err(Error::or_cow)
    }

    /// Views the array `name` where it is, if it can be, and else loads it.
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
        A: Element,
        D: Dimension,
    {
        match self.view(name) {
            Err(error) if matches!(error.kind(), ErrorKind::NoView { .. }) => {
                self.get::<Array<A, D>>(name).map(CowArray::from)
            }
            view => view.map(CowArray::from),
        }
    }
}

/// The file in memory that a mapped reader reads from: [`NpzReader::map`] makes it.
///
/// # Examples
///
/// See [`NpzReader::view`].
#[cfg(feature = "mmap")]
#[derive(Debug)]
pub struct Map(memmap2::Mmap);

#[cfg(feature = "mmap")]
impl AsRef<[u8]> for Map {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(feature = "mmap")]
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
    pub unsafe fn map<P: AsRef<std::path::Path>>(path: P) -> Result<Self> {
        let path = path.as_ref();
        let failed = |error| Error::file("map", path, error);
        let file = std::fs::File::open(path).map_err(failed)?;
        // SAFETY: the caller sees to it that nobody changes the file.
        let map = unsafe { memmap2::Mmap::map(&file) }.map_err(failed)?;
        let npz = Self::from_bytes(Map(map)).map_err(|error| error.in_file(path))?;
        Ok(npz.in_file(path))
    }
}
