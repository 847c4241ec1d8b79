//! One array: a header, then a body. After NumPy's NEP 1 and `numpy/lib/_format_impl.py`.

mod decode;
mod encode;
mod header;
mod slice;
mod view;

pub(crate) use decode::{cast, decode, decode_into, in_shape, open};
pub(crate) use encode::{Encoded, Pace};
pub(crate) use encode::{encode, encode_raw, order_in_file, order_in_memory};
pub(crate) use header::{Header, MAGIC};
pub(crate) use slice::Slice;
pub(crate) use view::view;
#[cfg(feature = "mmap")]
pub(crate) use view::view_mut;

/// The order in which an array's elements are written: the `order` of `numpy.array`.
///
/// Whatever the order, an array of at most one axis longer than 1 counts as C order, as
/// in NumPy.
///
/// # Examples
///
/// ```
/// use npz::{NpzReader, NpzWriter, Order};
/// use ndarray::array;
/// use std::io::Cursor;
///
/// let x = array![[1, 2], [3, 4]];
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("as it is", &x)?;                        // C
/// npz.array("transposed", &x.t())?;                  // Fortran
/// npz.entry("turned").order(Order::Fortran).array(&x)?;
///
/// let npz = NpzReader::new(npz.finish()?)?;
/// assert_eq!(npz.info("as it is")?.order(), Order::C);
/// assert_eq!(npz.info("transposed")?.order(), Order::Fortran);
/// assert_eq!(npz.info("turned")?.order(), Order::Fortran);
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// As in memory if the array is contiguous in either order, else C: as NumPy.
    #[default]
    Keep,
    /// The last index changes fastest.
    C,
    /// The first index changes fastest.
    Fortran,
}
