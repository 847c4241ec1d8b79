//! Places in streams from where inflating can go on, so that the next slice of an array need not
//! begin at the start of its stream.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::span_decoder::SpanDecoder;

/// How many marks are kept, of 43 KiB or so each: the last ones.
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

    /// Keeps a mark, unless the last one is near.
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
    /// not after the byte `to`.
    pub(super) fn last(&self, end: u64, from: u64, to: u64) -> Option<Mark> {
        let marks = self.marks.lock();
        let marks = marks.iter().filter(|mark| mark.left.end == end && mark.position > from);
        marks.filter(|mark| mark.position <= to).max_by_key(|mark| mark.position).cloned()
    }
}

impl Marks {
    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Mark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
