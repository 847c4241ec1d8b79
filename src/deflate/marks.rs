//! Places in streams from where inflating can go on, so that the next slice of an array need not
//! begin at the start of its stream.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::span_decoder::SpanDecoder;

/// How many marks are kept, of 59 KiB or so each: the last ones.
const MOST: usize = 64;

/// How many there are in a stream at most, and how many inflated bytes are between them at least.
const IN_A_STREAM: u64 = 32;
const LEAST: u64 = 1 << 20;

/// Marks in the streams of an archive.
#[derive(Default)]
pub(crate) struct Marks(Mutex<VecDeque<Mark>>);

/// What it takes to go on.
#[derive(Clone)]
pub(super) struct Mark {
    /// How many bytes come before it, inflated, and the last of them.
    pub(super) position: u64,
    pub(super) history: Vec<u8>,
    pub(super) decoder: SpanDecoder,
    /// Where the rest of the stream is in the file.
    pub(super) left: Range<u64>,
}

/// The marks of one stream, for whoever inflates it.
pub(super) struct Marking {
    marks: Arc<Marks>,
    /// How far the marks are apart, and where the next one may be.
    distance: u64,
    next: u64,
}

impl Marking {
    /// For a stream of `size` bytes, inflated.
    pub(super) fn new(marks: Arc<Marks>, size: u64) -> Self {
        let distance = size.div_ceil(IN_A_STREAM).max(LEAST);
        Self { marks, distance, next: distance }
    }

    /// Leaves a mark, unless the last one is near.
    pub(super) fn pass(&mut self, position: u64, mark: impl FnOnce() -> Mark) {
        if position < self.next {
            return;
        }
        self.next = position.saturating_add(self.distance);
        let mark = mark();
        let mut marks = self.marks.lock();
        let is_here = |other: &Mark| other.left == mark.left && other.position == position;
        if !marks.iter().any(is_here) {
            if marks.len() >= MOST {
                marks.pop_front();
            }
            marks.push_back(mark);
        }
    }

    /// The last mark in the stream that ends at `end` in the file which is after the byte `from` and
    /// not after the byte `to`. It is where inflating goes on.
    pub(super) fn go_on(&mut self, end: u64, from: u64, to: u64) -> Option<Mark> {
        let marks = self.marks.lock();
        let marks = marks.iter().filter(|mark| mark.left.end == end && mark.position > from);
        let marks = marks.filter(|mark| mark.position <= to);
        let last = marks.max_by_key(|mark| mark.position)?.clone();
        self.next = last.position.saturating_add(self.distance);
        Some(last)
    }
}

impl Marks {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Mark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_near_each_other_do_not_push_out_the_marks_of_others() {
        let (marks, size) = (Arc::<Marks>::default(), 64 << 20);
        let mark = |position| Mark {
            position,
            history: Vec::new(),
            decoder: SpanDecoder::new(),
            left: position..size,
        };
        let mut whole = Marking::new(Arc::clone(&marks), size);
        (0..size).step_by(1 << 18).for_each(|at| whole.pass(at, || mark(at)));
        let count = marks.lock().len() as u64;
        assert!((IN_A_STREAM - 1..=IN_A_STREAM).contains(&count), "{count}");
        for slice in 0..200 {
            let from = size / 2 + slice * 1000;
            let mut marking = Marking::new(Arc::clone(&marks), size);
            let start = marking.go_on(size, 0, from).unwrap().position;
            assert!(start <= from && from - start <= 2 * LEAST + (1 << 18), "{start}");
            (start + 999..from + 1000).step_by(1000).for_each(|at| marking.pass(at, || mark(at)));
        }
        assert_eq!(marks.lock().len() as u64, count);
        assert!(whole.go_on(size + 1, 0, size).is_none());
    }
}
