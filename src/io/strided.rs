//! [`StridedRanges`]: where the bytes of a slice are in the file.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "the ranges are those of a slice, which `npy` has held against its array, so that \
              none reaches further than memory can; none is empty; and what has been requested \
              is as long as it was asked for"
)]

use std::ops::Range;

/// Ranges of bytes, all of the same length, in the order in which they lie in the file: those
/// that nested loops come to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StridedRanges {
    /// Where the first one starts.
    start: u64,
    /// How long each is.
    len: usize,
    /// The outermost loop first.
    loops: Vec<Loop>,
}

/// A loop of `count` steps, each `step` bytes further. A step goes beyond the end of all that is
/// inside the loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Loop {
    pub(crate) count: usize,
    pub(crate) step: u64,
}

/// A stretch of bytes to be read at once, and how many of them are wanted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    /// The first one and the last one are wanted.
    pub(crate) bytes: Range<u64>,
    pub(crate) wanted: usize,
}

impl Request {
    /// Whether all of its bytes are wanted.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.end - self.bytes.start == self.wanted as u64
    }
}

impl StridedRanges {
    pub(crate) fn new(start: u64, len: usize, loops: Vec<Loop>) -> Self {
        Self { start, len, loops }
    }

    /// The same ranges, `offset` bytes further.
    pub(crate) fn offset_by(self, offset: u64) -> Self {
        Self { start: self.start + offset, ..self }
    }

    /// How many bytes there are in all ranges.
    pub(crate) fn total(&self) -> u64 {
        self.loops.iter().map(|each| each.count as u64).product::<u64>() * self.len as u64
    }

    /// The next stretch after the first `done` of all bytes: as long as there are no gaps of
    /// more than `gap` bytes in it, nor a multiple of `grain`, nor more than `most` bytes
    /// that are wanted.
    pub(crate) fn request(&self, done: u64, most: usize, grain: u64, gap: u64) -> Request {
        let mut place = Place::new(self, done);
        let start = place.start;
        let limit = (start / grain + 1) * grain;
        let (mut end, mut wanted) = (start, 0);
        while place.start < limit && place.start - end <= gap && wanted < most {
            let len = (place.len as u64).min(limit - place.start).min((most - wanted) as u64);
            end = place.start + len;
            wanted += len as usize;
            if len < place.len as u64 {
                break;
            }
            // As many more as the innermost loop has, where they are near each other.
            let more = match self.loops.last() {
                Some(inner) if inner.step - self.len as u64 <= gap => (place.left_in_loop() as u64)
                    .min((limit - end) / inner.step)
                    .min((most - wanted) as u64 / self.len as u64),
                _ => 0,
            };
            end += more * self.loops.last().map_or(0, |inner| inner.step);
            wanted += more as usize * self.len;
            if !place.advance(1 + more as usize) {
                break;
            }
        }
        Request { bytes: start..end, wanted }
    }

    /// Copies to `out` the bytes after the first `done`, which are in `window`: the bytes
    /// from `start` on.
    pub(crate) fn copy(&self, done: u64, window: &[u8], start: u64, mut out: &mut [u8]) {
        let mut place = Place::new(self, done);
        while !out.is_empty() {
            let from = (place.start - start) as usize;
            let whole = (out.len() / self.len).min(1 + place.left_in_loop());
            if place.len == self.len && whole > 1 {
                let step = self.loops.last().map_or(self.len, |inner| inner.step as usize);
                let (now, rest) = out.split_at_mut(whole * self.len);
                copy_ranges(&window[from..], step, self.len, now);
                out = rest;
                place.advance(whole);
            } else {
                let (now, rest) = out.split_at_mut(place.len.min(out.len()));
                now.copy_from_slice(&window[from..][..now.len()]);
                out = rest;
                place.advance(1);
            }
        }
    }
}

/// One of the ranges, or what is left of it.
struct Place<'a> {
    ranges: &'a StridedRanges,
    /// How far each of the loops has come.
    indices: Vec<usize>,
    start: u64,
    len: usize,
}

impl<'a> Place<'a> {
    /// The place after the first `done` bytes of the ranges, which is not their end.
    fn new(ranges: &'a StridedRanges, done: u64) -> Self {
        let (mut range, within) = (done / ranges.len as u64, done % ranges.len as u64);
        let mut indices = vec![0; ranges.loops.len()];
        let mut start = ranges.start + within;
        for (index, each) in indices.iter_mut().zip(&ranges.loops).rev() {
            *index = (range % each.count as u64) as usize;
            range /= each.count as u64;
            start += *index as u64 * each.step;
        }
        Self { ranges, indices, start, len: ranges.len - within as usize }
    }

