//! A decoder together with its input: a range of a file's bytes.

use std::ops::Range;

use super::decode::{ENOUGH, Input, Problem, StreamDecoder, Symbol};
use crate::error::{Error, Result};
use crate::io::{Span, Stream};

/// How many compressed bytes are read at a time, at most.
const INPUT: usize = 64 << 10;

#[derive(Clone)]
pub(super) struct SpanDecoder {
    decoder: StreamDecoder,
    /// Where compressed bytes are read to, and which of them have not been taken.
    input: Vec<u8>,
    ahead: Range<usize>,
}

impl SpanDecoder {
    pub(super) fn new() -> Self {
        Self { decoder: StreamDecoder::new(), input: Vec::new(), ahead: 0..0 }
    }

    /// Is as new, for other input.
    pub(super) fn restart(&mut self) {
        self.decoder.restart();
        self.ahead = 0..0;
    }

    /// The same without the bytes that it has read ahead, and the range in the file that begins with
    /// them.
    pub(super) fn with_its_input(&self, span: &Span<'_>) -> (Self, Range<u64>) {
        let Range { start, end } = span.left();
        let start = start.saturating_sub(self.ahead.len() as u64);
        (Self { decoder: self.decoder.clone(), ..Self::new() }, start..end)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.decoder.is_at_end()
    }

    pub(super) fn is_between_blocks(&self) -> bool {
        self.decoder.is_between_blocks()
    }

    /// Whether all input has been taken but for some bits of the last byte.
    pub(super) fn has_taken_all(&self, span: &Span<'_>) -> bool {
        self.ahead.is_empty() && span.is_exhausted()
    }

    /// The next bit, counted from the start of the file.
    pub(super) fn position(&self, span: &Span<'_>) -> u64 {
        let bytes = span.left().start.saturating_sub(self.ahead.len() as u64);
        bytes.saturating_mul(8).saturating_sub(self.decoder.bits_left().into())
    }

    /// Decodes to `out` from `start` on: as far as there is room, or as the input goes that is
    /// read at a time, or to where no block is begun any more, which is at the bit `stop` of the
    /// file or further on. Returns up to where `out` is filled. What was decoded before is the end
    /// of `history`.
    pub(super) fn step<T: Symbol>(
        &mut self,
        span: &mut Span<'_>,
        stop: u64,
        history: &[T],
        out: &mut [T],
        start: usize,
    ) -> Result<usize> {
        self.with_input(span, stop, |decoder, input| decoder.decode(input, history, out, start))
    }

    /// Decodes as [`step`](Self::step) does, until `out` is full or there is a reason to stop.
    pub(super) fn decode_to<T: Symbol>(
        &mut self,
        span: &mut Span<'_>,
        stop: u64,
        history: &[T],
        out: &mut [T],
        mut filled: usize,
    ) -> Result<usize> {
        let is_done = |decoder: &Self, span: &Span<'_>| {
            let stops = decoder.is_between_blocks() && decoder.position(span) >= stop;
            decoder.is_at_end() || stops
        };
        while filled < out.len() && !is_done(self, span) {
            filled = self.step(span, stop, history, out, filled)?;
        }
        Ok(filled)
    }

    /// Skips some bits of the next byte.
    pub(super) fn skip(&mut self, span: &mut Span<'_>, bits: u32) -> Result<()> {
        self.with_input(span, u64::MAX, |decoder, input| decoder.skip(input, bits))
    }

    /// Lets the decoder `act` on the next input.
    fn with_input<R>(
        &mut self,
        span: &mut Span<'_>,
        stop: u64,
        act: impl FnOnce(&mut StreamDecoder, &mut Input<'_>) -> Result<R, Problem>,
    ) -> Result<R> {
        if self.ahead.len() < ENOUGH && !span.is_exhausted() {
            self.read_on(span)?;
        }
        let before = span.left().start.saturating_sub(self.ahead.end as u64);
        let bits = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let mut input = Input {
            bytes: self.input.split_at(self.ahead.end).0,
            taken: self.ahead.start,
            is_all: span.is_exhausted(),
            stop: bits(stop).saturating_sub(bits(before.saturating_mul(8))),
        };
        let outcome = act(&mut self.decoder, &mut input);
        self.ahead.start = input.taken;
        outcome.map_err(damaged)
    }

    fn read_on(&mut self, span: &mut Span<'_>) -> Result<()> {
        let known = self.ahead.len();
        self.input.copy_within(self.ahead.clone(), 0);
        self.ahead = 0..known;
        let Range { start, end } = span.left();
        // Perhaps no more is needed than is there.
        let most = Some(span.known().len()).filter(|&len| len >= ENOUGH).unwrap_or(INPUT);
        let end =
            known.saturating_add(end.saturating_sub(start).min(most.min(INPUT) as u64) as usize);
        if self.input.len() < end {
            self.input.resize(end, 0);
        }
        if let Some(place) = self.input.get_mut(known..end) {
            span.read_exact(place)?;
            self.ahead.end = end;
        }
        Ok(())
    }

    /// Takes input as long as there comes no output of it.
    pub(super) fn end_block(&mut self, span: &mut Span<'_>) -> Result<()> {
        loop {
            self.step::<u8>(span, u64::MAX, &[], &mut [], 0)?;
            if self.ahead.len() >= ENOUGH || span.is_exhausted() || self.is_at_end() {
                return Ok(());
            }
        }
    }
}

pub(super) fn damaged(problem: Problem) -> Error {
    let problem = match problem {
        Problem::Invalid => "its compressed data is not valid",
        Problem::CutShort => "its compressed data is cut short",
    };
    Error::archive(format!("damaged: {problem}"))
}
