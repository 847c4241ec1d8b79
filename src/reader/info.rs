//! [`ArrayInfo`]: what an array is, without its elements.

use ndarray::Order;

#[cfg(doc)]
use super::{NpyReader, NpzReader};
use crate::dtype::DType;
use crate::npy::Header;

/// What a stored array is, without its elements: what [`NpzReader::info`] and
/// [`NpyReader::info`] return.
///
/// # Examples
///
/// ```
/// use ndarray::{Order, array};
/// use npz::{NpzReader, NpzWriter};
/// use std::io::Cursor;
///
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("x", &array![[1_u8, 2, 3], [4, 5, 6]])?;
/// let npz = NpzReader::new(npz.finish()?)?;
///
/// let info = npz.info("x")?;
/// assert_eq!(info.dtype().to_string(), "|u1");
/// assert_eq!(info.shape(), [2, 3]);
/// assert_eq!(info.order(), Order::C);
/// assert_eq!(info.nbytes(), 6);
/// assert!(!info.is_compressed());
/// assert_eq!(info.compressed_size(), 128 + 6);   // with the header
/// assert_eq!((info.version(), info.offset()), ((1, 0), Some(192)));
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayInfo {
    pub(super) header: Header,
    pub(super) version: (u8, u8),
    /// Where the elements begin in the file, if they are not compressed.
    pub(super) offset: Option<u64>,
    pub(super) compressed_size: u64,
}

impl ArrayInfo {
    /// The type of its elements: `ndarray.dtype`.
    pub fn dtype(&self) -> &DType {
        &self.header.dtype
    }

    /// The lengths of its axes: `ndarray.shape`.
    pub fn shape(&self) -> &[usize] {
        &self.header.shape
    }

    /// The number of its elements: `ndarray.size`.
    pub fn len(&self) -> usize {
        self.header.len()
    }

    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The order of its elements in the file.
    pub fn order(&self) -> Order {
        self.header.order
    }

    /// The size of all elements in bytes: `ndarray.nbytes`.
    pub fn nbytes(&self) -> u64 {
        self.header.nbytes()
    }

    /// Whether it is compressed. In an `.npy` file it never is.
    pub fn is_compressed(&self) -> bool {
        self.offset.is_none()
    }

    /// The bytes that it takes in the file, header included.
    pub fn compressed_size(&self) -> u64 {
        self.compressed_size
    }

    /// Where its elements begin in the file, in bytes; `None` if it is compressed. There, other programs
    /// can map it: `np.memmap(path, dtype, offset=…, shape=…)`. This crate writes arrays at multiples of 64.
    /// Of Python objects it is where their pickle begins.
    pub fn offset(&self) -> Option<u64> {
        self.offset
    }

    /// The version of the `.npy` format, major and minor: `numpy.lib.format.read_magic`. It is 1.0 unless
    /// the header is longer than 64 KiB (2.0), or has names of fields that latin-1 cannot encode (3.0).
    pub fn version(&self) -> (u8, u8) {
        self.version
    }
}
