//! Slice of an array → the part of its body that it takes.

use ndarray::{Order, SliceInfoElem};

use super::{Header, Incoming};
use crate::element::{Body, Element, LoadElement};
use crate::error::{Error, ErrorKind, Result, shape_text};
use crate::io::Stream;
use crate::io::{Loop, StridedRanges};
use crate::limits::Limits;
use crate::{DType, Endian};

/// A slice of an array that only its header is known of: an array too, of some of the
/// bytes.
pub(crate) struct Slice {
    header: Header,
    ranges: StridedRanges,
    /// Whether that is all of the body.
    is_whole: bool,
    /// Its axes as they lie in the file, the one along which elements are neighbours last.
    axes: Vec<Axis>,
}

/// What a slice takes of an axis, in ascending order.
#[derive(Clone, Copy)]
struct Axis {
    start: usize,
    step: usize,
    count: usize,
    /// Whether what it takes comes in descending order.
    is_reversed: bool,
}

impl Slice {
    /// The slice of the array that `header` describes: what ndarray's `slice` would give,
    /// or an error where that would panic.
    pub(crate) fn new(header: &Header, slice: &[SliceInfoElem]) -> Result<Self> {
        let is_axis = |elem: &&SliceInfoElem| !matches!(elem, SliceInfoElem::NewAxis);
        let ndim = slice.iter().filter(is_axis).count();
        if ndim != header.shape.len() {
            let (expected, shape) = (header.shape.len(), shape_text(&header.shape));
            return Err(invalid(format!(
                "expected a slice with {expected} axes, for shape {shape}, found one with {ndim}"
            )));
        }
        let mut lens = header.shape.iter().enumerate();
        let (mut shape, mut axes) = (Vec::new(), Vec::new());
        for elem in slice {
            if let SliceInfoElem::NewAxis = elem {
                shape.push(1);
            } else if let Some((index, &len)) = lens.next() {
                let axis = Axis::new(*elem, len).map_err(|problem| {
                    invalid(format!("{problem} axis {index} of length {len}"))
                })?;
                axes.push((axis, len));
                if !matches!(elem, SliceInfoElem::Index(_)) {
                    shape.push(axis.count);
                }
            }
        }
        if header.order == Order::F {
            axes.reverse();
        }
        let ranges = ranges(&axes, header.dtype.itemsize());
        let axes = axes.into_iter().map(|(axis, _)| axis).collect();
        let is_whole = ranges.total() == header.nbytes();
        let header = Header::new(header.dtype.clone(), header.order, shape)?;
        Ok(Self { header, ranges, is_whole, axes })
    }

    /// Whether it takes all of the array's body.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Where its bytes are in the array's body.
    pub(crate) fn ranges(&self) -> &StridedRanges {
        &self.ranges
    }