    /// How many more ranges the innermost loop comes to.
    fn left_in_loop(&self) -> usize {
        let inner = self.ranges.loops.last().zip(self.indices.last());
        inner.map_or(0, |(inner, index)| inner.count - 1 - index)
    }

    /// Goes on to the range that is `by` further, at most the first after the innermost loop;
    /// tells whether there is one.
    fn advance(&mut self, by: usize) -> bool {
        self.start -= (self.ranges.len - self.len) as u64;
        self.len = self.ranges.len;
        let mut by = by;
        for (index, each) in self.indices.iter_mut().zip(&self.ranges.loops).rev() {
            *index += by;
            self.start += by as u64 * each.step;
            if *index < each.count {
                return true;
            }
            self.start -= each.count as u64 * each.step;
            (*index, by) = (0, 1);
        }
        false
    }
}

/// Copies ranges of `len` bytes, which start every `step` bytes, until `out` is full.
fn copy_ranges(window: &[u8], step: usize, len: usize, out: &mut [u8]) {
    fn of_size<const N: usize>(window: &[u8], step: usize, out: &mut [u8]) {
        for (out, run) in out.as_chunks_mut::<N>().0.iter_mut().zip(window.chunks(step)) {
            out.copy_from_slice(&run[..N]);
        }
    }
    match len {
        1 => of_size::<1>(window, step, out),
        2 => of_size::<2>(window, step, out),
        4 => of_size::<4>(window, step, out),
        8 => of_size::<8>(window, step, out),
        16 => of_size::<16>(window, step, out),
        _ => {
            for (out, run) in out.chunks_exact_mut(len).zip(window.chunks(step)) {
                out.copy_from_slice(&run[..len]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Of each loop how often, and how many bytes are between what is inside.
    fn ranges(start: u64, len: usize, loops: &[(usize, u64)]) -> StridedRanges {
        let mut size = len as u64;
        let mut all = Vec::new();
        for &(count, between) in loops.iter().rev() {
            let step = size + between;
            all.insert(0, Loop { count, step });
            size += (count as u64 - 1) * step;
        }
        StridedRanges::new(start, len, all)
    }

    /// Every offset that is wanted.
    fn offsets(ranges: &StridedRanges) -> Vec<u64> {
        let mut starts = vec![ranges.start];
        for each in &ranges.loops {
            let of_one = |&start: &u64| (0..each.count as u64).map(move |i| start + i * each.step);
            starts = starts.iter().flat_map(of_one).collect();
        }
        starts.iter().flat_map(|&start| start..start + ranges.len as u64).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

        #[test]
        fn requests_have_all_bytes_in_order(
            start in 0..50_u64,
            len in 1..20_usize,
            loops in prop::collection::vec((1..6_usize, 0..12_u64), 0..4),
            most in 1..300_usize,
            grain in 1..300_u64,
            gap in 0..15_u64,
        ) {
            let ranges = ranges(start, len, &loops);
            let all = offsets(&ranges);
            prop_assert_eq!(ranges.total(), all.len() as u64);
            let file: Vec<u8> = (0..=all[all.len() - 1]).map(|i| (i * 7 + i / 256) as u8).collect();
            let mut out = vec![0; all.len()];
            let mut done = 0;
            while done < all.len() {
                let window = ranges.request(done as u64, most.min(all.len() - done), grain, gap);
                let wanted = &all[done..done + window.wanted];
                prop_assert_eq!(wanted[0], window.bytes.start);
                prop_assert_eq!(wanted[wanted.len() - 1] + 1, window.bytes.end);
                prop_assert!(window.wanted <= most);
                prop_assert_eq!(window.bytes.start / grain, (window.bytes.end - 1) / grain);
                prop_assert!(wanted.windows(2).all(|two| two[1] - two[0] - 1 <= gap));
                // And it could not have been longer.
                if let Some(&next) = all.get(done + window.wanted).filter(|_| window.wanted < most) {
                    let (apart, last) = (next - window.bytes.end, window.bytes.end - 1);
                    prop_assert!(apart > gap || next / grain > last / grain, "{:?}", window);
                }
                let bytes = &file[window.bytes.start as usize..window.bytes.end as usize];
                let part = &mut out[done..][..window.wanted];
                ranges.copy(done as u64, bytes, window.bytes.start, part);
                done += window.wanted;
            }
            let expected: Vec<u8> = all.iter().map(|&at| file[at as usize]).collect();
            prop_assert_eq!(out, expected);
        }
    }
}
