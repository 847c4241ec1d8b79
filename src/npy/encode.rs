//! Array → header and body.
//!
//! Whatever its strides, an array is written as a C-ordered one: Fortran order is the C
//! order of the reversed axes. A contiguous array's own memory is the body; any other
//! is gathered, lane by lane, into one buffer of a chunk's size.

use ndarray::{ArrayView, ArrayView1, ArrayViewD, Axis, CowArray, Dimension};

use super::{Header, Order};
use crate::dtype::{DType, Endian};
use crate::element::{CHUNK, Element};
use crate::error::Result;

/// Takes the next bytes of a body.
type Sink<'s> = dyn FnMut(&[u8]) -> Result<()> + 's;

/// Produces a body of elements of a dtype.
type Emit<'a> = dyn Fn(&DType, &mut Sink<'_>) -> Result<()> + 'a;

/// An array ready to be written: its header, and a way to produce its body.
pub struct Encoded<'a> {
    pub(crate) header: Header,
    body: Box<Emit<'a>>,
}

impl Encoded<'_> {
    /// The same bytes under the name of another dtype of the same size.
    pub(crate) fn with_dtype(self, dtype: DType) -> Self {
        Self { header: self.header.with_dtype(dtype), ..self }
    }

    /// Passes the body to `sink`, in order, in chunks.
    pub(crate) fn body(&self, sink: &mut Sink<'_>) -> Result<()> {
        (self.body)(&self.header.dtype, sink)
    }
}

/// Prepares `array` to be written in `order` and `endian`.
pub(crate) fn encode<'a, T: Element, D: Dimension>(
    array: CowArray<'a, T, D>,
    order: Order,
    endian: Endian,
) -> Result<Encoded<'a>> {
    let order = order_in_file(array.shape(), order_in_memory(&array.view()), order);
    let shape = array.shape().to_vec();
    let array = match order {
        Order::Fortran => array.reversed_axes().into_dyn(),
        _ => array.into_dyn(),
    };
    let header = Header::new(T::dtype_of(array.view(), endian)?, order, shape)?;
    Ok(Encoded { header, body: Box::new(move |dtype, sink| body(array.view(), dtype, sink)) })
}

/// Prepares the body of an array that was read as it is to be written in `order`.
pub(crate) fn encode_raw<'a>(
    header: &Header,
    bytes: &'a [u8],
    order: Order,
) -> Result<Encoded<'a>> {
    // To NumPy, items of no size are contiguous however they are ordered.
    let order = match bytes.is_empty() {
        true => Order::C,
        false => order_in_file(&header.shape, header.order, order),
    };
    let new = Header::new(header.dtype.clone(), order, header.shape.clone())?;
    let emit: Box<Emit<'a>> = if order == header.order || bytes.is_empty() {
        Box::new(|_, sink| bytes.chunks(CHUNK).try_for_each(sink))
    } else {
        // The other order is that of the reversed axes, the bytes of each item aside.
        let ndim = header.shape.len();
        let mut shape = header.shape.clone();
        if header.order == Order::Fortran {
            shape.reverse();
        }
        shape.push(header.dtype.itemsize());
        let items = ArrayViewD::from_shape(shape, bytes).expect("the header's own shape");
        let axes: Vec<usize> = (0..ndim).rev().chain([ndim]).collect();
        let items = items.permuted_axes(axes);
        let byte = u8::dtype(Endian::NATIVE);
        Box::new(move |_, sink| body(items.view(), &byte, sink))
    };
    Ok(Encoded { header: new, body: emit })
}

/// `C` or `Fortran`, as NumPy decides it: by its flags, in which an array with less than
/// two axes of more than one element is contiguous in both orders, and then C.
pub(crate) fn order_in_file(shape: &[usize], in_memory: Order, wanted: Order) -> Order {
    let is_flat = shape.contains(&0) || shape.iter().filter(|&&len| len > 1).count() < 2;
    match wanted {
        _ if is_flat => Order::C,
        Order::Keep => in_memory,
        _ => wanted,
    }
}

/// `Fortran` if the array is contiguous in that order alone, else `C`.
pub(crate) fn order_in_memory<T, D: Dimension>(array: &ArrayView<'_, T, D>) -> Order {
    match !array.is_standard_layout() && array.t().is_standard_layout() {
        true => Order::Fortran,
        false => Order::C,
    }
}

fn body<T: Element>(
    mut array: ArrayViewD<'_, T>,
    dtype: &DType,
    sink: &mut Sink<'_>,
) -> Result<()> {
    if let Some(values) = array.to_slice() {
        return match T::as_bytes(values, dtype) {
            Some(bytes) => bytes.chunks(CHUNK).try_for_each(sink),
            None => gather([ArrayView1::from(values)], dtype, sink),
        };
    }
    // Longer lanes are cheaper: let the last axis swallow those that continue it.
    let last = Axis(array.ndim() - 1);
    for axis in (0..last.index()).rev() {
        if !array.merge_axes(Axis(axis), last) {
            break;
        }
    }
    gather(array.lanes(last), dtype, sink)
}

/// Encodes the elements of `lanes`, one after the other, chunk by chunk.
fn gather<'a, T: Element + 'a>(
    lanes: impl IntoIterator<Item = ArrayView1<'a, T>>,
    dtype: &DType,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let itemsize = dtype.itemsize();
    let mut chunk = vec![0; CHUNK.max(itemsize)];
    let mut filled = 0;
    for mut lane in lanes {
        while !lane.is_empty() {
            let room = (chunk.len() - filled) / itemsize;
            if room == 0 {
                sink(&chunk[..filled])?;
                filled = 0;
                continue;
            }
            let (next, rest) = lane.split_at(Axis(0), room.min(lane.len()));
            let end = filled + next.len() * itemsize;
            T::encode(next, dtype, &mut chunk[filled..end]);
            (filled, lane) = (end, rest);
        }
    }
    sink(&chunk[..filled])
}
