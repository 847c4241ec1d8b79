//! Elements that are plain old data: their bytes in memory are their bytes on disk, up
//! to byte order.

use std::alloc::Layout;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytemuck::{NoUninit, Pod};
use ndarray::ArrayViewD;

use super::{Body, body::out_of_memory, gather::gather};
use crate::error::{Error, Result};
use crate::io::Visit;
use crate::memory;
use crate::{DType, Endian};

/// Implements the three traits of elements for scalars that are plain old data.
macro_rules! pod_elements {
    ($($element:ty: $kind:ident),* $(,)?) => {$(
        impl $crate::element::sealed::Sealed for $element {}

        impl $crate::element::Element for $element {
            fn dtype(endian: $crate::Endian) -> $crate::DType {
                let kind = $crate::dtype::Kind::$kind;
                $crate::DType::Scalar($crate::dtype::Scalar::new(kind, size_of::<Self>(), endian))
            }

            $crate::element::pod::save_as_pod!();
        }

        impl $crate::element::LoadElement for $element {
            $crate::element::pod::load_as_pod!();
        }

        impl $crate::element::ViewElement for $element {
            $crate::element::pod::view_as_pod!();
        }
    )*};
}

/// The methods of `Element` that are the same for all plain old data.
macro_rules! save_as_pod {
    () => {
        fn as_bytes<'a>(values: &'a [Self], dtype: &$crate::DType) -> Option<&'a [u8]> {
            $crate::element::pod::as_bytes(values, dtype)
        }

        fn encode(values: ndarray::ArrayViewD<'_, Self>, dtype: &$crate::DType, out: &mut [u8]) {
            $crate::element::pod::encode(values, dtype, out);
        }
    };
}

/// The methods of `LoadElement` that are the same for all plain old data.
macro_rules! load_as_pod {
    () => {
        fn decode(
            body: $crate::element::Body<'_>,
            dtype: &$crate::DType,
            len: usize,
        ) -> $crate::Result<Vec<Self>> {
            $crate::element::pod::decode(body, dtype, len)
        }

        fn fill(
            values: &mut [Self],
            dtype: &$crate::DType,
            body: &mut $crate::element::Body<'_>,
        ) -> Option<$crate::Result<()>> {
            $crate::element::pod::fill(values, dtype, body)
        }
    };
}

/// The methods of `ViewElement`, likewise.
macro_rules! view_as_pod {
    () => {
        fn from_bytes<'a>(bytes: &'a [u8], dtype: &$crate::DType) -> $crate::Result<&'a [Self]> {
            $crate::element::pod::from_bytes(bytes, dtype)
        }

        fn from_bytes_mut<'a>(
            bytes: &'a mut [u8],
            dtype: &$crate::DType,
        ) -> $crate::Result<&'a mut [Self]> {
            $crate::element::pod::from_bytes_mut(bytes, dtype)
        }
    };
}

pub(super) use {load_as_pod, pod_elements, save_as_pod, view_as_pod};

/// Whether numbers of `dtype` have to be reversed on this machine.
fn is_foreign(dtype: &DType) -> bool {
    dtype.endian().is_some_and(|endian| endian != Endian::NATIVE)
}

pub(super) fn as_bytes<'a, T: NoUninit>(values: &'a [T], dtype: &DType) -> Option<&'a [u8]> {
    (!is_foreign(dtype)).then(|| bytemuck::cast_slice(values))
}

pub(super) fn encode<T: NoUninit>(values: ArrayViewD<'_, T>, dtype: &DType, out: &mut [u8]) {
    gather(values, out);
    to_or_from_native(out, dtype);
}

pub(super) fn decode<T: Pod + Send>(body: Body<'_>, dtype: &DType, len: usize) -> Result<Vec<T>> {
    decode_and_visit(body, len, &|part, _| to_or_from_native(part, dtype))
}

