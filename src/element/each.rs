//! Elements that are encoded and decoded one by one: text, records that differ.

use ndarray::ArrayViewD;

use super::{Body, items_at_once};
use crate::error::{ErrorKind, Result};

/// The least that an allocator sets aside for an allocation, or thereabouts.
const ALLOCATION: usize = 32;

/// What a value takes in memory that is a `T` and the item's bytes elsewhere.
pub(super) fn size_in_memory<T>(itemsize: usize) -> usize {
    size_of::<T>().saturating_add(itemsize.max(ALLOCATION))
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

/// Lets `decode` make each of `len` values of its `itemsize` bytes, or say what is wrong.
pub(super) fn decode<T>(
    mut body: Body<'_>,
    itemsize: usize,
    len: usize,
    decode: impl Fn(&[u8]) -> Result<T, String>,
) -> Result<Vec<T>> {
    let mut values: Vec<T> = Vec::new();
    let mut buffer = Vec::new();
    while values.len() < len {
        body.reserve(&mut values, len, itemsize)?;
        let room = values.capacity().min(len).saturating_sub(values.len());
        let next = room.min(items_at_once(itemsize));
        let mut bytes = body.next(&mut buffer, next.saturating_mul(itemsize))?;
        for _ in 0..next {
            let (item, rest) = bytes.split_at(itemsize);
            let value = decode(item)
                .map_err(|problem| ErrorKind::InvalidValue { index: values.len(), problem })?;
            values.push(value);
            bytes = rest;
        }
    }
    Ok(values)
}
