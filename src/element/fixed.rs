//! Text and byte strings of a fixed size, whose bytes in memory are those in the file:
//! no allocation for each, and fit for records and maps.

use std::fmt;
use std::ops::Deref;

use bytemuck::{Pod, Zeroable};

use super::padding::{ENDS_IN_NUL, strip_nul};
use super::pod::{self, FirstWrong};
use super::sealed::Sealed;
use super::{Body, Element, LoadElement, ViewElement, each, text};
use crate::dtype::{DType, Endian, Kind, Scalar};
use crate::error::{Error, ErrorKind, Result};

/// A byte string of at most `N` bytes, padded with NUL: NumPy's `|S` of the size `N`.
///
/// Loads any `|S…` that is not longer.
///
/// # Examples
///
/// ```
/// use npz::{FixedBytes, NpzReader, NpzWriter};
/// use std::io::Cursor;
///
/// let tags: [FixedBytes<4>; 2] = ["ab".try_into()?, "cde".try_into()?];
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("tags", &tags)?;   // dtype |S4
/// let npz = NpzReader::new(npz.finish()?)?;
/// let tags: Vec<FixedBytes<8>> = npz.get("tags")?;
/// assert_eq!(&*tags[1], b"cde");
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct FixedBytes<const N: usize>([u8; N]);

/// Text of at most `N` characters in UCS-4, padded with NUL: NumPy's `<U` of the size `N`.
///
/// Loads any `<U…` that is not longer.
///
/// # Examples
///
/// ```
/// use npz::{FixedStr, NpzReader, NpzWriter};
/// use std::io::Cursor;
///
/// let labels: [FixedStr<5>; 2] = ["naïve".try_into()?, "猫".try_into()?];
/// let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
/// npz.array("labels", &labels)?;   // dtype <U5
/// let npz = NpzReader::new(npz.finish()?)?;
/// let labels: Vec<FixedStr<5>> = npz.get("labels")?;
/// assert_eq!(labels[1].to_string(), "猫");
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct FixedStr<const N: usize>([u32; N]);

// SAFETY: transparent over an array of integers, so all-zero bytes are a value.
#[allow(unsafe_code)]
unsafe impl<const N: usize> Zeroable for FixedBytes<N> {}
// SAFETY: transparent over an array of integers: `Copy`, no padding, any bytes are a value.
#[allow(unsafe_code)]
unsafe impl<const N: usize> Pod for FixedBytes<N> {}
// SAFETY: as for `FixedBytes`.
#[allow(unsafe_code)]
unsafe impl<const N: usize> Zeroable for FixedStr<N> {}
// SAFETY: as for `FixedBytes`; not every `u32` is a character, which no method relies on.
#[allow(unsafe_code)]
unsafe impl<const N: usize> Pod for FixedStr<N> {}

/// The error for a value that has `len` bytes or characters where `most` fit, or that ends in NUL.
fn does_not_fit(len: usize, most: usize, what: &str, code: char) -> Error {
    let problem = match len > most {
        true => format!("{len} {what} do not fit into {code}{most}"),
        false => ENDS_IN_NUL.to_owned(),
    };
    ErrorKind::Inexact { problem }.into()
}

impl<const N: usize> TryFrom<&[u8]> for FixedBytes<N> {
    type Error = Error;

    /// # Errors
    ///
    /// [`ErrorKind::Inexact`] if there are more than `N` bytes, or the last is NUL.
    fn try_from(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > N || bytes.ends_with(&[0]) {
            return Err(does_not_fit(bytes.len(), N, "bytes", 'S'));
        }
        let mut fixed = Self::zeroed();
        fixed.0[..bytes.len()].copy_from_slice(bytes);
        Ok(fixed)
    }
}

impl<const N: usize> TryFrom<&str> for FixedBytes<N> {
    type Error = Error;

    /// # Errors
    ///
    /// [`ErrorKind::Inexact`] if the text takes more than `N` bytes, or ends in NUL.
    fn try_from(text: &str) -> Result<Self> {
        text.as_bytes().try_into()
    }
}

impl<const N: usize> Deref for FixedBytes<N> {
    type Target = [u8];

    /// The bytes without their padding.
    fn deref(&self) -> &[u8] {
        strip_nul(&self.0)
    }
}

impl<const N: usize> Default for FixedBytes<N> {
    fn default() -> Self {
        Self::zeroed()
    }
}

impl<const N: usize> fmt::Debug for FixedBytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}

impl<const N: usize> fmt::Display for FixedBytes<N> {
    /// Writes printable ASCII as it is, and any other byte escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.escape_ascii().to_string())
    }
}

impl<const N: usize> TryFrom<&str> for FixedStr<N> {
    type Error = Error;

    /// # Errors
    ///
    /// [`ErrorKind::Inexact`] if the text has more than `N` characters, or ends in NUL.
    fn try_from(text: &str) -> Result<Self> {
        let len = text.chars().count();
        if len > N || text.ends_with('\0') {
            return Err(does_not_fit(len, N, "characters", 'U'));
        }
        let mut fixed = Self::zeroed();
        fixed.0.iter_mut().zip(text.chars()).for_each(|(slot, c)| *slot = c.into());
        Ok(fixed)
    }
}

