//! Reading from slow sources what an operation needs, before it is used, in few reads at once.

use std::io;
use std::ops::Range;

use super::cost::ReadCost;
use super::read_at::ReadAt;
use super::source::SharedInput;
use crate::memory;

/// Lets `act` have the items, whose bytes are at `place`, in ascending order. Where reads are planned,
/// it gets them in several parts, and together with each an input that has their bytes in memory.
///
/// What cannot be fetched is left to `act`, which finds out what is wrong where it is; unless this
/// thread may not wait for it, which the threads of `act` would not know.
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
        let mut runs = Runs::new(place(&first), cost);
        let mut part = vec![first];
        while let Some(item) = items.next_if(|item| runs.push(place(item))) {
            part.push(item);
        }
        match Fetched::new(source, runs) {
            Ok(Some(fetched)) => act(SharedInput::At(&fetched), part)?,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                act(SharedInput::At(&Refused(error)), part)?;
            }
            Ok(None) | Err(_) => act(input, part)?,
        }
    }
    Ok(())
}

/// Ranges of a source's bytes, in ascending order, that are few enough to be held in memory; but for the
/// first, which may be too long.
struct Runs {
    runs: Vec<Range<u64>>,
    cost: ReadCost,
    size: u64,
}

impl Runs {
    fn new(first: Range<u64>, cost: ReadCost) -> Self {
        let size = len(&first);
        Self { runs: vec![first], cost, size }
    }

    /// Adds a range, if there is room for it. What is between it and the last one is read, too, if that
    /// costs less than another read.
    fn push(&mut self, range: Range<u64>) -> bool {
        let Some(last) = self.runs.last_mut() else { return false };
        let is_near = range.start.saturating_sub(last.end) <= self.cost.worth_reading();
        let start = if is_near { last.end } else { range.start };
        let size = self.size.saturating_add(range.end.saturating_sub(start));
        if size > self.cost.most_together() {
            return false;
        }
        self.size = size;
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
    /// `None` if the bytes are more than should be in memory.
    fn new(source: &'a dyn ReadAt, Runs { runs, cost, size }: Runs) -> io::Result<Option<Self>> {
        let empty = |run: Range<u64>| Some((run.start, memory::zeroed(len(&run) as usize)?));
        let is_little = size <= cost.most_together();
        let runs = is_little.then(|| runs.into_iter().map(empty).collect()).flatten();
        let Some(mut runs): Option<Vec<(u64, Vec<u8>)>> = runs else { return Ok(None) };
        let places = runs.iter_mut().map(|(start, bytes)| (*start, &mut bytes[..]));
        read_together(source, cost, places.collect())?;
        Ok(Some(Self { source, runs }))
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

/// A source that must not be read from here.
struct Refused(io::Error);

impl ReadAt for Refused {
    fn read_at(&self, _: &mut [u8], _: u64) -> io::Result<usize> {
        self.size().map(|_| 0)
    }

    fn size(&self) -> io::Result<u64> {
        Err(io::Error::new(self.0.kind(), self.0.to_string()))
    }
}

/// Fills each of `places` with the bytes at its offset, in reads of the size that is best.
pub(super) fn read_together(
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

fn len(range: &Range<u64>) -> u64 {
    range.end.saturating_sub(range.start)
}
