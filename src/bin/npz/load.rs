//! What is selected of an array, and no more of it, is loaded: part by part, or its edges.

use std::io::Write;

use npz::ndarray::{ArrayD, Axis as Along, SliceInfoElem, concatenate};
use npz::{AnyArray, FromNpy, Raw};

use crate::Result;
use crate::archive::Archive;
use crate::item::{Item, items};
use crate::slice::{Axis, Selection};

/// How many elements are an edge of an axis.
pub const EDGE: usize = 3;

/// About how much is loaded at once, and how many rows at most.
const PART: usize = 4 << 20;
const MOST_ROWS: usize = 1 << 16;

/// The first and the last elements of each axis that is longer than both.
pub fn edges(archive: &Archive, selection: &Selection) -> Result<ArrayD<Item>> {
    Loader::new(archive, selection)?.edges(&mut selection.axes.clone(), 0)
}

/// All that is selected.
pub fn whole(archive: &Archive, selection: &Selection) -> Result<ArrayD<Item>> {
    Loader::new(archive, selection)?.load(&selection.axes)
}

/// Loads what is selected part by part: some rows of the first axis at a time.
pub fn parts<T: FromNpy>(
    archive: &Archive,
    Selection { name, axes }: &Selection,
    mut act: impl FnMut(T) -> Result,
) -> Result {
    let info = archive.info(name)?;
    let lens = axes.iter().filter_map(Axis::len);
    let size = lens.fold(info.dtype().itemsize().max(1), usize::saturating_mul);
    let first = axes.iter().position(|axis| matches!(axis, Axis::Steps { len: 1.., .. }));
    let Some((first, rows)) = first.and_then(|first| Some((first, axes.get(first)?.len()?))) else {
        return act(archive.get_slice(name, &elems(axes))?);
    };
    let row = size / rows;
    let at_once = (PART / row.max(1)).clamp(1, MOST_ROWS);
    let is_whole = axes.iter().zip(info.shape()).all(|(axis, &len)| *axis == Axis::all(len));
    // These are read ahead.
    if is_whole && axes.len() == info.shape().len() && info.order() == npz::ndarray::Order::C {
        return archive.chunks(name, at_once)?.try_for_each(|part| act(part?));
    }
    for start in (0..rows).step_by(at_once) {
        let mut axes = axes.clone();
        axes[first] = axes[first].part(start..(start + at_once).min(rows));
        act(archive.get_slice(name, &elems(&axes))?)?;
    }
    Ok(())
}

/// Writes the bytes of all elements, in the order and the byte order of the file.
pub fn bytes(archive: &Archive, selection: &Selection, out: &mut impl Write) -> Result {
    parts(archive, selection, |part: Raw| Ok(out.write_all(part.bytes())?))
}

fn elems(axes: &[Axis]) -> Vec<SliceInfoElem> {
    axes.iter().map(Axis::elem).collect()
}

struct Loader<'a> {
    archive: &'a Archive,
    name: &'a str,
    /// Python objects, which can be loaded together only.
    objects: Option<ArrayD<Item>>,
}

impl<'a> Loader<'a> {
    fn new(archive: &'a Archive, selection: &Selection<'a>) -> Result<Self> {
        let name = selection.name;
        let objects = match archive.info(name)?.dtype().has_object() {
            true => Some(items(&archive.get::<AnyArray>(name)?)?),
            false => None,
        };
        Ok(Self { archive, name, objects })
    }

    fn load(&self, axes: &[Axis]) -> Result<ArrayD<Item>> {
        let elems = elems(axes);
        match &self.objects {
            Some(objects) => Ok(objects.slice(&elems[..]).to_owned()),
            None => items(&self.archive.get_slice::<AnyArray>(self.name, &elems)?),
        }
    }

    /// Loads the edges of the axes from `index` on.
    fn edges(&self, axes: &mut [Axis], index: usize) -> Result<ArrayD<Item>> {
        let is_long = |axis: &Axis| axis.len().is_some_and(|len| len > 2 * EDGE);
        let Some(index) = (index..axes.len()).find(|&index| is_long(&axes[index])) else {
            return self.load(axes);
        };
        let (axis, along) = (axes[index], axes[..index].iter().filter_map(Axis::len).count());
        let len = axis.len().unwrap_or(0);
        let mut parts = Vec::new();
        for part in [0..EDGE, len - EDGE..len] {
            axes[index] = axis.part(part);
            parts.push(self.edges(axes, index + 1)?);
        }
        axes[index] = axis;
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        Ok(concatenate(Along(along), &views)?)
    }
}
