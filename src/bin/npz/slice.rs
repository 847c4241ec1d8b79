//! Slices as NumPy writes them: `x[10:20, ::2, -1]`, `x[..., 0]`, `x[None]`.

use std::ops::Range;

use anyhow::{Context, bail, ensure};
use npz::ndarray::SliceInfoElem;

use crate::Result;
use crate::archive::Archive;
use crate::output;

/// An array of an archive, and what is taken of it.
pub struct Selection<'a> {
    pub name: &'a str,
    pub axes: Vec<Axis>,
}

/// What is taken of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Axis {
    /// One element; the axis is gone.
    At(usize),
    /// `len` elements, the first at `start`.
    Steps { start: usize, step: isize, len: usize },
    /// An axis of length 1 that the array has not.
    New,
}

impl<'a> Selection<'a> {
    /// Reads `NAME` or `NAME[SLICE]`. A name that is there is a name, whatever brackets are in it. The
    /// name may be left out if there is one array only.
    pub fn parse(archive: &'a Archive, text: Option<&'a str>) -> Result<Self> {
        let (name, slice) = match text {
            None => ("", None),
            Some(text) if archive.contains(text) => (text, None),
            Some(text) => match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
                Some((name, slice)) => (name, Some(slice)),
                None => (text, None),
            },
        };
        let name = match (name, &archive.names()[..]) {
            ("", [only]) => only,
            ("", names) => bail!(
                "`{}` has {} arrays: say which (`npz ls` lists them)",
                archive.path.display(),
                names.len()
            ),
            (name, _) => name,
        };
        let info = archive.info(name)?;
        let axes = resolve(slice.unwrap_or("..."), info.shape())
            .with_context(|| format!("`{}`", text.unwrap_or_default()))?;
        Ok(Self { name, axes })
    }

    /// All of an array.
    pub fn whole(archive: &Archive, name: &'a str) -> Result<Self> {
        let axes = archive.info(name)?.shape().iter().map(|&len| Axis::all(len)).collect();
        Ok(Self { name, axes })
    }

    /// The shape of what is taken.
    pub fn shape(&self) -> Vec<usize> {
        self.axes.iter().filter_map(Axis::len).collect()
    }
}

impl Axis {
    /// All of an axis of this length.
    pub fn all(len: usize) -> Self {
        Self::Steps { start: 0, step: 1, len }
    }

    /// The length of the axis that comes out, unless it is gone.
    pub fn len(&self) -> Option<usize> {
        match *self {
            Self::At(_) => None,
            Self::Steps { len, .. } => Some(len),
            Self::New => Some(1),
        }
    }

    /// Of what is taken, only this much.
    pub fn part(&self, part: Range<usize>) -> Self {
        match *self {
            Self::Steps { start, step, .. } => {
                let start = start.wrapping_add_signed(step.wrapping_mul(part.start as isize));
                Self::Steps { start, step, len: part.len() }
            }
            axis => axis,
        }
    }

    /// What ndarray calls it.
    pub fn elem(&self) -> SliceInfoElem {
        match *self {
            Self::At(index) => SliceInfoElem::Index(index as isize),
            Self::New => SliceInfoElem::NewAxis,
            Self::Steps { len: 0, .. } => SliceInfoElem::Slice { start: 0, end: Some(0), step: 1 },
            Self::Steps { start, step, len } => {
                let last = start as isize + step * (len as isize - 1);
                // ndarray takes a range, and then its elements from the end.
                let (first, last) = (last.min(start as isize), last.max(start as isize));
                SliceInfoElem::Slice { start: first, end: Some(last + 1), step }
            }
        }
    }
}

/// What `slice`, the text in the brackets, takes of an array of this shape.
fn resolve(slice: &str, shape: &[usize]) -> Result<Vec<Axis>> {
    let items: Vec<_> = slice.split(',').map(str::trim).collect();
    let items = items.strip_suffix(&[""]).filter(|items| !items.is_empty()).unwrap_or(&items);
    let is_new = |item: &str| matches!(item, "None" | "newaxis" | "np.newaxis");
    let dots = items.iter().filter(|&&item| item == "...").count();
    let named = items.iter().filter(|item| !is_new(item)).count() - dots;
    ensure!(dots < 2, "`...` can stand there once only");
    ensure!(
        named <= shape.len(),
        "{named} indices for {} axes: the shape is {}",
        shape.len(),
        output::shape(shape)
    );
    let (mut axes, mut lens) = (Vec::new(), shape.iter());
    for &item in items {
        if is_new(item) {
            axes.push(Axis::New);
        } else if item == "..." {
            axes.extend(lens.by_ref().take(shape.len() - named).map(|&len| Axis::all(len)));
        } else if let Some(&len) = lens.next() {
            axes.push(axis(item, len)?);
        }
    }
    axes.extend(lens.map(|&len| Axis::all(len)));
    Ok(axes)
}

