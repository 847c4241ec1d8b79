//! Reading from slow sources what an operation needs, before it is used, in few reads at once.

use std::io;
use std::ops::Range;

use super::cost::ReadCost;
use super::read_at::ReadAt;
use super::source::SharedInput;
use crate::error::{Error, Result};
use crate::sizes::FETCHED_TOGETHER;

/// Lets `act` have the items, whose bytes are at `place`, in ascending order. Where reads are planned,
/// it gets them in several parts, and together with each an input that has their bytes in memory.
///
/// What cannot be fetched is left to `act`, which finds out what is wrong where it is.
pub(crate) fn in_parts<T, E>(
    input: SharedInput<'_>,
    items: Vec<T>,
    place: impl Fn(&T) -> Range<u64>,
    mut act: impl FnMut(SharedInput<'_>, Vec<T>) -> Result<(), E>,
) -> Result<(), E> {
    let SharedInput::At(source) = input else { return act(input, items) };
    let cost = source.cost();
    if !cost.is_planned() {
        return act(input, items);
    }
    let mut items = items.into_iter().peekable();
    while let Some(first) = items.next() {
        let mut runs = Runs::new(place(&first), cost.worth_reading());
        let mut part = vec![first];
        while let Some(item) = items.next_if(|item| runs.push(place(item))) {
            part.push(item);
        }
        match Fetched::new(source, cost, runs) {
            Some(fetched) => act(SharedInput::At(&fetched), part)?,
            None => act(input, part)?,
        }
    }
    Ok(())
}

/// Ranges of a source's bytes, in ascending order, that are few enough to be held in memory.
struct Runs {
    runs: Vec<Range<u64>>,
    /// What is read over rather than skipped.
    gap: u64,
    left: u64,
}

impl Runs {
    fn new(first: Range<u64>, gap: u64) -> Self {
        let left = FETCHED_TOGETHER.saturating_sub(len(&first));
        Self { runs: vec![first], gap, left }
    }

    /// Adds a range, if there is room for it.
    fn push(&mut self, range: Range<u64>) -> bool {
        let Some(last) = self.runs.last_mut() else { return false };
        let is_near = range.start.saturating_sub(last.end) <= self.gap;
        let start = if is_near { last.end } else { range.start };
        let Some(left) = self.left.checked_sub(range.end.saturating_sub(start)) else {
            return false;
        };
        self.left = left;
        match is_near {
            true => last.end = last.end.max(range.end),
            false => self.runs.push(range),
        }
        true
    }
}

/// A source, some of whose bytes are in memory.
struct Fetched<'a> {
    source: &'a dyn ReadAt,
    /// Each at its offset, in ascending order.
    runs: Vec<(u64, Vec<u8>)>,
}

impl<'a> Fetched<'a> {
    /// `None` if the bytes cannot be had, or are more than should be in memory.
    fn new(source: &'a dyn ReadAt, cost: ReadCost, runs: Runs) -> Option<Self> {
        if runs.runs.iter().map(len).sum::<u64>() > FETCHED_TOGETHER {
            return None;
        }
        let filled = runs.runs.into_iter().map(|run| {
            let (size, mut bytes) = (usize::try_from(len(&run)).ok()?, Vec::new());
            bytes.try_reserve_exact(size).ok()?;
            bytes.resize(size, 0);
            Some((run.start, bytes))
        });
        let mut runs: Vec<(u64, Vec<u8>)> = filled.collect::<Option<_>>()?;
        let places = runs.iter_mut().map(|(start, bytes)| (*start, &mut bytes[..]));
        read_together(source, cost, places.collect()).ok()?;
        Some(Self { source, runs })
    }
}

impl ReadAt for Fetched<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let after = self.runs.partition_point(|&(start, _)| start <= offset);
        let run = after.checked_sub(1).and_then(|index| self.runs.get(index));
        if let Some((start, bytes)) = run
            && let read @ 1.. = bytes.read_at(buf, offset.saturating_sub(*start))?
        {
            return Ok(read);
        }
        self.source.read_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.source.size()
    }
}

/// Fills each of `places` with the bytes at its offset, in reads of the size that is best.
fn read_together(
    source: &dyn ReadAt,
    cost: ReadCost,
    places: Vec<(u64, &mut [u8])>,
) -> io::Result<()> {
    let size = cost.size_of_read(places.iter().map(|(_, place)| place.len()).sum()).get();
    let split =
        |(start, place): (u64, _)| (start..).step_by(size).zip(<[u8]>::chunks_mut(place, size));
    let mut reads: Vec<(u64, &mut [u8])> = places.into_iter().flat_map(split).collect();
    match reads.is_empty() {
        true => Ok(()),
        false => source.read_ranges(&mut reads),
    }
}

impl SharedInput<'_> {
    /// Fills `out` with the bytes at `offset`, by reads at the same time, if reads are planned.
    pub(crate) fn read_planned(&self, out: &mut [u8], offset: u64) -> Option<Result<()>> {
        let Self::At(source) = self else { return None };
        let cost = source.cost();
        cost.is_planned().then(|| {
            read_together(*source, cost, vec![(offset, out)]).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => Error::source_cut_short(),
                _ => Error::io("read", error),
            })
        })
    }
}

fn len(range: &Range<u64>) -> u64 {
    range.end.saturating_sub(range.start)
}
