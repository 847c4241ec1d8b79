//! Bytes in memory → view of the array that they are.

use ndarray::{ArrayView, ArrayViewMut, Dimension};

use super::decode::{check_dtype, check_ndim, in_shape};
use super::{Header, Incoming};
use crate::element::ViewElement;
use crate::error::Result;
use crate::limits::Limits;

/// The array that `bytes` are, header and body.
pub(super) fn view<'a, A: ViewElement, D: Dimension>(
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<ArrayView<'a, A, D>> {
    let (header, body) = header::<A, D>(bytes, limits)?;
    let (_, body) = bytes.split_at(body);
    let values = A::from_bytes(body, &header.dtype)?;
    in_shape(&header, |shape| ArrayView::from_shape(shape, values))
}

/// The same, to be changed.
pub(crate) fn view_mut<A: ViewElement, D: Dimension>(
    bytes: &mut [u8],
) -> Result<ArrayViewMut<'_, A, D>> {
    let (header, body) = header::<A, D>(bytes, &Limits::DEFAULT)?;
    let (_, body) = bytes.split_at_mut(body);
    let values = A::from_bytes_mut(body, &header.dtype)?;
    in_shape(&header, |shape| ArrayViewMut::from_shape(shape, values))
}

/// The header, which is one of such an array, and where the body starts.
fn header<A: ViewElement, D: Dimension>(bytes: &[u8], limits: &Limits) -> Result<(Header, usize)> {
    let mut body = bytes;
    let header = Incoming::open(&mut body, Some(bytes.len() as u64), limits)?.header;
    check_dtype::<A>(&header.dtype)?;
    check_ndim(D::NDIM, &header)?;
    Ok((header, bytes.len().saturating_sub(body.len())))
}
