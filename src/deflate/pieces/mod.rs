//! Inflating one stream on all threads, as pugz and rapidgzip do.
//!
//! Nothing in a deflate stream says where its blocks begin, and matches reach back into what comes
//! before. But the header of a block is so unlikely to be there by chance that it can be searched
//! for from anywhere. What a match copies that is not known yet is noted as a number: how far
//! from the start of the unknown 32 KiB it is. When all that comes before is inflated, the numbers
//! are replaced by the bytes. Often they become rare, and from where on there have been none in
//! 32 KiB, there will be none any more.
//!
//! None of this is trusted: a piece counts only if the stream, inflated in order, comes to a block
//! where the piece starts. Whatever is not as expected is inflated in order.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "there is one thread at least, and few bytes at a time; the decoder is in the stream"
)]

mod piece;
mod search;

use std::convert::Infallible;
use std::ops::{Range, RangeInclusive};

use self::piece::{Buffers, Piece, Window};
use self::search::find_block;
use super::span_decoder::SpanDecoder;
use crate::error::Result;
use crate::io::{SharedInput, Span};
use crate::parallel;
use crate::sizes::CACHED;

/// How many bytes all pieces that are inflated at a time should have, which bounds the memory that
/// they need; and each of them, so that what is done before and after costs little.
const AT_A_TIME: usize = 16 << 20;
const PIECE: RangeInclusive<usize> = 1 << 20..=4 << 20;

/// A piece that becomes more than so many times as long is given up.
const MOST: usize = 2;

/// A stream that is smaller than this part of its size is inflated as fast on one thread.
const WORTH_IT: usize = 16;

/// Inflates a stream by pieces.
pub(super) struct Pieces<'a> {
    input: SharedInput<'a>,
    /// Where the stream ends in the file.
    end: u64,
    /// How many pieces there are at a time, and how many bytes each should have.
    count: usize,
    len: usize,
    /// For each but the first.
    buffers: Vec<Buffers>,
    is_given_up: bool,
}

impl<'a> Pieces<'a> {
    /// Of a stream that is `left` of the file, and has `size` bytes when inflated. `None` if it is
    /// not worth it.
    pub(super) fn new(input: SharedInput<'a>, left: Range<u64>, size: usize) -> Option<Self> {
        let (least, most) = PIECE.into_inner();
        let count = parallel::threads().min(AT_A_TIME / least);
        let times = size.div_ceil((AT_A_TIME / count).min(most) * count);
        let len = size.div_ceil(times.max(1) * count).max(least);
        let compressed = left.end.saturating_sub(left.start);
        let is_worth_it = count > 1 && size > len && compressed > (size / WORTH_IT) as u64;
        is_worth_it.then(|| Self {
            input,
            end: left.end,
            count,
            len,
            buffers: (1..count).map(|_| Buffers::default()).collect(),
            is_given_up: false,
        })
    }

    /// Inflates the next pieces of the stream to the start of `out`. That is where `decoder` is
    /// in `span`, after the end of `history`; then it is after them. Returns how many bytes there
    /// are: none, if there are no pieces.
    pub(super) fn fill(
        &mut self,
        decoder: &mut SpanDecoder,
        span: &mut Span<'_>,
        history: &[u8],
        out: &mut [u8],
    ) -> Result<usize> {
        let ends = self.find_ends(decoder.position(span), out.len());
        let [first_end, _, ..] = *ends else { return Ok(0) };
        let (input, end, most) = (self.input, self.end, MOST * self.len);
        let bits = ends.iter().zip(ends.iter().skip(1)).map(|(&start, &end)| start..end);
        // Before the first piece, nothing is unknown.
        let (filled, pieces) = parallel::meanwhile(
            || decoder.decode_to(span, first_end, history, out, 0),
            bits.zip(&mut self.buffers).collect(),
            |(bits, buffers)| buffers.inflate(input, bits, end, most),
        );
        Ok(join(pieces, decoder, span, history, out, filled?))
    }

    /// Finds where the pieces end that follow the bit `position`, with `left` bytes when inflated: each
    /// about as much input further on as the whole has for so many bytes.
    fn find_ends(&mut self, position: u64, left: usize) -> Vec<u64> {
        if self.is_given_up {
            return Vec::new();
        }
        let (input, start, end) = (self.input, position / 8, self.end);
        let len = (end - start).saturating_mul(self.len as u64) / left.max(1) as u64;
        let near =
            (1..=self.count as u64).map(|number| start.saturating_add(number.saturating_mul(len)));
        let near: Vec<u64> = near.take_while(|near| near.saturating_add(len / 2) < end).collect();
        let is_last = near.len() < self.count;
        let Ok(found) =
            parallel::map(near, |near| Ok::<_, Infallible>(find_block(input, near..end)));
        let found = found.into_iter().flatten();
        let ends: Vec<u64> = found.chain(is_last.then_some(u64::MAX)).collect();
        self.is_given_up = ends.len() < 2;
        ends
    }
}

/// Copies pieces to `out` from `filled` on: those that follow each other. `decoder` and `span` are where
/// the first should begin, and go on after the last. Returns up to where `out` is filled then.
fn join(
    pieces: Vec<Option<Piece<'_>>>,
    decoder: &mut SpanDecoder,
    span: &mut Span<'_>,
    history: &[u8],
    out: &mut [u8],
    filled: usize,
) -> usize {
    let (known, mut rest) = out.split_at_mut(filled);
    let (mut window, mut len, mut joined) = (Window::of(history, known), 0, Vec::new());
    for piece in pieces.into_iter().map_while(|piece| piece) {
        let follows = decoder.is_between_blocks() && decoder.position(span) == piece.start;
        let Some(before) = window.filter(|_| follows && piece.len() <= rest.len() - len) else {
            break;
        };
        window = Some(before.after(&piece));
        len += piece.len();
        *span = Span::new(span.input(), piece.left.clone());
        *decoder = piece.decoder.clone();
        joined.push((before, piece));
    }
    // In parts, so that all threads copy, though there may be fewer pieces than threads.
    let mut parts = Vec::new();
    for (before, piece) in &joined {
        let (places, others) = rest.split_at_mut(piece.len());
        rest = others;
        let starts = (0..).step_by(CACHED);
        parts.extend(places.chunks_mut(CACHED).zip(starts).map(|part| (before, piece, part)));
    }
    let Ok(_) = parallel::map(parts, |(before, piece, (place, start))| {
        piece.copy_to(place, start, before);
        Ok::<_, Infallible>(())
    });
    filled + len
}

#[cfg(test)]
mod tests;
