//! Bytes in memory → view of the array that they are.

#[cfg(feature = "mmap")]
use ndarray::ArrayViewMut;
use ndarray::{ArrayView, Dimension};

use super::Header;
use super::decode::{check_dtype, check_ndim, in_shape};
use crate::element::Element;
use crate::error::Result;
use crate::limits::Limits;

/// The array that `bytes` are, header and body.
pub(crate) fn view<'a, A: Element, D: Dimension>(
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<ArrayView<'a, A, D>> {
    let (header, body) = header::<A, D>(bytes, limits)?;
    let (_, body) = bytes.split_at(body);
    let values = A::from_bytes(body, &header.dtype)?;
    in_shape(&header, |shape| ArrayView::from_shape(shape, values))
}

/// The same, to be changed.
#[cfg(feature = "mmap")]
pub(crate) fn view_mut<A: Element, D: Dimension>(
    bytes: &mut [u8],
) -> Result<ArrayViewMut<'_, A, D>> {
    let (header, body) = header::<A, D>(bytes, &Limits::DEFAULT)?;
    let (_, body) = bytes.split_at_mut(body);
    let values = A::from_bytes_mut(body, &header.dtype)?;
    in_shape(&header, |shape| ArrayViewMut::from_shape(shape, values))
}

/// The header, which is one of such an array, and where the body starts.
fn header<A: Element, D: Dimension>(bytes: &[u8], limits: &Limits) -> Result<(Header, usize)> {
    let mut body = bytes;
    let (header, _) = super::open(&mut body, Some(bytes.len() as u64), limits)?;
    check_dtype::<A>(&header.dtype)?;
    check_ndim::<D>(&header)?;
    Ok((header, bytes.len().saturating_sub(body.len())))
}