    /// Makes something of it; `reader` has the bytes of its ranges.
    pub(crate) fn read<T>(
        self,
        reader: &mut dyn Stream,
        limits: &Limits,
        make: impl FnOnce(Incoming<'_>) -> Result<T>,
    ) -> Result<T> {
        if self.axes.iter().all(|axis| !axis.is_reversed) {
            let body = Body::known(reader).limited(limits);
            return make(Incoming { header: self.header, body });
        }
        let len = self.header.nbytes() as usize; // checked to be one
        limits.check_array(self.header.nbytes())?;
        let mut bytes = u8::decode(Body::known(reader), &u8::dtype(Endian::NATIVE), len)?;
        reverse(&mut bytes, &self.axes, &self.header.dtype);
        let mut bytes = &bytes[..];
        let body = Body::known(&mut bytes).limited(limits);
        make(Incoming { header: self.header, body })
    }
}

impl Axis {
    /// What `elem`, which is no new axis, takes of an axis of length `len`.
    fn new(elem: SliceInfoElem, len: usize) -> Result<Self, String> {
        // Negative ones are counted from the end.
        let absolute = |index: isize| match usize::try_from(index) {
            Ok(index) => Some(index),
            Err(_) => len.checked_sub(index.unsigned_abs()),
        };
        let (start, end, step) = match elem {
            SliceInfoElem::Slice { start, end, step } => (start, end, step),
            SliceInfoElem::Index(index) => {
                let start = absolute(index).filter(|&index| index < len);
                let start = start.ok_or_else(|| format!("index {index} is outside"))?;
                return Ok(Self { start, step: 1, count: 1, is_reversed: false });
            }
            SliceInfoElem::NewAxis => return Err("there is nothing to take of a new".to_owned()),
        };
        let outside = || match end {
            Some(end) => format!("{start}..{end} reaches beyond"),
            None => format!("{start}.. reaches beyond"),
        };
        let first = absolute(start).filter(|&start| start <= len).ok_or_else(outside)?;
        let end = end.map_or(Some(len), absolute).ok_or_else(outside)?.max(first);
        if end > len {
            return Err(outside());
        }
        let taken = end.saturating_sub(first);
        let (is_reversed, step) = (step < 0, step.unsigned_abs());
        if step == 0 {
            return Err("a step of 0 along".to_owned());
        }
        let count = taken.div_ceil(step);
        // In descending order the last one is taken first.
        let skipped = match taken.checked_sub(1) {
            Some(last) if is_reversed => last.checked_rem(step).unwrap_or(0),
            _ => 0,
        };
        Ok(Self { start: first.saturating_add(skipped), step, count, is_reversed })
    }
}

/// The bytes that are taken of axes of these lengths, the last one's being neighbours.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "if something is taken, no axis is empty, and the array's header has been checked"
)]
fn ranges(axes: &[(Axis, usize)], itemsize: usize) -> StridedRanges {
    if axes.iter().any(|(axis, _)| axis.count == 0) {
        return StridedRanges::new(0, 0, Vec::new());
    }
    let (mut start, mut len, mut loops) = (0, itemsize, Vec::new());
    // From one index to the next of the axis at hand.
    let mut stride = itemsize;
    for &(axis, axis_len) in axes.iter().rev() {
        start += axis.start as u64 * stride as u64;
        let is_one_range = loops.is_empty() && len == stride;
        if is_one_range && axis.step == 1 {
            len *= axis.count;
        } else if axis.count > 1 {
            loops.insert(0, Loop { count: axis.count, step: axis.step as u64 * stride as u64 });
        }
        stride *= axis_len;
    }
    StridedRanges::new(start, len, loops)
}

/// Turns round the axes that come in descending order.
fn reverse(bytes: &mut [u8], axes: &[Axis], dtype: &DType) {
    if bytes.is_empty() {
        return;
    }
    let mut inner = dtype.itemsize();
    for axis in axes.iter().rev() {
        // Not more than there are bytes.
        let whole = inner.saturating_mul(axis.count);
        if axis.is_reversed && axis.count > 1 {
            bytes.chunks_exact_mut(whole).for_each(|items| reverse_items(items, inner));
        }
        inner = whole;
    }
}

/// Turns round the order of items of `size` bytes.
fn reverse_items(items: &mut [u8], size: usize) {
    match size {
        1 => return items.reverse(),
        2 => return items.as_chunks_mut::<2>().0.reverse(),
        4 => return items.as_chunks_mut::<4>().0.reverse(),
        8 => return items.as_chunks_mut::<8>().0.reverse(),
        16 => return items.as_chunks_mut::<16>().0.reverse(),
        _ => {}
    }
    let mut rest = items;
    while let Some((first, others)) = rest.split_at_mut_checked(size)
        && let Some(end) = others.len().checked_sub(size)
    {
        let (between, last) = others.split_at_mut(end);
        first.swap_with_slice(last);
        rest = between;
    }
}

fn invalid(problem: String) -> Error {
    ErrorKind::InvalidSlice { problem }.into()
}
