//! [`Entry`]: one member with options of its own.

use std::fmt;
use std::io::Write;

use ndarray::Order;

use super::NpzWriter;
use crate::dtype::Endian;
use crate::error::Result;
use crate::npy::ToNpy;
use crate::zip::Compression;

/// How a member is written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    pub(super) compression: Compression,
    /// `None` is each array's own.
    pub(super) order: Option<Order>,
    pub(super) endian: Endian,
}

/// A member that is about to be written, with options of its own. [`NpzWriter::entry`] returns it.
///
/// # Examples
///
/// ```
/// use ndarray::{Array3, Order};
/// use npz::{Compression, Endian, NpzWriter};
/// use std::io::Cursor;
///
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(Compression::Deflate(9));
/// npz.array("mask", &Array3::from_elem((8, 8, 8), true))?;
/// npz.entry("field")
///     .compression(Compression::Stored)
///     .order(Order::F)
///     .endian(Endian::Big)
///     .array(&Array3::<f32>::zeros((8, 8, 8)))?;
/// npz.finish()?;
/// # Ok::<(), npz::Error>(())
/// ```
#[must_use = "nothing is written before `array` or `bytes` is called"]
pub struct Entry<'a, W> {
    pub(super) npz: &'a mut NpzWriter<W>,
    pub(super) name: &'a str,
    pub(super) options: Options,
}

impl<'a, W: Write> Entry<'a, W> {
    /// Sets how this member is compressed.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.options.compression = compression;
        self
    }

    /// Sets the order in which this array's elements are written; `None` keeps its own.
    pub fn order(mut self, order: impl Into<Option<Order>>) -> Self {
        self.options.order = order.into();
        self
    }

    /// Sets the byte order of this array's numbers.
    pub fn endian(mut self, endian: Endian) -> Self {
        self.options.endian = endian;
        self
    }

    /// Writes the array, and returns the writer.
    ///
    /// # Errors
    ///
    /// Those of [`NpzWriter::array`].
    pub fn array<T: ToNpy + ?Sized>(self, array: &T) -> Result<&'a mut NpzWriter<W>> {
        self.npz.write_array(self.name, self.options, array)
    }

    /// Writes a member that is not an array, and returns the writer. Order and byte order do not
    /// matter for it.
    ///
    /// # Errors
    ///
    /// Those of [`NpzWriter::bytes`].
    pub fn bytes(self, bytes: &[u8]) -> Result<&'a mut NpzWriter<W>> {
        self.npz.write_bytes(self.name, self.options.compression, bytes)
    }
}

impl<W> fmt::Debug for Entry<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("name", &self.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
