//! [`NpyMut`]: an array changed where it is in an `.npy` file.

use std::fmt;

use ndarray::{ArrayViewMut, Dimension};

use super::part;
use crate::element::ViewElement;
use crate::error::Result;
use crate::npy;
use crate::reader::NpyReader;

/// An `.npy` file in memory whose array is changed where it is. `B` is whatever lends its bytes: `&mut [u8]`,
/// `Vec<u8>`, or a file that is mapped, by `NpyMapMut` (feature `mmap`).
///
/// The array keeps its dtype and its shape; its elements are changed through
/// [`view_mut`](Self::view_mut).
///
/// # Examples
///
/// ```
/// use ndarray::Ix1;
/// use npz::{NpyMut, ReadNpz, WriteNpz};
///
/// let mut bytes = Vec::new();
/// [0_i64, 0, 0].write_npy(&mut bytes)?;
///
/// NpyMut::from_bytes(&mut bytes)?.view_mut::<i64, Ix1>()?[1] += 5;
/// assert_eq!(Vec::<i64>::read_npy(&bytes[..])?, [0, 5, 0]);
/// # Ok::<(), npz::Error>(())
/// ```
pub struct NpyMut<B> {
    bytes: B,
    /// How many bytes the array takes, with its header.
    size: usize,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> NpyMut<B> {
    /// Opens an `.npy` file in memory to be changed.
    ///
    /// # Errors
    ///
    /// Those of [`NpyReader::from_bytes`].
    ///
    /// # Examples
    ///
    /// See [`NpyMut`].
    pub fn from_bytes(bytes: B) -> Result<Self> {
        let size = NpyReader::from_bytes(bytes.as_ref())?.size() as usize; // which is in memory
        Ok(Self { bytes, size })
    }

    /// The array, to be changed where it is. `A` and `D` are as for [`NpyReader::view`].
    ///
    /// # Errors
    ///
    /// Those of [`NpyReader::view`].
    ///
    /// # Examples
    ///
    /// See [`NpyMut`].
    pub fn view_mut<A, D>(&mut self) -> Result<ArrayViewMut<'_, A, D>>
    where
        A: ViewElement,
        D: Dimension,
    {
        npy::view_mut(part(self.bytes.as_mut(), 0..self.size)?)
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
    /// # use npz::{NpyMut, WriteNpz};
    /// # let mut bytes = Vec::new();
    /// # [1, 2].write_npy(&mut bytes)?;
    /// let npy = NpyMut::from_bytes(&mut bytes)?;
    /// assert_eq!(npy.reader()?.info().shape(), [2]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn reader(&self) -> Result<NpyReader<&[u8]>> {
        NpyReader::from_bytes(self.bytes.as_ref())
    }

    /// What lends the bytes.
    #[cfg(feature = "mmap")]
    pub(crate) fn bytes_mut(&mut self) -> &mut B {
        &mut self.bytes
    }
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> fmt::Debug for NpyMut<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reader() {
            Ok(reader) => write!(f, "NpyMut({:?})", reader.info()),
            Err(error) => write!(f, "NpyMut({error})"),
        }
    }
}
