//! Inflating a deflated member, straight into the caller's buffer.

use std::convert::Infallible;
use std::sync::Arc;

use super::decode::{Problem, WINDOW};
use super::marks::{Mark, Marking, Marks};
use super::pieces::Pieces;
use super::span_decoder::{SpanDecoder, damaged};
use crate::error::Result;
use crate::io::{Input, Span, Visit};
use crate::parallel;
use crate::sizes::{CACHED, PART};

pub(crate) struct Inflater {
    decoder: SpanDecoder,
    /// The end of what has been inflated: all that matches reach back to, and perhaps more.
    history: Vec<u8>,
    /// How many bytes have been inflated.
    position: u64,
    marking: Option<Marking>,
}

impl Inflater {
    pub(crate) fn new() -> Result<Self> {
        let decoder = SpanDecoder::new();
        Ok(Self { decoder, history: Vec::new(), position: 0, marking: None })
    }

    /// Is as new, for another stream.
    pub(crate) fn restart(&mut self) {
        self.decoder.restart();
        self.history.clear();
        self.position = 0;
    }

    /// Leaves marks in a stream of `size` bytes, inflated, which has not been begun.
    pub(crate) fn leave_marks(&mut self, marks: Arc<Marks>, size: u64) {
        self.marking = Some(Marking::new(marks, size));
    }

    /// Goes on at the last mark before the inflated byte `target`, if that saves anything. Returns
    /// at which byte it is.
    pub(crate) fn skip_towards(&mut self, span: &mut Span<'_>, target: u64) -> u64 {
        let go_on = |marking: &mut Marking| marking.go_on(span.left().end, self.position, target);
        if let Some(mark) = self.marking.as_mut().and_then(go_on) {
            *span = Span::new(span.input(), mark.left);
            (self.decoder, self.history, self.position) =
                (mark.decoder, mark.history, mark.position);
        }
        self.position
    }

    /// Inflates into `out`, and fills it.
    pub(crate) fn read(&mut self, span: &mut Span<'_>, out: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            if self.decoder.is_at_end() {
                return Err(damaged(Problem::CutShort));
            }
            filled = self.decoder.step(span, u64::MAX, &self.history, out, filled)?;
        }
        self.pass(span, out);
        Ok(out.len())
    }

    /// Remembers what has just been inflated.
    fn pass(&mut self, span: &Span<'_>, out: &[u8]) {
        let kept = self.history.len().min(WINDOW.saturating_sub(out.len()));
        let dropped = self.history.len().saturating_sub(kept);
        // Not for every few bytes.
        if dropped > WINDOW || kept == 0 {
            self.history.drain(..dropped);
        }
        self.history.extend_from_slice(last(out));
        self.position = self.position.saturating_add(out.len() as u64);
        let (decoder, history, position) = (&self.decoder, &self.history, self.position);
        if let Some(marking) = &mut self.marking {
            marking.pass(position, || {
                let (decoder, left) = decoder.with_its_input(span);
                Mark { position, history: last(history).to_vec(), decoder, left }
            });
        }
    }

    /// Whether the stream ends here, with nothing after it.
    pub(crate) fn is_at_end(&mut self, span: &mut Span<'_>) -> Result<bool> {
        self.decoder.end_block(span)?;
        Ok(self.decoder.is_at_end() && self.decoder.has_taken_all(span))
    }

    /// Whether the input ends here, at a byte's boundary between two deflate blocks: so that what
    /// follows it in the stream is inflated as it would be on its own.
    pub(crate) fn is_between_blocks(&mut self, span: &mut Span<'_>) -> Result<bool> {
        self.decoder.end_block(span)?;
        let has_taken_all =
            self.decoder.has_taken_all(span) && self.decoder.position(span).is_multiple_of(8);
        Ok(has_taken_all && self.decoder.is_between_blocks())
    }

    /// Whether [`fill`](Self::fill) pays for `len` bytes.
    pub(crate) fn fill_pays(&self, span: &Span<'_>, len: usize) -> bool {
        let Input::Shared(input) = span.input() else { return false };
        Pieces::new(input, span.left(), len).is_some()
    }

    /// Fills `out` on all threads, as [`Stream::fill`](crate::io::Stream::fill) does, if that pays.
    /// Returns the checksum of the bytes before `visit` had them.
    pub(crate) fn fill(
        &mut self,
        span: &mut Span<'_>,
        out: &mut [u8],
        visit: &Visit<'_>,
    ) -> Option<Result<crc32fast::Hasher>> {
        let Input::Shared(input) = span.input() else { return None };
        let mut pieces = Pieces::new(input, span.left(), out.len())?;
        Some(self.fill_by_pieces(&mut pieces, span, out, visit))
    }

    fn fill_by_pieces(
        &mut self,
        pieces: &mut Pieces<'_>,
        span: &mut Span<'_>,
        out: &mut [u8],
        visit: &Visit<'_>,
    ) -> Result<crc32fast::Hasher> {
        let mut hasher = crc32fast::Hasher::new();
        let (mut filled, mut visited) = (0_usize, 0_usize);
        while filled < out.len() {
            let rest = out.split_at_mut(filled).1;
            let mut now = pieces.fill(&mut self.decoder, span, &self.history, rest)?;
            self.pass(span, rest.split_at(now).0);
            if now == 0 {
                now = self.read(span, rest.split_at_mut(rest.len().min(PART)).0)?;
            }
            filled = filled.saturating_add(now);
            // Parts start at multiples of 8.
            let end = if filled == out.len() { filled } else { filled / 8 * 8 };
            if let Some(part) = out.get_mut(visited..end) {
                hasher.combine(&hash_and_visit(part, visited, visit));
                visited = end;
            }
        }
        Ok(hasher)
    }
}

/// As many of the last bytes as matches reach back to.
fn last(bytes: &[u8]) -> &[u8] {
    bytes.split_at(bytes.len().saturating_sub(WINDOW)).1
}

/// Lets `visit` have the parts of `bytes`, which are at `offset`, on all threads. Returns the
/// checksum of what they were before.
fn hash_and_visit(bytes: &mut [u8], offset: usize, visit: &Visit<'_>) -> crc32fast::Hasher {
    let mut all = crc32fast::Hasher::new();
    let Ok(hashers) = parallel::for_parts(bytes, CACHED, |part, at| {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(part);
        visit(part, offset.saturating_add(at));
        Ok::<_, Infallible>(hasher)
    });
    hashers.iter().for_each(|hasher| all.combine(hasher));
    all
}

#[cfg(test)]
#[path = "inflate_tests.rs"]
pub(super) mod tests;
