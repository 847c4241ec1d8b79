//! Text: `String` and `&str` as NumPy's `<U…`, which holds as many UCS-4 code points as
//! the longest text of the array has, the others padded with NUL.

use ndarray::ArrayViewD;

use super::padding::{ends_in_nul, strip_nul};
use super::sealed::Sealed;
use super::{Body, Bytes, Element, LoadElement, each};
use crate::dtype::{DType, Endian, Kind, Scalar};
use crate::error::Result;

const CODE_POINT: usize = 4;

fn is_str(dtype: &DType) -> bool {
    matches!(dtype, DType::Scalar(scalar) if scalar.kind() == Kind::Str)
}

/// `<U1` or longer: NumPy has no shorter text, not even for empty strings.
fn dtype(code_points: usize, endian: Endian) -> DType {
    let itemsize = CODE_POINT.saturating_mul(code_points.max(1));
    DType::Scalar(Scalar::new(Kind::Str, itemsize, endian))
}

fn dtype_of<T: AsRef<str>>(values: ArrayViewD<'_, T>, endian: Endian) -> Result<DType> {
    let mut longest = 0;
    for (index, text) in values.iter().enumerate() {
        if text.as_ref().ends_with('\0') {
            return Err(ends_in_nul(index));
        }
        longest = longest.max(text.as_ref().chars().count());
    }
    Ok(dtype(longest, endian))
}

fn encode<T: AsRef<str>>(values: ArrayViewD<'_, T>, dtype: &DType, out: &mut [u8]) {
    each::encode(values, dtype.itemsize(), out, |text, out| {
        let code_points = text.as_ref().chars().map(u32::from).chain(std::iter::repeat(0));
        for (bytes, code_point) in out.as_chunks_mut::<CODE_POINT>().0.iter_mut().zip(code_points) {
            *bytes = match dtype.endian() {
                Some(Endian::Big) => code_point.to_be_bytes(),
                _ => code_point.to_le_bytes(),
            };
        }
    });
}

/// A code point, or what is wrong with it.
fn char(code_point: u32) -> Result<char, String> {
    char::from_u32(code_point)
        .ok_or_else(|| format!("{code_point:#x} is not a character of Unicode"))
}

/// What is wrong with `bytes`, which are native code points.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let mut code_points = bytes.as_chunks().0.iter();
    code_points.try_for_each(|&bytes| char(u32::from_ne_bytes(bytes)).map(drop))
}

/// Where in `bytes`, which are native code points, the first is that is no character.
pub(super) fn find_wrong(bytes: &[u8]) -> Option<usize> {
    let code_points = bytes.as_chunks().0.iter().map(|&bytes| u32::from_ne_bytes(bytes));
    let is_wrong = |code_point| char::from_u32(code_point).is_none();
    // All are looked at together, many at a time, and one by one only if need be.
    let any = code_points.clone().fold(false, |any, code_point| any | is_wrong(code_point));
    let index = any.then(|| code_points.clone().position(is_wrong)).flatten()?;
    Some(index.saturating_mul(CODE_POINT))
}

/// Text that C programs, and Python 2, have saved as bytes.
fn decode_bytes(bytes: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(strip_nul(bytes)).map_err(|_| "its bytes are not UTF-8")?;
    Ok(text.to_owned())
}

fn decode(bytes: &[u8], endian: Option<Endian>) -> Result<String, String> {
    let code_points = strip_nul(bytes.as_chunks::<CODE_POINT>().0);
    let code_points = code_points.iter().map(|&bytes| match endian {
        Some(Endian::Big) => u32::from_be_bytes(bytes),
        _ => u32::from_le_bytes(bytes),
    });
    // Sums are taken of many at a time, and so are the bytes of ASCII.
    let len = code_points.clone().map(utf8_len).sum();
    if len == code_points.len()
        && let Ok(ascii) = String::from_utf8(code_points.clone().map(|c| c as u8).collect())
    {
        return Ok(ascii);
    }
    let mut text = String::with_capacity(len);
    for code_point in code_points {
        text.push(char(code_point)?);
    }
    Ok(text)
}

/// How many bytes a character takes in UTF-8; of anything else it is some number.
fn utf8_len(code_point: u32) -> usize {
    let more = [code_point >= 0x80, code_point >= 0x800, code_point >= 0x1_0000];
    more.iter().fold(1, |len: usize, &more| len.saturating_add(usize::from(more)))
}

impl Sealed for String {}

impl Element for String {
    fn dtype(endian: Endian) -> DType {
        dtype(1, endian)
    }

    fn dtype_of(values: ArrayViewD<'_, Self>, endian: Endian) -> Result<DType> {
        dtype_of(values, endian)
    }

    fn encode(values: ArrayViewD<'_, Self>, dtype: &DType, out: &mut [u8]) {
        encode(values, dtype, out);
    }
}

impl LoadElement for String {
    fn accepts(dtype: &DType) -> bool {
        is_str(dtype) || Bytes::accepts(dtype)
    }

    fn expected(_: &DType) -> String {
        "text (dtype <U… or |S…)".to_owned()
    }

    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn size_in_memory(dtype: &DType) -> usize {
        each::size_in_memory::<Self>(dtype.itemsize())
    }

    fn decode(body: Body<'_>, dtype: &DType, len: usize) -> Result<Vec<Self>> {
        each::decode(body, dtype.itemsize(), len, |bytes, text| {
            *text = match is_str(dtype) {
                true => decode(bytes, dtype.endian())?,
                false => decode_bytes(bytes)?,
            };
            Ok(())
        })
    }
}

impl Sealed for &str {}

/// To be saved only: there is nothing that a loaded `&str` could borrow from.
impl Element for &str {
    fn dtype(endian: Endian) -> DType {
        dtype(1, endian)
    }

    fn dtype_of(values: ArrayViewD<'_, Self>, endian: Endian) -> Result<DType> {
        dtype_of(values, endian)
    }

    fn encode(values: ArrayViewD<'_, Self>, dtype: &DType, out: &mut [u8]) {
        encode(values, dtype, out);
    }
}
