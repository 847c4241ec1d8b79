//! 16-bit floats. NumPy has IEEE's `float16`; `bfloat16` comes from ml_dtypes, which
//! writes it as void of two bytes, little-endian. So it is read from any such void, but
//! only where the caller asks for it.

use half::{bf16, f16};

use super::{Element, pod};
use crate::dtype::{DType, Endian, Kind, Scalar};
use crate::element::Body;
use crate::error::Result;

pod::pod_elements! { f16: Float }

const BF16: DType = DType::Scalar(Scalar::ordered_void(2, Endian::Little));

impl Element for bf16 {
    fn dtype(_: Endian) -> DType {
        BF16
    }

    fn accepts(dtype: &DType) -> bool {
        matches!(dtype, DType::Scalar(void) if void.kind() == Kind::Void && void.itemsize() == 2)
    }

    fn as_bytes<'a>(values: &'a [Self], _: &DType) -> Option<&'a [u8]> {
        pod::as_bytes(values, &BF16)
    }

    fn encode(values: ndarray::ArrayViewD<'_, Self>, _: &DType, out: &mut [u8]) {
        pod::encode(values, &BF16, out);
    }

    fn decode(body: Body<'_>, _: &DType, len: usize) -> Result<Vec<Self>> {
        pod::decode(body, &BF16, len)
    }

    fn fill(values: &mut [Self], _: &DType, body: &mut Body<'_>) -> Option<Result<()>> {
        pod::fill(values, &BF16, body)
    }

    fn from_bytes<'a>(bytes: &'a [u8], _: &DType) -> Result<&'a [Self]> {
        pod::from_bytes(bytes, &BF16)
    }

    fn from_bytes_mut<'a>(bytes: &'a mut [u8], _: &DType) -> Result<&'a mut [Self]> {
        pod::from_bytes_mut(bytes, &BF16)
    }
}
