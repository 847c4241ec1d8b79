//! Arrays and their elements as text, much as NumPy's `repr`.

use std::cell::RefCell;
use std::fmt::{self, Write};

use crate::dtype::calendar::Count;
use crate::dtype::{DType, Endian, Kind, Scalar, literal::repr};
use crate::element::{half::f16_to_f32, strip_nul};
use crate::error::shape_text;
use crate::visible::{Limited, limited};

/// NumPy's print options: an array of more than 1,000 elements is shortened to three at each end of
/// each axis.
const THRESHOLD: usize = 1000;
const EDGE: usize = 3;

/// The most bytes of text that are written of an element, and of all of them: enough for as
/// many numbers as are not shortened. NumPy writes more of long texts; but what is printed
/// here may have come from strangers.
const MOST_OF_ITEM: usize = 1000;
const MOST: usize = 32_000;

/// Writes what is at an index.
type Item<'a> = dyn Fn(&[usize], &mut Limited) -> fmt::Result + 'a;

/// Writes `array([[1, 2], [3, 4]], dtype='<i8')`; `item` writes the element at an index.
pub(super) fn array(
    f: &mut fmt::Formatter<'_>,
    dtype: &DType,
    shape: &[usize],
    item: &Item<'_>,
) -> fmt::Result {
    let dtype = limited(MOST_OF_ITEM, |out| out.write_str(&dtype.to_literal()));
    if shape.contains(&0) {
        return write!(f, "array([], shape={}, dtype={dtype})", shape_text(shape));
    }
    // Once to measure, once to write in columns. Items are made once: they may be arrays themselves, whose
    // own would be made twice as often at each level.
    let items = RefCell::new(Vec::new());
    let mut is_whole = false;
    let mut text = limited(MOST, |out| {
        let measure = |index: &[usize], out: &mut Limited| {
            let item = limited(MOST_OF_ITEM, |out| item(index, out));
            out.write_str(&item)?;
            items.borrow_mut().push(item);
            Ok(())
        };
        nested(shape, &mut Vec::new(), "array([".len(), &measure, out)?;
        is_whole = true;
        Ok(())
    });
    // Columns help only where all of them are seen.
    if is_whole {
        let items = items.into_inner();
        let width = items.iter().map(|item| item.chars().count()).max().unwrap_or(0);
        let items = RefCell::new(items.into_iter());
        text = limited(MOST, |out| {
            let write = |_: &[usize], out: &mut Limited| {
                write!(out, "{:>width$}", items.borrow_mut().next().unwrap_or_default())
            };
            nested(shape, &mut Vec::new(), "array([".len(), &write, out)
        });
    }
    write!(f, "array({text}, dtype={dtype})")
}

/// Writes the elements at and below `index`, in brackets: `[1, 2, 3]`. Rows are below each
/// other, so far from the margin.
fn nested(
    shape: &[usize],
    index: &mut Vec<usize>,
    indent: usize,
    item: &Item<'_>,
    out: &mut Limited,
) -> fmt::Result {
    let depth = index.len();
    let Some(&len) = shape.get(depth) else { return item(index, out) };
    let size = shape.iter().try_fold(1_usize, |size, &len| size.checked_mul(len));
    let edge = if size.is_none_or(|size| size > THRESHOLD) { EDGE } else { THRESHOLD };
    let tail = len.saturating_sub(edge);
    let is_short = tail > edge;
    let (head, tail) = if is_short { (edge, tail) } else { (len, len) };
    let separator = match shape.len().saturating_sub(depth) {
        0 | 1 => ", ".to_owned(),
        // With an empty line between planes.
        _ if indent == 0 => ", ".to_owned(),
        below => {
            let indent = indent.saturating_add(depth);
            format!(",{}{:indent$}", "\n".repeat(below.saturating_sub(1)), "")
        }
    };
    out.write_str("[")?;
    for at in (0..head).chain(tail..len) {
        if at > 0 {
            out.write_str(&separator)?;
        }
        if is_short && at == tail {
            write!(out, "...{separator}")?;
        }
        index.push(at);
        nested(shape, index, indent, item, out)?;
        index.pop();
    }
    out.write_str("]")
}

