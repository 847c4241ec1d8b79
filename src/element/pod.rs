//! Elements that are plain old data: their bytes in memory are their bytes on disk, up
//! to byte order.

use bytemuck::{NoUninit, Pod};
use ndarray::ArrayView1;

use super::{Body, CHUNK};
use crate::{DType, Endian, error::Result};

/// Whether numbers of `dtype` have to be reversed on this machine.
fn is_foreign(dtype: &DType) -> bool {
    dtype.endian().is_some_and(|endian| endian != Endian::NATIVE)
}

pub(super) fn as_bytes<'a, T: NoUninit>(values: &'a [T], dtype: &DType) -> Option<&'a [u8]> {
    (!is_foreign(dtype)).then(|| bytemuck::cast_slice(values))
}

pub(super) fn encode<T: NoUninit>(values: ArrayView1<'_, T>, dtype: &DType, out: &mut [u8]) {
    match values.as_slice() {
        Some(values) => out.copy_from_slice(bytemuck::cast_slice(values)),
        None => {
            for (bytes, value) in out.chunks_exact_mut(size_of::<T>()).zip(values) {
                bytes.copy_from_slice(bytemuck::bytes_of(value));
            }
        }
    }
    if is_foreign(dtype) {
        reverse_each(out, size_of::<T>());
    }
}

pub(super) fn decode<T: Pod>(mut body: Body<'_>, dtype: &DType, len: usize) -> Result<Vec<T>> {
    let mut values = Vec::new();
    while values.len() < len {
        let have = values.len();
        let room = body.room(have, len, size_of::<T>());
        if have == 0 {
            // Fresh zero pages, not touched before the file's bytes are.
            values = bytemuck::allocation::zeroed_vec(room);
        } else {
            values.resize(have + room, T::zeroed());
        }
        for chunk in bytemuck::cast_slice_mut(&mut values[have..]).chunks_mut(CHUNK) {
            body.fill(chunk)?;
            if is_foreign(dtype) {
                reverse_each(chunk, size_of::<T>());
            }
        }
    }
    Ok(values)
}

/// Reverses the bytes of each number of `size` bytes.
fn reverse_each(bytes: &mut [u8], size: usize) {
    fn reverse<const N: usize>(bytes: &mut [u8]) {
        bytes.as_chunks_mut::<N>().0.iter_mut().for_each(|number| number.reverse());
    }
    match size {
        1 => {}
        2 => reverse::<2>(bytes),
        4 => reverse::<4>(bytes),
        8 => reverse::<8>(bytes),
        _ => unreachable!("no number has {size} bytes"),
    }
}
