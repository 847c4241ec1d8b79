//! Header and body → array.

use std::borrow::Cow;
use std::fmt;

use ndarray::{
    ArrayBase, ArrayViewMut, DataOwned, Dimension, IxDyn, Order, RawData, Shape, ShapeBuilder,
    ShapeError,
};

use super::Header;
use crate::dtype::calendar::{Count, NAT};
use crate::dtype::{DType, Endian};
use crate::element::cast::{self, is_numeric};
use crate::element::{Body, LoadElement, Numeric, items_at_once};
use crate::error::{Error, ErrorKind, GET_CAST, Result, shape_text};
use crate::io::Stream;
use crate::limits::Limits;
use crate::object;

/// An array on its way from a file: its header has been read, its elements have not.
///
/// [`FromNpy`](crate::FromNpy) takes it. An implementation of yours passes it on to that of an
/// array of ndarray.
///
/// # Examples
///
/// See [`FromNpy`](crate::FromNpy).
pub struct Incoming<'a> {
    pub(crate) header: Header,
    pub(crate) body: Body<'a>,
}

impl Incoming<'_> {
    /// The type of its elements: `ndarray.dtype`.
    pub fn dtype(&self) -> &DType {
        &self.header.dtype
    }

    /// The lengths of its axes: `ndarray.shape`.
    pub fn shape(&self) -> &[usize] {
        &self.header.shape
    }

    /// The order of its elements in the file.
    pub fn order(&self) -> Order {
        self.header.order
    }
}

impl fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("dtype", self.dtype())
            .field("shape", &self.shape())
            .field("order", &self.order())
            .finish_non_exhaustive()
    }
}

impl<'a> Incoming<'a> {
    /// Reads the header of an array, and leaves `reader` at its body.
    ///
    /// `size` is how many bytes `reader` holds, where that is known: exactly the array's.
    pub(crate) fn open(
        reader: &'a mut dyn Stream,
        size: Option<u64>,
        limits: &Limits,
    ) -> Result<Self> {
        let (header, preamble) = Header::read(reader, limits)?;
        let body = match size {
            Some(size) => {
                // Less than the header only if a file has grown since its size was taken.
                header.check_body(size.saturating_sub(preamble.size))?;
                Body::known(reader).alone()
            }
            None => Body::unknown(reader),
        };
        Ok(Self { header, body: body.limited(limits) })
    }

    /// Its header, if its elements can be had one by one.
    pub(super) fn header_of_elements(self) -> Result<Header> {
        if self.header.dtype.has_object() {
            return Err(Error::unsupported(
                "its elements are Python objects, which are loaded together by `get`",
            ));
        }
        Ok(self.header)
    }

    /// Reads the array into an allocation of its own, in the order of the file.
    pub(crate) fn decode<S, D>(self) -> Result<ArrayBase<S, D>>
    where
        S: DataOwned<Elem: LoadElement>,
        D: Dimension,
    {
        if self.dtype().has_object() {
            return object::decode(self);
        }
        let Self { header, body } = self;
        check_dtype::<S::Elem>(&header.dtype)?;
        check_ndim(D::NDIM, &header)?;
        body.check_limits::<S::Elem>(&header.dtype, header.len())?;
        let values = S::Elem::decode(body, &header.dtype, header.len())?;
        in_shape(&header, |shape| ArrayBase::from_shape_vec(shape, values))
    }

