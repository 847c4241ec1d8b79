//! Copying plain old data from memory of any strides to one place, in C order.
//!
//! What costs is not the copying but the cache lines of the source: each should be
//! fetched once. So where neighbours in memory are far apart in C order, as in a
//! transposed array, the copy goes by tiles that use up the lines they fetch.

use bytemuck::NoUninit;
use ndarray::{ArrayView1, ArrayView2, ArrayViewD, Axis, Ix2, s};

/// Bytes that come from memory together.
const LINE: usize = 64;

/// The most places that a tile is written to at once. Rows of a power of two of bytes
/// compete for the same few lines of the cache.
const MOST_ROWS: usize = 16;

/// Writes `values`, in C order, to `out`, which has their size exactly.
pub(super) fn gather<T: NoUninit>(values: ArrayViewD<'_, T>, out: &mut [u8]) {
    if let Some(values) = values.as_slice() {
        return out.copy_from_slice(bytemuck::cast_slice(values));
    }
    if out.is_empty() {
        return;
    }
    let last = values.ndim() - 1;
    match near_axis(&values) {
        Some(near) => {
            let strides = c_strides::<T>(values.shape());
            let mut axes: Vec<usize> = (0..last).filter(|&axis| axis != near).collect();
            axes.extend([last, near]);
            let strides: Vec<usize> = axes.iter().map(|&axis| strides[axis]).collect();
            transpose(values.permuted_axes(axes), &strides, out);
        }
        None => {
            let lanes = values.lanes(Axis(last));
            let len = values.shape()[last] * size_of::<T>();
            out.chunks_exact_mut(len).zip(lanes).for_each(|(out, lane)| copy_lane(lane, out));
        }
    }
}

/// The axis along which elements share lines of memory, if it is not the last.
fn near_axis<T>(values: &ArrayViewD<'_, T>) -> Option<usize> {
    /// With fewer elements to a row, tiles cost more than they save.
    const SHORTEST: usize = 4;
    let distance = |axis: usize| values.strides()[axis].unsigned_abs() * size_of::<T>();
    let last = values.ndim().checked_sub(1)?;
    let near = (0..last)
        .filter(|&axis| values.shape()[axis] >= SHORTEST)
        .min_by_key(|&axis| distance(axis))?;
    (distance(near) < LINE && distance(last) >= LINE).then_some(near)
}

/// How many bytes should be gathered at a time, at least: as many as let each line of
/// memory be used up, which is much where its elements are far apart in C order.
pub(crate) fn least_at_once<T>(values: &ArrayViewD<'_, T>) -> usize {
    let Some(near) = near_axis(values) else { return 0 };
    let rows = (LINE / size_of::<T>().max(1)).clamp(1, values.shape()[near]);
    let row: usize = values.shape()[near + 1..].iter().product();
    rows.saturating_mul(row).saturating_mul(size_of::<T>())
}

/// How far apart neighbours along each axis are, in bytes, in C order.
fn c_strides<T>(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![size_of::<T>(); shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// Writes `values` to `out`, where neighbours along each axis are `strides` bytes apart.
/// In memory they are near each other along the last axis, in `out` along the one before.
fn transpose<T: NoUninit>(values: ArrayViewD<'_, T>, strides: &[usize], out: &mut [u8]) {
    match *strides {
        [far, near] => {
            let values = values.into_dimensionality::<Ix2>().expect("as many axes as strides");
            let rows = (LINE / size_of::<T>()).clamp(1, MOST_ROWS);
            for start in (0..values.ncols()).step_by(rows) {
                let end = values.ncols().min(start + rows);
                copy_tile(values.slice(s![.., start..end]), far, near, &mut out[start * near..]);
            }
        }
        [outer, ref inner @ ..] => {
            for (index, values) in values.outer_iter().enumerate() {
                transpose(values, inner, &mut out[index * outer..]);
            }
        }
        [] => unreachable!("only arrays of two axes or more are transposed"),
    }
}

/// Writes each row of `values` as a column.
fn copy_tile<T: NoUninit>(values: ArrayView2<'_, T>, far: usize, near: usize, out: &mut [u8]) {
    for (index, row) in values.outer_iter().enumerate() {
        let out = &mut out[index * far..];
        for (index, value) in row.iter().enumerate() {
            out[index * near..][..size_of::<T>()].copy_from_slice(bytemuck::bytes_of(value));
        }
    }
}

fn copy_lane<T: NoUninit>(lane: ArrayView1<'_, T>, out: &mut [u8]) {
    let out_values = out.chunks_exact_mut(size_of::<T>());
    if let Some(values) = lane.as_slice() {
        out.copy_from_slice(bytemuck::cast_slice(values));
    } else if let Some(values) = lane.slice(s![..;-1]).as_slice() {
        for (out, value) in out_values.zip(values.iter().rev()) {
            out.copy_from_slice(bytemuck::bytes_of(value));
        }
    } else {
        for (out, value) in out_values.zip(lane) {
            out.copy_from_slice(bytemuck::bytes_of(value));
        }
    }
}