pub(super) fn fill<T: Pod>(
    values: &mut [T],
    dtype: &DType,
    body: &mut Body<'_>,
) -> Option<Result<()>> {
    (dtype.itemsize() == size_of::<T>()).then(|| {
        let bytes = bytemuck::cast_slice_mut(values);
        body.fill_and_visit(bytes, &|part, _| to_or_from_native(part, dtype))
    })
}

pub(super) fn from_bytes<'a, T: Pod>(bytes: &'a [u8], dtype: &DType) -> Result<&'a [T]> {
    check_view(bytes, dtype, Layout::new::<T>())?;
    Ok(if bytes.is_empty() { &[] } else { bytemuck::cast_slice(bytes) })
}

pub(super) fn from_bytes_mut<'a, T: Pod>(
    bytes: &'a mut [u8],
    dtype: &DType,
) -> Result<&'a mut [T]> {
    check_view(bytes, dtype, Layout::new::<T>())?;
    Ok(if bytes.is_empty() { &mut [] } else { bytemuck::cast_slice_mut(bytes) })
}

/// Checks that `bytes` of `dtype` are such elements as they are, and where they are.
fn check_view(bytes: &[u8], dtype: &DType, element: Layout) -> Result<()> {
    let (size, align) = (element.size(), element.align());
    let problem = if is_foreign(dtype) {
        format!("its byte order is not this machine's (dtype {})", dtype.shown())
    } else if dtype.itemsize() != size {
        format!("elements of dtype {} take {size} bytes in memory", dtype.shown())
    } else if !bytes.is_empty() && bytes.as_ptr().align_offset(align) != 0 {
        format!("its elements are not at multiples of {align} bytes in memory")
    } else {
        return Ok(());
    };
    Err(Error::no_view(problem))
}

/// Reads `len` values, and lets `visit` have their bytes part by part.
#[expect(clippy::arithmetic_side_effects, reason = "values in memory are counted")]
pub(super) fn decode_and_visit<T: Pod + Send>(
    mut body: Body<'_>,
    len: usize,
    visit: &Visit<'_>,
) -> Result<Vec<T>> {
    let mut values = Vec::new();
    while values.len() < len {
        let have = values.len();
        let room = body.room(have, len, size_of::<T>());
        if have == 0 {
            values = memory::zeroed(room).ok_or_else(|| out_of_memory::<T>(room))?;
        } else {
            values.try_reserve_exact(room).map_err(|_| out_of_memory::<T>(room))?;
            values.resize(have + room, T::zeroed());
        }
        let (known, next) = values.split_at_mut(have);
        let start = size_of_val(known);
        body.fill_and_visit(bytemuck::cast_slice_mut(next), &|part, offset| {
            visit(part, start + offset);
        })?;
    }
    Ok(values)
}

/// Where the first wrong byte is. Threads look for it in parts, and come to these in any order.
pub(super) struct FirstWrong(AtomicUsize);

impl FirstWrong {
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(usize::MAX))
    }

    /// Takes note of what was found in the part at `offset`: where in it the first wrong byte is.
    pub(super) fn note(&self, offset: usize, found: Option<usize>) {
        if let Some(index) = found {
            self.0.fetch_min(offset.saturating_add(index), Ordering::Relaxed);
        }
    }

    /// Where it is, if there is one.
    pub(super) fn position(self) -> Option<usize> {
        Some(self.0.into_inner()).filter(|&position| position < usize::MAX)
    }
}

/// Reverses each number in `bytes`, which are of `dtype`, if they are foreign.
pub(super) fn to_or_from_native(bytes: &mut [u8], dtype: &DType) {
    fn reverse<const N: usize>(bytes: &mut [u8]) {
        bytes.as_chunks_mut::<N>().0.iter_mut().for_each(|number| number.reverse());
    }
    let DType::Scalar(scalar) = dtype else { return };
    if is_foreign(dtype) {
        match scalar.word_size() {
            1 => {}
            2 => reverse::<2>(bytes),
            4 => reverse::<4>(bytes),
            8 => reverse::<8>(bytes),
            other => unreachable!("no number here has {other} bytes"),
        }
    }
}
