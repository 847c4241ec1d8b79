//! 16-bit floats. NumPy has IEEE's `float16`; `bfloat16` comes from ml_dtypes, which
//! writes it as void of two bytes, little-endian. So it is read from any such void, but
//! only where the caller asks for it.
//!
//! Rust has no such type. The feature `half` brings the types of the crate of that name; without
//! it, such numbers can be cast to others.

/// The number that a `float16` is.
pub(crate) fn f16_to_f32(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let (exponent, fraction) = (u32::from(bits >> 10 & 0x1f), u32::from(bits & 0x3ff));
    let magnitude = match exponent {
        // Subnormal: a multiple of the smallest number, 2⁻²⁴.
        0 => (fraction as f32 / 16_777_216.0).to_bits(),
        // Infinite, or not a number.
        0x1f => 0x7f80_0000 | fraction << 13,
        // The exponents are 15 and 127 too large.
        _ => exponent.saturating_add(112) << 23 | fraction << 13,
    };
    f32::from_bits(sign | magnitude)
}

/// The number that a `bfloat16` is: an `f32` without its last 16 bits.
pub(super) fn bf16_to_f32(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

#[cfg(feature = "half")]
mod elements {
    use half::{bf16, f16};

    use crate::dtype::{DType, Endian, Kind, Scalar};
    use crate::element::sealed::Sealed;
    use crate::element::{Body, Element, LoadElement, ViewElement, pod};
    use crate::error::Result;

    pod::pod_elements! { f16: Float }

    const BF16: DType = DType::Scalar(Scalar::ordered_void(2, Endian::Little));

    impl Sealed for bf16 {}

    impl Element for bf16 {
        fn dtype(_: Endian) -> DType {
            BF16
        }

        fn as_bytes<'a>(values: &'a [Self], _: &DType) -> Option<&'a [u8]> {
            pod::as_bytes(values, &BF16)
        }

        fn encode(values: ndarray::ArrayViewD<'_, Self>, _: &DType, out: &mut [u8]) {
            pod::encode(values, &BF16, out);
        }
    }

    impl LoadElement for bf16 {
        fn accepts(dtype: &DType) -> bool {
            matches!(dtype, DType::Scalar(void) if void.kind() == Kind::Void && void.itemsize() == 2)
        }

        fn decode(body: Body<'_>, _: &DType, len: usize) -> Result<Vec<Self>> {
            pod::decode(body, &BF16, len)
        }

        fn fill(values: &mut [Self], _: &DType, body: &mut Body<'_>) -> Option<Result<()>> {
            pod::fill(values, &BF16, body)
        }
    }

    impl ViewElement for bf16 {
        fn from_bytes<'a>(bytes: &'a [u8], _: &DType) -> Result<&'a [Self]> {
            pod::from_bytes(bytes, &BF16)
        }

        fn from_bytes_mut<'a>(bytes: &'a mut [u8], _: &DType) -> Result<&'a mut [Self]> {
            pod::from_bytes_mut(bytes, &BF16)
        }
    }
}

#[cfg(all(test, feature = "half"))]
mod tests {
    #[test]
    fn every_half_becomes_the_number_that_it_is() {
        for bits in 0..=u16::MAX {
            let f16 = half::f16::from_bits(bits);
            if f16.is_nan() {
                assert!(super::f16_to_f32(bits).is_nan());
            } else {
                assert_eq!(super::f16_to_f32(bits).to_bits(), f16.to_f32().to_bits(), "{bits:x}");
            }
            let bf16 = half::bf16::from_bits(bits).to_f32();
            assert!(super::bf16_to_f32(bits).to_bits() == bf16.to_bits() || bf16.is_nan());
        }
    }
}
