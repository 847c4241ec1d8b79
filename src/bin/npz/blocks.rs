//! The blocks of an array, one after the other in the order of the file, so that no array has to be in
//! memory as a whole.
//!
//! A block is some rows of the first axis, in Fortran order of the last one, which are read ahead. Where
//! one such row is too large by itself, it is cut along the next axis.

use npz::dtype::Kind;
use npz::ndarray::{ArrayD, Order, ShapeBuilder, SliceInfoElem};
use npz::{AnyArray, ArrayInfo, Chunks, DType, Raw};

use crate::archive::Archive;

/// How many bytes a block has, or thereabouts: large enough for all threads, and not much of the memory.
pub const BLOCK: u64 = 4 << 20;

/// Rows of more bytes than this are cut.
const LARGEST_ROW: u64 = 32 << 20;

/// A block, and where in the array its first element is.
pub struct Block {
    pub start: Vec<usize>,
    pub array: AnyArray,
}

/// The blocks of an array.
pub struct Blocks<'a> {
    archive: &'a Archive,
    name: &'a str,
    regions: Regions,
    chunks: Option<Chunks<'a, AnyArray>>,
}

impl<'a> Blocks<'a> {
    /// The blocks of the array `name` that are in these regions.
    pub fn new(archive: &'a Archive, name: &'a str, regions: Regions) -> npz::Result<Self> {
        let chunks = match regions.rows() {
            Some(rows) => Some(archive.chunks(name, rows)?),
            None => None,
        };
        Ok(Self { archive, name, regions, chunks })
    }

    fn load(&mut self, region: &Region) -> npz::Result<AnyArray> {
        match &mut self.chunks {
            Some(chunks) => match chunks.next() {
                Some(block) => plain(block?),
                None => region.load(self.archive, self.name),
            },
            None if self.regions.is_whole() => plain(self.archive.get(self.name)?),
            None => region.load(self.archive, self.name),
        }
    }
}

impl Iterator for Blocks<'_> {
    type Item = npz::Result<Block>;

    fn next(&mut self) -> Option<Self::Item> {
        let region = self.regions.next()?;
        Some(self.load(&region).map(|array| Block { start: region.start, array }))
    }
}

/// A part of an array: so many elements of each axis, from a place on.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    pub start: Vec<usize>,
    pub shape: Vec<usize>,
}

impl Region {
    /// Loads this part of the array `name`.
    pub fn load(&self, archive: &Archive, name: &str) -> npz::Result<AnyArray> {
        let slice = |(&start, &len): (&usize, &usize)| {
            let end = Some(start.saturating_add(len) as isize);
            SliceInfoElem::Slice { start: start as isize, end, step: 1 }
        };
        let slices: Vec<_> = self.start.iter().zip(&self.shape).map(slice).collect();
        plain(archive.get_slice(name, &slices)?)
    }
}

/// The regions that an array is cut into, in the order of the file.
#[derive(Clone)]
pub struct Regions {
    shape: Vec<usize>,
    /// The axes; the one along which elements are neighbours comes last.
    axes: Vec<usize>,
    /// Which of `axes` is cut, and into how many rows; `None` for an array that is not cut. Of the axes
    /// before it a region has one index.
    cut: Option<(usize, usize)>,
    next: Option<Vec<usize>>,
}

impl Regions {
    /// Regions of about `block` bytes. Python objects cannot be cut.
    pub fn new(info: &ArrayInfo, block: u64) -> Self {
        if info.dtype().has_object() {
            return Self::cut(info.shape(), info.order(), 0, block);
        }
        Self::cut(info.shape(), info.order(), info.dtype().itemsize() as u64, block)
    }

    /// Regions of an array of this shape whose elements have so many bytes each.
    pub fn cut(shape: &[usize], order: Order, itemsize: u64, block: u64) -> Self {
        let mut axes: Vec<_> = (0..shape.len()).collect();
        if !is_flat(shape) && order == Order::F {
            axes.reverse();
        }
        let mut bytes = shape.iter().fold(itemsize, |size, &len| size.saturating_mul(len as u64));
        let mut cut = None;
        if bytes > block {
            for (depth, &axis) in axes.iter().enumerate() {
                bytes /= shape[axis] as u64;
                cut = Some((depth, (block / bytes.max(1)).max(1) as usize));
                if bytes <= LARGEST_ROW {
                    break;
                }
            }
        }
        Self { next: Some(vec![0; shape.len()]), shape: shape.to_vec(), axes, cut }
    }

    /// How many rows of the first axis, in Fortran order of the last one, a region has, if it is
    /// nothing but rows.
    pub fn rows(&self) -> Option<usize> {
        self.cut.filter(|&(depth, _)| depth == 0).map(|(_, rows)| rows)
    }

    /// Whether the array is one region.
    fn is_whole(&self) -> bool {
        self.cut.is_none()
    }
}

/// Whether an array of this shape is in both orders.
pub fn is_flat(shape: &[usize]) -> bool {
    shape.contains(&0) || shape.iter().filter(|&&len| len > 1).count() < 2
}

impl Iterator for Regions {
    type Item = Region;

