//! Rust types as elements: which dtype stands for them, and their bytes.
//!
//! To add an element type, implement [`Element`] for it in a file of its own. Types
//! whose values are their bytes lean on [`pod`]; the others encode and decode one by one.

mod body;
mod bool;
mod number;
mod pod;

pub(crate) use body::Body;
pub(crate) use body::CHUNK;

use ndarray::ArrayView1;

use crate::{DType, Endian, error::Result};

/// A Rust type that can be an array's element.
///
/// | NumPy            | Rust                      |
/// |------------------|---------------------------|
/// | `bool`           | `bool`                    |
/// | `int8 … int64`   | `i8`, `i16`, `i32`, `i64` |
/// | `uint8 … uint64` | `u8`, `u16`, `u32`, `u64` |
/// | `float32`        | `f32`                     |
/// | `float64`        | `f64`                     |
///
/// An array can be loaded if its dtype is the element type's in either byte order.
/// The trait's other methods belong to the crate: bound generic code with it, do not
/// implement it.
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
#[diagnostic::on_unimplemented(message = "`{Self}` is not an element type that npz knows")]
pub trait Element: Clone + 'static {
    /// The dtype that stands for this type, in the byte order `endian`.
    fn dtype(endian: Endian) -> DType;

    /// Whether an array of `dtype` can be loaded as this type.
    #[doc(hidden)]
    fn accepts(dtype: &DType) -> bool {
        *dtype == Self::dtype(Endian::Little) || *dtype == Self::dtype(Endian::Big)
    }

    /// The bytes of `values` in memory, if they are the bytes of `dtype` too.
    #[doc(hidden)]
    fn as_bytes<'a>(values: &'a [Self], dtype: &DType) -> Option<&'a [u8]>;

    /// Writes `values` as `dtype` to `out`, which has their size exactly.
    #[doc(hidden)]
    fn encode(values: ArrayView1<'_, Self>, dtype: &DType, out: &mut [u8]);

    /// Reads `len` values of a `dtype` that this type accepts.
    #[doc(hidden)]
    fn decode(body: Body<'_>, dtype: &DType, len: usize) -> Result<Vec<Self>>;
}
