//! Copying plain old data from memory of any strides to one place, in C order.
//!
//! What costs is not the copying but the cache lines of the source: each should be
//! fetched once. So where neighbours in memory are far apart in C order, as in a
//! transposed array, the copy goes by tiles that use up the lines they fetch.

use bytemuck::NoUninit;
use ndarray::{ArrayView1, ArrayView2, ArrayViewD, Axis, Ix2, s};

/// Bytes that come from memory together: a line of the cache, and often its neighbour.
const LINES: usize = 128;

/// The longest side of a tile.
const MOST_SIDE: usize = 32;

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
    (distance(near) < LINES && distance(last) >= LINES).then_some(near)
}

/// How many bytes should be gathered at a time, at least: as many as let each line of
/// memory be used up, which is much where its elements are far apart in C order.
pub(crate) fn least_at_once<T>(values: &ArrayViewD<'_, T>) -> usize {
    let Some(near) = near_axis(values) else { return 0 };
    let rows = side::<T>().min(values.shape()[near]);
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

/// Writes `values` to `out`, where neighbours along each axis are `strides` bytes apart:
/// in memory they are next to each other along the last axis, in `out` along the one
/// before.
fn transpose<T: NoUninit>(values: ArrayViewD<'_, T>, strides: &[usize], out: &mut [u8]) {
    match *strides {
        [_, near] => {
            let values = values.into_dimensionality::<Ix2>().expect("as many axes as strides");
            for (row, values) in values.axis_chunks_iter(Axis(1), side::<T>()).enumerate() {
                transpose_rows(values, near, &mut out[row * side::<T>() * near..]);
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

/// Writes each column of `values`, of which there are as many as a tile has, as a row.
///
/// A tile is turned in a place of its own, so that `out` too is written in whole lines:
/// its rows may lie a power of two apart, and then compete for the same few of the cache.
fn transpose_rows<T: NoUninit>(values: ArrayView2<'_, T>, row_size: usize, out: &mut [u8]) {
    let Some(&any) = values.first() else { return };
    let mut tile = [any; MOST_SIDE * MOST_SIDE];
    for (index, values) in values.axis_chunks_iter(Axis(0), MOST_SIDE).enumerate() {
        // Nothing is done to the lines but copying them, so that many are waited for at once.
        for (values, row) in values.outer_iter().zip(tile.chunks_exact_mut(MOST_SIDE)) {
            match values.to_slice() {
                Some(values) => row[..values.len()].copy_from_slice(values),
                None => row.iter_mut().zip(values).for_each(|(to, &from)| *to = from),
            }
        }
        let start = index * MOST_SIDE * size_of::<T>();
        for column in 0..values.ncols() {
            let out = &mut out[column * row_size + start..][..values.nrows() * size_of::<T>()];
            let column = tile[column..].iter().step_by(MOST_SIDE);
            for (out, value) in out.chunks_exact_mut(size_of::<T>()).zip(column) {
                out.copy_from_slice(bytemuck::bytes_of(value));
            }
        }
    }
}

/// How many elements of a row in memory are copied together.
fn side<T>() -> usize {
    (LINES / size_of::<T>().max(1)).clamp(1, MOST_SIDE)
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
