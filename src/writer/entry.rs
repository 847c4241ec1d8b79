//! [`Entry`]: one member with options of its own.

use std::fmt;
use std::io::Write;

use super::{NpzWriter, Progress, WriteNpz};
use crate::dtype::Endian;
use crate::error::Result;
use crate::npy::Order;
use crate::zip::Compression;

/// How a member is written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    pub(super) compression: Compression,
    pub(super) order: Order,
    pub(super) endian: Endian,
}

/// A member about to be written with options of its own: what [`NpzWriter::entry`]
/// returns.
///
/// # Examples
///
/// ```
/// use ndarray::Array3;
/// use npz::{Compression, Endian, NpzWriter, Order};
/// use std::io::Cursor;
///
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(Compression::Deflate(9));
/// npz.array("mask", &Array3::from_elem((8, 8, 8), true))?;
/// npz.entry("field")
///     .compression(Compression::Stored)
///     .order(Order::Fortran)
///     .endian(Endian::Big)
///     .array(&Array3::<f32>::zeros((8, 8, 8)))?;
/// npz.finish()?;
/// # Ok::<(), npz::Error>(())
/// ```
#[must_use = "nothing is written before `array` is called"]
pub struct Entry<'a, W: Write, P = fn(Progress<'_>)> {
    pub(super) npz: &'a mut NpzWriter<W, P>,
    pub(super) name: &'a str,
    pub(super) options: Options,
}

impl<'a, W: Write, P: FnMut(Progress<'_>)> Entry<'a, W, P> {
    /// How this member is compressed.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.options.compression = compression;
        self
    }

    /// The order in which this array's elements are written.
    pub fn order(mut self, order: Order) -> Self {
        self.options.order = order;
        self
    }

    /// The byte order of this array's numbers.
    pub fn endian(mut self, endian: Endian) -> Self {
        self.options.endian = endian;
        self
    }

    /// Writes the array, and returns the writer.
    ///
    /// # Errors
    ///
    /// Those of [`NpzWriter::array`].
    pub fn array<T: WriteNpz + ?Sized>(self, array: &T) -> Result<&'a mut NpzWriter<W, P>> {
        self.npz.write(self.name, self.options, array)
    }
}

impl<W: Write, P> fmt::Debug for Entry<'_, W, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("name", &self.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
