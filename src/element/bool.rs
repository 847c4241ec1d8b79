//! `bool`: a byte that must be 0 or 1. NumPy takes any other byte as true, and a Rust
//! `bool` made of one would be undefined behaviour; so other bytes are an error.

use std::mem::ManuallyDrop;

use super::pod::{self, FirstWrong};
use super::sealed::Sealed;
use super::{Body, Element, LoadElement, ViewElement};
use crate::dtype::{DType, Endian, Kind, Scalar};
use crate::error::{Error, ErrorKind, Result};

impl Sealed for bool {}

impl Element for bool {
    fn dtype(endian: Endian) -> DType {
        DType::Scalar(Scalar::new(Kind::Bool, 1, endian))
    }

    pod::save_as_pod!();
}

impl LoadElement for bool {
    fn decode(body: Body<'_>, _: &DType, len: usize) -> Result<Vec<Self>> {
        let wrong = FirstWrong::new();
        let bytes: Vec<u8> = pod::decode_and_visit(body, len, &|part, offset| {
            wrong.note(offset, find_wrong(part));
        })?;
        if let Some((index, &byte)) = wrong.position().and_then(|at| Some((at, bytes.get(at)?))) {
            return Err(invalid(index, byte));
        }
        Ok(into_bools(bytes))
    }
}

impl ViewElement for bool {
    #[allow(unsafe_code)]
    fn from_bytes<'a>(bytes: &'a [u8], _: &DType) -> Result<&'a [Self]> {
        check(bytes)?;
        // SAFETY: each byte has just been seen to be 0 or 1, the values of a bool, which has
        // the size and alignment of a byte; the lifetime is that of the bytes.
        Ok(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) })
    }

    #[allow(unsafe_code)]
    fn from_bytes_mut<'a>(bytes: &'a mut [u8], _: &DType) -> Result<&'a mut [Self]> {
        check(bytes)?;
        // SAFETY: as above; and any bool that is put there is a byte.
        Ok(unsafe { std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len()) })
    }
}

/// The bools that `bytes` are, or the bytes again if some are not bools.
pub(crate) fn from_vec(bytes: Vec<u8>) -> Result<Vec<bool>, Vec<u8>> {
    match find_wrong(&bytes) {
        None => Ok(into_bools(bytes)),
        Some(_) => Err(bytes),
    }
}

/// Checks that all of `bytes` are bools.
fn check(bytes: &[u8]) -> Result<()> {
    match find_wrong(bytes).and_then(|index| Some((index, *bytes.get(index)?))) {
        Some((index, byte)) => Err(invalid(index, byte)),
        None => Ok(()),
    }
}

/// The first byte that is no bool.
fn find_wrong(bytes: &[u8]) -> Option<usize> {
    // All are looked at together, many at a time, and one by one only if need be.
    match bytes.iter().fold(0, |all, &byte| all | byte) {
        0 | 1 => None,
        _ => bytes.iter().position(|&byte| byte > 1),
    }
}

fn invalid(index: usize, byte: u8) -> Error {
    ErrorKind::InvalidValue { index, problem: not_a_bool(byte) }.into()
}

/// The same allocation. Making the bools one by one would add half to the time of a load.
#[allow(unsafe_code)]
fn into_bools(bytes: Vec<u8>) -> Vec<bool> {
    debug_assert!(bytes.iter().all(|&byte| byte <= 1));
    let mut bytes = ManuallyDrop::new(bytes);
    // SAFETY: the caller has seen that each byte is 0 or 1, the values of a bool, which has
    // the size and alignment of a byte. The parts are those of a vector that is not dropped.
    unsafe { Vec::from_raw_parts(bytes.as_mut_ptr().cast(), bytes.len(), bytes.capacity()) }
}

/// What is wrong with a byte that is neither 0 nor 1.
pub(super) fn not_a_bool(byte: u8) -> String {
    format!("a bool is the byte 0 or 1, found {byte}")
}
