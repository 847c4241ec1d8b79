//! Array → header and body.
//!
//! Whatever its strides, an array is written as a C-ordered one: Fortran order is the C
//! order of the reversed axes. A contiguous array's own memory is the body; any other
//! is gathered into two buffers of a chunk's size, one while the other is written.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "arrays in memory are cut to pieces, by their own shapes and strides"
)]

use std::fmt;

use ndarray::{Array, ArrayView, ArrayViewD, Axis, CowArray, Dimension, IxDyn, Order, Slice};

use super::Header;
use crate::dtype::{DType, Endian};
use crate::element::{Element, least_at_once};
use crate::error::Result;
use crate::io::Sink;
use crate::parallel;
use crate::sizes::PART;

/// How many bytes are gathered at a time, at most, where elements that are neighbours in memory
/// are far apart in the file.
const MOST_AT_ONCE: usize = 8 << 20;

/// When the next chunk of a strided body is gathered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gather {
    /// While the one before is written, on another thread.
    WhileWriting,
    /// After the one before, because what takes it keeps the other threads busy itself.
    AfterWriting,
}

/// What can be written as an array: a header, and then the body that it describes.
pub(crate) trait Encode {
    /// The array's header, in `order`, or in its own, and in `endian`.
    fn header(&self, order: Option<Order>, endian: Endian) -> Result<Header>;

    /// Passes the body that `header` describes to `sink`, in order: all at once if it is in one
    /// place.
    fn body(&self, header: &Header, gather: Gather, sink: &mut Sink<'_>) -> Result<()>;
}

/// An array on its way to a file: a view of any element type and dimension, or an array that
/// has been made to be saved.
///
/// [`ToNpy`](crate::ToNpy) returns it, and ndarray's views and arrays convert to it.
///
/// # Examples
///
/// See [`ToNpy`](crate::ToNpy).
pub struct Outgoing<'a>(Box<dyn Encode + 'a>);

impl<'a> Outgoing<'a> {
    pub(crate) fn new(array: impl Encode + 'a) -> Self {
        Self(Box::new(array))
    }
}

impl Encode for Outgoing<'_> {
    fn header(&self, order: Option<Order>, endian: Endian) -> Result<Header> {
        self.0.header(order, endian)
    }

    fn body(&self, header: &Header, gather: Gather, sink: &mut Sink<'_>) -> Result<()> {
        self.0.body(header, gather, sink)
    }
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").finish_non_exhaustive()
    }
}

impl<'a, T: Element, D: Dimension + 'a> From<CowArray<'a, T, D>> for Outgoing<'a> {
    fn from(array: CowArray<'a, T, D>) -> Self {
        Self::new(array)
    }
}

impl<'a, T: Element, D: Dimension + 'a> From<ArrayView<'a, T, D>> for Outgoing<'a> {
    fn from(array: ArrayView<'a, T, D>) -> Self {
        Self::new(CowArray::from(array))
    }
}

impl<'a, T: Element + 'a, D: Dimension + 'a> From<Array<T, D>> for Outgoing<'a> {
    fn from(array: Array<T, D>) -> Self {
        Self::new(CowArray::from(array))
    }
}

impl<T: Element, D: Dimension> Encode for CowArray<'_, T, D> {
    fn header(&self, order: Option<Order>, endian: Endian) -> Result<Header> {
        let order = order_in_file(self.shape(), order_in_memory(&self.view()), order);
        let dtype = T::dtype_of(self.view().into_dyn(), endian)?;
        Header::new(dtype, order, self.shape().to_vec())
    }

    fn body(&self, header: &Header, gather: Gather, sink: &mut Sink<'_>) -> Result<()> {
        let array = match header.order {
            Order::F => self.view().reversed_axes().into_dyn(),
            _ => self.view().into_dyn(),
        };
        body(array, &header.dtype, gather, sink)
    }
}

/// The header of an array that was read as it is, to be written in `order`, or in its own.
pub(crate) fn raw_header(header: &Header, order: Option<Order>) -> Result<Header> {
    // To NumPy, items of no size are contiguous however they are ordered.
    let order = match header.nbytes() {
        0 => Order::C,
        _ => order_in_file(&header.shape, header.order, order),
    };
    Header::new(header.dtype.clone(), order, header.shape.clone())
}

/// Passes on the body of an array that was read as it is, which is `bytes`, in `order`.
pub(crate) fn raw_body(
    header: &Header,
    bytes: &[u8],
    order: Order,
    gather: Gather,
    sink: &mut Sink<'_>,
) -> Result<()> {
    if order == header.order || bytes.is_empty() {
        return sink(bytes);
    }
    // The other order is that of the reversed axes, the bytes of each item aside.
    let ndim = header.shape.len();
    let mut shape = header.shape.clone();
    if header.order == Order::F {
        shape.reverse();
    }
    shape.push(header.dtype.itemsize());
    let items = ArrayViewD::from_shape(shape, bytes).expect("the header's own shape");
    let axes: Vec<usize> = (0..ndim).rev().chain([ndim]).collect();
    body(items.permuted_axes(axes), &u8::dtype(Endian::NATIVE), gather, sink)
}

