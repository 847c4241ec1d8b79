//! Arrays and their elements as text, much as NumPy's `repr`.

use std::fmt;

use crate::dtype::calendar::Count;
use crate::dtype::{DType, Endian, Kind, Scalar, literal::repr};
use crate::element::strip_nul;
use crate::error::shape_text;

/// As NumPy's print options: an array of more elements than this is shortened to so many
/// at each end of each axis.
const THRESHOLD: usize = 1000;
const EDGE: usize = 3;

/// Writes `array([[1, 2], [3, 4]], dtype='<i8')`; `item` gives the text of the element at
/// an index.
pub(super) fn array(
    f: &mut fmt::Formatter<'_>,
    dtype: &DType,
    shape: &[usize],
    item: &dyn Fn(&[usize]) -> String,
) -> fmt::Result {
    let len = shape.iter().try_fold(1_usize, |len, &axis| len.checked_mul(axis));
    let edge = if len.is_none_or(|len| len > THRESHOLD) { EDGE } else { THRESHOLD };
    if shape.contains(&0) {
        return write!(f, "array([], shape={}, dtype={})", shape_text(shape), dtype.to_literal());
    }
    // Once to measure, once to write in columns.
    let mut width = 0;
    nested(shape, &mut Vec::new(), edge, &mut |index| {
        width = item(index).chars().count().max(width);
        String::new()
    });
    let text =
        nested(shape, &mut Vec::new(), edge, &mut |index| format!("{:>width$}", item(index)));
    write!(f, "array({text}, dtype={})", dtype.to_literal())
}

/// The elements at and below `index`, in brackets: `[1, 2, 3]`.
fn nested(
    shape: &[usize],
    index: &mut Vec<usize>,
    edge: usize,
    item: &mut dyn FnMut(&[usize]) -> String,
) -> String {
    let depth = index.len();
    let Some(&len) = shape.get(depth) else { return item(index) };
    let tail = len.saturating_sub(edge);
    let is_short = tail > edge;
    let (head, tail) = if is_short { (edge, tail) } else { (len, len) };
    let mut parts = Vec::new();
    for at in (0..head).chain(tail..len) {
        if is_short && at == tail {
            parts.push("...".to_owned());
        }
        index.push(at);
        parts.push(nested(shape, index, edge, item));
        index.pop();
    }
    let separator = match shape.len().saturating_sub(depth) {
        0 | 1 => ", ".to_owned(),
        // Below each other, with an empty line between planes, under `array([`.
        below => {
            let indent = "array([".len().saturating_add(depth);
            format!(",{}{:indent$}", "\n".repeat(below.saturating_sub(1)), "")
        }
    };
    format!("[{}]", parts.join(&separator))
}

/// One element, whose bytes are of `dtype`.
pub(super) fn item(dtype: &DType, bytes: &[u8]) -> String {
    match dtype {
        DType::Scalar(dtype) => scalar(dtype, bytes),
        // Of items without a size there could be any number.
        DType::Subarray(subarray) if subarray.itemsize() == 0 => "[]".to_owned(),
        DType::Subarray(subarray) => {
            let (base, shape) = (subarray.base(), subarray.shape());
            nested(shape, &mut Vec::new(), usize::MAX, &mut |index| {
                item(base, item_at(index.iter().zip(shape), base.itemsize(), bytes))
            })
        }
        DType::Record(record) => {
            let fields = record.fields().iter();
            let fields: Vec<_> = fields.map(|field| item(field.dtype(), field.of(bytes))).collect();
            match &fields[..] {
                [only] => format!("({only},)"),
                _ => format!("({})", fields.join(", ")),
            }
        }
    }
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

fn scalar(dtype: &Scalar, bytes: &[u8]) -> String {
    let endian = dtype.endian().unwrap_or(Endian::NATIVE);
    let bits = |bytes: &[u8]| unsigned(bytes, endian);
    let float = |bytes: &[u8]| match bytes.len() {
        4 => format!("{:?}", f32::from_bits(bits(bytes) as u32)),
        _ => format!("{:?}", f64::from_bits(bits(bytes))),
    };
    match (dtype.kind(), dtype.itemsize()) {
        (Kind::Bool, _) => if bytes == [0] { "False" } else { "True" }.to_owned(),
        (Kind::Uint, _) => bits(bytes).to_string(),
        (Kind::Int, _) => signed(bytes, endian).to_string(),
        #[cfg(feature = "half")]
        (Kind::Float, 2) => format!("{:?}", half::f16::from_bits(bits(bytes) as u16)),
        (Kind::Float, 4 | 8) => float(bytes),
        (Kind::Complex, 8 | 16) => {
            let (re, im) = bytes.split_at(bytes.len() / 2);
            let im = float(im);
            let sign = if im.starts_with('-') { "" } else { "+" };
            format!("({}{sign}{im}j)", float(re))
        }
        (Kind::Str, _) => {
            let code_points = bytes.chunks_exact(4).map(|bytes| bits(bytes) as u32);
            let text =
                code_points.map(|c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER));
            repr(text.collect::<String>().trim_end_matches('\0'))
        }
        (Kind::Bytes, _) => {
            format!("b'{}'", strip_nul(bytes).escape_ascii())
        }
        (kind @ (Kind::Datetime(_) | Kind::Timedelta(_)), _) => {
            format!("'{}'", Count { value: signed(bytes, endian), kind }.text())
        }
        // Void, and numbers that Rust has not: their bytes.
        _ => {
            format!("b'{}'", bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>())
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