/// What an index, or a range as Python knows it, takes of an axis of this length.
fn axis(item: &str, len: usize) -> Result<Axis> {
    let number = |text: &str| {
        text.trim().parse::<isize>().ok().with_context(|| {
            format!("`{item}` is not an index, nor a range such as 10:20, ::2 or -5:")
        })
    };
    let parts: Vec<_> = item.split(':').map(str::trim).collect();
    ensure!(parts.len() <= 3, "`{item}` has too many colons");
    let [first, rest @ ..] = &parts[..] else { bail!("there is no index") };
    let size = len as isize; // no array is longer
    if rest.is_empty() {
        let index = number(first)?;
        let at = if index < 0 { size + index } else { index };
        ensure!(
            (0..size).contains(&at),
            "the index {index} is outside of the axis, whose length is {len}"
        );
        return Ok(Axis::At(at as usize));
    }
    let part = |index: usize| {
        let text = parts.get(index).filter(|text| !text.is_empty());
        text.map(|text| number(text)).transpose()
    };
    let step = part(2)?.unwrap_or(1);
    ensure!(step != 0, "a range cannot have the step 0");
    // Where a range ends is never beyond the axis.
    let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
    let bound = |bound: isize| {
        (if bound < 0 { bound.saturating_add(size) } else { bound }).clamp(low, high)
    };
    let start = part(0)?.map_or(if step > 0 { low } else { high }, bound);
    let stop = part(1)?.map_or(if step > 0 { high } else { low }, bound);
    let distance = if step > 0 { stop - start } else { start - stop };
    let len = (distance.max(0) as usize).div_ceil(step.unsigned_abs());
    Ok(Axis::Steps { start: start.max(0) as usize, step, len })
}

#[cfg(test)]
mod tests {
    use super::*;
    use npz::ndarray::{ArrayD, IxDyn};

    fn taken(slice: &str, shape: &[usize]) -> Result<(Vec<usize>, Vec<usize>)> {
        let len = shape.iter().product();
        let array = ArrayD::from_shape_vec(IxDyn(shape), (0..len).collect()).unwrap();
        let axes = resolve(slice, shape)?;
        let elems: Vec<_> = axes.iter().map(Axis::elem).collect();
        let taken = array.slice(&elems[..]);
        let lens: Vec<_> = axes.iter().filter_map(Axis::len).collect();
        assert_eq!(taken.shape(), lens);
        Ok((lens, taken.iter().copied().collect()))
    }

    /// What NumPy gives for each.
    #[test]
    fn slices_are_numpys() {
        for (slice, expected) in [
            ("2:5", &[2, 3, 4][..]),
            ("-3:", &[7, 8, 9]),
            (":100", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
            ("::-1", &[9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
            ("8:2:-3", &[8, 5]),
            (":-4:-1", &[9, 8, 7]),
            ("-100:3", &[0, 1, 2]),
            ("1::4", &[1, 5, 9]),
            ("5:2", &[]),
            ("2:5:-1", &[]),
            ("100:200", &[]),
            ("100::-4", &[9, 5, 1]),
            (" 1 : 3 ,", &[1, 2]),
            ("-1", &[9]),
            ("...", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ] {
            assert_eq!(taken(slice, &[10]).unwrap().1, expected, "{slice}");
        }
        assert_eq!(taken("1, ::2", &[3, 4]).unwrap(), (vec![2], vec![4, 6]));
        assert_eq!(taken("..., -1", &[2, 2, 2]).unwrap(), (vec![2, 2], vec![1, 3, 5, 7]));
        assert_eq!(taken("None, 0, ..., None", &[2, 3]).unwrap(), (vec![1, 3, 1], vec![0, 1, 2]));
        assert_eq!(taken("...", &[]).unwrap(), (vec![], vec![0]));
        for (slice, problem) in [
            ("10", "the index 10 is outside of the axis, whose length is 10"),
            ("-11", "the index -11 is outside of the axis, whose length is 10"),
            ("1, 2", "2 indices for 1 axes: the shape is (10,)"),
            ("a", "`a` is not an index, nor a range such as 10:20, ::2 or -5:"),
            ("", "`` is not an index, nor a range such as 10:20, ::2 or -5:"),
            ("::0", "a range cannot have the step 0"),
            ("1:2:3:4", "`1:2:3:4` has too many colons"),
            ("..., ...", "`...` can stand there once only"),
        ] {
            assert_eq!(taken(slice, &[10]).unwrap_err().to_string(), problem, "{slice}");
        }
    }
}
