//! Rust types as elements: which dtype stands for them, and their bytes.
//!
//! To add an element type, implement [`Element`] and [`LoadElement`] for it in a file of its
//! own, and [`ViewElement`] if its values in memory are their bytes in the file. Types of which
//! that is true lean on [`pod`], the others on [`each`].

mod body;
pub(crate) mod bool;
mod bytes;
pub(crate) mod cast;
mod complex;
mod each;
mod fixed;
mod gather;
pub(crate) mod half;
mod number;
mod padding;
mod pod;
pub mod record;
mod text;
pub mod time;

pub use body::Body;
pub(crate) use body::items_at_once;
pub use bytes::Bytes;
pub use cast::Numeric;
pub use fixed::{FixedBytes, FixedStr};
pub(crate) use gather::least_at_once;
pub(crate) use padding::strip_nul;

use ndarray::ArrayViewD;

use crate::dtype::{DType, Endian, calendar::Count};
use crate::error::{Error, Result};

/// A type that arrays can be saved of.
///
#[doc = include_str!("dtypes.md")]
///
/// Nearly all of them can be loaded, too: see [`LoadElement`].
///
/// There are no others. `usize` is not the same on every machine (save `u64`, and load it by
/// [`get_cast`](crate::NpzReader::get_cast), which makes `usize` of it), and NumPy has no
/// `Option`, no `char` and no integers of 128 bits. The trait is sealed: use it as a bound in
/// generic code, and [`record!`](crate::record!) to make a struct an element type.
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
    message = "arrays of `{Self}` cannot be saved",
    label = "not an element type of npz",
    note = "`usize` is saved as `u64`; f16 and bf16 need the feature `half`; \
            `npz::record!` makes a struct an element type"
)]
pub trait Element: Clone + Send + Sync + sealed::Sealed {
    /// The dtype that stands for this type, in the byte order `endian`. Of text, whose
    /// dtype depends on the values, it is the shortest: `<U1`.
    fn dtype(endian: Endian) -> DType;

    /// The dtype that holds all of `values`, or an error if none does.
    #[doc(hidden)]
    fn dtype_of(_values: ArrayViewD<'_, Self>, endian: Endian) -> Result<DType> {
        Ok(Self::dtype(endian))
    }

    /// The bytes of `values` in memory, if they are the bytes of `dtype` too.
    #[doc(hidden)]
    fn as_bytes<'a>(_values: &'a [Self], _dtype: &DType) -> Option<&'a [u8]> {
        None
    }

    /// Writes `values`, in C order, as `dtype` to `out`, which has their size exactly.
    #[doc(hidden)]
    fn encode(values: ArrayViewD<'_, Self>, dtype: &DType, out: &mut [u8]);
}

/// An element type that arrays can be loaded of: every [`Element`] but `&str`, because a
/// loaded `&str` could not borrow from anything. Load text as `String`.
///
/// An array is loaded if its dtype is the element type's, in either byte order. An array of any
/// other dtype (void, C's long double, …) is loaded as a whole, as a [`Raw`](crate::Raw) or an
/// [`AnyArray`](crate::AnyArray), and one of Python objects as an array of [`Value`](crate::Value)s.
///
/// # Examples
///
/// ```
/// use ndarray::Array1;
/// use npz::{LoadElement, NpzReader};
///
/// fn last<T: LoadElement, R>(npz: &NpzReader<R>, name: &str) -> npz::Result<Option<T>> {
///     let array: Array1<T> = npz.get(name)?;
///     Ok(array.last().cloned())
/// }
/// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
/// # npz.array("x", &[1, 2])?;
/// # let npz = NpzReader::new(npz.finish()?)?;
/// assert_eq!(last(&npz, "x")?, Some(2));
/// # Ok::<(), npz::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "arrays of `{Self}` cannot be loaded",
    label = "not an element type that npz can load",
    note = "text is loaded as `String`, not as `&str`; `get_cast` makes `usize` of any integers; \
            f16 and bf16 need the feature `half`; `npz::record!` makes a struct an element type"
)]
pub trait LoadElement: Element {
    /// Whether an array of `dtype` can be loaded as this type.
    #[doc(hidden)]
    fn accepts(dtype: &DType) -> bool {
        *dtype == Self::dtype(Endian::Little) || *dtype == Self::dtype(Endian::Big)
    }

    /// What was expected where `found` was found, for the message that says so.
    #[doc(hidden)]
    fn expected(found: &DType) -> String {
        format!("dtype {}", Self::dtype(found.endian().unwrap_or(Endian::NATIVE)))
    }

    /// The value that is exactly this moment or time difference, if there is one.
    #[doc(hidden)]
    fn from_count(_count: Count) -> Option<Self> {
        None
    }

    /// The value that is this text, if there is one.
    #[doc(hidden)]
    fn from_text(_text: &str) -> Option<Self> {
        None
    }

    /// The bytes that a value of `dtype` takes in memory.
    #[doc(hidden)]
    fn size_in_memory(_dtype: &DType) -> usize {
        size_of::<Self>()
    }

    /// Reads `len` values of a `dtype` that this type accepts.
    #[doc(hidden)]
    fn decode(body: Body<'_>, dtype: &DType, len: usize) -> Result<Vec<Self>>;

    /// Fills `values` with the next bytes, if these are theirs in memory, up to byte order.
    #[doc(hidden)]
    fn fill(_values: &mut [Self], _dtype: &DType, _body: &mut Body<'_>) -> Option<Result<()>> {
        None
    }
}

/// An element type whose arrays can be viewed where they are, because its values in memory are
/// its bytes in the file: numbers, `bool`, dates, [`FixedStr`](crate::FixedStr),
/// [`FixedBytes`](crate::FixedBytes), and records without padding.
///
/// # Examples
///
/// ```
/// use ndarray::Ix1;
/// use npz::{NpzReader, ViewElement};
///
/// fn first<T: ViewElement, R: AsRef<[u8]>>(npz: &NpzReader<R>, name: &str) -> npz::Result<T> {
///     Ok(npz.view::<T, Ix1>(name)?[0].clone())
/// }
/// # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
/// # npz.array("x", &[1, 2])?;
/// # let npz = NpzReader::from_bytes(npz.finish()?.into_inner())?;
/// assert_eq!(first::<i32, _>(&npz, "x")?, 1);
/// # Ok::<(), npz::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "arrays of `{Self}` cannot be viewed where they are",
    label = "its values in memory are not their bytes in the file",
    note = "`get` loads them; text can be viewed as `npz::FixedStr` and `npz::FixedBytes`"
)]
pub trait ViewElement: LoadElement {
    /// The values of `dtype` that `bytes` are, where they are.
    #[doc(hidden)]
    fn from_bytes<'a>(bytes: &'a [u8], dtype: &DType) -> Result<&'a [Self]>;

    /// The same, to be changed.
    #[doc(hidden)]
    fn from_bytes_mut<'a>(bytes: &'a mut [u8], dtype: &DType) -> Result<&'a mut [Self]>;
}

pub(crate) mod sealed {
    /// What only this crate, and its macro `record!`, implement.
    pub trait Sealed {}
}

/// The error for elements that are not in memory what they are in a file.
fn other_in_memory(dtype: &DType) -> Error {
    Error::no_view(format!("elements of dtype {} take another form in memory", dtype.shown()))
}