impl<const N: usize> FixedStr<N> {
    /// The characters. Code points that are none, which only a view of a file can hold,
    /// are U+FFFD.
    ///
    /// # Examples
    ///
    /// ```
    /// let text: npz::FixedStr<8> = "naïve".try_into()?;
    /// assert!(text.chars().eq("naïve".chars()));
    /// # Ok::<(), npz::Error>(())
    /// ```
    pub fn chars(&self) -> impl Iterator<Item = char> {
        let code_points = strip_nul(&self.0).iter();
        code_points.map(|&c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

impl<const N: usize> Default for FixedStr<N> {
    fn default() -> Self {
        Self::zeroed()
    }
}

impl<const N: usize> fmt::Debug for FixedStr<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl<const N: usize> fmt::Display for FixedStr<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.chars().collect::<String>())
    }
}

/// Reads items that are shorter than `T`. The rest of the value stays zero. `check` says what is wrong
/// with an item.
#[expect(clippy::indexing_slicing, reason = "dtypes of longer items are not accepted")]
fn decode_shorter<T: Pod + Default + Send>(
    body: Body<'_>,
    dtype: &DType,
    len: usize,
    check: impl Fn(&[u8]) -> Result<(), String> + Sync,
) -> Result<Vec<T>> {
    each::decode(body, dtype.itemsize(), len, |bytes, value| {
        let out = &mut bytemuck::bytes_of_mut(value)[..bytes.len()];
        out.copy_from_slice(bytes);
        pod::to_or_from_native(out, dtype);
        check(out)
    })
}

fn is_at_most(dtype: &DType, kind: Kind, itemsize: usize) -> bool {
    matches!(dtype, DType::Scalar(scalar) if scalar.kind() == kind && scalar.itemsize() <= itemsize)
}

impl<const N: usize> Sealed for FixedBytes<N> {}

impl<const N: usize> Element for FixedBytes<N> {
    fn dtype(endian: Endian) -> DType {
        const { assert!(N > 0, "NumPy has no byte strings of no size") };
        DType::Scalar(Scalar::new(Kind::Bytes, N, endian))
    }

    pod::save_as_pod!();
}

impl<const N: usize> LoadElement for FixedBytes<N> {
    fn accepts(dtype: &DType) -> bool {
        is_at_most(dtype, Kind::Bytes, N)
    }

    fn expected(_: &DType) -> String {
        format!("byte strings of at most {N} (dtype |S{N})")
    }

    fn decode(body: Body<'_>, dtype: &DType, len: usize) -> Result<Vec<Self>> {
        match dtype.itemsize() == size_of::<Self>() {
            true => pod::decode(body, dtype, len),
            false => decode_shorter(body, dtype, len, |_| Ok(())),
        }
    }

    fn fill(values: &mut [Self], dtype: &DType, body: &mut Body<'_>) -> Option<Result<()>> {
        pod::fill(values, dtype, body)
    }
}

impl<const N: usize> ViewElement for FixedBytes<N> {
    pod::view_as_pod!();
}

impl<const N: usize> Sealed for FixedStr<N> {}

impl<const N: usize> Element for FixedStr<N> {
    fn dtype(endian: Endian) -> DType {
        const { assert!(N > 0, "NumPy has no text of no size") };
        DType::Scalar(Scalar::new(Kind::Str, size_of::<Self>(), endian))
    }

    pod::save_as_pod!();
}

impl<const N: usize> LoadElement for FixedStr<N> {
    fn accepts(dtype: &DType) -> bool {
        is_at_most(dtype, Kind::Str, size_of::<Self>())
    }

    fn expected(_: &DType) -> String {
        format!("text of at most {N} characters (dtype <U{N})")
    }

    fn decode(body: Body<'_>, dtype: &DType, len: usize) -> Result<Vec<Self>> {
        if dtype.itemsize() < size_of::<Self>() {
            return decode_shorter(body, dtype, len, text::check);
        }
        let wrong = FirstWrong::new();
        let values = pod::decode_and_visit(body, len, &visit(dtype, &wrong))?;
        check(&values, wrong)?;
        Ok(values)
    }

    fn fill(values: &mut [Self], dtype: &DType, body: &mut Body<'_>) -> Option<Result<()>> {
        (dtype.itemsize() == size_of::<Self>()).then(|| {
            let wrong = FirstWrong::new();
            body.fill_and_visit(bytemuck::cast_slice_mut(values), &visit(dtype, &wrong))?;
            check(values, wrong)
        })
    }
}

/// Makes text of the machine's byte order, and notes what in it is no text.
fn visit(dtype: &DType, wrong: &FirstWrong) -> impl Fn(&mut [u8], usize) + Sync {
    move |part, offset| {
        pod::to_or_from_native(part, dtype);
        wrong.note(offset, text::find_wrong(part));
    }
}

/// The error for the first of `values` that is no text, if there is one.
fn check<const N: usize>(values: &[FixedStr<N>], wrong: FirstWrong) -> Result<()> {
    let index =
        wrong.position().and_then(|position| position.checked_div(size_of::<FixedStr<N>>()));
    let Some((index, value)) = index.and_then(|index| Some((index, values.get(index)?))) else {
        return Ok(());
    };
    text::check(bytemuck::bytes_of(value))
        .map_err(|problem| ErrorKind::InvalidValue { index, problem }.into())
}

impl<const N: usize> ViewElement for FixedStr<N> {
    pod::view_as_pod!();
}
