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
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayInfo {
    pub(super) header: Header,
    pub(super) is_compressed: bool,
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
        self.is_compressed
    }

    /// The bytes that it takes in the file, header included.
    pub fn compressed_size(&self) -> u64 {
        self.compressed_size
    }
}