    fn next(&mut self) -> Option<Region> {
        let start = self.next.take()?;
        let mut shape = self.shape.clone();
        let Some((depth, rows)) = self.cut else { return Some(Region { start, shape }) };
        let mut next = start.clone();
        let mut is_last = true;
        for (at, &axis) in self.axes.iter().enumerate().take(depth + 1).rev() {
            let step = if at == depth { rows } else { 1 };
            shape[axis] = step.min(self.shape[axis] - start[axis]);
            if is_last {
                next[axis] += shape[axis];
                is_last = next[axis] == self.shape[axis];
                next[axis] %= self.shape[axis];
            }
        }
        self.next = Some(next).filter(|_| !is_last);
        Some(Region { start, shape })
    }
}

/// The same array, with `float16` as `float32`, and with whatever bytes a `bool` has as bools.
pub fn plain(array: AnyArray) -> npz::Result<AnyArray> {
    let AnyArray::Raw(raw) = &array else { return Ok(array) };
    let DType::Scalar(scalar) = raw.dtype() else { return Ok(array) };
    Ok(match (scalar.kind(), scalar.itemsize()) {
        (Kind::Float, 2) => AnyArray::F32(array.cast()?),
        (Kind::Bool, 1) => {
            let bools = raw.bytes().iter().map(|&byte| byte != 0).collect();
            in_shape(raw, bools).map_or(array, AnyArray::Bool)
        }
        _ => array,
    })
}

/// The items of an array of unknown meaning, as the bytes that each of them is: at least one.
pub fn items(raw: &Raw) -> Option<ArrayD<&[u8]>> {
    let items = raw.bytes().chunks_exact(raw.dtype().itemsize().max(1));
    in_shape(raw, items.collect())
}

/// An array like `raw`, of these elements; `None` if they are more, or fewer.
fn in_shape<T>(raw: &Raw, elements: Vec<T>) -> Option<ArrayD<T>> {
    let shape = raw.shape().to_vec().set_f(raw.order() == Order::F);
    ArrayD::from_shape_vec(shape, elements).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use npz::ndarray::{ArrayD, IxDyn};

    fn regions(shape: &[usize], order: Order, itemsize: u64, block: u64) -> Vec<Region> {
        Regions::cut(shape, order, itemsize, block).collect()
    }

    /// Marks what each region has, and returns how many elements the largest one has.
    fn covered(shape: &[usize], order: Order, itemsize: u64, block: u64) -> usize {
        let mut times = ArrayD::<u8>::zeros(IxDyn(shape));
        let mut largest = 0;
        for Region { start, shape } in regions(shape, order, itemsize, block) {
            let mut part = times.slice_each_axis_mut(|axis| {
                let start = start[axis.axis.index()];
                (start..start + shape[axis.axis.index()]).into()
            });
            part += 1;
            largest = largest.max(part.len());
        }
        assert!(times.iter().all(|&times| times == 1), "{shape:?} {order:?} {block}");
        largest
    }

    #[test]
    fn every_element_is_in_one_region() {
        for shape in [
            &[][..],
            &[0],
            &[1],
            &[7],
            &[3, 0, 2],
            &[5, 4],
            &[1, 20],
            &[20, 1],
            &[1, 1, 1, 9],
            &[3, 4, 5],
            &[2, 3, 1, 4],
        ] {
            for order in [Order::C, Order::F] {
                for block in [1, 8, 9, 16, 40, 100, 1000] {
                    covered(shape, order, 8, block);
                    // So large that rows are cut.
                    let largest = covered(shape, order, LARGEST_ROW / 2, block * LARGEST_ROW / 16);
                    assert!(largest as u64 <= (block / 8).max(2), "{shape:?} {order:?} {block}");
                }
            }
        }
    }

    #[test]
    fn rows_that_are_too_large_are_cut() {
        let million = 1 << 20;
        let first = Region { start: vec![0, 0], shape: vec![1, million / 2] };
        for order in [Order::C, Order::F] {
            let cut = regions(&[1, 1000 * million], order, 8, BLOCK);
            assert_eq!((cut.len(), &cut[0]), (2000, &first));
            // In both orders, such an array has but one row.
            assert_eq!(Regions::cut(&[1, 1000 * million], order, 8, BLOCK).rows(), None);
            assert_eq!(cut[1999].start, [0, 1000 * million - million / 2]);
        }
        let cut = regions(&[2, 1000 * million, 3], Order::F, 8, BLOCK);
        assert_eq!(cut[0].shape, [2, million / 4, 1]);
        assert_eq!(cut.len(), 3 * 4000);
        assert_eq!(cut[4000].start, [0, 0, 1]);
        // A single element may be larger than any block.
        assert_eq!(regions(&[3], Order::C, 1 << 40, BLOCK).len(), 3);
        assert_eq!(regions(&[usize::MAX, 0], Order::C, 8, BLOCK).len(), 1);
    }

    #[test]
    fn what_has_another_type_only_in_the_file_is_plain() {
        let halves =
            Raw::new("<f2".parse().unwrap(), &[2], Order::C, vec![0, 0x3c, 0, 0xc0]).unwrap();
        let floats = npz::ndarray::arr1(&[1.0_f32, -2.0]).into_dyn();
        assert_eq!(plain(AnyArray::Raw(halves)).unwrap(), AnyArray::F32(floats));
        let bools = Raw::new("|b1".parse().unwrap(), &[1, 3], Order::F, vec![0, 1, 2]).unwrap();
        let expected = npz::ndarray::arr2(&[[false, true, true]]).into_dyn();
        assert_eq!(plain(AnyArray::Raw(bools)).unwrap(), AnyArray::Bool(expected));
    }
}
