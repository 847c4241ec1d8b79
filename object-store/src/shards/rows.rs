//! Which rows a slice takes, of an array and of each of its shards.

use std::ops::Range;

use npz::ndarray::SliceInfoElem;

/// What a slice takes of the first axis: some rows in ascending order.
pub(super) struct Rows {
    first: usize,
    step: usize,
    count: usize,
    /// What the slice's own element is, of which they are the rows.
    is_index: bool,
    is_reversed: bool,
}

/// What it takes of one shard.
pub(super) struct Part {
    /// As an element of a slice of the shard.
    pub(super) elem: SliceInfoElem,
    pub(super) len: usize,
}

impl Rows {
    /// What `elem` takes of `len` rows, or why that is nothing.
    pub(super) fn new(elem: SliceInfoElem, len: usize) -> Result<Self, String> {
        // Negative ones are counted from the end.
        let absolute = |index: isize| match usize::try_from(index) {
            Ok(index) => Some(index),
            Err(_) => len.checked_sub(index.unsigned_abs()),
        };
        let (start, end, step) = match elem {
            SliceInfoElem::Slice { start, end, step } => (start, end, step),
            SliceInfoElem::Index(index) => {
                let first = absolute(index).filter(|&index| index < len);
                let first = first.ok_or_else(|| format!("there is no row {index} of {len}"))?;
                return Ok(Self { first, step: 1, count: 1, is_index: true, is_reversed: false });
            }
            SliceInfoElem::NewAxis => return Err("a new axis has no rows".to_owned()),
        };
        let outside = || {
            format!(
                "the rows {start}..{} are not among {len}",
                end.map_or(String::new(), |end| end.to_string())
            )
        };
        let from = absolute(start).ok_or_else(outside)?;
        let to = end.map_or(Some(len), absolute).filter(|&to| to <= len).ok_or_else(outside)?;
        if from > len {
            return Err(outside());
        }
        let size = step.unsigned_abs();
        let wanted = to.saturating_sub(from);
        let count = wanted.div_ceil(size.max(1));
        let first = match step {
            0 => return Err("rows cannot be taken by steps of 0".to_owned()),
            1.. => from,
            // Counted from the last of them.
            _ => to.saturating_sub(1).saturating_sub(count.saturating_sub(1).saturating_mul(size)),
        };
        Ok(Self { first, step: size, count, is_index: false, is_reversed: step < 0 })
    }
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Whether the slice has them in descending order.
    pub(super) fn is_reversed(&self) -> bool {
        self.is_reversed
    }

    /// Those of a shard, which has these of all rows; `None` if there are none.
    pub(super) fn within(&self, shard: &Range<usize>) -> Option<Part> {
        let &Self { first, step, count, is_index, .. } = self;
        let before = |row: usize| row.saturating_sub(first).div_ceil(step).min(count);
        let (from, to) = (before(shard.start), before(shard.end));
        let len = to.checked_sub(from).filter(|&len| len > 0)?;
        let row = |of_rows: usize| {
            let row = first.checked_add(of_rows.checked_mul(step)?)?.checked_sub(shard.start)?;
            isize::try_from(row).ok()
        };
        let (start, last) = (row(from)?, row(to.checked_sub(1)?)?);
        let elem = match is_index {
            true => SliceInfoElem::Index(start),
            false => {
                let step = isize::try_from(step).unwrap_or(isize::MAX);
                SliceInfoElem::Slice { start, end: last.checked_add(1), step }
            }
        };
        Some(Part { elem, len })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use npz::ndarray::{Array1, Axis, Slice};

    /// Every slice of a few rows, cut in every way into two shards, is what ndarray makes of it.
    #[test]
    fn rows_are_those_of_ndarray() {
        const LEN: usize = 7;
        let whole = Array1::from_iter(0..LEN);
        let len = LEN as isize;
        for (start, end) in (-len..=len).flat_map(|start| (-len..=len).map(move |end| (start, end)))
        {
            for (end, step) in [Some(end), None]
                .into_iter()
                .flat_map(|end| [-9, -3, -2, -1, 1, 2, 3, 9].map(|step| (end, step)))
            {
                let absolute = |index: isize| if index < 0 { index + len } else { index };
                let rows = Rows::new(SliceInfoElem::Slice { start, end, step }, LEN).unwrap();
                let mut expected = match absolute(start) <= end.map_or(len, absolute) {
                    true => whole.slice_axis(Axis(0), Slice { start, end, step }).to_vec(),
                    false => Vec::new(),
                };
                if step < 0 {
                    expected.reverse();
                }
                assert_eq!(rows.len(), expected.len(), "{start}..{end:?};{step}");
                for cut in 0..=LEN {
                    let of_shard = |range: Range<usize>| match rows.within(&range) {
                        None => Vec::new(),
                        Some(Part { elem: SliceInfoElem::Slice { start, end, step }, len }) => {
                            let shard = whole.slice_axis(Axis(0), Slice::from(range));
                            let part = shard.slice_axis(Axis(0), Slice { start, end, step });
                            assert_eq!(part.len(), len);
                            part.to_vec()
                        }
                        Some(Part { elem, .. }) => panic!("{elem:?}"),
                    };
                    let found = [of_shard(0..cut), of_shard(cut..LEN)].concat();
                    assert_eq!(found, expected, "{start}..{end:?};{step} cut at {cut}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let slice =
            |start, end, step| Rows::new(SliceInfoElem::Slice { start, end, step }, 7).err();
        assert!(slice(0, Some(8), 1).is_some() && slice(-8, None, 1).is_some());
        assert!(slice(8, None, 1).is_some() && slice(0, None, 0).is_some());
        assert!(Rows::new(SliceInfoElem::Index(7), 7).is_err());
        assert!(Rows::new(SliceInfoElem::Index(-8), 7).is_err());
        for index in -7..7 {
            let rows = Rows::new(SliceInfoElem::Index(index), 7).unwrap();
            let row = index.rem_euclid(7) as usize;
            let part = rows.within(&(row..row + 1)).unwrap();
            assert!(matches!(part.elem, SliceInfoElem::Index(0)));
            assert!(rows.within(&(0..row)).is_none() && rows.within(&(row + 1..7)).is_none());
        }
    }
}
