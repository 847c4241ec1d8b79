//! Rust types as elements: which dtype stands for them, and their bytes.
//!
//! To add an element type, implement [`Element`] for it in a file of its own. Types
//! whose values are their bytes lean on [`pod`], the others on [`each`].

mod body;
pub(crate) mod bool;
mod bytes;
pub(crate) mod cast;
#[cfg(feature = "num-complex")]
mod complex;
mod each;
mod fixed;
mod gather;
#[cfg(feature = "half")]
mod half;
mod number;
mod padding;
mod pod;
pub mod record;
mod text;
mod time;

pub use body::Body;
pub(crate) use body::items_at_once;
pub use bytes::Bytes;
pub use cast::Numeric;
pub use fixed::{FixedBytes, FixedStr};
pub(crate) use gather::least_at_once;
pub(crate) use padding::strip_nul;
pub use time::{Datetime64, Timedelta64, unit};

use ndarray::ArrayViewD;

use crate::dtype::{DType, Endian, calendar::Count};
use crate::error::{Error, Result};

/// A Rust type that can be an array's element.
///
#[doc = include_str!("dtypes.md")]
///
/// Of every other dtype (void, C's long double, …) the array as a whole loads as a
/// [`Raw`](crate::Raw), and an array of any dtype as an [`AnyArray`](crate::AnyArray);
/// Python objects do not load at all.
///
/// An array can be loaded if its dtype is the element type's, in either byte order.
/// There are no others: `usize` is not the same on every machine (save `u64`, and load it by
/// [`get_cast`](crate::NpzReader::get_cast), which makes `usize` of it), and NumPy has no `Option`,
/// no `char` and no integers of 128 bits.
///
/// `&str` can be saved only. The trait's other methods belong to the crate: bound generic
/// code with it, do not implement it.
///
/// # Examples
///
/// ```
/// use npz::{Element, Endian};
///
/// assert_eq!(f64::dtype(Endian::Little).to_string(), "<f8");
/// assert_eq!(u8::dtype(Endian::Little).to_string(), "|u1");
///
/// fn save_sorted<T: Element + Ord>(path: &str, mut values: Vec<T>) -> npz::Result<()> {
///     values.sort();
///     npz::savez!(path, values)
/// }
/// # let folder = tempfile::tempdir().unwrap();
/// # save_sorted(folder.path().join("x.npz").to_str().unwrap(), vec![3, 1, 2])?;
/// # Ok::<(), npz::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an element type that npz knows",
    note = "complex numbers need the feature `num-complex`, f16 and bf16 the feature `half`"
)]
pub trait Element: Clone + Send + Sync {
    /// The dtype that stands for this type, in the byte order `endian`. Of text, whose
    /// dtype depends on the values, it is the shortest: `<U1`.
    fn dtype(endian: Endian) -> DType;

    /// The dtype that holds all of `values`, or an error if none does.
    #[doc(hidden)]
    fn dtype_of(_values: ArrayViewD<'_, Self>, endian: Endian) -> Result<DType> {
        Ok(Self::dtype(endian))
    }

    /// Whether an array of `dtype` can be loaded as this type.
    #[doc(hidden)]
    fn accepts(dtype: &DType) -> bool {
        *dtype == Self::dtype(Endian::Little) || *dtype == Self::dtype(Endian::Big)
    }

    /// What to load instead of `found`, for the message that says so.
    #[doc(hidden)]
    fn expected(found: &DType) -> String {
        format!("dtype {}", Self::dtype(found.endian().unwrap_or(Endian::NATIVE)))
    }

    /// The value that is exactly this moment or time difference, if there is one.
    #[doc(hidden)]
    fn from_count(_count: Count) -> Option<Self> {
        None
    }

    /// The bytes that a value of `dtype` takes in memory.
    #[doc(hidden)]
    fn size_in_memory(_dtype: &DType) -> usize {
        size_of::<Self>()
    }

    /// The bytes of `values` in memory, if they are the bytes of `dtype` too.
    #[doc(hidden)]
    fn as_bytes<'a>(_values: &'a [Self], _dtype: &DType) -> Option<&'a [u8]> {
        None
    }

    /// Writes `values`, in C order, as `dtype` to `out`, which has their size exactly.
    #[doc(hidden)]
    fn encode(values: ArrayViewD<'_, Self>, dtype: &DType, out: &mut [u8]);

    /// Reads `len` values of a `dtype` that this type accepts.
    #[doc(hidden)]
    fn decode(body: Body<'_>, dtype: &DType, len: usize) -> Result<Vec<Self>>;

    /// Fills `values` with the next bytes, if these are theirs in memory, up to byte order.
    #[doc(hidden)]
    fn fill(_values: &mut [Self], _dtype: &DType, _body: &mut Body<'_>) -> Option<Result<()>> {
        None
    }

    /// The values of `dtype` that `bytes` are, where they are.
    #[doc(hidden)]
    fn from_bytes<'a>(_bytes: &'a [u8], dtype: &DType) -> Result<&'a [Self]> {
        Err(other_in_memory(dtype))
    }

    /// The same, to be changed.
    #[doc(hidden)]
    fn from_bytes_mut<'a>(_bytes: &'a mut [u8], dtype: &DType) -> Result<&'a mut [Self]> {
        Err(other_in_memory(dtype))
    }
}

/// The error for elements that are not in memory what they are in a file.
fn other_in_memory(dtype: &DType) -> Error {
    Error::no_view(format!("elements of dtype {} take another form in memory", dtype.shown()))
}
