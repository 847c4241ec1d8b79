//! What is selected of an array, and no more of it, is loaded: by rows, by blocks, or its edges.

use std::io::Write;

use npz::ndarray::{ArrayD, Axis as Along, Order, SliceInfoElem, concatenate};
use npz::{AnyArray, FromNpy, Raw};

use crate::Result;
use crate::archive::Archive;
use crate::blocks::{BLOCK, Region, Regions};
use crate::item::{Item, items};
use crate::progress::Bar;
use crate::slice::{Axis, Selection};

/// How many elements are an edge of an axis.
pub const EDGE: usize = 3;

/// How many rows are loaded at once, at most.
const MOST_ROWS: usize = 1 << 16;

/// The first and the last elements of each axis that is longer than both.
pub fn edges(archive: &Archive, selection: &Selection) -> Result<ArrayD<Item>> {
    Loader::new(archive, selection)?.edges(&mut selection.axes.clone(), 0)
}

/// All that is selected.
pub fn whole(archive: &Archive, selection: &Selection) -> Result<ArrayD<Item>> {
    Loader::new(archive, selection)?.load(&selection.axes)
}

/// Loads what is selected, some rows of its first axis at a time.
pub fn rows<T: FromNpy>(
    archive: &Archive,
    Selection { name, axes }: &Selection,
    mut act: impl FnMut(T) -> Result,
) -> Result {
    let info = archive.info(name)?;
    let lens = axes.iter().filter_map(Axis::len);
    let size = lens.fold(info.dtype().itemsize().max(1), usize::saturating_mul);
    let first = axes.iter().position(|axis| axis.len().is_some());
    let Some((first, count)) = first.and_then(|first| Some((first, axes[first].len()?))) else {
        return act(archive.get_slice(name, &elems(axes))?);
    };
    let at_once = (BLOCK as usize / (size / count.max(1)).max(1)).clamp(1, MOST_ROWS);
    let bar = Bar::new(size as u64);
    // These are read ahead.
    let mut chunks = match info.order() == Order::C && is_whole(axes, info.shape()) {
        true => Some(archive.chunks(name, at_once)?),
        false => None,
    };
    for start in (0..count).step_by(at_once) {
        let part = match chunks.as_mut().and_then(Iterator::next) {
            Some(chunk) => chunk?,
            None => {
                let mut axes = axes.clone();
                axes[first] = axes[first].part(start..(start + at_once).min(count));
                archive.get_slice(name, &elems(&axes))?
            }
        };
        act(part)?;
        bar.add((size / count * at_once) as u64);
    }
    Ok(())
}

/// Loads what is selected block by block, in the order of the file. The index of each block's first element
/// is passed on with it.
pub fn blocks<T: FromNpy>(
    archive: &Archive,
    Selection { name, axes }: &Selection,
    mut act: impl FnMut(&[usize], T) -> Result,
) -> Result {
    let info = archive.info(name)?;
    let shape: Vec<_> = axes.iter().filter_map(Axis::len).collect();
    let itemsize = info.dtype().itemsize() as u64;
    let regions = Regions::cut(&shape, info.order(), itemsize, BLOCK);
    let mut chunks = match regions.rows() {
        Some(rows) if is_whole(axes, info.shape()) => Some(archive.chunks(name, rows)?),
        _ => None,
    };
    let bar = Bar::new(shape.iter().fold(itemsize, |size, &len| size.saturating_mul(len as u64)));
    for Region { start, shape } in regions {
        let chunk = chunks.as_mut().and_then(Iterator::next).transpose()?;
        let block = chunk.map_or_else(
            || {
                let mut parts = start.iter().zip(&shape).map(|(&start, &len)| start..start + len);
                let part = |axis: &Axis| match axis.len() {
                    Some(_) => axis.part(parts.next().unwrap_or(0..0)),
                    None => *axis,
                };
                archive.get_slice(name, &elems(&axes.iter().map(part).collect::<Vec<_>>()))
            },
            Ok,
        )?;
        act(&start, block)?;
        bar.add(shape.iter().fold(itemsize, |size, &len| size.saturating_mul(len as u64)));
    }
    Ok(())
}

/// Writes the bytes of all elements, in the order and the byte order of the file.
pub fn bytes(archive: &Archive, selection: &Selection, out: &mut impl Write) -> Result {
    blocks(archive, selection, |_, block: Raw| Ok(out.write_all(block.bytes())?))
}

fn is_whole(axes: &[Axis], shape: &[usize]) -> bool {
    axes.iter().copied().eq(shape.iter().map(|&len| Axis::all(len)))
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
