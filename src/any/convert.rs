//! Conversions between [`AnyArray`] and ndarray's arrays.

use ndarray::{Array, Dimension};
use num_complex::Complex;

use super::{AnyArray, Raw};
use crate::element::{Bytes, LoadElement};
use crate::error::{Error, Result};
#[cfg(feature = "pickle")]
use crate::object::Value;

/// Arrays of the types that have a variant of their own.
macro_rules! from_arrays {
    ($($element:ty => $variant:ident),* $(,)?) => {$(
        impl<D: Dimension> From<Array<$element, D>> for AnyArray {
            fn from(array: Array<$element, D>) -> Self {
                Self::$variant(array.into_dyn())
            }
        }
    )*};
}

from_arrays! {
    bool => Bool,
    i8 => I8, i16 => I16, i32 => I32, i64 => I64,
    u8 => U8, u16 => U16, u32 => U32, u64 => U64,
    f32 => F32, f64 => F64,
    Complex<f32> => C64, Complex<f64> => C128,
    String => Str, Bytes => Bytes,
}

#[cfg(feature = "pickle")]
impl<D: Dimension> From<Array<Value, D>> for AnyArray {
    fn from(array: Array<Value, D>) -> Self {
        Self::Object(array.into_dyn())
    }
}

impl From<Raw> for AnyArray {
    fn from(raw: Raw) -> Self {
        Self::Raw(raw)
    }
}

impl<A: LoadElement + 'static, D: Dimension> TryFrom<AnyArray> for Array<A, D> {
    type Error = Error;

    /// Does the same as [`AnyArray::into_array`].
    fn try_from(any: AnyArray) -> Result<Self> {
        any.into_array()
    }
}
