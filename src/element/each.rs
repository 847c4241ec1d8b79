//! Elements that are encoded and decoded one by one: text, records that differ.
//!
//! Several megabytes of them are read at a time, and then decoded, both on all threads.

use ndarray::ArrayViewD;

use super::{Body, items_at_once};
use crate::error::{ErrorKind, Result};
use crate::parallel;
use crate::sizes::DECODED_TOGETHER;

/// The least that an allocator sets aside for an allocation, or thereabouts.
const ALLOCATION: usize = 32;

/// What a value takes in memory that is a `T` and the item's bytes elsewhere.
pub(super) fn size_in_memory<T>(itemsize: usize) -> usize {
    size_of::<T>().saturating_add(itemsize.max(ALLOCATION))
}

/// How many items of `itemsize` bytes are read together before all threads decode them: at least one.
fn items_together(itemsize: usize) -> usize {
    DECODED_TOGETHER.checked_div(itemsize).unwrap_or(DECODED_TOGETHER).max(1)
}

/// Lets `encode` write each of `values` to its `itemsize` bytes of `out`.
pub(super) fn encode<T>(
    values: ArrayViewD<'_, T>,
    itemsize: usize,
    out: &mut [u8],
    encode: impl Fn(&T, &mut [u8]),
) {
    if itemsize > 0 {
        out.chunks_exact_mut(itemsize).zip(values).for_each(|(bytes, value)| encode(value, bytes));
    }
}

/// Lets `decode` set each of `len` values, empty ones, to what its `itemsize` bytes are, or say what is
/// wrong.
pub(super) fn decode<T: Default + Send>(
    body: Body<'_>,
    itemsize: usize,
    len: usize,
    decode: impl Fn(&[u8], &mut T) -> Result<(), String> + Sync,
) -> Result<Vec<T>> {
    decode_parts(body, itemsize, len, T::default, |mut bytes, values, start| {
        for (value, index) in values.iter_mut().zip(start..) {
            let (item, rest) = bytes.split_at(itemsize);
            decode(item, value).map_err(|problem| ErrorKind::InvalidValue { index, problem })?;
            bytes = rest;
        }
        Ok(())
    })
}

/// Reads `len` values of `itemsize` bytes each. `decode` makes of the bytes of some of them their
/// values, which are `empty` so far, on any thread; it is told how many values come before.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "the bytes of all values of a part have been read, and are counted"
)]
pub(super) fn decode_parts<T: Send>(
    mut body: Body<'_>,
    itemsize: usize,
    len: usize,
    empty: impl Fn() -> T,
    decode: impl Fn(&[u8], &mut [T], usize) -> Result<()> + Sync,
) -> Result<Vec<T>> {
    let (mut values, mut buffer) = (Vec::new(), Vec::new());
    while values.len() < len {
        let start = values.len();
        body.reserve(&mut values, len, itemsize)?;
        let room = values.capacity().min(len) - start;
        let next = room.min(items_together(itemsize));
        let bytes = body.next(&mut buffer, next.saturating_mul(itemsize))?;
        values.resize_with(start + next, &empty);
        parallel::for_parts(&mut values[start..], items_at_once(itemsize), |part, at| {
            let bytes = &bytes[at * itemsize..][..part.len() * itemsize];
            decode(bytes, part, start + at)
        })?;
    }
    Ok(values)
}