    /// Reads the array into `out`, which has its shape and any strides.
    pub(crate) fn decode_into<A, D>(self, out: ArrayViewMut<'_, A, D>) -> Result<()>
    where
        A: LoadElement,
        D: Dimension,
    {
        let Self { header, mut body } = self;
        check_dtype::<A>(&header.dtype)?;
        if header.shape != out.shape() {
            let (expected, found) = (out.shape().to_vec(), header.shape);
            return Err(ErrorKind::WrongShape { expected, found }.into());
        }
        let mut out = if header.order == Order::F { out.reversed_axes() } else { out };
        if let Some(values) = out.as_slice_mut()
            && let Some(filled) = A::fill(values, &header.dtype, &mut body)
        {
            return filled;
        }
        let at_once = items_at_once(header.dtype.itemsize());
        let mut places = out.iter_mut();
        for start in (0..header.len()).step_by(at_once) {
            let len = at_once.min(header.len().saturating_sub(start));
            let values = A::decode(body.by_ref(), &header.dtype, len);
            let values = values.map_err(|error| error.further(start))?;
            values.into_iter().zip(&mut places).for_each(|(value, place)| *place = value);
        }
        Ok(())
    }

    /// Reads the array, of any numeric dtype, as one of another, each value checked.
    pub(crate) fn cast<S, D>(self) -> Result<ArrayBase<S, D>>
    where
        S: DataOwned<Elem: Numeric>,
        D: Dimension,
    {
        if self.dtype().has_object() {
            return object::cast(self);
        }
        let Self { header, body } = self;
        check_ndim(D::NDIM, &header)?;
        body.check_memory(header.len(), size_of::<S::Elem>())?;
        let values = cast::decode(body, &header.dtype, header.len());
        let values = values.unwrap_or_else(|| Err(no_numbers(header.dtype.clone())))?;
        in_shape(&header, |shape| ArrayBase::from_shape_vec(shape, values))
    }
}

pub(super) fn check_dtype<A: LoadElement>(dtype: &DType) -> Result<()> {
    if A::accepts(dtype) { Ok(()) } else { Err(wrong_dtype::<A>(dtype)) }
}

/// `ndim` is that of the type of the array, unless it may have any.
pub(super) fn check_ndim(ndim: Option<usize>, header: &Header) -> Result<()> {
    match ndim.filter(|&ndim| ndim != header.shape.len()) {
        Some(expected) => {
            Err(ErrorKind::WrongNdim { expected, found: header.shape.clone() }.into())
        }
        None => Ok(()),
    }
}

/// The array that `make` makes in the shape and order of the file.
pub(crate) fn in_shape<S: RawData, D: Dimension>(
    header: &Header,
    make: impl FnOnce(Shape<IxDyn>) -> Result<ArrayBase<S, IxDyn>, ShapeError>,
) -> Result<ArrayBase<S, D>> {
    make(IxDyn(&header.shape).set_f(header.order == Order::F))
        .and_then(ArrayBase::into_dimensionality)
        // It refuses nothing that `Header::new` does not.
        .map_err(|error| {
            Error::unsupported(format!("shape {}: {error}", shape_text(&header.shape)))
        })
}

fn wrong_dtype<T: LoadElement>(found: &DType) -> Error {
    let is_number = is_numeric(&T::dtype(Endian::NATIVE));
    let hint = match found {
        found if found.has_object() => Some("`get` loads Python objects".into()),
        found if is_number && is_numeric(found) => Some(GET_CAST.into()),
        found if is_number => why_no_number(found),
        DType::Scalar(scalar)
            if T::from_count(Count { value: NAT, kind: scalar.kind() }).is_some() =>
        {
            Some("AnyArray::as_array converts units of time".into())
        }
        _ => None,
    };
    ErrorKind::WrongDtype { expected: T::expected(found), found: found.clone(), hint }.into()
}

/// The error for an array of anything but numbers, or of numbers that Rust does not have.
fn no_numbers(found: DType) -> Error {
    let (expected, hint) = ("numbers".to_owned(), why_no_number(&found));
    ErrorKind::WrongDtype { expected, found, hint }.into()
}

fn why_no_number(found: &DType) -> Option<Cow<'static, str>> {
    match found {
        DType::Scalar(scalar) if scalar.is_long_double() => {
            Some("C's long double, which differs between machines; Raw has its bytes".into())
        }
        _ => None,
    }
}
