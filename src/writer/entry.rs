//! [`Entry`]: one member with options of its own.

use std::fmt;
use std::io::Write;

use ndarray::Order;

use super::{NpzWriter, Rows};
use crate::dtype::{DType, Endian};
use crate::element::Element;
use crate::error::Result;
use crate::npy::{Gather, ToNpy};
use crate::zip::Compression;

/// How a member is written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    pub(super) compression: Compression,
    /// `None` is each array's own.
    pub(super) order: Option<Order>,
    pub(super) endian: Endian,
    /// How many rows there will be, if that is known.
    pub(super) count: Option<usize>,
}

impl Options {
    pub(super) fn gather(&self) -> Gather {
        match self.compression {
            Compression::Stored => Gather::WhileWriting,
            Compression::Deflate(_) => Gather::AfterWriting,
        }
    }
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
#[must_use = "nothing is written before `array`, `rows` or `bytes` is called"]
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

    /// Says how many rows an array will have that is written row by row. It has to have so many then. For
    /// other arrays it does not matter.
    ///
    /// # Examples
    ///
    /// A stream has to be told, because it cannot go back and fill in the number:
    ///
    /// ```
    /// use npz::{NpzReader, NpzWriter};
    ///
    /// let mut pipe = Vec::new();
    /// let mut npz = NpzWriter::stream(&mut pipe);
    /// let mut rows = npz.entry("squares").count(5).rows::<u64>([])?;
    /// for i in 0..5_u64 {
    ///     rows.push(&(i * i))?;
    /// }
    /// rows.finish()?;
    /// npz.finish()?;
    /// assert_eq!(NpzReader::from_bytes(pipe)?.get::<Vec<u64>>("squares")?, [0, 1, 4, 9, 16]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn count(mut self, count: usize) -> Self {
        self.options.count = Some(count);
        self
    }

    /// Begins an array that is written row by row. A row is an array of `T` and of the given shape.
    ///
    /// # Errors
    ///
    /// Those of [`NpzWriter::rows`].
    pub fn rows<T: Element>(self, row: impl AsRef<[usize]>) -> Result<Rows<'a>>
    where
        W: Send,
    {
        let dtype = T::dtype(self.options.endian);
        self.rows_of(dtype, row)
    }

    /// The same, of any dtype: that of a text of a given length, or one that is only known when the program
    /// runs.
    ///
    /// # Errors
    ///
    /// Those of [`NpzWriter::rows`]; [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if
    /// elements would be Python objects.
    ///
    /// # Examples
    ///
    /// ```
    /// use npz::{NpzReader, NpzWriter};
    /// use std::io::Cursor;
    ///
    /// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    /// let mut rows = npz.entry("names").rows_of("<U8".parse()?, [])?;
    /// rows.push("Gerda")?.extend(&["Kay", "robber"])?;
    /// assert!(rows.push("snow queen").is_err(), "it has 10 characters");
    /// rows.finish()?;
    /// let npz = NpzReader::new(npz.finish()?)?;
    /// assert_eq!(npz.info("names")?.dtype().to_string(), "<U8");
    /// assert_eq!(npz.get::<Vec<String>>("names")?, ["Gerda", "Kay", "robber"]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn rows_of(self, dtype: DType, row: impl AsRef<[usize]>) -> Result<Rows<'a>>
    where
        W: Send,
    {
        self.npz.begin_rows(self.name, self.options, dtype, row.as_ref())
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
