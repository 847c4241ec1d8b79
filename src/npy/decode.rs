//! Header and body → array.

use ndarray::{ArrayBase, DataOwned, Dimension, IxDyn, ShapeBuilder};

use super::{Header, Order};
use crate::dtype::{DType, Endian, Kind};
use crate::element::{self, Body, Element, Numeric};
use crate::error::{Error, ErrorKind, Result, shape_text};
use crate::fill::Fill;

/// Reads the header of an array, and leaves `reader` at its body.
///
/// `size` is how many bytes `reader` holds, where that is known: exactly the array's.
pub(crate) fn open(reader: &mut dyn Fill, size: Option<u64>) -> Result<(Header, Body<'_>)> {
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
            // Less than the header only if a file has grown since its size was taken.
            header.check_body(size.saturating_sub(header_size))?;
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
        return Err(wrong_dtype::<S::Elem>(&header.dtype));
    }
    check_ndim::<D>(&header)?;
    let values = S::Elem::decode(body, &header.dtype, header.len())?;
    in_shape(header, values)
}

/// Reads an array of any numeric dtype as one of another, each value checked.
pub(crate) fn cast<S, D>(header: Header, body: Body<'_>) -> Result<ArrayBase<S, D>>
where
    S: DataOwned<Elem: Numeric>,
    D: Dimension,
{
    check_ndim::<D>(&header)?;
    match element::cast::decode(body, &header.dtype, header.len()) {
        Some(values) => in_shape(header, values?),
        None => Err(wrong_dtype::<S::Elem>(&header.dtype)),
    }
}

fn check_ndim<D: Dimension>(header: &Header) -> Result<()> {
    match D::NDIM.filter(|&ndim| ndim != header.shape.len()) {
        Some(expected) => {
            Err(ErrorKind::WrongNdim { expected, found: header.shape.clone() }.into())
        }
        None => Ok(()),
    }
}

fn in_shape<S: DataOwned, D: Dimension>(
    header: Header,
    values: Vec<S::Elem>,
) -> Result<ArrayBase<S, D>> {
    let is_fortran = header.order == Order::Fortran;
    ArrayBase::from_shape_vec(IxDyn(&header.shape).set_f(is_fortran), values)
        .and_then(ArrayBase::into_dimensionality)
        // An array without elements may have axes whose product ndarray refuses.
        .map_err(|error| {
            Error::unsupported(format!("shape {}: {error}", shape_text(&header.shape)))
        })
}

fn wrong_dtype<T: Element>(found: &DType) -> Error {
    use element::cast::is_numeric;
    let hint = match found {
        _ if !is_numeric(&T::dtype(Endian::NATIVE)) => "",
        found if is_numeric(found) => " (get_cast converts)",
        DType::Scalar(scalar) if scalar.is_long_double() => {
            " (C's long double, which differs between machines; Raw has its bytes)"
        }
        DType::Scalar(scalar) if (scalar.kind(), scalar.itemsize()) == (Kind::Float, 2) => {
            " (the feature `half` reads it)"
        }
        _ => "",
    };
    let (expected, found) = (T::expected(found), found.to_string());
    ErrorKind::WrongDtype { expected, found, hint }.into()
}
