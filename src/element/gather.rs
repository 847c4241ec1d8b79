//! Copying plain old data from memory of any strides to one place, in C order.
//!
//! What costs is not the copying but the cache lines of the source: each should be
//! fetched once. So where neighbours in memory are far apart in C order, as in a
//! transposed array, the copy goes by tiles that use up the lines they fetch.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "arrays in memory are cut to pieces, by their own shapes and strides"
)]

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
    if size_of::<T>() >= LINES {
        return None; // no two share a line, though a repeated one has no distance at all
    }
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

/// Writes each column of `values` as a row. There are as many columns as a tile has.
///
/// A tile is turned in a place of its own, so that `out` too is written in whole lines:
/// its rows may lie a power of two apart, and then compete for the same few of the cache.
fn transpose_rows<T: NoUninit>(values: ArrayView2<'_, T>, row_size: usize, out: &mut [u8]) {
    let Some(&any) = values.first() else { return };
    // Not on the stack: this is compiled for the largest elements, too.
    let mut tile: Vec<T> = std::iter::repeat_n(any, MOST_SIDE * MOST_SIDE).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::FixedBytes;
    use ndarray::{ArrayD, Slice};
    use proptest::prelude::*;

    /// `values` one by one.
    fn plainly<T: NoUninit>(values: ArrayViewD<'_, T>) -> Vec<u8> {
        values.iter().flat_map(|value| bytemuck::bytes_of(value).to_vec()).collect()
    }

    fn check<T: NoUninit>(
        make: impl Fn(usize) -> T,
        shape: &[usize],
        axes: &[usize],
        steps: &[isize],
    ) {
        let all = ArrayD::from_shape_vec(shape, (0..shape.iter().product()).map(make).collect());
        let mut view = all.as_ref().unwrap().view().permuted_axes(axes);
        for (axis, &step) in steps.iter().enumerate() {
            view.slice_axis_inplace(Axis(axis), Slice::new(0, None, step));
        }
        let mut out = vec![0; view.len() * size_of::<T>()];
        gather(view.clone(), &mut out);
        assert!(out == plainly(view), "{shape:?} {axes:?} {steps:?}");
    }

    /// A shape whose sides reach beyond a tile's, an order of its axes, and steps.
    fn cases() -> impl Strategy<Value = (Vec<usize>, Vec<usize>, Vec<isize>)> {
        (1..=4_usize).prop_flat_map(|ndim| {
            let most = [3000_usize, 80, 40, 14][ndim - 1];
            let axes = Just((0..ndim).collect::<Vec<_>>()).prop_shuffle();
            let step = prop_oneof![4 => Just(1), 1 => Just(-1), 1 => 2..4_isize, 1 => -3..-1_isize];
            let steps = prop::collection::vec(step, ndim);
            (prop::collection::vec(0..most, ndim), axes, steps)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

        #[test]
        fn any_view_is_gathered_in_c_order((shape, axes, steps) in cases()) {
            check(|i| i as u8, &shape, &axes, &steps);
            check(|i| i as u16, &shape, &axes, &steps);
            check(|i| i as f64, &shape, &axes, &steps);
            check(|i| [i as u64, 1, 2, 3], &shape, &axes, &steps);
            let odd = |i: usize| FixedBytes::<3>::try_from(&[i as u8, (i >> 8) as u8, 1][..]).unwrap();
            check(odd, &shape, &axes, &steps);
        }
    }

    /// A tile of them would be larger than a thread's stack.
    #[test]
    fn large_elements_that_are_repeated_are_gathered_one_by_one() {
        let x = ndarray::Array2::from_shape_fn((1, 3), |(_, j)| [j as u64; 4096]);
        let repeated = x.broadcast((5, 3)).unwrap().into_dyn();
        let mut out = vec![0; size_of_val(&x[[0, 0]]) * repeated.len()];
        gather(repeated.clone(), &mut out);
        assert!(out == plainly(repeated));
    }

    #[test]
    fn neighbours_in_memory_are_copied_together() {
        let x = ndarray::Array3::<f64>::zeros((8, 50, 60));
        let near = |axes: [usize; 3]| near_axis(&x.view().permuted_axes(axes).into_dyn());
        assert_eq!(near([0, 1, 2]), None);
        assert_eq!(near([1, 0, 2]), None);
        assert_eq!(near([2, 0, 1]), Some(0));
        assert_eq!(near([0, 2, 1]), Some(1));
        // 16 elements of 60, for each of 400 others.
        let turned = x.view().permuted_axes([2, 0, 1]).into_dyn();
        assert_eq!(least_at_once(&turned), 16 * 8 * 50 * 8);
        assert_eq!(least_at_once(&x.view().into_dyn()), 0);
    }
}
