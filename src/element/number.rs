//! Integers and floats.

use ndarray::ArrayView1;

use super::{Body, Element, pod};
use crate::dtype::{DType, Endian, Kind, Scalar};
use crate::error::Result;

macro_rules! numbers {
    ($($number:ty: $kind:ident),* $(,)?) => {$(
        impl Element for $number {
            fn dtype(endian: Endian) -> DType {
                DType::Scalar(Scalar::new(Kind::$kind, size_of::<Self>(), endian))
            }

            fn as_bytes<'a>(values: &'a [Self], dtype: &DType) -> Option<&'a [u8]> {
                pod::as_bytes(values, dtype)
            }

            fn encode(values: ArrayView1<'_, Self>, dtype: &DType, out: &mut [u8]) {
                pod::encode(values, dtype, out);
            }

            fn decode(body: Body<'_>, dtype: &DType, len: usize) -> Result<Vec<Self>> {
                pod::decode(body, dtype, len)
            }
        }
    )*};
}

numbers! {
    i8: Int, i16: Int, i32: Int, i64: Int,
    u8: Uint, u16: Uint, u32: Uint, u64: Uint,
    f32: Float, f64: Float,
}
