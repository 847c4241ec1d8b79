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

/// Produces a body of elements of a dtype.
type Emit<'a> = dyn Fn(&DType, Gather, &mut Sink<'_>) -> Result<()> + 'a;

/// When the next chunk of a strided body is gathered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gather {
    /// While the one before is written, on another thread.
    WhileWriting,
    /// After the one before, because what takes it keeps the other threads busy itself.
    AfterWriting,
}

/// How an [`Outgoing`] array is prepared, in an order and a byte order.
type Encode<'a> = dyn FnOnce(Option<Order>, Endian) -> Result<Encoded<'a>> + 'a;

/// An array on its way to a file: a view of any element type and dimension, or an array that
/// has been made to be saved.
///
/// [`ToNpy`](crate::ToNpy) returns it, and ndarray's views and arrays convert to it.
///
/// # Examples
///
/// See [`ToNpy`](crate::ToNpy).
pub struct Outgoing<'a>(Box<Encode<'a>>);

impl<'a> Outgoing<'a> {
    /// An array that `encode` prepares.
    pub(crate) fn new(
        encode: impl FnOnce(Option<Order>, Endian) -> Result<Encoded<'a>> + 'a,
    ) -> Self {
        Self(Box::new(encode))
    }

    /// Prepares the array to be written. With no order it keeps its own.
    pub(crate) fn encode(self, order: Option<Order>, endian: Endian) -> Result<Encoded<'a>> {
        (self.0)(order, endian)
    }
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").finish_non_exhaustive()
    }
}

impl<'a, T: Element, D: Dimension + 'a> From<CowArray<'a, T, D>> for Outgoing<'a> {
    fn from(array: CowArray<'a, T, D>) -> Self {
        Self::new(|order, endian| encode(array, order, endian))
    }
}

impl<'a, T: Element, D: Dimension + 'a> From<ArrayView<'a, T, D>> for Outgoing<'a> {
    fn from(array: ArrayView<'a, T, D>) -> Self {
        CowArray::from(array).into()
    }
}

impl<'a, T: Element + 'a, D: Dimension + 'a> From<Array<T, D>> for Outgoing<'a> {
    fn from(array: Array<T, D>) -> Self {
        CowArray::from(array).into()
    }
}

/// An array ready to be written: its header, and a way to produce its body.
pub(crate) struct Encoded<'a> {
    pub(crate) header: Header,
    body: Box<Emit<'a>>,
}

impl Encoded<'_> {
    /// The same bytes under the name of another dtype of the same size.
    pub(crate) fn with_dtype(self, dtype: DType) -> Self {
        Self { header: self.header.with_dtype(dtype), ..self }
    }

    /// Passes the body to `sink`, in order: all at once if it is in one place.
    pub(crate) fn body(&self, gather: Gather, sink: &mut Sink<'_>) -> Result<()> {
        (self.body)(&self.header.dtype, gather, sink)
    }
}

/// Prepares `array` to be written in `order`, or in its own, and in `endian`.
fn encode<'a, T: Element, D: Dimension>(
    array: CowArray<'a, T, D>,
    order: Option<Order>,
    endian: Endian,
) -> Result<Encoded<'a>> {
    let order = order_in_file(array.shape(), order_in_memory(&array.view()), order);
    let shape = array.shape().to_vec();
    let array = match order {
        Order::F => array.reversed_axes().into_dyn(),
        _ => array.into_dyn(),
    };
    let header = Header::new(T::dtype_of(array.view(), endian)?, order, shape)?;
    header.check_axes()?;
    Ok(Encoded {
        header,
        body: Box::new(move |dtype, gather, sink| body(array.view(), dtype, gather, sink)),
    })
}

/// Prepares the body of an array that was read as it is to be written in `order`, or in its own.
pub(crate) fn encode_raw<'a>(
    header: &Header,
    bytes: &'a [u8],
    order: Option<Order>,
) -> Result<Encoded<'a>> {
    // To NumPy, items of no size are contiguous however they are ordered.
    let order = match bytes.is_empty() {
        true => Order::C,
        false => order_in_file(&header.shape, header.order, order),
    };
    let new = Header::new(header.dtype.clone(), order, header.shape.clone())?;
    new.check_axes()?;
    let emit: Box<Emit<'a>> = if order == header.order || bytes.is_empty() {
        Box::new(|_, _, sink| sink(bytes))
    } else {
        // The other order is that of the reversed axes, the bytes of each item aside.
        let ndim = header.shape.len();
        let mut shape = header.shape.clone();
        if header.order == Order::F {
            shape.reverse();
        }
        shape.push(header.dtype.itemsize());
        let items = ArrayViewD::from_shape(shape, bytes).expect("the header's own shape");
        let axes: Vec<usize> = (0..ndim).rev().chain([ndim]).collect();
        let items = items.permuted_axes(axes);
        let byte = u8::dtype(Endian::NATIVE);
        Box::new(move |_, gather, sink| body(items.view(), &byte, gather, sink))
    };
    Ok(Encoded { header: new, body: emit })
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
    let mut parts = parts(array, at_once / dtype.itemsize());
    let encode = |values: ArrayViewD<'_, T>, mut chunk: Vec<u8>| {
        chunk.resize(values.len() * dtype.itemsize(), 0);
        T::encode(values, dtype, &mut chunk);
        chunk
    };
    let mut chunk = parts.next().map_or_else(Vec::new, |values| encode(values, Vec::new()));
    let mut spare = Vec::new();
    for values in parts {
        let next = || encode(values, spare);
        let (written, next) = match gather {
            Gather::WhileWriting => parallel::join(|| sink(&chunk), next),
            Gather::AfterWriting => (sink(&chunk), next()),
        };
        written?;
        (chunk, spare) = (next, chunk);
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
