//! `bool`: a byte that must be 0 or 1. NumPy takes any other byte as true, and a Rust
//! `bool` made of one would be undefined behaviour; so other bytes are an error.

use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::ArrayViewD;

use super::{Body, Element, pod};
use crate::dtype::{DType, Endian, Kind, Scalar};
use crate::error::{ErrorKind, Result};

impl Element for bool {
    fn dtype(endian: Endian) -> DType {
        DType::Scalar(Scalar::new(Kind::Bool, 1, endian))
    }

    fn as_bytes<'a>(values: &'a [Self], dtype: &DType) -> Option<&'a [u8]> {
        pod::as_bytes(values, dtype)
    }

    fn encode(values: ArrayViewD<'_, Self>, dtype: &DType, out: &mut [u8]) {
        pod::encode(values, dtype, out);
    }

    fn decode(body: Body<'_>, _: &DType, len: usize) -> Result<Vec<Self>> {
        // The first byte that is none, from whichever part it is reported.
        let wrong = AtomicUsize::new(usize::MAX);
        let bytes: Vec<u8> = pod::decode_then(body, len, &|part, offset| {
            if let Some(index) = part.iter().position(|&byte| byte > 1) {
                wrong.fetch_min(offset + index, Ordering::Relaxed);
            }
        })?;
        if let Some(&byte) = bytes.get(wrong.load(Ordering::Relaxed)) {
            let index = wrong.into_inner();
            return Err(ErrorKind::InvalidValue { index, problem: not_a_bool(byte) }.into());
        }
        // The standard library collects this into the allocation that it came from.
        Ok(bytes.into_iter().map(|byte| byte == 1).collect())
    }
}

/// What is wrong with a byte that is neither 0 nor 1.
pub(super) fn not_a_bool(byte: u8) -> String {
    format!("a bool is the byte 0 or 1, found {byte}")
}