/// The order that an array is written in, as NumPy decides it: by its flags, in which an array
/// with less than two axes of more than one element is contiguous in both orders, and then C.
pub(crate) fn order_in_file(shape: &[usize], in_memory: Order, wanted: Option<Order>) -> Order {
    let is_flat = shape.contains(&0) || shape.iter().filter(|&&len| len > 1).count() < 2;
    if is_flat { Order::C } else { wanted.unwrap_or(in_memory) }
}

/// Fortran order if the array is contiguous in that order alone, else C order.
pub(crate) fn order_in_memory<T, D: Dimension>(array: &ArrayView<'_, T, D>) -> Order {
    Order::column_major(!array.is_standard_layout() && array.t().is_standard_layout())
}

fn body<T: Element>(
    mut array: ArrayViewD<'_, T>,
    dtype: &DType,
    gather: Gather,
    sink: &mut Sink<'_>,
) -> Result<()> {
    if let Some(bytes) = array.to_slice().and_then(|values| T::as_bytes(values, dtype)) {
        return sink(bytes);
    }
    if array.is_empty() || dtype.itemsize() == 0 {
        return Ok(());
    }
    if array.ndim() == 0 {
        array.insert_axis_inplace(Axis(0));
    }
    // Longer lanes are cheaper: let the last axis swallow those that continue it.
    let last = Axis(array.ndim() - 1);
    for axis in (0..last.index()).rev() {
        if !array.merge_axes(Axis(axis), last) {
            break;
        }
    }
    let at_once = least_at_once(&array).clamp(PART, MOST_AT_ONCE);
    let mut parts = parts(array, at_once / dtype.itemsize()).peekable();
    let mut next = |mut chunk: Vec<u8>| {
        if let Some(values) = parts.next() {
            chunk.resize(values.len() * dtype.itemsize(), 0);
            T::encode(values, dtype, &mut chunk);
        }
        (chunk, parts.peek().is_some())
    };
    pass_on(&mut next, gather, sink)
}

/// Passes on the chunks that `next` makes, one or more. It is given a buffer that was used before, and says
/// whether there is another chunk after that.
fn pass_on(
    next: &mut (dyn FnMut(Vec<u8>) -> (Vec<u8>, bool) + Send),
    gather: Gather,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let (mut chunk, mut is_more) = next(Vec::new());
    let mut spare = Vec::new();
    while is_more {
        let next = || next(spare);
        let (written, next) = match gather {
            Gather::WhileWriting => parallel::join(|| sink(&chunk), next),
            Gather::AfterWriting => (sink(&chunk), next()),
        };
        written?;
        spare = chunk;
        (chunk, is_more) = next;
    }
    sink(&chunk)
}

/// Cuts `array` into parts of at most `most` elements, or of one, that follow each other
/// in C order: each a range along one axis, with all of the axes behind it.
fn parts<T>(array: ArrayViewD<'_, T>, most: usize) -> impl Iterator<Item = ArrayViewD<'_, T>> {
    let shape = array.shape();
    let (mut cut, mut row) = (shape.len() - 1, 1);
    while cut > 0 && row * shape[cut] <= most {
        row *= shape[cut];
        cut -= 1;
    }
    let len = shape[cut];
    let rows = (most / row).clamp(1, len);
    ndarray::indices(IxDyn(&shape[..cut])).into_iter().flat_map(move |index| {
        let mut array = array.clone();
        for &at in index.as_array_view() {
            array = array.index_axis_move(Axis(0), at);
        }
        (0..len).step_by(rows).map(move |start| {
            let mut part = array.clone();
            part.slice_axis_inplace(Axis(0), Slice::from(start..len.min(start + rows)));
            part
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::ArrayD;

    #[test]
    fn parts_follow_each_other_and_are_no_larger_than_they_may() {
        for shape in [&[7][..], &[1, 1], &[4, 6], &[3, 1, 5], &[2, 3, 4, 5], &[5, 7, 1]] {
            let len: usize = shape.iter().product();
            let x = ArrayD::from_shape_vec(shape, (0..len).collect()).unwrap();
            let mut reversed = x.view().reversed_axes();
            reversed.invert_axis(Axis(0));
            for view in [x.view(), reversed] {
                for most in 0..=len + 1 {
                    let parts: Vec<_> = parts(view.clone(), most).collect();
                    assert!(parts.iter().all(|part| (1..=most.max(1)).contains(&part.len())));
                    let joined = parts.iter().flat_map(|part| part.iter());
                    assert!(joined.eq(view.iter()), "{shape:?}, {most}");
                    if most >= len {
                        assert_eq!(parts.len(), 1);
                    }
                }
            }
        }
    }
}
