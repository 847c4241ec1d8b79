//! Inflating a deflated member, straight into the caller's buffer.

use super::WINDOW_BITS;
use crate::error::{Error, Result};
use crate::io::{Span, Stream};

/// How many compressed bytes are read at a time, at most.
const INPUT: usize = 64 << 10;

pub(crate) struct Inflater {
    inflate: zlib_rs::Inflate,
    /// Compressed bytes. The first `used` of them have been taken.
    input: Vec<u8>,
    used: usize,
    is_at_end: bool,
}

impl Inflater {
    pub(crate) fn new() -> Result<Self> {
        let inflate = zlib_rs::Inflate::new(false, WINDOW_BITS);
        Ok(Self { inflate, input: Vec::new(), used: 0, is_at_end: false })
    }

    /// Is as new, for another stream.
    pub(crate) fn restart(&mut self) {
        self.inflate.reset(false);
        (self.used, self.is_at_end) = (self.input.len(), false);
    }

    /// Inflates into `out`; at least a byte, unless it is empty.
    pub(crate) fn read(&mut self, span: &mut Span<'_>, out: &mut [u8]) -> Result<usize> {
        let mut rest = &mut *out;
        while !rest.is_empty() {
            let inflated = self.step(span, rest)?;
            rest = rest.split_at_mut(inflated).1;
            if self.is_at_end && !rest.is_empty() {
                return Err(damaged("its compressed data is cut short"));
            }
        }
        Ok(out.len())
    }

    /// Whether the stream ends here, with nothing after it.
    pub(crate) fn is_at_end(&mut self, span: &mut Span<'_>) -> Result<bool> {
        while !self.is_at_end {
            if self.step(span, &mut [0])? > 0 {
                return Ok(false);
            }
        }
        Ok(self.used == self.input.len() && span.is_exhausted())
    }

    /// Whether the input ends here, at a byte's boundary between two deflate blocks: so that what
    /// follows it in the stream is inflated as it would be on its own.
    pub(crate) fn is_between_blocks(&mut self, span: &mut Span<'_>) -> Result<bool> {
        /// A last, empty block, which ends a stream here and nowhere else: elsewhere its bits are
        /// those of something that goes on.
        const END: [u8; 2] = [3, 0];
        while self.used < self.input.len() || !span.is_exhausted() {
            if self.is_at_end || self.step(span, &mut [0])? > 0 {
                return Ok(false);
            }
        }
        let before = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(&END, &mut [0], zlib_rs::InflateFlush::NoFlush);
        let taken = self.inflate.total_in().saturating_sub(before.0);
        let ends = matches!(status, Ok(zlib_rs::Status::StreamEnd)) && taken == END.len() as u64;
        Ok(ends && !self.is_at_end && self.inflate.total_out() == before.1)
    }

    /// Takes some input, or gives some output, or both, or comes to the end.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "no more input is used than there is, and the counts only grow"
    )]
    fn step(&mut self, span: &mut Span<'_>, out: &mut [u8]) -> Result<usize> {
        if self.used == self.input.len() && !span.is_exhausted() {
            let left = span.left();
            let len = left.end.saturating_sub(left.start).min(INPUT as u64);
            self.input.resize(len as usize, 0);
            let read = span.read(&mut self.input)?;
            self.input.truncate(read);
            self.used = 0;
        }
        let (taken, given) = (self.inflate.total_in(), self.inflate.total_out());
        let status =
            self.inflate.decompress(&self.input[self.used..], out, zlib_rs::InflateFlush::NoFlush);
        let status = status.map_err(|_| damaged("its compressed data is not valid"))?;
        let taken = (self.inflate.total_in() - taken) as usize;
        let given = (self.inflate.total_out() - given) as usize;
        self.used += taken;
        self.is_at_end = status == zlib_rs::Status::StreamEnd;
        if taken == 0 && given == 0 && !self.is_at_end {
            return Err(damaged("its compressed data is cut short"));
        }
        Ok(given)
    }
}

pub(super) fn damaged(problem: &str) -> Error {
    Error::archive(format!("damaged: {problem}"))
}
