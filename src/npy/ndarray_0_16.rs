//! Arrays of ndarray 0.16, which many other crates still have in their interfaces.

use ::ndarray_0_16::{
    ArrayBase, ArrayViewD, Axis, Data, DataOwned, Dimension, IxDyn, ShapeBuilder,
};
use ndarray::Order;

use super::decode::check_ndim;
use super::{CastFromNpy, Flat, FromNpy, Incoming, Outgoing, ToNpy};
use crate::element::{Element, LoadElement, Numeric};
use crate::error::{Error, Result};

impl<S: Data<Elem: Element>, D: Dimension> ToNpy for ArrayBase<S, D> {
    fn to_npy(&self) -> Outgoing<'_> {
        view(self.view().into_dyn()).into()
    }
}

impl<S: DataOwned<Elem: LoadElement>, D: Dimension> FromNpy for ArrayBase<S, D> {
    fn from_npy(array: Incoming<'_>) -> Result<Self> {
        check_ndim(D::NDIM, &array.header)?;
        Flat::from_npy(array).and_then(in_shape)
    }
}

impl<S: DataOwned<Elem: Numeric>, D: Dimension> CastFromNpy for ArrayBase<S, D> {
    fn cast_from_npy(array: Incoming<'_>) -> Result<Self> {
        check_ndim(D::NDIM, &array.header)?;
        Flat::cast_from_npy(array).and_then(in_shape)
    }
}

/// The same elements as a view of this crate's ndarray.
#[allow(unsafe_code)]
fn view<T>(mut array: ArrayViewD<'_, T>) -> ndarray::ArrayViewD<'_, T> {
    // By its contract no axis may run backwards.
    let is_backwards = |axis: &Axis| array.stride_of(*axis) < 0;
    let backwards: Vec<Axis> = (0..array.ndim()).map(Axis).filter(is_backwards).collect();
    backwards.iter().for_each(|&axis| array.invert_axis(axis));
    let strides: Vec<usize> = array.strides().iter().map(|stride| stride.unsigned_abs()).collect();
    let shape =
        ndarray::ShapeBuilder::strides(ndarray::IxDyn(array.shape()), ndarray::IxDyn(&strides));
    // SAFETY: these are the shape, the strides, none of which is negative, and the first element of a view that
    // lives as long.
    let mut array = unsafe { ndarray::ArrayView::from_shape_ptr(shape, array.as_ptr()) };
    backwards.iter().for_each(|axis| array.invert_axis(ndarray::Axis(axis.index())));
    array
}

/// The array of ndarray 0.16 that has been read.
fn in_shape<S: DataOwned, D: Dimension>(array: Flat<Vec<S::Elem>>) -> Result<ArrayBase<S, D>> {
    let Flat { data, shape, order } = array;
    ArrayBase::from_shape_vec(IxDyn(&shape).set_f(order == Order::F), data)
        .and_then(ArrayBase::into_dimensionality)
        .map_err(|error| Error::unsupported(format!("{error}, says ndarray 0.16")))
}
