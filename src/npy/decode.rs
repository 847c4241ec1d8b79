//! Header and body → array.

use std::io::Read;

use ndarray::{ArrayBase, DataOwned, Dimension, IxDyn, ShapeBuilder};

use super::{Header, Order};
use crate::element::{Body, Element};
use crate::error::{Error, ErrorKind, Result, shape_text};

/// Reads the header of an array, and leaves `reader` at its body.
///
/// `size` is how many bytes `reader` holds, where that is known: exactly the array's.
pub(crate) fn open(reader: &mut dyn Read, size: Option<u64>) -> Result<(Header, Body<'_>)> {
    let (header, header_size) = Header::read(reader)?;
    if header.dtype.has_object() {
        return Err(Error::unsupported(format!(
            "it holds Python objects (dtype {}), which are stored as a pickle and never loaded; \
             save it again from Python with a fixed dtype",
            header.dtype
        )));
    }
    match size {
        Some(size) => {
            header.check_body(size - header_size)?;
            Ok((header, Body::known(reader)))
        }
        None => Ok((header, Body::unknown(reader))),
    }
}

/// Reads an array into an allocation of its own, in the order of the file.
pub(crate) fn decode<S, D>(header: Header, body: Body<'_>) -> Result<ArrayBase<S, D>>
where
    S: DataOwned<Elem: Element>,
    D: Dimension,
{
    if !S::Elem::accepts(&header.dtype) {
        let (expected, found) = (S::Elem::expected(&header.dtype), format!("{}", header.dtype));
        return Err(ErrorKind::WrongDtype { expected, found }.into());
    }
    if let Some(expected) = D::NDIM.filter(|&ndim| ndim != header.shape.len()) {
        return Err(ErrorKind::WrongNdim { expected, found: header.shape }.into());
    }
    let shape = shape_text(&header.shape);
    // An array without elements may have axes so long that ndarray refuses their product.
    let refused = |error| Error::unsupported(format!("shape {shape}: {error}"));
    let values = S::Elem::decode(body, &header.dtype, header.len())?;
    let is_fortran = header.order == Order::Fortran;
    ArrayBase::from_shape_vec(IxDyn(&header.shape).set_f(is_fortran), values)
        .and_then(ArrayBase::into_dimensionality)
        .map_err(refused)
}
