//! [`Runs`]: where the bytes of a slice are.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "runs are those of a slice, which `npy` has held against its array, so that none \
              reaches further than memory can; there are none of no length; and windows are as \
              long as they were asked for"
)]

use std::ops::Range;

/// Runs of bytes, all of the same length, in the order in which they lie: those that
/// nested loops come to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Runs {
    /// Where the first one starts.
    start: u64,
    /// How long each is.
    len: usize,
    /// The outermost loop first.
    loops: Vec<Loop>,
}

/// As many steps, each so many bytes further: beyond the end of all that is inside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Loop {
    pub(crate) count: usize,
    pub(crate) step: u64,
}

/// A stretch of bytes, and how many of them are wanted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Window {
    /// The first one and the last one are wanted.
    pub(crate) bytes: Range<u64>,
    pub(crate) wanted: usize,
}

impl Window {
    /// Whether all of its bytes are wanted.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.end - self.bytes.start == self.wanted as u64
    }
}

impl Runs {
    pub(crate) fn new(start: u64, len: usize, loops: Vec<Loop>) -> Self {
        Self { start, len, loops }
    }

    /// The same runs in bytes of which the first is at `offset`.
    pub(crate) fn offset_by(self, offset: u64) -> Self {
        Self { start: self.start + offset, ..self }
    }

    /// How many bytes there are in all runs.
    pub(crate) fn total(&self) -> u64 {
        self.loops.iter().map(|each| each.count as u64).product::<u64>() * self.len as u64
    }

    /// The next stretch after the first `done` of all bytes: as long as there are no gaps of
    /// more than `gap` bytes in it, nor a multiple of `grain`, nor more than `most` bytes
    /// that are wanted.
    pub(crate) fn window(&self, done: u64, most: usize, grain: u64, gap: u64) -> Window {
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
        Window { bytes: start..end, wanted }
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
                copy_runs(&window[from..], step, self.len, now);
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

/// A run, or what is left of it.
struct Place<'a> {
    runs: &'a Runs,
    /// How far each of the loops has come.
    indices: Vec<usize>,
    start: u64,
    len: usize,
}

impl<'a> Place<'a> {
    /// After the first `done` bytes of the runs, of which there are more.
    fn new(runs: &'a Runs, done: u64) -> Self {
        let (mut run, within) = (done / runs.len as u64, done % runs.len as u64);
        let mut indices = vec![0; runs.loops.len()];
        let mut start = runs.start + within;
        for (index, each) in indices.iter_mut().zip(&runs.loops).rev() {
            *index = (run % each.count as u64) as usize;
            run /= each.count as u64;
            start += *index as u64 * each.step;
        }
        Self { runs, indices, start, len: runs.len - within as usize }
    }

    /// How many more runs the innermost loop comes to.
    fn left_in_loop(&self) -> usize {
        let inner = self.runs.loops.last().zip(self.indices.last());
        inner.map_or(0, |(inner, index)| inner.count - 1 - index)
    }

    /// Goes on to the run that is `by` further, at most the first after the innermost loop;
    /// tells whether there is one.
    fn advance(&mut self, by: usize) -> bool {
        self.start -= (self.runs.len - self.len) as u64;
        self.len = self.runs.len;
        let mut by = by;
        for (index, each) in self.indices.iter_mut().zip(&self.runs.loops).rev() {
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

/// Copies runs of `len` bytes, which start every `step` bytes, until `out` is full.
fn copy_runs(window: &[u8], step: usize, len: usize, out: &mut [u8]) {
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
    fn runs(start: u64, len: usize, loops: &[(usize, u64)]) -> Runs {
        let mut size = len as u64;
        let mut all = Vec::new();
        for &(count, between) in loops.iter().rev() {
            let step = size + between;
            all.insert(0, Loop { count, step });
            size += (count as u64 - 1) * step;
        }
        Runs::new(start, len, all)
    }

    /// Every offset that is wanted.
    fn offsets(runs: &Runs) -> Vec<u64> {
        let mut starts = vec![runs.start];
        for each in &runs.loops {
            let of_one = |&start: &u64| (0..each.count as u64).map(move |i| start + i * each.step);
            starts = starts.iter().flat_map(of_one).collect();
        }
        starts.iter().flat_map(|&start| start..start + runs.len as u64).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

        #[test]
        fn windows_have_all_bytes_in_order(
            start in 0..50_u64,
            len in 1..20_usize,
            loops in prop::collection::vec((1..6_usize, 0..12_u64), 0..4),
            most in 1..300_usize,
            grain in 1..300_u64,
            gap in 0..15_u64,
        ) {
            let runs = runs(start, len, &loops);
            let all = offsets(&runs);
            prop_assert_eq!(runs.total(), all.len() as u64);
            let file: Vec<u8> = (0..=all[all.len() - 1]).map(|i| (i * 7 + i / 256) as u8).collect();
            let mut out = vec![0; all.len()];
            let mut done = 0;
            while done < all.len() {
                let window = runs.window(done as u64, most.min(all.len() - done), grain, gap);
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
                runs.copy(done as u64, bytes, window.bytes.start, part);
                done += window.wanted;
            }
            let expected: Vec<u8> = all.iter().map(|&at| file[at as usize]).collect();
            prop_assert_eq!(out, expected);
        }
    }
}