/// Writes one element, whose bytes are of `dtype`.
pub(super) fn item(dtype: &DType, bytes: &[u8], out: &mut Limited) -> fmt::Result {
    match dtype {
        DType::Scalar(dtype) => scalar(dtype, bytes, out),
        // Of items without a size there could be any number.
        DType::Subarray(subarray) if subarray.itemsize() == 0 => out.write_str("[]"),
        DType::Subarray(subarray) => {
            let (base, shape) = (subarray.base(), subarray.shape());
            let write = |index: &[usize], out: &mut Limited| {
                item(base, item_at(index.iter().zip(shape), base.itemsize(), bytes), out)
            };
            nested(shape, &mut Vec::new(), 0, &write, out)
        }
        DType::Record(record) => {
            out.write_str("(")?;
            for (index, field) in record.fields().iter().enumerate() {
                out.write_str(if index > 0 { ", " } else { "" })?;
                item(field.dtype(), field.of(bytes), out)?;
            }
            out.write_str(if record.fields().len() == 1 { ",)" } else { ")" })
        }
    }
}

/// Writes a text.
pub(super) fn str(text: &str, out: &mut Limited) -> fmt::Result {
    let end = text.char_indices().nth(MOST_OF_ITEM).map_or(text.len(), |(end, _)| end);
    out.write_str(&repr(text.split_at(end).0))
}

/// Writes a byte string.
pub(super) fn bytes(bytes: &[u8], out: &mut Limited) -> fmt::Result {
    write!(out, "b'{}'", bytes.escape_ascii())
}

/// The bytes of one of the items of `size` bytes, from its index in each axis and the
/// length of that, the one along which items are neighbours last.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "the index is within the shape, of which all items are in `bytes`"
)]
pub(super) fn item_at<'a>(
    axes: impl Iterator<Item = (&'a usize, &'a usize)>,
    size: usize,
    bytes: &[u8],
) -> &[u8] {
    let position = axes.fold(0, |position, (&at, &len)| position * len + at);
    &bytes[position * size..][..size]
}

fn scalar(dtype: &Scalar, bytes: &[u8], out: &mut Limited) -> fmt::Result {
    let endian = dtype.endian().unwrap_or(Endian::NATIVE);
    let bits = |bytes: &[u8]| unsigned(bytes, endian);
    let float = |bytes: &[u8]| match bytes.len() {
        2 => format!("{:?}", f16_to_f32(bits(bytes) as u16)),
        4 => format!("{:?}", f32::from_bits(bits(bytes) as u32)),
        _ => format!("{:?}", f64::from_bits(bits(bytes))),
    };
    match (dtype.kind(), dtype.itemsize()) {
        (Kind::Bool, _) => out.write_str(if bytes == [0] { "False" } else { "True" }),
        (Kind::Uint, _) => write!(out, "{}", bits(bytes)),
        (Kind::Int, _) => write!(out, "{}", signed(bytes, endian)),
        (Kind::Float, 2 | 4 | 8) => out.write_str(&float(bytes)),
        (Kind::Complex, 8 | 16) => {
            let (re, im) = bytes.split_at(bytes.len() / 2);
            let im = float(im);
            let sign = if im.starts_with('-') { "" } else { "+" };
            write!(out, "({}{sign}{im}j)", float(re))
        }
        (Kind::Str, _) => {
            let code_points = bytes.as_chunks::<4>().0;
            let shown = strip_nul(code_points).iter().take(MOST_OF_ITEM + 1);
            let chars = shown.map(|bytes| {
                char::from_u32(bits(bytes) as u32).unwrap_or(char::REPLACEMENT_CHARACTER)
            });
            str(&chars.collect::<String>(), out)
        }
        (Kind::Bytes, _) => self::bytes(strip_nul(bytes), out),
        (kind @ (Kind::Datetime(_) | Kind::Timedelta(_)), _) => {
            write!(out, "'{}'", Count { value: signed(bytes, endian), kind }.text())
        }
        // Void, and numbers that Rust has not: their bytes.
        _ => {
            out.write_str("b'")?;
            bytes.iter().try_for_each(|byte| write!(out, "\\x{byte:02x}"))?;
            out.write_str("'")
        }
    }
}

/// The number of at most eight bytes.
fn unsigned(bytes: &[u8], endian: Endian) -> u64 {
    let add = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
    match endian {
        Endian::Little => bytes.iter().rev().fold(0, add),
        Endian::Big => bytes.iter().fold(0, add),
    }
}

fn signed(bytes: &[u8], endian: Endian) -> i64 {
    let unused = u64::BITS.saturating_sub(8_u32.saturating_mul(bytes.len() as u32));
    ((unsigned(bytes, endian) << unused) as i64) >> unused
}
